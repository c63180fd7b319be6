"""A cash machine for tests: a far end in front of a real `CashBox`, and a host that speaks one trivial line to it.

Each order is one JSON line; the far end does it at once or after `delay_ms`, and answers with one line. It can be told
to fail in a few honest ways. It remembers its last movement when `remembers` is set. The notes are the truth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from core.cash import NONE, Count, Mix
from core.codec import from_tagged, tagged
from core.dispenser import (
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
    Progress,
    PutAside,
    Recall,
    Retract,
    Seen,
    Taken,
    Test,
)
from sim.peers.cash_box import CashBox, Spot

PLAIN = Capabilities("plain", places=3, notes_max=60, place_max=60, recovers=False, tests=True)
MEMORY = replace(PLAIN, unit="memory", recovers=True)
WATCHED = replace(PLAIN, unit="watched", recovers=True, sees_taken=True)
STACKER = replace(WATCHED, unit="stacker", stacks=True, rejects=True, retracts=True)


@dataclass
class FarEnd:
    """`script` faults for coming movements, one each: "short:N" stops after N notes, "jam:N" loses the Nth note on the
    path, "double:N" sends one note too many with the Nth, "die:N" loses power after N notes, "reject:N" rejects N.
    `mute`: an order of this kind is never heard."""

    box: CashBox
    machine: Capabilities
    script: list[str] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    reject_bin: Bin = Bin.OK
    retract_bin: Bin = Bin.NONE
    counts_retracted: bool = True
    powered: bool = True
    keeps_answer: bool = False
    understates: bool = False
    broken: str = ""
    mute: type[Order] | None = None
    orders: list[Order] = field(default_factory=list)
    last: Moved | None = None
    _said: list[bytes] = field(default_factory=list)

    def hear(self, message: bytes) -> None:
        if self.powered:
            self._do(from_tagged(Order, json.loads(message)))

    def say(self) -> list[bytes]:
        said, self._said = self._said, []
        return said

    def take(self, most: int | None = None) -> None:
        """A hand at the exit."""
        if self.box.take(most) and self.machine.sees_taken and self.powered and not self.box.count(Spot.EXIT):
            self._news(Taken(""))

    def heal(self) -> None:
        self.broken, self.powered = "", True

    def _news(self, news: CashNews) -> None:
        if self.powered:
            self._said.append(json.dumps(tagged(news)).encode() + b"\n")

    def _do(self, order: Order) -> None:
        self.orders.append(order)
        if self.mute is not None and isinstance(order, self.mute):
            return
        match order:
            case Look():
                self._news(self.seen())
            case Pay(op, mix):
                self._pay(op, mix)
            case Test(op, place):
                self.box.pick(place)
                self.box.move(Spot.PATH, Spot.REJECT)
                self._moved(Moved(op, End.DONE, (PlaceMoved(place, 1, NONE, Count.exact(1)),)))
            case Recall(op, mix):
                if self.last is not None and self.last.op == op and self.machine.recovers:
                    self._news(self.last)
                else:
                    wide = tuple(
                        PlaceMoved(place, asked, Count(0, asked), Count.unknown(), Count.unknown())
                        for place, asked in mix.notes
                    )
                    self._news(Moved(op, End.DOUBT, wide))
            case Offer(op):
                self.box.move(Spot.STACKER, Spot.EXIT)
                self._news(Offered(op, sure=True))
            case Retract(op):
                self._binned(op, self.box.move(Spot.EXIT, Spot.RETRACT))
            case PutAside(op):
                self._binned(op, self.box.move(Spot.STACKER, Spot.REJECT))
            case Clear():
                self.box.move(Spot.PATH, Spot.REJECT)
                self._news(Cleared(clear=True))

    def seen(self) -> Seen:
        places = tuple(
            PlaceSeen(place, place not in self.missing, label=self.labels.get(place, ""))
            for place in sorted(self.box.faces)
        )
        clear = not self.box.count(Spot.PATH) and not self.box.count(Spot.STACKER)
        retract = self.retract_bin if self.machine.retracts else Bin.NONE
        away = not self.box.count(Spot.EXIT)
        return Seen(not self.broken, places, clear, away, self.reject_bin, retract, self.broken)

    def _binned(self, op: str, notes: list[Any]) -> None:
        places = sorted({note.place for note in notes})
        parts = tuple((place, Count.exact(sum(note.place == place for note in notes))) for place in places)
        self._news(Binned(op, parts if self.counts_retracted else (), self.counts_retracted))

    def _moved(self, moved: Moved) -> None:
        self.last = moved
        if self.understates:
            parts = tuple(
                replace(part, asked=part.asked, exited=Count.exact(part.exited.low - 1)) for part in moved.parts
            )
            moved = replace(moved, end=End.SHORT, parts=parts)
        if not self.keeps_answer:
            self._news(moved)

    def _pay(self, op: str, mix: Mix) -> None:
        trouble, _, at = (self.script.pop(0) if self.script else "").partition(":")
        limit = int(at or 0)
        picked, parts, end, code = 0, [], End.DONE, ""
        for place, asked in mix.notes:
            exited = rejected = on_path = 0
            while exited < asked and end is End.DONE:
                if trouble == "short" and picked == limit:
                    end, code = End.SHORT, "TM-CASH-003"
                    break
                if trouble == "die" and picked == limit:
                    self.powered = False
                    return
                if self.box.pick(place) is None:
                    end = End.SHORT
                    break
                picked += 1
                if trouble == "jam" and picked == limit:
                    on_path, end = 1, End.DOUBT
                    break
                if trouble == "reject" and picked <= limit:
                    self.box.move(Spot.PATH, Spot.REJECT)
                    rejected += 1
                    continue
                if trouble == "double" and picked == limit and self.box.pick(place):
                    exited += 1
                exited += 1
                self.box.move(Spot.PATH, Spot.STACKER if self.machine.stacks else Spot.EXIT)
                if not self.machine.stacks and not self.machine.sees_taken:
                    self.box.take()
                self._news(Progress(op, place, exited))
            out, lying = Count.exact(exited), Count.exact(on_path)
            if end is End.DOUBT:
                out, lying = Count(exited, asked), Count(0, 1)
            parts.append(PlaceMoved(place, asked, out, Count.exact(rejected), lying))
        self._moved(Moved(op, end, tuple(parts), code))


class FarHost:
    """Our half of that conversation (`core.dispenser.Host`)."""

    def __init__(self, machine: Capabilities) -> None:
        self.capabilities = machine
        self._order: Order | None = None
        self._said: list[bytes] = []
        self._news: list[CashNews] = []

    def start(self, now_ms: int) -> None:
        assert self._order is None

    def order(self, order: Order, now_ms: int) -> None:
        assert self._order is None, "one at a time"
        self._order = order
        self._said.append(json.dumps(tagged(order)).encode())

    def hear(self, message: bytes, now_ms: int) -> None:
        news: CashNews = from_tagged(CashNews, json.loads(message))
        if not isinstance(news, Taken | Progress):
            self._order = None
        self._news.append(news)

    def turn(self, now_ms: int) -> None:
        """Nothing is polled."""

    def lost(self, now_ms: int) -> None:
        order, self._order = self._order, None
        match order:
            case Pay(op, mix) | Recall(op, mix):
                wide = tuple(
                    PlaceMoved(place, asked, Count(0, asked), Count.unknown(), Count.unknown())
                    for place, asked in mix.notes
                )
                self._news.append(Moved(op, End.DOUBT, wide))
            case Test(op, place):
                part = PlaceMoved(place, 1, NONE, Count.unknown(), Count.unknown())
                self._news.append(Moved(op, End.DOUBT, (part,)))
            case Offer(op):
                self._news.append(Offered(op, sure=False))
            case Retract(op) | PutAside(op):
                self._news.append(Binned(op, (), sure=False))
            case Clear():
                self._news.append(Cleared(clear=False))
            case Look() | None:
                pass

    def say(self) -> tuple[bytes, ...]:
        said, self._said = tuple(self._said), []
        return said

    def news(self) -> tuple[CashNews, ...]:
        news, self._news = tuple(self._news), []
        return news

    def wakes_at(self) -> int | None:
        return None
