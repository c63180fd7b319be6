"""A terminal that is not what it says it is, and a configuration with a typing mistake."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from core.faults.catalogue import entry
from core.faults.http import WRONG_SIGNATURE
from sim.children import ROOT
from sim.walks.stage import Stage
from sync.signing import BadKeyFile, DeviceKey
from tests.walks.counter import leave, named, reads, sales_settled, to_identify, type_code

pytestmark = pytest.mark.whole
NO = "Nothing was charged. The terminal and the exchange do not understand one another."
START_S = 60.0  # a cold start on a busy machine


def test_a_terminal_with_another_key_sells_nothing_and_sells_again_with_its_own(stage: Stage) -> None:
    world = stage.world
    key = world.device_journal.with_name("device.key")
    own = key.read_bytes()
    sold = sales_settled(stage)
    try:
        other = world.folder / "other.key"
        DeviceKey.of_seed(secrets.token_bytes(32)).save(other)
        restart_with(stage, other.read_bytes())
        stage.next_shopper()
        to_identify(stage)
        type_code(stage, stage.fresh_code().digits)
        stage.until(lambda shown: shown.name == "identify_typed" and NO in " ".join(shown.spoken), NO)
        named(stage, WRONG_SIGNATURE.code)
        leave(stage)
    finally:
        restart_with(stage, own)
    assert sales_settled(stage) == sold
    to_identify(stage)
    type_code(stage, stage.fresh_code().digits)
    stage.see("confirm")


def test_a_damaged_key_file_puts_the_terminal_out_of_service_by_name(stage: Stage) -> None:
    own = stage.world.device_journal.with_name("device.key").read_bytes()
    try:
        restart_with(stage, own[:50], "out_of_service")
        reads(stage, entry(BadKeyFile.code).customer)
    finally:
        restart_with(stage, own)


def restart_with(stage: Stage, key: bytes, comes_up: str = "idle") -> None:
    """Stop the terminal, put this key into its data folder, and start it again; its devices are ready then."""
    world = stage.world
    world.device.stop()
    world.device_journal.with_name("device.key").write_bytes(key)
    before, _ = world.panel.newer(0)
    world.start_device()
    world.panel.newer(before, START_S)
    stage.see(comes_up, START_S)
    stage.until(lambda shown: not any("Not connected" in line for line in shown.spoken), "all devices", START_S)


@pytest.mark.parametrize("part", ["device", "backend"])
def test_a_typing_mistake_in_the_configuration_names_file_key_and_the_nearest_name(
    stage: Stage, part: str, tmp_path: Path
) -> None:
    world = stage.world
    good = world.device_config if part == "device" else world.backend_config
    bad = tmp_path / "typo.toml"
    right, wrong = ("theme =", "themee =") if part == "device" else ("spread_bp", "spred_bp")
    bad.write_text(good.read_text("utf-8").replace(right, wrong), "utf-8")
    words = ["run"] if part == "device" else ["backend", "serve"]
    ended = subprocess.run(
        [sys.executable, "-m", "tillmark_command", *words, "--config", str(bad)],
        capture_output=True,
        text=True,
        timeout=START_S,
        cwd=ROOT,
        check=False,
    )
    said = ended.stdout + ended.stderr
    key, nearest = ("screen.themee", "theme") if part == "device" else ("terms.spred_bp", "spread_bp")
    assert ended.returncode == 2, said
    assert str(bad) in said
    assert key in said
    assert nearest in said.replace(key, "")
    assert "Traceback" not in said
