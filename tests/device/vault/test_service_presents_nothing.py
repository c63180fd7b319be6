"""A service visit presents no note: real hosts and far ends of every machine, sound and in trouble."""

from __future__ import annotations

import pytest

from core.cash_report import Act, NotesAt
from core.ids import TxnId
from core.vault_talk import Serve, Served, VaultRefused
from sim.peers.cash_box import Spot
from tests.device.vault.room import at
from tests.device.vault.test_machines import LINES, Line

BY_HAND = ("note_at_exit",)  # the trouble itself lays a note there


def one_each(line: Line) -> tuple[NotesAt, ...]:
    return tuple(at(f"cassette:{place}", face, 1) for place, (face, _) in line.loaded.items())


def outside(line: Line) -> int:
    return sum(line.peer.box.count(spot) for spot in (Spot.EXIT, Spot.TAKEN))


def serve(line: Line, number: int, act: Act, notes: tuple[NotesAt, ...] = ()) -> None:
    done = line.get(Serve(TxnId.of((900 + number).to_bytes(16)), line.grant(), act, notes))
    assert isinstance(done, Served | VaultRefused), done


@pytest.mark.parametrize("name", LINES)
def test_nothing_of_a_visit_reaches_the_exit(name: str) -> None:
    line = visited(name, "")
    assert outside(line) == 0


@pytest.mark.parametrize("name", ["lcdm50", "lcdm30"])
def test_a_machine_that_lets_a_note_out_all_the_same_is_suspended(name: str) -> None:
    """A broken diverter can do that to any order; then nobody is paid before two persons have counted."""
    seen = 0
    for fault in sorted(set(LINES[name]().peer.faults) - set(BY_HAND)):
        line = visited(name, fault)
        seen += bool(outside(line))
        assert not outside(line) or line.vault.state.books.suspended, fault
    assert seen, "the world has such troubles"


def visited(name: str, fault: str) -> Line:
    line = LINES[name]()
    line.takes = False
    if fault:
        line.peer.fault(fault, 0)
    serve(line, 1, Act.TESTED, one_each(line))
    serve(line, 2, Act.CLEARED)
    serve(line, 3, Act.TESTED, one_each(line))
    return line
