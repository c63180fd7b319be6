"""What systemd hears from the device: ready, alive, stopping (sd_notify(3)).

The watchdog is fed by the loop's own turns, so a loop that stands still is restarted although its threads live.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

FEED_MS = 2_000  # well inside WatchdogSec=15 of the unit


class Watchdog:
    """Quiet when the process was not started by systemd."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._fed_ms = -FEED_MS

    def ready(self, status: str) -> None:
        self._send(f"READY=1\nSTATUS={status}")

    def turn(self, now_ms: int) -> None:
        """Call it every turn; it speaks only every two seconds."""
        if now_ms - self._fed_ms >= FEED_MS:
            self._fed_ms = now_ms
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            try:
                line.sendto(text.encode(), name)
            except OSError:
                return  # systemd is restarting: it will ask again by itself
