"""Visits: somebody stands at the machine and talks to the vault directly, act by act.

A visit is a generator that asks and is told; it hears None when the vault has died over a question. One at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

from core.vault_talk import Reply, Request
from sim.bench.clock import Trace, VirtualClock

VISITOR: Final = 1_000_000  # askers above are people at the machine, not its runtime
THINK_MS: Final = 200  # between an answer and the next question
AGAIN_MS: Final = 3_000  # until a vault that is not there is asked again
WAIT_MS: Final = 5_000  # how often somebody who waits looks whether the vault is still the same
Visit = Generator[Request, Reply | None, bool]  # gives whether everything was done


class Visits:
    """`deliver` hands a question to the vault, False when it is not there; `epoch` counts the vault's lives."""

    def __init__(
        self, clock: VirtualClock, trace: Trace, deliver: Callable[[int, Request], bool], epoch: Callable[[], int]
    ) -> None:
        self._clock, self._trace, self._deliver, self._epoch = clock, trace, deliver, epoch
        self._visit: Visit | None = None
        self._asker = VISITOR

    @property
    def nobody(self) -> bool:
        """Is nobody at the machine?"""
        return self._visit is None

    def begin(self, visit: Visit) -> None:
        assert self._visit is None, "one at a time"
        self._visit = visit
        self._go_on(None, first=True)

    def fresh(self) -> int:
        """A number nobody has asked under before."""
        self._asker += 1
        return self._asker

    def told(self, asker: int, reply: Reply) -> None:
        """The vault has answered for good."""
        self._clock.after(1, lambda: self._go_on(reply) if asker == self._asker else None)

    def _go_on(self, reply: Reply | None, *, first: bool = False) -> None:
        visit = self._visit
        if visit is None:
            return
        try:
            request = next(visit) if first else visit.send(reply)
        except StopIteration as ended:
            self._visit = None
            self._trace.tell("visitor", "done" if ended.value else "gave up")
            return
        asker = self.fresh()
        self._clock.after(THINK_MS, lambda: self._ask(asker, request))

    def _ask(self, asker: int, request: Request) -> None:
        """The question; when the vault is not there, or dies over it, it is asked again later."""
        if asker != self._asker or self._visit is None:
            return
        epoch = self._epoch()
        if not self._deliver(asker, request):
            self._clock.after(AGAIN_MS, lambda: self._ask(asker, request))
            return

        def unanswered() -> None:
            if asker != self._asker or self._visit is None:
                return
            if self._epoch() != epoch:
                self._go_on(None)
            else:
                self._clock.after(WAIT_MS, unanswered)

        self._clock.after(WAIT_MS, unanswered)
