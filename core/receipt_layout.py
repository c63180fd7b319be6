"""Receipt lines to rows of a paper (or a terminal) of a fixed number of columns.

Knows nothing of printers: a row says what stands left and right, how large, how emphasised. An East Asian wide
character takes two columns (Unicode Standard Annex 11). Names wrap, values are never cut.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from core.receipt import CardCode, CopyMark, Line, Pair, Qr, Receipt, ReceiptLine, Rule, Title, Total

BITCOIN_SIGN = "₿"  # few fonts have it
NO_LETTER = "□*"  # what stands in a name for a character that cannot be drawn: the first of these that can


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `wide` and `tall` are 1 or 2; `left` is the whole text when `center` is set."""

    left: str
    right: str = ""
    wide: int = 1
    tall: int = 1
    center: bool = False
    inverse: bool = False

    def text(self, columns: int) -> str:
        """The row as spaces and characters, `columns // wide` columns of its own size."""
        room = columns // self.wide
        gap = room - display_width(self.left) - display_width(self.right)
        if self.center:
            before = max(0, gap) // 2
            after = max(0, gap) - before if self.inverse else 0
            return " " * before + self.left + " " * after
        return self.left + " " * max(0, gap) + self.right if self.right else self.left


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class QrRow:
    """A QR code, centred."""

    payload: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """Half a row of nothing, so that large things do not touch small ones."""


PaperRow = Row | RuleRow | QrRow | GapRow


def display_width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def spelled(receipt: Receipt, draws: Callable[[str], bool]) -> Receipt:
    """The receipt in characters a printer can take: Hangul composed, odd spaces plain, no control characters.

    `draws` tells whether a character can be drawn; where it cannot, the bitcoin sign is written BTC. Names of shops and
    goods are other people's text: what cannot be drawn of them is shown as `NO_LETTER`. Amounts are never touched.
    """

    def spell(text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        text = "".join(" " if unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cc") else char for char in text)
        return (
            text
            if BITCOIN_SIGN not in text or draws(BITCOIN_SIGN)
            else text.replace(BITCOIN_SIGN, "BTC ").replace("BTC  ", "BTC ")
        )

    def spell_name(text: str) -> str:
        return _drawable(spell(text), draws)

    return replace(receipt, lines=tuple(_spelled_line(line, spell, spell_name) for line in receipt.lines))


def _drawable(name: str, draws: Callable[[str], bool]) -> str:
    """A name with one `NO_LETTER` for each run of characters that cannot be drawn; joiners and selectors vanish."""
    sign = next(filter(draws, NO_LETTER), "")
    out = ""
    for char in name:
        if char == " " or draws(char):
            out += char
        elif _columns(char) and unicodedata.category(char) != "Mn" and not (sign and out.endswith(sign)):
            out += sign
    return out


def _spelled_line(line: ReceiptLine, spell: Callable[[str], str], spell_name: Callable[[str], str]) -> ReceiptLine:
    match line:
        case Title(text):
            return Title(spell_name(text))
        case Pair(left, right):
            return Pair(spell_name(left), spell(right))
        case Line(text) | CopyMark(text):
            return type(line)(spell(text))
        case Total(left, right):
            return type(line)(spell(left), spell(right))
        case Qr(payload, caption):
            return Qr(payload, spell(caption))
        case CardCode(label, caption, code):
            return CardCode(spell(label), spell(caption), code)
        case Rule():
            return line
        case _:
            assert_never(line)


def wrap(text: str, columns: int) -> list[str]:
    """Break at spaces; a word longer than the row is broken where it must be. At least one row, maybe empty."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        joined = f"{row} {word}" if row else word
        if display_width(joined) <= columns:
            row = joined
            continue
        if row:
            rows.append(row)
        *full, row = _broken(word, columns)
        rows += full
    return [*rows, row] if row or not rows else rows


def _broken(word: str, columns: int) -> list[str]:
    parts = [""]
    for char in word:
        if parts[-1] and display_width(parts[-1]) + _columns(char) > columns:
            parts.append("")
        parts[-1] += char
    return parts


def lay_out(receipt: Receipt, columns: int) -> tuple[PaperRow, ...]:
    """All rows of a receipt on a paper of `columns` columns (48 on 80 mm, 32 on 58 mm)."""
    rows: list[PaperRow] = []
    for line, following in zip(receipt.lines, (*receipt.lines[1:], None), strict=True):
        rows += _line_rows(line, columns)
        if following is not None and _wants_gap(line, following):
            rows.append(GapRow())
    return tuple(rows)


def _wants_gap(line: ReceiptLine, following: ReceiptLine) -> bool:
    match line, following:
        case (Title(), Title()) | (Qr(), Rule()):
            return False
        case (Title() | CopyMark() | Qr() | CardCode(), _) | (_, CopyMark()):
            return True
    return False


def _line_rows(line: ReceiptLine, columns: int) -> list[PaperRow]:
    match line:
        case Title(text):
            return [Row(part, wide=2, tall=2, center=True) for part in wrap(text, columns // 2)]
        case Line(text):
            return [Row(part) for part in wrap(text, columns)]
        case Pair(left, right):
            return _pair_rows(left, right, columns, 1, 1)
        case Total(left, right):
            # Twice as tall always; twice as wide unless the value would have to be broken for it.
            wide = 2 if display_width(" ".join(right.split())) <= columns // 2 else 1
            return _pair_rows(left, right, columns, wide, 2)
        case Rule():
            return [RuleRow()]
        case Qr(payload, caption):
            captions: list[PaperRow] = [Row(part, center=True) for part in wrap(caption, columns) if part]
            return [QrRow(payload), *captions]
        case CardCode(label, caption, code):
            return [*_pair_rows(label, code, columns, 1, 2), *_line_rows(Qr(code, caption), columns)]
        case CopyMark(text):
            mark = [Row(part, wide=2, tall=2, center=True, inverse=True) for part in wrap(text, columns // 2)]
            return [RuleRow(), *mark, RuleRow()]
        case _:
            assert_never(line)


def _pair_rows(left: str, right: str, columns: int, wide: int, tall: int) -> list[PaperRow]:
    """The name over as many rows as it needs; the value beside its last row, or below where there is no room."""
    room = columns // wide
    right = " ".join(right.split())
    *above, last = wrap(left, room)
    rows: list[PaperRow] = [Row(name, "", wide, tall) for name in above]
    if not last or display_width(last) + 1 + display_width(right) <= room:
        first, *below = wrap(right, room)
        return [*rows, Row(last, first, wide, tall), *(Row("", part, wide, tall) for part in below)]
    return [*rows, Row(last, "", wide, tall), *(Row("", part, wide, tall) for part in wrap(right, room))]
