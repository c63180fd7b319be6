"""The hoppers of one ccTalk bus as a Dispenser: orders in, answers out, whatever the bus does.

Places are paid one after the other; the first that does not pay everything ends the order, so that the vault can plan
anew with what is certain.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final, assert_never

from core.cash import NONE, Count, Mix
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
    Pay,
    PlaceMoved,
    PlaceSeen,
    Progress,
    PutAside,
    Recall,
    Retract,
    Seen,
    Test,
)
from core.dispenser import Order as Ordered
from core.faults import dispenser
from core.faults import hopper as faults
from core.wire.cctalk import Message
from core.wire.cctalk_messages import COINS_MAX, HopperStatus
from core.wire.serial_frames import BadFrame
from drivers.dispenser_cctalk.bus import Ask, Bus
from drivers.dispenser_cctalk.hopper import PAYOUT_MS, Hopper, Order, Outcome, Standing, Talk
from drivers.dispenser_cctalk.settings import Settings

PLACE_MS: Final = PAYOUT_MS + 30_000  # the payout, the questions around it, and what is asked again


class Host:
    """`core.dispenser.Host` for coin hoppers."""

    def __init__(self, settings: Settings) -> None:
        self._loose = settings.uncounted_max
        self._bus = Bus(settings.check, settings.echo)
        self._hoppers = {place: Hopper(address, settings) for place, address in enumerate(settings.addresses, 1)}
        self._news: list[CashNews] = []
        self._order: Ordered | None = None
        self._talk: Talk[Answer] | None = None
        self._rest_until_ms: int | None = None
        self._due_ms = 0
        self._parts: dict[int, Outcome] = {}  # of the open order: the places that have ended
        self._now: tuple[int, Order] | None = None  # of the open order: the place that is paying
        self._last: tuple[str, dict[int, HopperStatus]] = (
            "",
            {},
        )  # the last Pay: counters before it, where it was sent
        self._doubt = False
        self._capabilities = Capabilities(
            unit="coin",
            places=len(self._hoppers),
            notes_max=COINS_MAX * len(self._hoppers),
            place_max=COINS_MAX,
            recovers=True,
            answer_ms=PLACE_MS * len(self._hoppers),
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    # -- the port's calls ------------------------------------------------------------------------

    def start(self, now_ms: int) -> None:
        self._bus.reset()

    def order(self, order: Ordered, now_ms: int) -> None:
        assert self._order is None, "the last order must have been answered"
        self._order, self._parts, self._now = order, {}, None
        self._due_ms = now_ms + self._capabilities.answer_ms
        self._talk = self._begin(order)
        self._advance(None, now_ms)

    def hear(self, message: bytes, now_ms: int) -> None:
        self._bus.hear(message, now_ms)
        self._go_on(now_ms)

    def turn(self, now_ms: int) -> None:
        if self._order is not None and now_ms >= self._due_ms:
            self._cut(dispenser.OVERDUE)
        self._bus.turn(now_ms)
        self._go_on(now_ms)

    def lost(self, now_ms: int) -> None:
        self._cut(dispenser.UNPLUGGED)

    def say(self) -> tuple[bytes, ...]:
        return self._bus.say()

    def news(self) -> tuple[CashNews, ...]:
        news, self._news = tuple(self._news), []
        return news

    def wakes_at(self) -> int | None:
        if self._order is None:
            return None
        wakes = [self._due_ms, self._rest_until_ms, self._bus.wakes_at()]
        return min(wake for wake in wakes if wake is not None)

    # -- one question after the other --------------------------------------------------------------

    def _go_on(self, now_ms: int) -> None:
        if self._talk is None or not self._bus.done:
            return
        if self._rest_until_ms is not None and now_ms < self._rest_until_ms:
            return
        answer = None if self._rest_until_ms is not None else self._bus.answer
        self._rest_until_ms = None
        self._advance(answer, now_ms)

    def _advance(self, answer: Message | None, now_ms: int) -> None:
        assert self._talk is not None
        try:
            step = self._talk.send(answer)
        except StopIteration as ended:
            self._end(ended.value)
            return
        if isinstance(step, Ask):
            self._bus.ask(step, now_ms)
        else:
            self._rest_until_ms = now_ms + step

    def _end(self, answer: Answer) -> None:
        order, self._order = self._order, None
        self._talk = self._rest_until_ms = None
        if isinstance(answer, Moved) and (answer.end is End.DOUBT or isinstance(order, Recall)):
            self._doubt = answer.end is End.DOUBT
        if getattr(answer, "code", "") == dispenser.SILENT and self._bus.echo_missing:
            answer = replace(answer, code=faults.ECHO)
        self._news.append(answer)

    def _cut(self, code: str) -> None:
        """The conversation cannot go on: what is known by now is the answer."""
        if self._order is not None and self._talk is not None:
            self._talk.close()
            answer = self._known(self._order, code)
            self._bus.reset()
            self._end(answer)

    def _known(self, order: Ordered, code: str) -> Answer:
        match order:
            case Look():
                return Seen(False, tuple(map(PlaceSeen, self._hoppers)), None, None, Bin.NONE, code=code)
            case Clear():
                return Cleared(False, code)
            case Pay(op, mix):
                if self._now is not None and self._now[1].sent:
                    place, given = self._now
                    self._remember(place, given)
                    self._parts[place] = Outcome(End.DOUBT, Count(given.paid, given.most), code)
                return self._moved(op, mix, code)
            case Recall(op, mix):
                for place, asked in mix.notes:
                    self._parts.setdefault(place, Outcome(End.DOUBT, Count(0, asked + self._loose), code))
                return self._moved(op, mix, code)
            case Offer() | PutAside() | Retract() | Test():
                raise AssertionError("answered at once")
            case _:
                assert_never(order)

    # -- orders ----------------------------------------------------------------------------------

    def _begin(self, order: Ordered) -> Talk[Answer]:
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
                return _at_once(Moved(op, End.NOTHING, (PlaceMoved(place, 0, NONE, NONE),), dispenser.IMPOSSIBLE))
            case _:
                assert_never(order)

    def _look(self) -> Talk[Answer]:
        found: dict[int, Standing] = {}
        for place, hopper in self._hoppers.items():
            found[place] = yield from hopper.stand()
        wrong = [one.code for one in found.values() if one.code]
        ready = len(wrong) < len(found) and not self._doubt
        answered = [one for one in found.values() if one.status is not None]
        free = all(not one.flags & {3, 5} for one in answered) if len(answered) == len(found) else None
        return Seen(
            ready,
            tuple(PlaceSeen(place, one.status is not None, one.low) for place, one in found.items()),
            path_clear=free,
            exit_clear=free,
            reject_bin=Bin.NONE,
            code="" if ready and not wrong else dispenser.LOCKED if not wrong else wrong[0],
            detail=" ".join(f"{place}:{one.detail or 'ok'}" for place, one in found.items()),
            mark=";".join(f"{place}:{mark_of(one.status)}" for place, one in found.items() if one.status is not None),
        )

    def _pay(self, order: Pay) -> Talk[Answer]:
        if self._doubt:
            return self._moved(order.op, order.mix, dispenser.LOCKED)
        self._last = (order.op, {})
        known = all(place in self._hoppers and coins <= COINS_MAX for place, coins in order.mix.notes)
        if not known or not order.mix.notes:
            return self._moved(order.op, order.mix, dispenser.IMPOSSIBLE)
        for place, coins in order.mix.notes:
            given = Order(coins, partial(self._progress, order.op, place), self._loose)
            self._now = (place, given)
            outcome = yield from self._hoppers[place].pay(given)
            self._remember(place, given)
            self._parts[place], self._now = outcome, None
            if outcome.end is not End.DONE:
                break
        return self._moved(order.op, order.mix)

    def _progress(self, op: str, place: int, paid: int) -> None:
        self._news.append(Progress(op, place, paid))

    def _remember(self, place: int, given: Order) -> None:
        """The order went out: a `Recall` in this life of the host need not ask for the counters before it."""
        if given.sent and given.before is not None:
            self._last[1][place] = given.before

    def _recall(self, order: Recall) -> Talk[Answer]:
        op, befores = self._last
        mine = op == order.op
        for place, coins in order.mix.notes:
            if place not in self._hoppers:
                self._parts[place] = Outcome(End.DOUBT, Count(0, coins), dispenser.NOT_REMEMBERED)
            elif mine and place not in befores:
                self._parts[place] = Outcome(End.NOTHING)
            else:
                before = befores[place] if mine else marks_of(order.mark).get(place)
                given = Order(coins, partial(self._progress, order.op, place), self._loose, before)
                self._parts[place] = yield from self._hoppers[place].recall(given)
        return self._moved(order.op, order.mix)

    def _clear(self) -> Talk[Answer]:
        wrong: list[str] = []
        words: list[str] = []
        for place, hopper in self._hoppers.items():
            standing = yield from hopper.clear()
            wrong += [standing.code] if standing.code else []
            words.append(f"{place}:{standing.detail or 'ok'}")
        self._doubt = self._doubt and bool(wrong)
        return Cleared(not wrong, wrong[0] if wrong else "", " ".join(words))

    def _moved(self, op: str, mix: Mix, code: str = "") -> Moved:
        """The whole of the places; one that was not asked any more has paid nothing."""
        outcomes = {place: self._parts.get(place, Outcome(End.NOTHING, NONE)) for place, _ in mix.notes}
        ends = {one.end for one in outcomes.values()}
        end = End.SHORT
        if End.DOUBT in ends:
            end = End.DOUBT
        elif ends == {End.DONE}:
            end = End.DONE
        elif ends <= {End.NOTHING}:
            end = End.NOTHING
        parts = tuple(
            PlaceMoved(place, asked, outcomes[place].exited, NONE, outcomes[place].hangs) for place, asked in mix.notes
        )
        first = next((one for one in outcomes.values() if one.code), Outcome(end))
        return Moved(op, end, parts, code or first.code, first.detail)


def _at_once(answer: Answer) -> Talk[Answer]:
    yield from ()
    return answer


def mark_of(status: HopperStatus) -> str:
    """The four counters, as they travel in `Seen.mark`."""
    return status.data.hex()


def marks_of(mark: str) -> dict[int, HopperStatus]:
    """The inverse, by place. What cannot be read is left out: it proves nothing."""
    found: dict[int, HopperStatus] = {}
    for part in mark.split(";"):
        place, _, counters = part.partition(":")
        try:
            found[int(place)] = HopperStatus.of(bytes.fromhex(counters))
        except (ValueError, BadFrame):
            continue
    return found
