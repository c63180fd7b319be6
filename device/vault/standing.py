"""How the cash side stands: may a withdrawal begin, from which cassettes, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from core.cash import Cassette, Count, Denomination
from core.cash_report import NotesAt
from core.dispenser import Bin, PlaceSeen, Seen
from core.messages.money import WireMoney
from core.vault_talk import DOUBTFUL_MAX, CassetteShown, VaultState
from device.vault import codes
from device.vault.ledger import BINS, cassette
from device.vault.setup import WAITING_MAX, CassetteSpec, Setup
from device.vault.state import State
from device.vault.turn import Turn

STRIKES_MAX = 2  # pays short twice in a row: a person must look at it


def why_not(setup: Setup, state: State) -> tuple[str, str]:
    """(code, detail) why no withdrawal may begin now; ("", "") when one may. Unknown is never good news, except where
    no machine of that kind can know: an exit without a sensor, a bin without a switch."""
    books, seen = state.books, state.seen
    if books.suspended:
        return codes.IN_DOUBT, books.suspended
    if _busy(state):
        return codes.BUSY, ""
    if not state.room or len(books.waiting) >= WAITING_MAX:
        return codes.LEDGER_FULL, f"{len(books.waiting)} statements wait for the exchange"
    if not state.up or seen is None:
        return codes.AWAY, ""
    problem = _unfit(setup, seen)
    if problem[0]:
        return problem
    troubles = [_trouble(state, one, _held(state, one)) for one in setup.cassettes]
    return ("", "") if "" in troubles else (troubles[0], "")


def _unfit(setup: Setup, seen: Seen) -> tuple[str, str]:
    machine = setup.machine
    if machine.end_to_end and setup.token is None:
        return codes.END_TO_END, ""
    if seen.exit_clear is False or (seen.exit_clear is None and (machine.sees_taken or machine.stacks)):
        return codes.EXIT_NOT_CLEAR, seen.detail
    if seen.path_clear is not True:
        return codes.PATH_NOT_CLEAR, seen.detail
    if seen.reject_bin is Bin.FULL:
        return codes.REJECT_FULL, seen.detail
    if seen.reject_bin is Bin.MISSING:
        return codes.REJECT_MISSING, seen.detail
    if machine.retracts and seen.retract_bin in (Bin.FULL, Bin.MISSING):
        return codes.RETRACT_BIN, seen.detail
    if machine.end_to_end and not seen.nonce:
        return codes.END_TO_END, seen.detail
    if not seen.ready:
        return seen.code or codes.NOT_READY, seen.detail
    return "", ""


def _held(state: State, spec: CassetteSpec) -> Count:
    return state.books.ledger.count(cassette(spec.place), spec.face.minor)


def _trouble(state: State, spec: CassetteSpec, held: Count) -> str:
    """Why this cassette, which holds so many notes, cannot be paid from; "" when it can."""
    seen = _place(state.seen, spec.place)
    label = state.books.label(spec.place)
    if seen is not None and seen.present is False:
        return codes.CASSETTE_MISSING
    if seen is not None and label is not None and seen.label != label:
        return codes.CASSETTE_SWAPPED
    if not held.low or (seen is not None and seen.empty) or state.books.struck(spec.place) >= STRIKES_MAX:
        return codes.CASSETTES_EMPTY
    return ""


def _place(seen: Seen | None, place: int) -> PlaceSeen | None:
    return next((one for one in seen.places if one.place == place), None) if seen else None


def cassettes(setup: Setup, state: State, *, most: int = 0, without: frozenset[int] = frozenset()) -> list[Cassette]:
    """What may be planned with. `most` notes of one place; `without` places that have just failed."""
    rows = []
    for spec in setup.cassettes:
        held = _held(state, spec)
        usable = spec.place not in without and not _trouble(state, spec, held)
        count = replace(held, low=most) if most and held.low > most else held
        rows.append(Cassette(spec.place, Denomination(spec.face), count, usable))
    return rows


def shown(setup: Setup, state: State) -> VaultState:
    """What is said about it to the runtime."""
    code, _ = why_not(setup, state)
    rows = []
    for spec in setup.cassettes:
        seen, held = _place(state.seen, spec.place), _held(state, spec)
        low = bool(seen and seen.low)
        rows.append(CassetteShown(spec.place, _wire(spec.face), held, not _trouble(state, spec, held), low))
    return VaultState(
        vault=setup.vault,
        public_key=setup.public_key,
        ready=not code,
        suspended=bool(state.books.suspended),
        code=code,
        unit=setup.machine.unit,
        notes_max=setup.most_notes,
        sees_taken=setup.machine.sees_taken,
        retracts=setup.machine.retracts,
        cassettes=tuple(rows),
        unsent=len(state.books.waiting),
        bins=tuple(_bins(setup, state)),
        doubtful=tuple(one.txn for one in state.books.doubtful[:DOUBTFUL_MAX]),
    )


def _bins(setup: Setup, state: State) -> Iterator[NotesAt]:
    """What a person would find outside the cassettes, by the names service acts use."""
    ledger = state.books.ledger
    for name, place in BINS.items():
        for face in ledger.faces():
            count = ledger.count(place, face)
            if count.high:
                yield NotesAt(name, _wire(setup.money(face)), count)


_wire = lru_cache(maxsize=64)(WireMoney.of)  # faces of notes: a machine has a handful, and each is told for ever


def tell_changes(turn: Turn, before: State) -> None:
    """Tell everybody when anything a person could see has changed."""
    now = turn.state
    if now.told is not None and _looks_the_same(before, now):
        return
    state = shown(turn.setup, now)
    if state != now.told:
        turn.set(told=state)
        turn.tell(state)


def _looks_the_same(before: State, now: State) -> bool:
    """Is every part the same that `shown` reads? Most steps of a withdrawal change none of them."""
    old, new = before.books, now.books
    books = old is new or (
        old.ledger is new.ledger
        and old.labels is new.labels
        and old.strikes is new.strikes
        and old.suspended == new.suspended
        and old.doubtful is new.doubtful
        and len(old.waiting) == len(new.waiting)
    )
    machine = now.seen == before.seen and now.up == before.up and now.room == before.room
    return books and machine and _busy(before) == _busy(now)


def _busy(state: State) -> bool:
    return state.job is not None or state.books.open is not None or state.books.testing is not None
