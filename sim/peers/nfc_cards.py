"""Cards as a reader meets them: type 2, 3 and 4 tags with an NDEF message, and cards that are none of ours.

A card hears one RF frame at a time and answers it, or stays silent. How long an answer takes is part of it.
Sources: ISO/IEC 14443-3 and -4, the NFC Forum tag specifications, JIS X 6319-4 (FeliCa).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final, Protocol

from core.wire import ndef
from core.wire.apdu import SW_INS, SW_NOT_FOUND, SW_OK, BadApdu, Command, Reply

RATS: Final = 0xE0  # ISO/IEC 14443-4 section 5
WTX: Final = 0xF2  # S(WTX)
DESELECT: Final = 0xC2


@dataclass(frozen=True, slots=True)
class TypeA:
    """What a type A card says in anticollision (ISO/IEC 14443-3 section 6): `uid` 4 or 7 bytes, `sak` SEL_RES."""

    uid: bytes
    sak: int

    @property
    def sens_res(self) -> bytes:
        return b"\x04\x00" if len(self.uid) == 4 else b"\x44\x00"


@dataclass(frozen=True, slots=True)
class Answer:
    """One RF frame back, `after_ms` milliseconds later."""

    data: bytes
    after_ms: int = 0


class Card(Protocol):
    """Anything that may lie in the reader's field."""

    def power_up(self) -> None:
        """The field came up: whatever was going on is forgotten."""
        ...

    def type_a(self) -> TypeA | None:
        """How it answers anticollision, None when it does not speak type A."""
        ...

    def polled(self, system: int) -> bytes | None:
        """SENSF_RES (IDm, PMm, system code) to a FeliCa poll for `system`, None when it does not answer."""
        ...

    def hear(self, frame: bytes) -> Answer | None: ...


class Type2:
    """A Type 2 tag (NTAG21x): 4-byte pages, read four at a time. A command it does not know puts it to sleep."""

    def __init__(self, message: bytes, uid: bytes = bytes.fromhex("04A1B2C3D4E5F6"), sak: int = 0x00) -> None:
        self._a = TypeA(uid, sak)
        self._memory = ndef.type2_memory(message, uid)
        self._asleep = False

    def power_up(self) -> None:
        self._asleep = False

    def type_a(self) -> TypeA | None:
        return self._a

    def polled(self, system: int) -> bytes | None:
        return None

    def hear(self, frame: bytes) -> Answer | None:
        if self._asleep or len(frame) != 2 or frame[0] != 0x30:
            self._asleep = True
            return None
        start = frame[1] * 4
        if start >= len(self._memory):
            return Answer(b"\x00")  # NAK
        return Answer((self._memory + self._memory)[start : start + 16])


class Type3:
    """A FeliCa card with an NDEF service (Type 3 tag): polled at 212 kbit/s, read in blocks of 16 bytes."""

    def __init__(self, message: bytes, idm: bytes = bytes.fromhex("02FE001122334455")) -> None:
        self._idm = idm
        self._pmm = bytes.fromhex("01FF0000FFFFFF00")
        self._blocks = ndef.type3_blocks(message)

    def power_up(self) -> None:
        return

    def type_a(self) -> TypeA | None:
        return None

    def polled(self, system: int) -> bytes | None:
        if system not in (0xFFFF, ndef.SYSTEM_TYPE3):
            return None
        return self._idm + self._pmm + ndef.SYSTEM_TYPE3.to_bytes(2)

    def hear(self, frame: bytes) -> Answer | None:
        if len(frame) < 2 or frame[0] != len(frame):
            return None
        if frame[1] == 0x00 and len(frame) == 6:
            polled = self.polled(int.from_bytes(frame[2:4]))
            return None if polled is None else self._say(b"\x01" + polled[:16])
        if frame[1] == 0x06 and frame[2:10] == self._idm:
            return self._check(frame[10:])
        return None

    def _check(self, query: bytes) -> Answer:
        # Services (count, little-endian codes), then blocks (count, 2- or 3-byte list elements).
        services = query[0]
        code = int.from_bytes(query[1:3], "little")
        wanted, at = [], 1 + 2 * services + 1
        for _ in range(query[at - 1]):
            wide = not query[at] & 0x80
            wanted.append(int.from_bytes(query[at + 1 : at + 3], "little") if wide else query[at + 1])
            at += 3 if wide else 2
        if services != 1 or code != ndef.SERVICE_TYPE3_READ or any(block >= len(self._blocks) for block in wanted):
            return self._say(b"\x07" + self._idm + b"\x01\xa8")
        data = b"".join(self._blocks[block] for block in wanted)
        return self._say(b"\x07" + self._idm + b"\x00\x00" + bytes([len(wanted)]) + data)

    @staticmethod
    def _say(body: bytes) -> Answer:
        return Answer(bytes([len(body) + 1]) + body)


