"""Buying and selling at a machine, inside the member's own wallet: quoted, and done in one act.

The transaction id is the business key: asked again it gives the original result, whatever the clock says by then. A
trade asks no phone: what a stranger with somebody's code could do here stays in that somebody's wallet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from backend.ledger import desk as ledger
from backend.ledger.desk import Record
from backend.market.rules import Board, Pair, Side
from backend.market.rules import Price as Believed
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import capsule
from backend.settle.capsule import QuoteKeys
from backend.settle.quoting import assert_alive, no_price
from backend.settle.rules import House
from backend.settle.selling import reference
from backend.store import Unit
from backend.terminals import shops
from backend.terminals.shops import CashSide
from backend.trade.desk import postings
from backend.trade.rules import Deal, buy, sell_for
from core.asset import Asset, AssetKind
from core.faults import Refusal
from core.faults.market import PAIR_UNKNOWN
from core.faults.money import AMOUNT_BAD, NOT_ENOUGH, QUOTE_BAD, QUOTE_FOREIGN, TXN_USED
from core.faults.trade import COUNTER_UNFIT, TRADE_SHORT, TRADE_UNKNOWN
from core.ids import BadId, TxnId, base32, spoken
from core.messages import SourcePrice, TradeDone, TradeQuote, TradeQuoteRequest, TradeRequest, TradeSide
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import BadAmount, Money

KIND: Final = "c1"  # the capsule's kind: no other promise passes as one of these
MODES: Final = frozenset({"atm", "kiosk"})
QUOTE_MS: Final = 30_000  # people are walked through screens; the same as a withdrawal's


class TradeRow(NamedTuple):
    """The columns of ``counter_trade``, in the order they are written; see `tables`."""

    id: int
    txn: str
    quote_id: str
    rrn: str
    approval: str
    stan: int
    terminal: str
    presentation: str
    member: str
    machine: str
    side: str
    fiat: str
    fiat_scale: int
    coin: str
    coin_scale: int
    amount: int
    fee: int
    coins: int
    rate: int
    priced: str
    at: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A quote's capsule that came back to the machine and the business it was made for. `text` is its JSON."""

    claims: dict[str, Any]
    text: str

    def money(self, name: str, asset: str) -> Money:
        return Money(self.claims[name], Asset(*self.claims[asset]))

    @property
    def expires_at(self) -> Moment:
        return Moment(self.claims["expires"])


def fit_counter(unit: Unit, terminal: str) -> CashSide:
    """The machine, if it is one with a counter; it needs no cash side. Raises `Refused` COUNTER_UNFIT."""
    side = shops.cash_side(unit, terminal)
    if not side.active or side.mode not in MODES:
        raise Refused.by(COUNTER_UNFIT, f"{side.mode}, active {side.active}", status=403)
    return side


def quote(
    unit: Unit, house: House, board: Board, *, terminal: str, request: TradeQuoteRequest, fiat: Asset, at: Moment
) -> TradeQuote:
    """Promise what the trade comes to. Nothing is written.

    Raises `Refused`: COUNTER_UNFIT, AMOUNT_BAD, TRADE_SHORT, the price board's reason (then retryable), and what the
    presentation is refused for.
    """
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    fit_counter(unit, terminal)
    members.amount_agreed(shown, request.fiat.money())
    coins = {asset.code: asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN}
    if request.asset not in coins:
        raise Refused.by(PAIR_UNKNOWN, request.asset[:12], status=422)
    found = board.price(Pair(coins[request.asset], fiat), Side.BUY if request.side is TradeSide.BUY else Side.SELL)
    if isinstance(found, Refusal):
        raise no_price(found)
    deal = _deal(house, request, found, fiat)
    given = deal.fiat if request.side is TradeSide.BUY else deal.coins
    if ledger.available(unit, members.wallet_of(shown.member), given.asset) < given.minor:
        raise Refused.by(TRADE_SHORT, status=402)
    return _quote(house, terminal, request, deal, found, at)


def trade(unit: Unit, house: House, *, terminal: str, request: TradeRequest, at: Moment) -> TradeDone:
    """Do what was quoted, once; the same request again gives the original result, also after its quote has ended.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, TXN_USED, COUNTER_UNFIT, TRADE_SHORT, and what the
    presentation is refused for. Nothing has moved then, and nothing will.
    """
    bound = reopen(KIND, house.keys, terminal, request.txn, request.presentation, request.quote)
    known = _load(unit, request.txn)
    if known is not None:
        if (known.quote_id, known.terminal) != (bound.claims["id"], terminal):
            raise Refused.by(TXN_USED, known.txn, status=422)
        return _told(known)
    machine = fit_counter(unit, terminal)
    assert_alive(bound.expires_at, at)
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    row = _row(unit, house, machine, shown.member, request, bound, at)
    side, deal = TradeSide(row.side), _amounts(row)
    moves = postings(unit, row.member, side, *deal)
    record = Record(side.value, f"counter/{row.txn}", at, moves, row.txn, terminal, row.member, row.priced)
    try:
        ledger.post(unit, record)
    except Refused as refused:
        if refused.code == NOT_ENOUGH.code:
            raise Refused.by(TRADE_SHORT, status=402) from None
        raise
    unit.run(f"INSERT INTO counter_trade VALUES({', '.join('?' * len(row))})", row)
    fiat, _, coins = deal
    facts = {"fiat": fiat.decimal(), "currency": fiat.asset.code, "coins": coins.decimal(), "coin": coins.asset.code}
    unit.tell(members.TOPIC, members.MemberEvent(row.member, side.value, facts))
    return _told(row)


