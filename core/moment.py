"""Moment: a point of wall-clock time, as whole milliseconds since 1970 UTC.

Nothing here reads a clock. Wall time is for people and for signatures; a *timeout* is always counted
on the monotonic clock of the `Clock` port, so a clock that jumps a year breaks no countdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS_MAX = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z, the last moment RFC 3339 can write
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


class BadMoment(ValueError):
    """Text that is not an RFC 3339 time, or a time outside the years 1970-9999."""


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """`ms` milliseconds since 1970-01-01T00:00:00Z."""

    ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.ms <= _MS_MAX:
            raise BadMoment(f"{self.ms} ms is outside the years 1970-9999")

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read RFC 3339 with `Z` or an offset. Raises `BadMoment`."""
        if not _RFC3339.fullmatch(text):
            raise BadMoment(f"{text[:40]!r} is not an RFC 3339 time")
        try:
            stamp = datetime.fromisoformat(text)
        except ValueError as error:
            raise BadMoment(f"{text!r}: {error}") from None
        return cls((stamp - _EPOCH) // timedelta(milliseconds=1))

    def plus(self, ms: int) -> Moment:
        return Moment(self.ms + ms)

    def since(self, earlier: Moment) -> int:
        """Milliseconds from `earlier` to this moment; negative when `earlier` is later."""
        return self.ms - earlier.ms

    def rfc3339(self) -> str:
        """UTC with milliseconds: ``2026-03-01T09:30:00.000Z``; inverse of `parse`."""
        stamp = _EPOCH + timedelta(milliseconds=self.ms)
        return stamp.isoformat(timespec="milliseconds")[:23] + "Z"  # `strftime` takes four times as long

    def local(self, offset_minutes: int) -> str:
        """For people, at a fixed offset from UTC: ``2026-03-01 18:30:00``."""
        stamp = _EPOCH + timedelta(milliseconds=self.ms, minutes=offset_minutes)
        return stamp.strftime("%Y-%m-%d %H:%M:%S")

    def __str__(self) -> str:
        return self.rfc3339()
