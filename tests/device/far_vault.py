"""A cash side for tests of the runtime's half: it says what it is told to, over a real socket."""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.vault_lines import asked, line
from core.vault_talk import Reply, Request

Answers = Callable[[Request], tuple[Reply | bytes, ...]]
DEADLINE_S = 5.0


class FarVault:
    """Every question is put to `answers`; bytes are sent as they are, `HANG_UP` ends the connection."""

    HANG_UP = b""

    def __init__(self, path: Path, answers: Answers) -> None:
        self.path = path
        self.answers = answers
        self.asked: list[Request] = []
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._server.bind(str(path))
        self._server.listen(4)
        self._lines: dict[socket.socket, bytes] = {}
        self._news: list[Reply] = []
        self._bell = os.eventfd(0, os.EFD_NONBLOCK)
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def say(self, news: Reply) -> None:
        self._news.append(news)
        os.eventfd_write(self._bell, 1)

    def close(self) -> None:
        if self._ended:
            return
        self._ended = True
        os.eventfd_write(self._bell, 1)
        self._thread.join(DEADLINE_S)
        for one in (*self._lines, self._server):
            one.close()
        os.close(self._bell)
        self.path.unlink(missing_ok=True)

    def _run(self) -> None:
        while not self._ended:
            ready, _, _ = select.select([self._server, self._bell, *self._lines], [], [])
            if self._bell in ready:
                os.eventfd_read(self._bell)
                while self._news:
                    news = self._news.pop(0)
                    for one in self._lines:
                        one.sendall(line(0, news))
            if self._server in ready:
                self._lines[self._server.accept()[0]] = b""
            for one in [one for one in self._lines if one in ready]:
                self._hear(one)

    def _hear(self, one: socket.socket) -> None:
        try:
            more = one.recv(65_536)
        except OSError:
            more = b""
        *texts, self._lines[one] = (self._lines[one] + more).split(b"\n")
        for text in texts:
            question = asked(text)
            self.asked.append(question.request)
            for said in self.answers(question.request):
                if said == self.HANG_UP:
                    more = b""
                    break
                one.sendall(said if isinstance(said, bytes) else line(question.id, said))
        if not more:
            del self._lines[one]
            one.close()


@contextmanager
def far_vault(path: Path, answers: Answers) -> Iterator[FarVault]:
    made = FarVault(path, answers)
    try:
        yield made
    finally:
        made.close()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)
