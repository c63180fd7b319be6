"""The runtime's end of the vault's socket: one connection, questions out, answers and news in (`core.vault_talk`)."""

from __future__ import annotations

import select
import socket
from pathlib import Path
from typing import Final

from core.codec import BadMessage
from core.vault_lines import Said, line, said
from core.vault_talk import LINE_MAX, Request

CONNECT_S: Final = 2.0  # a socket of this machine answers at once or not at all
SEND_S: Final = 2.0  # a question is a few hundred bytes: a vault that does not take them in that time hangs
SILENT: Final = "TM-ATM-001"
BABBLE: Final = "TM-ATM-002"


class VaultLost(Exception):
    """The connection is gone or says what is no answer. `code` is a catalogue code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail


class VaultLine:
    """Owned by one thread, but for `wake`. Every call but `close` raises `VaultLost`."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._heard = b""
        self._number = 0
        try:
            self._socket.settimeout(CONNECT_S)
            self._socket.connect(str(path))
            self._socket.settimeout(SEND_S)
        except OSError as error:
            self._socket.close()
            raise VaultLost(SILENT, f"{path}: {error}") from None

    def ask(self, request: Request) -> int:
        """The number that its answer will carry."""
        self._number += 1
        try:
            self._socket.sendall(line(self._number, request))
        except OSError as error:
            raise VaultLost(SILENT, str(error)) from None
        return self._number

    def hear(self, wait_ms: int, bell: int = -1) -> Said | None:
        """The next thing said, waiting at most `wait_ms` or until `bell` (a descriptor) can be read."""
        while (told := self._next()) is None:
            watched = select.poll()
            watched.register(self._socket, select.POLLIN)
            if bell >= 0:
                watched.register(bell, select.POLLIN)
            ready = watched.poll(max(0, wait_ms))
            if not any(number == self._socket.fileno() for number, _ in ready):
                return None
            try:
                more = self._socket.recv(LINE_MAX)
            except OSError as error:
                raise VaultLost(SILENT, str(error)) from None
            if not more:
                raise VaultLost(SILENT, "it closed the connection")
            self._heard += more
        return told

    def _next(self) -> Said | None:
        text, end, rest = self._heard.partition(b"\n")
        if not end:
            if len(text) > LINE_MAX:
                raise VaultLost(BABBLE, "a line without an end")
            return None
        self._heard = rest
        try:
            return said(text)
        except BadMessage as error:
            raise VaultLost(BABBLE, str(error)) from None

    def close(self) -> None:
        self._socket.close()
