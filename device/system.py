"""What the device takes from its operating system: time, entropy, a place for log lines."""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import Final

from core.moment import Moment
from core.ports import Log

TURN_S: Final = 0.0005
M_TRIM_THRESHOLD: Final = -1  # malloc.h
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
LARGE_BYTES: Final = 1 << 20  # a camera's frame is larger, nothing else that comes and goes is


class SystemClock:
    """The machine's own clocks (`core.ports.Clock`)."""

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


def share_fairly() -> None:
    """Let threads take turns every half millisecond instead of every five.

    The camera's thread decodes all the time; a thread that has an answer from the exchange would wait a full turn of
    it at each of the dozen places where it lets go of the interpreter.
    """
    sys.setswitchinterval(TURN_S)


def keep_memory_small() -> None:
    """Tell glibc's allocator (`mallopt(3)`) to keep one arena, and to give large blocks back at once.

    By itself it makes an arena for each thread, and each keeps what its thread once needed: 30 MB here, mostly camera
    frames. Call it before the first thread starts. Another C library has no such call and needs none.
    """
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)


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
