"""Keys instead of fingers: every target can be reached by tab or arrows and pressed with enter. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ui.marks import Box, Target

KEY_GUARD_MS: Final = 250  # as for a finger: the second stroke of a double stroke never confirms a new screen
DOUBLE_MS: Final = 500
ARROWS: Final = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


@dataclass(slots=True)
class Focus:
    """`at` is the action id of the target with the ring around it, "" for none."""

    at: str = ""
    _shown_ms: int | None = None
    _last: tuple[str, int] | None = None

    def screen_changed(self, now_ms: int) -> None:
        self.at = ""
        self._shown_ms = now_ms

    def redrawn(self, targets: tuple[Target, ...]) -> None:
        if all(target.action != self.at for target in targets):
            self.at = ""

    def key(self, now_ms: int, name: str, targets: tuple[Target, ...]) -> str | None:
        """The action this key presses, or None; moves the ring for tab and arrows."""
        last, self._last = self._last, (name, now_ms)
        if last is not None and last[0] == name and now_ms - last[1] < DOUBLE_MS and self._fresh(now_ms, last[1]):
            return None
        if name == "enter" and self.at:
            return self.at
        if name in ("tab", "back_tab"):
            self._step(1 if name == "tab" else -1, targets)
            return None
        if name in ARROWS:
            self._towards(*ARROWS[name], targets)
            return None
        return next((target.action for target in targets if name in target.keys), None)

    def _fresh(self, now_ms: int, last_ms: int) -> bool:
        """Has a new screen just appeared, after that key was last hit?"""
        shown_ms = self._shown_ms
        return shown_ms is not None and last_ms <= shown_ms and now_ms - shown_ms < KEY_GUARD_MS

    def _order(self, targets: tuple[Target, ...]) -> list[Target]:
        """Reading order: from top to bottom, from left to right; the header comes last, it is needed least."""
        return sorted(targets, key=lambda target: (target.hit.y == 0, target.box.y, target.box.x))

    def _step(self, by: int, targets: tuple[Target, ...]) -> None:
        order = [target.action for target in self._order(targets)]
        if not order:
            return
        if self.at not in order:
            self.at = order[0 if by > 0 else -1]
        else:
            self.at = order[(order.index(self.at) + by) % len(order)]

    def _towards(self, dx: int, dy: int, targets: tuple[Target, ...]) -> None:
        here = next((target for target in targets if target.action == self.at), None)
        if here is None:
            self._step(1, targets)
            return
        ahead = [
            (cost, target.action)
            for target in targets
            if target.action != self.at and (cost := _cost(here.box, target.box, dx, dy)) is not None
        ]
        if ahead:
            self.at = min(ahead)[1]


def _cost(here: Box, there: Box, dx: int, dy: int) -> int | None:
    """How far a target lies in that direction; sideways counts three times; None when it lies behind."""
    (ax, ay), (bx, by) = here.centre, there.centre
    along = (bx - ax) * dx + (by - ay) * dy
    aside = abs((bx - ax) * dy) + abs((by - ay) * dx)
    return along + 3 * aside if along > 0 else None
