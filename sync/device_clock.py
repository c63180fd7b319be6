"""The device's clock: the exchange's time carried on by a counter that never jumps.

A Raspberry Pi has no clock of its own after a power cut, and an administrator may set one by hand. So wall time here is
``monotonic + anchor``: the anchor comes from the operating system once, at the start, and from then on only from the
``Tillmark-Time`` of the exchange's replies. Jumps of the operating system's clock change nothing.

Healed by the line's thread, read by all: the whole state is one tuple, replaced at once.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from core.moment import Moment
from core.ports import Clock, Log

SKEW_WARNED_MS: Final = 60_000  # a signature is accepted within 60 s: beyond it an unhealed clock would be refused
DRIFT_PPM: Final = 200  # worst quartz of a small board; how fast an old answer becomes less certain than a new one
ROUND_TRIP_MAX_MS: Final = 10_000  # an answer slower than this says little about the time


class _Anchor(NamedTuple):
    """`wall_ms` = monotonic + `anchor_ms`, give or take `uncertain_ms`, as known at monotonic `at_ms`."""

    anchor_ms: int
    uncertain_ms: int
    at_ms: int
    healed: bool


class DeviceClock:
    """`core.ports.Clock`, healed. `base` is the real or the simulated clock."""

    def __init__(self, base: Clock, log: Log) -> None:
        self._base = base
        self._log = log
        started_ms = base.monotonic_ms()
        self._anchor = _Anchor(base.now().ms - started_ms, ROUND_TRIP_MAX_MS, started_ms, False)
        self._warned = False

    def now(self) -> Moment:
        return Moment(self._base.monotonic_ms() + self._anchor.anchor_ms)

    def monotonic_ms(self) -> int:
        return self._base.monotonic_ms()

    @property
    def healed(self) -> bool:
        """Whether the exchange has told the time since the start."""
        return self._anchor.healed

    @property
    def skew_ms(self) -> int:
        """How far the operating system's clock is ahead of this one."""
        return self._base.now().since(self.now())

    def heal(self, told: Moment, asked_ms: int, answered_ms: int, *, refused: bool = False) -> None:
        """A reply carried the server's time. `asked_ms` and `answered_ms` are monotonic, around the exchange of it.

        The server looked at its clock somewhere between the two. A reply less certain than what is known already is
        passed over, unless the server `refused` us for our time: then it is right by definition.
        """
        uncertain_ms = (answered_ms - asked_ms + 1) // 2
        known = self._anchor
        aged_ms = known.uncertain_ms + (answered_ms - known.at_ms) * DRIFT_PPM // 1_000_000
        if not refused and known.healed and uncertain_ms > aged_ms:
            return
        if not refused and uncertain_ms > ROUND_TRIP_MAX_MS // 2:
            return
        self._anchor = _Anchor(told.ms - (asked_ms + answered_ms) // 2, uncertain_ms, answered_ms, True)
        self._tell()

    def _tell(self) -> None:
        """Once when the system's clock is found to be wrong, once when it is right again."""
        wrong = abs(self.skew_ms) > SKEW_WARNED_MS
        if wrong and not self._warned:
            self._log.warning("clock_skew", code="TM-LINE-009", skew_ms=self.skew_ms)
        if self._warned and not wrong:
            self._log.info("clock_right_again", skew_ms=self.skew_ms)
        self._warned = wrong
