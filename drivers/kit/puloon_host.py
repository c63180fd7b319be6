"""What the hosts of both Puloon dialects share: one order at a time, told as a conversation, ended whatever happens.

A dialect writes each order as a generator: it yields the next `Exchange`, receives how it ended, and returns the
answer. This class keeps the time, the lock after a doubt, and the promise that every order has exactly one answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Final, Generic, TypeVar

from core.cash import Mix
from core.dispenser import (
    Answer,
    Binned,
    Capabilities,
    CashNews,
    Clear,
    Cleared,
    End,
    Look,
    Moved,
    Offer,
    Offered,
    Order,
    Pay,
    Recall,
    Seen,
    Test,
)
from core.faults import dispenser as faults
from drivers.kit.dispensing import doubt, doubt_of_test, nothing
from drivers.kit.puloon_line import Exchange, Outcome, PuloonLine, Wire

SLACK_MS: Final = 1_000  # the answer is given this long before it is due

# Doubts of our side, about which the machine may still know more; the machine's own doubts it told whole.
_MAY_LEARN: Final = (faults.UNPLUGGED, faults.OVERDUE, faults.REPLY_LOST, faults.NOT_REMEMBERED)

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")
Talk = Generator[Exchange[A], Outcome[R], T]


class PuloonHost(ABC, Generic[A, R]):
    """A `core.dispenser.Host`; a dialect gives the conversations."""

    def __init__(self, wire: Wire[A, R], capabilities: Capabilities, ack_ms: int) -> None:
        self._line: PuloonLine[A, R] = PuloonLine(wire, ack_ms)
        self._capabilities = capabilities
        self._order: Order | None = None
        self._talk: Talk[A, R, Answer] | None = None
        self._due = 0
        self._moving = False  # this order's moving command was given to the cable
        self._moving_asked = False
        self._news: list[CashNews] = []
        self._proven = 0  # notes of the last movement that are proven to have left
        self._proven_op = ""
        self._known: Moved | None = None  # the movement's result, while the conversation about it goes on
        self._told: Moved | None = None  # how the last movement ended, for whoever missed it
        self._locked = False

    # -- what a dialect says -----------------------------------------------------------------------------

    @abstractmethod
    def _look(self) -> Talk[A, R, Seen]: ...

    @abstractmethod
    def _pay(self, op: str, mix: Mix) -> Talk[A, R, Moved]: ...

    @abstractmethod
    def _test(self, op: str, place: int) -> Talk[A, R, Moved]: ...

    @abstractmethod
    def _recall(self, op: str, mix: Mix) -> Talk[A, R, Moved]: ...

    @abstractmethod
    def _clear(self) -> Talk[A, R, Cleared]: ...

    @abstractmethod
    def _item(self, item: R, order: Pay | None) -> None:
        """Something was said unasked, while `order` was running or not."""

    # -- the port of `core.dispenser` --------------------------------------------------------------------

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def start(self, now_ms: int) -> None:
        """Nothing needs to be said: every order begins by asking how the machine stands."""
        self._line.drop()

    def order(self, order: Order, now_ms: int) -> None:
        assert self._order is None, "the last order was not answered"
        self._order = order
        self._due = now_ms + self._capabilities.answer_ms - SLACK_MS
        self._moving = self._moving_asked = False
        self._known = None
        match order:
            case Look():
                self._begin(self._look(), now_ms)
            case Pay(op, mix):
                self._begin_pay(op, mix, now_ms)
            case Test(op, place):
                self._begin_test(op, place, now_ms)
            case Recall(op, mix):
                if (told := self._told) is not None and told.op == op and told.code not in _MAY_LEARN:
                    self._answer(told)
                else:
                    self._begin(self._recall(op, mix), now_ms)
            case Clear():
                self._begin(self._clear(), now_ms)
            case Offer(op):
                self._answer(Offered(op, sure=False, code=faults.IMPOSSIBLE))
            case _:
                op = order.op
                self._answer(Binned(op, (), sure=False, code=faults.IMPOSSIBLE))

    def hear(self, message: bytes, now_ms: int) -> None:
        self._line.hear(message, now_ms)
        self._go_on(now_ms)

    def turn(self, now_ms: int) -> None:
        self._line.turn(now_ms)
        self._go_on(now_ms)
        if self._order is not None and now_ms >= self._due:
            self._break_off(faults.OVERDUE)

    def lost(self, now_ms: int) -> None:
        if self._order is not None:
            self._break_off(faults.UNPLUGGED)
        self._line.drop()

    def say(self) -> tuple[bytes, ...]:
        out = self._line.say()
        if out and self._moving_asked:
            self._moving = True
        return out

    def news(self) -> tuple[CashNews, ...]:
        news = tuple(self._news)
        self._news.clear()
        return news

    def wakes_at(self) -> int | None:
        at = self._line.wakes_at()
        if self._order is None:
            return at
        return self._due if at is None else min(at, self._due)

    # -- one order ---------------------------------------------------------------------------------------

    def _begin_pay(self, op: str, mix: Mix, now_ms: int) -> None:
        can = self._capabilities
        places = all(1 <= place <= can.places and notes <= can.place_max for place, notes in mix.notes)
        if not places or not 1 <= mix.total <= can.notes_max:
            self._answer(nothing(op, mix, faults.IMPOSSIBLE))
        elif self._locked:
            self._answer(nothing(op, mix, faults.LOCKED))
        else:
            self._proven, self._proven_op = 0, op
            self._begin(self._pay(op, mix), now_ms)

    def _begin_test(self, op: str, place: int, now_ms: int) -> None:
        if not 1 <= place <= self._capabilities.places:
            self._answer(nothing(op, Mix(((place, 1),)), faults.IMPOSSIBLE))
        elif self._locked:
            self._answer(nothing(op, Mix(((place, 1),)), faults.LOCKED))
        else:
            self._begin(self._test(op, place), now_ms)

    def _begin(self, talk: Talk[A, R, Answer], now_ms: int) -> None:
        self._talk = talk
        self._line.ask(next(talk), now_ms)

    def _go_on(self, now_ms: int) -> None:
        for item in self._line.items():
            self._item(item, self._order if isinstance(self._order, Pay) else None)
        while (outcome := self._line.outcome()) is not None and self._talk is not None:
            try:
                exchange = self._talk.send(outcome)
            except StopIteration as end:
                self._answer(end.value)
                return
            # A look before a movement has been answered by now; only the movement itself puts notes in doubt.
            self._moving_asked = self._moving_asked or exchange.moves
            self._line.ask(exchange, now_ms)

    def _answer(self, answer: Answer) -> None:
        self._order = self._talk = None
        match answer:
            case Moved():
                if not self._locked:  # what is refused while locked tells nothing of the movement in doubt
                    self._told = answer
                self._locked = self._locked or answer.end is End.DOUBT
            case Cleared(clear=True):
                self._locked = False
            case _:
                pass
        self._news.append(answer)

    def _break_off(self, code: str) -> None:
        """End the order now, with what is known."""
        order = self._order
        self._line.drop()
        if self._known is not None:
            self._answer(self._known)
            return
        match order:
            case Pay(op, mix):
                known = nothing(op, mix, code) if not self._moving else doubt(op, mix, code, left=self._proven)
                self._answer(known)
            case Test(op, place):
                mix = Mix(((place, 1),))
                self._answer(nothing(op, mix, code) if not self._moving else doubt_of_test(op, place, code))
            case Recall(op, mix):
                self._answer(doubt(op, mix, code, left=self._proven_of(op)))
            case Clear():
                self._answer(Cleared(False, code))
            case _:
                self._answer(Seen(False, (), None, None, code=code))

    def _proven_of(self, op: str) -> int:
        return self._proven if op == self._proven_op else 0
