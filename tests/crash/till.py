"""A terminal that can be cut: the real loop, steps, dispatch, recovery, outbox, line and journal file.

Threads are left out, so that a run is the same every time: a question is asked when it is ordered, its answer stands
in the inbox. What a cut leaves behind is what a killed program leaves: the journal's files and the paper on the floor.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from core.effects import Effect, KeyedEffect, LineEffect, PrintReceipt
from core.events import DeviceStateChanged, Event, Health, NotPrinted, Pressed, Printed, Unanswered
from core.ids import TxnId
from core.moment import Moment
from core.ports import Preview
from core.receipt import Receipt
from core.screens import Screen
from core.terms import Terms
from device.diary import OpenTicket
from device.dispatch import Dispatch
from device.goods import Goods
from device.inbox import Inbox
from device.loop import Loop, Parts
from device.modes.mode import Owed
from device.modes.seller import SELLER
from device.timers import Timers
from device.viewfinder import Viewfinder
from sync.device_clock import DeviceClock
from sync.exchange_http import Line
from sync.exchange_routes import Servers
from sync.http_ask import Asker
from sync.journal import Journal
from sync.outbox import Outbox
from sync.signing import DeviceKey
from tests.crash.shared import Shared
from tests.crash.town import Town

T = TypeVar("T")
SIDES: Final = ("before", "after", "power")
ROLES: Final = ("camera", "printer")
RESERVE: Final = 4096
LOST_QUESTION, LOST_ANSWER = "question", "answer"


class Cut(BaseException):
    """The program was killed here. Not an `Exception`: nothing of ours may catch it."""


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...

    warning = error = info


@dataclass
class Knife:
    """Counts the journal's commits and cuts at one of them. `side` "before": it did not happen; "after": it did and
    nothing later; "power": it did, but the disk has only what was synced."""

    count: int = 0
    at: int = 0
    side: str = ""
    fell: bool = False

    def around(self, write: Callable[[], T]) -> T:
        self.count += 1
        due = self.at == self.count and not self.fell
        if due and self.side == "before":
            self.fell = True
            raise Cut
        done = write()
        if due:
            self.fell = True
            raise Cut
        return done


class Fate(Knife):
    """Cuts by chance, at most `cuts` times; never by power, which would lose what the paper on the floor shows."""

    def __init__(self, chance: random.Random, cuts: int) -> None:
        super().__init__()
        self._chance = chance
        self.left = cuts

    def around(self, write: Callable[[], T]) -> T:
        self.at, self.fell = 0, False
        if self.left and self._chance.random() < 0.2:
            self.left -= 1
            self.at, self.side = self.count + 1, self._chance.choice(("before", "after"))
        return super().around(write)


class CutDiary:
    """`device.diary.Diary` over a real journal, with a knife at each write."""

    def __init__(self, journal: Journal, till: Till) -> None:
        self._journal = journal
        self._till = till

    def next_stan(self) -> int:
        return self._journal.next_stan()

    def commit(self, *words: Any, **more: Any) -> int:
        return self._till.knife.around(lambda: self._then(lambda: self._journal.commit(*words, **more)))

    def done(self, key: str, at: Moment, event: Event | None = None) -> None:
        self._till.knife.around(lambda: self._then(lambda: self._journal.done(key, at, event)))

    def note(self, name: str, value: str) -> None:
        self._till.knife.around(lambda: self._then(lambda: self._journal.note(name, value)))

    def noted(self, name: str) -> str:
        return self._journal.noted(name)

    @property
    def head(self) -> tuple[int, str]:
        return self._journal.head

    def open_tickets(self) -> tuple[OpenTicket, ...]:
        return self._journal.open_tickets()

    def events(self, kinds: tuple[type, ...], after_seq: int = 0) -> Iterator[tuple[int, TxnId, Moment, Event]]:
        return self._journal.events(kinds, after_seq)

    def effects(self, kinds: tuple[type, ...], last: int) -> tuple[tuple[TxnId, KeyedEffect, bool], ...]:
        return self._journal.effects(kinds, last)

    def _then(self, write: Callable[[], T]) -> T:
        done = write()
        self._till.synced()
        return done


class TownClock:
    """The town's time as a counter and as a wall clock."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def now(self) -> Moment:
        return self._shared.now()

    def monotonic_ms(self) -> int:
        return self._shared.now().ms


