"""The cash link: the runtime's orders to the cash side in a thread, its answers as events.

Nothing is decided here and nothing is asked twice: an order whose answer cannot come any more is *unanswered*, and the
step in charge knows what that means. How the cash side stands is kept as it said last, and is None while it is silent.
"""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from core.effects import CashEffect, CloseNotes, PayNotes, TakeNonce, TellTaken
from core.events import DeviceStateChanged, Event, Health, NonceGiven, NotesMoved, NotesPaid, Refused, Unanswered
from core.faults import Refusal
from core.ports import Clock, Log
from core.service_effects import ServeNotes, TakeChallenge
from core.service_events import ChallengeGiven, ServiceDone
from core.vault_lines import Said
from core.vault_talk import (
    Acknowledge,
    AskChallenge,
    AskNonce,
    AskState,
    Challenge,
    CloseOut,
    Nonce,
    PaidOut,
    PayOut,
    ReportReady,
    Request,
    Serve,
    Served,
    Stage,
    VaultRefused,
    VaultState,
)
from device.vault_line import SILENT, VaultLine, VaultLost

ROLE: Final = "cash"
ORDERS_MAX: Final = 16  # a customer has one order open; the rest are acknowledgements
BUSY: Final = "TM-ATM-003"
WAITS_MS: Final = (200, 500, 1_000, 3_000)  # between tries to connect; a vault that starts again is heard within 3 s
LOOK_MS: Final = 5_000  # how often it is asked how it stands, which is also how its death is noticed
DEAF_MS: Final = 15_000  # a vault that has not said a word for three looks hangs
NONCE_MS: Final = 10_000  # it answers from memory, unless the machine is just being looked at
QUIET_MS: Final = 240_000  # notes: the longest order of any dispenser is 120 s, and a machine may be away for 90 s
JOIN_S: Final = 3.0
Ending = Nonce | PaidOut | Challenge | Served | VaultRefused


@dataclass(slots=True)
class _Open:
    """A question without its final answer, and when it is given up (monotonic)."""

    effect: CashEffect
    until_ms: int


