"""The courier of a simulated machine: the product's own rounds, without its thread and its socket."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.vault_lines import Said, line, said
from core.vault_talk import Reply, Request
from device.courier import EVERY_MS, GRACE_MS, RETRY_MS, Courier
from device.vault_line import SILENT, VaultLost
from sim.bench.clock import Trace, VirtualClock
from sim.bench.crash import Life
from sim.bench.line import AheadClock, Quiet
from sync.exchange_http import Line


class Counter:
    """The vault's socket as one round of the courier sees it: a question is answered at once, or nobody is there."""

    def __init__(self, answer: Callable[[Request], Reply | None]) -> None:
        self._answer = answer
        self._heard: deque[Said] = deque()
        self._number = 0

    def ask(self, request: Request) -> int:
        reply = self._answer(request)
        if reply is None:
            raise VaultLost(SILENT, "it is gone")
        self._number += 1
        self._heard.append(said(line(self._number, reply)))
        return self._number

    def hear(self, wait_ms: int, bell: int = -1) -> Said | None:
        return self._heard.popleft() if self._heard else None

    def close(self) -> None: ...


class CourierInTurn:
    """Rung, and every minute, it carries what waits. `answer` asks the vault; None when it is not there."""

    def __init__(
        self,
        life: Life,
        clock: VirtualClock,
        trace: Trace,
        ahead: AheadClock,
        courier_line: Line,
        answer: Callable[[Request], Reply | None],
    ) -> None:
        self._life, self._clock, self._trace, self._ahead = life, clock, trace, ahead
        self._answer = answer
        self._courier = Courier(Path("/nowhere"), courier_line, ahead, Quiet())
        self._failures = 0
        self._turn = 0
        self._wait(GRACE_MS)

    def ring(self) -> None:
        if not self._failures:
            self._wait(GRACE_MS)

    def _wait(self, ms: int) -> None:
        self._turn += 1
        turn: Final = self._turn
        self._clock.after(ms, lambda: self._carry() if turn == self._turn else None)

    def _carry(self) -> None:
        if self._life.over:
            return
        self._ahead.ahead_ms = 0
        counter: Any = Counter(self._answer)
        try:
            done = self._courier._round(counter)
        except VaultLost:
            done = False
        took_ms, self._ahead.ahead_ms = self._ahead.ahead_ms, 0
        self._trace.tell("courier", "carried" if done else "failed", str(took_ms))
        self._failures = 0 if done else self._failures + 1
        self._wait(took_ms + (RETRY_MS[min(self._failures, len(RETRY_MS)) - 1] if self._failures else EVERY_MS))
