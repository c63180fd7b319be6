"""A hand scanner that types what it reads: a USB keyboard, read as an input device and held exclusively.

`Host` turns `struct input_event` records into texts; `Wedge` owns the device. Held exclusively (EVIOCGRAB),
its keys reach nobody else: a scanned code cannot be typed into another window, and a real keyboard beside it
is not a scanner. Constants: ``linux/input.h`` and ``linux/input-event-codes.h``.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import stat
import struct
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from core.code import BadCode, PersonalCode
from core.effects import Arm, Disarm, Effect
from core.events import CodeScanned, DeviceStateChanged, Health, Source, Symbology
from core.faults import scanner as faults
from core.ports import DriverFault, Kit
from core.settings import limits

KIND: Final = "scanner"

RECORD: Final = struct.Struct("llHHi")  # struct input_event: seconds, microseconds, type, code, value
EV_KEY: Final = 0x01
KEY_UP, KEY_DOWN = 0, 1  # 2 is autorepeat: a scanner never holds a key
KEY_ENTER, KEY_KPENTER = 28, 96
_SHIFTS: Final = frozenset({42, 54})  # KEY_LEFTSHIFT, KEY_RIGHTSHIFT
_LOCKS: Final = frozenset({58, 69})  # caps lock and num lock: scanners flip them around a code, whatever the code
EVIOCGRAB: Final = 0x40044590  # _IOW('E', 0x90, int)

TEXT_MAX: Final = 128  # a product QR with name and price has about 60; a longer text is not for a till
READ_BYTES: Final = (
    RECORD.size * 256
)  # one scan of 128 characters is 256 keys with their SYN records, at most two reads
WAIT_S: Final = 0.05  # how long one turn listens; an order waits no longer than that
READS_MAX: Final = 8  # reads in one turn: a device that floods must not keep the thread

# US layout: code -> (plain, shifted). Scanners are shipped with it, and with the layout set to the language of
# the host a digit can become a letter: docs/nfc.md tells how to set it.
_ROWS: Final = ((2, "1234567890-=", "!@#$%^&*()_+"), (16, "qwertyuiop[]", "QWERTYUIOP{}"))
_LOWER: Final = ((30, "asdfghjkl;'`", 'ASDFGHJKL:"~'), (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"), (57, " ", " "))
_PAD: Final = ((55, "*", "*"), (71, "789-456+1230.", "789-456+1230."), (98, "/", "/"))


def _keymap() -> MappingProxyType[int, tuple[str, str]]:
    pairs = {}
    for start, plain, shifted in (*_ROWS, *_LOWER, *_PAD):
        for place, (low, high) in enumerate(zip(plain, shifted, strict=True)):
            pairs[start + place] = (low, high)
    return MappingProxyType(pairs)


KEYS: Final = _keymap()

# AIM symbology identifiers (ISO/IEC 15424): what a scanner may be set to send in front of the text.
_AIM: Final = re.compile(r"\](.)(.)")
_SYMBOLOGIES: Final = MappingProxyType(
    {"Q": Symbology.QR, "C": Symbology.CODE128, "E0": Symbology.EAN13, "E4": Symbology.EAN8}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`port` an input device, best by its lasting name under /dev/input/by-id.

    `grab` holds it exclusively; false is for a test bench whose port is a pipe. `key_gap_ms` is the longest
    pause between two keys of one scan: more is somebody typing. `repeat_ms`: the same text again within it
    is one scan seen twice, not two.
    """

    port: str
    grab: bool = True
    key_gap_ms: int = field(default=250, metadata=limits(20, 2_000))
    repeat_ms: int = field(default=700, metadata=limits(0, 10_000))

    def __post_init__(self) -> None:
        if not self.port.startswith("/"):
            raise ValueError("port must be an input device path such as /dev/input/by-id/usb-...-event-kbd")


