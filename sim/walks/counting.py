"""Two technicians at a machine: they count blind, empty its bins, mend it and fill it; then nothing may be in doubt."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from typing import Final

from core.asset import KRW
from core.cash import Count
from core.cash_report import Act, NotesAt
from core.grant import Right
from core.messages import WireMoney
from core.money import Money
from device.vault.codes import AWAY, BUSY
from sim.cash_machine import CashMachine, NoCash
from sim.peers.cash_box import CashBox, Spot
from sim.walks.stage import Stage
from sim.walks.withdraw import Told, Withdrawn, ledger_wrong, settled_books, told
from sim.world import World

PERSONS: Final = ("custodian one", "custodian two")
BINS: Final = {
    Spot.REJECT: "reject",
    Spot.RETRACT: "retract",
    Spot.PATH: "path",
    Spot.STACKER: "path",
}
FREE_S: Final = 30.0  # until a machine that went away is given up, at the demo's own patience
SETTLED_S: Final = 20.0
Found = dict[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a count left to say: everything that is `wrong`, and what the exchange now holds true."""

    wrong: tuple[str, ...]
    exchange: Told | None


def count_and_mend(cash: CashMachine) -> None:
    """What technicians do after a doubt. Raises `NoCash` when the cash side does not let them."""
    cash.do(lambda peer, now_ms: peer.box.move(Spot.EXIT, Spot.RETRACT))  # what nobody took is put with what came back
    found = cash.do(lambda peer, now_ms: lying_inside(peer.box))
    notes = tuple(_notes(place, face, count) for (place, face), count in sorted(found.items()))
    _when_free(cash, Act.COUNTED, Right.COUNT, notes, PERSONS[0])
    cash.serve(Act.COUNTED, Right.COUNT, notes, PERSONS[1])
    emptied = tuple(
        _notes(place, face, count)
        for (place, face), count in sorted(found.items())
        if count and not place.startswith("cassette:")
    )
    if emptied:
        cash.serve(Act.REMOVED, Right.LOAD, emptied)
    cash.mend()
    _when_free(cash, Act.CLEARED, Right.CLEAR)
    cash.load()
    cash.wait_ready(whole=True)


def _when_free(
    cash: CashMachine, act: Act, right: Right, notes: tuple[NotesAt, ...] = (), person: str = PERSONS[0]
) -> None:
    """Not beside a withdrawal that still goes on, and not before a machine that was off is heard again."""
    deadline = time.monotonic() + FREE_S
    while True:
        try:
            cash.serve(act, right, notes, person)
        except NoCash as refused:
            if not any(code in str(refused) for code in (AWAY, BUSY)) or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(0.05)


def lying_inside(box: CashBox) -> Found:
    """(place as a technician names it, face) -> notes, each cassette named also when it is empty."""
    found: Found = {(f"cassette:{place}", face): box.count(Spot.CASSETTE, place) for place, face in box.faces.items()}
    for (spot, face), count in box.census().items():
        if spot in BINS:
            found[BINS[spot], face] = found.get((BINS[spot], face), 0) + count
    return found


def _notes(place: str, face: int, count: int) -> NotesAt:
    return NotesAt(place, WireMoney.of(Money(face, KRW)), Count.exact(count))


def agreed(stage: Stage, done: Withdrawn, amount: Money, left: int) -> Agreed:
    """After the count: the cash ledger is exact, suspense is closed, and the member has paid for exactly the `left`
    that came out, the operator for what came out beyond the amount."""
    cash = stage.world.cash
    assert cash is not None
    books = settled_books(stage, done.txn)
    wrong = ledger_wrong(cash)
    ledger = cash.shown()
    wrong += [f"{row['place']} still holds {row['low']} to {row['high']}" for row in ledger["places"] if _loose(row)]
    if ledger["suspended"]:
        wrong.append(f"the machine is still suspended: {ledger['suspended']}")
    if not books.balanced:
        wrong.append(f"the books do not balance: {books.sums}, {books.open_holds} holds are open")
    exchange, suspense = told(stage, done.txn), in_suspense(stage.world)
    if suspense:
        wrong.append(f"{suspense:,} are still in suspense")
    if exchange is None:
        wrong += [f"{left:,} left, and the exchange knows of no withdrawal"] if left else []
        return Agreed(tuple(wrong), None)
    if exchange.state not in ("paid", "released") or not exchange.least == exchange.highest == left:
        wrong.append(f"{left:,} left, the exchange says {exchange.state}, {exchange.least:,} to {exchange.highest:,}")
    if exchange.kept != min(left, amount.minor):
        wrong.append(f"{left:,} left of {amount}, the member paid for {exchange.kept:,}")
    return Agreed(tuple(wrong), exchange)


def _loose(row: dict[str, int]) -> bool:
    return row["low"] != row["high"]


def in_suspense(world: World) -> int:
    """What stands on the exchange's suspense accounts."""
    base = sqlite3.connect(f"file:{world.exchange_store}?mode=ro", uri=True, timeout=5)
    try:
        query = "SELECT coalesce(sum(abs(posted)), 0) FROM account WHERE owner LIKE 'suspense:%'"
        return int(base.execute(query).fetchone()[0])
    finally:
        base.close()