class Glass:
    def __init__(self) -> None:
        self.screen: Screen | None = None

    def show(self, screen: Screen, lang: str) -> None:
        self.screen = screen

    def stand_in(self, place: str, utc_offset_minutes: int) -> None: ...

    def preview(self, picture: Preview) -> None: ...

    def frame(self) -> tuple[Event, ...]:
        return ()

    def close(self) -> None: ...


@dataclass
class Floor:
    """What outlives the terminal: papers by transaction (`unprinted`: where one was ordered and did not come out), and
    everything that was ever asked, by key. `deaf`: effects whose question or answer the line loses, each once.
    `later`: transactions a person left to the outbox, which prints nothing."""

    papers: dict[str, list[Receipt]] = field(default_factory=dict)
    asked: dict[str, LineEffect] = field(default_factory=dict)
    told: list[Event] = field(default_factory=list)
    deaf: dict[type, str] = field(default_factory=dict)
    paper: bool = True
    unprinted: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)


class Roll:
    """A printer that takes everything, or has no paper."""

    role = "printer"

    def __init__(self, floor: Floor, emit: Callable[[Event], None]) -> None:
        self._floor = floor
        self._emit = emit

    def order(self, effect: Effect) -> None:
        if not isinstance(effect, PrintReceipt):
            return
        if self._floor.paper:
            self._floor.papers.setdefault(effect.key.split("/")[0], []).append(effect.receipt)
            self._emit(Printed(effect.key))
        else:
            self._floor.unprinted.add(effect.key.split("/")[0])
            self._emit(NotPrinted(effect.key, "TM-PRN-001"))


class Wire:
    """The line, asked at once. One key, one content, for ever."""

    def __init__(self, line: Line, floor: Floor, emit: Callable[[Event], None]) -> None:
        self._line = line
        self._floor = floor
        self._emit = emit

    def ask(self, effect: LineEffect) -> None:
        event = self.perform(effect)
        self._emit(event)

    def perform(self, effect: LineEffect) -> Event:
        before = self._floor.asked.setdefault(effect.key, effect)
        assert before == effect, f"{effect.key} was asked with two contents"
        lost = self._floor.deaf.pop(type(effect), "")
        if lost == LOST_QUESTION:
            return Unanswered(effect.key, "TM-LINE-002")
        event = self._line.perform(effect)
        self._floor.told.append(event)
        return Unanswered(effect.key, "TM-LINE-001") if lost else event