class Host:
    """Key records in, scanned texts out. Only scans begun and ended while armed count.

    `discarded` counts scans that were too long or held a key that is no text.
    """

    def __init__(self, key_gap_ms: int, repeat_ms: int) -> None:
        self._key_gap_ms, self._repeat_ms = key_gap_ms, repeat_ms
        self._armed = False
        self._held = b""
        self._shift = 0
        self._typing = False
        self._text = ""
        self._spoilt = False
        self._key_ms = 0
        self.discarded = 0
        self._seen = ("", 0)
        self._personal: frozenset[str] = frozenset()

    def order(self, order: Effect) -> None:
        match order:
            case Arm() if not self._armed:
                # Whatever was being typed began before anybody asked.
                self._armed, self._spoilt = True, self._typing
                self._seen, self._personal = ("", 0), frozenset()
            case Disarm():
                self._armed = False
            case _:
                pass  # meant for another kind of device

    def feed(self, data: bytes, now_ms: int) -> tuple[CodeScanned, ...]:
        """The scans completed by these bytes, however they are split."""
        self._held += data
        whole = len(self._held) // RECORD.size * RECORD.size
        records, self._held = self._held[:whole], self._held[whole:]
        scans = []
        for _, _, kind, code, value in RECORD.iter_unpack(records):
            if kind == EV_KEY:
                scan = self._key(code, value, now_ms)
                if scan is not None:
                    scans.append(scan)
        return tuple(scans)

    def _key(self, code: int, value: int, now_ms: int) -> CodeScanned | None:
        if code in _SHIFTS:
            self._shift += (value == KEY_DOWN) - (value == KEY_UP)
            self._shift = min(2, max(0, self._shift))
            return None
        if value != KEY_DOWN or code in _LOCKS:
            return None
        if self._typing and now_ms - self._key_ms > self._key_gap_ms:
            self._begin(False)
        self._key_ms = now_ms
        if code in (KEY_ENTER, KEY_KPENTER):
            return self._entered(now_ms)
        if not self._typing:
            self._begin(True)
        if code not in KEYS or len(self._text) == TEXT_MAX:
            self._spoilt = True  # half a code is no code; control and alt make another key of the next one
        else:
            self._text += KEYS[code][self._shift > 0]
        return None

    def _begin(self, typing: bool) -> None:
        self._typing, self._text, self._spoilt = typing, "", typing and not self._armed

    def _entered(self, now_ms: int) -> CodeScanned | None:
        text, good = self._text, self._typing and self._armed and not self._spoilt
        self.discarded += self._typing and self._armed and self._spoilt
        self._begin(False)
        if not text or not good:
            return None
        scan = classify(text)
        seen, self._seen = self._seen, (scan.text, now_ms)
        if not scan.text or (scan.text == seen[0] and now_ms - seen[1] < self._repeat_ms):
            return None
        return scan if self._first(scan.text) else None

    def _first(self, text: str) -> bool:
        """A personal code is good once: it is delivered once each time the readers are armed."""
        try:
            digits = PersonalCode.parse(text).digits
        except BadCode:
            return True
        fresh = digits not in self._personal
        # One arming sees a handful of codes; a set that grows past that is an attack and starts afresh.
        self._personal = (self._personal if len(self._personal) < 64 else frozenset()) | {digits}
        return fresh


def classify(typed: str) -> CodeScanned:
    """The text and how it was carried, as far as the scanner says so in front of it."""
    found = _AIM.match(typed)
    if found is None:
        return CodeScanned(Source.SCANNER, Symbology.OTHER, typed)
    kind = _SYMBOLOGIES.get(found[1]) or _SYMBOLOGIES.get(found[1] + found[2], Symbology.OTHER)
    return CodeScanned(Source.SCANNER, kind, typed[3:])


class Wedge:
    """The device and its thread's turns. Opens the port; raises `DriverFault`."""

    rest_ms = 0  # `pump` itself waits for keys

    def __init__(self, settings: Settings, kit: Kit) -> None:
        self._settings, self._kit = settings, kit
        self._host = Host(settings.key_gap_ms, settings.repeat_ms)
        try:
            self._fd = os.open(settings.port, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            raise DriverFault(faults.ABSENT, f"{settings.port} {_name(error)}") from error
        try:
            self._grab()
        except DriverFault:
            self.close()
            raise
        kit.emit(DeviceStateChanged(kit.role, Health.READY))

    def _grab(self) -> None:
        if not self._settings.grab:
            return
        try:
            if not stat.S_ISCHR(os.fstat(self._fd).st_mode):
                raise OSError(errno.ENOTTY, "not a device")
            fcntl.ioctl(self._fd, EVIOCGRAB, 1)
        except OSError as error:
            code = faults.BUSY if error.errno == errno.EBUSY else faults.NOT_A_KEYBOARD
            raise DriverFault(code, f"{self._settings.port} {_name(error)}") from error

    def perform(self, order: Effect) -> None:
        # What was typed before the order is read before it, so that it is not taken for an answer to it.
        if isinstance(order, (Arm, Disarm)):
            self._drain()
        self._host.order(order)

    def pump(self) -> None:
        ready, _, _ = select.select([self._fd], [], [], WAIT_S)
        if ready:
            self._drain()

    def close(self) -> None:
        """Closing lets go of the exclusive hold as well."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _drain(self) -> None:
        for _ in range(READS_MAX):
            try:
                data = os.read(self._fd, READ_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                raise DriverFault(faults.UNPLUGGED, f"{self._settings.port} {_name(error)}") from error
            if not data:
                raise DriverFault(faults.UNPLUGGED, f"{self._settings.port} end of input")
            before = self._host.discarded
            for scan in self._host.feed(data, self._kit.clock.monotonic_ms()):
                self._kit.emit(scan)
            if self._host.discarded != before:
                self._kit.log.warning("scan_discarded", role=self._kit.role, scans=self._host.discarded - before)


def open(settings: Settings, kit: Kit) -> Wedge:
    """The scanner on its port. Raises `DriverFault` (TM-SCAN-001, 003, 004)."""
    return Wedge(settings, kit)


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "error")
