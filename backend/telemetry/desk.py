"""The door of the window: built from the configuration, or None where no broker is configured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.market.rules import Board
from backend.parts import Outside
from backend.store import Store
from backend.telemetry.broker import Broker, Settings
from backend.telemetry.ticks import Ticks
from backend.telemetry.window import Window


def window(
    mqtt_url: str, told: Settings, coins: Sequence[str], store: Store, board: Callable[[], Board], outside: Outside
) -> Window | None:
    """The window onto the broker every terminal is told; `coins` in the order in which the exchange leads them."""
    if not mqtt_url:
        return None
    password = Path(told.password_file).read_text("utf-8").strip() if told.password_file else ""
    return Window(
        Broker.of(told.url or mqtt_url, told.ca_file, told.user, password),
        store,
        board,
        Ticks(coins),
        name=f"exchange-{outside.entropy(4).hex()}",  # two servers at one broker must not push one another out
        now=outside.now,
        monotonic_ms=lambda: time.monotonic_ns() // 1_000_000,
        log=outside.log,
    )
