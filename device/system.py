"""What the device takes from its operating system: time, entropy, a place for log lines."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from typing import Final, TextIO

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


class JsonLines:
    """A `core.ports.Log` that writes one JSON object a line, where journald picks it up.

    structlog would do the same, and with it come rich, pygments and asyncio: 11 MB, and a tenth of a second at the
    start of a device that nobody watches on a terminal.
    """

    def __init__(self, out: TextIO, least: int) -> None:
        self._out = out
        self._least = least

    def info(self, event: str, **fields: object) -> None:
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        if level < self._least:
            return
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {**fields, "event": event, "level": logging.getLevelName(level).lower(), "ts": at}
        self._out.write(json.dumps(line, default=repr) + "\n")  # one call, so that lines of two threads never mix
        self._out.flush()


def open_log(level: str) -> Log:
    """One JSON object a line on standard error; coloured lines for people, on a terminal."""
    least = logging.getLevelNamesMapping()[level.upper()]
    return _for_people(least) if sys.stderr.isatty() else JsonLines(sys.stderr, least)


def _for_people(least: int) -> Log:
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="ts", utc=True),
            structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    log: Log = structlog.get_logger()
    return log
