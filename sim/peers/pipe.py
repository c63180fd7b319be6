"""The bytes of a cable, as cables are: whole, one byte at a time, with loss, delay and noise.

`Weather` says what a cable does to bytes, from a seed, so that a bad day can be had again. `Pty` is a serial
port of this machine under a stable name, as udev gives real ones: a driver opens the name and cannot tell
the difference; pulling the plug closes it under the driver's hands and a new one appears at `plug`.
"""

from __future__ import annotations

import array
import fcntl
import os
import random
import select
import termios
import threading
import time
import tty
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CHUNK_MAX: Final = 4096  # one page: a pseudo-terminal holds no more
STALL_S: Final = 5.0  # a driver that reads nothing for this long is not a slow driver
SWALLOW_S: Final = 0.02  # how long to wait for the far side to take one byte before sending the next


@dataclass(frozen=True, slots=True)
class Weather:
    """What a cable does to each byte. `loss` and `noise` are chances 0.0-1.0; a noisy byte has one bit turned.

    `single` delivers byte by byte, waiting until the far side has taken each. `delay_ms` passes before
    anything is delivered.
    """

    single: bool = False
    loss: float = 0.0
    noise: float = 0.0
    delay_ms: int = 0

    def spoil(self, data: bytes, chance: random.Random) -> bytes:
        """`data` after loss and noise."""
        if not self.loss and not self.noise:
            return data
        kept = bytearray()
        for byte in data:
            if chance.random() < self.loss:
                continue
            kept.append(byte ^ 1 << chance.randrange(8) if chance.random() < self.noise else byte)
        return bytes(kept)


WHOLE: Final = Weather()
SINGLE: Final = Weather(single=True)


class Unplugged(OSError):
    """The cable is out: nothing can be read or written until `Pty.plug`."""


class Stalled(OSError):
    """Nobody has read from the line for so long that it is full."""


class Pty:
    """A serial port `link` whose other end is ours. Safe to use from several threads.

    The driver's side stays open here as well, so that a driver may close and open the port again without
    the line breaking, as with a real serial chip.
    """

    def __init__(self, link: Path, seed: int = 0) -> None:
        self.link = link
        self.weather = WHOLE
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable bad cable, not a secret
        self._lock = threading.Lock()
        self._ours = -1
        self._theirs = -1
        self._wake_read, self._wake_write = os.pipe()
        self.plug()

    def plug(self) -> None:
        """Put the cable in: a fresh port appears under the same name."""
        with self._lock:
            if self._ours >= 0:
                return
            self._ours, self._theirs = os.openpty()
            os.set_blocking(self._ours, False)
            tty.setraw(self._ours)
            tty.setraw(self._theirs)
            fresh = self.link.with_name(self.link.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(os.ttyname(self._theirs))
            fresh.replace(self.link)

    def unplug(self) -> None:
        """Pull the cable out: the name goes and whoever has the port open gets errors."""
        with self._lock:
            if self._ours < 0:
                return
            self.link.unlink(missing_ok=True)
            os.close(self._ours)
            os.close(self._theirs)
            self._ours = self._theirs = -1
        self.wake()

    def wake(self) -> None:
        """Make a `read` that is waiting return at once."""
        os.write(self._wake_write, b".")

    def read(self, wait_s: float) -> bytes:
        """What the driver has written, after weather; b"" when nothing came. Raises `Unplugged`."""
        with self._lock:
            ours = self._ours
        try:
            ready, _, _ = select.select([self._wake_read] + ([ours] if ours >= 0 else []), [], [], wait_s)
        except OSError as error:
            raise Unplugged from error  # pulled between the two lines above
        if self._wake_read in ready:
            os.read(self._wake_read, CHUNK_MAX)
        with self._lock:
            if self._ours < 0 or self._ours != ours:
                raise Unplugged
            if ours not in ready:
                return b""
            try:
                data = os.read(ours, CHUNK_MAX)
            except BlockingIOError:
                return b""  # a fresh line under the old number
            except OSError as error:
                raise Unplugged from error
        return self.weather.spoil(data, self._chance)

    def write(self, data: bytes) -> None:
        """Send to the driver, through the weather. Raises `Unplugged`, or `Stalled` when nobody reads."""
        weather = self.weather
        if weather.delay_ms:
            time.sleep(weather.delay_ms / 1000)
        data = weather.spoil(data, self._chance)
        if weather.single:
            for place in range(len(data)):
                self._send(data[place : place + 1])
                self._swallowed()
        elif data:
            self._send(data)

    def close(self) -> None:
        self.unplug()
        with self._lock:
            for end in (self._wake_read, self._wake_write):
                if end >= 0:
                    os.close(end)
            self._wake_read = self._wake_write = -1

    def _send(self, data: bytes) -> None:
        until = time.monotonic() + STALL_S
        while data:
            with self._lock:
                if self._ours < 0:
                    raise Unplugged
                try:
                    data = data[os.write(self._ours, data) :]
                    continue
                except BlockingIOError:
                    pass  # the line is full: wait outside the lock, so that the cable can still be pulled
                except OSError as error:
                    raise Unplugged from error
            if time.monotonic() > until:
                raise Stalled
            time.sleep(0.001)

    def _swallowed(self) -> None:
        """Wait, briefly, until the driver's side has read everything: only then is the next byte a read of its own."""
        time.sleep(0.0002)  # the kernel hands the byte over a moment after the write
        until = time.monotonic() + SWALLOW_S
        waiting = array.array("i", [0])
        while time.monotonic() < until:
            with self._lock:
                if self._theirs < 0:
                    raise Unplugged
                fcntl.ioctl(self._theirs, termios.FIONREAD, waiting)
            if waiting[0] == 0:
                return
            time.sleep(0.0001)
