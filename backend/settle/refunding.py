"""Refunds: a new movement that refers to a sale. Both outcomes are shown first; the shopper chooses.

Coins bought today at the ask (another quantity than was sold), or fiat into the wallet. The seller gives first, in the
asset of the payout; the sum of all refunds never passes what was captured. Fees and commissions are not given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.ledger import desk as ledger
from backend.ledger.desk import Account, Owner, OwnerKind, Posting, Record
from backend.market.rules import Board, Pair, Side
from backend.refused import Refused
from backend.settle import capsule, feed
from backend.settle.capsule import BadCapsule
from backend.settle.finding import SaleRow, load, printed
from backend.settle.quoting import assert_alive, no_price
from backend.settle.rules import LIQUIDITY, House, Seller, merged
from backend.settle.selling import reference, summary
from backend.settle.undoing import taken
from backend.store.unit import Unit
from core.faults import Refusal
from core.faults.money import (
    AMOUNT_BAD,
    NOT_REFUNDABLE,
    QUOTE_BAD,
    QUOTE_FOREIGN,
    QUOTE_USED,
    SALE_UNKNOWN,
    SELLER_SHORT,
    TXN_USED,
)
from core.ids import TxnId, base32
from core.messages import RefundAsk, RefundChoice, RefundDone, RefundOffer, RefundOption, RefundRequest, SaleState
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.proof import Kind, ReceiptFacts


@dataclass(frozen=True, slots=True)
class Offered:
    """A refund offer that came back. `coins` is None where no coin could be bought; `seller_gives` in minor units."""

    id: str
    amount: int
    coins: int | None
    rate: int | None
    seller_gives: int
    expires_at: Moment


def refund_offer(
    unit: Unit, house: House, board: Board, *, terminal: str, seller: Seller, request: RefundAsk, at: Moment
) -> RefundOffer:
    """Both outcomes for the same fiat amount. Without a believable price only fiat is offered.

    Raises `Refused`: SALE_UNKNOWN, AMOUNT_BAD, NOT_REFUNDABLE, and the price board's reason where the seller was paid
    in the coin (then what the seller gives back must be priced).
    """
    row = _refundable(unit, request.sale, seller.id)
    amount = request.amount.money()
    if amount.asset != row.fiat_asset or amount.minor <= 0:
        raise Refused.by(AMOUNT_BAD, "an amount above zero in the currency of the sale", status=422)
    _assert_left(row, amount.minor)
    pair = Pair(row.coin_asset, row.fiat_asset)
    ask, bid = board.price(pair, Side.BUY), board.price(pair, Side.SELL)
    options: list[RefundOption] = []
    coins = rate = None
    if not isinstance(ask, Refusal):
        bought = ask.rate.moved(house.terms.spread_bp)
        coins, rate = bought.quantity_down(amount).minor, bought.price.minor
    if coins:
        gives = WireMoney.of(Money(coins, row.coin_asset))
        options.append(RefundOption(RefundChoice.COINS_TODAY, gives, WireMoney.of(Money(rate or 0, row.fiat_asset))))
    options.append(RefundOption(RefundChoice.FIAT, WireMoney.of(amount)))
    seller_gives = amount.minor
    if row.payout == "coin":
        if isinstance(bid, Refusal):
            raise no_price(bid)
        seller_gives = bid.rate.moved(-house.terms.spread_bp).quantity(amount).minor
    expires_at = at.plus(house.terms.refund_offer_ms)
    claims: dict[str, Any] = {
        "id": base32(at.ms.to_bytes(6) + house.entropy(10)),
        "txn": request.txn.text,
        "sale": row.txn,
        "terminal": terminal,
        "amount": amount.minor,
        "coins": coins or None,
        "rate": rate,
        "seller_gives": seller_gives,
        "expires": expires_at.ms,
    }
    return RefundOffer(
        offer=capsule.close(capsule.REFUND, claims, house.keys),
        sale=TxnId(row.txn),
        amount=request.amount,
        options=tuple(options),
        expires_at=expires_at.rfc3339(),
        ttl_ms=house.terms.refund_offer_ms,
    )


def refund(
    unit: Unit, house: House, *, terminal: str, seller: Seller, request: RefundRequest, at: Moment
) -> RefundDone:
    """Give back what was offered; the same request again gives the same result.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, QUOTE_USED, SALE_UNKNOWN, NOT_REFUNDABLE, SELLER_SHORT,
    TXN_USED.
    """
    offered = _reopen(house, terminal, request)
    before = unit.one(
        "SELECT sale, choice, offer_id, rrn, amount, given, rate, at FROM refund WHERE txn = ?", (request.txn.text,)
    )
    row = _refundable(unit, request.sale, seller.id, again=before is not None)
    if before is not None:
        if before[:3] != (request.sale.text, request.choice.value, offered.id):
            raise Refused.by(TXN_USED, request.txn.text, status=422)
        return _done(house, row, terminal, request.txn, request.choice, *before[3:])
    assert_alive(offered.expires_at, at)
    _assert_left(row, offered.amount)
    given, rate = _given(offered, request.choice)
    last = unit.one("SELECT coalesce(max(id), 0) FROM refund")
    assert last is not None
    rrn = reference(last[0] + 1, at, "R")
    written = unit.run(
        "INSERT INTO refund(id, txn, offer_id, rrn, sale, terminal, choice, amount, given, rate, at)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            last[0] + 1,
            request.txn.text,
            offered.id,
            rrn,
            row.txn,
            terminal,
            request.choice.value,
            offered.amount,
            given,
            rate,
            at.ms,
        ),
    )
    if not written:
        raise Refused.by(QUOTE_USED, offered.id)
    unit.run("UPDATE sale SET refunded = refunded + ? WHERE id = ?", (offered.amount, row.id))
    postings = _postings(unit, house, row, offered, request.choice, given)
    ledger.post(unit, Record("refund", f"refund/{last[0] + 1:012d}", at, postings, row.txn, terminal, row.seller))
    body = {**summary(row), "refund": request.txn.text, "choice": request.choice.value}
    feed.tell(unit, row.member, row.seller, "sale.refunded", body, at)
    return _done(house, row, terminal, request.txn, request.choice, rrn, offered.amount, given, rate, at.ms)


def _postings(
    unit: Unit, house: House, row: SaleRow, offered: Offered, choice: RefundChoice, given: int
) -> tuple[Posting, ...]:
    """The seller gives to the house in the asset of the payout, the house gives the shopper what was chosen."""
    fiat, coin = row.fiat_asset, row.coin_asset
    paid = fiat if row.payout == "fiat" else coin
    got = fiat if choice is RefundChoice.FIAT else coin
    owner = Owner(OwnerKind.SELLER, row.seller)
    seller = ledger.account(unit, owner, paid)
    member = ledger.account(unit, Owner(OwnerKind.MEMBER, row.member, row.wallet), got)
    house_in, house_out = ledger.account(unit, LIQUIDITY, paid), ledger.account(unit, LIQUIDITY, got)
    plain = merged(
        [
            Posting(seller, -offered.seller_gives),
            Posting(house_in, offered.seller_gives),
            Posting(house_out, -given),
            Posting(member, given),
        ]
    )
    covered = taken(unit, owner, plain)
    _assert_owing(unit, house, row, seller, covered)
    return covered


def _assert_owing(unit: Unit, house: House, row: SaleRow, seller: Account, postings: tuple[Posting, ...]) -> None:
    """A seller may owe up to `owing_max` of fiat, and nothing of a coin."""
    more = -sum(one.minor for one in postings if one.account.owner.kind is OwnerKind.RECEIVABLE)
    if not more:
        return
    owing = -ledger.available(unit, Owner(OwnerKind.RECEIVABLE, row.seller), seller.asset)
    allowed = house.terms.owing_max if row.payout == "fiat" else 0
    if owing + more > allowed:
        raise Refused.by(SELLER_SHORT, status=402)


def _refundable(unit: Unit, txn: TxnId, seller: str, *, again: bool = False) -> SaleRow:
    row = load(unit, txn)
    if row is None or row.seller != seller:
        raise Refused.by(SALE_UNKNOWN, txn.text, status=404)
    if row.state != SaleState.SETTLED.value and not again:
        raise Refused.by(NOT_REFUNDABLE, f"{row.txn} is {row.state}")
    return row


def _assert_left(row: SaleRow, minor: int) -> None:
    if row.refunded + minor > row.price:
        raise Refused.by(NOT_REFUNDABLE, f"{row.txn}: more than is left")


def _reopen(house: House, terminal: str, request: RefundRequest) -> Offered:
    try:
        claims = capsule.open_(capsule.REFUND, request.offer, house.keys)
    except BadCapsule as error:
        raise Refused.by(QUOTE_BAD, str(error), status=422) from None
    if (claims["txn"], claims["sale"], claims["terminal"]) != (request.txn.text, request.sale.text, terminal):
        raise Refused.by(QUOTE_FOREIGN, status=422)
    return Offered(
        claims["id"],
        claims["amount"],
        claims["coins"],
        claims["rate"],
        claims["seller_gives"],
        Moment(claims["expires"]),
    )


def _given(offered: Offered, choice: RefundChoice) -> tuple[int, int | None]:
    if choice is RefundChoice.FIAT:
        return offered.amount, None
    if offered.coins is None:
        raise Refused.by(NOT_REFUNDABLE, "coins were not offered", status=422)
    return offered.coins, offered.rate


def _done(
    house: House,
    row: SaleRow,
    terminal: str,
    txn: TxnId,
    choice: RefundChoice,
    rrn: str,
    amount: int,
    given: int,
    rate: int | None,
    at_ms: int,
) -> RefundDone:
    fiat = row.fiat_asset
    got = Money(given, fiat if choice is RefundChoice.FIAT else row.coin_asset)
    at = Moment(at_ms)
    facts = ReceiptFacts(
        Kind.REFUND,
        rrn,
        txn,
        terminal,
        at,
        Money(amount, fiat),
        got,
        Money.zero(fiat),
        got,
        None if rate is None else Money(rate, fiat),
        "",
        printed(row.shop),
        TxnId(row.txn),
    )
    return RefundDone(
        txn=txn,
        sale=TxnId(row.txn),
        rrn=rrn,
        choice=choice,
        amount=WireMoney.of(Money(amount, fiat)),
        given=WireMoney.of(got),
        refunded_at=at.rfc3339(),
        proof=house.seal(facts),
    )
