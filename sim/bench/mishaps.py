"""Mishaps of the machine: every trouble its far end can have, its own power, and the hand that comes for the notes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.dispenser import Order, Pay
from sim.bench.cash_side import CashSide
from sim.bench.clock import Trace, VirtualClock
from sim.bench.fate import Fate
from sim.bench.machines import Machine
from sim.bench.truth import Truth

HAND_MS: Final = 1_500  # how long until notes at the exit are taken
OFF_MS: Final = 2_500  # how long a brown-out lasts


class Mishaps:
    """`hand` is whoever takes the notes."""

    def __init__(
        self,
        clock: VirtualClock,
        trace: Trace,
        fate: Fate,
        below: Callable[[str, int], int],
        machine: Machine,
        side: CashSide,
        truth: Truth,
        reached: Callable[[str], None],
    ) -> None:
        self._clock, self._trace, self._fate, self._below = clock, trace, fate, below
        self._machine, self._side, self._truth, self._reached = machine, side, truth, reached
        self.hand: Callable[[], None] = lambda: None
        self._coming = False
        side.struck, truth.box.at_exit = self._ordered, self._at_exit

    def power(self, *, on: bool) -> None:
        """The machine's own power."""
        self._side.touched()
        self._side.peer.power(on, self._clock.now_ms)

    def _ordered(self, order: Order) -> None:
        """The machine may have its own troubles with an order."""
        if not isinstance(order, Pay):
            return
        if self._fate.strikes("dispenser_fault"):
            names = self._machine.troubles(self._side.peer)
            name = names[self._below("dispenser_fault.name", len(names))]
            self._side.peer.fault(name, self._below("dispenser_fault.after", order.mix.total + 1))
            self._truth.excused = self._truth.excused or self._machine.uncounted(name)
            self._trace.tell("machine", "trouble", name)
        if self._fate.strikes("dispenser_power"):
            self._clock.after(self._below("dispenser_power.ms", 12) * 200, self._brown_out)

    def _brown_out(self) -> None:
        """The machine's power goes and comes back, and ours does not."""
        self._reached("the dispenser lost its power")
        self.power(on=False)
        self._clock.after(OFF_MS, lambda: self.power(on=True))

    def _at_exit(self) -> None:
        """A note came within reach: a hand comes for it soon."""
        if not self._coming:
            self._coming = True
            self._clock.after(HAND_MS, self._take)

    def _take(self) -> None:
        self._coming = False
        self.hand()
