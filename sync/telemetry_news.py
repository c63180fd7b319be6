"""What telemetry still has to tell: the newest state of each topic, and a short line of single pieces of news.

Pure and bounded. A state replaces the one before it; news waits in order, and when there is too much of it the oldest
goes and is counted. Nothing here is ever needed to move money.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

NEWS_MAX: Final = 200  # a day of faults of a sick terminal; what matters for ever stands in the journal
TOPICS_MAX: Final = 64  # roles of one terminal, many times over
PRICE_BYTES_MAX: Final = 4_096  # a tick is under 200 bytes

Fields = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: str
    retain: bool


class News:
    """`told` and `state` add; `take` gives the next message, `back` returns one that could not be sent."""

    def __init__(self) -> None:
        self._states: dict[str, Message] = {}
        self._unsent: dict[str, Message] = {}
        self._news: deque[Message] = deque()
        self.dropped = 0

    def state(self, topic: str, fields: Fields) -> None:
        """The newest state of a topic, kept by the broker. Telling the same again is telling nothing."""
        message = Message(topic, json.dumps(fields, ensure_ascii=False), True)
        if self._states.get(topic) == message:
            return
        assert topic in self._states or len(self._states) < TOPICS_MAX, "a terminal has a handful of topics"
        self._states[topic] = self._unsent[topic] = message

    def told(self, topic: str, fields: Fields) -> None:
        self._news.append(Message(topic, json.dumps(fields, ensure_ascii=False), False))
        self._trim()

    @property
    def waiting(self) -> bool:
        return bool(self._unsent or self._news)

    def take(self) -> Message | None:
        if self._unsent:
            return self._unsent.pop(next(iter(self._unsent)))
        return self._news.popleft() if self._news else None

    def back(self, message: Message) -> None:
        """It could not be sent: it is the next again, unless something newer took its place."""
        if message.retain:
            self._unsent = {message.topic: self._states[message.topic]} | self._unsent
        else:
            self._news.appendleft(message)
            self._trim()

    def all_again(self) -> None:
        """After a new connection: the broker may have lost everything."""
        self._unsent = dict(self._states)

    def _trim(self) -> None:
        while len(self._news) > NEWS_MAX:
            self._news.popleft()
            self.dropped += 1


def tick_of(payload: bytes) -> dict[str, object] | None:
    """A price tick as it came: a JSON object of bounded size; None for anything else. For the screen only."""
    if len(payload) > PRICE_BYTES_MAX:
        return None
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
