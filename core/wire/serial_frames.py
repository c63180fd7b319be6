"""What the frames of cash devices share: check sums, the events of a reader, and the rule for a disturbed line.

A reader takes bytes in pieces of any length and gives the same events however they are split. Between frames, devices
send single control bytes (ACK, NAK, EOT) that carry no check of their own. A NAK permits a command that moves notes to
be sent again, so it is believed only on a *clean* line: after a byte that makes no sense, or inside what looked like a
frame and was none, only whole, checked frames are believed, until one arrives or the line was quiet. That the line was
quiet is said from outside (`quiet`): a codec has no clock.
"""

from __future__ import annotations

from binascii import crc_hqx
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final, Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class BadFrame(ValueError):
    """A message that no frame can carry; `reason` is one of ``range digits shape size``."""

    def __init__(self, codec: str, reason: str) -> None:
        super().__init__(f"not a message of {codec}: {reason}")
        self.codec = codec
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Acked:
    """The other side received our last frame whole."""


@dataclass(frozen=True, slots=True)
class Nacked:
    """The other side received our last frame spoilt and did nothing with it: it may be sent again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """EOT: the exchange is over."""


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte outside any frame that means nothing here."""

    byte: int


@dataclass(frozen=True, slots=True)
class Broken:
    """What began like a frame and is none; `raw` is what was looked at, `reason` why it is refused.

    ``checksum`` the check is wrong, ``shape`` a fixed byte or a length is wrong, ``digits`` the check is right and a
    number is none, ``unfinished`` the line fell silent in the middle, ``echo`` a shared line did not repeat what was
    sent.
    """

    reason: str
    raw: bytes


Line = Acked | Nacked | Ended | Noise | Broken
"""What every reader may say beside its own frames."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """`size` bytes are the event. `checked` when a check sum vouches for it: it is believed on any line."""

    size: int
    event: T_co
    checked: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The first `size` bytes looked like a frame and are none."""

    size: int
    reason: str


@dataclass(frozen=True, slots=True)
class More:
    """A frame may begin here; nothing can be said before `until` bytes of it are there."""

    until: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """No frame begins with this byte. `harmless`: it is known to occur between frames and disturbs nothing."""

    harmless: bool = False


Look = Found[T | Line] | Refused | More | Nothing


class Reader(Generic[T]):
    """The loop of every reader; `look` says what stands at the front of the bytes held (never none).

    What `look` says of the first bytes must not change when more follow, so that a split means nothing. It asks for
    more only up to a bound of its codec, so the reader never holds more than one frame beside what is being fed.
    """

    def __init__(self, look: Callable[[bytes], Look[T]]) -> None:
        self._look = look
        self._held = bytearray()
        self._clean = True
        self._need = 1  # fewer bytes than these cannot decide anything
        self._told = 0  # bytes at the front that stand in a `Broken` already

    def feed(self, data: bytes) -> tuple[T | Line, ...]:
        """The events completed by `data`, in order."""
        events: list[T | Line] = []
        self._held += data
        while len(self._held) >= self._need:
            self._one(events)
        return tuple(events)

    def quiet(self) -> tuple[T | Line, ...]:
        """The line was silent longer than a pause inside a frame may be: what is held is no frame; begin afresh."""
        raw = bytes(self._held)
        fresh = raw[self._told :]
        self._held.clear()
        self._need, self._told, self._clean = 1, 0, True
        return (Broken("unfinished", raw),) if fresh else ()

    @property
    def waiting(self) -> int:
        """Bytes of a frame that has not ended."""
        return len(self._held)

    def _one(self, events: list[T | Line]) -> None:
        seen = self._look(bytes(self._held))
        match seen:
            case More(until):
                assert until > len(self._held), "asked for bytes that are there"
                self._need = until
            case Found(size, event, checked) if checked or self._clean:
                events.append(event)
                self._clean = True
                self._drop(size)
            case Refused(size, reason):
                if size > self._told:
                    events.append(Broken(reason, bytes(self._held[:size])))
                    self._told = size
                self._clean = False
                self._drop(1)
            case _:
                if not (isinstance(seen, Nothing) and seen.harmless):
                    self._clean = False
                if not self._told:
                    events.append(Noise(self._held[0]))
                self._drop(1)

    def _drop(self, size: int) -> None:
        del self._held[:size]
        self._told = max(0, self._told - size)
        self._need = 1


def xor_of(data: bytes) -> int:
    """The BCC of Puloon: all bytes XORed. Blind to two bytes that change places."""
    return reduce(xor, data, 0)


def crc_xmodem(data: bytes) -> int:
    """CRC-16/XMODEM: polynomial 1021, initial 0, not reflected. XMODEM("123456789") = 31C3."""
    return crc_hqx(data, 0)


def crc_kermit(data: bytes) -> int:
    """CRC-16/KERMIT: polynomial 1021 reflected (8408), initial 0. KERMIT("123456789") = 2189."""
    crc = crc_hqx(data.translate(_MIRRORED), 0)
    return _MIRRORED[crc & 0xFF] << 8 | _MIRRORED[crc >> 8]
