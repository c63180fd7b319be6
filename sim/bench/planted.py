"""Planted bugs: mistakes that real products have made, put into ours while it runs, to see that the torture finds them.

Each is a patch of one function of the product, taken out again afterwards. Nothing of the product imports this file,
and an installed device does not have it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import backend.ledger.desk as ledger
import backend.members.presenting as presenting
import backend.withdraw.authorising as authorising
import backend.withdraw.ending as ending
import core.wire.lcdm30 as lcdm30
import core.wire.lcdm50 as lcdm50
import core.wire.puloon_frames as frames
import device.courier as courier
import device.vault.closing as closing
import device.vault.counting as counting
import device.vault.machine as machine
import device.vault.moves as moves
import device.vault.paying as paying
import device.vault.serving as serving
import device.vault.vault as vault_program
import sim.bench.book as book
import sim.bench.disk as disk
import sync.journal as journal
from backend.withdraw.rules import Price, Shares
from core.authority import AUTHORITY, Authority
from core.cash import NONE, Count
from core.dispenser import End, Moved
from core.messages import ApprovalState
from core.money import Money
from core.sealed import unseal
from core.wire.serial_frames import xor_of
from device.flows import approve, withdraw
from device.vault.codes import NONCE_DEAD
from device.vault.memory_book import MemoryBook
from device.vault.state import Do, Write
from sim.bench.truth import Truth
from sim.peers.cash_box import Spot

Planted = contextlib.AbstractContextManager[None]


@contextlib.contextmanager
def swapped(*swaps: tuple[Any, str, Any]) -> Iterator[None]:
    """These attributes are others for a while."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in swaps]
    for owner, name, new in swaps:
        setattr(owner, name, new)
    try:
        yield
    finally:
        for owner, name, old in before:
            setattr(owner, name, old)


# -- the cash side ----------------------------------------------------------------------------------------


def _landing(change: Callable[[Moved], Moved]) -> Planted:
    """Each movement's result is changed before it is booked."""
    real = moves.landed

    def landed(setup: Any, books: Any, txn: str, move: Any, moved: Moved) -> Any:
        return real(setup, books, txn, replace(move, proofs=()), change(moved))

    return swapped((moves, "landed", landed))


def _doubt_is_nothing() -> Planted:
    """A timeout is booked as "0 dispensed" (Lamassu's F56 driver)."""

    def change(moved: Moved) -> Moved:
        parts = tuple(replace(part, exited=NONE, rejected=NONE, on_path=NONE) for part in moved.parts)
        return replace(moved, end=End.NOTHING, parts=parts) if moved.end is End.DOUBT else moved

    return _landing(change)


def _doubt_is_short() -> Planted:
    """After a doubt the least is believed and the rest is paid again."""

    def change(moved: Moved) -> Moved:
        parts = tuple(
            replace(part, exited=Count.exact(part.exited.low), rejected=NONE, on_path=NONE) for part in moved.parts
        )
        return replace(moved, end=End.SHORT, parts=parts) if moved.end is End.DOUBT else moved

    return _landing(change)


def _rejects_uncounted() -> Planted:
    """Notes in the reject bin are not booked out of their cassette."""
    return _landing(lambda moved: replace(moved, parts=tuple(replace(part, rejected=NONE) for part in moved.parts)))


def _asked_is_given() -> Planted:
    """What was asked for is reported, not what left."""
    real = closing.tally

    def tally(setup: Any, opened: Any) -> Any:
        landed = tuple(replace(part, exited=Count.exact(part.asked)) for part in opened.landed)
        return real(setup, replace(opened, landed=landed))

    return swapped((closing, "tally", tally))


def _move_forgotten() -> Planted:
    """After a restart an open movement is taken for one that never began."""
    real = machine._restarted

    def restarted(turn: Any) -> None:
        if turn.state.books.move is not None:
            turn.set(books=replace(turn.state.books, move=None))
        real(turn)

    return swapped((machine, "_restarted", restarted))


