"""Child programs of the demo and of tests: started with a deadline, heard when they are ready, never left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

READY_S: Final = 20.0  # a cold start on a slow machine takes a few seconds; more means it will not come
STOP_S: Final = 8.0  # an orderly end; then it is killed
LINES_KEPT: Final = 200  # what a person needs to see why a child died
ROOT: Final = Path(__file__).parents[1]


class ChildFailed(RuntimeError):
    """A child program ended or did not become ready. The text ends with what it said last."""


class Child:
    """One program with its output collected. `ready` tells from a line whether it can be used now."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, keep: Path | None = None
    ) -> None:
        self.name = name
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._changed = threading.Condition()
        self._ended = False
        self._keep = keep
        # A killed demo leaves nothing behind either. The kernel looks at the thread that started the child, so only the
        # main thread may ask for it: it lives as long as the program.
        guard = shutil.which("setpriv") if threading.current_thread() is threading.main_thread() else None
        bound = [guard, "--pdeathsig", "TERM", "--"] if guard else []
        self.process = subprocess.Popen(
            [*bound, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **(env or {})},
            cwd=ROOT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name=f"out-{name}", daemon=True)
        self._reader.start()

    @classmethod
    def tillmark(cls, name: str, *words: str, keep: Path | None = None) -> Child:
        """One of our own commands, in this environment."""
        return cls(name, [sys.executable, "-m", "tillmark_command", *words], keep=keep)

    def wait_ready(self, ready: Callable[[str], bool], timeout_s: float = READY_S) -> str:
        """The line that says so. Raises `ChildFailed` when the child ends first or says nothing in time."""

        def found() -> str | None:
            return next((line for line in self._lines if ready(line)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None or self._ended, timeout_s)
            line = found()
            if line is not None:
                return line
        raise ChildFailed(f"{self.name} did not become ready:\n" + self.tail())

    def wait_json(self, key: str, timeout_s: float = READY_S) -> dict[str, Any]:
        """The first line that is a JSON object with `key`."""

        def ready(line: str) -> bool:
            return line.startswith("{") and f'"{key}"' in line

        found: dict[str, Any] = json.loads(self.wait_ready(ready, timeout_s))
        return found

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self, count: int = 25) -> str:
        with self._changed:
            return "\n".join(list(self._lines)[-count:])

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a power cut does: no goodbye."""
        self._signal(signal.SIGKILL)
        self.process.wait(STOP_S)
        self._finish()

    def stop(self) -> int:
        """Ask, wait, then insist. Returns the exit status."""
        if self.alive:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self.process.wait(STOP_S)
        self._finish()
        return self.process.returncode

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return  # it ended by itself in this moment

    def _finish(self) -> None:
        self._reader.join(STOP_S)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
            if self._keep is not None:
                with self._keep.open("a", encoding="utf-8") as log:
                    log.write(line)
        with self._changed:
            self._ended = True
            self._changed.notify_all()
