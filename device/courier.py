"""The courier: carries the cash side's signed statements to the exchange, and the exchange's receipts for them back.

Most withdrawals settle while their customer stands there; this is for the others: a line that was down, a terminal that
restarted, what technicians did. The cash side keeps each statement until the exchange's sealed word is there, so the
courier keeps nothing, and carrying one twice does no harm.
"""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Final, Protocol, TypeVar

from core.effects import LineEffect, SettleNotes
from core.events import Event, Settled
from core.ids import BadId, TxnId
from core.ports import Clock, Log
from core.vault_talk import Acknowledge, HandReports, Reply, Reports, Request, VaultRefused
from device.vault_line import SILENT, VaultLine, VaultLost

T = TypeVar("T", bound=Reply)
GRACE_MS: Final = 4_000  # the customer's own ticket carries its statement at once; do not race it
EVERY_MS: Final = 60_000  # looked at without being rung: a bell may be lost with a connection
RETRY_MS: Final = (5_000, 15_000, 30_000, 60_000)  # after a round in which something could not be delivered
ANSWER_MS: Final = 10_000
ROUND_MAX: Final = 64  # statements of one round; the next begins at once
JOIN_S: Final = 20.0  # one question's deadline


class Asks(Protocol):
    """What the courier needs of `sync.exchange_http.Line`; one of its own, so that no customer waits behind it."""

    def perform(self, effect: LineEffect) -> Event: ...

    def close(self) -> None: ...

    def let_go(self) -> None: ...


class Courier:
    """The thread. `carry` is one round, for whoever drives it without one."""

    def __init__(self, path: Path, line: Asks, clock: Clock, log: Log) -> None:
        self._path = path
        self._line = line
        self._clock = clock
        self._log = log
        self._changed = threading.Condition()
        self._rung = True  # there may be some from before
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ring(self) -> None:
        """From any thread: something waits."""
        with self._changed:
            self._rung = True
            self._changed.notify()

    def stop(self) -> None:
        """What was not delivered waits at the cash side."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._line.close()
        self._thread.join(JOIN_S)

    def _work(self) -> None:
        failures = 0
        while self._wait(failures):
            failures = 0 if self.carry() else failures + 1
        self._line.let_go()

    def _wait(self, failures: int) -> bool:
        """Until something is to be done; False when the courier is to stop."""
        begun_ms = self._clock.monotonic_ms()
        with self._changed:
            while not self._stopping:
                whole_ms = GRACE_MS if self._rung else EVERY_MS
                if failures:
                    whole_ms = RETRY_MS[min(failures, len(RETRY_MS)) - 1]
                left_ms = begun_ms + whole_ms - self._clock.monotonic_ms()
                if left_ms <= 0:
                    self._rung = False
                    return True
                self._changed.wait(left_ms / 1000)
        return False

    def carry(self) -> bool:
        """Deliver everything that waits, oldest first. False when something was left."""
        try:
            vault = VaultLine(self._path)
        except VaultLost:
            return True  # the cash link says so already, and rings when it is back
        try:
            return self._round(vault)
        except VaultLost as lost:
            self._log.warning("courier_lost_vault", code=lost.code)
            return False
        finally:
            vault.close()

    def _round(self, vault: VaultLine) -> bool:
        after, delivered = 0, True
        for _ in range(ROUND_MAX):
            reports = self._told(vault, HandReports(after), Reports)
            if not reports.sealed or self._stopping:
                break
            for sealed in reports.sealed:
                number, txn = heading(sealed)
                after = max(after, number)
                delivered = self._deliver(vault, number, txn, sealed) and delivered
        return delivered

    def _deliver(self, vault: VaultLine, number: int, txn: TxnId, sealed: str) -> bool:
        answer = self._line.perform(SettleNotes(txn.key("carry", number), txn, sealed))
        if not isinstance(answer, Settled):
            self._log.warning("report_not_taken", number=number, txn=txn.text, answer=type(answer).__name__)
            return False
        self._told(vault, Acknowledge(answer.reply.taken), Reports)
        self._log.info("report_delivered", number=number, txn=txn.text)
        return True

    def _told(self, vault: VaultLine, request: Request, form: type[T]) -> T:
        number, until_ms = vault.ask(request), self._clock.monotonic_ms() + ANSWER_MS
        while (left_ms := until_ms - self._clock.monotonic_ms()) > 0:
            heard = vault.hear(left_ms)
            if heard is None or heard.id != number:
                continue
            if isinstance(heard.reply, form):
                return heard.reply
            code = heard.reply.code if isinstance(heard.reply, VaultRefused) else SILENT
            raise VaultLost(code, f"no answer to {type(request).__name__}")
        raise VaultLost(SILENT, f"{type(request).__name__} stayed unanswered")


def heading(sealed: str) -> tuple[int, TxnId]:
    """Number and transaction of a statement, read without asking who signed it: only to name what is carried.

    Raises `VaultLost` for a text that is no statement.
    """
    try:
        body = sealed.split(".")[2]
        told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return int(told["number"]), TxnId(told["txn"]["text"])
    except (ValueError, LookupError, TypeError, BadId) as error:
        raise VaultLost("TM-ATM-002", f"not a statement: {error}") from None