def _signature_ignored() -> Planted:
    """Authorities are read and not checked (fail open)."""
    real = unseal

    class Anybody:
        def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
            return True

    return swapped((paying, "unseal", lambda kind, form, text, verifier: real(kind, form, text, Anybody())))


def _nonce_ignored() -> Planted:
    """Any nonce the exchange has signed will do."""
    real = paying._covering

    def covering(turn: Any, request: Any) -> Any:
        found = real(turn, request)
        if found == (NONCE_DEAD, ""):
            return unseal(AUTHORITY, Authority, request.authority, turn.setup.exchange).statement
        return found

    return swapped((paying, "_covering", covering))


def _deed_before_record() -> Planted:
    """Notes move first, the record is written when there is time."""
    real = machine.step

    def step(*told: Any) -> Any:
        state, effects = real(*told)
        deeds = tuple(effect for effect in effects if isinstance(effect, Do))
        return state, deeds + tuple(effect for effect in effects if not isinstance(effect, Do))

    return swapped((vault_program, "step", step))


def _vault_never_syncs() -> Planted:
    """No fsync before the notes (Lamassu's db.js)."""
    real = machine.step

    def step(*told: Any) -> Any:
        state, effects = real(*told)
        return state, tuple(replace(one, durable=False) if isinstance(one, Write) else one for one in effects)

    return swapped((vault_program, "step", step))


def _count_closes_nothing() -> Planted:
    """A count sets the book right and leaves the doubtful customers as they were."""
    return swapped((counting, "explain", lambda ledger, found: ((), {})))


