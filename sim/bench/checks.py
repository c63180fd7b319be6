"""What must be true in the end: the books of every side against the truth, and against one another."""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.members import desk as members
from backend.store import Unit
from backend.withdraw import books
from core.asset import BTC, KRW
from core.messages import WithdrawState
from device.vault.ledger import EXIT, REJECT, RETRACT, TAKEN, TRANSPORT, cassette, wrong_with
from sim.bench.outcome import Violated
from sim.bench.town import OPERATOR, VAULT
from sim.bench.world import World
from sim.peers.cash_box import Spot

ENDED = frozenset({WithdrawState.PAID.value, WithdrawState.RELEASED.value})


def always(world: World) -> None:
    """Cheap enough for every moment of rest: notes are neither made nor lost, in truth and in the cash ledger."""
    world.truth.conserved()
    if world.truth.box.count(Spot.PATH):
        world.reached("a note lay on the path")
    vault = world.side.vault
    if vault is None:
        return
    problem = wrong_with(vault.state.books.ledger)
    if problem:
        raise Violated("I1", problem)
    state = vault.state
    if state.job is None and state.books.open is None and state.books.testing is None and world.visits.nobody:
        _counted(world)


def _counted(world: World) -> None:
    """While nothing moves, what the cash ledger says of each place admits what lies there."""
    assert world.side.vault is not None
    cash, box = world.side.vault.state.books.ledger, world.truth.box
    for place, face in world.faces.items():
        said, true = cash.count(cassette(place), face), box.count(Spot.CASSETTE, place)
        if not said.admits(true):
            raise Violated("I1", f"cassette {place} holds {true}, the cash ledger says {said}")


def at_rest(world: World) -> None:
    """Everything has come to its end: I1 to I7 and I11, and the reference agrees."""
    always(world)
    exchange, vault = world.exchange, world.side.vault
    assert exchange is not None
    assert vault is not None
    for trouble in exchange.troubles():
        raise Violated(trouble.invariant, f"{trouble.problem}: {trouble.where} {trouble.off_by}")
    _cash_ledger(world)
    exchange.store.read(lambda unit: _exchange(world, unit))
    assert world.runtime is not None
    report = world.runtime.journal.verify()
    if not report.sound:
        raise Violated("S-I4", "the journal's chain is broken")


def _cash_ledger(world: World) -> None:
    """After the count nothing is in doubt, and each place holds what the ledger says (I1, I5)."""
    assert world.side.vault is not None
    cash, census = world.side.vault.state.books.ledger, world.truth.box.census()
    if cash.doubts:
        raise Violated("I1", f"{len(cash.doubts)} doubts after a count")
    for face in sorted(set(world.faces.values())):
        inside = sum(census.get((spot, face), 0) for spot in (Spot.PATH, Spot.STACKER))
        true = {
            TRANSPORT: inside,
            REJECT: census.get((Spot.REJECT, face), 0),
            RETRACT: census.get((Spot.RETRACT, face), 0),
            EXIT: census.get((Spot.EXIT, face), 0),
            TAKEN: census.get((Spot.TAKEN, face), 0),
        }
        told = {place: cash.notes(place, face) for place in true}
        if world.truth.excused:
            told.pop(TAKEN)
            true.pop(TAKEN)
        if told != true:
            raise Violated("I1", f"notes of {face}: the cash ledger says {told}, there are {true}")


def _exchange(world: World, unit: Unit) -> None:
    given = world.truth.all_given()
    rows = unit.all("SELECT txn, state, kept, least, highest FROM withdrawal")
    known = {row[0] for row in rows}
    for txn in world.witness.reference.withdrawals:
        if txn not in known:
            raise Violated("I4", f"{txn} was authorised and the exchange does not know it")
    for txn, state, kept, least, highest in rows:
        if state not in ENDED:
            raise Violated("I4", f"{txn} is {state} after the count")
        true = given.get(txn, 0)
        if txn not in world.witness.reference.withdrawals:
            if true:
                raise Violated("I8", f"{txn} paid {true}, and nobody was told of its authority")
            continue
        fits = least <= true <= highest or world.truth.excused
        if kept != min(true, world.witness.reference.amount(txn)) or not fits:
            raise Violated("I5", f"{txn}: the customer has {true}, the exchange says {kept} ({least} to {highest})")
    _holds(unit)
    _wallets(world, unit, given)
    _machine(world, unit, given)


def _holds(unit: Unit) -> None:
    row = unit.one("SELECT count(*) FROM hold WHERE state = 'open'")
    assert row is not None
    if row[0]:
        raise Violated("I6", f"{row[0]} holds are open at rest")


def _wallets(world: World, unit: Unit, given: dict[str, int]) -> None:
    """The reference, which has never seen the exchange's books, comes to the same wallets."""
    wanted = world.witness.reference.wallets(given)
    for person in world.people:
        for asset in (KRW, BTC):
            has = ledger.available(unit, members.wallet_of(person.member), asset)
            due = wanted.get((person.member, asset.code), 0)
            if has != due:
                raise Violated("model", f"{person.member} has {has} {asset.code} and should have {due}")


def _machine(world: World, unit: Unit, given: dict[str, int]) -> None:
    """What the exchange thinks lies in the machine is what lies there (I11)."""
    census = world.truth.box.census()
    inside = (Spot.CASSETTE, Spot.PATH, Spot.STACKER, Spot.REJECT, Spot.RETRACT)
    true = sum(face * count for (spot, face), count in census.items() if spot in inside)
    said = -ledger.available(unit, books.machine(VAULT), KRW)
    if said != true:
        raise Violated("I11", f"there are {true} in the machine, the exchange says {said}")
    for owner in (books.suspense(VAULT), books.difference(VAULT)):
        left = ledger.available(unit, owner, KRW)
        if left and not (world.truth.excused and owner == books.difference(VAULT)):
            raise Violated("I11", f"{left} stand on {owner}")
    lost = -ledger.available(unit, books.loss(OPERATOR), KRW)
    if lost != world.witness.reference.lost(given) and not world.truth.excused:
        raise Violated("I11", f"the operator lost {world.witness.reference.lost(given)}, the exchange says {lost}")
