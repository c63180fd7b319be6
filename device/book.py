"""The terminal's own count of the day, taken from its journal and from nothing else.

Everything ever counted minus what closed batches counted, so that a batch whose answer came late is neither lost nor
counted twice. After a batch was closed the count so far is noted in the journal, and the next count starts there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from core.asset import Asset
from core.effects import PrintReceipt
from core.events import BatchClosed, Captured, Event, Refunded, Reversed, SaleFound
from core.messages import Totals, WireMoney
from core.money import Money
from core.receipt import Receipt
from device.diary import Diary
from sync.journal_errors import JournalFull

PAPERS_LOOKED_AT = 8  # the newest few orders to print; the last original is among them
BASE: Final = "book.base"
RECENT_MAX: Final = 200  # sales a base knows one by one, about 9 KB; whoever voids an older one counts everything again
COUNTED: Final = (Captured, Refunded, Reversed, SaleFound, BatchClosed)
PLACES: Final = 6  # of `Book.sums`: sales, sold, refunds, refunded, voids, voided; amounts in minor units


class _Older(Exception):
    """An event is about one the base does not know one by one any more."""


@dataclass(slots=True)
class Book:
    """A count that goes on. `seq` the last record in it, `origin` the one before its first.

    `recent` are sales that may still be voided, and `looked_up` what tickets found, both by transaction, in minor
    units. A `whole` book has counted everything since its origin.
    """

    origin: int = 0
    seq: int = 0
    sums: list[int] = field(default_factory=lambda: [0] * PLACES)
    recent: dict[str, int] = field(default_factory=dict)
    looked_up: dict[str, tuple[str, int]] = field(default_factory=dict)
    whole: bool = True

    def count(self, diary: Diary, fiat: Asset) -> Book:
        """Go on to the end of the journal."""
        for seq, txn, _, event in diary.events(COUNTED, self.seq or self.origin):
            self._add(txn.text, event, fiat)
            self.seq = seq
        return self

    def _add(self, txn: str, event: Event, fiat: Asset) -> None:
        match event:
            case Captured(_, capture):
                self._take_back(txn)
                self.recent[txn] = _minor(capture.price, fiat)
                self._sum(0, 1, self.recent[txn])
            case SaleFound(_, sale) if sale.price is not None:
                self.looked_up[txn] = (sale.txn.text, _minor(sale.price, fiat))
            case Refunded(_, refund):
                self._sum(2, 1, _minor(refund.amount, fiat))
            case Reversed(answers) if "/void/" in answers:
                self._void(txn)
            case Reversed():
                # Settled for a moment, and undone: it was never a sale. Both stand in one ticket, so a base that
                # ends between them knows the sale still: it is the newest.
                self._take_back(txn)
            case BatchClosed(_, batch):
                told = batch.terminal
                for place, (count, amount) in enumerate(
                    ((told.sales, told.sold), (told.refunds, told.refunded), (told.voids, told.voided))
                ):
                    self._sum(2 * place, -count, -_minor(amount, fiat))
            case _:
                return

    def _void(self, txn: str) -> None:
        found = self.looked_up.pop(txn, None)
        if found is None or (found[0] not in self.recent and not self.whole):
            assert not self.whole, "nothing is voided that was not looked up"
            raise _Older
        self._take_back(found[0])
        self._sum(4, 1, found[1])

    def _take_back(self, txn: str) -> None:
        minor = self.recent.pop(txn, None)
        if minor is not None:
            self._sum(0, -1, -minor)

    def _sum(self, place: int, count: int, minor: int) -> None:
        self.sums[place] += count
        self.sums[place + 1] += minor

    def note(self, fiat: Asset) -> str:
        recent = dict(list(self.recent.items())[-RECENT_MAX:])
        told = {"fiat": fiat.code, "scale": fiat.scale, "origin": self.origin, "seq": self.seq, "sums": self.sums}
        return json.dumps(told | {"recent": recent}, separators=(",", ":"))


def totals(diary: Diary, fiat: Asset) -> Totals:
    """What was sold, given back and voided and is in no closed batch yet."""
    sums = _counted(diary, fiat).sums

    def wire(place: int) -> WireMoney:
        return WireMoney.of(Money(sums[place], fiat))

    return Totals(sums[0], wire(1), sums[2], wire(3), sums[4], wire(5))


def remember(diary: Diary, fiat: Asset) -> None:
    """A batch was closed: the next count starts here. It only saves time, so a full disk may refuse it."""
    book = _counted(diary, fiat)
    try:
        diary.note(BASE, book.note(fiat))
    except JournalFull:
        return


def start_anew(diary: Diary, fiat: Asset) -> None:
    """From here on another terminal counts: what was before belongs to the one this device has been."""
    diary.note(BASE, Book(origin=diary.head[0]).note(fiat))


def _counted(diary: Diary, fiat: Asset) -> Book:
    base = _base(diary.noted(BASE), fiat)
    try:
        return base.count(diary, fiat)
    except _Older:
        return Book(origin=base.origin).count(diary, fiat)


def _base(note: str, fiat: Asset) -> Book:
    """The remembered count; a whole new one when there is none (or one in another currency)."""
    told = json.loads(note) if note else {}
    if not told or (told["fiat"], told["scale"]) != (fiat.code, fiat.scale):
        return Book()
    return Book(told["origin"], told["seq"], told["sums"], told["recent"], {}, whole=not told["seq"])


def _minor(wire: WireMoney, fiat: Asset) -> int:
    money = wire.money()
    assert money.asset == fiat, f"a terminal in {fiat.code} counted {money.asset.code}"
    return money.minor


def last_paper(diary: Diary) -> Receipt | None:
    """The last receipt that was ordered to print, for a reprint."""
    for _, effect, _ in diary.effects((PrintReceipt,), PAPERS_LOOKED_AT):
        assert isinstance(effect, PrintReceipt)
        return effect.receipt
    return None
