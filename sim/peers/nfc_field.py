"""The radio field in front of a reader: what lies in it, for how long, and when it is taken away.

A test, the bench or a scripted walk lays cards down and takes them up from its own thread; the chip
(`sim.peers.nfc_pn532`) looks and talks from another. Nothing here waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sim.peers.nfc_cards import Answer, Card, TypeA


@dataclass(slots=True)
class _Lying:
    """A card in the field. `until_ms` when it is taken away, `frames` how many more it will answer; None: no limit."""

    card: Card
    until_ms: float | None
    frames: int | None
    powered: int = -1


class Field:
    """Cards in front of one reader. Every method may be called from any thread."""

    def __init__(self, now_ms: Callable[[], float] | None = None) -> None:
        self._now_ms = now_ms or (lambda: time.monotonic() * 1000)
        self._lock = threading.Lock()
        self._lying: list[_Lying] = []
        self._chosen: _Lying | None = None
        self._on = False
        self._cycle = 0
        self.frames = 0  # RF frames answered since the start: for tests that pull a card away at each one

    # -- people -----------------------------------------------------------------------------------

    def tap(self, card: Card, hold_ms: float | None = None, *, leaves_after: int | None = None) -> None:
        """Lay a card down, beside what already lies there. It leaves by time, after so many frames, or by `empty`."""
        with self._lock:
            until = None if hold_ms is None else self._now_ms() + hold_ms
            self._lying.append(_Lying(card, until, leaves_after))

    def empty(self) -> None:
        """Take everything away."""
        with self._lock:
            self._lying.clear()
            self._chosen = None

    @property
    def occupied(self) -> bool:
        with self._lock:
            return bool(self._here())

    # -- the chip ---------------------------------------------------------------------------------

    @property
    def on(self) -> bool:
        return self._on

    def power(self, on: bool) -> None:
        """Switch the field. Every card forgets what was going on when it goes off."""
        with self._lock:
            if on and not self._on:
                self._cycle += 1
            if not on:
                self._chosen = None
            self._on = on

    def select_a(self, uid: bytes) -> TypeA | None:
        """Anticollision at 106 kbit/s type A; `uid` b"" for any. Of several cards the highest UID wins."""
        with self._lock:
            found = [(a, lying) for lying in self._here() if (a := lying.card.type_a()) and uid in (b"", a.uid)]
            if not found:
                self._chosen = None
                return None
            answer, self._chosen = max(found, key=lambda pair: pair[0].uid)
            return answer

    def select_f(self, system: int) -> bytes | None:
        """A FeliCa poll: the first card that answers is chosen."""
        with self._lock:
            for lying in self._here():
                polled = lying.card.polled(system)
                if polled is not None:
                    self._chosen = lying
                    return polled
            self._chosen = None
            return None

    def exchange(self, frame: bytes) -> Answer | None:
        """One frame to the chosen card; None when nobody answers."""
        with self._lock:
            lying = self._chosen
            if not self._on or lying is None or lying not in self._here():
                return None
            if lying.frames is not None:
                if lying.frames == 0:
                    self._lying.remove(lying)
                    self._chosen = None
                    return None
                lying.frames -= 1
            answer = lying.card.hear(frame)
            self.frames += answer is not None
            return answer

    def _here(self) -> list[_Lying]:
        now = self._now_ms()
        self._lying = [lying for lying in self._lying if lying.until_ms is None or now < lying.until_ms]
        for lying in self._lying:
            if self._on and lying.powered != self._cycle:
                lying.powered = self._cycle
                lying.card.power_up()
        return self._lying
