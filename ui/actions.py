"""The action bar: cancel in the left corner, the primary action in the right one, the others between."""

from __future__ import annotations

from core.screens import Action, Role
from ui.marks import Box, Look, Target
from ui.sheet import Letters, Sheet, line_px, paragraph
from ui.themes import Hue
from ui.wrap import clip

GAP = 1.5
PAD = 2.5
LOOKS = {
    Role.PRIMARY: Look.PRIMARY,
    Role.PLAIN: Look.PLAIN,
    Role.CANCEL: Look.CANCEL,
    Role.DANGER: Look.DANGER,
}
INKS = {
    Look.PRIMARY: Hue.ON_ACCENT,
    Look.PLAIN: Hue.INK,
    Look.CANCEL: Hue.INK,
    Look.DANGER: Hue.STOP,
}


def split(actions: tuple[Action, ...], beside_pad: bool) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """The actions of the bar and those that stand in a column beside a number pad, as on an adding machine."""
    if not beside_pad or len(actions) <= 2:
        return actions, ()
    bar_roles = (Role.CANCEL, Role.PRIMARY)
    low = tuple(action for action in actions if action.role in bar_roles) or actions[-2:]
    return low, tuple(action for action in actions if action not in low)


def bar_px(sheet: Sheet, actions: tuple[Action, ...]) -> int:
    return max(sheet.metrics.touch, sheet.metrics.px(9.875)) if actions else 0


def bar(sheet: Sheet, actions: tuple[Action, ...], box: Box, fill: bool) -> tuple[Target, ...]:
    """Cancel left, primary right. `fill`: the buttons share the whole width (beside a pad)."""
    return _row(sheet, actions, box, fill) if actions else ()


def column(sheet: Sheet, actions: tuple[Action, ...], box: Box) -> tuple[Target, ...]:
    """Buttons of one height from top to bottom, none higher than two keys of the pad beside it."""
    gap = sheet.metrics.px(1)
    high = (box.h - gap * (max(2, len(actions)) - 1)) // max(2, len(actions))
    return tuple(
        _button(sheet, action, Box(box.x, box.y + index * (high + gap), box.w, high))
        for index, action in enumerate(actions)
    )


def _row(sheet: Sheet, actions: tuple[Action, ...], box: Box, fill: bool) -> tuple[Target, ...]:
    ordered = sorted(actions, key=lambda action: {Role.CANCEL: 0, Role.PRIMARY: 2}.get(action.role, 1))
    gap = sheet.metrics.px(GAP)
    widths = [_wanted(sheet, action, fill) for action in ordered]
    room = box.w - gap * (len(ordered) - 1)
    if sum(widths) > room:
        widths = _squeezed(widths, room)
    elif fill:
        widths[-1] += room - sum(widths)
    x, spare = box.x, box.w - gap * (len(ordered) - 1) - sum(widths)
    targets = []
    for index, (action, wide) in enumerate(zip(ordered, widths, strict=True)):
        if index == 0 and action.role is not Role.CANCEL:
            x += spare  # everything but cancel stands to the right
        targets.append(_button(sheet, action, Box(x, box.y, wide, box.h)))
        x += wide + gap
        if index == 0 and action.role is Role.CANCEL:
            x += spare
    return tuple(targets)


def _wanted(sheet: Sheet, action: Action, narrow: bool) -> int:
    px, label = sheet.metrics.px, sheet.say(action.label)
    least = {Role.PRIMARY: 24 if narrow else 32, Role.CANCEL: 14 if narrow else 17}.get(action.role, 20)
    return max(px(least), sheet.measure.width(label, sheet.metrics.text, _bold(action)) + 2 * px(PAD))


def _squeezed(widths: list[int], room: int) -> list[int]:
    """Widths that fit: the widest give way first, so that a short word keeps its line."""
    low, high = 1, max(widths)
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if sum(min(width, half) for width in widths) <= room else (low, half - 1)
    squeezed = [min(width, low) for width in widths]
    squeezed[-1] += room - sum(squeezed)
    return squeezed


def _bold(action: Action) -> bool:
    return action.role is Role.PRIMARY


def _button(sheet: Sheet, action: Action, box: Box) -> Target:
    look = LOOKS[action.role]
    text = sheet.say(action.label)
    inner = box.inset(min(sheet.metrics.px(1.25), box.w // 16), sheet.metrics.px(0.5))
    size = sheet.metrics.text
    while size > sheet.metrics.least and not _fits(sheet, text, size, _bold(action), inner):
        size -= 1
    lines = sheet.lines(text, size, _bold(action), inner.w, even=True)
    lines = clip(sheet.measure, lines, size, _bold(action), inner.w, max(1, inner.h // line_px(size)))
    high = line_px(size) * len(lines)
    letters = Letters(size, _bold(action), INKS[look], align=1)
    inside = paragraph(sheet, "\n".join(lines), letters, inner.middle(inner.w, high))
    keys = (action.key,) if action.key else _default_keys(action.role)
    return Target(action.id, box, box, look, text, keys, inside, sheet.metrics.px(1.75))


def _fits(sheet: Sheet, text: str, size: int, bold: bool, box: Box) -> bool:
    """On one line at any size, on two lines when smaller than a label, and no word is broken."""
    words = text.split()
    if any(sheet.measure.width(word, size, bold) > box.w for word in words):
        return False
    lines = len(sheet.lines(text, size, bold, box.w))
    most = 1 if size > sheet.metrics.label else 2
    return lines <= most and lines * line_px(size) <= box.h


def _default_keys(role: Role) -> tuple[str, ...]:
    return {Role.PRIMARY: ("enter",), Role.CANCEL: ("escape",)}.get(role, ())
