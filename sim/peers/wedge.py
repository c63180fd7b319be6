"""A hand scanner as a USB keyboard: writes the kernel's key records for a text, with Enter at the end.

The port is a serial pair of this machine instead of an input device (a driver must be told `grab = false`):
making a real input device needs root and the uinput module.
"""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Final

from sim.peers.pipe import Pty

RECORD: Final = struct.Struct("llHHi")  # struct input_event, linux/input.h
EV_SYN, EV_MSC, EV_KEY = 0, 4, 1
MSC_SCAN: Final = 4
ENTER, SHIFT = 28, 42

# What a US keyboard has on each key, by the key's number (input-event-codes.h): the far end's own table, so
# that one wrong key cannot fool both ends.
PLAIN: Final = {
    **dict(zip("1234567890", range(2, 12))),
    **dict(zip("qwertyuiop", range(16, 26))),
    **dict(zip("asdfghjkl", range(30, 39))),
    **dict(zip("zxcvbnm", range(44, 51))),
    "-": 12,
    "=": 13,
    "[": 26,
    "]": 27,
    ";": 39,
    "'": 40,
    "`": 41,
    "\\": 43,
    ",": 51,
    ".": 52,
    "/": 53,
    " ": 57,
}
SHIFTED: Final = {
    **dict(zip("!@#$%^&*()", range(2, 12))),
    **{letter.upper(): key for letter, key in PLAIN.items() if letter.isalpha()},
    "_": 12,
    "+": 13,
    "{": 26,
    "}": 27,
    ":": 39,
    '"': 40,
    "~": 41,
    "|": 43,
    "<": 51,
    ">": 52,
    "?": 53,
}


class NoSuchKey(ValueError):
    """A character no US keyboard can type."""


def keys(text: str, *, enter: bool = True) -> bytes:
    """The records of typing `text`: scan code, key, synchronisation, as the kernel sends them."""
    out = bytearray()
    for letter in text:
        if letter in PLAIN:
            out += _press(PLAIN[letter])
        elif letter in SHIFTED:
            out += _event(SHIFT, 1) + _press(SHIFTED[letter]) + _event(SHIFT, 0)
        else:
            raise NoSuchKey(f"no key types U+{ord(letter):04X}")
    return bytes(out + (_press(ENTER) if enter else b""))


def _press(key: int) -> bytes:
    return _event(key, 1) + _event(key, 0)


def _event(key: int, value: int) -> bytes:
    # The time stamps are not read by anybody here; zero keeps the bytes the same every time.
    scan = RECORD.pack(0, 0, EV_MSC, MSC_SCAN, 0x70000 + key)
    return scan + RECORD.pack(0, 0, EV_KEY, key, value) + RECORD.pack(0, 0, EV_SYN, 0, 0)


class Scanner:
    """The scanner on the port `link`. `prefix` is the AIM identifier it is set to send ("]Q1"), "" for none."""

    def __init__(self, link: Path, *, prefix: str = "", seed: int = 0) -> None:
        self.prefix = prefix
        self.pty = Pty(link, seed)

    def scan(self, text: str, *, enter: bool = True, key_pause_ms: int = 0) -> None:
        """Read a code: type it. A pause between keys is somebody typing by hand."""
        raw = keys(self.prefix + text, enter=enter)
        if not key_pause_ms:
            self.pty.write(raw)
            return
        size = RECORD.size * 6
        for place in range(0, len(raw), size):
            self.pty.write(raw[place : place + size])
            time.sleep(key_pause_ms / 1000)

    def unplug(self) -> None:
        self.pty.unplug()

    def plug(self) -> None:
        self.pty.plug()

    def close(self) -> None:
        self.pty.close()
