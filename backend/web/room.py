"""What the pages are made of, and what a page is given when somebody visits it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from backend.giftcards.desk import Clerk
from backend.http.callers import Entropy, Now
from backend.http.keys import ServerKey
from backend.market.rules import Board
from backend.members.codes import Sealer
from backend.members.gateway import Gateway
from backend.settle.rules import House
from backend.store import Store
from backend.terminals.presence import Look, nobody_looks
from backend.withdraw.desk import Teller
from core.asset import Asset

TEXT_MAX: Final = 4096  # characters of one field of a form: a receipt's text is our longest, at 419


class Who(Enum):
    """Who may see a page. Anybody else is asked to sign in."""

    ANYBODY = "anybody"
    MEMBER = "member"
    OPERATOR = "operator"
    PERSON = "person"  # a member or an operator: whoever may own a shop


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where a member sends fiat: the exchange's collecting account, as people read it."""

    bank: str
    number: str
    holder: str


@dataclass(frozen=True, slots=True)
class Room:
    """What the pages are made of. `board` gives a snapshot of prices, `look` what the window shows of a terminal.

    `embedded_by` is the one origin that may show the pages in a frame and is told the code the phone shows: the page of
    a demonstration. Empty, and so nobody, wherever real money is.
    """

    store: Store
    sealer: Sealer
    secret: bytes
    gateway: Gateway
    house: House
    board: Callable[[], Board]
    key: ServerKey
    teller: Teller
    clerk: Clerk
    fiat: Asset
    bank: BankAccount
    now: Now
    entropy: Entropy
    utc_offset_minutes: int = 540
    secure_cookie: bool = False
    embedded_by: str = ""
    look: Look = nobody_looks


@dataclass(frozen=True, slots=True)
class Keep:
    """A cookie to be kept; `life_s` 0 forgets it. `closed` keeps scripts away and sends it from our own pages only."""

    name: str
    value: str
    life_s: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page answers, before it is bytes on a line."""

    status: int
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[Keep, ...] = ()
