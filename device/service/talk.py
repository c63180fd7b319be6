"""A technician's talk with the cash side: one question at a time over its socket, each with its final answer."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Final, TypeVar

from core.cash_report import Act, NotesAt, ServiceReport
from core.codec import BadMessage, from_plain
from core.faults.service import ACT_UNKNOWN
from core.ids import TxnId
from core.vault_talk import (
    AskChallenge,
    AskState,
    Challenge,
    HandReports,
    Reply,
    Reports,
    Request,
    Serve,
    Served,
    VaultRefused,
    VaultState,
)
from device.vault_line import SILENT, VaultLine, VaultLost

T = TypeVar("T", bound=Reply)
ANSWER_S: Final = 15.0  # from memory, or after one look at the machine
ACT_S: Final = 240.0  # a test of sixteen places, or a path that is being cleared: the longest order takes 120 s
TRIES: Final = 3  # under the same name it is the same act, so it may be asked for again after a broken connection
PAUSE_S: Final = 1.0  # the program behind the socket starts again within a few seconds


class SaidNo(Exception):
    """The cash side's named no, or that it cannot be said what it did. `code` is a catalogue code."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".rstrip())
        self.code = code
        self.detail = detail


class Talk:
    """Use as a context, or `close` it. Every question raises `SaidNo` and `VaultLost`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line = VaultLine(path)

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()

    def state(self) -> VaultState:
        return self._told(AskState(), VaultState)

    def challenge(self) -> Challenge:
        return self._told(AskChallenge(), Challenge)

    def serve(self, txn: TxnId, grant: str, act: Act, notes: tuple[NotesAt, ...] = ()) -> Served:
        """One act; asked for again under its name when the connection breaks on the way."""
        request = Serve(txn, grant, act, notes)
        for left in reversed(range(TRIES)):
            try:
                return self._told(request, Served, ACT_S)
            except VaultLost as lost:
                if not left:
                    raise SaidNo(ACT_UNKNOWN, f"{txn}: {lost.code} {lost.detail}") from None
                self._again()
        raise AssertionError("the last try answers or raises")

    def statement(self, number: int) -> ServiceReport | None:
        """What the cash side has signed about an act, as it says itself; None once it was delivered and forgotten."""
        for sealed in self._told(HandReports(number - 1), Reports).sealed:
            said = _statement(sealed)
            if said is not None and said.number == number:
                return said
        return None

    def _again(self) -> None:
        self._line.close()
        time.sleep(PAUSE_S)
        try:
            self._line = VaultLine(self._path)
        except VaultLost:
            return  # the closed line says so at the next question

    def _told(self, request: Request, form: type[T], wait_s: float = ANSWER_S) -> T:
        number, until = self._line.ask(request), time.monotonic() + wait_s
        while (left := until - time.monotonic()) > 0:
            heard = self._line.hear(max(1, int(left * 1000)))
            if heard is None or heard.id != number:
                continue
            match heard.reply:
                case VaultRefused(code, detail):
                    raise SaidNo(code, detail)
                case reply if isinstance(reply, form):
                    return reply
                case _:
                    raise VaultLost(SILENT, f"{type(heard.reply).__name__} is no answer to {type(request).__name__}")
        raise VaultLost(SILENT, f"{type(request).__name__} stayed unanswered")


def _statement(sealed: str) -> ServiceReport | None:
    """The body of a service report. Who signed it is not asked: it came from the cash side's own socket, and is only
    shown. None for a statement about a withdrawal."""
    try:
        body = sealed.split(".")[2]
        return from_plain(ServiceReport, json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (BadMessage, ValueError, LookupError):
        return None
