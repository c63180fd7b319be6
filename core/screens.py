"""Screens as meaning, not as pixels: one description becomes a picture, speech and five keys.

A step says *what* a person must know and may do; `ui` decides how it looks. Words are named by key
(`core.words`) so that the language can change while the screen stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.money import Money


@dataclass(frozen=True, slots=True)
class Say:
    """Words of the catalogue: a key of `core.words` and the values that fill its gaps."""

    key: str
    params: tuple[tuple[str, str], ...] = ()


def say(key: str, **params: object) -> Say:
    return Say(key, tuple(sorted((name, str(value)) for name, value in params.items())))


@dataclass(frozen=True, slots=True)
class Plain:
    """Text that is the same in every language: a product's name, a receipt number."""

    text: str


Words = Say | Plain


class Tone(Enum):
    """The temper of a screen or notice; always also said by shape and word, never by colour alone."""

    CALM = "calm"
    GOOD = "good"
    WARN = "warn"
    STOP = "stop"


class Role(Enum):
    """What a button is for. A screen has at most one primary action; cancel sits always in the same corner."""

    PRIMARY = "primary"
    PLAIN = "plain"
    CANCEL = "cancel"
    DANGER = "danger"


class Picture(Enum):
    PHONE = "phone"
    TAP = "tap"
    TICK = "tick"
    CROSS = "cross"
    PAPER = "paper"
    CLOCK = "clock"
    LINE = "line"
    SHOP = "shop"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `key` is the hardware key that does the same (``enter``, ``escape``, ``1``..``5``)."""

    id: str
    label: Words
    role: Role = Role.PLAIN
    key: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """The biggest number on the screen: fiat first, the coin quantity under it with rate and fee."""

    amount: Money
    label: Words | None = None
    under: Words | None = None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values in two columns, at most eight rows."""

    rows: tuple[tuple[Words, Words], ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    name: str
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Items:
    """What is being bought; a long list scrolls, the total never leaves the screen."""

    rows: tuple[ItemRow, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class Keypad:
    """A number pad. Presses arrive as ``digit:0``..``digit:9``, ``digit:00``, ``erase``.

    `shown` is what has been typed, already grouped for the eye; `masked` pads show dots.
    """

    shown: str
    unit: str = ""
    double_zero: bool = False


@dataclass(frozen=True, slots=True)
class Viewfinder:
    """The live camera picture, mirrored, with room for the code and a hint."""

    hint: Words | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Where is my money, said first on every waiting, error and end screen."""

    words: Words
    tone: Tone = Tone.CALM


@dataclass(frozen=True, slots=True)
class Countdown:
    """A ring around the seconds left; `left_ms` at the moment the screen is shown."""

    left_ms: int
    total_ms: int
    label: Words | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on. `wallet` 1, 2 or 3 shows the wallet's disc (first red, second yellow, third blue); 0 none."""

    id: str
    title: Words
    detail: Words | None = None
    amount: Money | None = None
    wallet: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """At most five ways on, each a big target; pressing one presses its `id`."""

    options: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class QrCode:
    payload: str
    caption: Words | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something is under way. `words` says what; motion says that it is alive."""

    words: Words


@dataclass(frozen=True, slots=True)
class Drawing:
    picture: Picture


Block = Amount | Facts | Items | Keypad | Viewfinder | Notice | Countdown | Choices | QrCode | Waiting | Drawing

ACTIONS_MAX = 5  # screens.md: at most five choices
CHOICES_MAX = 5


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: one instruction, its blocks from top to bottom, its buttons.

    `name` is stable (tests and pictures use it). `heading` is the one thing to do now.
    """

    name: str
    heading: Words
    blocks: tuple[Block, ...] = ()
    actions: tuple[Action, ...] = ()
    tone: Tone = Tone.CALM

    def __post_init__(self) -> None:
        if len(self.actions) > ACTIONS_MAX:
            raise ValueError(f"screen {self.name} has {len(self.actions)} actions")
        if sum(action.role is Role.PRIMARY for action in self.actions) > 1:
            raise ValueError(f"screen {self.name} has two primary actions")
        for block in self.blocks:
            if isinstance(block, Choices) and len(block.options) > CHOICES_MAX:
                raise ValueError(f"screen {self.name} has {len(block.options)} choices")
