"""The unix socket of the cash side: who may ask, lines in and out, and nothing that waits.

The kernel says who is at the other end (SO_PEERCRED, unix(7)). A line that is too long or says nothing we know is
refused by name and its connection closed. An asker that does not read its answers is dropped.
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.codec import BadMessage
from core.vault_lines import asked, line
from core.vault_talk import LINE_MAX, Reply, Request, VaultRefused
from device.vault import codes

CONNECTIONS_MAX: Final = 8  # the runtime, a technician's command, and what is just being closed
UNSENT_MAX: Final = 16 * LINE_MAX  # bytes an asker may leave unread
READ_BYTES: Final = 65_536
SOCKET_MODE: Final = 0o660
_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid
NEWS: Final = 0


@dataclass(eq=False, slots=True)
class Connection:
    """`heard` bytes without a line's end yet; `unsent` bytes the other side has not taken; `closing` after those."""

    line: socket.socket
    heard: bytes = b""
    unsent: bytes = b""
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    connection: Connection
    number: int
    request: Request


@dataclass(slots=True)
class SocketSide:
    """Open it with `listen`. `uids` who may ask."""

    path: Path
    uids: frozenset[int]
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _listener: socket.socket | None = None
    _connections: list[Connection] = field(default_factory=list)

    def listen(self) -> None:
        """A socket left by a program that was killed is replaced; the ledger's lock says that nobody else runs."""
        self.path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._listener = listener
        before = os.umask(0o777 & ~SOCKET_MODE)
        try:
            listener.bind(str(self.path))
        finally:
            os.umask(before)
        listener.listen(CONNECTIONS_MAX)
        self._selector.register(listener, selectors.EVENT_READ)

    def questions(self, wait_ms: int) -> Iterator[Question]:
        """What was asked within `wait_ms`; returns as soon as there is something."""
        for key, events in self._selector.select(wait_ms / 1000):
            if key.data is None:
                self._accept()
                continue
            connection: Connection = key.data
            if events & selectors.EVENT_WRITE:
                self._flush(connection)
            if events & selectors.EVENT_READ and not connection.closing:
                yield from self._read(connection)

    def say(self, connection: Connection, number: int, reply: Reply) -> None:
        """To one asker; to one that has gone, nothing."""
        if connection not in self._connections or connection.closing:
            return
        connection.unsent += line(number, reply)
        if len(connection.unsent) > UNSENT_MAX:
            self._drop(connection)
        else:
            self._flush(connection)

    def tell(self, reply: Reply) -> None:
        """News for everybody."""
        for connection in tuple(self._connections):
            self.say(connection, NEWS, reply)

    def stop_listening(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        self.stop_listening()
        for connection in tuple(self._connections):
            self._drop(connection)
        self._selector.close()

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return  # it has gone again
        peer.setblocking(False)
        _, uid, _ = _CREDENTIALS.unpack(peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
        if uid not in self.uids or len(self._connections) >= CONNECTIONS_MAX:
            peer.close()
            return
        connection = Connection(peer)
        self._connections.append(connection)
        self._selector.register(peer, selectors.EVENT_READ, connection)

    def _read(self, connection: Connection) -> Iterator[Question]:
        try:
            data = connection.line.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        *lines, rest = (connection.heard + data).split(b"\n")
        connection.heard = rest
        for text in lines:
            try:
                question = asked(text)
            except BadMessage as error:
                self._refuse(connection, str(error))
                return
            yield Question(connection, question.id, question.request)
            if connection.closing or connection not in self._connections:
                return
        if len(rest) > LINE_MAX:
            self._refuse(connection, "the line is too long")

    def _refuse(self, connection: Connection, problem: str) -> None:
        """By name, as news: the line's own number may be what is wrong. Then nothing more is read."""
        self.say(connection, NEWS, VaultRefused(codes.LINE_BAD, problem[:200]))
        connection.closing = True
        self._flush(connection)

    def _flush(self, connection: Connection) -> None:
        if connection not in self._connections:
            return
        try:
            while connection.unsent:
                connection.unsent = connection.unsent[connection.line.send(connection.unsent) :]
        except BlockingIOError:
            pass  # the selector says when it takes more
        except OSError:
            self._drop(connection)
            return
        if connection.closing and not connection.unsent:
            self._drop(connection)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)
        self._selector.modify(connection.line, wanted, connection)

    def _drop(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._selector.unregister(connection.line)
            connection.line.close()
