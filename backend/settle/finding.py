"""Sales as rows, and as what the far side is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from backend.ledger import desk as ledger
from backend.refused import Refused
from backend.settle.rules import House, paid_out
from backend.store.unit import Unit
from core.asset import Asset
from core.faults.money import SALE_UNKNOWN
from core.ids import BadId, TxnId
from core.messages import Capture, Payout, Sale, SaleState, WireMoney
from core.moment import Moment
from core.money import Money
from core.proof import SHOP_MAX, Kind, ReceiptFacts

PAGE_MAX = 200  # sales of one page
REFERENCE_MAX = 40  # characters of a txn or rrn; more is not a reference


# An asset checks its code by a pattern; a sale would ask for it a dozen times. The exchange keeps far fewer than these.
_asset = lru_cache(maxsize=256)(Asset)


class SaleRow(NamedTuple):
    """The columns of ``sale``, in the order they are written; see `tables`.

    A tuple because a row comes and goes as one: a frozen dataclass of 34 fields takes ten times as long to make.
    """

    id: int
    txn: str
    quote_id: str
    rrn: str
    approval: str
    stan: int
    terminal: str
    presentation: str
    seller: str
    shop: str
    payout: str
    agency: str
    commission_bp: int
    member: str
    wallet: int
    account: int
    fiat: str
    fiat_scale: int
    coin: str
    coin_scale: int
    price: int
    quantity: int
    fee: int
    fee_quantity: int
    rate: int
    priced: str
    state: str
    authorised_at: int
    expires_at: int
    settled_at: int | None = None
    ended_at: int | None = None
    refunded: int = 0
    tally: str | None = None
    batch: int | None = None

    @property
    def fiat_asset(self) -> Asset:
        return _asset(self.fiat, self.fiat_scale)

    @property
    def coin_asset(self) -> Asset:
        return _asset(self.coin, self.coin_scale)

    @property
    def voidable(self) -> bool:
        return self.state == SaleState.SETTLED.value and self.tally == "sale" and self.refunded == 0


COLUMNS = ", ".join(SaleRow._fields)
_BY_TXN = f"SELECT {COLUMNS} FROM sale WHERE txn = ?"  # noqa: S608 - our own column names
_INSERT = f"INSERT INTO sale({COLUMNS}) VALUES({', '.join('?' for _ in SaleRow._fields)}) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Listed:
    """One sale in a list. `id` pages; `shop` and `coin` for people."""

    id: int
    sale: Sale
    terminal: str
    shop: str


def load(unit: Unit, txn: TxnId) -> SaleRow | None:
    row = unit.one(_BY_TXN, (txn.text,))
    return None if row is None else SaleRow(*row)


def write(unit: Unit, row: SaleRow) -> bool:
    """Write a new sale; false when its transaction or its quote is there already."""
    return unit.run(_INSERT, row) == 1


def own(unit: Unit, txn: TxnId, terminal: str) -> SaleRow:
    """The sale of this terminal. Raises `Refused` 404; a foreign sale is no more known than none."""
    row = load(unit, txn)
    if row is None or row.terminal != terminal:
        raise Refused.by(SALE_UNKNOWN, txn.text, status=404)
    return row


def find_sale(unit: Unit, house: House, *, seller: str, reference: str, at: Moment) -> Sale:
    """The seller's sale by transaction id or by rrn. A reversed unknown says so. Raises `Refused` 404."""
    if len(reference) > REFERENCE_MAX:
        raise Refused.by(SALE_UNKNOWN, "not a reference", status=404)
    found = unit.one(
        f"SELECT {COLUMNS} FROM sale WHERE (txn = ?1 OR rrn = ?1) AND seller = ?2",  # noqa: S608
        (reference, seller),
    )
    if found is not None:
        return told(house, SaleRow(*found))
    try:
        txn = TxnId(reference)
    except BadId:
        raise Refused.by(SALE_UNKNOWN, "no such reference", status=404) from None
    if ledger.is_buried(unit, txn.text):
        return Sale(txn, "", SaleState.REVERSED, at.rfc3339())
    raise Refused.by(SALE_UNKNOWN, txn.text, status=404)


