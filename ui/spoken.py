"""The screen as text in reading order: for speech, for a panel far away, for tests. Pure.

Speech says what the screen says, in the same order. `private` lines (what a member owns or typed) are for the
headphone only; a typed code is never spoken, only how many figures of it there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from core.screens import (
    Amount,
    Block,
    Choices,
    Countdown,
    Drawing,
    Facts,
    Items,
    Keypad,
    Notice,
    QrCode,
    Screen,
    Tone,
    Viewfinder,
    Waiting,
    say,
)
from core.words import word
from ui.sums import amount_text

TONES = {Tone.GOOD: "faces.tone.good", Tone.WARN: "faces.tone.warn", Tone.STOP: "faces.tone.stop"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One line. `private`: amounts, coins and typed figures, for the headphone and not for the room."""

    text: str
    private: bool = False


def spoken(screen: Screen, lang: str) -> tuple[Spoken, ...]:
    """Tone, heading, blocks from top to bottom, buttons."""
    lines: list[Spoken] = []
    if screen.tone in TONES:
        lines.append(Spoken(word(say(TONES[screen.tone]), lang)))
    lines.append(Spoken(word(screen.heading, lang)))
    for block in screen.blocks:
        lines.extend(_block(block, lang))
    if screen.actions:
        labels = ", ".join(word(action.label, lang) for action in screen.actions)
        lines.append(Spoken(word(say("faces.buttons", labels=labels), lang)))
    return tuple(line for line in lines if line.text)


def read_aloud(screen: Screen, lang: str, headphone: bool) -> str:
    """All of it as one text; without a headphone the private lines are left out."""
    return "\n".join(line.text for line in spoken(screen, lang) if headphone or not line.private)


def _block(block: Block, lang: str) -> tuple[Spoken, ...]:
    match block:
        case Amount(amount, label, under, note):
            parts = [label, None, under, note]
            texts = [word(part, lang) if part is not None else "" for part in parts]
            texts[1] = amount_text(amount, lang)
            return tuple(Spoken(text, private=True) for text in texts if text)
        case Facts(rows):
            return tuple(Spoken(f"{word(name, lang)}: {word(value, lang)}", private=True) for name, value in rows)
        case Items():
            return _items(block, lang)
        case Keypad():
            return (_typed(block, lang),)
        case Viewfinder(hint):
            return (Spoken(word(hint if hint is not None else say("faces.viewfinder"), lang)),)
        case Notice(words):
            return (Spoken(word(words, lang)),)
        case Countdown(left_ms, _, label):
            seconds = word(say("faces.seconds_left", seconds=-(-left_ms // 1000)), lang)
            return (Spoken(f"{seconds} {word(label, lang)}" if label is not None else seconds),)
        case Choices():
            return _choices(block, lang)
        case QrCode(_, caption):
            return (Spoken(word(caption if caption is not None else say("faces.qr"), lang)),)
        case Waiting(words):
            return (Spoken(word(words, lang)),)
        case Drawing():
            return ()  # a picture repeats what the heading says
        case _:
            assert_never(block)


def _items(block: Items, lang: str) -> tuple[Spoken, ...]:
    rows = [
        say("faces.item", name=row.name, count=row.count, amount=amount_text(row.amount, lang)) for row in block.rows
    ]
    total = say("faces.total_is", amount=amount_text(block.total, lang))
    return tuple(Spoken(word(line, lang), private=True) for line in (*rows, total))


def _typed(block: Keypad, lang: str) -> Spoken:
    if not block.shown:
        return Spoken(word(say("faces.nothing_typed"), lang))
    if not block.unit:
        figures = sum(not char.isspace() for char in block.shown)
        return Spoken(word(say("faces.figures_typed", count=figures), lang))
    return Spoken(word(say("faces.typed", shown=f"{block.shown} {block.unit}"), lang), private=True)


def _choices(block: Choices, lang: str) -> tuple[Spoken, ...]:
    lines = []
    for number, option in enumerate(block.options, 1):
        text = word(say("faces.choice", number=number, title=word(option.title, lang)), lang)
        if option.amount is not None:
            text += f", {amount_text(option.amount, lang)}"
        if option.detail is not None:
            text += f", {word(option.detail, lang)}"
        lines.append(Spoken(text, private=option.amount is not None or option.detail is not None))
    return tuple(lines)
