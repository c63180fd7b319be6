"""The cash side as the composition root sees it: the link that lives as long as the device, and who carries reports."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.events import Event
from core.ports import Clock, Face, Log
from core.screens import Screen, Waiting, say
from device.cash_link import CashLink
from device.courier import Asks, Courier

FRAME_S: Final = 0.033


class CashSide:
    """`link` takes orders. A terminal that is paired has a courier as well."""

    def __init__(self, socket: str, clock: Clock, log: Log, emit: Callable[[Event], None]) -> None:
        self._path = Path(socket)
        self._clock = clock
        self._log = log
        self._courier: Courier | None = None
        self.link = CashLink(self._path, clock, log, emit, self._ring)

    def courier(self, line: Asks) -> Courier:
        """A new one for this pairing."""
        self._courier = Courier(self._path, line, self._clock, self._log)
        return self._courier

    def key(self, face: Face, lang: str, turn: Callable[[], bool]) -> str:
        """The cash side's public key, waited for: nobody pairs a machine whose cash side the exchange cannot believe.

        `turn` is called every frame; when it says False the wait ends with "".
        """
        face.show(Screen("starting", say("device.starting"), (Waiting(say("atm.pairing.waiting")),)), lang)
        while turn():
            state = self.link.state
            if state is not None:
                return state.public_key
            face.frame()
            time.sleep(FRAME_S)
        return ""

    def _ring(self) -> None:
        if self._courier is not None:
            self._courier.ring()
