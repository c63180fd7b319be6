"""An F53/F56 as a Dispenser: orders in, answers out, whatever the cable does.

Dispensing is presenting: the machine brings what it has counted to the exit by itself and sees when it was taken. It
counts nothing before an init, and wants one after each error. An init may push notes that lie inside to the exit, so
one is sent only for `Clear`, or before a payment while nothing is in doubt and the path is clear.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, TypeVar, assert_never

from core.cash import NONE
from core.dispenser import (
    Answer,
    Bin,
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
    PlaceMoved,
    PlaceSeen,
    PutAside,
    Recall,
    Retract,
    Seen,
    Taken,
    Test,
)
from core.faults import dispenser
from core.wire import f56_messages as wire
from drivers.dispenser_f56 import commands, judge
from drivers.dispenser_f56.link import Failed, Link, Result, Send
from drivers.dispenser_f56.settings import Settings

POLL_MS: Final = 500  # how soon the screen may say that the notes were taken
SILENT_POLL_MS: Final = 5_000  # a machine that does not answer is asked more rarely
ANSWER_MS: Final = 240_000  # status, init and count, each with its 40 s for a reply and some disturbance
COUNT_MS: Final = 110_000  # what a count may take; with less left of an order none is begun

T = TypeVar("T")
Talk = Generator[Send, Result, T]


class Host:
    """`core.dispenser.Host` for F53 and F56."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path_sensors = bytes.fromhex(settings.path_sensors)
        self._link = Link()
        self._news: list[CashNews] = []
        self._order: Order | None = None
        self._talk: Talk[Answer | None] | None = None
        self._due_ms = 0
        self._poll_ms: int | None = None
        self._ready = False  # an init of ours was the last that happened to the machine
        self._doubt = False
        self._offered: str | None = None  # whose notes wait at the exit; "" when they are not of an order of this host
        self._maybe = ""  # the movement whose notes lie there if any do: the last one in doubt
        self._last: Pay | None = None
        self._sent = False  # the count of `_last` was begun
        self._replied = False  # the machine has said what `_last` came to
        self._moved: Moved | None = None  # what `_last` came to
        self._capabilities = Capabilities(
            unit="note",
            places=len(settings.lengths_mm),
            notes_max=wire.NOTES_MAX * sum(mm > 0 for mm in settings.lengths_mm),
            place_max=wire.NOTES_MAX,
            recovers=False,
            sees_taken=True,
            answer_ms=ANSWER_MS,
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    # -- the port's calls ------------------------------------------------------------------------

    def start(self, now_ms: int) -> None:
        self._link.reset()
        self._talk, self._ready = None, False
        self._poll_ms = now_ms

    def order(self, order: Order, now_ms: int) -> None:
        assert self._order is None, "the last order must have been answered"
        self._order, self._due_ms = order, now_ms + ANSWER_MS
        if self._talk is None:
            self._begin(now_ms)

    def hear(self, message: bytes, now_ms: int) -> None:
        self._link.hear(message, now_ms)
        self._go_on(now_ms)

    def turn(self, now_ms: int) -> None:
        if self._order is not None and now_ms >= self._due_ms:
            self._cut(dispenser.OVERDUE, now_ms)
        self._link.turn(now_ms)
        self._go_on(now_ms)
        if self._talk is None and self._poll_ms is not None and now_ms >= self._poll_ms:
            self._poll_ms = None
            self._talk = self._poll(now_ms)
            self._advance(None, now_ms)

    def lost(self, now_ms: int) -> None:
        self._cut(dispenser.UNPLUGGED, now_ms)
        self._link.reset()
        self._talk = self._poll_ms = None

    def say(self) -> tuple[bytes, ...]:
        return self._link.say()

    def news(self) -> tuple[CashNews, ...]:
        news, self._news = tuple(self._news), []
        return news

    def wakes_at(self) -> int | None:
        wakes = [self._link.wakes_at(), self._poll_ms if self._talk is None else None]
        wakes.append(None if self._order is None else self._due_ms)
        return min((wake for wake in wakes if wake is not None), default=None)

    # -- one exchange after the other --------------------------------------------------------------

    def _go_on(self, now_ms: int) -> None:
        if self._talk is not None and self._link.done:
            self._advance(self._link.result, now_ms)

    def _advance(self, result: Result | None, now_ms: int) -> None:
        assert self._talk is not None
        try:
            send = next(self._talk) if result is None else self._talk.send(result)
        except StopIteration as ended:
            self._talk = None
            if ended.value is not None:
                self._end(ended.value, now_ms)
            if self._order is not None:
                self._begin(now_ms)
            return
        self._link.send(send, now_ms)

    def _begin(self, now_ms: int) -> None:
        assert self._order is not None
        self._talk = self._talk_of(self._order)
        self._advance(None, now_ms)

    def _end(self, answer: Answer, now_ms: int) -> None:
        order, self._order = self._order, None
        if isinstance(answer, Moved):
            self._moved_now(order, answer)
        self._news.append(answer)
        if self._poll_ms is None and (self._offered is not None or isinstance(answer, Moved)):
            self._poll_ms = now_ms

    def _moved_now(self, order: Order | None, moved: Moved) -> None:
        if moved.end is End.DOUBT or isinstance(order, Recall):
            self._doubt = moved.end is End.DOUBT
        if isinstance(order, Pay) and order is self._last:
            self._moved = moved
        if moved.end is End.DOUBT:
            self._maybe = moved.op
        elif any(part.exited.low for part in moved.parts):
            self._offered = moved.op

    def _cut(self, code: str, now_ms: int) -> None:
        """The conversation cannot go on: what is known by now is the answer."""
        order = self._order
        if order is None:
            return
        unsent = isinstance(self._link.asked, wire.Count) and not self._link.sent
        if self._talk is not None:
            self._talk.close()
        self._talk = None
        self._link.reset()
        match order:
            case Look():
                answer: Answer = self._unseen(code)
            case Clear():
                answer = Cleared(False, code)
            case Recall(op, mix):
                answer = judge.doubt(op, mix, code)
            case Pay(op, mix) if order is self._last and self._sent and not unsent:
                self._ready = False
                answer = judge.doubt(op, mix, code)
            case Pay(op, mix):
                answer = judge.nothing(op, mix, code)
            case Offer() | PutAside() | Retract() | Test():
                raise AssertionError("answered at once")
            case _:
                assert_never(order)
        self._end(answer, now_ms)

    # -- orders ----------------------------------------------------------------------------------

    def _talk_of(self, order: Order) -> Talk[Answer | None]:
        match order:
            case Look():
                return self._look()
            case Pay():
                return self._pay(order)
            case Recall():
                return self._recall(order)
            case Clear():
                return self._clear()
            case Offer(op):
                return _at_once(Offered(op, False, dispenser.IMPOSSIBLE))
            case PutAside(op) | Retract(op):
                return _at_once(Binned(op, (), False, dispenser.IMPOSSIBLE))
            case Test(op, place):
                part = PlaceMoved(place, 0, NONE, NONE)
                return _at_once(Moved(op, End.NOTHING, (part,), dispenser.IMPOSSIBLE))
            case _:
                assert_never(order)

    def _status(self) -> Talk[wire.Answer | str]:
        """How the machine stands, or the code of why that is not known."""
        reply = yield Send(commands.status(self._settings))
        if isinstance(reply, wire.Answer):
            return reply
        if isinstance(reply, Failed):
            return dispenser.LINE_REFUSED if reply.refused else dispenser.SILENT
        return dispenser.WRONG_DIALECT

    def _init(self) -> Talk[str]:
        """The code of why it failed, or "". Moves no note out of a cassette, but may move those on the path."""
        self._ready = False
        reply = yield Send(commands.init(self._settings), moves=True)
        match reply:
            case Failed(refused=refused):
                return dispenser.LINE_REFUSED if refused else dispenser.SILENT
            case wire.Answer(failed=False, error=0):
                self._ready = True
                return ""
            case wire.Answer(error=error) | wire.Undefined(error=error) if error:
                return judge.code_of(error)
        return dispenser.SENSELESS

    def _look(self) -> Talk[Answer]:
        seen = yield from self._status()
        if isinstance(seen, str):
            return self._unseen(seen)
        clear = judge.path_clear(seen, self._path_sensors)
        code = judge.code_of(seen.error) if seen.error != judge.NOT_INITIALISED else ""
        if not code:
            code = dispenser.LOCKED if self._doubt else "" if clear else dispenser.PATH_BLOCKED
        if not code and seen.at_exit:
            code = dispenser.EXIT_OCCUPIED
        return Seen(
            judge.ready(seen) and clear and not seen.at_exit and not self._doubt,
            judge.places_of(seen, self._capabilities.places),
            path_clear=clear,
            exit_clear=not seen.at_exit,
            reject_bin=judge.reject_bin(seen),
            code=code,
            detail=f"sensors {seen.sensors.hex()} error {seen.error:02x}{seen.detail:02x}",
        )

    def _unseen(self, code: str) -> Seen:
        places = tuple(PlaceSeen(place) for place in range(1, self._capabilities.places + 1))
        return Seen(False, places, None, None, Bin.UNKNOWN, code=code)

    def _pay(self, order: Pay) -> Talk[Answer]:
        refusal = yield from self._before(order)
        if refusal:
            return judge.nothing(order.op, order.mix, refusal)
        self._sent = True
        reply = yield Send(commands.count(self._settings, order.mix), moves=True)
        match reply:
            case wire.Answer():
                self._replied = True
                return (yield from self._counted(order, reply))
            case wire.Undefined(error=error):
                self._ready = False
                return judge.nothing(order.op, order.mix, judge.code_of(error) or dispenser.SENSELESS)
            case Failed(sent=False, refused=refused):
                code = dispenser.LINE_REFUSED if refused else dispenser.SILENT
                return judge.nothing(order.op, order.mix, code)
        self._ready = False
        return judge.doubt(order.op, order.mix, dispenser.REPLY_LOST)

    def _before(self, order: Pay) -> Talk[str]:
        """Why the order is not begun, as a code, or ""."""
        lengths = self._settings.lengths_mm
        limits = all(
            place <= len(lengths) and lengths[place - 1] and notes <= wire.NOTES_MAX for place, notes in order.mix.notes
        )
        if not limits or not order.mix.notes:
            return dispenser.IMPOSSIBLE
        if self._doubt:
            return dispenser.LOCKED
        self._last, self._moved = order, None
        self._sent = self._replied = False
        seen = yield from self._status()
        if isinstance(seen, str):
            return seen
        if seen.at_exit:
            return dispenser.EXIT_OCCUPIED
        if not judge.path_clear(seen, self._path_sensors):
            return judge.code_of(seen.error) or dispenser.PATH_BLOCKED
        if not self._ready or seen.error:
            return (yield from self._init())
        return ""

    def _counted(self, order: Pay, reply: wire.Answer) -> Talk[Answer]:
        at_exit: bool | None = None
        if reply.error or reply.failed:
            self._ready = False
            seen = yield from self._status()
            at_exit = None if isinstance(seen, str) else seen.at_exit
        return judge.after_count(order.op, order.mix, reply, at_exit)

    def _recall(self, order: Recall) -> Talk[Answer]:
        if self._last is not None and self._last.op == order.op:
            known = self._remembered()
            if known is not None:
                return known
        seen = yield from self._status()
        if isinstance(seen, str):
            return judge.doubt(order.op, order.mix, seen)
        failed = seen.error in (judge.NOT_AVAILABLE, judge.POWER_FAILED)
        code = judge.code_of(seen.error) if failed else dispenser.NOT_REMEMBERED
        words = f"sensors {seen.sensors.hex()} error {seen.error:02x}"
        return judge.doubt(order.op, order.mix, code, words, most=judge.bounded(seen.error))

    def _remembered(self) -> Moved | None:
        """What this life of the host knows of its last order: its end, or a reply that came too late for it."""
        assert self._last is not None
        op, mix = self._last.op, self._last.mix
        if self._moved is not None and (self._replied or self._moved.end is not End.DOUBT):
            return self._moved
        for reply in reversed(self._link.late):
            if isinstance(reply, wire.Answer) and reply.dispensed is not None and not reply.error:
                moved = judge.after_count(op, mix, reply, None)
                self._moved, self._replied = moved, True
                return moved
        return None

    def _clear(self) -> Talk[Answer]:
        before = yield from self._status()
        if isinstance(before, str):
            return Cleared(False, before)
        words = f"before: sensors {before.sensors.hex()} error {before.error:02x}{before.detail:02x}"
        if before.at_exit:
            return Cleared(False, dispenser.EXIT_OCCUPIED, words)
        code = yield from self._init()
        if code:
            return Cleared(False, code, words)
        seen = yield from self._status()
        if isinstance(seen, str):
            return Cleared(False, seen, words)
        if seen.at_exit:
            self._offered = ""
            words += "; notes were pushed to the exit"
        clear = judge.path_clear(seen, self._path_sensors)
        self._doubt, self._maybe = self._doubt and not clear, ""
        return Cleared(clear, "" if clear else judge.code_of(seen.error) or dispenser.PATH_BLOCKED, words)

    # -- the exit --------------------------------------------------------------------------------

    def _poll(self, now_ms: int) -> Talk[Answer | None]:
        """Look at the exit until it is empty. After the cable was opened, once: notes may lie there."""
        seen = yield from self._status()
        if isinstance(seen, str):
            self._poll_ms = now_ms + SILENT_POLL_MS
        elif seen.at_exit:
            self._offered = self._maybe if self._offered is None else self._offered
            self._poll_ms = now_ms + POLL_MS
        elif self._offered is not None:
            self._news.append(Taken(self._offered))
            self._offered = None
        return None


def _at_once(answer: Answer) -> Talk[Answer]:
    yield from ()
    return answer
