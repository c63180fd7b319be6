"""A panel that is not plugged in but connected: frames go out over a loopback line, touches and keys come in.

The face's half of `core.wire.panel`. The device connects, as it does to every other device behind a socket; the
panel listens. Nothing here ever waits: a panel that is slow gets fewer pictures (the newest wins), one that is
gone is tried again every half second, and the face goes on in any case.
"""

from __future__ import annotations

import errno
import io
import ipaddress
import re
import socket
from typing import Final

import pygame

from core.wire.panel import DOWN, MOVED, UP, BadFrame, Key, Reader, Shown, Touch, encode
from ui.captions import Caption
from ui.inputs import INPUTS_MAX, KEYS, Down, Input, KeyHit, Moved, Uncovered, Up
from ui.settings import ScreenRefused, Settings

PICTURE_MS: Final = 66  # 15 pictures a second of the same screen; a new screen goes out at once
RETRY_MS: Final = 500
STALLED_MS: Final = 10_000  # a panel that takes no byte for so long is gone, whatever TCP says
CHUNK: Final = 65_536
QUALITY: Final = 85  # thin strokes of small text stay clean; 50 kB at 800x480
INPUT_BODY_MAX: Final = 64  # touches and keys are tiny; more is not a panel
_PORT: Final = re.compile(r"socket://(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):([0-9]{1,5})")


def address_of(port: str) -> tuple[str, int]:
    """Host and port of ``socket://127.0.0.1:PORT``. Raises `ScreenRefused`: TM-SCR-006 malformed, -005 not local."""
    found = _PORT.fullmatch(port)
    if found is None or not 0 < int(found[2]) < 65_536:
        raise ScreenRefused("TM-SCR-006", f"port = {port!r}, wanted socket://127.0.0.1:PORT")
    host = found[1].strip("[]")
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ScreenRefused("TM-SCR-005", f"{host} is not a loopback address")
    return ("127.0.0.1" if host == "localhost" else host), int(found[2])


class PanelGlass:
    """See `ui.glass.Glass`. `connected` says whether a panel is looking."""

    def __init__(self, settings: Settings) -> None:
        self._address = address_of(settings.port)
        self.surface = pygame.Surface((settings.width, settings.height), 0, 32)
        self._line: socket.socket | None = None
        self._open = False
        self._reader = Reader(INPUT_BODY_MAX)
        self._out = b""
        self._inputs: list[Input] = []
        self._caption = Caption("", 0, "", (), (), True)
        self._changed = False
        self._sent_ms = -PICTURE_MS
        self._sent_revision = 0
        self._tried_ms: int | None = None
        self._moved_ms = 0

    @property
    def connected(self) -> bool:
        return self._open

    def inputs(self) -> tuple[Input, ...]:
        if self._open:
            self._read()
        done, self._inputs = tuple(self._inputs), []
        return done

    def lines(self) -> tuple[int, ...]:
        return (self._line.fileno(),) if self._line is not None and self._open else ()

    def tell(self, caption: Caption) -> None:
        if caption != self._caption:
            self._caption, self._changed = caption, True

    def present(self, changed: tuple[pygame.Rect, ...]) -> None:
        self._changed = True

    def pump(self, now_ms: int) -> None:
        """Connect, encode at most one picture, send what the line takes without waiting."""
        if self._line is None:
            self._connect(now_ms)
        elif not self._open:
            self._finish(now_ms)
        if not self._open:
            return
        if self._out and now_ms - self._moved_ms > STALLED_MS:
            self._drop()
            return
        fresh = self._caption.revision != self._sent_revision
        if self._changed and not self._out and (fresh or now_ms - self._sent_ms >= PICTURE_MS):
            self._out = encode(self._shown())
            self._changed, self._sent_ms, self._sent_revision = False, now_ms, self._caption.revision
            self._moved_ms = now_ms
        self._write(now_ms)

    def close(self) -> None:
        self._drop()

    def _shown(self) -> Shown:
        caption, (width, height) = self._caption, self.surface.get_size()
        return Shown(
            caption.name,
            caption.revision,
            caption.lang,
            width,
            height,
            caption.spoken,
            caption.buttons,
            caption.settled,
            _jpeg(self.surface),
        )

    def _connect(self, now_ms: int) -> None:
        if self._tried_ms is not None and now_ms - self._tried_ms < RETRY_MS:
            return
        self._tried_ms = now_ms
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        self._line = socket.socket(family, socket.SOCK_STREAM)
        self._line.setblocking(False)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        result = self._line.connect_ex(self._address)
        if result == 0:
            self._opened(now_ms)
        elif result != errno.EINPROGRESS:
            self._drop()

    def _finish(self, now_ms: int) -> None:
        assert self._line is not None
        result = self._line.connect_ex(self._address)
        if result in (0, errno.EISCONN):
            self._opened(now_ms)
        elif result not in (errno.EALREADY, errno.EINPROGRESS):
            self._drop()

    def _opened(self, now_ms: int) -> None:
        self._open, self._changed, self._moved_ms = True, True, now_ms
        self._sent_ms = now_ms - PICTURE_MS
        self._reader = Reader(INPUT_BODY_MAX)
        self._inputs.append(Uncovered())

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, self._open, self._out = None, False, b""

    def _write(self, now_ms: int) -> None:
        """As many bytes as the line takes now: a picture may need several frames' time on a slow line."""
        assert self._line is not None
        while self._out:
            try:
                sent = self._line.send(self._out[:CHUNK])
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._drop()
                return
            self._out, self._moved_ms = self._out[sent:], now_ms

    def _read(self) -> None:
        assert self._line is not None
        try:
            data = self._line.recv(CHUNK)
            messages = self._reader.feed(data)
        except (BlockingIOError, InterruptedError):
            return
        except (OSError, BadFrame):
            self._drop()
            return
        if not data:
            self._drop()
            return
        for message in messages:
            done = _input(message)
            if done is None:
                self._drop()  # a picture, or a key nobody has: this far end is no panel
                return
            if len(self._inputs) < INPUTS_MAX:
                self._inputs.append(done)


def _jpeg(surface: pygame.Surface) -> bytes:
    """The picture, encoded by Pillow: pygame-ce 2.5.8 keeps every file object it saved to, 35 kB a picture."""
    from PIL import Image

    size, row_bytes = surface.get_size(), surface.get_pitch()
    assert surface.get_masks()[:3] == (0xFF0000, 0xFF00, 0xFF), "blue, green, red and a spare byte, on every machine"
    pixels = Image.frombuffer("RGB", size, surface.get_buffer().raw, "raw", "BGRX", row_bytes, 1)
    encoded = io.BytesIO()
    pixels.save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def _input(message: object) -> Input | None:
    match message:
        case Touch(phase, x, y) if phase == DOWN:
            return Down(x, y)
        case Touch(phase, x, y) if phase == MOVED:
            return Moved(x, y)
        case Touch(phase, x, y) if phase == UP:
            return Up(x, y)
        case Key(name) if name in KEYS:
            return KeyHit(name)
        case _:
            return None
