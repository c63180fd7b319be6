"""What must be true before anybody has counted: each book says no more than it knows, and no less than it should.

`sim.bench.checks` asks after the technicians' count, when nothing is in doubt any more. Here everything has been told
and nothing has been counted since: what is in doubt must still be called so, and what is exact must be true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.ledger import desk as ledger
from backend.store import Unit
from backend.withdraw import books
from core.asset import KRW
from core.messages import WithdrawState
from core.receipt import Receipt, Total
from device.vault.ledger import EXIT, REJECT, RETRACT, TAKEN, TRANSPORT, cassette, wrong_with
from sim.bench.outcome import Violated
from sim.bench.town import VAULT
from sim.peers.cash_box import Spot

if TYPE_CHECKING:
    from sim.bench.world import World

OPEN = WithdrawState.AUTHORISED.value
ENDS = frozenset({WithdrawState.PAID.value, WithdrawState.RELEASED.value, WithdrawState.SUSPENSE.value})


def told(world: World) -> None:
    """Everything has been told to everybody."""
    world.truth.conserved()
    _cash_ledger(world)
    assert world.exchange is not None
    for trouble in world.exchange.troubles():
        raise Violated(trouble.invariant, f"{trouble.problem}: {trouble.where} {trouble.off_by}")
    world.exchange.store.read(lambda unit: _withdrawals(world, unit))
    _papers(world)


def _cash_ledger(world: World) -> None:
    """I1: each place's count, exact or not, admits what lies there."""
    assert world.side.vault is not None
    cash, box = world.side.vault.state.books.ledger, world.truth.box
    problem = wrong_with(cash)
    if problem:
        raise Violated("I1", problem)
    census = box.census()
    for face in sorted(set(world.faces.values())):
        true = {
            TRANSPORT: sum(census.get((spot, face), 0) for spot in (Spot.PATH, Spot.STACKER)),
            REJECT: census.get((Spot.REJECT, face), 0),
            RETRACT: census.get((Spot.RETRACT, face), 0),
            EXIT: census.get((Spot.EXIT, face), 0),
            TAKEN: census.get((Spot.TAKEN, face), 0),
        } | {cassette(place): box.count(Spot.CASSETTE, place) for place, of in world.faces.items() if of == face}
        for place, count in true.items():
            if not cash.count(place, face).admits(count):
                raise Violated("I1", f"{place} has {count} of {face}, the cash ledger says {cash.count(place, face)}")


def _withdrawals(world: World, unit: Unit) -> None:
    """I4, I5, I6: each is paid, released or in suspense, exactly as its signed statement says, and holds nothing else.
    What is in suspense stands on the account of that name until it is counted."""
    given, doubtful = world.truth.all_given(), 0
    rows = unit.all("SELECT txn, state, amount, kept, least, highest, counted_at FROM withdrawal")
    for txn, state, amount, kept, least, highest, counted in rows:
        true = given.get(txn, 0)
        if state not in ENDS:
            raise Violated("I4", f"{txn} is {state} after everything was told")
        if not least <= true <= highest:
            raise Violated("I5", f"{txn}: the customer has {true}, the exchange says {least} to {highest}")
        if state == WithdrawState.SUSPENSE.value:
            doubtful += highest - least
            continue
        if least != highest and counted is None:
            raise Violated("I5", f"{txn} is {state}, and {least} to {highest} was never counted")
        if kept != min(true, amount):
            raise Violated("I5", f"{txn} is {state}: the customer has {true}, the exchange kept {kept}")
        if (state == WithdrawState.RELEASED.value) != (kept == 0):
            raise Violated("I6", f"{txn} is {state} and kept {kept}")
    open_holds = unit.one("SELECT count(*) FROM hold WHERE state = 'open'")
    assert open_holds is not None
    if open_holds[0]:
        raise Violated("I6", f"{open_holds[0]} holds are open after everything was told")
    if doubtful == 0 and ledger.available(unit, books.suspense(VAULT), KRW):
        raise Violated("I6", "money stands in suspense and no withdrawal is in doubt")


def _papers(world: World) -> None:
    """I9: a paper claims no more than the customer has, and of one business there is at most one original."""
    given, originals = world.truth.all_given(), set()
    for key, papers in sorted(world.papers.items()):
        txn = key.partition("/")[0]
        for paper in papers:
            if not paper.copy and txn in originals:
                raise Violated("I9", f"{txn} has two originals")
            originals |= set() if paper.copy else {txn}
            if claimed(paper) > given.get(txn, 0):
                raise Violated("I9", f"{txn}: the paper says {claimed(paper)}, the customer has {given.get(txn, 0)}")


def claimed(paper: Receipt) -> int:
    """The amount in large letters, in minor units of a currency without any."""
    totals = [line.right for line in paper.lines if isinstance(line, Total)]
    return max((int("".join(sign for sign in total if sign.isdigit()) or 0) for total in totals), default=0)
