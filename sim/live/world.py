"""What the live page needs of a world: eyes, hands, and the places behind the counter. The demonstration implements it.

Every function may be called from several threads at once. Those that cannot do what is asked raise `CannotDo` with a
sentence for the person at the page; nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class CannotDo(Exception):
    """The world says no: nothing is connected there, or there is no such thing. The text is for people."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the device's screen (JPEG or PNG). `number` grows; `spoken` is the screen in reading order."""

    number: int
    width: int
    height: int
    picture: bytes
    name: str = ""
    spoken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelf. `symbology` ``qr``, ``ean13`` or ``code128``; `text` what its code says."""

    id: str
    name: str
    price: str
    symbology: str
    text: str


@dataclass(frozen=True, slots=True)
class Knob:
    """A price that can be moved, in whole units of fiat; `least` and `most` bound the slider."""

    pair: str
    price: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Switch:
    """A fault that can be made and mended. `name` is known to the page's words, or shown as it is."""

    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail or SMS that somebody got."""

    to: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the pages are that the live page shows or links to."""

    phone: str
    shop: str
    operator: str


class World(Protocol):
    def frame(self, after: int, timeout_s: float) -> Frame | None:
        """The newest picture numbered above `after`; waits for one at most `timeout_s`, then None."""
        ...

    def finger(self, phase: int, x: int, y: int) -> None:
        """A finger on the device's screen: 0 down, 1 moved, 2 up, at a pixel of the screen."""
        ...

    def key(self, name: str) -> None:
        """A key of the device, named as in `core.screens.Action`: ``enter``, ``escape``, ``tab``, ``1``, ..."""
        ...

    def show_code(self, text: str, symbology: str, kind: str) -> None:
        """Hold something before the device's camera: `kind` ``phone`` or ``product``."""
        ...

    def take_away(self) -> None:
        """Nothing is before the camera any more."""
        ...

    def tap(self, code: str) -> None:
        """Tap the phone once; `code` is what it shows now, or empty."""
        ...

    def products(self) -> tuple[Product, ...]: ...

    def paper_count(self) -> int:
        """How many papers have come out of the printer."""
        ...

    def paper(self, number: int) -> bytes:
        """The PNG of a paper, the first is 1."""
        ...

    def knobs(self) -> tuple[Knob, ...]: ...

    def set_price(self, pair: str, price: int) -> None: ...

    def switches(self) -> tuple[Switch, ...]: ...

    def set_fault(self, name: str, on: bool) -> None: ...

    def letters(self) -> tuple[Letter, ...]:
        """The mailbox, newest first."""
        ...

    def transfer(self, reference: str, amount: str) -> None:
        """Send fiat from a bank to the exchange's account; `amount` a decimal in the exchange's currency."""
        ...

    def urls(self) -> Urls: ...

    def visitor(self) -> dict[str, str]:
        """The cookies of the member whose phone lies on the counter, so that nobody has to sign in first."""
        ...
