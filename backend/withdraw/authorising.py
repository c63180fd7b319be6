"""Authorising: coins are sold and fiat moved into the wallet's withdrawal account, held there, and notes may move.

The row, the record and the hold are one unit of work: the authority is told only when all of it is on disk. The hold is
bound from its first moment: only the cash side's signed report ends it, never a clock.
"""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.ledger.desk import Record
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import feed
from backend.settle.quoting import assert_alive
from backend.settle.selling import reference
from backend.store import Unit
from backend.terminals.shops import CashSide
from backend.withdraw import books
from backend.withdraw.approving import approved
from backend.withdraw.finding import WithdrawalRow, load, write
from backend.withdraw.limits import fit_machine, used, within
from backend.withdraw.quoting import Quote, reopen
from backend.withdraw.rules import unapproved_left
from backend.withdraw.teller import Teller
from core.authority import AUTHORITY, Authority, is_nonce
from core.faults.money import BURIED, NOT_ENOUGH, TXN_USED
from core.faults.withdrawal import FUNDS_SHORT, NONCE_BAD, NONCE_USED, VAULT_FOREIGN
from core.ids import TxnId, spoken
from core.messages import WithdrawAuthorisation, WithdrawRequest, WithdrawState
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.sealed import seal

WALLET = 1  # the wallet that pays at a machine, as in a shop


def authorise(
    unit: Unit, teller: Teller, *, terminal: str, request: WithdrawRequest, at: Moment
) -> WithdrawAuthorisation:
    """Sell, move, hold and sign; the same request again gives the same authority.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, TXN_USED, BURIED (the cash side has said that nothing
    will move), MACHINE_UNFIT, VAULT_FOREIGN, NONCE_BAD, NONCE_USED, the limits, APPROVAL_*, FUNDS_SHORT, and what the
    presentation is refused for.
    """
    quote = reopen(teller.keys, terminal, request)
    known = load(unit, request.txn)
    if known is not None:
        return _authorised_before(known, quote, terminal, request)
    if ledger.is_buried(unit, request.txn.text):
        raise Refused.by(BURIED, request.txn.text)
    side = _paying(unit, teller, terminal, request)
    assert_alive(quote.expires_at, at)
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    members.amount_agreed(shown, quote.amount)
    counted = used(unit, shown.member, terminal, at)
    within(teller, counted, quote.amount)
    yes = approved(
        unit,
        txn=request.txn,
        member=shown.member,
        terminal=terminal,
        amount=quote.amount,
        at=at,
        free=unapproved_left(teller.terms, counted, shown.source),
    )
    row = _row(unit, teller, side, shown.member, request, quote, yes, at)
    if not write(unit, row):
        raise Refused.by(NONCE_USED, status=422)
    _hold(unit, row, quote, at)
    feed.tell(unit, row.member, row.operator, "withdrawal.authorised", summary(row), at)
    return _authorisation(row)


def summary(row: WithdrawalRow) -> dict[str, object]:
    """What a member's page and webhooks are told of a withdrawal."""
    fiat, cost = row.fiat_asset, row.cost(row.kept)
    told: dict[str, object] = {
        "txn": row.txn,
        "rrn": row.rrn,
        "machine": row.machine,
        "amount": Money(row.amount, fiat).decimal(),
        "kept": Money(row.kept, fiat).decimal(),
        "in_doubt": Money(row.in_doubt, fiat).decimal(),
        "currency": row.fiat,
    }
    if row.coin:
        told |= {"coins": Money(cost.coins, row.coin_asset).decimal(), "coin": row.coin}
    return told


def hold_key(id: int) -> str:
    """It counts up, so that the books grow at the end of their indexes."""
    return f"withdrawal/{id:012d}/hold"


def record_key(id: int, act: str) -> str:
    return f"withdrawal/{id:012d}/{act}"


def _paying(unit: Unit, teller: Teller, terminal: str, request: WithdrawRequest) -> CashSide:
    """The machine, if the request names its own cash side."""
    side = fit_machine(unit, terminal)
    if request.vault != teller.believes(side.vault_key)[0]:
        raise Refused.by(VAULT_FOREIGN, request.vault[:64], status=403)
    if not is_nonce(request.nonce):
        raise Refused.by(NONCE_BAD, status=422)
    return side


def _hold(unit: Unit, row: WithdrawalRow, quote: Quote, at: Moment) -> None:
    account, _, postings = books.sold(unit, row, quote.cost)
    record = Record(
        books.RECORD, record_key(row.id, "sold"), at, postings, row.txn, row.terminal, row.member, row.priced
    )
    try:
        ledger.post(unit, record)
    except Refused as refused:
        if refused.code == NOT_ENOUGH.code:
            raise Refused.by(FUNDS_SHORT, status=402) from None
        raise
    ledger.hold(unit, hold_key(row.id), account, row.amount, reason="withdrawal", at=at, expires_at=None, bound=True)


def _row(
    unit: Unit,
    teller: Teller,
    side: CashSide,
    member: str,
    request: WithdrawRequest,
    quote: Quote,
    yes: bool,
    at: Moment,
) -> WithdrawalRow:
    last = unit.one("SELECT coalesce(max(id), 0) FROM withdrawal")
    assert last is not None
    id = last[0] + 1
    amount, rate = quote.amount, quote.price.rate
    most = WireMoney.of(amount)
    said = Authority(side.terminal, request.vault, request.txn, request.nonce, most, teller.terms.authority_ms)
    return WithdrawalRow(
        id=id,
        txn=request.txn.text,
        quote_id=quote.id,
        rrn=reference(id, at, "W"),
        approval=spoken(int.from_bytes(teller.entropy(4)) >> 2, 6),
        stan=request.stan,
        terminal=side.terminal,
        presentation=request.presentation,
        member=member,
        wallet=WALLET,
        machine=side.shop,
        operator=side.seller,
        vault=request.vault,
        nonce=request.nonce,
        fiat=amount.asset.code,
        fiat_scale=amount.asset.scale,
        coin="" if rate is None else rate.coin.code,
        coin_scale=0 if rate is None else rate.coin.scale,
        amount=amount.minor,
        fee_bp=quote.price.fee_bp,
        fiat_most=quote.price.fiat_most,
        rate=0 if rate is None else rate.price.minor,
        approved=int(yes),
        priced=quote.text,
        authority=seal(AUTHORITY, said, teller.signer),
        state=WithdrawState.AUTHORISED.value,
        least=0,
        highest=0,
        kept=amount.minor,
        authorised_at=at.ms,
    )


def _authorised_before(
    known: WithdrawalRow, quote: Quote, terminal: str, request: WithdrawRequest
) -> WithdrawAuthorisation:
    """The original result, also after the end: the cash side takes no nonce twice."""
    before = (known.quote_id, known.terminal, known.vault, known.nonce)
    if before != (quote.id, terminal, request.vault, request.nonce):
        raise Refused.by(TXN_USED, known.txn, status=422)
    return _authorisation(known)


def _authorisation(row: WithdrawalRow) -> WithdrawAuthorisation:
    return WithdrawAuthorisation(TxnId(row.txn), row.rrn, row.approval, row.authority)