class CashLink:
    """`ring` is called when a statement waits for the exchange."""

    def __init__(
        self, path: Path, clock: Clock, log: Log, emit: Callable[[Event], None], ring: Callable[[], None]
    ) -> None:
        self._path = path
        self._clock = clock
        self._log = log
        self._emit = emit
        self._ring = ring
        self._state: VaultState | None = None
        self._told: tuple[Health, str] | None = None
        self._orders: queue.Queue[CashEffect | TellTaken] = queue.Queue(ORDERS_MAX)
        self._open: dict[int, _Open] = {}
        self._heard_ms = self._looked_ms = 0
        self._up = False
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        weakref.finalize(self, os.close, self._bell)  # not before the last thread that may ring it is gone
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="cash-link", daemon=True)

    @property
    def state(self) -> VaultState | None:
        """From any thread: as it said last; None while it is silent."""
        return self._state

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What was not answered is in doubt, and stays so in the journal."""
        self._stopping.set()
        os.eventfd_write(self._bell, 1)
        self._thread.join(JOIN_S)

    def ask(self, effect: CashEffect) -> None:
        """Never blocks. Without a connection it is unanswered at once: nobody should wait for it to come back."""
        if not self._up:
            self._emit(Unanswered(effect.key, SILENT))
            return
        try:
            self._orders.put_nowait(effect)
        except queue.Full:
            self._emit(Unanswered(effect.key, BUSY))
            return
        os.eventfd_write(self._bell, 1)

    def tell(self, effect: TellTaken) -> None:
        """Lost, it is told again by the courier."""
        try:
            self._orders.put_nowait(effect)
        except queue.Full:
            return
        os.eventfd_write(self._bell, 1)

    # -- in the thread ---------------------------------------------------------------------------------

    def _work(self) -> None:
        tries = 0
        while not self._stopping.is_set():
            try:
                line = VaultLine(self._path)
            except VaultLost as lost:
                self._down(lost)
            else:
                tries = 0
                self._serve(line)
            self._stopping.wait(WAITS_MS[min(tries, len(WAITS_MS) - 1)] / 1000)
            tries += 1

    def _serve(self, line: VaultLine) -> None:
        self._heard_ms = self._clock.monotonic_ms()
        self._look(line)
        self._up = True
        try:
            while not self._stopping.is_set():
                self._turn(line)
        except VaultLost as lost:
            self._down(lost)
        finally:
            self._up = False
            line.close()

    def _turn(self, line: VaultLine) -> None:
        """One thing heard, or everything ordered."""
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._looked_ms >= LOOK_MS:
            self._look(line)
        heard = line.hear(self._wait_ms(now_ms), self._bell)
        if heard is not None:
            self._heard_ms = self._clock.monotonic_ms()
            self._hear(heard)
        else:
            self._send(line)
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._heard_ms >= DEAF_MS:
            raise VaultLost(SILENT, "it says nothing any more")
        for number in [number for number, one in self._open.items() if one.until_ms <= now_ms]:
            self._emit(Unanswered(self._open.pop(number).effect.key, SILENT))

    def _wait_ms(self, now_ms: int) -> int:
        ends = [one.until_ms for one in self._open.values()]
        return max(0, min([self._looked_ms + LOOK_MS, *ends]) - now_ms)

    def _look(self, line: VaultLine) -> None:
        self._looked_ms = self._clock.monotonic_ms()
        line.ask(AskState())

    def _send(self, line: VaultLine) -> None:
        with suppress(BlockingIOError):  # it was the wait that ended, not the bell that rang
            os.eventfd_read(self._bell)
        while not self._orders.empty():
            effect = self._orders.get_nowait()
            if isinstance(effect, TellTaken):
                line.ask(Acknowledge(effect.taken))
                continue
            until_ms = self._clock.monotonic_ms() + (
                NONCE_MS if isinstance(effect, TakeNonce | TakeChallenge) else QUIET_MS
            )
            try:
                number = line.ask(_request(effect))
            except VaultLost:
                self._open[0] = _Open(effect, until_ms)  # it may have got there: unanswered with the others
                raise
            self._open[number] = _Open(effect, until_ms)

    def _hear(self, heard: Said) -> None:
        match heard.reply:
            case VaultState():
                self._stands(heard.reply)
            case ReportReady():
                self._ring()
            case Stage() if (one := self._open.get(heard.id)) is not None:
                one.until_ms = self._clock.monotonic_ms() + QUIET_MS
                self._emit(NotesMoved(one.effect.key, heard.reply))
            case Nonce() | PaidOut() | Challenge() | Served() | VaultRefused() if (
                asked := self._open.pop(heard.id, None)
            ) is not None:
                self._answer(asked.effect, heard.reply)
                self._looked_ms -= LOOK_MS  # how does it stand after that?
            case _:
                return  # an acknowledgement's answer, or one that nobody waits for any more

    def _answer(self, effect: CashEffect, reply: Ending) -> None:
        match effect, reply:
            case _, VaultRefused(code, detail):
                self._emit(Refused(effect.key, Refusal(code, detail)))
            case TakeNonce(), Nonce():
                self._emit(NonceGiven(effect.key, reply))
            case TakeChallenge(), Challenge():
                self._emit(ChallengeGiven(effect.key, reply))
            case ServeNotes(), Served():
                self._emit(ServiceDone(effect.key, reply))
            case PayNotes() | CloseNotes(), PaidOut():
                self._emit(NotesPaid(effect.key, reply))
            case _:
                self._log.error("vault_answers_beside", key=effect.key, answer=type(reply).__name__)
                self._emit(Unanswered(effect.key, "TM-ATM-002"))

    def _stands(self, state: VaultState) -> None:
        """While it works for us it is busy, which is no news: how it stands counts when the order has ended."""
        before = self._state
        if self._open:
            return
        self._state = state
        if state.unsent and (before is None or before.unsent != state.unsent):
            self._ring()
        self._report(Health.READY if state.ready else Health.DEGRADED, "" if state.ready else state.code or SILENT)

    def _down(self, lost: VaultLost) -> None:
        """Everything open is unanswered; said once, not at every try."""
        self._up = False
        self._state = None
        for one in self._open.values():
            self._emit(Unanswered(one.effect.key, lost.code))
        self._open.clear()
        while not self._orders.empty():
            effect = self._orders.get_nowait()
            if not isinstance(effect, TellTaken):
                self._emit(Unanswered(effect.key, lost.code))
        self._report(Health.LOST, lost.code, lost.detail)

    def _report(self, health: Health, code: str, detail: str = "") -> None:
        if self._told == (health, code):
            return
        self._told = (health, code)
        self._log.info("cash_side", health=health.value, code=code, detail=detail)
        self._emit(DeviceStateChanged(ROLE, health, code, detail))


def _request(effect: CashEffect) -> Request:
    match effect:
        case TakeNonce(_, txn):
            return AskNonce(txn)
        case PayNotes(_, txn, authority, amount):
            return PayOut(txn, authority, amount)
        case CloseNotes(_, txn):
            return CloseOut(txn)
        case TakeChallenge():
            return AskChallenge()
        case ServeNotes(_, txn, act, notes, grant):
            return Serve(txn, grant, act, notes)
        case _:
            assert_never(effect)
