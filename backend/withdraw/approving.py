"""Approving: the member's phone page is asked for the amount at this machine, and says yes or no.

The same question stands before every value that leaves the wallet at a machine: notes, and gift cards.

One question a transaction. A yes is good for exactly the member, the amount and the machine it was asked for, and is
used by the one withdrawal its transaction can become. A member who shows a code again, because the first presentation
grew too old, is not asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.members import desk as members
from backend.members.rules import PRESENTATION_MS
from backend.refused import Refused
from backend.store import Unit
from backend.trade.terminal import fit_counter
from backend.withdraw.limits import fit_machine, used, within
from backend.withdraw.rules import APPROVAL_MS, approval_stands, unapproved_left
from backend.withdraw.teller import Teller
from core.asset import Asset
from core.faults.withdrawal import (
    APPROVAL_NEEDED,
    APPROVAL_OTHER,
    APPROVAL_OVER,
    APPROVAL_REFUSED,
    OVER_DAY,
    WITHDRAWAL_UNKNOWN,
)
from core.ids import BadId, TxnId
from core.messages import Approval, ApprovalRequest, ApprovalState
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money

ASKED: Final = "approval"  # kind of the event that wakes the member's pages
WHAT_MAX: Final = 40  # an issuer's name
KEPT_MS: Final = 7 * 86_400_000  # for the member's questions; the withdrawal itself is kept for good
PRUNE_MAX: Final = 1_000  # rows a sweep deletes in one unit, so that no withdrawal waits behind it


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as it was put. `left_ms` until it ends by itself. `what` whose gift card, "" for notes."""

    txn: str
    member: str
    terminal: str
    presentation: str
    machine: str
    amount: Money
    state: ApprovalState
    left_ms: int
    what: str = ""


def ask(unit: Unit, teller: Teller, *, terminal: str, request: ApprovalRequest, at: Moment) -> Approval:
    """Put the question, or say how it stands. Raises `Refused`: MACHINE_UNFIT, AMOUNT_BAD, the limits, APPROVAL_OTHER
    (this transaction asks about something else already), and what the presentation is refused for."""
    known = load(unit, request.txn, at)
    amount = request.amount.money()
    if known is not None:
        if (known.terminal, known.amount, known.what) != (terminal, amount, request.what[:WHAT_MAX]):
            raise Refused.by(APPROVAL_OTHER, request.txn.text, status=422)
        _shown_again(unit, known, request, at)
        return _told(known)
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    members.amount_agreed(shown, amount)
    if request.what:
        side = fit_counter(unit, terminal)
        _within_day(unit, teller, shown.member, terminal, amount, at)
    else:
        side = fit_machine(unit, terminal)
        within(teller, used(unit, shown.member, terminal, at), amount)
    what = request.what[:WHAT_MAX]
    asked = Asked(
        request.txn.text, shown.member, terminal, shown.id, side.shop, amount, ApprovalState.WAITING, APPROVAL_MS, what
    )
    unit.run(
        "INSERT INTO withdraw_approval(txn, member, terminal, presentation, machine, asset, scale, minor, state,"
        " asked_at, expires_at, what) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?)",
        (
            asked.txn,
            asked.member,
            terminal,
            shown.id,
            side.shop,
            amount.asset.code,
            amount.asset.scale,
            amount.minor,
            at.ms,
            at.plus(APPROVAL_MS).ms,
            what,
        ),
    )
    _wake(unit, asked)
    return _told(asked)


def _shown_again(unit: Unit, known: Asked, request: ApprovalRequest, at: Moment) -> None:
    """A code shown again is the same question while it is the same member's. Raises `Refused` for anybody else's."""
    if request.presentation == known.presentation:
        return
    shown = members.presented(unit, request.presentation, request.txn, known.terminal, at)
    members.amount_agreed(shown, known.amount)
    if shown.member != known.member:
        raise Refused.by(APPROVAL_OTHER, known.txn, status=422)
    unit.run("UPDATE withdraw_approval SET presentation = ? WHERE txn = ?", (shown.id, known.txn))


def stands(unit: Unit, *, terminal: str, txn: str, at: Moment) -> Approval:
    """How the question of this machine stands. Raises `Refused` 404."""
    try:
        known = load(unit, TxnId(txn), at)
    except BadId:
        known = None
    if known is None or known.terminal != terminal:
        raise Refused.by(WITHDRAWAL_UNKNOWN, "nothing was asked", status=404)
    return _told(known)


def waiting(unit: Unit, member: str, at: Moment) -> Asked | None:
    """The newest question this member has not answered."""
    row = unit.one(
        f"SELECT {_COLUMNS} FROM withdraw_approval WHERE member = ? AND state = 'waiting' AND expires_at > ?"  # noqa: S608
        " ORDER BY expires_at DESC LIMIT 1",
        (member, at.ms),
    )
    return None if row is None else _asked(row, at)


