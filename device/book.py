"""The terminal's own count of the day, taken from its journal and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from core.asset import Asset
from core.effects import PrintReceipt
from core.events import BatchClosed, Captured, Refunded, Reversed, SaleFound
from core.ids import TxnId
from core.messages import Totals, WireMoney
from core.money import Money
from core.receipt import Receipt
from device.diary import Diary

PAPERS_LOOKED_AT = 8  # the newest few orders to print; the last original is among them


def totals(diary: Diary, fiat: Asset) -> Totals:
    """What was sold, given back and voided and is in no closed batch yet.

    Everything ever counted minus what closed batches counted, so that a batch whose answer came late is
    neither lost nor counted twice.
    """
    sales: dict[TxnId, Money] = {}
    looked_up: dict[TxnId, tuple[TxnId, Money]] = {}
    refunds: list[Money] = []
    voids: list[Money] = []
    closed: list[Totals] = []
    for _, txn, _, event in diary.events((Captured, Refunded, Reversed, SaleFound, BatchClosed)):
        match event:
            case Captured(_, capture):
                sales[txn] = capture.price.money()
            case SaleFound(_, sale) if sale.price is not None:
                looked_up[txn] = (sale.txn, sale.price.money())
            case Refunded(_, refund):
                refunds.append(refund.amount.money())
            case Reversed(answers) if "/void/" in answers:
                sale_txn, price = looked_up[txn]
                sales.pop(sale_txn, None)
                voids.append(price)
            case Reversed():
                sales.pop(txn, None)  # settled for a moment, and undone: it was never a sale
            case BatchClosed(_, batch):
                closed.append(batch.terminal)
            case _:
                continue
    return Totals(
        len(sales) - sum(batch.sales for batch in closed),
        _minus(fiat, sales.values(), [batch.sold for batch in closed]),
        len(refunds) - sum(batch.refunds for batch in closed),
        _minus(fiat, refunds, [batch.refunded for batch in closed]),
        len(voids) - sum(batch.voids for batch in closed),
        _minus(fiat, voids, [batch.voided for batch in closed]),
    )


def last_paper(diary: Diary) -> Receipt | None:
    """The last receipt that was ordered to print, for a reprint."""
    for _, effect, _ in diary.effects((PrintReceipt,), PAPERS_LOOKED_AT):
        assert isinstance(effect, PrintReceipt)
        return effect.receipt
    return None


def _minus(fiat: Asset, counted: Iterable[Money], closed: list[WireMoney]) -> WireMoney:
    total = sum(counted, Money.zero(fiat))
    for wire in closed:
        total -= wire.money()
    return WireMoney.of(total)
