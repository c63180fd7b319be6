"""Lines of text that fit: broken at spaces, inside a word only when it must be, cut with an ellipsis last.

Pure: the width of a text is asked of a `Measure`.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

ELLIPSIS: Final = "…"
DOT: Final = " · "  # separates groups; a line breaks there first
SENTENCE: Final = re.compile(r"([.?:]) (?=\S)")  # where a line ends best
UNIT_MAX: Final = 10  # the longest asset code


class Measure(Protocol):
    """How wide a text is in pixels, in one of the two weights."""

    def width(self, text: str, size: int, bold: bool) -> int: ...


def wrap(measure: Measure, text: str, size: int, bold: bool, width: int) -> list[str]:
    """The lines of `text`, each at most `width` pixels wide (a single character may be wider)."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        groups = [group for group in paragraph.split(DOT) if group] or [""]
        line = ""
        for group in groups:
            longer = f"{line}{DOT}{group}" if line else group
            if measure.width(longer, size, bold) <= width:
                line = longer
                continue
            if line:
                lines.append(line)  # a group that starts a line needs no dot before it
            *full, line = _words(measure, group, size, bold, width)
            lines.extend(full)
        lines.append(line)
    return lines


def _words(measure: Measure, text: str, size: int, bold: bool, width: int) -> list[str]:
    """Words greedily on lines; a sum and its unit are one word."""
    lines, line = [], ""
    for word in _glued(text.split()):
        longer = f"{line} {word}" if line else word
        if measure.width(longer, size, bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *broken, line = _pieces(measure, word, size, bold, width)
        lines.extend(broken)
    return [*lines, line]


def _glued(words: list[str]) -> list[str]:
    """ "50,000" and "₩", "0.0005" and "BTC" belong on one line."""
    glued: list[str] = []
    for word in words:
        unit = word.rstrip(".,") == "₩" or (word.isupper() and len(word) <= UNIT_MAX)
        if unit and glued and glued[-1][-1].isdigit():
            glued[-1] += f" {word}"
        else:
            glued.append(word)
    return glued


def _pieces(measure: Measure, word: str, size: int, bold: bool, width: int) -> list[str]:
    """A word cut into pieces that fit; one piece when it fits whole."""
    pieces: list[str] = []
    while measure.width(word, size, bold) > width and len(word) > 1:
        low, high = 1, len(word) - 1
        while low < high:
            half = (low + high + 1) // 2
            low, high = (half, high) if measure.width(word[:half], size, bold) <= width else (low, half - 1)
        pieces.append(word[:low])
        word = word[low:]
    return [*pieces, word]


def balanced(measure: Measure, text: str, size: int, bold: bool, width: int) -> list[str]:
    """Like `wrap`, with lines of similar length: the narrowest width that needs no more lines."""
    lines = wrap(measure, text, size, bold, width)
    if len(lines) < 2 or "\n" in text or DOT in text:
        return lines
    sentences = SENTENCE.sub(r"\1\n", text)
    if "\n" in sentences:
        parts = [line for part in sentences.split("\n") for line in balanced(measure, part, size, bold, width)]
        if len(parts) <= len(lines):
            return parts
    low, high = width // 2, width
    while high - low > 4:
        half = (low + high) // 2
        narrower = wrap(measure, text, size, bold, half)
        if len(narrower) <= len(lines) and not _breaks_words(narrower, text):
            high = half
        else:
            low = half
    best = wrap(measure, text, size, bold, high)
    return best if not _breaks_words(best, text) else lines


def _breaks_words(lines: list[str], text: str) -> bool:
    return " ".join(lines) != " ".join(text.split())


def clip(measure: Measure, lines: list[str], size: int, bold: bool, width: int, most: int) -> list[str]:
    """At most `most` lines; what was cut shows as an ellipsis."""
    if len(lines) <= most:
        return lines
    kept = lines[: max(1, most)]
    last = kept[-1]
    while last and measure.width(last + ELLIPSIS, size, bold) > width:
        last = last[:-1]
    kept[-1] = last.rstrip() + ELLIPSIS
    return kept


def fit(measure: Measure, text: str, size: int, bold: bool, width: int, least: int) -> tuple[str, int]:
    """One line: smaller until it fits, then cut at the size `least`."""
    while size > least and measure.width(text, size, bold) > width:
        size -= 1
    if measure.width(text, size, bold) > width:
        text = clip(measure, [text, ""], size, bold, width, 1)[0]
    return text, size
