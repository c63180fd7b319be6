"""Dispatch: each effect to the part that performs it. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from core.effects import (
    Arm,
    AskQuote,
    AskRefund,
    Authorise,
    CloseBatch,
    Complete,
    Disarm,
    Effect,
    FindSale,
    Identify,
    IdentifyTap,
    LineEffect,
    Play,
    PrintReceipt,
    Refund,
    Reverse,
    Show,
    Sound,
    StartTimer,
    StopTimer,
    Void,
)
from core.events import Event, NotPrinted
from core.ports import Face
from device.timers import Timers


class Orders(Protocol):
    """A device that takes orders without blocking (`device.hands.Hand`)."""

    role: str

    def order(self, effect: Effect) -> None: ...


class Asks(Protocol):
    """The line to the exchange, without blocking (`device.line_worker.LineWorker`)."""

    def ask(self, effect: LineEffect) -> None: ...


NO_PRINTER = "TM-PRN-011"


class Dispatch:
    """`readers` are armed and disarmed, `printers` print (the first one), `play` makes a sound."""

    def __init__(
        self,
        face: Face,
        timers: Timers,
        line: Asks,
        readers: Sequence[Orders],
        printers: Sequence[Orders],
        emit: Callable[[Event], None],
        play: Callable[[Sound], None],
    ) -> None:
        self._face = face
        self._timers = timers
        self._line = line
        self._readers = tuple(readers)
        self._printers = tuple(printers)
        self._emit = emit
        self._play = play

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
            case (
                Identify()
                | IdentifyTap()
                | AskQuote()
                | Authorise()
                | Complete()
                | Reverse()
                | FindSale()
                | AskRefund()
                | Refund()
                | Void()
                | CloseBatch()
            ):
                self._line.ask(effect)
            case _:
                assert_never(effect)
