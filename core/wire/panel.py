"""The wire of a remote panel: pictures of the screen one way, touches and keys the other.

A frame is a kind (one byte), the length of its body (four bytes, big-endian) and the body. The device sends `Shown`
frames, the panel `Touch` and `Key` frames; whoever gets anything else closes the line. `Reader` is incremental:
however the bytes are split, the same messages come out.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
HEAD: Final = struct.Struct(">cI")
SPOT: Final = struct.Struct(">BHH")
CAPTION_HEAD: Final = struct.Struct(">I")

BODY_MAX: Final = 8 * 1024 * 1024  # a JPEG of an 8K panel stays below; more is a broken or hostile far end
KEY_MAX: Final = 16  # bytes of the longest key name, with room
CAPTION_MAX: Final = 256 * 1024  # words and buttons of one screen; real ones have a few kilobytes


class BadFrame(ValueError):
    """Bytes that are no frame of this wire: the line is closed, nothing of it is believed."""


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press on the screen shown: its action id, what it is called, and its middle in pixels."""

    action: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the screen.

    `name` is the screen's stable name, `revision` counts the screens shown, `lang` "en" or "ko". `spoken` is the
    screen in reading order, `buttons` what can be pressed. `settled`: nothing is moving into place any more.
    `picture` is a JPEG or a PNG of `width` x `height` pixels.
    """

    name: str
    revision: int
    lang: str
    width: int
    height: int
    spoken: tuple[str, ...]
    buttons: tuple[Button, ...]
    settled: bool
    picture: bytes


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger: `phase` 0 down, 1 moved, 2 up, at a pixel of the device's screen."""

    phase: int
    x: int
    y: int


DOWN: Final = 0
MOVED: Final = 1
UP: Final = 2


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its name (``enter``, ``escape``, ``7``, ``backspace``, ``tab``, ``left`` ...)."""

    name: str


Message = Shown | Touch | Key


def encode(message: Message) -> bytes:
    match message:
        case Shown():
            return _framed(b"S", _shown_body(message))
        case Touch(phase, x, y):
            return _framed(b"T", SPOT.pack(phase, x, y))
        case Key(name):
            return _framed(b"K", name.encode("ascii"))


def _framed(kind: bytes, body: bytes) -> bytes:
    assert len(body) <= BODY_MAX
    return HEAD.pack(kind, len(body)) + body


def _shown_body(shown: Shown) -> bytes:
    caption = {
        "version": VERSION,
        "name": shown.name,
        "revision": shown.revision,
        "lang": shown.lang,
        "size": [shown.width, shown.height],
        "spoken": shown.spoken,
        "buttons": [[b.action, b.label, b.x, b.y] for b in shown.buttons],
        "settled": shown.settled,
    }
    text = json.dumps(caption, ensure_ascii=False, separators=(",", ":")).encode()
    return CAPTION_HEAD.pack(len(text)) + text + shown.picture


class Reader:
    """Bytes in, messages out. `body_max` is how large a frame this side accepts."""

    def __init__(self, body_max: int = BODY_MAX) -> None:
        self._body_max = body_max
        self._bytes = bytearray()

    def feed(self, data: bytes) -> tuple[Message, ...]:
        """The messages that are complete now. Raises `BadFrame`."""
        self._bytes += data
        messages: list[Message] = []
        while len(self._bytes) >= HEAD.size:
            kind, length = HEAD.unpack_from(self._bytes)
            if kind not in (b"S", b"T", b"K"):
                raise BadFrame(f"kind {kind!r} is unknown")
            if length > self._body_max:
                raise BadFrame(f"a body of {length} bytes, at most {self._body_max} are accepted")
            if len(self._bytes) < HEAD.size + length:
                break
            body = bytes(self._bytes[HEAD.size : HEAD.size + length])
            del self._bytes[: HEAD.size + length]
            messages.append(_decoded(kind, body))
        return tuple(messages)


def _decoded(kind: bytes, body: bytes) -> Message:
    if kind == b"T":
        if len(body) != SPOT.size:
            raise BadFrame(f"a touch has {SPOT.size} bytes, not {len(body)}")
        phase, x, y = SPOT.unpack(body)
        if phase > UP:
            raise BadFrame(f"touch phase {phase} is unknown")
        return Touch(phase, x, y)
    if kind == b"K":
        if not 0 < len(body) <= KEY_MAX or not body.isascii():
            raise BadFrame("a key's name is 1 to 16 ASCII characters")
        return Key(body.decode("ascii"))
    return _shown(body)


def _shown(body: bytes) -> Shown:
    if len(body) < CAPTION_HEAD.size:
        raise BadFrame("a picture without its caption")
    (length,) = CAPTION_HEAD.unpack_from(body)
    end = CAPTION_HEAD.size + length
    if length > CAPTION_MAX or end > len(body):
        raise BadFrame("the caption is longer than its frame")
    try:
        caption = json.loads(body[CAPTION_HEAD.size : end])
        width, height = caption["size"]
        return Shown(
            name=_text(caption["name"]),
            revision=_whole(caption["revision"]),
            lang=_text(caption["lang"]),
            width=_whole(width),
            height=_whole(height),
            spoken=tuple(_text(line) for line in caption["spoken"]),
            buttons=tuple(
                Button(_text(a), _text(label), _whole(x), _whole(y)) for a, label, x, y in caption["buttons"]
            ),
            settled=caption["settled"] is True,
            picture=body[end:],
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFrame(f"the caption cannot be read: {type(error).__name__}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError("not a whole number")
    return value
