"""Driver: a camera that reads QR codes and barcodes (OpenCV takes the frames, `drivers.kit.sight` reads them).

``port`` is a V4L2 index or path (``0``, ``/dev/video0``, ``/dev/v4l/by-id/...``), the address of an MJPEG or RTSP
stream (``http://127.0.0.1:8081/stream``) or a numbered sequence of files (``seq/%04d.png``), which is shown again and
again at ``fps``. UPC-A codes are delivered as the EAN-13 they are (leading zero).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from core.effects import Arm, Disarm, Effect, Wanted
from core.events import CodeScanned, DeviceStateChanged, Event, Health, Source
from core.faults.camera import BLACK, FROZEN, LOST, NO_LIBRARY, NOT_OPENED, SILENT
from core.ports import DriverFault, Kit, Preview
from drivers.kit.sight.gate import Gate, Limits
from drivers.kit.sight.reads import Read

if TYPE_CHECKING:
    from drivers.kit.sight.cascade import Cascade
    from drivers.kit.sight.eye import Eye, Shot
    from drivers.kit.sight.hints import Hints
    from drivers.kit.sight.motion import Motion
    from drivers.kit.sight.readers import Luma

KIND: Final = "camera"

WAIT_S = 0.02  # for a frame; short, so that the order to arm is not kept waiting by an idle camera
PREVIEW_MS = 66  # 15 pictures a second are fluent for a hand that aims; more only take the screen's time
IDLE_MS = 500  # two frames a second while disarmed: enough to know the empty counter and that the camera lives
GLANCE_MS = 60  # 16 frames a second while nothing moves: a product held there is seen as soon as a hand can tell
BLACK_LEVEL = 8.0  # mean grey level; a covered sensor shows 0 to 4 of 255
BLACK_MS = 2_000  # a hand over the lens for a moment is not a fault
FROZEN_MS = 3_000  # no real sensor repeats its noise even once; a stream may repeat a frame while it catches up
FROZEN_FRAMES = 3  # at two frames a second three identical ones are little more than a second: both must hold
FRAME_BUDGET_MS = 40.0  # CPU for one frame: at 30 frames a second the eye drops every second one rather than lag
EMPTY_BUDGET_MS = 2.0  # over an empty counter: the stages that read most codes, and all of them now and then,
DEEP_EVERY = 4  # so that the terminal does not burn a core while it waits for somebody to come
SKIM: Final = 8  # every eighth pixel of every eighth row is enough to tell two frames of a real sensor apart


@dataclass(frozen=True, slots=True)
class Settings:
    """`width`, `height`, `fps` are asked of a V4L2 camera; `mirror` turns the viewfinder only, as in a mirror.

    `personal_life_ms` and `gone_ms` as in `drivers.kit.sight.gate.Limits`. `silent_ms` without a frame is a fault.
    `watch_frozen` False for a source that really shows a still picture; a file sequence is never watched.
    """

    port: str
    width: int = 1280
    height: int = 720
    fps: int = 30
    mirror: bool = True
    zbar: bool = True
    personal_life_ms: int = 30_000
    gone_ms: int = 1_500
    open_timeout_ms: int = 3_000
    silent_ms: int = 2_000
    watch_frozen: bool = True

    def __post_init__(self) -> None:
        is_device = self.port.isdigit() or self.port.startswith("/dev/")
        if not (is_device or "://" in self.port or "%" in self.port):
            raise ValueError("port must be an index, /dev/..., an address with :// or a file pattern with %04d")
        for name, low, high in (
            ("width", 160, 4096),
            ("height", 120, 4096),
            ("fps", 1, 120),
            ("personal_life_ms", 0, 600_000),
            ("gone_ms", 0, 60_000),
            ("open_timeout_ms", 100, 30_000),
            ("silent_ms", 200, 60_000),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be between {low} and {high}")

    @property
    def is_files(self) -> bool:
        return "%" in self.port and "://" not in self.port

    def name(self) -> str:
        """The port as it may be shown: an address without user, password and query."""
        if "://" not in self.port:
            return self.port
        parts = urlsplit(self.port)
        host = parts.hostname or ""
        return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))


class Host:
    """What the camera's frames mean: arming, the gate, and the camera's own health. No camera and no clock in it."""

    def __init__(self, settings: Settings, role: str, now_ms: int) -> None:
        self._settings = settings
        self._role = role
        self._gate = Gate(Limits(personal_life_ms=settings.personal_life_ms, gone_ms=settings.gone_ms))
        self._frame_ms = now_ms
        self._health: Health | None = None
        self._digest = 0
        self._same_since_ms = now_ms
        self._same = 0
        self._black_since_ms: int | None = None

    @property
    def armed(self) -> bool:
        return self._gate.armed

    @property
    def patient(self) -> bool:
        """Nobody holds a phone there: a counter on which nothing moves need not be read all the time."""
        return self._gate.wanted == {Wanted.PRODUCT}

    def arm(self, wanted: Iterable[Wanted], again: bool = False) -> None:
        self._gate.arm(wanted, again)

    def disarm(self) -> None:
        self._gate.disarm()

    def wants(self, read: Read) -> bool:
        return self._gate.wants(read)

    def frame(self, sample: bytes, now_ms: int) -> tuple[Event, ...]:
        """A frame came; `sample` are some of its pixels, always the same ones. Raises `DriverFault` when frozen."""
        self._frame_ms = now_ms
        level = sum(sample) / max(1, len(sample))
        if level < BLACK_LEVEL:
            self._black_since_ms = now_ms if self._black_since_ms is None else self._black_since_ms
            self._same_since_ms, self._same = now_ms, 0
            is_long = now_ms - self._black_since_ms >= BLACK_MS
            return self._became(Health.DEGRADED, BLACK) if is_long else ()
        self._black_since_ms = None
        self._watch_frozen(sample, now_ms)
        return self._became(Health.READY, "")

    def _watch_frozen(self, sample: bytes, now_ms: int) -> None:
        digest = zlib.crc32(sample)
        if digest != self._digest:
            self._digest, self._same_since_ms, self._same = digest, now_ms, 0
            return
        self._same += 1
        is_watched = self._settings.watch_frozen and not self._settings.is_files
        if is_watched and self._same >= FROZEN_FRAMES and now_ms - self._same_since_ms >= FROZEN_MS:
            raise DriverFault(FROZEN, f"{self._settings.name()} repeats one frame")

    def no_frame(self, now_ms: int) -> None:
        """None came. Raises `DriverFault` when that has lasted too long."""
        quiet_ms = now_ms - self._frame_ms
        if quiet_ms >= self._settings.silent_ms:
            raise DriverFault(SILENT, f"{self._settings.name()}: no frame for {quiet_ms} ms")

    def alive(self, now_ms: int) -> None:
        """The camera gave a frame that nobody looked at: it is not silent."""
        self._frame_ms = now_ms

    def reads(self, reads: Iterable[Read], now_ms: int) -> tuple[Event, ...]:
        """What the cascade read in one frame; returns what the terminal hears of it."""
        delivered = self._gate.look(reads, now_ms)
        return tuple(CodeScanned(Source.CAMERA, read.symbology, read.text) for read in delivered)

    def _became(self, health: Health, code: str) -> tuple[Event, ...]:
        if health is self._health:
            return ()
        self._health = health
        return (DeviceStateChanged(self._role, health, code, self._settings.name() if code else ""),)


class Camera:
    """The thin shell: the newest frame to the cascade, the host's events to the kit."""

    rest_ms = 0

    def __init__(
        self, settings: Settings, kit: Kit, host: Host, eye: Eye, cascade: Cascade, hints: Hints, motion: Motion
    ) -> None:
        self._settings = settings
        self._kit = kit
        self._host = host
        self._eye = eye
        self._cascade = cascade
        self._hints = hints
        self._motion = motion
        self._grabbed = 0
        self._preview_ms = 0
        self._looks = 0

    def perform(self, order: Effect) -> None:
        match order:
            case Arm(wanted=wanted, again=again):
                self._host.arm(wanted, again)
                self._motion.wake(self._kit.clock.monotonic_ms())
                self._eye.wake()
            case Disarm():
                self._host.disarm()
                self._eye.doze()
            case _:
                pass  # meant for another kind of device

    def pump(self) -> None:
        shot = self._eye.newest(WAIT_S)
        now_ms = self._kit.clock.monotonic_ms()
        if shot is None:
            self._nothing_new(now_ms)
            return
        for event in self._host.frame(_sample(shot.luma), now_ms):
            self._kit.emit(event)
        if self._host.armed:
            if not self._host.patient or self._moves(shot, now_ms):
                self._look(shot, now_ms)
        else:
            self._hints.rest(_preview_of(shot.luma))

    def _nothing_new(self, now_ms: int) -> None:
        if self._eye.ended:
            raise DriverFault(LOST, f"{self._settings.name()}: {self._eye.ended}")
        if self._eye.grabbed != self._grabbed:
            self._grabbed = self._eye.grabbed
            self._host.alive(now_ms)
        self._host.no_frame(now_ms)

    def _moves(self, shot: Shot, now_ms: int) -> bool:
        """Whether an armed but patient camera reads this frame; while nothing moves it takes fewer of them."""
        is_worth_it = self._motion.worth_a_look(shot.luma, now_ms)
        if self._motion.calm:
            self._eye.glance(GLANCE_MS)
        else:
            self._eye.wake()
        return is_worth_it

    def _look(self, shot: Shot, now_ms: int) -> None:
        self._looks += 1
        is_deep = self._hints.present or self._looks % DEEP_EVERY == 0
        budget_ms = FRAME_BUDGET_MS if is_deep else EMPTY_BUDGET_MS
        look = self._cascade.look(shot.luma, enough=self._host.wants, budget_ms=budget_ms)
        for event in self._host.reads(look.reads, now_ms):
            self._kit.emit(event)
        if now_ms - self._preview_ms >= PREVIEW_MS:
            self._preview_ms = now_ms
            small = _preview_of(shot.luma)
            hint = self._hints.hint(shot.luma, small, any(self._host.wants(read) for read in look.reads))
            shown = small[:, ::-1] if self._settings.mirror else small
            self._kit.preview(Preview(small.shape[1], small.shape[0], shown.tobytes(), hint))

    def close(self) -> None:
        self._eye.close()


