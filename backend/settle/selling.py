"""Selling: authorise holds the coins, capture settles the sale in one record; sell does both at once.

The quote is used up by the sale's row (its id is unique). What was captured is always what was held: price, quantity
and fee are those of the quote, whatever the market does meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backend.ledger import desk as ledger
from backend.ledger.desk import Account, Owner, OwnerKind, Posting, Record
from backend.refused import Refused
from backend.settle import feed
from backend.settle.finding import SaleRow, capture_key, captured, hold_key, load, own, write
from backend.settle.quoting import Quote, assert_alive, reopen
from backend.settle.rules import FEES, LIQUIDITY, Books, House, Presented, Seller, paid_out, sale_postings
from backend.store.unit import Unit
from core.faults.money import BURIED, COINS_SHORT, HOLD_EXPIRED, NOT_ENOUGH, QUOTE_USED, SALE_OVER, TXN_USED
from core.ids import TxnId, spoken
from core.messages import Authorisation, AuthoriseRequest, Capture, CaptureRequest, SaleState
from core.moment import Moment
from core.money import Money

DAY_MS = 86_400_000


def authorise(
    unit: Unit,
    house: House,
    *,
    terminal: str,
    seller: Seller,
    commission_bp: int,
    presented: Presented,
    request: AuthoriseRequest,
    at: Moment,
) -> Authorisation:
    """Reserve what the quote says; the same request again gives the same authorisation.

    Raises `Refused`: QUOTE_BAD, QUOTE_FOREIGN, QUOTE_EXPIRED, QUOTE_USED, COINS_SHORT, TXN_USED, SALE_OVER, BURIED.
    """
    quote = reopen(house.keys, terminal, request)
    known = load(unit, request.txn)
    if known is not None:
        return _authorised_before(known, quote, terminal)
    account = _account(unit, request, quote, presented, at)
    row = _row(unit, house, terminal, seller, commission_bp, presented, request, quote, account.id, at)
    if not write(unit, row):
        raise Refused.by(QUOTE_USED, quote.id, status=409)
    ends = Moment(row.expires_at)
    with _coins_short():
        ledger.hold(unit, hold_key(row.id), account, quote.sum.total.minor, reason="sale", at=at, expires_at=ends)
    return _authorisation(row)


def capture(unit: Unit, house: House, *, terminal: str, request: CaptureRequest, at: Moment) -> Capture:
    """Settle an authorised sale; again gives the same capture.

    Raises `Refused`: SALE_UNKNOWN, SALE_OVER (reversed, voided, expired), HOLD_EXPIRED.
    """
    row = own(unit, request.txn, terminal)
    if row.state == SaleState.SETTLED.value:
        return captured(house, row)
    if row.state != SaleState.AUTHORISED.value:
        raise Refused.by(SALE_OVER, f"{row.txn} is {row.state}")
    member = ledger.Account(row.account, Owner(OwnerKind.MEMBER, row.member, row.wallet), row.coin_asset)
    ledger.capture(unit, hold_key(row.id), _record(unit, row, member, at))
    unit.run(
        "UPDATE sale SET state = 'settled', settled_at = ?, tally = 'sale' WHERE id = ?",
        (at.ms, row.id),
    )
    return _told(unit, house, _settled(row, at), at)


def sell(
    unit: Unit,
    house: House,
    *,
    terminal: str,
    seller: Seller,
    commission_bp: int,
    presented: Presented,
    request: AuthoriseRequest,
    at: Moment,
) -> Capture:
    """Authorise and capture in one act (ISO 8583 0200): the same checks, the same sale and record in the end, and no
    hold, because nothing happens in between. Again, or after `authorise`, it gives the sale's one capture.

    Raises `Refused`: what `authorise` and `capture` do.
    """
    quote = reopen(house.keys, terminal, request)
    known = load(unit, request.txn)
    if known is not None:
        _authorised_before(known, quote, terminal)
        return capture(unit, house, terminal=terminal, request=CaptureRequest(request.txn), at=at)
    account = _account(unit, request, quote, presented, at)
    row = _settled(_row(unit, house, terminal, seller, commission_bp, presented, request, quote, account.id, at), at)
    if not write(unit, row):
        raise Refused.by(QUOTE_USED, quote.id, status=409)
    with _coins_short():
        ledger.post(unit, _record(unit, row, account, at))
    return _told(unit, house, row, at)


def credit(seller: Account, debt: Account, owing: int, minor: int) -> tuple[Posting, ...]:
    """The seller gets `minor` units; what the seller owes from before (`owing` below zero) is paid first."""
    back = min(minor, -owing)
    return (ledger.get(debt, back), ledger.get(seller, minor - back))


def summary(row: SaleRow) -> dict[str, object]:
    """What a member's page and webhooks are told of a sale."""
    total = Money(row.quantity + row.fee_quantity, row.coin_asset)
    return {
        "txn": row.txn,
        "rrn": row.rrn,
        "shop": row.shop,
        "price": Money(row.price, row.fiat_asset).decimal(),
        "currency": row.fiat,
        "total": total.decimal(),
        "coin": row.coin,
    }


