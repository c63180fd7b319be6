"""A machine that asks for an end-to-end token, and somebody who gives one: a look before each order, as the vault does.

The conformance suite speaks of notes, not of tokens; so the host here wears the part of the vault that makes them.
"""

from __future__ import annotations

from dataclasses import replace

from core.asset import KRW
from core.dispenser import Capabilities, CashNews, Host, Look, Order, Pay, Seen
from core.money import Money
from device.vault.end_to_end import EndToEndKey

KEY = EndToEndKey(bytes(range(32)))


class Tokened:
    """`faces` place -> value of one note. See `core.dispenser.Host`."""

    def __init__(self, host: Host, faces: dict[int, int]) -> None:
        self._host, self._faces = host, faces
        self._pay: Pay | None = None  # waits for the look that brings its nonce
        self._news: list[CashNews] = []

    @property
    def capabilities(self) -> Capabilities:
        return self._host.capabilities

    def start(self, now_ms: int) -> None:
        self._host.start(now_ms)

    def order(self, order: Order, now_ms: int) -> None:
        if isinstance(order, Pay) and not order.token:
            self._pay = order
            order = Look()
        self._host.order(order, now_ms)
        self._listen(now_ms)

    def hear(self, message: bytes, now_ms: int) -> None:
        self._host.hear(message, now_ms)
        self._listen(now_ms)

    def turn(self, now_ms: int) -> None:
        self._host.turn(now_ms)
        self._listen(now_ms)

    def lost(self, now_ms: int) -> None:
        self._host.lost(now_ms)
        self._listen(now_ms)

    def say(self) -> tuple[bytes, ...]:
        return self._host.say()

    def news(self) -> tuple[CashNews, ...]:
        told, self._news = tuple(self._news), []
        return told

    def wakes_at(self) -> int | None:
        return self._host.wakes_at()

    def _listen(self, now_ms: int) -> None:
        for one in self._host.news():
            if self._pay is None or not isinstance(one, Seen):
                self._news.append(one)
                continue
            pay, self._pay = self._pay, None
            worth = sum(self._faces.get(place, 1) * notes for place, notes in pay.mix.notes)
            token = KEY.token(one.nonce, Money(worth, KRW)) if one.nonce else ""
            self._host.order(replace(pay, token=token), now_ms)
            self._listen(now_ms)
