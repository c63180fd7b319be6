"""What the device takes from its operating system: time, entropy, a place for log lines."""

from __future__ import annotations

import logging
import os
import sys
import time

from core.moment import Moment
from core.ports import Log


class SystemClock:
    """The machine's own clocks (`core.ports.Clock`)."""

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def entropy(count: int) -> bytes:
    """`count` unpredictable bytes."""
    return os.urandom(count)


def open_log(level: str) -> Log:
    """One JSON object a line on standard error, where journald picks it up; coloured lines on a terminal."""
    import structlog

    people = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="ts", utc=True),
            structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    log: Log = structlog.get_logger()
    return log
