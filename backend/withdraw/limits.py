"""Limits: whether this machine may pay, and how much this member may have here now."""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.market.rules import Board, Pair, Side
from backend.members import desk as members
from backend.refused import Refused
from backend.store import Unit
from backend.terminals import shops
from backend.terminals.shops import CashSide
from backend.withdraw.rules import DAY_MS, Used, net_of_fee, room_left, unapproved_left
from backend.withdraw.teller import Teller
from core.asset import Asset, AssetKind
from core.faults import Refusal
from core.faults.money import AMOUNT_BAD
from core.faults.withdrawal import MACHINE_UNFIT, OVER_DAY, OVER_LIMIT, OVER_MACHINE
from core.messages import CoinWorth, LimitsRequest, WithdrawLimits
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money

MODES = frozenset({"atm", "kiosk"})


def limits(
    unit: Unit, teller: Teller, board: Board, *, terminal: str, request: LimitsRequest, at: Moment
) -> WithdrawLimits:
    """What this member may withdraw here now. Coins without a believable price count for nothing; fiat always counts.

    `limit` takes one coin, the best one, with the fiat: a withdrawal sells one coin. Raises `Refused`: MACHINE_UNFIT
    and what the presentation is refused for.
    """
    shown = members.presented(unit, request.presentation, request.txn, terminal, at)
    fit_machine(unit, terminal)
    terms, fiat = teller.terms, teller.fiat
    wallet = members.wallet_of(shown.member)
    free = Money(ledger.available(unit, wallet, fiat), fiat)
    worths = [
        (Money(quantity, coin), value)
        for coin in coins_of(unit)
        if (quantity := ledger.available(unit, wallet, coin)) > 0
        and (value := _value(board, Money(quantity, coin), fiat, terms.spread_bp)) is not None
    ]
    best = max((value for _, value in worths), default=Money.zero(fiat))
    counted = used(unit, shown.member, terminal, at)
    room = room_left(terms, counted)
    return WithdrawLimits(
        txn=request.txn,
        fiat=WireMoney.of(free),
        coins=tuple(
            CoinWorth(WireMoney.of(quantity), WireMoney.of(net_of_fee(value, terms.fee_bp)))
            for quantity, value in worths
        ),
        day_left=_won(max(0, terms.day_max - counted.member), fiat),
        unapproved=_won(min(unapproved_left(terms, counted, shown.source), room), fiat),
        limit=_won(min(net_of_fee(free + best, terms.fee_bp).minor, room), fiat),
        fee_bp=terms.fee_bp,
    )


def fit_machine(unit: Unit, terminal: str) -> CashSide:
    """The machine, if it is one that pays cash now. Raises `Refused`."""
    side = shops.cash_side(unit, terminal)
    if not side.active or side.mode not in MODES or not side.vault_key:
        raise Refused.by(MACHINE_UNFIT, f"{side.mode}, active {side.active}", status=403)
    return side


def used(unit: Unit, member: str, terminal: str, at: Moment) -> Used:
    """What counts now: withdrawals from their hold on, with what the member has paid for in the end, and gift cards."""
    since = at.ms - DAY_MS
    row = unit.one(
        "SELECT coalesce(sum(kept), 0), coalesce(sum(CASE approved WHEN 0 THEN kept ELSE 0 END), 0) FROM withdrawal"
        " WHERE member = ? AND authorised_at > ?",
        (member, since),
    )
    paid = unit.one(
        "SELECT coalesce(sum(kept), 0) FROM withdrawal WHERE terminal = ? AND authorised_at > ?", (terminal, since)
    )
    # A gift card is value that left as well; the table is `backend.giftcards`', which stands above this system.
    cards = unit.one(
        "SELECT coalesce(sum(face), 0), coalesce(sum(CASE approved WHEN 0 THEN face ELSE 0 END), 0) FROM gift_sale"
        " WHERE member = ? AND at > ?",
        (member, since),
    )
    assert row is not None, "a sum has one row"
    assert cards is not None, "a sum has one row"
    assert paid is not None, "a sum has one row"
    return Used(row[0] + cards[0], row[1] + cards[1], paid[0])


def unapproved(unit: Unit, teller: Teller, shown: members.Presented, terminal: str, at: Moment) -> Money:
    """What this member may have here now without approving it on the phone."""
    counted = used(unit, shown.member, terminal, at)
    return Money(unapproved_left(teller.terms, counted, shown.source), teller.fiat)


def within(teller: Teller, counted: Used, amount: Money) -> None:
    """Raises `Refused` for an amount that is none, or above a limit."""
    terms = teller.terms
    if amount.asset != teller.fiat or amount.minor <= 0:
        raise Refused.by(AMOUNT_BAD, f"notes are of {teller.fiat.code}, and above zero", status=422)
    if amount.minor > terms.each_max:
        raise Refused.by(OVER_LIMIT, status=422)
    if amount.minor > terms.day_max - counted.member:
        raise Refused.by(OVER_DAY, status=422)
    if amount.minor > min(terms.machine_each_max, terms.machine_day_max - counted.machine):
        raise Refused.by(OVER_MACHINE, status=422)


def coins_of(unit: Unit) -> list[Asset]:
    return [asset for asset, kind in ledger.assets(unit) if kind is AssetKind.COIN]


def _value(board: Board, quantity: Money, fiat: Asset, spread_bp: int) -> Money | None:
    found = board.price(Pair(quantity.asset, fiat), Side.SELL)
    return None if isinstance(found, Refusal) else found.rate.moved(-spread_bp).value(quantity)


def _won(minor: int, fiat: Asset) -> WireMoney:
    return WireMoney.of(Money(minor, fiat))
