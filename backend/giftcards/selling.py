"""Selling a card in one act under the transaction id; asked again it tells the same code.

The code leaves the stock, the money moves and the sale is written in one unit of work: whatever stops it, the code is
unsold and nothing has moved. Value leaves the wallet here as notes do, so the same approvals and the same day count.
"""

from __future__ import annotations

from typing import Final

from backend.giftcards import stock
from backend.giftcards.finding import Clerk, SaleRow, load, told
from backend.giftcards.quoting import KIND
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.members import desk as members
from backend.refused import Refused
from backend.settle.quoting import assert_alive
from backend.settle.rules import FEES, LIQUIDITY
from backend.settle.selling import reference
from backend.store import Unit
from backend.terminals.shops import CashSide
from backend.trade.terminal import Bound, fit_counter, reopen
from backend.withdraw.desk import approve_gift
from core.asset import Asset
from core.faults.giftcards import CARD_SHORT
from core.faults.money import NOT_ENOUGH, TXN_USED
from core.ids import spoken
from core.messages import GiftRequest, GiftSold
from core.moment import Moment

RECORD: Final = "giftcard"


def issuer_account(issuer: str) -> Owner:
    """What the issuer is owed for the cards that were sold."""
    return Owner(OwnerKind.HOUSE, f"giftcards:{issuer}")


def sell(unit: Unit, clerk: Clerk, *, terminal: str, request: GiftRequest, at: Moment) -> GiftSold:
    """Sell the card that was quoted, once; the same request again tells the same code, also after the quote's end.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, TXN_USED, COUNTER_UNFIT, APPROVAL_*, OVER_DAY,
    OUT_OF_STOCK, CARD_SHORT, and what the presentation is refused for. Nothing has moved then, and nothing will.
    """
    bound = reopen(KIND, clerk.teller.keys, terminal, request.txn, request.presentation, request.quote)
    claims = bound.claims
    known = load(unit, request.txn)
    if known is not None:
        if (known.quote_id, known.terminal) != (claims["id"], terminal):
            raise Refused.by(TXN_USED, known.txn, status=422)
        return told(unit, known, stock.code_of(unit, clerk.sealer, known.stock))
    machine = fit_counter(unit, terminal)
    assert_alive(bound.expires_at, at)
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    face = bound.money("face", "fiat")
    members.amount_agreed(shown, face)
    what = stock.issuer_of(unit, claims["issuer"]).name
    yes = approve_gift(unit, clerk.teller, shown, terminal=terminal, amount=face, what=what, at=at)
    taken, code = stock.take(unit, clerk.sealer, request.txn.text, claims["issuer"], face)
    row = _row(unit, clerk, machine, shown.member, request, bound, taken, yes, at)
    _book(unit, row, claims["sold"], at)
    unit.run(f"INSERT INTO gift_sale VALUES({', '.join('?' * len(row))})", row)
    facts = {"txn": row.txn, "face": face.decimal(), "currency": row.fiat, "issuer": what}
    unit.tell(members.TOPIC, members.MemberEvent(row.member, RECORD, facts))
    return told(unit, row, code)


def _row(
    unit: Unit,
    clerk: Clerk,
    machine: CashSide,
    member: str,
    request: GiftRequest,
    bound: Bound,
    taken: int,
    yes: bool,
    at: Moment,
) -> SaleRow:
    last = unit.one("SELECT coalesce(max(id), 0) FROM gift_sale")
    assert last is not None, "a maximum has one row"
    id, claims = last[0] + 1, bound.claims
    approval = spoken(int.from_bytes(clerk.teller.entropy(4)) >> 2, 6)
    (fiat, fiat_scale), (coin, coin_scale) = claims["fiat"], claims["coin"]
    return SaleRow(
        id, request.txn.text, claims["id"], reference(id, at, "G"), approval, request.stan, machine.terminal,
        request.presentation, member, machine.shop, claims["issuer"], taken, fiat, fiat_scale, coin, coin_scale,
        claims["face"], claims["fee"], claims["from_fiat"], claims["coins"], claims["rate"], int(yes), bound.text,
        at.ms,
    )  # fmt: skip


def _book(unit: Unit, row: SaleRow, sold: int, at: Moment) -> None:
    """One record: the wallet pays, coins are sold in it, the issuer is owed the face, the house has its fee."""
    member, fiat = members.wallet_of(row.member), Asset(row.fiat, row.fiat_scale)
    moves = [
        (member, fiat, -row.from_fiat),
        (issuer_account(row.issuer), fiat, row.face),
        (FEES, fiat, row.fee),
        (LIQUIDITY, fiat, -sold),
    ]
    if row.coins_sold is not None:
        coin = row.coins_sold.asset
        moves += [(member, coin, -row.coins), (LIQUIDITY, coin, row.coins)]
    postings = tuple(Posting(ledger.account(unit, owner, asset), minor) for owner, asset, minor in moves if minor)
    record = Record(RECORD, f"{RECORD}/{row.txn}", at, postings, row.txn, row.terminal, row.member, row.priced)
    try:
        ledger.post(unit, record)
    except Refused as refused:
        if refused.code == NOT_ENOUGH.code:
            raise Refused.by(CARD_SHORT, status=402) from None
        raise
