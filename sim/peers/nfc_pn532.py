"""A PN532 on a serial port, with a radio field in front of it: the far end of `drivers.reader_nfc`.

It answers what an NFC library sends to open the chip, to look for cards and to talk to one (UM0701-02,
sections cited in `core.wire.pn532`), with the chip's own response times: a card that is silent costs the
time-out the host has set. Target mode, peer-to-peer and Type 1 tags are not built: the chip answers those
commands with its error frame.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.wire.pn532 import (
    ACK,
    ERROR,
    HOST_TO_CHIP,
    RX_CRC_ON,
    Acked,
    Broken,
    BrTy,
    Command,
    Data,
    Errored,
    Nacked,
    Parser,
    Register,
    RfItem,
    Status,
    response,
)
from sim.peers.nfc_field import Field
from sim.peers.pipe import Pty, Unplugged

FIRMWARE: Final = bytes.fromhex("32010607")  # IC PN532, version 1.6, ISO 14443 A and B, ISO 18092 (7.2.2)
SENS_REQ: Final = 0x26  # stays in the FIFO when no card answered it; a host reads it there
MISS_MS: Final = 5.0  # two attempts at an empty field with the retries a host sets
IDLE_S: Final = 0.2  # how long the thread may sleep before it looks whether it should end


@dataclass(frozen=True, slots=True)
class Due:
    """An answer of the chip, `after_ms` from now."""

    raw: bytes
    after_ms: float = 0.0


class Chip:
    """What the chip does with one command; no port, no thread, no clock."""

    def __init__(self, field: Field, miss_ms: float = MISS_MS) -> None:
        self._field = field
        self._miss_ms = miss_ms
        self._registers: dict[int, int] = {}
        self._timeout_ms = 51.2
        self.polls = 0  # InListPassiveTarget commands since the start
        self.activations = 0  # frames sent to cards since the start

    def obey(self, code: int, data: bytes) -> Due:
        """The answer to a command; the error frame when there is no such command or its data cannot be."""
        match code:
            case Command.DIAGNOSE:
                return Due(response(code, data if data[:1] == b"\x00" else b"\x00"))
            case Command.GET_FIRMWARE_VERSION:
                return Due(response(code, FIRMWARE))
            case Command.SET_SERIAL_BAUD_RATE | Command.SET_PARAMETERS | Command.SAM_CONFIGURATION:
                return Due(response(code))
            case Command.POWER_DOWN:
                self._field.power(False)
                return Due(response(code, b"\x00"))
            case Command.READ_REGISTER if len(data) % 2 == 0:
                return Due(response(code, bytes(map(self._register, _pairs(data, 2)))))
            case Command.WRITE_REGISTER if len(data) % 3 == 0:
                for entry in _pairs(data, 3):
                    self._registers[int.from_bytes(entry[:2])] = entry[2]
                return Due(response(code))
            case Command.RF_CONFIGURATION if data:
                self._configure(data[0], data[1:])
                return Due(response(code))
            case Command.IN_LIST_PASSIVE_TARGET if len(data) >= 2:
                return self._list(data[1], data[2:])
            case Command.IN_COMMUNICATE_THRU:
                return self._thru(data)
            case _:
                return Due(ERROR)

    def _register(self, address: bytes) -> int:
        number = int.from_bytes(address)
        if number == Register.FIFO_DATA:
            return SENS_REQ
        if number == Register.TX_CONTROL:
            return 0x83 if self._field.on else 0x80
        return self._registers.get(number, 0)

    def _configure(self, item: int, data: bytes) -> None:
        if item == RfItem.FIELD and data:
            self._field.power(bool(data[0] & 1))
        elif item == RfItem.TIMINGS and len(data) == 3:
            # 7.3.1: 100 microseconds times 2 to the power of (n - 1); 0 means none, taken as the longest.
            self._timeout_ms = 0.1 * 2 ** ((data[2] or 16) - 1)

    def _list(self, brty: int, wanted: bytes) -> Due:
        self.polls += 1
        code = Command.IN_LIST_PASSIVE_TARGET
        self._field.power(True)
        if brty == BrTy.A_106:
            uid = bytes(
                part for place, part in enumerate(wanted) if not (place == 0 and part == 0x88 and len(wanted) > 4)
            )
            found = self._field.select_a(uid)
            if found is not None:
                self._registers[Register.RX_MODE] = RX_CRC_ON
                body = found.sens_res[::-1] + bytes([found.sak, len(found.uid)]) + found.uid
                return Due(response(code, b"\x01\x01" + body))
        elif brty in (BrTy.F_212, BrTy.F_424) and len(wanted) == 5:
            polled = self._field.select_f(int.from_bytes(wanted[1:3]))
            if polled is not None:
                self._registers[Register.RX_MODE] = RX_CRC_ON | 0x12
                body = b"\x01" + (polled if wanted[3] == 1 else polled[:16])
                return Due(response(code, b"\x01\x01" + bytes([len(body) + 1]) + body))
        return Due(response(code, b"\x00"), self._miss_ms)

    def _thru(self, frame: bytes) -> Due:
        self.activations += 1
        code = Command.IN_COMMUNICATE_THRU
        answer = self._field.exchange(frame)
        if answer is None or answer.after_ms > self._timeout_ms:
            return Due(response(code, bytes([Status.TIME_OUT])), self._timeout_ms)
        data = answer.data
        if not self._register(Register.RX_MODE.to_bytes(2)) & RX_CRC_ON and len(data) > 1:
            data += crc_a(data)
        return Due(response(code, bytes([Status.OK]) + data), answer.after_ms)


class Pn532:
    """The chip on the serial port `link`, served by a thread of its own until `close`."""

    def __init__(self, link: Path, seed: int = 0) -> None:
        self.field = Field()
        self.chip = Chip(self.field)
        self.pty = Pty(link, seed)
        self.mute = False  # a chip that hangs: hears, never answers
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="pn532", daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        self.pty.unplug()

    def plug(self) -> None:
        self.pty.plug()

    def close(self) -> None:
        self._ending.set()
        self.pty.wake()
        self._thread.join(2)
        self.pty.close()

    def _serve(self) -> None:
        parser = Parser()
        due: tuple[float, bytes] | None = None
        last = b""
        while not self._ending.is_set():
            try:
                wait = IDLE_S if due is None else max(0.0, due[0] - time.monotonic())
                for frame in parser.feed(self.pty.read(min(wait, IDLE_S))):
                    match frame:
                        case Data(tfi, body) if tfi == HOST_TO_CHIP and body and not self.mute:
                            self.pty.write(ACK)
                            answer = self.chip.obey(body[0], body[1:])
                            due = (time.monotonic() + answer.after_ms / 1000, answer.raw)
                        case Acked():
                            due = None  # 6.2.1.3: the host gives the command up
                        case Nacked():
                            self.pty.write(last)
                        case Data() | Broken() | Errored():
                            pass  # a chip ignores what is not a command for it; the host times out
                if due is not None and time.monotonic() >= due[0]:
                    last, due = due[1], None
                    self.pty.write(last)
            except Unplugged:
                parser, due = Parser(), None
                self.field.power(False)
                self._ending.wait(0.01)


def crc_a(data: bytes) -> bytes:
    """CRC_A, ISO/IEC 14443-3 annex B, low byte first."""
    crc = 0x6363
    for byte in data:
        byte = (byte ^ crc) & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = (crc >> 8) ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return (crc & 0xFFFF).to_bytes(2, "little")


def _pairs(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]
