"""The technicians of a simulated world: they load, count with four eyes, clear, test and empty the bins.

A visit is a conversation with the vault, act by act, under grants the exchange signs. If the vault dies in the middle
the visit is over, and somebody comes again.
"""

from __future__ import annotations

from typing import Final

from core.asset import KRW
from core.cash import Count
from core.cash_report import Act, NotesAt
from core.grant import GRANT, Grant, Right
from core.ids import TxnId
from core.messages import WireMoney
from core.money import Money
from core.sealed import seal
from core.vault_talk import AskChallenge, Challenge, Serve, Served
from sim.bench.town import EXCHANGE_KEY, TERMINAL, VAULT
from sim.bench.visits import Visit
from sim.bench.world import World
from sim.peers.cash_box import Spot

LIFE_MS: Final = 600_000
FIRST, SECOND = "Kim", "Lee"
TRIES_MAX: Final = 60  # of one act; a vault that dies more often is not served today
INSIDE: Final = ((Spot.REJECT, "reject"), (Spot.RETRACT, "retract"), (Spot.PATH, "path"), (Spot.STACKER, "path"))


def _notes(place: str, face: int, count: int) -> NotesAt:
    return NotesAt(place, WireMoney.of(Money(face, KRW)), Count.exact(count))


def _serve(world: World, person: str, act: Act, notes: tuple[NotesAt, ...]) -> Visit:
    """One act under a fresh grant; again under the same name when the vault has died meanwhile."""
    txn = TxnId.of(world.entropy.randbytes(16))
    for _ in range(TRIES_MAX):
        given = yield AskChallenge()
        if not isinstance(given, Challenge):
            continue
        grant = seal(GRANT, Grant(TERMINAL, VAULT, person, tuple(Right), given.challenge, LIFE_MS), EXCHANGE_KEY)
        world.trace.tell("technician", act.value, person)
        done = yield Serve(txn, grant, act, notes)
        if isinstance(done, Served):
            return done.waits_for_second is (act is Act.COUNTED and person == FIRST)
        if done is not None:
            world.trace.tell("technician", "refused", str(done))
            return False
    return False


def loads(world: World, count: int) -> Visit:
    """`count` more notes into each cassette; what cannot be booked is taken out again."""
    notes = tuple(_notes(f"cassette:{place}", face, count) for place, face in sorted(world.faces.items()))
    for place, face in sorted(world.faces.items()):
        world.truth.load(place, face, count)
    world.side.touched()
    if not (yield from _serve(world, FIRST, Act.LOADED, notes)):
        world.truth.unload(count * len(world.faces))
        return False
    world.reached("a technician loaded notes")
    return True


def found(world: World) -> tuple[NotesAt, ...]:
    """What somebody finds who opens the machine and counts."""
    box = world.truth.box
    rows = [_notes(f"cassette:{place}", face, box.count(Spot.CASSETTE, place)) for place, face in world.faces.items()]
    lying: dict[tuple[str, int], int] = {}
    for spot, name in INSIDE:
        for face in sorted(set(world.faces.values())):
            count = box.census().get((spot, face), 0)
            if count:
                lying[name, face] = lying.get((name, face), 0) + count
    return (*sorted(rows, key=lambda row: row.place), *(_notes(*key, count) for key, count in sorted(lying.items())))


def counts(world: World) -> Visit:
    """Two persons, neither knowing the other's figures."""
    world.truth.box.take()  # what lies at the exit is given to whom it belongs
    doubtful = world.side.vault is not None and bool(world.side.vault.state.books.doubtful)
    for person in (FIRST, SECOND):
        if not (yield from _serve(world, person, Act.COUNTED, found(world))):
            return False
    world.reached("a count closed a doubt" if doubtful else "a count found nothing to close")
    return True


def empties(world: World) -> Visit:
    """Bins and path emptied, and everything mended."""
    inside = tuple(row for row in found(world) if not row.place.startswith("cassette"))
    world.peer.heal()
    world.side.touched()
    world.side.turn()
    return not inside or (yield from _serve(world, FIRST, Act.REMOVED, inside))


def tests(world: World) -> Visit:
    """One note of each cassette into the reject bin."""
    notes = tuple(_notes(f"cassette:{place}", face, 1) for place, face in sorted(world.faces.items()))
    done = yield from _serve(world, FIRST, Act.TESTED, notes)
    if done:
        world.reached("a technician tested notes into the reject bin")
    return done


def whole(world: World) -> Visit:
    """Everything that brings a machine back: count, empty, mend."""
    return (yield from counts(world)) and (yield from empties(world))
