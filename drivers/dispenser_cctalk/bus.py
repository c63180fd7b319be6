"""The ccTalk bus from the host's side: one question at a time, its echo taken away, its answer or silence.

A question that is answered with nothing, or with something spoilt, is asked again as often as its asker allows; before
that the bus must have been quiet, because no byte of ccTalk marks a beginning and a late answer must not be taken for
the answer to the next question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.wire.cctalk import HOST, SILENCE_MS, BusReader, Check, Message, encode
from core.wire.serial_frames import Broken

ANSWER_MS: Final = 300  # SCH2: below 4 ms, 235 ms after a wrong PIN; a frame takes 10 ms, a USB adapter some more
READ_TRIES: Final = 3  # questions that move nothing; three spoilt ones in a row are no passing disturbance


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to one hopper. `tries` 1 for whatever moves coins."""

    message: Message
    tries: int = READ_TRIES


class Bus:
    """`ask`, then `hear` and `turn` until `done`; `answer` is None when the far end stayed silent."""

    def __init__(self, check: Check, echo: bool) -> None:
        self._check, self._echo = check, echo
        self.reset()

    def reset(self) -> None:
        """The cable is new: nothing on it was ours."""
        self._reader = BusReader(self._check)
        self._ask: Ask | None = None
        self._left = 0
        self._until_ms: int | None = None  # the answer is waited for; None while the bus must fall quiet
        self._heard_ms = -SILENCE_MS
        self._dirty = False
        self._out: list[bytes] = []
        self.answer: Message | None = None
        self.echo_missing = False

    @property
    def done(self) -> bool:
        return self._ask is None

    def ask(self, ask: Ask, now_ms: int) -> None:
        assert self.done, "one question at a time"
        self._ask, self._left, self.answer, self._until_ms = ask, ask.tries, None, None
        self.turn(now_ms)

    def hear(self, data: bytes, now_ms: int) -> None:
        self._heard_ms = now_ms
        for event in self._reader.feed(data):
            if isinstance(event, Broken):
                self._dirty = True
                self.echo_missing = self.echo_missing or event.reason == "echo"
                self._failed(now_ms)
            elif self._ask is not None and self._until_ms is not None and self._is_answer(event, self._ask.message):
                self.answer, self._ask = event, None
                self.echo_missing = False

    def turn(self, now_ms: int) -> None:
        if self._ask is None:
            return
        if self._until_ms is not None and now_ms >= self._until_ms:
            self._failed(now_ms)
        if not self.done and self._until_ms is None and now_ms >= self._rested_ms():
            self._quiet()
            raw = encode(self._ask.message, self._check)
            if self._echo:
                self._reader.sent(raw)
            self._out.append(raw)
            self._left -= 1
            self._until_ms = now_ms + ANSWER_MS + 2 * len(raw)

    def say(self) -> tuple[bytes, ...]:
        out, self._out = tuple(self._out), []
        return out

    def wakes_at(self) -> int | None:
        if self._ask is None:
            return None
        return self._rested_ms() if self._until_ms is None else self._until_ms

    def _failed(self, now_ms: int) -> None:
        if self._ask is None or self._until_ms is None:
            return
        self._until_ms = None
        self._quiet()
        self._dirty, self._heard_ms = True, now_ms
        if not self._left:
            self._ask = None

    def _rested_ms(self) -> int:
        return self._heard_ms + SILENCE_MS if self._dirty or self._reader.waiting else self._heard_ms

    def _quiet(self) -> None:
        """Begin afresh. An echo that never came is remembered: it says which setting is wrong."""
        for event in self._reader.quiet():
            self.echo_missing = self.echo_missing or (isinstance(event, Broken) and event.reason == "echo")
        self._dirty = False

    @staticmethod
    def _is_answer(heard: Message, asked: Message) -> bool:
        return heard.dest == HOST and heard.src in (None, asked.dest)
