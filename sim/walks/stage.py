"""The stage of every walk: who takes part, the eyes on the screen, the fingers, and the album of pictures."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.asset import KRW, Asset
from core.code import SLOT_MS, PersonalCode
from core.money import Money
from core.wire.panel import Shown
from sim.books import Books, read_books
from sim.peers.printer_paper import Sheet
from sim.people import Person, PhoneSecret
from sim.world import World, now

SCREEN_S: Final = 30.0  # far beyond what anything here takes, also on a busy machine
OUT_OF_SIGHT_S: Final = 2.0  # the camera's gate counts a product as gone after 1.5 s and three looks
FRESH_MS: Final = 2_000  # a code is shown with at least this much of its life left, as a person would wait
STEP_BP: Final = 100  # of one move of the market: under the exchange's band, so that nobody has to be set aside
STEP_S: Final = 0.06  # between two moves: each venue tells the last one before the next


class WalkFailed(RuntimeError):
    """The walk did not go as it must. The text says where."""


@dataclass(slots=True)
class Shopper:
    """A member with coins and a phone. A code is good for one sale: `shown_in` is the slot of the last one shown."""

    member: Person
    phone: PhoneSecret
    shown_in: int = -1


@dataclass(slots=True)
class Cast:
    """Who takes part: the seller, whose terminal is paired, and shoppers, the last one at the counter."""

    seller: Person
    shoppers: list[Shopper]

    @property
    def shopper(self) -> Shopper:
        return self.shoppers[-1]


def gather(world: World) -> Cast:
    """People join, the shop opens, the terminal is paired, the member gets fiat and coins."""
    world.tell("a seller joins, opens a shop and pairs the terminal")
    seller = world.person("seller@example.org")
    seller.open_shop(world.choices.shop, world.choices.payout)
    world.pair(seller)
    world.tell("a member joins, transfers fiat in and buys coins")
    return Cast(seller, [join(world, "member@example.org", Money(500_000, KRW), Money(200_000, KRW))])


def join(world: World, contact: str, fiat: Money, coins_for: Money) -> Shopper:
    """Somebody joins, transfers `fiat` in and buys coins for a part of it."""
    member = world.person(contact)
    phone = member.enrol_phone("phone")
    world.fill(member, fiat, coins_for)
    return Shopper(member, phone)


class Album:
    """Pictures in the order they were seen; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._count = 0

    def keep(self, name: str, picture: bytes) -> None:
        """`picture` is a PNG, or an uncompressed picture as the panel gets it."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count += 1
        png = picture if picture.startswith(b"\x89PNG") else _as_png(picture)
        (self._folder / f"{self._count:02d}-{name}.png").write_bytes(png)


class Stage:
    """One world with its cast. Every walk on it starts and ends with the idle screen."""

    def __init__(self, world: World, cast: Cast, shots: Path | None = None) -> None:
        self.world = world
        self.cast = cast
        self._album = Album(shots)
        self._joined = 0
        self._goods_gone_s = 0.0

    # -- eyes --------------------------------------------------------------------------------------------

    def see(self, name: str, timeout_s: float = SCREEN_S) -> Shown:
        """The screen of that stable name, drawn to its end. Raises `PanelGone` when it does not come."""
        shown = self.world.panel.wait_for(name, timeout_s, settled=True)
        self._album.keep(name, shown.picture)
        return shown

    def read(self, text: str, timeout_s: float = SCREEN_S) -> Shown:
        """Whatever screen says `text` somewhere. Raises `PanelGone`."""
        return self.until(lambda shown: any(text in line for line in shown.spoken), f"the words {text!r}", timeout_s)

    def until(self, there: Callable[[Shown], bool], what: str, timeout_s: float = SCREEN_S) -> Shown:
        return self.world.panel.wait_until(there, timeout_s, what)

    def keep_screen(self, name: str) -> None:
        """A picture of what stands there now, once it has come to rest."""
        shown = self.until(lambda shown: shown.settled, "a screen at rest")
        self._album.keep(name, shown.picture)

    def paper(self, before: int, name: str) -> Sheet:
        """The first paper after the `before` that were there. Raises `TimeoutError`."""
        sheet = self.world.printer.wait_for_paper(before + 1, timeout_s=SCREEN_S)
        self._album.keep(f"paper-{name}", sheet.png())
        return sheet

    # -- hands -------------------------------------------------------------------------------------------

    def scan_goods(self, text: str, symbology: str = "qr") -> None:
        """Hold a product to the camera until the terminal has it. The same label twice is two products only when it
        has been out of sight for a while, which a person needs to put one down and take the next."""
        time.sleep(max(0.0, self._goods_gone_s + OUT_OF_SIGHT_S - time.monotonic()))
        self.world.camera.show(text, symbology, "product")
        self.see("ring_up")
        self.world.camera.clear()
        self._goods_gone_s = time.monotonic()

    def press(self, action: str) -> None:
        self.world.panel.press(action)

    def figures(self, digits: str) -> None:
        for digit in digits:
            self.world.panel.key(digit)

    def next_shopper(self) -> Shopper:
        """Somebody whose phone shows a code that has not been used: whoever has waited longest, or a new member."""
        shoppers = self.cast.shoppers
        shoppers.sort(key=lambda one: one.shown_in, reverse=True)
        if self.cast.shopper.shown_in >= now().ms // SLOT_MS:
            self._joined += 1
            contact = f"member{self._joined}@example.org"
            shoppers.append(join(self.world, contact, Money(500_000, KRW), Money(200_000, KRW)))
        return self.cast.shopper

    def fresh_code(self) -> PersonalCode:
        """What the shopper's phone shows, with enough of its life left."""
        left_ms = SLOT_MS - now().ms % SLOT_MS
        if left_ms < FRESH_MS:
            time.sleep(left_ms / 1000)
        at = now()
        self.cast.shopper.shown_in = at.ms // SLOT_MS
        return self.cast.shopper.phone.code(at)

    def market_goes(self, coin: Asset, from_price: int, to_price: int) -> None:
        """The market walks there in steps that a price board believes, until the exchange tells that price."""
        price, up = from_price, to_price > from_price
        while price != to_price:
            step = max(1, price * STEP_BP // 10_000)
            price = min(price + step, to_price) if up else max(price - step, to_price)
            self.world.market.put(coin.code, price)
            time.sleep(STEP_S)
        self.wait_for_price(coin, to_price)

    def wait_for_price(self, coin: Asset, price: int) -> None:
        """Until the exchange tells that price of one coin. Raises `WalkFailed`."""
        deadline = time.monotonic() + SCREEN_S
        told: dict[str, Any] = {}
        while time.monotonic() < deadline:
            told = {one["pair"]: one for one in self.cast.seller.call("GET", "/v1/prices")}
            bid = told.get(f"{coin.code}/{KRW.code}", {}).get("bid")
            if bid is not None and bid["amount"] == str(price):
                return
            time.sleep(0.05)
        raise WalkFailed(f"the exchange does not tell a price of {price:,}, it tells {told}")

    # -- books -------------------------------------------------------------------------------------------

    def last_txn(self) -> str:
        """The shopper's newest payment, as the member's page knows it."""
        sales = self.cast.shopper.member.call("GET", "/v1/me/sales")
        if not sales:
            raise WalkFailed("the member's page knows no payment")
        newest = sales[0]["sale"]["txn"]
        return str(newest["text"] if isinstance(newest, dict) else newest)

    def books(self, txn: str) -> Books:
        return read_books(self.world.exchange_store, txn)


def _as_png(picture: bytes) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(out, "PNG")
    return out.getvalue()