def _account(unit: Unit, request: AuthoriseRequest, quote: Quote, presented: Presented, at: Moment) -> Account:
    """The wallet's account that a new sale takes the coins from."""
    if ledger.is_buried(unit, request.txn.text):
        raise Refused.by(BURIED, request.txn.text)
    assert_alive(quote.expires_at, at)
    owner = Owner(OwnerKind.MEMBER, presented.member, presented.wallet)
    account = ledger.find(unit, owner, quote.sum.total.asset)
    if account is None:
        raise Refused.by(COINS_SHORT, status=402)
    return account


@contextmanager
def _coins_short() -> Iterator[None]:
    """The ledger's no to the shopper's coins, in the words of a sale."""
    try:
        yield
    except Refused as refused:
        if refused.code == NOT_ENOUGH.code:
            raise Refused.by(COINS_SHORT, status=402) from None
        raise


def _record(unit: Unit, row: SaleRow, member: Account, at: Moment) -> Record:
    """What the whole sale books."""
    fiat, coin = row.fiat_asset, row.coin_asset
    paid = paid_out(Money(row.price, fiat), Money(row.quantity, coin), row.payout, row.commission_bp)
    asset = paid.amount.asset
    agency, seller, debt = (
        (Owner(kind, whose), asset)
        for kind, whose in (
            (OwnerKind.AGENCY, row.agency),
            (OwnerKind.SELLER, row.seller),
            (OwnerKind.RECEIVABLE, row.seller),
        )
    )
    found = ledger.several(unit, ((LIQUIDITY, coin), (LIQUIDITY, fiat), (FEES, coin), agency, seller, debt))
    books = Books(member, *(account for account, _ in found[:4]))
    credited = credit(found[4][0], *found[5], paid.amount.minor)
    postings = sale_postings(books, row.price, row.quantity, row.fee_quantity, paid, credited)
    return Record("sale", capture_key(row.id), at, postings, row.txn, row.terminal, row.seller, row.priced)


def _told(unit: Unit, house: House, row: SaleRow, at: Moment) -> Capture:
    """The settled sale, and word of it to member and seller."""
    feed.tell(unit, row.member, row.seller, "sale.settled", summary(row), at)
    return captured(house, row)


def _row(
    unit: Unit,
    house: House,
    terminal: str,
    seller: Seller,
    commission_bp: int,
    presented: Presented,
    request: AuthoriseRequest,
    quote: Quote,
    account: int,
    at: Moment,
) -> SaleRow:
    last = unit.one("SELECT coalesce(max(id), 0) FROM sale")
    assert last is not None
    id = last[0] + 1
    made = quote.sum
    return SaleRow(
        id=id,
        txn=request.txn.text,
        quote_id=quote.id,
        rrn=reference(id, at),
        approval=spoken(int.from_bytes(house.entropy(4)) >> 2, 6),
        stan=request.stan,
        terminal=terminal,
        presentation=request.presentation,
        seller=seller.id,
        shop=seller.shop,
        payout=seller.payout,
        agency=seller.agency,
        commission_bp=commission_bp,
        member=presented.member,
        wallet=presented.wallet,
        account=account,
        fiat=made.price.asset.code,
        fiat_scale=made.price.asset.scale,
        coin=made.quantity.asset.code,
        coin_scale=made.quantity.asset.scale,
        price=made.price.minor,
        quantity=made.quantity.minor,
        fee=made.fee.minor,
        fee_quantity=made.fee_quantity.minor,
        rate=made.rate.price.minor,
        priced=quote.priced,
        state=SaleState.AUTHORISED.value,
        authorised_at=at.ms,
        expires_at=at.plus(house.terms.hold_ms).ms,
    )


def reference(number: int, at: Moment, mark: str = "") -> str:
    """A retrieval reference (ISO 8583 field 37): 12 characters, four of the day, eight of a running number.

    The day repeats after 10,000 days and the number after 10^8; both together never within that time. `mark` takes
    the place of the first digit, to keep refunds apart from sales.
    """
    day = f"{at.ms // DAY_MS % 10_000:04d}"
    return f"{mark}{day[len(mark) :]}{number % 10**8:08d}"


def _authorised_before(known: SaleRow, quote: Quote, terminal: str) -> Authorisation:
    if known.quote_id != quote.id or known.terminal != terminal:
        raise Refused.by(TXN_USED, known.txn, status=422)
    if known.state == SaleState.EXPIRED.value:
        raise Refused.by(HOLD_EXPIRED, known.txn)
    if known.state not in (SaleState.AUTHORISED.value, SaleState.SETTLED.value):
        raise Refused.by(SALE_OVER, f"{known.txn} is {known.state}")
    return _authorisation(known)


def _authorisation(row: SaleRow) -> Authorisation:
    return Authorisation(TxnId(row.txn), row.rrn, row.approval, Moment(row.expires_at).rfc3339())


def _settled(row: SaleRow, at: Moment) -> SaleRow:
    return row._replace(state=SaleState.SETTLED.value, settled_at=at.ms, tally="sale")
