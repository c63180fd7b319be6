"""The suite's sentences on a real machine. Nothing leaves the vault unless TILLMARK_DISPENSER_MOVES=1 says so.

    TILLMARK_DISPENSER='lcdm30 /dev/ttyUSB0' pytest tests/drivers/dispensers

The models: lcdm50 (LCDM-1000), lcdm50-2000, lcdm30, lcdm30-old-form. After the port, settings may follow as
``name=value``: parity=8E1 baud=38400 reset_forgets=false.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from core.cash import Mix
from core.dispenser import Answer, Cable, Capabilities, Clear, Cleared, End, Host, Look, Moved, Order, Pay, Recall, Seen
from core.dispenser import Test as TestNote
from core.settings import fill
from drivers import dispenser_lcdm30 as lcdm30
from drivers import dispenser_lcdm50 as lcdm50

MODELS: dict[str, dict[str, object]] = {
    "lcdm50": {},
    "lcdm50-2000": {"model": "lcdm2000"},
    "lcdm30": {},
    "lcdm30-old-form": {"form": "old", "places": 2},
}


def value_of(text: str) -> object:
    return {"true": True, "false": False}.get(text, int(text) if text.isdecimal() else text)


def opened(named: str) -> tuple[Host, Cable]:
    model, port, *more = named.split()
    table = {"port": port, **MODELS[model], **{name: value_of(text) for name, text in (one.split("=") for one in more)}}
    if model.startswith("lcdm50"):
        settings50 = fill(lcdm50.Settings, table, file="TILLMARK_DISPENSER")
        return lcdm50.make_host(settings50), lcdm50.open(settings50)
    settings30 = fill(lcdm30.Settings, table, file="TILLMARK_DISPENSER")
    return lcdm30.make_host(settings30), lcdm30.open(settings30)


class Bench:
    """Host and cable, pumped as the vault does."""

    def __init__(self, host: Host, cable: Cable) -> None:
        self.host = host
        self.cable = cable
        host.start(self.now_ms())

    @staticmethod
    def now_ms() -> int:
        return int(time.monotonic() * 1000)

    @property
    def can(self) -> Capabilities:
        return self.host.capabilities

    def ask(self, order: Order) -> Answer:
        self.host.order(order, self.now_ms())
        while True:
            for message in self.host.say():
                self.cable.send(message)
            for news in self.host.news():
                if isinstance(news, Seen | Moved | Cleared):
                    return news
            for message in self.cable.receive(20):
                self.host.hear(message, self.now_ms())
            self.host.turn(self.now_ms())


@pytest.fixture
def bench() -> Iterator[Bench]:
    host, cable = opened(os.environ["TILLMARK_DISPENSER"])
    yield Bench(host, cable)
    cable.close()


@pytest.mark.timeout(300)
def test_it_says_how_it_stands(bench: Bench) -> None:
    seen = bench.ask(Look())
    print(seen)
    assert isinstance(seen, Seen)
    assert seen.path_clear is not None, f"no status: {seen.code}"


@pytest.mark.timeout(300)
def test_it_can_be_asked_about_a_payment_that_never_was(bench: Bench) -> None:
    moved = bench.ask(Recall("never", Mix(((1, 1),))))
    print(moved)
    assert isinstance(moved, Moved)


@pytest.mark.timeout(300)
def test_too_much_is_refused_without_a_word_on_the_cable(bench: Bench) -> None:
    moved = bench.ask(Pay("much", Mix(((1, bench.can.place_max + 1),))))
    assert isinstance(moved, Moved)
    assert moved.end is End.NOTHING


@pytest.mark.timeout(300)
def test_one_note_goes_to_the_reject_bin(bench: Bench) -> None:
    """Look into the bin afterwards: exactly the notes the answer counts must be there."""
    seen = bench.ask(Look())
    assert isinstance(seen, Seen)
    assert seen.ready, f"clear it first: {seen}"
    moved = bench.ask(TestNote("test", 1))
    print(moved)
    assert isinstance(moved, Moved)
    assert moved.end is End.DONE


@pytest.mark.timeout(300)
def test_it_moves_one_note_to_the_exit_and_says_so(bench: Bench) -> None:
    moved = bench.ask(Pay(f"real/{time.time_ns()}", Mix(((1, 1),))))
    print(moved)
    assert isinstance(moved, Moved)
    assert moved.end is End.DONE


@pytest.mark.timeout(300)
def test_it_moves_what_lies_on_its_path_to_the_bin(bench: Bench) -> None:
    cleared = bench.ask(Clear())
    print(cleared)
    assert isinstance(cleared, Cleared)
    assert cleared.clear
