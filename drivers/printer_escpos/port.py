"""Bytes to and from a printer's cable: a USB printer node, a serial line or a TCP socket, all by one descriptor."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import termios
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from core.faults import printer as faults
from core.ports import DriverFault
from drivers.printer_escpos.settings import Flow, Settings

CONNECT_S: Final = 2.0  # a printer in the same room answers in milliseconds; the worker tries again anyway
READ_MAX: Final = 4096
WRITE_MAX: Final = 4096  # a USB printer node takes 8 KiB at most; smaller pieces let us look at the status between


class Port:
    """A non-blocking descriptor. Raises `DriverFault` (UNPLUGGED) when the far end is gone."""

    def __init__(self, name: str, fd: int, let_go: Callable[[], None], *, ends_by_zero: bool = True) -> None:
        self.name = name
        self._fd = fd
        self._let_go = let_go
        self._ends_by_zero = ends_by_zero
        os.set_blocking(fd, False)

    def wait(self, wait_ms: int, *, writing: bool) -> tuple[bool, bool]:
        """Wait until something can be read, or written when `writing`; (readable, writable)."""
        try:
            readable, writable, _ = select.select([self._fd], [self._fd] if writing else [], [], max(0, wait_ms) / 1000)
        except (OSError, ValueError) as error:
            raise self._gone(error) from None
        return bool(readable), bool(writable)

    def read(self) -> bytes:
        """What has arrived; b"" for nothing."""
        try:
            data = os.read(self._fd, READ_MAX)
        except BlockingIOError:
            return b""
        except (OSError, termios.error) as error:
            raise self._gone(error) from None
        if not data and self._ends_by_zero:
            raise DriverFault(faults.UNPLUGGED, f"{self.name}: the far end closed")
        return data

    def write(self, data: bytes) -> int:
        """How many bytes the line took; maybe fewer than given, maybe none."""
        try:
            return os.write(self._fd, data[:WRITE_MAX])
        except BlockingIOError:
            return 0
        except (OSError, termios.error) as error:
            raise self._gone(error) from None

    def close(self) -> None:
        # The port may have vanished under us; there is nothing left to let go of then.
        with contextlib.suppress(OSError, termios.error):
            self._let_go()

    def _gone(self, error: BaseException) -> DriverFault:
        return DriverFault(faults.UNPLUGGED, f"{self.name}: {error}")


def is_usb_node(name: str) -> bool:
    """Is this, or what a link such as /dev/tillmark/printer leads to, a USB printer node?"""
    return os.path.realpath(name).startswith(("/dev/usb/lp", "/dev/lp"))


def is_network(name: str) -> bool:
    return name.startswith("socket://")


def open_port(settings: Settings) -> Port:
    """Open by the form of the port's name. Raises `DriverFault` (NO_PORT)."""
    name = settings.port
    try:
        if is_network(name):
            return _tcp(name)
        if is_usb_node(name):
            fd = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            # A USB printer may send an empty packet, which reads as nothing; unplugging it is an error (ENODEV).
            return Port(name, fd, lambda: os.close(fd), ends_by_zero=False)
        return _serial(settings)
    except (OSError, ValueError, termios.error) as error:
        raise DriverFault(faults.NO_PORT, f"{name}: {error}") from None


def _tcp(name: str) -> Port:
    where = urlsplit(name)
    if not where.hostname or not where.port:
        raise ValueError("write socket://host:port")
    link = socket.create_connection((where.hostname, where.port), CONNECT_S)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Port(name, link.fileno(), link.close)


def _serial(settings: Settings) -> Port:
    import serial  # serial.SerialException is an OSError

    line = serial.Serial(
        settings.port,
        settings.baud,
        timeout=0,
        write_timeout=0,
        xonxoff=settings.flow is Flow.XONXOFF,
        rtscts=settings.flow is Flow.RTSCTS,
        exclusive=True,
    )
    return Port(settings.port, line.fileno(), line.close)