def _count_by_one() -> Planted:
    """The first person's figures are enough, and they are wrong."""

    def count(turn: Any, request: Any, person: str, asker: int) -> None:
        found = counting.read(turn.setup, request.notes)
        halved = {key: notes // 2 for key, notes in found.items()}
        counting._settle(turn, request, halved, (person, person), asker)

    return swapped((serving, "count", count))


def _checksum_ignored() -> Planted:
    """A reply's checksum is not looked at (Lamassu's Puloon driver)."""
    real = frames.look_frame

    def look_frame(held: bytes, start: int, ident: int, sizes: Any, meaning: Any) -> Any:
        for size in sizes.get(held[3], ()) if len(held) > 3 else ():
            if len(held) >= size and held[0] == start and held[size - 2] == frames.ETX:
                held = held[: size - 1] + bytes([xor_of(held[: size - 1])]) + held[size:]
        return real(held, start, ident, sizes, meaning)

    return swapped((lcdm30, "look_frame", look_frame), (lcdm50, "look_frame", look_frame))


def _sync_failure_forgotten() -> Planted:
    """After a failed sync the file is opened again and believed as it looks (Rebello et al., ATC 2020)."""
    return swapped((book.TornBook, "load", MemoryBook.load), (disk.Disk, "checkpointed", lambda self: None))


# -- the runtime ------------------------------------------------------------------------------------------


def _journal_never_syncs() -> Planted:
    """The diary is written and never synced."""
    real = journal.Journal._insert

    def insert(self: Any, content: Any, new: Any, answered: int, durable: bool) -> None:
        real(self, content, new, answered, False)

    return swapped((journal.Journal, "_insert", insert))


def _courier_idles() -> Planted:
    """What was not settled at once is never settled."""
    return swapped((courier.Courier, "_round", lambda self, vault: True))


def _full_said() -> Planted:
    """The screen says that everything came out, whatever came out."""
    step = withdraw.WITHDRAW.steps[-1]
    real = type(step).screen
    return swapped((type(step), "screen", lambda self, ticket, at: replace(real(self, ticket, at), name="withdrawn")))


# -- the exchange -----------------------------------------------------------------------------------------


def _hold_expires() -> Planted:
    """A hold with an authority runs out by time."""
    real = ledger.hold

    def hold(unit: Any, key: str, account: Any, minor: int, *, reason: str, at: Any, **more: Any) -> Any:
        return real(unit, key, account, minor, reason=reason, at=at, expires_at=at.plus(1_000))

    return swapped((ledger, "hold", hold))


def _no_tombstone() -> Planted:
    """The end of an unknown withdrawal is not remembered: a late original succeeds."""
    return swapped((ledger, "bury", lambda *told, **more: None))


def _quote_for_ever() -> Planted:
    """A quote is good as long as anybody has it."""
    return swapped((authorising, "assert_alive", lambda expires_at, at: None))


def _fee_rounded_down() -> Planted:
    """Fees by a float."""
    return swapped((Money, "share", lambda self, bp: Money(int(self.minor * (bp / 10_000) * 0.999), self.asset)))


def _coins_rounded_down() -> Planted:
    """The coins are a fraction short."""
    real = Price.cost

    def cost(self: Any, notes: Any) -> Any:
        made = real(self, notes)
        return replace(made, coins=made.coins - 1) if made.coins else made

    return swapped((Price, "cost", cost))


def _all_captured() -> Planted:
    """A short dispense is captured whole."""

    def share_out(amount: int, seen: Any, kept_most: int | None = None) -> Shares:
        most = amount if kept_most is None else kept_most
        return Shares(most, 0, 0, most) if seen.highest else Shares(0, 0, 0, 0)

    return swapped((ending, "share_out", share_out))


def _short_released() -> Planted:
    """Any trouble gives everything back (transaction reversal fraud)."""

    def share_out(amount: int, seen: Any, kept_most: int | None = None) -> Shares:
        return Shares(amount, 0, 0, amount) if seen.least == amount else Shares(seen.least, 0, seen.least, 0)

    return swapped((ending, "share_out", share_out))


def _nobody_asked() -> Planted:
    """The phone's yes is not waited for: neither by the exchange nor by the terminal. Either of them alone changes
    nothing, because the other still asks."""
    step, real = approve.ApproveOnPhone, approve.ApproveOnPhone._seen

    def seen(self: Any, ticket: Any, approval: Any, at: Any) -> Any:
        return real(self, ticket, replace(approval, state=ApprovalState.APPROVED), at)

    return swapped((authorising, "approved", lambda unit, **asked: True), (step, "_seen", seen))


def _code_twice() -> Planted:
    """A personal code is not used up."""
    real = presenting._redeem_code

    def redeem(unit: Any, text: str, at: Any, sealer: Any) -> Any:
        done = real(unit, text, at, sealer)
        unit.run("DELETE FROM member_code_used")
        return done

    return swapped((presenting, "_redeem_code", redeem))


# -- the tester itself --------------------------------------------------------------------------------------


def _canary() -> Planted:
    """A note is taken from a cassette behind everybody's back. A checker that does not see it is blind."""
    real = Truth.conserved

    def conserved(self: Truth) -> None:
        note = self.box.pick(min(self.box.faces))
        if note is not None:
            note.spot = Spot.REMOVED
        real(self)

    return swapped((Truth, "conserved", conserved))


PLANTED: Final[Mapping[str, Callable[[], Planted]]] = {
    "doubt_is_nothing": _doubt_is_nothing,
    "doubt_is_short": _doubt_is_short,
    "rejects_uncounted": _rejects_uncounted,
    "asked_is_given": _asked_is_given,
    "move_forgotten": _move_forgotten,
    "signature_ignored": _signature_ignored,
    "nonce_ignored": _nonce_ignored,
    "deed_before_record": _deed_before_record,
    "vault_never_syncs": _vault_never_syncs,
    "count_closes_nothing": _count_closes_nothing,
    "count_by_one": _count_by_one,
    "checksum_ignored": _checksum_ignored,
    "sync_failure_forgotten": _sync_failure_forgotten,
    "journal_never_syncs": _journal_never_syncs,
    "courier_idles": _courier_idles,
    "full_said": _full_said,
    "hold_expires": _hold_expires,
    "no_tombstone": _no_tombstone,
    "quote_for_ever": _quote_for_ever,
    "fee_rounded_down": _fee_rounded_down,
    "coins_rounded_down": _coins_rounded_down,
    "all_captured": _all_captured,
    "short_released": _short_released,
    "nobody_asked": _nobody_asked,
    "code_twice": _code_twice,
    "canary": _canary,
}
