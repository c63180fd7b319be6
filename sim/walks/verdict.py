"""Verdicts: what a paper claims, what the books say, and whether they say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.asset import Asset
from core.effects import PrintReceipt
from core.money import Money
from core.proof import ReceiptFacts
from core.receipt import Receipt
from core.receipt_text import as_text
from sim.books import Books
from sim.peers.printer_paper import Sheet
from sim.walks.stage import WalkFailed

PAPERS_MAX: Final = 200  # of one walk; the longest prints about a dozen


def facts_on(paper: Sheet) -> ReceiptFacts:
    """What the QR code on a paper claims; whether it is true is another question."""
    from device.receipt_check import opened, seal_text

    return opened(seal_text(paper.png())).facts


def proof_wrong(paper: Sheet, exchange_url: str) -> list[str]:
    """Whether the exchange really signed what stands on the paper."""
    from device.receipt_check import check, load_keys, opened, seal_text

    verdict = check(opened(seal_text(paper.png())), load_keys(f"{exchange_url}/.well-known/tillmark-keys"))
    return [] if verdict.valid else [f"the proof of {verdict.opened.facts.rrn} is not valid: {verdict.code}"]


def member_got(books: Books, asset: Asset) -> Money:
    """What one business put into the member's wallet; negative for what it took out."""
    return _sum_of(books, "member:", asset)


def seller_got(books: Books, asset: Asset) -> Money:
    """What the seller was credited, what the seller owes counted in."""
    return _sum_of(books, "seller:", asset) + _sum_of(books, "receivable:", asset)


def _sum_of(books: Books, prefix: str, asset: Asset) -> Money:
    moved = [entry.money for entry in books.entries if entry.account.startswith(prefix) and entry.money.asset == asset]
    return sum(moved, Money.zero(asset))


def printed_texts(journal: Path) -> list[str]:
    """Every paper in the order the stopped terminal ordered them, in words: raster lines of a paper are only dots."""
    texts = [as_text(receipt) for receipt in printed(journal)]
    if not texts:
        raise WalkFailed("the terminal never ordered a receipt")
    return texts


def printed(journal: Path) -> list[Receipt]:
    """Every paper in the order the stopped terminal ordered them."""
    from sync.journal import Journal

    diary = Journal.open(journal)
    try:
        ordered = diary.effects((PrintReceipt,), PAPERS_MAX)
    finally:
        diary.close()
    return [effect.receipt for _, effect, _ in reversed(ordered) if isinstance(effect, PrintReceipt)]
