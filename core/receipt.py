"""Receipts: what stands on the paper, line by line, already in the customer's language.

The flow writes the lines; a printer driver lays them out for its paper width. Nothing secret ever stands
here: no personal code, no full card number, no name. Only a gift card's code does, which is what was bought.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Title:
    """Large and centred: the shop, or what this paper is."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, left aligned, wrapped at words."""

    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A name on the left and its value on the right of one line; the value is never cut."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Total:
    """A pair twice as tall: the amount everybody looks for."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code with a caption below it."""

    payload: str
    caption: str


@dataclass(frozen=True, slots=True)
class CardCode:
    """The code of a gift card, as text and as a QR code. It is worth its face, so no journal keeps it."""

    label: str
    caption: str
    code: str = field(repr=False, metadata={"secret": True})


@dataclass(frozen=True, slots=True)
class CopyMark:
    """The word COPY, large, between rules. Only on paper that is not the first."""

    text: str


ReceiptLine = Title | Line | Pair | Total | Rule | Qr | CardCode | CopyMark

LINES_MAX = 200  # about a metre of paper; more is a mistake, not a receipt


@dataclass(frozen=True, slots=True)
class Receipt:
    """One paper. `number` is what staff and customer quote to one another (the RRN)."""

    number: str
    lines: tuple[ReceiptLine, ...]
    copy: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.lines) <= LINES_MAX:
            raise ValueError(f"a receipt has 1-{LINES_MAX} lines, not {len(self.lines)}")

    def as_copy(self, word: str) -> Receipt:
        """The same paper marked as a copy, at head and foot; a copy stays a copy."""
        if self.copy:
            return self
        mark = CopyMark(word)
        return replace(self, lines=(mark, *self.lines, mark)[:LINES_MAX], copy=True)
