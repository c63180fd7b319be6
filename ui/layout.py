"""From meaning to places: header, body with its pane, action bar. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    Viewfinder,
    Waiting,
)
from ui.actions import bar, bar_px, column, split
from ui.blocks.cards import CardsPiece
from ui.blocks.facts import FactsPiece
from ui.blocks.items import ItemsPiece
from ui.blocks.pad import pad
from ui.blocks.panes import (
    Beside,
    LensPiece,
    QrPiece,
    RingRow,
    WaitingRow,
    lens,
    picture,
    qr,
    qr_width,
    ring,
    under_way,
)
from ui.blocks.prose import Heading, NoticeBar, Paragraph, Typed
from ui.blocks.sums import AmountPiece
from ui.header import HeaderWords, header
from ui.marks import Box, Layout, Placed
from ui.sheet import Piece, Sheet, stack

MARGIN = 3.0  # grid units on both sides
TOP = 8.5  # where the body starts
FOOT = 2.0  # under the lowest button
GUTTER = 4.0  # between the column and the pane
SIDE = 14.0  # the column of buttons beside a number pad
PANES = {Keypad: 36.0, Viewfinder: 46.0, QrCode: 36.0, Drawing: 34.0, Waiting: 34.0, Countdown: 24.0}


@dataclass(frozen=True, slots=True)
class _Frame:
    """The big boxes of one screen."""

    column: Box
    pane: Box | None
    actions: Box
    side: Box | None = None


def lay_out(sheet: Sheet, screen: Screen, words: HeaderWords) -> Layout:
    """Every mark and target of `screen`."""
    metrics = sheet.metrics
    whole = Box(0, 0, metrics.width, metrics.height)
    top, header_box = header(sheet, words)
    pane_block = _pane_block(screen)
    frame = _frame(sheet, screen, pane_block)
    placed = top
    if frame.pane is not None and pane_block is not None:
        placed = placed.plus(_pane(sheet, screen, pane_block, frame.pane))
    pieces = _pieces(sheet, screen, pane_block)
    centred = not isinstance(pane_block, Keypad) and not any(isinstance(b, Choices) for b in screen.blocks)
    placed = placed.plus(stack(sheet, pieces, frame.column, centred))
    low, beside = split(screen.actions, isinstance(pane_block, Keypad))
    placed = placed.plus(Placed((), bar(sheet, low, frame.actions, isinstance(pane_block, Keypad))))
    if frame.side is not None:
        placed = placed.plus(Placed((), column(sheet, beside, frame.side)))
    return Layout(whole, header_box, placed)


def _pane_block(screen: Screen) -> Block | None:
    """The block that takes the right of the screen; the others stand in the column."""
    listed = any(isinstance(block, Choices) for block in screen.blocks)
    order: tuple[type[Block], ...] = (Keypad, Viewfinder, QrCode, Drawing, Waiting, Countdown)
    for kind in order:
        if listed and kind in (Drawing, Waiting, Countdown):
            continue
        for block in screen.blocks:
            if isinstance(block, kind):
                return block
    return None


def _frame(sheet: Sheet, screen: Screen, pane_block: Block | None) -> _Frame:
    metrics, px = sheet.metrics, sheet.metrics.px
    left, right = px(MARGIN), metrics.width - px(MARGIN)
    top, foot = px(TOP), metrics.height - px(FOOT)
    narrow = isinstance(pane_block, Keypad)
    low, beside = split(screen.actions, narrow)
    actions_px = bar_px(sheet, low)
    body_foot = foot - actions_px - (px(2) if actions_px else 0)
    if pane_block is None:
        text = Box(left, top, right - left, body_foot - top)
        return _Frame(text, None, Box(left, foot - actions_px, right - left, actions_px))
    wide = px(PANES[type(pane_block)])
    if narrow:
        # The pad reaches down to the foot; under the header's targets there must stay room for a finger.
        pane_top = max(top, metrics.touch + px(0.5))
        side = Box(right - px(SIDE), pane_top, px(SIDE), foot - pane_top) if beside else None
        if side is not None:
            right, wide = side.x - px(1), px(PANES[Keypad] - 4)
        pane = Box(right - wide, pane_top, wide, foot - pane_top)
        column_px = pane.x - px(GUTTER if side is None else GUTTER - 1) - left
        text = Box(left, top, column_px, body_foot - top)
        return _Frame(text, pane, Box(left, foot - actions_px, column_px, actions_px), side)
    if isinstance(pane_block, QrCode):
        wide = min(wide, qr_width(sheet, pane_block, body_foot - top))
    pane = Box(right - wide, top, wide, body_foot - top)
    text = Box(left, top, pane.x - px(GUTTER) - left, body_foot - top)
    return _Frame(text, pane, Box(left, foot - actions_px, right - left, actions_px))


def _pane(sheet: Sheet, screen: Screen, block: Block, box: Box) -> Placed:
    match block:
        case Keypad():
            return pad(sheet, block, box)
        case Viewfinder():
            return lens(sheet, block, box)
        case QrCode():
            return qr(sheet, block, box)
        case Drawing():
            return picture(sheet, block, screen.tone, box)
        case Waiting():
            return under_way(sheet, screen.tone, box)
        case Countdown():
            return ring(sheet, block, box)
        case _:
            raise AssertionError(f"{type(block).__name__} has no pane")


def _pieces(sheet: Sheet, screen: Screen, pane_block: Block | None) -> tuple[Piece, ...]:
    listed = any(isinstance(block, Choices) for block in screen.blocks)
    amounts = any(isinstance(block, Amount) for block in screen.blocks)
    countdown = next((b for b in screen.blocks if isinstance(b, Countdown) and b is not pane_block), None)
    ring_row = RingRow(sheet, countdown) if countdown is not None and listed and amounts else None
    pad_screen = isinstance(pane_block, Keypad)
    beside = next((b for b in screen.blocks if isinstance(b, Drawing) and b is not pane_block), None)
    pieces: list[Piece] = [Heading(sheet, sheet.say(screen.heading), beside, one_line=pad_screen)]
    dense = any(isinstance(block, (Items, Viewfinder)) for block in screen.blocks)
    for block in screen.blocks:
        match block:
            case Amount():
                amount = AmountPiece(sheet, block, compact=listed)
                pieces.append(amount if ring_row is None else Beside(sheet, amount, ring_row))
            case Facts():
                pieces.append(FactsPiece(sheet, block))
            case Items():
                pieces.append(ItemsPiece(sheet, block, roomy=not pad_screen))
            case Keypad():
                pieces.append(Typed(sheet, block.shown, block.unit, compact=dense))
            case Notice():
                pieces.append(NoticeBar(sheet, sheet.say(block.words), block.tone))
            case Choices():
                pieces.append(CardsPiece(sheet, block))
            case Waiting():
                if block is pane_block:
                    pieces.append(Paragraph(sheet, sheet.say(block.words)))
                else:
                    pieces.append(WaitingRow(sheet, block))
            case Countdown():
                if block is not pane_block and ring_row is None:
                    pieces.append(RingRow(sheet, block))
            case Viewfinder():
                if block is not pane_block:
                    pieces.append(LensPiece(sheet, block))
            case QrCode():
                if block is not pane_block:
                    pieces.append(QrPiece(sheet, block))
            case Drawing():
                pass  # in the pane, or beside the heading
            case _:
                assert_never(block)
    return tuple(pieces)


def scrolled(sheet: Sheet, first_row: int | None) -> Sheet:
    return replace(sheet, first_row=first_row)