def find(unit: Unit, *, terminal: str, txn: str) -> TradeDone:
    """What became of it. Raises `Refused` 404; a foreign machine's is no more known than none."""
    try:
        row = _load(unit, TxnId(txn))
    except BadId:
        row = None
    if row is None or row.terminal != terminal:
        raise Refused.by(TRADE_UNKNOWN, status=404)
    return _told(row)


def machine_of(unit: Unit, member: str, txn: str) -> str | None:
    """The name of the machine at which this member made that trade."""
    row = unit.one("SELECT machine FROM counter_trade WHERE txn = ? AND member = ?", (txn, member))
    return None if row is None else str(row[0])


def reopen(kind: str, keys: QuoteKeys, terminal: str, txn: TxnId, presentation: str, text: str) -> Bound:
    """A capsule that comes back, checked for signature and binding but not for time.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN.
    """
    try:
        opened = capsule.open_text(kind, text, keys)
    except capsule.BadCapsule as error:
        raise Refused.by(QUOTE_BAD, str(error), status=422) from None
    claims: dict[str, Any] = msgspec.json.decode(opened)
    if (claims["txn"], claims["terminal"], claims["presentation"]) != (txn.text, terminal, presentation):
        raise Refused.by(QUOTE_FOREIGN, status=422)
    return Bound(claims, opened)


def _deal(house: House, request: TradeQuoteRequest, found: Believed, fiat: Asset) -> Deal:
    amount, terms = request.fiat.money(), house.terms
    if amount.asset != fiat or amount.minor <= 0:
        raise Refused.by(AMOUNT_BAD, f"an amount of {fiat.code} above zero", status=422)
    try:
        if request.side is TradeSide.BUY:
            return buy(amount, found.rate.moved(terms.spread_bp), terms.fee_bp)
        return sell_for(amount, found.rate.moved(-terms.spread_bp), terms.fee_bp)
    except BadAmount as error:
        raise Refused.by(AMOUNT_BAD, str(error), status=422) from None


def _quote(
    house: House, terminal: str, request: TradeQuoteRequest, deal: Deal, found: Believed, at: Moment
) -> TradeQuote:
    id, ends = base32(at.ms.to_bytes(6) + house.entropy(10)), at.plus(QUOTE_MS)
    fiat, coin = deal.fiat.asset, deal.coins.asset
    claims: dict[str, Any] = {
        "id": id,
        "txn": request.txn.text,
        "terminal": terminal,
        "presentation": request.presentation,
        "side": request.side.value,
        "fiat": [fiat.code, fiat.scale],
        "coin": [coin.code, coin.scale],
        "amount": deal.fiat.minor,
        "fee": deal.fee.minor,
        "coins": deal.coins.minor,
        "rate": deal.rate.price.minor,
        "spread_bp": house.terms.spread_bp,
        "sources": [[name, money.minor, when.ms] for name, money, when in found.sources],
        "at": at.ms,
        "expires": ends.ms,
    }
    return TradeQuote(
        quote=capsule.close(KIND, claims, house.keys),
        id=id,
        txn=request.txn,
        side=request.side,
        fiat=WireMoney.of(deal.fiat),
        fee=WireMoney.of(deal.fee),
        coins=WireMoney.of(deal.coins),
        rate=WireMoney.of(deal.rate.price),
        spread_bp=house.terms.spread_bp,
        sources=tuple(SourcePrice(name, WireMoney.of(money), when.rfc3339()) for name, money, when in found.sources),
        expires_at=ends.rfc3339(),
        ttl_ms=QUOTE_MS,
    )


def _row(
    unit: Unit, house: House, machine: CashSide, member: str, request: TradeRequest, bound: Bound, at: Moment
) -> TradeRow:
    last = unit.one("SELECT coalesce(max(id), 0) FROM counter_trade")
    assert last is not None, "a maximum has one row"
    id, claims = last[0] + 1, bound.claims
    approval = spoken(int.from_bytes(house.entropy(4)) >> 2, 6)
    (fiat, fiat_scale), (coin, coin_scale) = claims["fiat"], claims["coin"]
    return TradeRow(
        id, request.txn.text, claims["id"], reference(id, at, "T"), approval, request.stan, machine.terminal,
        request.presentation, member, machine.shop, claims["side"], fiat, fiat_scale, coin, coin_scale,
        claims["amount"], claims["fee"], claims["coins"], claims["rate"], bound.text, at.ms,
    )  # fmt: skip


def _load(unit: Unit, txn: TxnId) -> TradeRow | None:
    row = unit.one(f"SELECT {', '.join(TradeRow._fields)} FROM counter_trade WHERE txn = ?", (txn.text,))  # noqa: S608
    return None if row is None else TradeRow(*row)


def _amounts(row: TradeRow) -> tuple[Money, Money, Money]:
    """Fiat, fee and coins."""
    fiat, coin = Asset(row.fiat, row.fiat_scale), Asset(row.coin, row.coin_scale)
    return Money(row.amount, fiat), Money(row.fee, fiat), Money(row.coins, coin)


def _told(row: TradeRow) -> TradeDone:
    fiat, fee, coins = (WireMoney.of(money) for money in _amounts(row))
    rate = WireMoney.of(Money(row.rate, Asset(row.fiat, row.fiat_scale)))
    side, at = TradeSide(row.side), Moment(row.at)
    return TradeDone(TxnId(row.txn), row.rrn, row.approval, side, fiat, fee, coins, rate, at.rfc3339())
