"""One cash machine on a virtual clock: a host and its far end, and the cable between them.

    link = CashLink(make_host(settings), Lcdm50Peer(box))
    moved = link.order(Pay("txn/1", Mix.of([(1, 5)])))

Nothing sleeps: the clock jumps to the next moment at which anything has something to do. On a fair cable a message is
delivered the moment it is said; `Weather` delays, splits, spoils or loses it, from a seed, and never reorders.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from typing import Final

from core.dispenser import Answer, Binned, CashNews, Cleared, Host, Moved, Offered, Order, Seen
from sim.peers.dispenser import Peer
from sim.peers.pipe import WHOLE, Weather

ANSWERS: Final = (Seen, Moved, Offered, Binned, Cleared)
BYTE_MS: Final = 1  # 9600 baud: 1.04 ms a byte
INSTANT_MAX: Final = 1_000  # messages said at one moment: more is two sides talking in a circle


class NoAnswer(AssertionError):
    """An order was not answered within the host's own limit, or nothing will ever happen again."""


@dataclass(frozen=True, slots=True)
class Split:
    """Each message arrives in two pieces, cut after `at` bytes, `gap_ms` apart."""

    at: int
    gap_ms: int = 3


class CashLink:
    """Owns time. `news` is everything the host told, answers as well; `messages` what was said in both directions."""

    def __init__(
        self,
        host: Host,
        peer: Peer,
        *,
        weather: Weather = WHOLE,
        split: Split | None = None,
        seed: int = 0,
        now_ms: int = 1_000,
    ) -> None:
        self.host = host
        self.peer = peer
        self.weather = weather
        self.split = split
        self.now_ms = now_ms
        self.plugged = True
        self.news: list[CashNews] = []
        self.messages: list[tuple[bool, bytes]] = []  # (from the host, what was said)
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable bad cable, not a secret
        self._air: list[tuple[int, int, bool, bytes]] = []
        self._numbers = 0
        self._busy_until = [0, 0]  # a cable keeps the order of its bytes, each way
        host.start(now_ms)

    # -- orders ------------------------------------------------------------------------------------------

    def order(self, order: Order) -> Answer:
        """Give the order and let the time pass until its answer. Raises `NoAnswer`."""
        self.host.order(order, self.now_ms)
        answer = self.wait(self.host.capabilities.answer_ms)
        if answer is None:
            raise NoAnswer(f"{order} was not answered within {self.host.capabilities.answer_ms} ms")
        return answer

    def wait(self, for_ms: int, messages: int | None = None) -> Answer | None:
        """The next answer, or None when `for_ms` passed without one or, with `messages`, after so many were said."""
        until = self.now_ms + for_ms
        while True:
            answer = self._instant(messages)
            if answer is not None:
                return answer
            if messages is not None and len(self.messages) >= messages:
                return None
            at = self.next_at()
            if at is None or at > until:
                self.now_ms = until
                return None
            self.now_ms = max(self.now_ms, at)

    def idle(self, for_ms: int) -> list[CashNews]:
        """Let time pass without an order; what the host told meanwhile."""
        first, until = len(self.news), self.now_ms + for_ms
        while (at := self.next_at()) is not None and at <= until:
            self.now_ms = max(self.now_ms, at)
            self._instant(None)
        self.now_ms = until
        self._instant(None)
        return self.news[first:]

    def next_at(self) -> int | None:
        """When something will happen next."""
        ours, theirs = self.host.wakes_at(), self.peer.wakes_at()
        times = [at for at in (ours, theirs) if at is not None]
        if self._air:
            times.append(self._air[0][0])
        return min(times, default=None)

    # -- hands -------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """The cable is pulled: what is on its way is lost, and the host is told."""
        self.plugged = False
        self._air.clear()
        self.host.lost(self.now_ms)
        self._collect()

    def plug(self) -> None:
        self.plugged = True
        self.host.start(self.now_ms)

    def restart(self, host: Host) -> None:
        """Our side died and a fresh one opens the port, whose buffer is thrown away."""
        self.host = host
        self._air = [item for item in self._air if item[2]]
        heapq.heapify(self._air)
        self.peer.say()
        host.start(self.now_ms)

    def power(self, on: bool) -> None:
        """The machine's own power."""
        self.peer.power(on, self.now_ms)

    # -- one moment --------------------------------------------------------------------------------------

    def _instant(self, messages: int | None) -> Answer | None:
        """Everything that happens at this moment."""
        now, host, peer = self.now_ms, self.host, self.peer
        host.turn(now)
        peer.turn(now)
        for _ in range(INSTANT_MAX):
            moved = bool(self._air) and self._deliver()
            for message in host.say():
                moved = True
                self._said(True, message)
            answer = self._collect()
            if answer is not None or (messages is not None and len(self.messages) >= messages):
                return answer
            for message in peer.say():
                moved = True
                self._said(False, message)
                if messages is not None and len(self.messages) >= messages:
                    return self._collect()
            if not moved:
                return None
        raise NoAnswer("host and far end talk in a circle without time passing")

    def _collect(self) -> Answer | None:
        found: Answer | None = None
        for one in self.host.news():
            self.news.append(one)
            if isinstance(one, ANSWERS):
                assert found is None, f"two answers at once: {found} and {one}"
                found = one
        return found

    def _said(self, ours: bool, message: bytes) -> None:
        self.messages.append((ours, message))
        if not self.plugged:
            return
        if self.weather is WHOLE and self.split is None:
            self._arrives(ours, message)
            return
        message = self.weather.spoil(message, self._chance)
        at = max(self.now_ms + self.weather.delay_ms, self._busy_until[ours])
        for piece, gap_ms in self._pieces(message):
            at += gap_ms
            self._numbers += 1
            heapq.heappush(self._air, (at, self._numbers, ours, piece))
        self._busy_until[ours] = at

    def _pieces(self, message: bytes) -> list[tuple[bytes, int]]:
        if self.weather.single:
            return [(message[at : at + 1], BYTE_MS) for at in range(len(message))]
        if self.split is not None and len(message) > self.split.at:
            return [(message[: self.split.at], 0), (message[self.split.at :], self.split.gap_ms)]
        return [(message, 0)] if message else []

    def _deliver(self) -> bool:
        moved = False
        while self._air and self._air[0][0] <= self.now_ms:
            _, _, ours, piece = heapq.heappop(self._air)
            self._arrives(ours, piece)
            moved = True
        return moved

    def _arrives(self, ours: bool, message: bytes) -> None:
        if ours:
            self.peer.hear(message, self.now_ms)
        else:
            self.host.hear(message, self.now_ms)