class IsoDep:
    """The block protocol of a type 4 card or phone (ISO/IEC 14443-4 section 7), with waiting time extension.

    `apdu` answers one command and is what a kind of card overrides. `fsci` and `fwi` go into the ATS: the
    largest frame the card takes, and how long it may be silent (77 ms for 8). `uid_length` 4 or 7; a card
    with `chance` takes a random UID at every power-up, as phones do.
    """

    def __init__(
        self,
        *,
        sak: int = 0x20,
        uid: bytes = bytes.fromhex("04112233445566"),
        chance: random.Random | None = None,
        fsci: int = 8,
        fwi: int = 7,
        wtx: int = 0,
        slow_ms: int = 0,
    ) -> None:
        self._sak, self._uid, self._chance = sak, uid, chance
        self._ats = bytes([0x05, 0x70 | fsci, 0x80, fwi << 4, 0x02])
        self.wtx, self.slow_ms = wtx, slow_ms
        self._fresh()

    def _fresh(self) -> None:
        self._active = False
        self._heard = b""
        self._held = b""
        self._wtx_left = 0
        self._last: bytes = b""

    def power_up(self) -> None:
        self._fresh()
        if self._chance is not None:
            # ISO/IEC 14443-3 section 6.5.4: a random UID has four bytes and starts with 08.
            size = len(self._uid)
            self._uid = (b"\x08" if size == 4 else b"\x04") + self._chance.randbytes(size - 1)

    def type_a(self) -> TypeA | None:
        return TypeA(self._uid, self._sak)

    def polled(self, system: int) -> bytes | None:
        return None

    def hear(self, frame: bytes) -> Answer | None:
        if not self._sak & 0x20:
            return None  # no ISO-DEP bit, no block protocol
        said = self._block(frame)
        if said is None:
            return None
        self._last = said
        return Answer(said, self.slow_ms)

    def _block(self, frame: bytes) -> bytes | None:
        if not frame:
            return None
        pcb = frame[0]
        if pcb == RATS and not self._active:
            self._active = True
            return self._ats
        if not self._active:
            return None
        if pcb == DESELECT:
            self._active = False
            return frame[:1]
        if pcb == WTX:
            return self._extend() if self._held else None
        if pcb & 0xF6 == 0xB2:  # R(NAK): say it again, or confirm presence
            again = self._last and self._last[0] & 1 == pcb & 1
            return self._last if again else bytes([0xA2 | pcb & 1])
        if pcb & 0xE2 == 0x02:  # I-block, perhaps one of a chain
            self._heard += frame[1:]
            if pcb & 0x10:
                return bytes([0xA2 | pcb & 1])
            whole, self._heard = self._heard, b""
            self._held = bytes([0x02 | pcb & 1]) + self.apdu(whole)
            self._wtx_left = self.wtx
            return self._extend()
        return None

    def _extend(self) -> bytes:
        if self._wtx_left:
            self._wtx_left -= 1
            return bytes([WTX, 0x01])
        return self._held

    def apdu(self, raw: bytes) -> bytes:
        """One command in, one answer with its status word out. This one knows no application."""
        return Reply(b"", SW_NOT_FOUND).encode()


class Type4(IsoDep):
    """A Type 4 tag with an NDEF message."""

    def __init__(self, message: bytes, *, sak: int = 0x20, slow_ms: int = 0) -> None:
        super().__init__(sak=sak, slow_ms=slow_ms)
        self._files = NdefFiles(message)

    def apdu(self, raw: bytes) -> bytes:
        return self._files.apdu(raw)


class NdefFiles:
    """The NDEF application of a Type 4 tag: select it, select a file, read it."""

    def __init__(self, message: bytes) -> None:
        self._files = ndef.type4_files(message)
        self._open = False
        self._file = b""

    def apdu(self, raw: bytes) -> bytes:
        return self._answer(raw).encode()

    def _answer(self, raw: bytes) -> Reply:
        try:
            command = Command.decode(raw)
        except BadApdu:
            return Reply(b"", 0x6700)
        if command.ins == 0xA4 and command.p1 == 0x04:
            self._open = command.data == ndef.AID_TYPE4
            return Reply(b"", SW_OK if self._open else SW_NOT_FOUND)
        if command.ins == 0xA4 and self._open:
            found = self._files.get(int.from_bytes(command.data))
            self._file = found or b""
            return Reply(b"", SW_OK if found is not None else SW_NOT_FOUND)
        if command.ins == 0xB0 and self._file:
            start = command.p1 << 8 | command.p2
            return Reply(self._file[start : start + (command.le or 0)], SW_OK)
        return Reply(b"", SW_INS)


class Foreign(IsoDep):
    """A bank or transport card: speaks the block protocol, knows neither our application nor NDEF."""


class Silent:
    """A card that takes part in anticollision and says no more: MIFARE Classic without its key."""

    def __init__(self, sak: int = 0x08) -> None:
        self._a = TypeA(bytes.fromhex("9A8B7C6D"), sak)

    def power_up(self) -> None:
        return

    def type_a(self) -> TypeA | None:
        return self._a

    def polled(self, system: int) -> bytes | None:
        return None

    def hear(self, frame: bytes) -> Answer | None:
        return None


class Garbled(IsoDep):
    """A hostile card: answers every frame with bytes of its choosing."""

    def __init__(self, answers: tuple[bytes, ...], sak: int = 0x20) -> None:
        super().__init__(sak=sak)
        self._answers = answers
        self._next = 0

    def hear(self, frame: bytes) -> Answer | None:
        data = self._answers[self._next % len(self._answers)]
        self._next += 1
        return Answer(data)