def decide(unit: Unit, *, member: str, txn: str, yes: bool, at: Moment) -> Asked:
    """The member's answer; the same answer again is fine. Raises `Refused` APPROVAL_OVER for any other.

    Who approves proves a presence anew: the presentation is good for its whole life from here.
    """
    try:
        known = load(unit, TxnId(txn), at)
    except BadId:
        known = None
    wanted = ApprovalState.APPROVED if yes else ApprovalState.REFUSED
    if known is None or known.member != member:
        raise Refused.by(APPROVAL_OVER, "no such question", status=404)
    if known.state is wanted:
        return known
    if known.state is not ApprovalState.WAITING:
        raise Refused.by(APPROVAL_OVER, f"{txn} is {known.state.value}")
    unit.run("UPDATE withdraw_approval SET state = ?, decided_at = ? WHERE txn = ?", (wanted.value, at.ms, txn))
    if yes:
        unit.run(
            "UPDATE member_presentation SET expires_at = max(expires_at, ?) WHERE id = ?",
            (at.plus(PRESENTATION_MS).ms, known.presentation),
        )
    _wake(unit, known)
    found = load(unit, TxnId(txn), at)
    assert found is not None, "it was written in this very unit"
    return found


def approved(unit: Unit, *, txn: TxnId, member: str, terminal: str, amount: Money, at: Moment, free: int,
             what: str = "") -> bool:  # fmt: skip
    """Was exactly this approved? False where it was not and up to `free` minor units need no approval.

    Raises `Refused`: APPROVAL_NEEDED (retryable: the phone may still answer), APPROVAL_REFUSED, APPROVAL_OVER,
    APPROVAL_OTHER.
    """
    known = load(unit, txn, at)
    if known is not None:
        if (known.member, known.terminal, known.amount, known.what) != (member, terminal, amount, what):
            raise Refused.by(APPROVAL_OTHER, txn.text, status=422)
        if known.state is ApprovalState.APPROVED:
            return True
        if known.state is ApprovalState.REFUSED:
            raise Refused.by(APPROVAL_REFUSED, txn.text, status=403)
    if amount.minor <= free:
        return False
    if known is not None and known.state is ApprovalState.EXPIRED:
        raise Refused.by(APPROVAL_OVER, txn.text, status=410)
    raise Refused.by(APPROVAL_NEEDED, txn.text, status=409, retryable=True)


def approve_gift(
    unit: Unit, teller: Teller, shown: members.Presented, *, terminal: str, amount: Money, what: str, at: Moment
) -> bool:
    """As `approved`, for a card of `what`: it counts with the notes of the same day. Raises `Refused` OVER_DAY too."""
    free = _within_day(unit, teller, shown.member, terminal, amount, at, shown.source)
    return approved(
        unit,
        txn=shown.txn,
        member=shown.member,
        terminal=terminal,
        amount=amount,
        at=at,
        free=free,
        what=what,
    )


def _within_day(
    unit: Unit, teller: Teller, member: str, terminal: str, amount: Money, at: Moment, source: str = ""
) -> int:
    """What is left without the phone. Raises `Refused` OVER_DAY."""
    counted = used(unit, member, terminal, at)
    if amount.minor > teller.terms.day_max - counted.member:
        raise Refused.by(OVER_DAY, status=422)
    return unapproved_left(teller.terms, counted, source)


def sweep(unit: Unit, at: Moment) -> int:
    """Forget old questions; how many."""
    return unit.run(
        "DELETE FROM withdraw_approval WHERE txn IN (SELECT txn FROM withdraw_approval WHERE expires_at < ? LIMIT ?)",
        (at.ms - KEPT_MS, PRUNE_MAX),
    )


_COLUMNS: Final = "txn, member, terminal, presentation, machine, asset, scale, minor, state, expires_at, what"


def load(unit: Unit, txn: TxnId, at: Moment) -> Asked | None:
    row = unit.one(f"SELECT {_COLUMNS} FROM withdraw_approval WHERE txn = ?", (txn.text,))  # noqa: S608
    return None if row is None else _asked(row, at)


def _asked(row: tuple[object, ...], at: Moment) -> Asked:
    txn, member, terminal, presentation, machine, asset, scale, minor, state, expires, what = row
    assert isinstance(scale, int)
    assert isinstance(minor, int)
    assert isinstance(expires, int)
    amount = Money(minor, Asset(str(asset), scale))
    standing = approval_stands(str(state), expires, at.ms)
    left = max(0, expires - at.ms) if standing is ApprovalState.WAITING else 0
    return Asked(
        str(txn), str(member), str(terminal), str(presentation), str(machine), amount, standing, left, str(what)
    )


def _told(one: Asked) -> Approval:
    return Approval(TxnId(one.txn), one.state, WireMoney.of(one.amount), one.machine, one.left_ms)


def _wake(unit: Unit, one: Asked) -> None:
    facts = {"txn": one.txn, "amount": one.amount.decimal(), "currency": one.amount.asset.code, "machine": one.machine}
    facts["what"] = one.what
    unit.tell(members.TOPIC, members.MemberEvent(one.member, ASKED, facts))
