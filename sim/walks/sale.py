"""The sale, walked by a seller and a shopper: goods, code, quote, confirm, paper."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from core.asset import KRW
from core.money import Money
from core.product import ProductLabel
from sim.peers.nfc_phone import Member, Phone
from sim.peers.panel import PanelGone
from sim.peers.printer_paper import Sheet
from sim.walks.stage import Stage
from sim.walks.verdict import facts_on, member_got, proof_wrong
from sim.world import COIN, now

PAYS: Final = ("qr", "barcode", "nfc", "typed")
PRICE: Final = Money(50_000, KRW)
TAKES: Final = Money.parse("5.025", COIN)  # exactly five coins at 10,000 won, and the disclosed fee of 250 won
TAP_S: Final = 8.0  # how long somebody holds a phone there in vain
LIFTED_S: Final = 0.5  # and keeps it away: the reader takes it for a new tap after three looks without it
GOODS: Final = ProductLabel("Umbrella", Money(45_500, KRW))


@dataclass(frozen=True, slots=True)
class Sold:
    """What came of a sale. `rrn` is the number on its receipt."""

    paper: Sheet
    txn: str
    rrn: str
    seconds: float


def sell(stage: Stage, pay: str = "qr") -> Sold:
    """One sale of 50,000 won, from the goods to the paper. `pay` is one of `PAYS`."""
    started = time.monotonic()
    papers = len(stage.world.printer.papers)
    stage.next_shopper()
    stage.see("idle")
    ring_up(stage)
    present(stage, pay)
    stage.see("confirm")
    stage.press("confirm")
    stage.see("approved")
    paper = stage.paper(papers, f"sale-{pay}")
    seconds = time.monotonic() - started
    stage.press("done")
    stage.see("idle")
    stage.world.camera.clear()
    txn = stage.last_txn()
    return Sold(paper, txn, facts_on(paper).rrn, seconds)


def ring_up(stage: Stage) -> None:
    """A product code starts the sale; the rest of the price is typed."""
    stage.scan_goods(GOODS.text())
    stage.figures(str((PRICE - GOODS.price).minor))
    stage.read("50,000")
    stage.keep_screen("ring_up-total")
    stage.press("charge")
    stage.see("identify")


def present(stage: Stage, pay: str) -> None:
    """The shopper shows, taps or types the personal code."""
    world = stage.world
    if pay == "nfc":
        tap(stage)
        return
    code = stage.fresh_code()
    if pay == "typed":
        stage.press("type")
        stage.see("identify_typed")
        stage.figures(code.digits)
    else:
        world.camera.show(code.digits, "code128" if pay == "barcode" else "qr", "phone")


def tap(stage: Stage) -> None:
    """The phone to the reader; lifted and held there again when nothing came of it. Raises `PanelGone`."""
    world, phone = stage.world, stage.cast.shopper.phone
    for last in (False, False, False, True):
        world.nfc.field.tap(Phone(Member(phone.key, phone.roll_ms), now))
        try:
            stage.until(lambda shown: shown.name != "identify", "an answer to the tap", TAP_S)
            return
        except PanelGone:
            if last:
                raise
        finally:
            world.nfc.field.empty()
        time.sleep(LIFTED_S)


def wrong_with(stage: Stage, sold: Sold) -> list[str]:
    """Every way in which the books, the paper and its proof disagree; empty when they do not."""
    books = stage.books(sold.txn)
    wrong = proof_wrong(sold.paper, stage.world.exchange_url)
    if not books.balanced:
        wrong.append(f"the books do not balance: {books}")
    given = -member_got(books, COIN)
    if given != TAKES:
        wrong.append(f"the member gave {given}, not {TAKES}")
    facts = facts_on(sold.paper)
    if (facts.price, facts.total, facts.txn.text) != (PRICE, given, sold.txn):
        wrong.append(f"the paper says {facts.price} for {facts.total} in {facts.txn}, the books {given} in {sold.txn}")
    return wrong