def _sample(luma: Luma) -> bytes:
    return luma[::SKIM, ::SKIM].tobytes()


def _preview_of(luma: Luma) -> Luma:
    from drivers.kit.sight.hints import preview_of

    return preview_of(luma)


def open(settings: Settings, kit: Kit) -> Camera:
    """Open the camera within its time. Raises `DriverFault`: library missing, or not opened."""
    try:
        from drivers.kit.sight.cascade import Cascade
        from drivers.kit.sight.eye import Eye, open_capture
        from drivers.kit.sight.hints import Hints
        from drivers.kit.sight.motion import Motion
    except ImportError as error:
        raise DriverFault(NO_LIBRARY, str(error.name)) from None

    capture = open_capture(
        settings.port,
        width=settings.width,
        height=settings.height,
        fps=settings.fps,
        open_timeout_ms=settings.open_timeout_ms,
        read_timeout_ms=settings.silent_ms,
    )
    if not capture.isOpened():
        capture.release()
        raise DriverFault(NOT_OPENED, settings.name())
    eye = Eye(capture, idle_ms=IDLE_MS, pace_ms=1_000 // settings.fps if settings.is_files else 0)
    now_ms = kit.clock.monotonic_ms()
    host = Host(settings, kit.role, now_ms)
    return Camera(settings, kit, host, eye, Cascade(zbar=settings.zbar), Hints(), Motion(now_ms))
