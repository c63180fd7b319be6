"""The bench of the device: real sales on a real counter, and the arithmetic of its figures."""

from __future__ import annotations

import json
import os
import time

from click.testing import CliRunner

from core.wire.panel import Shown
from sim.devicebench.crowd import PHONES_EACH
from sim.devicebench.sales import PARTS
from sim.devicebench.weight import memory
from sim.peers.camera import CameraPeer
from sim.peers.panel import Panel
from sim.verbs.bench_device import PHONES_A_SALE, command, spread


def test_one_sale_of_the_bench_gives_every_figure() -> None:
    ran = CliRunner().invoke(command, ["--sales", "1", "--starts", "1", "--json"])
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.output)
    assert 0 < said["sale_ms"]["median"] < 5_000
    assert set(said["parts_ms"]) == set(PARTS)
    assert abs(sum(part["median"] for part in said["parts_ms"].values()) - said["sale_ms"]["median"]) < 5
    assert 0 < said["start_ms"]["median"] < 10_000
    assert said["memory_mb"]["after_sales"]["resident"] >= said["memory_mb"]["after_sales"]["share"] > 10
    assert said["fsyncs_a_sale"] > 1
    assert set(said["bars"]) == {"sale", "start", "memory"}


def test_the_spread_of_twenty_times_leaves_out_one_of_them() -> None:
    assert spread([float(number) for number in range(20, 0, -1)]) == {"median": 10.5, "p95": 19.0, "max": 20.0}
    assert spread([7.0]) == {"median": 7.0, "p95": 7.0, "max": 7.0}


def test_there_are_as_many_phones_as_the_bench_counts_on() -> None:
    assert PHONES_A_SALE == PHONES_EACH


def test_a_process_weighs_at_least_its_share() -> None:
    mine = memory(os.getpid())
    assert mine.resident_mb >= mine.share_mb > 1


def test_a_code_is_visible_from_the_first_frame_that_shows_it() -> None:
    camera = CameraPeer(width=320, height=240)
    try:
        frames = camera.frames()
        next(frames)
        camera.show("ROOM 7", "qr", "paper")
        assert camera.visible_s is None
        ordered_s = time.monotonic()
        next(frames)
        seen_s = camera.visible_s
        assert seen_s is not None
        assert ordered_s <= seen_s <= time.monotonic()
        next(frames)
        assert camera.visible_s == seen_s
    finally:
        camera.close()


def test_the_panel_knows_when_a_screen_came_first() -> None:
    began_s = time.monotonic()
    with Panel() as panel:
        for name in ("idle", "working", "idle"):
            panel._take(Shown(name, 1, "en", 1, 1, (), (), True, b""))
        idle_s, working_s = panel.arrived("idle", began_s), panel.arrived("working", began_s)
        assert began_s <= idle_s <= working_s
        assert panel.arrived("idle", working_s) >= working_s
