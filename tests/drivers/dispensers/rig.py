"""A host and its far end on one clock: what the tests peculiar to one machine pump with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.dispenser import Host, Order, Progress
from sim.peers.dispenser import Peer

P = TypeVar("P", bound=Peer)


@dataclass
class Rig(Generic[P]):
    """A host and its far end on a clock that only moves when nothing else is left to do."""

    peer: P
    host: Host
    now_ms: int = 1_000
    heard: list[object] = field(default_factory=list)

    def step(self) -> bool:
        self.host.turn(self.now_ms)
        self.peer.turn(self.now_ms)
        moved = False
        for raw in self.host.say():
            self.peer.hear(raw, self.now_ms)
            moved = True
        for raw in self.peer.say():
            self.host.hear(raw, self.now_ms)
            moved = True
        self.heard += self.host.news()
        return moved

    def order(self, order: Order) -> object:
        self.host.order(order, self.now_ms)
        return self.answer()

    def answer(self, until_ms: int | None = None) -> object:
        """The answer to the open order, or None when the clock gets to `until_ms` first."""
        end = self.now_ms + self.host.capabilities.answer_ms if until_ms is None else until_ms
        while self.now_ms <= end:
            while self.step():
                pass
            for news in self.heard:
                if not isinstance(news, Progress):
                    self.heard.remove(news)
                    return news
            wakes = [at for at in (self.host.wakes_at(), self.peer.wakes_at()) if at is not None]
            self.now_ms = max(self.now_ms + 1, min([*wakes, end + 1]))
        return None
