"""The runtime of a simulated machine: the product's loop, steps, dispatch, recovery, journal and line, without threads.

One instance is one start of the program. Its journal's pages, the paper on the floor and the notes outlive it.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Final

from core.effects import Arm, Disarm, Effect, PrintReceipt, Wanted
from core.events import DeviceStateChanged, Event, Health, NotPrinted, Printed
from core.ports import Preview
from core.receipt import Receipt
from core.screens import Screen
from core.terms import Terms
from core.vault_talk import Reply, Request
from device.dispatch import Dispatch
from device.goods import Goods
from device.inbox import Inbox
from device.loop import Loop, Parts
from device.modes.atm import ATM
from device.modes.mode import Owed
from device.timers import Timers
from device.viewfinder import Viewfinder
from sim.bench.carrying import CourierInTurn
from sim.bench.cash_talk import CashTalk
from sim.bench.clock import Trace, VirtualClock
from sim.bench.crash import Life
from sim.bench.disk import Disk
from sim.bench.fate import Fate
from sim.bench.line import AheadClock, Network, Quiet, Wire, line_of
from sim.bench.outcome import Violated
from sync.device_clock import DeviceClock
from sync.journal import Journal
from sync.journal_record import SCHEMA

ROLES: Final = ("camera", "printer", "cash")
FAR_MS: Final = 10**12  # a timer beyond this never fires


@cache
def empty_journal() -> bytes:
    """A diary with its tables and nothing in it."""
    base = sqlite3.connect(":memory:", isolation_level=None)
    base.executescript(SCHEMA)
    image = base.serialize()
    base.close()
    return image


class Room:
    """The reserve of a disk that is full only when fate says so."""

    def keep(self) -> bool:
        return True

    def give_up(self) -> bool:
        return False


class Glass:
    """The screen, and what stands on it."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.screen: Screen | None = None
        self.count = 0
        self.shown: Callable[[Screen], None] = lambda _: None

    def show(self, screen: Screen, lang: str) -> None:
        self._life.check()
        self.screen, self.count = screen, self.count + 1
        self.shown(screen)

    def stand_in(self, place: str, utc_offset_minutes: int) -> None: ...

    def preview(self, picture: Preview) -> None: ...

    def frame(self) -> tuple[Event, ...]:
        return ()

    def close(self) -> None: ...


class Eyes:
    """The readers: whether they would take a personal code now."""

    role = "camera"

    def __init__(self) -> None:
        self.armed = False

    def order(self, effect: Effect) -> None:
        if isinstance(effect, Arm):
            self.armed = Wanted.PERSONAL in effect.wanted
        elif isinstance(effect, Disarm):
            self.armed = False


class Printer:
    """Takes everything, or has no paper. Nothing is printed that the journal does not surely hold (I9)."""

    role = "printer"

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def order(self, effect: Effect) -> None:
        if isinstance(effect, PrintReceipt):
            self._runtime.prints(effect)


class Runtime:
    """`papers` is the floor: what came out, by key, over all lives."""

    def __init__(
        self,
        life: Life,
        clock: VirtualClock,
        trace: Trace,
        fate: Fate,
        disk: Disk,
        terms: Terms,
        entropy: random.Random,
        network: Callable[[AheadClock, DeviceClock], Network],
        talk: Callable[[Runtime], CashTalk],
        answer: Callable[[Request], Reply | None],
        papers: dict[str, list[Receipt]],
    ) -> None:
        self.life, self.clock, self._trace, self._fate, self._disk = life, clock, trace, fate, disk
        self.papers = papers
        self.inbox = Inbox(Quiet())
        base = sqlite3.connect("", factory=disk.kind(life), isolation_level=None)
        self.journal = Journal.on(base, -1, Room())
        self.face = Glass(life)
        self.eyes = Eyes()
        ahead = AheadClock(clock)
        self.device_clock = DeviceClock(ahead, Quiet())
        hub = network(ahead, self.device_clock)
        line = line_of(hub, self.device_clock, ahead)
        self.courier = CourierInTurn(life, clock, trace, ahead, line_of(hub, self.device_clock, ahead), answer)
        self.wire = Wire(life, clock, trace, ahead, line, self.emit)
        self.talk = talk(self)
        self.timers = Timers(self.device_clock)
        self._settling = False
        self.reached: Callable[[str], None] = lambda state: None
        dispatch = Dispatch(
            self.face, self.timers, self.wire, (self.eyes,), (Printer(self),), self.inbox.put, lambda _: None, self.talk
        )
        self.loop = Loop(
            Parts(
                clock=self.device_clock,
                log=Quiet(),
                inbox=self.inbox,
                face=self.face,
                viewfinder=Viewfinder(),
                timers=self.timers,
                dispatch=dispatch,
                diary=self.journal,
                entropy=entropy.randbytes,
                mode=ATM,
                terms=terms,
                goods=Goods(terms.fiat),
                roles=ROLES,
                owed=self._owed,
                seen=self._seen,
                devices={role: DeviceStateChanged(role, Health.READY) for role in ROLES},
                cash=lambda: self.talk.state,
            )
        )

    def begin(self) -> None:
        """Pick up what was open, then listen to the cash side."""
        self._settling = True
        self.loop.begin()
        self._settling = False
        self.settle()

    def emit(self, event: Event) -> None:
        """Something came from outside: the loop hears it, and all that follows from it at once."""
        self.life.check()
        self.inbox.put(event)
        self.settle()

    def settle(self) -> None:
        if self._settling:
            return
        self._settling = True
        while (event := self.timers.fired() or self.inbox.take(0)) is not None:
            self._trace.tell("loop", type(event).__name__, getattr(event, "answers", getattr(event, "action", "")))
            self.loop.hear(event)
        self._settling = False
        if self.loop.state is None:
            self.journal.checkpoint()

    def next_ms(self) -> int:
        """When the next timer fires."""
        return self.clock.now_ms + self.timers.wait_ms(FAR_MS)

    def prints(self, effect: PrintReceipt) -> None:
        self.life.check()
        if self._disk.unsynced:
            raise Violated("I9", f"{effect.key} is printed before its order is synced")
        if self._fate.strikes("printer"):
            self.reached("no paper came out")
            self.inbox.put(NotPrinted(effect.key, "TM-PRN-001"))
            return
        self.papers.setdefault(effect.key, []).append(effect.receipt)
        self.inbox.put(Printed(effect.key))

    def _owed(self) -> Owed:
        self.wire.outbox.keep(self.journal.owed(), self.clock.now_ms)
        self.wire.look()
        state = self.wire.outbox.state(self.clock.now_ms)
        return Owed(state.waiting, state.full)

    def _seen(self, event: Event) -> None:
        """What the product shows elsewhere and the world does not need."""
