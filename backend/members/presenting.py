"""Presenting: what a shopper showed is redeemed once, into a presentation bound to transaction and terminal.

A refusal says its name and nothing more. What was missed is counted beside the refusal, in the same unit of work: five
misses lock a handle for a day, twenty in ten minutes stop a terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.http.callers import Entropy
from backend.members.codes import Sealer, candidates
from backend.members.events import TOPIC, MemberEvent
from backend.members.rules import (
    HANDLE_LOCK_MS,
    HANDLE_MISSES_MAX,
    PRESENTATION_MS,
    TERMINAL_MISSES_MAX,
    TERMINAL_SPAN_MS,
    Candidate,
    Verdict,
    match,
)
from backend.refused import Refused
from backend.store import Unit
from core.asset import Asset
from core.code import BadCode, PersonalCode, slot_of
from core.faults.members import (
    CODE_AMBIGUOUS,
    CODE_EXPIRED,
    CODE_FOREIGN,
    CODE_LOCKED,
    CODE_MISTYPED,
    CODE_UNKNOWN,
    CODE_USED,
    NO_PRESENTATION,
    PRESENTATION_ELSEWHERE,
    PRESENTATION_OVER,
    TAP_ELSEWHERE,
    TAP_MALFORMED,
    TAP_REPLAYED,
    TAP_WRONG,
    TERMINAL_MISSES,
)
from core.ids import TxnId, base32
from core.messages import PresentRequest, TapProof
from core.moment import Moment
from core.money import Money
from core.tap import MAC_BYTES, BadTap, same_mac, tap_key, tap_mac, tap_message

_MISSES: Final = frozenset({CODE_UNKNOWN.code, TAP_WRONG.code})
SOURCES: Final = frozenset({"camera", "scanner", "nfc", "keypad"})


@dataclass(frozen=True, slots=True)
class Presented:
    """A live presentation. `bound`: the only price it is good for, when it came from a tap."""

    id: str
    txn: TxnId
    terminal: str
    member: str
    hint: str
    source: str
    bound: Money | None
    expires_at: Moment


def present(
    unit: Unit, request: PresentRequest, terminal: str, at: Moment, sealer: Sealer, entropy: Entropy
) -> Presented:
    """Redeem a code or a tap. Raises `Refused`; the caller then calls `count_miss` in the same unit."""
    _terminal_may_try(unit, terminal, at)
    source = request.source if request.source in SOURCES else "other"
    bound: Money | None = None
    if request.tap is not None:
        member, bound = _redeem_tap(unit, request.tap, terminal, at, sealer)
        hint = request.tap.handle[-4:]
    else:
        assert request.code is not None, "a presentation carries a code or a tap"
        member, hint = _redeem_code(unit, request.code, at, sealer)
    made = Presented(base32(entropy(16)), request.txn, terminal, member, hint, source, bound, at.plus(PRESENTATION_MS))
    unit.run(
        "INSERT INTO member_presentation VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            made.id,
            made.txn.text,
            terminal,
            member,
            hint,
            source,
            bound.asset.code if bound is not None else None,
            bound.asset.scale if bound is not None else None,
            bound.minor if bound is not None else None,
            made.expires_at.ms,
        ),
    )
    unit.tell(TOPIC, MemberEvent(member, "presented", {"terminal": terminal}))
    return made


def presented(unit: Unit, id: str, txn: TxnId, terminal: str, at: Moment) -> Presented:
    """The live presentation `id` of this transaction at this terminal. Raises `Refused` by name for any other."""
    row = unit.one(
        "SELECT txn, terminal, member, hint, source, asset, scale, minor, expires_at FROM member_presentation"
        " WHERE id = ?",
        (id,),
    )
    if row is None:
        raise Refused.by(NO_PRESENTATION, status=404)
    if (row[0], row[1]) != (txn.text, terminal):
        raise Refused.by(PRESENTATION_ELSEWHERE, status=403)
    if row[8] <= at.ms:
        raise Refused.by(PRESENTATION_OVER, status=410)
    bound = None if row[5] is None else Money(row[7], Asset(row[5], row[6]))
    return Presented(id, txn, terminal, row[2], row[3], row[4], bound, Moment(row[8]))


def count_miss(unit: Unit, request: PresentRequest, refused: Refused, terminal: str, at: Moment) -> None:
    """Remember a guess. A code of an expired slot or a mistyped one is no guess."""
    if refused.code not in _MISSES:
        return
    unit.run(
        "INSERT INTO member_terminal_miss VALUES(?, ?, 1) ON CONFLICT DO UPDATE SET misses = misses + 1",
        (terminal, at.ms // TERMINAL_SPAN_MS),
    )
    if request.code is None:
        return  # a tap's 128-bit MAC needs no lock, and locking would let a stranger's reader lock a wallet
    handle = PersonalCode.parse(request.code).handle
    if unit.one("SELECT 1 FROM member_handle WHERE handle = ? LIMIT 1", (handle,)) is not None:
        unit.run(
            "INSERT INTO member_handle_miss VALUES(?, 1, ?) ON CONFLICT(handle) DO UPDATE SET"
            " misses = CASE WHEN until <= ? THEN 1 ELSE misses + 1 END,"
            " until = CASE WHEN until <= ? THEN excluded.until ELSE until END",
            (handle, at.ms + HANDLE_LOCK_MS, at.ms, at.ms),
        )


def sweep(unit: Unit, at: Moment) -> None:
    """Forget what can no longer matter: old uses, presentations and misses."""
    unit.run("DELETE FROM member_code_used WHERE slot < ?", (slot_of(at) - 2880,))  # a day
    unit.run("DELETE FROM member_presentation WHERE expires_at < ?", (at.ms - 7 * 86_400_000,))
    unit.run("DELETE FROM member_terminal_miss WHERE span < ?", (at.ms // TERMINAL_SPAN_MS - 1,))
    unit.run("DELETE FROM member_handle_miss WHERE until < ?", (at.ms,))


def _redeem_code(unit: Unit, text: str, at: Moment, sealer: Sealer) -> tuple[str, str]:
    """The member whose code it is, and the hint for paper."""
    try:
        code = PersonalCode.parse(text)
    except BadCode as error:
        page = CODE_FOREIGN if error.reason == "scheme" else CODE_MISTYPED
        raise Refused.by(page, status=422) from None
    known = candidates(unit, sealer, code.handle)
    if not known:
        raise Refused.by(CODE_UNKNOWN, status=422)
    _not_locked(unit, code.handle, at)
    found = match(code, known, at)
    match found.verdict:
        case Verdict.EXPIRED:
            raise Refused.by(CODE_EXPIRED, status=422)
        case Verdict.AMBIGUOUS:
            raise Refused.by(CODE_AMBIGUOUS, status=422)
        case Verdict.UNKNOWN:
            raise Refused.by(CODE_UNKNOWN, status=422)
        case Verdict.GOOD:
            for key, slot in found.uses:
                if not unit.run("INSERT OR IGNORE INTO member_code_used VALUES(?, ?)", (slot, key)):
                    raise Refused.by(CODE_USED, status=422)
    return found.member, code.digits[-4:]


def _redeem_tap(unit: Unit, tap: TapProof, terminal: str, at: Moment, sealer: Sealer) -> tuple[str, Money]:
    """The member who tapped, and the amount the tap agreed to. The counter is raised, so no tap is good twice."""
    if tap.terminal != terminal:
        raise Refused.by(TAP_ELSEWHERE, status=422)
    try:
        message = tap_message(tap.terminal, tap.nonce, tap.amount, tap.mode, tap.handle, tap.counter)
        mac = bytes.fromhex(tap.mac)
    except (BadTap, ValueError):
        raise Refused.by(TAP_MALFORMED, status=422) from None
    if len(mac) != MAC_BYTES:
        raise Refused.by(TAP_MALFORMED, status=422)
    signed = [one for one in candidates(unit, sealer, int(tap.handle)) if _tapped(one, message, mac)]
    if len(signed) != 1:
        raise Refused.by(TAP_WRONG, status=422)
    raised = unit.run(
        "UPDATE member_key SET tap_counter = ? WHERE id = ? AND tap_counter < ?",
        (tap.counter, signed[0].key, tap.counter),
    )
    if not raised:
        raise Refused.by(TAP_REPLAYED, status=422)
    return signed[0].member, tap.amount.money()


def _tapped(one: Candidate, message: bytes, mac: bytes) -> bool:
    return same_mac(tap_mac(tap_key(one.secret), message), mac)


def _terminal_may_try(unit: Unit, terminal: str, at: Moment) -> None:
    span = at.ms // TERMINAL_SPAN_MS
    row = unit.one("SELECT misses FROM member_terminal_miss WHERE terminal = ? AND span = ?", (terminal, span))
    if row is not None and row[0] >= TERMINAL_MISSES_MAX:
        raise Refused.by(TERMINAL_MISSES, status=429, retryable=True)


def _not_locked(unit: Unit, handle: int, at: Moment) -> None:
    row = unit.one("SELECT misses, until FROM member_handle_miss WHERE handle = ?", (handle,))
    if row is not None and row[0] >= HANDLE_MISSES_MAX and at.ms < row[1]:
        raise Refused.by(CODE_LOCKED, status=422)
