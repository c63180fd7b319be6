"""One finger on the glass: presses when let go over its target, cancels when moved out, never presses twice.

Pure; the time is handed in. Three guards stand against a press nobody meant:

* *bounce*: a touch panel that loses contact for a moment reports up and down again within some 40 ms;
* *twice*: the same button, outside a number pad, counts once in 300 ms (a nervous double tap);
* *new screen*: a screen that has just appeared does not hear a touch on the spot of the last one for 250 ms,
  so the second tap of a double tap never confirms what nobody has read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ui.marks import Look, Scroll, Target

BOUNCE_MS: Final = 60
TWICE_MS: Final = 300
GUARD_MS: Final = 250
DOUBLE_TAP_MS: Final = 500  # a tap after a longer pause is meant, and not the second half of a double tap


@dataclass(slots=True)
class Finger:
    """`spot_px` is the radius of "the same spot": a fingertip, about 15 mm."""

    spot_px: int
    held: Target | None = None
    inside: bool = False
    _last_up: tuple[int, int, int] | None = None
    _last_action: tuple[str, int] | None = None
    _shown_ms: int | None = None
    _drag: tuple[int, int] | None = field(default=None)

    @property
    def pressed(self) -> Target | None:
        """The target that looks pressed now."""
        return self.held if self.inside else None

    def screen_changed(self, now_ms: int) -> None:
        """Another screen stands under the finger: what was held is let go, the last spot is guarded."""
        self.held, self.inside, self._drag, self._last_action = None, False, None, None
        self._shown_ms = now_ms

    def redrawn(self, targets: tuple[Target, ...]) -> None:
        """The same screen with new contents: the held target stays held if it is still there."""
        if self.held is not None:
            self.held = next((target for target in targets if target.action == self.held.action), None)
            self.inside = self.inside and self.held is not None

    def down(self, now_ms: int, x: int, y: int, targets: tuple[Target, ...], scroll: Scroll | None) -> None:
        if self.held is not None or self._guarded(now_ms, x, y) or self._bounces(now_ms, x, y):
            return
        self.held = next((target for target in targets if target.hit.holds(x, y)), None)
        self.inside = self.held is not None
        if self.held is None and scroll is not None and scroll.box.holds(x, y):
            self._drag = (y, scroll.first)

    def moved(self, x: int, y: int, scroll: Scroll | None) -> int | None:
        """Returns the first row a dragged list now shows, or None."""
        if self.held is not None:
            self.inside = self.held.hit.holds(x, y)
        if self._drag is None or scroll is None:
            return None
        start, first = self._drag
        row = first + round((start - y) / max(1, scroll.row_px))
        row = max(0, min(row, scroll.last_first))
        return row if row != scroll.first else None

    def up(self, now_ms: int, x: int, y: int) -> str | None:
        """The action that was pressed, or None."""
        target, self.held, self._drag = self.held, None, None
        pressed = target is not None and target.hit.holds(x, y)
        self.inside = False
        self._last_up = (now_ms, x, y)
        if target is None or not pressed:
            return None
        if target.look is not Look.KEY:
            last = self._last_action
            if last is not None and last[0] == target.action and now_ms - last[1] < TWICE_MS:
                return None
            self._last_action = (target.action, now_ms)
        return target.action

    def _guarded(self, now_ms: int, x: int, y: int) -> bool:
        last, shown_ms = self._last_up, self._shown_ms
        if last is None or shown_ms is None or last[0] > shown_ms or now_ms - shown_ms >= GUARD_MS:
            return False
        return now_ms - last[0] < DOUBLE_TAP_MS and self._same_spot(x, y, last[1], last[2])

    def _bounces(self, now_ms: int, x: int, y: int) -> bool:
        last = self._last_up
        return last is not None and now_ms - last[0] < BOUNCE_MS and self._same_spot(x, y, last[1], last[2])

    def _same_spot(self, ax: int, ay: int, bx: int, by: int) -> bool:
        return (ax - bx) ** 2 + (ay - by) ** 2 <= self.spot_px**2
