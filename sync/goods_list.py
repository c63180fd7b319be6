"""What the exchange says of this terminal now: its shop, its price list, and whether it still is one.

Asked at the start, when the doorbell rings, and every ten minutes; signed like everything else. The newest price list
lies in the data folder, so that a start without a line sells at the prices of yesterday, not at none.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.codec import BadMessage, from_plain, to_plain
from core.messages import TerminalGrant
from core.ports import Clock, Log
from sync.http_ask import CLOCK_REFUSED, Ask, Asker, Deadline, NoReply, Reply, Said

EVERY_MS: Final = 600_000
RETRY_MS: Final = 30_000  # no answer: the line is down, and others knock on it too
GAP_MS: Final = 2_000  # a doorbell that is rung all the time is answered this often
DEADLINE: Final = Deadline(connect_ms=2_000, read_ms=8_000, total_ms=10_000)
LIST_BYTES_MAX: Final = 1024 * 1024  # 2,000 goods of 64 + 60 characters in JSON are half of it
JOIN_S: Final = 3.0
NOT_ITS_OWN: Final = frozenset({"TM-HTTP-014", "TM-HTTP-015"})  # nobody knows the key; the terminal was revoked
FILE: Final = "goods.json"
_ETAG: Final = re.compile(r'"[!#-~]{1,64}"')  # RFC 9110 8.8.3, strong


@dataclass(frozen=True, slots=True)
class ListedGood:
    """`price` a decimal in the list's currency."""

    barcode: str
    name: str
    price: str


@dataclass(frozen=True, slots=True)
class PriceList:
    """As ``GET /v1/terminals/self/goods`` answers; `version` rises with every change."""

    version: int
    currency: str
    goods: tuple[ListedGood, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known. `shop` "" and `prices` None: not told yet. `refused` the code that says that this terminal has no
    rights any more, or ""."""

    shop: str = ""
    prices: PriceList | None = None
    etag: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file. A list belongs to one terminal: another shop counts its versions anew."""

    terminal: str
    etag: str
    prices: PriceList


def load(folder: Path, terminal: str, log: Log) -> Standing:
    """What was kept; nothing when there is none, it is another terminal's, or nobody can read it."""
    path = folder / FILE
    try:
        kept = from_plain(_Kept, json.loads(path.read_bytes()[:LIST_BYTES_MAX]))
    except FileNotFoundError:
        return Standing()
    except (OSError, ValueError, RecursionError, BadMessage) as error:
        log.warning("price_list_unreadable", file=str(path), problem=str(error)[:200])
        return Standing()
    mine = kept.terminal == terminal and _ETAG.fullmatch(kept.etag)
    return Standing(prices=kept.prices, etag=kept.etag) if mine else Standing()


def save(folder: Path, terminal: str, standing: Standing) -> None:
    """Whole or not at all. Raises OSError."""
    assert standing.prices is not None
    path = folder / (FILE + ".new")
    with path.open("w", encoding="utf-8") as file:
        json.dump(to_plain(_Kept(terminal, standing.etag, standing.prices)), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    path.replace(folder / FILE)


class StandingWorker:
    """Asks in a thread. `told` is called from it with everything that is known, when something changed."""

    def __init__(
        self,
        exchange: str,
        asker: Asker,
        folder: Path,
        kept: Standing,
        clock: Clock,
        told: Callable[[Standing], None],
        log: Log,
        jitter: Callable[[], float],
    ) -> None:
        self._url = f"{exchange.rstrip('/')}/v1/terminals/self"
        self._asker = asker
        self._folder = folder
        self._clock = clock
        self._told = told
        self._log = log
        self._jitter = jitter
        self._standing = kept
        self._changed = threading.Condition()
        self._rung = False
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="standing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """From any thread: ask soon."""
        with self._changed:
            self._rung = True
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._asker.cut()
        self._thread.join(JOIN_S)

    def _work(self) -> None:
        while not self._stopping:
            answered = self._look()
            asked_ms = self._clock.monotonic_ms()
            whole_ms = EVERY_MS if answered else RETRY_MS
            self._wait(asked_ms + GAP_MS, asked_ms + int(whole_ms * (0.75 + self._jitter() / 4)))
        self._asker.close()

    def _wait(self, soonest_ms: int, latest_ms: int) -> None:
        """Until somebody rings, but not before `soonest_ms`, and until `latest_ms` at most."""
        with self._changed:
            while not self._stopping:
                until_ms = soonest_ms if self._rung else latest_ms
                left_ms = until_ms - self._clock.monotonic_ms()
                if left_ms <= 0:
                    break
                self._changed.wait(left_ms / 1000)
            self._rung = False

    def _look(self) -> bool:
        """Ask both questions; whether the exchange answered."""
        answer = self._ask(Ask("GET", self._url))
        if isinstance(answer, Said):
            code = answer.problem.code
            if code in NOT_ITS_OWN and answer.problem.status in (401, 403):
                self._log.warning("terminal_refused", code=code)
                self._know(replace(self._standing, refused=code))
                return True
            return False
        if not isinstance(answer, Reply):
            return False
        try:
            grant = from_plain(TerminalGrant, answer.data)
        except BadMessage as error:
            self._log.warning("standing_discarded", problem=str(error))
            return False
        if grant.terminal != self._asker.keyid:
            self._log.warning("standing_discarded", problem="it is another terminal's")
            return False
        self._know(replace(self._standing, shop=grant.shop, refused=""))
        return self._look_at_goods()

    def _look_at_goods(self) -> bool:
        ask = Ask("GET", f"{self._url}/goods", etag=self._standing.etag, longest=LIST_BYTES_MAX)
        answer = self._ask(ask)
        if not isinstance(answer, Reply):
            return False
        if answer.data is None:
            return True
        try:
            prices = from_plain(PriceList, answer.data)
        except BadMessage as error:
            self._log.warning("price_list_discarded", problem=str(error))
            return False
        etag = answer.etag if _ETAG.fullmatch(answer.etag) else ""
        standing = replace(self._standing, prices=prices, etag=etag)
        self._log.info("price_list", version=prices.version, goods=len(prices.goods))
        if etag:
            try:
                save(self._folder, self._asker.keyid, standing)
            except OSError as error:  # a full disk: the list is used, and asked for again at the next start
                self._log.warning("price_list_not_kept", problem=str(error))
        self._know(standing)
        return True

    def _ask(self, ask: Ask) -> Reply | Said | NoReply:
        answer = self._asker.ask(ask, DEADLINE)
        if isinstance(answer, Said) and answer.problem.code == CLOCK_REFUSED:
            return self._asker.ask(ask, DEADLINE)  # the clock is right now
        return answer

    def _know(self, standing: Standing) -> None:
        if standing != self._standing:
            self._standing = standing
            self._told(standing)
