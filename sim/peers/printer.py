"""A receipt printer at the far end of a cable: TCP on 127.0.0.1 or a pty, with paper that can be looked at.

    with Printer() as printer:
        port = printer.listen_tcp()          # socket://127.0.0.1:49152   (or listen_pty(): /dev/pts/7)
        ...                                  # the unmodified driver prints
        sheet = printer.wait_for_paper(1, timeout_s=5)
        Path("receipt.png").write_bytes(sheet.png())

Its own thread owns the cable; `inject`, `mend`, `load_roll` and `papers` may be called from any.
"""

from __future__ import annotations

import os
import pty
import select
import socket
import threading
import time
import tty
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from sim.peers.printer_engine import Engine, Fault
from sim.peers.printer_paper import Sheet

BITS_PER_BYTE: Final = 10
READ_MAX: Final = 4096
TURN_S: Final = 0.05
GARBAGE: Final = bytes.fromhex("FF 80 C5 E1")


class Printer:
    """`width_mm` 80 or 58; `baud` slows the cable down (0: as fast as it goes); `split` answers byte by byte."""

    def __init__(
        self,
        width_mm: int = 80,
        *,
        roll_mm: float = 80_000,
        near_end_mm: float = 4_000,
        baud: int = 0,
        split: bool = False,
        keep_in: Path | None = None,
    ) -> None:
        self._engine = Engine(576 if width_mm == 80 else 384, roll_mm, near_end_mm)
        self._lock = threading.Condition()
        self._baud = baud
        self._split = split
        self._keep_in = keep_in
        self._kept = 0
        self._later: tuple[Fault, int] | None = None
        self._received = 0
        self._statuses = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._listener: socket.socket | None = None
        self._link: socket.socket | None = None
        self._pty: tuple[int, int] | None = None
        self._out_fd = -1
        self._wake = os.pipe()

    # -- the cable ------------------------------------------------------------------------------------

    def listen_tcp(self, port: int = 0) -> str:
        """Be a network printer; the name of the port for the driver's settings."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self._start()
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def listen_pty(self) -> str:
        """Be a serial printer; the path of the port."""
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._pty = (master, slave)  # our own hold on the slave keeps the line up between two openings
        self._out_fd = master
        path = os.ttyname(slave)
        self._start()
        return path

    def _start(self) -> None:
        assert self._thread is None, "one printer has one cable"
        self._thread = threading.Thread(target=self._serve, name="printer-peer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._poke()
        if self._thread is not None:
            self._thread.join(timeout=5)
        with self._lock:
            self._drop_link()
            if self._listener is not None:
                self._listener.close()
                self._listener = None
            for fd in self._wake:
                os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what a person does with it ------------------------------------------------------------------

    @property
    def papers(self) -> tuple[Sheet, ...]:
        """Every paper so far, oldest first."""
        with self._lock:
            return tuple(self._engine.sheets)

    def wait_for_paper(self, count: int, timeout_s: float) -> Sheet:
        """The paper number `count` (from 1). Raises `TimeoutError`."""
        with self._lock:
            if not self._lock.wait_for(lambda: len(self._engine.sheets) >= count, timeout_s):
                raise TimeoutError(f"{len(self._engine.sheets)} papers after {timeout_s} s, wanted {count}")
            return self._engine.sheets[count - 1]

    @property
    def received(self) -> int:
        """Bytes taken from the cable so far."""
        with self._lock:
            return self._received

    @property
    def roll_mm(self) -> float:
        with self._lock:
            return self._engine.roll_mm

    def inject(self, fault: Fault, *, after_bytes: int = 0) -> None:
        """Let something go wrong, now or when so many more bytes have arrived."""
        with self._lock:
            if after_bytes:
                self._later = (fault, self._received + after_bytes)
            else:
                self._fault(fault)
        self._poke()

    def mend(self, fault: Fault | None = None) -> None:
        """Make one fault, or all of them, go away; what waits in the buffer prints."""
        with self._lock:
            self._engine.faults -= set(Fault) if fault is None else {fault}
            self._later = None
            self._answer(self._engine.go_on())
            self._after()
        self._poke()

    def load_roll(self, roll_mm: float = 80_000) -> None:
        with self._lock:
            self._answer(self._engine.load_roll(roll_mm))
            self._after()

    # -- the thread -----------------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                fds = self._fds()
            readable, _, _ = select.select([*fds, self._wake[0]], [], [], TURN_S if not fds else 1.0)
            if self._wake[0] in readable:
                os.read(self._wake[0], READ_MAX)
            for fd in readable:
                if fd != self._wake[0]:
                    with self._lock:
                        self._turn(fd)
                    self._slow_down()

    def _fds(self) -> list[int]:
        on = self._engine.faults
        if Fault.UNPLUGGED in on or Fault.DIES_MIDWAY in on:
            return []
        if self._link is not None:
            return [self._link.fileno()]
        if self._listener is not None:
            return [self._listener.fileno()]
        return [self._pty[0]] if self._pty is not None else []

    def _turn(self, fd: int) -> None:
        if fd not in self._fds():
            return
        if self._listener is not None and self._link is None:
            self._link, _ = self._listener.accept()
            self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._out_fd = self._link.fileno()
            self._engine.new_cable()
            return
        try:
            data = os.read(fd, self._read_max())
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop_link()
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        if self._later is not None and self._received + len(data) >= self._later[1]:
            fault, at = self._later
            self._later = None
            before, after = data[: at - self._received], data[at - self._received :]
            self._take(before)
            self._fault(fault)
            if after and self._fds():
                self._take(after)
            return
        self._received += len(data)
        self._answer(self._engine.receive(data))
        self._after()

    def _fault(self, fault: Fault) -> None:
        self._engine.faults.add(fault)
        if fault is Fault.UNPLUGGED:
            self._drop_link()
        else:
            self._answer(self._engine.go_on())

    def _answer(self, reply: bytes) -> None:
        on = self._engine.faults
        if not reply or self._out_fd < 0 or on & {Fault.SILENT, Fault.DIES_MIDWAY}:
            return
        if Fault.GARBAGE_STATUS in on:
            reply = bytes(GARBAGE[index % len(GARBAGE)] for index in range(len(reply)))
        pieces = [bytes([byte]) for byte in reply] if self._split else [reply]
        for piece in pieces:
            with suppress(OSError):  # nobody listens any more: a real printer talks into the air just the same
                os.write(self._out_fd, piece)
            if self._split:
                time.sleep(0.001)

    def _after(self) -> None:
        """A paper may have come out."""
        self._lock.notify_all()
        while self._keep_in is not None and self._kept < len(self._engine.sheets):
            self._kept += 1
            sheet = self._engine.sheets[self._kept - 1]
            (self._keep_in / f"receipt-{self._kept:03d}.png").write_bytes(sheet.png())
            (self._keep_in / f"receipt-{self._kept:03d}.txt").write_text(sheet.text + "\n", encoding="utf-8")

    def _drop_link(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
            self._out_fd = -1
        if self._pty is not None and (self._stop.is_set() or Fault.UNPLUGGED in self._engine.faults):
            for fd in self._pty:
                os.close(fd)
            self._pty = None
            self._out_fd = -1

    def _read_max(self) -> int:
        return max(1, min(READ_MAX, self._baud // BITS_PER_BYTE // 50)) if self._baud else READ_MAX

    def _slow_down(self) -> None:
        if self._baud:
            time.sleep(self._read_max() * BITS_PER_BYTE / self._baud)

    def _poke(self) -> None:
        with suppress(OSError):
            os.write(self._wake[1], b"!")
