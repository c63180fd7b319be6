"""Dispatch: each effect to the part that performs it. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from core.effects import (
    Arm,
    CashEffect,
    CloseNotes,
    Disarm,
    Effect,
    LineEffect,
    PayNotes,
    Play,
    PrintReceipt,
    Show,
    Sound,
    StartTimer,
    StopTimer,
    TakeNonce,
    TellTaken,
)
from core.events import Event, NotPrinted, Unanswered
from core.ports import Face
from core.service_effects import ServeNotes, TakeChallenge
from device.timers import Timers


class Orders(Protocol):
    """A device that takes orders without blocking (`device.hands.Hand`)."""

    role: str

    def order(self, effect: Effect) -> None: ...


class Asks(Protocol):
    """The line to the exchange, without blocking (`device.line_worker.LineWorker`)."""

    def ask(self, effect: LineEffect) -> None: ...


class Pays(Protocol):
    """The cash side, without blocking (`device.cash_link.CashLink`)."""

    def ask(self, effect: CashEffect) -> None: ...

    def tell(self, effect: TellTaken) -> None: ...


NO_PRINTER = "TM-PRN-011"
NO_CASH_SIDE = "TM-ATM-001"


class Dispatch:
    """`readers` are armed and disarmed, `printers` print (the first one), `play` makes a sound, `cash` pays notes."""

    def __init__(
        self,
        face: Face,
        timers: Timers,
        line: Asks,
        readers: Sequence[Orders],
        printers: Sequence[Orders],
        emit: Callable[[Event], None],
        play: Callable[[Sound], None],
        cash: Pays | None = None,
    ) -> None:
        self._face = face
        self._timers = timers
        self._line = line
        self._readers = tuple(readers)
        self._printers = tuple(printers)
        self._emit = emit
        self._play = play
        self._cash = cash

    def perform(self, effect: Effect, lang: str) -> None:
        match effect:
            case Show(screen):
                self._face.show(screen, lang)
            case Play(sound):
                self._play(sound)
            case StartTimer(name, ms):
                self._timers.start(name, ms)
            case StopTimer(name):
                self._timers.stop(name)
            case Arm() | Disarm():
                for reader in self._readers:
                    reader.order(effect)
            case PrintReceipt(key):
                if self._printers:
                    self._printers[0].order(effect)
                else:
                    self._emit(NotPrinted(key, NO_PRINTER))
            case TakeNonce() | PayNotes() | CloseNotes() | TakeChallenge() | ServeNotes():
                if self._cash is not None:
                    self._cash.ask(effect)
                else:
                    self._emit(Unanswered(effect.key, NO_CASH_SIDE))
            case TellTaken():
                if self._cash is not None:
                    self._cash.tell(effect)
            case _:
                self._ask(effect)

    def _ask(self, effect: LineEffect) -> None:
        """What is left is for the exchange: the checker of types says so."""
        self._line.ask(effect)
