"""The exchange and the agency as programs that can be killed at a commit: `python -m tests.crash.servers FOLDER`.

One program imports everything once and then forks a server when it is told to (a line on its input), or when one has
died. A server is the real one, on a real socket and a real file; only its writer's connection knows at which commit it
has to send itself SIGKILL. When the input ends, everything ends.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any, Final

from backend import assemble, assemble_agency, serving
from backend.config import Config
from backend.members.rules import Contact
from backend.parts import Outside
from core.settings import fill
from tests.backend.http.world import board
from tests.crash.shared import NAMES, Shared

NEVER_S: Final = 86_400.0
OFTEN_S: Final = 0.02
_WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Mail:
    """A gateway that keeps the last message in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, contact: Contact, subject: str, text: str) -> None:
        self._path.write_text(text, "utf-8")


class FileLog:
    def __init__(self, path: Path) -> None:
        self._path = path

    def info(self, event: str, **fields: object) -> None:
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps({"event": event, **fields}, default=repr) + "\n")

    warning = error = info


def dying(name: str, shared: Shared) -> type[sqlite3.Connection]:
    """A connection that kills its program around the commit it is told to. Taking a nonce is not counted: it may share
    a commit with the business it belongs to or not, and before that business nothing has happened."""

    class Dying(sqlite3.Connection):
        wrote = False

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.wrote:
                self.wrote = False
                if shared.must_die(name, "before"):
                    os.kill(os.getpid(), signal.SIGKILL)
                done = super().execute(sql)
                if shared.must_die(name, "after"):
                    os.kill(os.getpid(), signal.SIGKILL)
                return done
            if sql in ("BEGIN IMMEDIATE", "ROLLBACK"):
                self.wrote = False
            elif sql.lstrip().upper().startswith(_WRITES):
                self.wrote = True
            return super().execute(sql, parameters)

    return Dying


def table(folder: Path, ports: dict[str, int]) -> dict[str, Any]:
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    secret = folder / "bank.secret"
    secret.write_bytes(b"whsec-for-tests")
    return {
        "data": str(folder / "data"),
        "bank": {"secret_files": [str(secret)]},
        "terms": {"fee_bp": 50, "spread_bp": 0, "quote_ms": 60_000},
        "exchange": {"listen": f"127.0.0.1:{ports['exchange']}", "agency_url": urls["agency"]},
        "agency": {"listen": f"127.0.0.1:{ports['agency']}", "exchange_url": urls["exchange"], "commission_bp": 100},
    }


def serve(name: str, folder: Path, ports: dict[str, int]) -> None:
    """One server, until SIGTERM or its commit."""
    shared = Shared(folder / "shared")
    every_s = OFTEN_S if shared.keeps_house else NEVER_S
    assemble.SWEEP_S = assemble_agency.CHASE_S = every_s  # type: ignore[misc]
    config = fill(Config, table(folder, ports), file="crash")
    outside = Outside(now=shared.now, log=FileLog(folder / f"{name}.log"), connection=dying(name, shared))
    bound = serving.bind(config, (name,))
    servers = serving.build(config, bound, outside, gateway=Mail(folder / "mail"), board=board)
    serving.run(servers, lambda: shared.say_up(name, True))


class Nursery:
    """Forks servers, and forks them again when they have died."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shared = Shared(folder / "shared")
        self._ports = free_ports()
        self._children: dict[str, tuple[int, int]] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def run(self) -> None:
        """Until the input ends, or something of ours is wrong: nobody is left behind."""
        print(json.dumps(self._ports), flush=True)
        try:
            while self._turn():
                pass
        finally:
            for pid, _ in self._children.values():
                os.kill(pid, signal.SIGKILL)

    def _turn(self) -> bool:
        for key, _ in self._selector.select():
            if key.data is not None:
                self._bury(key.data)
                self._start(key.data)
                continue
            words = sys.stdin.readline().split()
            if not words:
                return False
            (self._start if words[0] == "start" else self._stop)(words[1])
            print("done", flush=True)
        return True

    def _start(self, name: str) -> None:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                sys.stdin.close()
                serve(name, self._folder, self._ports)
                status = 0
            finally:
                if status:
                    sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
                os._exit(status)
        self._children[name] = pid, os.pidfd_open(pid)
        self._selector.register(self._children[name][1], selectors.EVENT_READ, name)

    def _stop(self, name: str) -> None:
        """As a power cut does: no goodbye."""
        os.kill(self._children[name][0], signal.SIGKILL)
        self._bury(name)

    def _bury(self, name: str) -> None:
        pid, descriptor = self._children.pop(name)
        self._selector.unregister(descriptor)
        os.close(descriptor)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status), f"{name} ended by itself: {status}"
        self._shared.say_up(name, False)


def free_ports() -> dict[str, int]:
    held = [socket.socket() for _ in NAMES]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = {name: int(one.getsockname()[1]) for name, one in zip(NAMES, held, strict=True)}
    for one in held:
        one.close()
    return ports


if __name__ == "__main__":
    Nursery(Path(sys.argv[1])).run()