class Machine:
    """One start of the terminal."""

    def __init__(self, till: Till) -> None:
        self.till = till
        shared, floor = till.town.shared, till.floor
        self.inbox = Inbox(Quiet())
        self.journal = Journal.open(till.path, RESERVE)
        self.face = Glass()
        self.clock = DeviceClock(TownClock(shared), Quiet())
        asker = Asker(till.key, till.terminal, self.clock, till.chance.randbytes)
        self.line = Line(Servers(**till.town.urls), asker, self.clock, self._at_once, Quiet())
        self.wire = Wire(self.line, floor, self.inbox.put)
        self.outbox = Outbox(lambda: 0.0)
        self.timers = Timers(self.clock)
        printers = (Roll(floor, self.inbox.put),)
        diary = CutDiary(self.journal, till)
        self.loop = Loop(
            Parts(
                clock=self.clock,
                log=Quiet(),
                inbox=self.inbox,
                face=self.face,
                viewfinder=Viewfinder(),
                timers=self.timers,
                dispatch=Dispatch(self.face, self.timers, self.wire, (), printers, self.inbox.put, lambda sound: None),
                diary=diary,
                entropy=till.chance.randbytes,
                mode=SELLER,
                terms=till.terms,
                goods=Goods(till.terms.fiat),
                roles=ROLES,
                owed=self._owed,
                seen=lambda event: None,
                devices={role: DeviceStateChanged(role, Health.READY) for role in ROLES},
            )
        )

    def hear(self, *events: Event) -> None:
        """Each, and all that follows from it at once."""
        for event in events:
            self.loop.hear(event)
            self.settle()

    def press(self, action: str) -> None:
        self.hear(Pressed(action))

    def settle(self) -> None:
        while (event := self.timers.fired() or self.inbox.take(0)) is not None:
            self.loop.hear(event)

    def pass_time(self, ms: int) -> None:
        """Time goes by, and the outbox sends what has become due."""
        self.till.town.shared.forward(ms)
        self.settle()
        while (effect := self.outbox.next_due(self.clock.monotonic_ms())) is not None:
            event = self.wire.perform(effect)
            now_ms = self.clock.monotonic_ms()
            if isinstance(event, Unanswered):
                self.outbox.failed(effect.key, now_ms)
            else:
                self.outbox.sent(effect.key, now_ms)
                self.hear(event)
            self.settle()

    @property
    def shown(self) -> str:
        assert self.face.screen is not None
        return self.face.screen.name

    def _owed(self) -> Owed:
        self.outbox.keep(self.journal.owed(), self.clock.monotonic_ms())
        state = self.outbox.state(self.clock.monotonic_ms())
        return Owed(state.waiting, state.full)

    def _at_once(self) -> float:
        """Chance, as the line's rests ask for it: no rest at all, but not before whoever died is back."""
        self.till.town.until_up()
        return -1.0


class Till:
    """A terminal over its restarts."""

    def __init__(self, town: Town, folder: Path, seed: int) -> None:
        self.town = town
        self.chance = random.Random(seed)
        self.key = DeviceKey.of_seed(self.chance.randbytes(32))
        self.terminal = town.pair(self.key)
        self.terms = Terms(self.terminal, "Corner shop", "KRW", 0, 540)
        self.floor = Floor()
        self.knife = Knife()
        self.folder = folder
        self.lives = 0
        self.path = self._next_folder() / "journal.db"
        self.machine: Machine | None = None
        self._syncs = -1

    def start(self) -> Machine:
        """Switch it on. It is `self.machine` before it recovers: it may be cut while it does."""
        self._syncs = -1
        self.machine = Machine(self)
        self.synced()
        self.machine.loop.begin()
        self.machine.settle()
        return self.machine

    def synced(self) -> None:
        """Keep a copy of what is surely on the disk, where a power cut is going to ask for it."""
        if self.knife.side != "power" or self.machine is None or self.machine.journal.fsyncs == self._syncs:
            return
        self._syncs = self.machine.journal.fsyncs
        copy_files(self.path, self.path.parent / "synced")

    def cut(self) -> None:
        """Killed: only the files stay, as they are (or as they were when they were last synced)."""
        machine = self.machine
        assert machine is not None
        old = self.path.parent
        self.path = self._next_folder() / "journal.db"
        copy_files(
            old / "synced" / "journal.db" if self.knife.side == "power" else old / "journal.db", self.path.parent
        )
        self.stop()
        shutil.rmtree(old)

    def stop(self) -> None:
        """Let go of what the operating system would let go of."""
        if self.machine is not None:
            self.machine.journal.close()
            self.machine.line.let_go()
            self.machine = None

    def _next_folder(self) -> Path:
        self.lives += 1
        made = self.folder / f"{self.terminal}-{self.lives}"
        made.mkdir()
        return made


def copy_files(journal: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for end in ("", "-wal"):
        one = journal.with_name(journal.name + end)
        if one.exists():
            shutil.copyfile(one, to / one.name)
