"""The serial cable of a machine that pays cash: bytes to and from one port that nobody else may hold.

The port's name is whatever pyserial opens: a path such as ``/dev/serial/by-id/...``, a pseudo-terminal, or
``socket://host:port`` for a serial server. Nothing is decided here; every trouble is a `DriverFault`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import termios
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from core.faults import dispenser as faults
from core.ports import DriverFault

if TYPE_CHECKING:
    from serial import SerialBase

READ_MAX: Final = 4096  # a pseudo-terminal holds no more; the longest frame of any of these machines is 1.2 KB
WRITE_S: Final = 2.0  # 2 KB take two seconds at 9600 baud; longer and the line is held


class Parity(Enum):
    """Eight data bits and one stop bit always."""

    NONE = "8N1"
    EVEN = "8E1"
    ODD = "8O1"

    @property
    def letter(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Port:
    """Where a machine hangs and how its line is set. Raspberry Pi: the mini UART (ttyS0) has no parity."""

    name: str
    baud: int = 9_600
    parity: Parity = Parity.NONE


class SerialCable:
    """A `core.dispenser.Cable` over pyserial, owned by one thread."""

    def __init__(self, name: str, line: SerialBase) -> None:
        self._name = name
        self._line = line

    def send(self, message: bytes) -> None:
        """Raises `DriverFault`: UNPLUGGED, or STALLED when the line takes no bytes. Part of it may have left then."""
        from serial import SerialTimeoutException

        try:
            self._line.write(message)
        except SerialTimeoutException as error:
            raise DriverFault(faults.STALLED, f"{self._name}: {error}") from None
        except (OSError, termios.error, TypeError) as error:
            raise self._gone(error) from None

    def receive(self, wait_ms: int) -> tuple[bytes, ...]:
        """What came within `wait_ms`; raises `DriverFault` (UNPLUGGED) when the far end is gone."""
        try:
            ready, _, _ = select.select([self._line.fileno()], [], [], max(0, wait_ms) / 1000)
            data = self._line.read(READ_MAX) if ready else b""
        except (OSError, ValueError, termios.error, TypeError) as error:
            raise self._gone(error) from None
        return (bytes(data),) if data else ()

    def close(self) -> None:
        """Let go of the port, wherever it went. Never raises."""
        # The port may have vanished under us; there is nothing left to let go of then.
        with contextlib.suppress(OSError, termios.error):
            self._line.close()

    def _gone(self, error: BaseException) -> DriverFault:
        # pyserial raises TypeError when its descriptor was closed under it.
        return DriverFault(faults.UNPLUGGED, f"{self._name}: {error}")


def open_cable(port: Port) -> SerialCable:
    """Open `port` for us alone, with nothing of an earlier conversation in it. Raises `DriverFault`."""
    import serial  # the idle screen does not wait for it

    try:
        line = serial.serial_for_url(
            port.name,
            baudrate=port.baud,
            parity="N" if _has_no_parity(port.name) else port.parity.letter,
            timeout=0,
            write_timeout=WRITE_S,
            exclusive=True,
        )
        line.reset_input_buffer()
        if line.parity != "N":
            look_at_parity(line.fileno())
    except (OSError, ValueError, termios.error) as error:
        busy = getattr(error, "errno", None) in (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY)
        raise DriverFault(faults.PORT_BUSY if busy else faults.NO_PORT, f"{port.name}: {error}") from None
    return SerialCable(port.name, line)


def look_at_parity(fd: int) -> None:
    """pyserial sends parity and never looks at it. A byte with a wrong one now reads as 00, which no machine says
    between frames and no check sum lets pass inside one; else one flipped bit could make an ENQ a NAK."""
    settings = termios.tcgetattr(fd)
    settings[0] = settings[0] & ~termios.IGNPAR & ~termios.PARMRK | termios.INPCK
    termios.tcsetattr(fd, termios.TCSANOW, settings)


def _has_no_parity(name: str) -> bool:
    """A pseudo-terminal has none, and the C library refuses to set it whenever nothing else changes with it."""
    return os.path.realpath(name).startswith("/dev/pts/")
