"""The socket between runtime and vault in a simulated world: whole lines, a moment apart, and broken by fate.

What is said goes through the real codec (`core.vault_lines`). A line that breaks takes with it what was on its way, on
both sides; who waited for an answer hears that there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.effects import CashEffect, CloseNotes, PayNotes, TakeNonce, TellTaken
from core.events import DeviceStateChanged, Event, Health, NonceGiven, NotesMoved, NotesPaid, Refused, Unanswered
from core.faults import Refusal
from core.vault_lines import asked, line, said
from core.vault_talk import (
    Acknowledge,
    AskNonce,
    AskState,
    CloseOut,
    Nonce,
    PaidOut,
    PayOut,
    Reply,
    ReportReady,
    Request,
    Stage,
    VaultRefused,
    VaultState,
)
from device.vault.vault import Sent
from sim.bench.clock import Trace, VirtualClock
from sim.bench.crash import Life
from sim.bench.fate import Fate

SILENT: Final = "TM-ATM-001"
ROLE: Final = "cash"
TRIP_MS: Final = 1
BACK_MS: Final = 2_000  # until a broken line is there again
OPEN_MAX: Final = 32  # questions in hand; more is a runtime that asks without end


class CashTalk:
    """`device.dispatch.Pays` on one end, the vault's askers on the other. One for each life of the runtime."""

    def __init__(
        self,
        life: Life,
        clock: VirtualClock,
        trace: Trace,
        fate: Fate,
        deliver: Callable[[int, Request], bool],
        emit: Callable[[Event], None],
        ring: Callable[[], None],
    ) -> None:
        self._life, self._clock, self._trace, self._fate = life, clock, trace, fate
        self._deliver, self._emit, self._ring = deliver, emit, ring
        self._number = 0
        self._open: dict[int, str] = {}
        self.up = False
        self.state: VaultState | None = None

    # -- the runtime's side ---------------------------------------------------------------------------

    def ask(self, effect: CashEffect) -> None:
        self._life.check()
        match effect:
            case TakeNonce(key, txn):
                self._send(AskNonce(txn), key)
            case PayNotes(key, txn, authority, amount):
                self._send(PayOut(txn, authority, amount), key)
            case CloseNotes(key, txn):
                self._send(CloseOut(txn), key)

    def tell(self, effect: TellTaken) -> None:
        self._life.check()
        self._send(Acknowledge(effect.taken), "")

    def connected(self) -> None:
        """The vault is there (again)."""
        if self.up or self._life.over:
            return
        self.up = True
        self._send(AskState(), "")

    def broken(self) -> None:
        """The line is gone, or the vault behind it."""
        if not self.up or self._life.over:
            return
        self.up, self.state = False, None
        keys, self._open = [key for key in self._open.values() if key], {}
        for key in keys:
            self._emit(Unanswered(key, SILENT))
        self._emit(DeviceStateChanged(ROLE, Health.LOST, SILENT))

    def _send(self, request: Request, key: str) -> None:
        if not self.up:
            if key:
                self._emit(Unanswered(key, SILENT))
            return
        assert len(self._open) < OPEN_MAX, "L3: questions to the vault without end"
        self._number += 1
        self._open[self._number] = key
        text = line(self._number, request)
        self._trace.tell("talk", ">", f"{type(request).__name__} {key}")
        if self._fate.strikes("cash_link"):
            self._clock.after(self._number % 3, self._break)
        self._clock.after(TRIP_MS, lambda: self._arrive(text))

    def _break(self) -> None:
        if not self._life.over and self.up:
            self._trace.tell("talk", "broken")
            self.broken()
            self._clock.after(BACK_MS, self._back)

    def _back(self) -> None:
        if not self._life.over and self._deliver(0, AskState()):
            self.connected()

    def _arrive(self, text: bytes) -> None:
        if not self._life.over and self.up:
            question = asked(text)
            self._deliver(question.id, question.request)

    # -- the vault's side -----------------------------------------------------------------------------

    def heard(self, sent: Sent) -> None:
        """The vault has said something to us, or to everybody."""
        if not self.up or self._life.over:
            return
        if self._fate.strikes("cash_link", ".back"):
            self._clock.after(0, self._break)
            return
        text = line(sent.asker, sent.reply)
        self._clock.after(TRIP_MS, lambda: self._understand(text, last=sent.last))

    def _understand(self, text: bytes, *, last: bool) -> None:
        if self._life.over or not self.up:
            return
        told = said(text)
        key = self._open.get(told.id, "")
        if told.id and told.id not in self._open:
            return
        if told.id and last:
            del self._open[told.id]
        event = self._event(key, told.reply)
        self._trace.tell("talk", "<", f"{type(told.reply).__name__} {key}")
        if event is not None:
            self._emit(event)

    def _event(self, key: str, reply: Reply) -> Event | None:
        match reply:
            case VaultState():
                if reply.unsent and (self.state is None or self.state.unsent != reply.unsent):
                    self._ring()
                self.state = reply
                return DeviceStateChanged(ROLE, Health.READY if reply.ready else Health.DEGRADED, reply.code)
            case ReportReady():
                self._ring()
                return None
            case Nonce() if key:
                return NonceGiven(key, reply)
            case Stage() if key:
                return NotesMoved(key, reply)
            case PaidOut() if key:
                return NotesPaid(key, reply)
            case VaultRefused(code, detail) if key:
                return Refused(key, Refusal(code, detail))
            case _:
                return None
