"""The showroom of the live demo: a world with its people, as the live page sees and touches it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.asset import KRW
from core.money import BadAmount, Money
from core.product import ProductLabel
from sim.live.world import CannotDo, Frame, Knob, Letter, Product, Switch, Urls
from sim.peers.bank import NotTaken
from sim.peers.camera import BadOrder
from sim.peers.nfc_phone import Member, Phone
from sim.peers.panel import PanelGone
from sim.peers.printer_engine import Fault
from sim.peers.venue import Trouble
from sim.walks.stage import Cast
from sim.world import GOODS, PRICES, World, now

TAP_MS: Final = 1_500
HELD_S: Final = 6.0  # a phone held to the camera is taken away again, as an arm gets tired
SLIDE: Final = 4  # the slider reaches from a quarter of the first price to four times it


@dataclass(frozen=True, slots=True)
class _Fault:
    """How one thing is broken and mended."""

    make: Callable[[], object]
    mend: Callable[[], object]


class Showroom:
    """`sim.live.world.World` over a running `World`. Thread-safe: the page's threads come in as they like."""

    def __init__(self, world: World, cast: Cast) -> None:
        self._world = world
        self._cast = cast
        self._lock = threading.Lock()
        self._on: set[str] = set()
        self._faults = self._switchboard()
        self._prices = {f"{pair.coin}/{pair.fiat}": price for pair, price in PRICES.items()}
        self._phone = Phone(Member(cast.shopper.phone.key, cast.shopper.phone.roll_ms), now)
        self._arm: threading.Timer | None = None

    # -- the device's screen ---------------------------------------------------------------------------

    def frame(self, after: int, timeout_s: float) -> Frame | None:
        number, shown = self._world.panel.newer(after, timeout_s)
        if shown is None or number <= after:
            return None
        return Frame(number, shown.width, shown.height, shown.picture, shown.name, shown.spoken)

    def finger(self, phase: int, x: int, y: int) -> None:
        try:
            self._world.panel.finger(phase, x, y)
        except PanelGone as gone:
            raise CannotDo(str(gone)) from None

    def key(self, name: str) -> None:
        try:
            self._world.panel.key(name)
        except PanelGone as gone:
            raise CannotDo(str(gone)) from None

    # -- camera and reader -------------------------------------------------------------------------------

    def show_code(self, text: str, symbology: str, kind: str) -> None:
        try:
            self._world.camera.show(text, symbology, kind)
        except BadOrder as bad:
            raise CannotDo(str(bad)) from None
        with self._lock:
            if self._arm is not None:
                self._arm.cancel()
            self._arm = threading.Timer(HELD_S, self._world.camera.clear)
            self._arm.daemon = True
            self._arm.start()

    def take_away(self) -> None:
        self._world.camera.clear()

    def tap(self, code: str) -> None:
        self._world.nfc.field.tap(self._phone, hold_ms=TAP_MS)

    def products(self) -> tuple[Product, ...]:
        shelf = [Product(code, name, str(Money(price, KRW)), "ean13", code) for code, name, price in GOODS]
        label = ProductLabel("Umbrella", Money(45_500, KRW))
        return (Product("umbrella", label.name, str(label.price), "qr", label.text()), *shelf)

    # -- paper ------------------------------------------------------------------------------------------

    def paper_count(self) -> int:
        return len(self._world.printer.papers)

    def paper(self, number: int) -> bytes:
        papers = self._world.printer.papers
        if not 1 <= number <= len(papers):
            raise CannotDo("there is no such paper")
        return papers[number - 1].png()

    # -- the market, and what can go wrong -----------------------------------------------------------------

    def knobs(self) -> tuple[Knob, ...]:
        with self._lock:
            prices = dict(self._prices)
        first = {f"{pair.coin}/{pair.fiat}": price for pair, price in PRICES.items()}
        return tuple(
            Knob(pair, price, max(1, first[pair] // SLIDE), first[pair] * SLIDE) for pair, price in prices.items()
        )

    def set_price(self, pair: str, price: int) -> None:
        with self._lock:
            if pair not in self._prices:
                raise CannotDo("there is no such pair")
            self._prices[pair] = price
        self._world.market.put(pair.partition("/")[0], price)

    def switches(self) -> tuple[Switch, ...]:
        with self._lock:
            return tuple(Switch(name, name in self._on) for name in self._faults)

    def set_fault(self, name: str, on: bool) -> None:
        with self._lock:
            if name not in self._faults:
                raise CannotDo("there is no such switch")
            if on == (name in self._on):
                return
            (self._faults[name].make if on else self._faults[name].mend)()
            self._on ^= {name}

    def _switchboard(self) -> dict[str, _Fault]:
        world = self._world

        def trouble(kind: Trouble) -> Callable[[], None]:
            def make() -> None:
                for venue in world.venues:
                    venue.trouble = kind

            return make

        def printer(fault: Fault) -> _Fault:
            return _Fault(lambda: world.printer.inject(fault), lambda: world.printer.mend(fault))

        return {
            "paper_out": _Fault(lambda: world.printer.inject(Fault.PAPER_OUT), world.printer.load_roll),
            "cover_open": printer(Fault.COVER_OPEN),
            "camera_unplugged": _Fault(lambda: world.camera.fault("unplug"), lambda: world.camera.fault("none")),
            "nfc_unplugged": _Fault(world.nfc.unplug, world.nfc.plug),
            "venues_stale": _Fault(trouble(Trouble.STOPPED), trouble(Trouble.NONE)),
            "backend_paused": _Fault(world.pause_backend, world.resume_backend),
        }

    # -- mail, bank, addresses ------------------------------------------------------------------------------

    def letters(self) -> tuple[Letter, ...]:
        return tuple(Letter(mail.to, mail.text, "") for mail in reversed(self._world.mailbox.messages))

    def transfer(self, reference: str, amount: str) -> None:
        try:
            state = self._world.bank.transfer(reference, Money.parse(amount, KRW))
        except (BadAmount, NotTaken) as error:
            raise CannotDo(str(error)) from None
        if state != "credited":
            raise CannotDo("the exchange knows no wallet with that reference; the money waits for a person to look")

    def urls(self) -> Urls:
        exchange = self._world.exchange_url
        local = re.sub(r"//127\.0\.0\.1", "//localhost", exchange)
        return Urls(f"{exchange}/me", f"{local}/shop", f"{local}/operator")

    def visitor(self) -> dict[str, str]:
        return self._cast.shopper.member.cookies()
