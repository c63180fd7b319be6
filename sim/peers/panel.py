"""The far end of a remote panel: keeps the newest picture of the device's screen, and has a finger and keys.

Listens on a loopback port, as the panel's controller would. Thread-safe: the bench page, a scripted shopper and a
test may look and touch at the same time. One device at a time; another waits until the first has gone.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from core.wire.panel import DOWN, MOVED, UP, BadFrame, Key, Message, Reader, Shown, Touch, encode

CHUNK: Final = 262_144
LOOK_S: Final = 0.2  # how long a read waits before it looks whether the panel was closed
WAIT_S: Final = 5.0  # a screen that has not come by then will not come; a shopper would have left

ARRIVALS_KEPT: Final = 512  # pictures remembered by name and time: half a minute of a screen in motion

SAME_SPOT_S: Final = 0.51
SPOT_PX: Final = 160


class PanelGone(Exception):
    """No device is connected, or the screen waited for did not come. The text says what stood there instead."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A picture that came whole, at `at_s` on the monotonic clock."""

    name: str
    revision: int
    at_s: float


class Panel:
    """Opens at once; `port` is the free port it took. Use as a context, or `close` it."""

    def __init__(self, port: int = 0) -> None:
        self._server = socket.create_server(("127.0.0.1", port), backlog=1)
        self._server.settimeout(LOOK_S)
        self.port: int = self._server.getsockname()[1]
        self._changed = threading.Condition()
        self._shown: Shown | None = None
        self._number = 0
        self._arrivals: deque[Arrival] = deque(maxlen=ARRIVALS_KEPT)
        self._line: socket.socket | None = None
        self._closed = False
        self._last_press: tuple[float, int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """What the device's settings name."""
        return f"socket://127.0.0.1:{self.port}"

    def __enter__(self) -> Panel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- eyes ---------------------------------------------------------------------------------------------

    def latest(self) -> Shown | None:
        """The newest picture, None before the first."""
        with self._changed:
            return self._shown

    def newer(self, number: int, timeout_s: float = WAIT_S) -> tuple[int, Shown | None]:
        """Waits for a picture after the one numbered `number` (0 for any); for a page that streams them."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number or self._closed, timeout_s)
            return self._number, self._shown

    def wait_for(self, name: str, timeout_s: float = WAIT_S, after_revision: int = 0, settled: bool = False) -> Shown:
        """The screen of that stable name, shown after `after_revision`. Raises `PanelGone` when it does not come."""

        def there(shown: Shown) -> bool:
            return shown.name == name and shown.revision > after_revision and (shown.settled or not settled)

        return self.wait_until(there, timeout_s, f"screen {name!r}")

    def wait_until(self, there: Callable[[Shown], bool], timeout_s: float, what: str) -> Shown:
        """The first picture for which `there` says yes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._shown is not None and there(self._shown)), timeout_s)
            if self._shown is not None and there(self._shown):
                return self._shown
            stands = "no screen" if self._shown is None else f"{self._shown.name!r}"
            raise PanelGone(f"{what} did not come within {timeout_s} s; {stands} stands there")

    def arrived(self, name: str, after_s: float, timeout_s: float = WAIT_S) -> float:
        """When the first picture of that screen came after `after_s`, both monotonic; waits for it."""

        def first() -> float | None:
            return next((one.at_s for one in self._arrivals if one.name == name and one.at_s >= after_s), None)

        with self._changed:
            self._changed.wait_for(lambda: self._closed or first() is not None, timeout_s)
            at_s = first()
            if at_s is None:
                stands = "no screen" if self._shown is None else f"{self._shown.name!r}"
                raise PanelGone(f"screen {name!r} did not come within {timeout_s} s; {stands} stands there")
            return at_s

    # -- hands --------------------------------------------------------------------------------------------

    def touch(self, x: int, y: int) -> None:
        """One tap: down and up on the same spot."""
        self._send(Touch(DOWN, x, y), Touch(UP, x, y))

    def drag(self, x: int, y: int, to_x: int, to_y: int) -> None:
        self._send(Touch(DOWN, x, y), Touch(MOVED, to_x, to_y), Touch(UP, to_x, to_y))

    def finger(self, phase: int, x: int, y: int) -> None:
        """One part of a touch, as a page passes it on: `DOWN`, `MOVED` or `UP`."""
        self._send(Touch(phase, x, y))

    def key(self, name: str) -> None:
        self._send(Key(name))

    def press(self, action: str) -> None:
        """Tap the button with that action id on the screen shown. Raises `PanelGone` when there is none."""
        shown = self.latest()
        buttons = shown.buttons if shown is not None else ()
        spot = next(((button.x, button.y) for button in buttons if button.action == action), None)
        if spot is None:
            stands = "no screen" if shown is None else f"{shown.name!r} with {[b.action for b in shown.buttons]}"
            raise PanelGone(f"there is no button {action!r} on {stands}")
        self._pause(*spot)
        self.touch(*spot)

    def _pause(self, x: int, y: int) -> None:
        """A person does not tap the same spot twice within half a second and mean both; the device knows that."""
        last = self._last_press
        now = time.monotonic()
        if last is not None and abs(last[1] - x) < SPOT_PX and abs(last[2] - y) < SPOT_PX:
            time.sleep(max(0.0, last[0] + SAME_SPOT_S - now))
        self._last_press = (time.monotonic(), x, y)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            line = self._line
        for waiting in (self._server, line):
            if waiting is not None:
                with contextlib.suppress(OSError):  # not connected: nothing to wake
                    waiting.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=WAIT_S)
        self._server.close()

    # -- the line -----------------------------------------------------------------------------------------

    def _send(self, *messages: Message) -> None:
        with self._changed:
            line = self._line
        if line is None:
            raise PanelGone("no device is connected")
        try:
            line.sendall(b"".join(encode(message) for message in messages))
        except OSError as error:
            raise PanelGone(f"the device is gone: {error}") from None

    def _run(self) -> None:
        while not self._closed:
            try:
                line, _ = self._server.accept()
            except TimeoutError:
                continue
            except OSError:
                return  # closed while waiting
            with line:
                self._look(line)

    def _look(self, line: socket.socket) -> None:
        """Read pictures until the device or the panel is closed, or the bytes are none of this wire."""
        line.settimeout(LOOK_S)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = Reader()
        with self._changed:
            self._line = line
        with contextlib.suppress(OSError, BadFrame):
            while not self._closed:
                try:
                    data = line.recv(CHUNK)
                except TimeoutError:
                    continue
                if not data:
                    break
                for message in reader.feed(data):
                    self._take(message)
        with self._changed:
            self._line = None
            self._changed.notify_all()

    def _take(self, message: Message) -> None:
        if not isinstance(message, Shown):
            raise BadFrame("a device shows pictures and nothing else")
        with self._changed:
            self._shown = message
            self._number += 1
            self._arrivals.append(Arrival(message.name, message.revision, time.monotonic()))
            self._changed.notify_all()
