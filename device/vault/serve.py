"""The cash side as a program: one thread that owns the ledger, the cash port and the socket, until it is stopped.

It never opens a network line. A cable that is lost is opened again after a bounded wait; a ledger that cannot be
written ends the program at once, and systemd starts another that reads it again. A stop waits for open notes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.dispenser import Cable
from core.ports import Clock, DriverFault, Log
from core.vault_talk import VaultState
from device.vault.machine import idle
from device.vault.socket_side import Connection, SocketSide
from device.vault.vault import EVERYBODY, Vault
from device.watchdog import Watchdog

WAITS_MS: Final = (200, 1_000, 2_000, 5_000, 10_000)  # between tries to open the cable
IDLE_MS: Final = 40  # how long the cable is listened to between two looks at the socket, and the other way round
BUSY_MS: Final = 5  # the same while notes move
ASLEEP_MS: Final = 200  # a cable that is closed needs no listening
STOP_MS: Final = 80_000  # how long a stop waits for notes that are moving; below the unit's TimeoutStopSec


class Server:
    """`vault` is stepped here and nowhere else. `open_cable` raises `DriverFault`."""

    def __init__(
        self,
        vault: Vault,
        open_cable: Callable[[], Cable],
        side: SocketSide,
        clock: Clock,
        log: Log,
        watchdog: Watchdog,
    ) -> None:
        self._vault = vault
        self._open_cable = open_cable
        self._side = side
        self._clock = clock
        self._log = log
        self._watchdog = watchdog
        self._cable: Cable | None = None
        self._tries = 0
        self._try_ms = 0
        self._stop_ms = 0
        self._asked = 0
        self._askers: dict[int, tuple[Connection, int]] = {}

    def stop(self) -> None:
        """From a signal: end as soon as no note is moving."""
        self._stop_ms = self._clock.monotonic_ms() + STOP_MS

    def run(self) -> None:
        """Until `stop`. Raises `device.vault.store.BookFault` when the ledger cannot be written."""
        self._side.listen()
        self._watchdog.ready("the cash side is ready")
        try:
            while not self._over():
                self._turn()
        finally:
            self._watchdog.stopping()
            self._side.close()
            if self._cable is not None:
                self._cable.close()

    def _over(self) -> bool:
        if not self._stop_ms:
            return False
        self._side.stop_listening()
        return idle(self._vault.state) or self._clock.monotonic_ms() >= self._stop_ms

    def _turn(self) -> None:
        now_ms = self._clock.monotonic_ms()
        self._watchdog.turn(now_ms)
        if self._cable is None and now_ms >= self._try_ms:
            self._connect(now_ms)
        busy = not idle(self._vault.state) or bool(self._askers)
        if self._cable is None:
            wait_ms = BUSY_MS if busy else ASLEEP_MS
        else:
            self._listen(BUSY_MS if busy else IDLE_MS)
            wait_ms = 0
        for question in self._side.questions(wait_ms):
            self._asked += 1
            self._askers[self._asked] = (question.connection, question.number)
            self._vault.ask(self._asked, question.request, self._clock.monotonic_ms())
            self._answer()
        wakes_at = self._vault.wakes_at()
        now_ms = self._clock.monotonic_ms()
        if wakes_at is not None and wakes_at <= now_ms:
            self._vault.turn(now_ms)
        self._vault.rest()
        self._send()
        self._answer()

    # -- the cable ------------------------------------------------------------------------------------

    def _connect(self, now_ms: int) -> None:
        try:
            self._cable = self._open_cable()
        except DriverFault as error:
            self._try_ms = now_ms + WAITS_MS[min(self._tries, len(WAITS_MS) - 1)]
            if self._tries == 0:
                self._log.warning("cable_away", code=error.code, detail=error.detail)
            self._tries += 1
            return
        self._log.info("cable_open")
        self._tries = 0
        self._vault.opened(now_ms)
        self._send()

    def _listen(self, wait_ms: int) -> None:
        assert self._cable is not None
        try:
            messages = self._cable.receive(wait_ms)
        except DriverFault as error:
            self._cable_lost(error)
            return
        for message in messages:
            self._vault.hear(message, self._clock.monotonic_ms())
        self._send()

    def _send(self) -> None:
        """What the host wants to say. A cable that breaks meanwhile may have carried part of it."""
        while self._cable is not None:
            messages = self._vault.say()
            if not messages:
                return
            for message in messages:
                try:
                    self._cable.send(message)
                except DriverFault as error:
                    self._cable_lost(error)
                    return

    def _cable_lost(self, error: DriverFault) -> None:
        assert self._cable is not None
        self._log.warning("cable_lost", code=error.code, detail=error.detail)
        self._cable.close()
        self._cable = None
        now_ms = self._clock.monotonic_ms()
        self._try_ms = now_ms + WAITS_MS[0]
        self._vault.lost(now_ms)
        self._vault.say()  # what nobody can hear any more

    # -- the socket -----------------------------------------------------------------------------------

    def _answer(self) -> None:
        for sent in self._vault.replies():
            if sent.asker == EVERYBODY:
                self._note(sent.reply)
                self._side.tell(sent.reply)
                continue
            connection, number = self._askers[sent.asker]
            if sent.last:
                del self._askers[sent.asker]
            self._side.say(connection, number, sent.reply)

    def _note(self, reply: object) -> None:
        if isinstance(reply, VaultState):
            self._log.info("standing", ready=reply.ready, code=reply.code, unsent=reply.unsent)
