"""The showroom of the live demo: a till, a cash machine and their people, as the live page sees and touches them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.asset import KRW
from core.money import BadAmount, Money
from core.product import ProductLabel
from sim.live.world import Atm, CannotDo, Knob, Letter, Product, Urls
from sim.peers.bank import NotTaken
from sim.peers.nfc_phone import Member, Phone
from sim.peers.venue import Trouble
from sim.stand import Mishap, Stand
from sim.walks.stage import Cast
from sim.world import GOODS, PRICES, World, now

SLIDE: Final = 4  # the slider reaches from a quarter of the first price to four times it


class Showroom(Stand):
    """`sim.live.world.World` over a running `World`: the till, and everything around it."""

    def __init__(self, world: World, cast: Cast) -> None:
        super().__init__(world, phone_of(cast))
        self._cast = cast
        self._prices = {f"{pair.coin}/{pair.fiat}": price for pair, price in PRICES.items()}
        self.machine: Atm | None = None
        """The cash machine beside the till, once it stands there."""

    def atm(self) -> Atm | None:
        return self.machine

    def products(self) -> tuple[Product, ...]:
        shelf = [Product(code, name, str(Money(price, KRW)), "ean13", code) for code, name, price in GOODS]
        label = ProductLabel("Umbrella", Money(45_500, KRW))
        return (Product("umbrella", label.name, str(label.price), "qr", label.text()), *shelf)

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

    def switchboard(self) -> dict[str, Mishap]:
        world = self._world

        def trouble(kind: Trouble) -> Callable[[], None]:
            def make() -> None:
                for venue in world.venues:
                    venue.trouble = kind

            return make

        return {
            **super().switchboard(),
            "venues_stale": Mishap(trouble(Trouble.STOPPED), trouble(Trouble.NONE)),
            "backend_paused": Mishap(world.pause_backend, world.resume_backend),
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


def phone_of(cast: Cast) -> Phone:
    """The shopper's phone, as a reader meets it. One phone for every stand: its taps are counted."""
    return Phone(Member(cast.shopper.phone.key, cast.shopper.phone.roll_ms), now)
