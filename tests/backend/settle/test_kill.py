"""Kill -9 of the exchange in the middle of everything: what was answered is there, and the books are right."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.ledger import desk as ledger
from core.asset import BTC
from core.messages import SaleState
from core.money import Money
from tests.backend.settle.world import World, txn

# Eight threads sell as fast as they can; each says aloud what it was answered, after it was answered.
SCRIPT = """
import os, sys, threading
from pathlib import Path
from tests.backend.settle.world import World

world = World.open(Path(sys.argv[1]))
world.entropy = os.urandom
first = int(sys.argv[2])

def say(state, number):
    os.write(1, f"{state} {number}\\n".encode())  # one write: whole or not at all

def sell(start):
    for number in range(start, start + 100_000, 8):
        world.authorise(world.quote(number, 10_000))
        say("authorised", number)
        if number % 3:
            world.capture(number)
            say("settled", number)
        if number % 5 == 0:
            world.reverse(number)
            say("reversed", number)

for place in range(8):
    threading.Thread(target=sell, args=(first + place,)).start()
"""
ROUNDS = 3


def run_until_killed(path: Path, first: int, answers: int) -> list[tuple[str, int]]:
    """Start the exchange, read so many answers, kill it; everything it said."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as exchange:
        assert exchange.stdout is not None
        said = [exchange.stdout.readline() for _ in range(answers)]
        exchange.send_signal(signal.SIGKILL)
        said += exchange.stdout.readlines()
    whole = [line.split() for line in said if line.endswith("\n")]
    return [(state, int(number)) for state, number in whole]


@pytest.mark.parametrize("answers", [1, 40, 151])
def test_every_answer_given_before_a_kill_is_true_after_it(tmp_path: Path, answers: int) -> None:
    path = tmp_path / "books.db"
    world = World.open(path)
    world.give("ann", Money(10**6 * BTC.one, BTC))
    world.close()
    said: list[tuple[str, int]] = []
    for again in range(ROUNDS):
        said += run_until_killed(path, 1 + again * 1_000_000, answers)
        world = World.open(path)
        latest = {number: state for state, number in said}
        for number, state in latest.items():
            found = world.find(txn(number).text).state
            # The last thing it did may be durable and unsaid, so a sale may be further than it said, never behind.
            order = ["authorised", "settled", "reversed"]
            assert found in (SaleState.AUTHORISED, SaleState.SETTLED, SaleState.REVERSED)
            assert order.index(found.value) >= order.index(state), (number, state, found)
        assert world.store.read(ledger.check) == ()
        world.close()
    assert len({number for _, number in said}) >= ROUNDS
