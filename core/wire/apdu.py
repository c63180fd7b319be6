"""APDUs between a terminal and the member's phone: SELECT, GET CODE, AUTHORISE.

ISO/IEC 7816-4 short commands over ISO-DEP. The application has an identifier of its own (first nibble F:
proprietary, ISO/IEC 7816-5), so that a phone answers without asking which application is meant.

====================  =================================================  ==================================
``00 A4 04 00`` AID   SELECT                                             FCI: ``6F{84 AID, A5{9F08 version, DF01 can}}``
``80 10 00 00``       GET CODE                                           18 digits, good for half a minute
``80 20 00 00`` data  AUTHORISE: what is asked, see `AuthoriseTap`       handle (9 digits), counter (4), MAC (16)
====================  =================================================  ==================================

Both directions are frozen dataclasses; whatever is malformed raises `BadApdu` by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from core.code import BadCode, PersonalCode
from core.messages.money import WireMoney
from core.tap import COUNTER_MAX, MAC_BYTES, MODE_MAX, NONCE_BYTES, TERMINAL_MAX, BadTap, TapFacts

AID: Final = bytes.fromhex("F054494C4C4D41524B")  # F0 "TILLMARK"
VERSION: Final = 1
CAN_CODE: Final = 0x01  # bits of DF01 in the FCI
CAN_TAP: Final = 0x02

SW_OK: Final = 0x9000
SW_LENGTH: Final = 0x6700  # wrong length
SW_LOCKED: Final = 0x6982  # security status not satisfied: the phone wants to be unlocked first
SW_DECLINED: Final = 0x6985  # conditions of use not satisfied: the member, or the phone's limit, said no
SW_DATA: Final = 0x6A80  # incorrect data field
SW_UNSUPPORTED: Final = 0x6A81
SW_NOT_FOUND: Final = 0x6A82
SW_INS: Final = 0x6D00
SW_CLA: Final = 0x6E00

DATA_MAX: Final = 255  # Lc of a short command
LE_MAX: Final = 256  # Le 00


class BadApdu(ValueError):
    """Bytes that are not the APDU expected; `reason` is a word for logs, never the bytes."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"malformed APDU: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Command:
    """A short command APDU (ISO/IEC 7816-4 section 5.1). `le` 1-256 bytes expected, None for no answer data."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytes:
        if len(self.data) > DATA_MAX or (self.le is not None and not 1 <= self.le <= LE_MAX):
            raise BadApdu("length")
        head = bytes([self.cla, self.ins, self.p1, self.p2])
        body = bytes([len(self.data)]) + self.data if self.data else b""
        return head + body + (b"" if self.le is None else bytes([self.le & 0xFF]))

    @classmethod
    def decode(cls, raw: bytes) -> Command:
        if len(raw) < 4:
            raise BadApdu("length")
        cla, ins, p1, p2 = raw[:4]
        rest = raw[4:]
        if not rest:
            return cls(cla, ins, p1, p2)
        if len(rest) == 1:
            return cls(cla, ins, p1, p2, b"", rest[0] or LE_MAX)
        size = rest[0]
        if size == 0 or len(rest) not in (size + 1, size + 2):
            raise BadApdu("length")
        le = (rest[-1] or LE_MAX) if len(rest) == size + 2 else None
        return cls(cla, ins, p1, p2, rest[1 : size + 1], le)


@dataclass(frozen=True, slots=True)
class Reply:
    """A response APDU: data and the status word. The data may be a code: `repr` shows none of it."""

    data: bytes = field(repr=False)
    sw: int

    def encode(self) -> bytes:
        return self.data + self.sw.to_bytes(2)

    @classmethod
    def decode(cls, raw: bytes) -> Reply:
        if len(raw) < 2:
            raise BadApdu("length")
        return cls(raw[:-2], int.from_bytes(raw[-2:]))


# -- what the terminal asks ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Select:
    """Choose an application by its identifier."""

    aid: bytes = AID

    def encode(self) -> bytes:
        return Command(0x00, 0xA4, 0x04, 0x00, self.aid, LE_MAX).encode()


@dataclass(frozen=True, slots=True)
class GetCode:
    """Give me the personal code of this half minute."""

    def encode(self) -> bytes:
        return Command(0x80, 0x10, 0x00, 0x00, b"", LE_MAX).encode()


@dataclass(frozen=True, slots=True)
class AuthoriseTap:
    """Bind an answer to these facts.

    Data: layout version (1 byte, 01) - terminal (length, ASCII) - nonce (16) - scale (1) - minor units (8) -
    asset code (length, ASCII) - mode (length, ASCII). At most 95 bytes.
    """

    facts: TapFacts

    def encode(self) -> bytes:
        facts, money = self.facts, self.facts.amount.money()
        data = bytes([VERSION]) + _text(facts.terminal) + facts.nonce + bytes([money.asset.scale])
        data += money.minor.to_bytes(8) + _text(money.asset.code) + _text(facts.mode)
        return Command(0x80, 0x20, 0x00, 0x00, data, LE_MAX).encode()

    @classmethod
    def decode_data(cls, data: bytes) -> AuthoriseTap:
        """Raises `BadApdu` with ``version``, ``length`` or ``facts``."""
        cursor = _Cursor(data)
        if cursor.take(1)[0] != VERSION:
            raise BadApdu("version")
        terminal, nonce = cursor.text(TERMINAL_MAX), cursor.take(NONCE_BYTES)
        scale, minor = cursor.take(1)[0], int.from_bytes(cursor.take(8))
        asset, mode = cursor.text(10), cursor.text(MODE_MAX)
        cursor.end()
        try:
            amount = WireMoney(asset, scale, _decimal(minor, scale))
            return cls(TapFacts(terminal, nonce, amount, mode))
        except (BadTap, ValueError):
            raise BadApdu("facts") from None


Ask = Select | GetCode | AuthoriseTap


def decode_ask(raw: bytes) -> Ask:
    """What a phone was asked. Raises `BadApdu`: ``class``, ``instruction``, ``length``, ``version`` or ``facts``."""
    command = Command.decode(raw)
    match command.cla, command.ins:
        case 0x00, 0xA4:
            return Select(command.data)
        case 0x80, 0x10:
            return GetCode()
        case 0x80, 0x20:
            return AuthoriseTap.decode_data(command.data)
        case ((0x00 | 0x80), _):
            raise BadApdu("instruction")
        case _:
            raise BadApdu("class")


# -- what the phone answers ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selected:
    """The FCI: which version the phone speaks and what it can (bits `CAN_CODE`, `CAN_TAP`)."""

    version: int = VERSION
    can: int = CAN_CODE | CAN_TAP

    def encode(self) -> bytes:
        own = _tlv(0x9F08, self.version.to_bytes(2)) + _tlv(0xDF01, bytes([self.can]))
        return Reply(_tlv(0x6F, _tlv(0x84, AID) + _tlv(0xA5, own)), SW_OK).encode()

    @classmethod
    def decode(cls, data: bytes) -> Selected:
        """Unknown objects are skipped: a newer phone may say more. Raises `BadApdu` (``fci``)."""
        template = _tlvs(_one(_tlvs(data), 0x6F))
        if _one(template, 0x84) != AID:
            raise BadApdu("fci")
        own = _tlvs(_one(template, 0xA5))
        version, can = _one(own, 0x9F08), own.get(0xDF01, bytes([CAN_CODE]))
        if len(version) != 2 or len(can) != 1:
            raise BadApdu("fci")
        return cls(int.from_bytes(version), can[0])


@dataclass(frozen=True, slots=True)
class CodeGiven:
    """Answer to GET CODE."""

    code: PersonalCode

    def encode(self) -> bytes:
        return Reply(self.code.digits.encode(), SW_OK).encode()

    @classmethod
    def decode(cls, data: bytes) -> CodeGiven:
        """Raises `BadApdu` (``code``)."""
        try:
            return cls(PersonalCode.parse(data.decode("ascii")))
        except (UnicodeDecodeError, BadCode):
            raise BadApdu("code") from None


@dataclass(frozen=True, slots=True)
class TapGiven:
    """Answer to AUTHORISE: nine digits, a running number of the phone, 16 bytes of MAC (`core.tap`)."""

    handle: str = field(repr=False)
    counter: int
    mac: bytes = field(repr=False)

    def encode(self) -> bytes:
        return Reply(self.handle.encode() + self.counter.to_bytes(4) + self.mac, SW_OK).encode()

    @classmethod
    def decode(cls, data: bytes) -> TapGiven:
        """Raises `BadApdu` (``tap``)."""
        handle = data[:9]
        if len(data) != 9 + 4 + MAC_BYTES or not handle.isdigit():
            raise BadApdu("tap")
        counter = int.from_bytes(data[9:13])
        assert counter <= COUNTER_MAX
        return cls(handle.decode("ascii"), counter, data[13:])


# -- small parts --------------------------------------------------------------------------------------


class _Cursor:
    """Takes fields off the front of a byte string; too short or too long is `BadApdu` (``length``)."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, size: int) -> bytes:
        if len(self._data) < size:
            raise BadApdu("length")
        head, self._data = self._data[:size], self._data[size:]
        return head

    def text(self, size_max: int) -> str:
        size = self.take(1)[0]
        if size > size_max:
            raise BadApdu("length")
        try:
            return self.take(size).decode("ascii")
        except UnicodeDecodeError:
            raise BadApdu("facts") from None

    def end(self) -> None:
        if self._data:
            raise BadApdu("length")


def _text(value: str) -> bytes:
    raw = value.encode("ascii")
    return bytes([len(raw)]) + raw


def _decimal(minor: int, scale: int) -> str:
    digits = str(minor).rjust(scale + 1, "0")
    return digits if scale == 0 else f"{digits[:-scale]}.{digits[-scale:]}"


def _tlv(tag: int, value: bytes) -> bytes:
    # BER-TLV (ISO/IEC 8825-1) with one- and two-byte tags and short lengths: all an FCI needs.
    assert len(value) < 0x80
    return tag.to_bytes(2 if tag > 0xFF else 1) + bytes([len(value)]) + value


def _tlvs(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while data:
        wide = data[0] & 0x1F == 0x1F
        head = 2 if wide else 1
        if len(data) < head + 1 or data[head] >= 0x80 or len(data) < head + 1 + data[head]:
            raise BadApdu("fci")
        tag, size = int.from_bytes(data[:head]), data[head]
        found[tag] = data[head + 1 : head + 1 + size]
        data = data[head + 1 + size :]
    return found


def _one(found: dict[int, bytes], tag: int) -> bytes:
    if tag not in found:
        raise BadApdu("fci")
    return found[tag]
