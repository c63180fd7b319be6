"""The sale, walked by a seller and a shopper: goods, code, quote, confirm, paper."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.asset import KRW
from core.code import SLOT_MS
from core.money import Money
from core.product import ProductLabel
from core.wire.panel import Shown
from sim.books import Books, read_books
from sim.peers.nfc_phone import Member, Phone
from sim.peers.printer_paper import Sheet
from sim.people import Person, PhoneSecret
from sim.world import COIN, World, now

PAYS: Final = ("qr", "barcode", "nfc", "typed")
PRICE: Final = Money(50_000, KRW)
TAKES: Final = Money.parse("5.025", COIN)  # exactly five coins at 10,000 won, and the disclosed fee of 250 won
GOODS: Final = ProductLabel("Umbrella", Money(45_500, KRW))
SCREEN_S: Final = 10.0
FRESH_MS: Final = 4_000  # a code is shown with at least this much of its life left, as a person would wait


class WalkFailed(RuntimeError):
    """The walk did not go as it must. The text says where."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of it."""

    paper: Sheet
    books: Books
    txn: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: the seller's terminal is paired, the member has coins and a phone."""

    seller: Person
    member: Person
    phone: PhoneSecret


def gather(world: World) -> Cast:
    """People join, the shop opens, the terminal is paired, the member gets fiat and coins."""
    world.tell("a seller joins, opens a shop and pairs the terminal")
    seller = world.person("seller@example.org")
    seller.open_shop(world.choices.shop, world.choices.payout)
    world.pair(seller)
    world.tell("a member joins, transfers fiat in and buys coins")
    member = world.person("member@example.org")
    phone = member.enrol_phone("phone")
    world.fill(member, Money(500_000, KRW), Money(200_000, KRW))
    return Cast(seller, member, phone)


class Walk:
    """One sale on one world. `shots` keeps a picture of each screen and of the paper."""

    def __init__(self, world: World, cast: Cast, pay: str, shots: Path | None = None) -> None:
        self._world = world
        self._cast = cast
        self._pay = pay
        self._shots = shots
        self._shot = 0

    def run(self) -> Walked:
        world = self._world
        started = time.monotonic()
        papers = len(world.printer.papers)
        self._see("idle")
        self._ring_up()
        self._present()
        self._see("confirm")
        world.panel.press("confirm")
        self._see("approved")
        paper = world.printer.wait_for_paper(papers + 1, timeout_s=SCREEN_S)
        self._keep(f"receipt-{self._pay}", paper.png())
        seconds = time.monotonic() - started
        world.panel.press("done")
        self._see("idle")
        txn = self._last_txn()
        return Walked(paper, read_books(world.exchange_store, txn), txn, seconds)

    # -- the parts ---------------------------------------------------------------------------------------

    def _ring_up(self) -> None:
        """A product code starts the sale; the rest of the price is typed."""
        world = self._world
        world.camera.show(GOODS.text(), "qr", "product")
        self._see("ring_up")
        world.camera.clear()
        for key in str((PRICE - GOODS.price).minor):
            world.panel.key(key)
        self._until(lambda shown: any("50,000" in line for line in shown.spoken), "a total of 50,000")
        self._keep_screen("ring_up-total")
        world.panel.press("charge")
        self._see("identify")

    def _present(self) -> None:
        world, phone = self._world, self._cast.phone
        if self._pay == "nfc":
            member = Member(phone.key, phone.roll_ms)
            world.nfc.field.tap(Phone(member, now), hold_ms=1_500)
            return
        left_ms = SLOT_MS - now().ms % SLOT_MS
        if left_ms < FRESH_MS:
            time.sleep(left_ms / 1000)
        code = phone.code(now())
        if self._pay == "typed":
            world.panel.press("type")
            self._see("identify_typed")
            for digit in code.digits:
                world.panel.key(digit)
        else:
            world.camera.show(code.digits, "code128" if self._pay == "barcode" else "qr", "phone")

    def _last_txn(self) -> str:
        sales = self._cast.member.call("GET", "/v1/me/sales")
        if not sales:
            raise WalkFailed("the member's page knows no payment")
        newest = sales[0]["sale"]["txn"]
        return str(newest["text"] if isinstance(newest, dict) else newest)

    # -- eyes --------------------------------------------------------------------------------------------

    def _see(self, name: str) -> Shown:
        shown = self._world.panel.wait_for(name, SCREEN_S, settled=True)
        self._keep_screen(name)
        return shown

    def _until(self, there: Callable[[Shown], bool], what: str) -> None:
        self._world.panel.wait_until(there, SCREEN_S, what)

    def _keep_screen(self, name: str) -> None:
        shown = self._world.panel.latest()
        if shown is not None:
            self._keep(name, shown.picture)

    def _keep(self, name: str, picture: bytes) -> None:
        if self._shots is None:
            return
        self._shots.mkdir(parents=True, exist_ok=True)
        self._shot += 1
        png = picture if picture.startswith(b"\x89PNG") else _as_png(picture)
        (self._shots / f"{self._shot:02d}-{name}.png").write_bytes(png)


def _as_png(picture: bytes) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(out, "PNG")
    return out.getvalue()


def wrong_with(walked: Walked, exchange_url: str) -> list[str]:
    """Every way in which the books, the paper and its proof disagree; empty when they do not."""
    from device.receipt_check import check, load_keys, opened, seal_text

    wrong = []
    if not walked.books.balanced:
        wrong.append(f"the books do not balance: {walked.books}")
    taken = [entry.money for entry in walked.books.entries if entry.account.startswith("member")]
    given = -sum(taken, Money.zero(COIN))
    if given != TAKES:
        wrong.append(f"the member gave {given}, not {TAKES}")
    verdict = check(opened(seal_text(walked.paper.png())), load_keys(f"{exchange_url}/.well-known/tillmark-keys"))
    facts = verdict.opened.facts
    if not verdict.valid:
        wrong.append(f"the receipt's proof is not valid: {verdict.code}")
    if (facts.price, facts.total, facts.txn.text) != (PRICE, given, walked.txn):
        wrong.append(
            f"the paper says {facts.price} for {facts.total} in {facts.txn}, the books {given} in {walked.txn}"
        )
    return wrong


def printed_text(journal: Path) -> str:
    """The last receipt as the terminal ordered it, in words: raster lines of the paper are only dots."""
    from core.receipt_text import as_text
    from device.book import last_paper
    from sync.journal import Journal

    diary = Journal.open(journal)
    try:
        receipt = last_paper(diary)
    finally:
        diary.close()
    if receipt is None:
        raise WalkFailed("the terminal never ordered a receipt")
    return as_text(receipt)
