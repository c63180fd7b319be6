"""The agency's line to the exchange: signed, bounded, and with the same idempotency key at every send."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import quote

from backend.agency.rules import ATTEMPTS, PAUSES_S, SILENT, Outcome, outcome
from backend.http.outgoing import Line, Silent
from core.faults.http import STILL_RUNNING

CALLS_MAX: Final = 32  # calls under way at once; each waits in a thread. More callers wait their turn


class ExchangeLine:
    """Calls the exchange for one request at a time and thread; never raises for what the line does."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._pool = ThreadPoolExecutor(CALLS_MAX, thread_name_prefix="exchange-line")

    async def post(self, path: str, body: bytes, key: str | None) -> Outcome:
        """Send, and again while there is no answer, at most `ATTEMPTS` times."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, "POST", path, body, key)

    async def get(self, path: str) -> Outcome:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, "GET", path, b"", None)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._line.close()

    def _ask(self, method: str, path: str, body: bytes, key: str | None) -> Outcome:
        last: Outcome = SILENT
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSES_S[attempt - 1])
            try:
                answered = self._line.send(method, path, body, key)
            except Silent:
                continue
            last = outcome(answered.status, answered.body)
            if not (answered.status == 409 and STILL_RUNNING.code.encode() in answered.body):
                return last
        return last


def sale_path(reference: str, terminal: str) -> str:
    return f"/v1/agency/sales/{quote(reference, safe='')}?terminal={quote(terminal, safe='')}"