def recent(
    unit: Unit,
    house: House,
    *,
    seller: str | None = None,
    member: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Listed]:
    """Sales of one seller or one member, newest first; `before` is the last `id` of the page seen."""
    assert (seller is None) != (member is None), "of a seller or of a member"
    column, whose = ("seller", seller) if seller is not None else ("member", member)
    rows = unit.all(
        f"SELECT {COLUMNS} FROM sale WHERE {column} = ? AND id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
        (whose, 2**63 - 1 if before is None else before, min(limit, PAGE_MAX)),
    )
    return [_listed(house, SaleRow(*row)) for row in rows]


def told(house: House, row: SaleRow) -> Sale:
    """What the far side is told of a sale."""
    at = Moment(row.ended_at or row.settled_at or row.authorised_at)
    settled = row.settled_at is not None
    left = row.price - row.refunded if row.state == SaleState.SETTLED.value else 0
    return Sale(
        txn=TxnId(row.txn),
        rrn=row.rrn,
        state=SaleState(row.state),
        at=at.rfc3339(),
        price=WireMoney.of(Money(row.price, row.fiat_asset)),
        refundable=WireMoney.of(Money(left, row.fiat_asset)),
        voidable=row.voidable,
        capture=captured(house, row) if settled else None,
        proof=house.seal(_facts(row, Kind.VOID, at)) if row.state == SaleState.VOIDED.value else "",
    )


def captured(house: House, row: SaleRow) -> Capture:
    """The settled sale as its receipt states it; always the same for the same row."""
    assert row.settled_at is not None
    facts = _facts(row, Kind.SALE, Moment(row.settled_at))
    assert facts.rate is not None
    paid = paid_out(facts.price, facts.quantity, row.payout, row.commission_bp)
    return Capture(
        txn=facts.txn,
        rrn=row.rrn,
        approval_code=row.approval,
        price=WireMoney.of(facts.price),
        quantity=WireMoney.of(facts.quantity),
        fee=WireMoney.of(facts.fee),
        total=WireMoney.of(facts.total),
        rate=WireMoney.of(facts.rate),
        payout=Payout(WireMoney.of(paid.amount), WireMoney.of(paid.commission)),
        settled_at=facts.at.rfc3339(),
        proof=house.seal(facts),
    )


def _facts(row: SaleRow, kind: Kind, at: Moment) -> ReceiptFacts:
    """What the paper of a settled sale, or of its void at `at`, may state: a void takes back exactly what was sold."""
    price, fee, rate = (Money(minor, row.fiat_asset) for minor in (row.price, row.fee, row.rate))
    quantity, total = (Money(minor, row.coin_asset) for minor in (row.quantity, row.quantity + row.fee_quantity))
    txn, shop = TxnId(row.txn), printed(row.shop)
    voided = txn if kind is Kind.VOID else None
    return ReceiptFacts(
        kind, row.rrn, txn, row.terminal, at, price, quantity, fee, total, rate, row.approval, shop, voided
    )


def printed(shop: str) -> str:
    """A shop's name as a receipt's facts can state it: printable, and cut at a character to `SHOP_MAX` bytes."""
    plain = "".join(char for char in shop if char.isprintable())
    return plain.encode()[:SHOP_MAX].decode(errors="ignore").rstrip()


def hold_key(id: int) -> str:
    """The hold's business key. It counts up, so that the books grow at the end of their indexes (the transaction's id
    is random; it is unique in ``sale`` alone)."""
    return f"sale/{id:012d}/hold"


def capture_key(id: int) -> str:
    return f"sale/{id:012d}/capture"


def _listed(house: House, row: SaleRow) -> Listed:
    return Listed(row.id, told(house, row), row.terminal, row.shop)
