"""The eye: a thread that empties the camera all the time, so that whoever looks always sees the newest frame.

A camera and every buffer between it and us queue frames: whoever reads at the pace of the decoder reads the past. So
frames are taken off as they come (`grab`, cheap) and turned into grey pixels (`retrieve`, costly) only when one is
asked for: each one while somebody is expected, few while not.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from time import monotonic

import cv2
import numpy as np

from drivers.kit.sight.readers import Luma

JOIN_S = 0.5  # a native read that hangs cannot be ended; V4L2 gives up by itself after 10 s, FFMPEG after its timeout


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame as the eye took it: `number` counts all frames of the camera, `at_s` on the monotonic clock."""

    luma: Luma
    number: int
    at_s: float


def open_capture(
    port: str, *, width: int, height: int, fps: int, open_timeout_ms: int, read_timeout_ms: int
) -> cv2.VideoCapture:
    """Open a V4L2 index or path, an http(s) or rtsp stream, or a numbered file sequence (``seq/%04d.png``).

    The result may be not opened: ask `isOpened`. OpenCV and FFMPEG would each write their own lines about that to
    standard error; they are told not to, because the fault that follows says it once, with the port's name.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # AV_LOG_QUIET; FFMPEG's side of OpenCV reads it here only
    if port.isdigit() or port.startswith("/dev/"):
        device: int | str = int(port) if port.isdigit() else port
        capture = cv2.VideoCapture()
        capture.open(device, cv2.CAP_V4L2)
        if capture.isOpened():
            # Uncompressed 720p does not fit through USB 2 at more than 10 frames a second.
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            capture.set(cv2.CAP_PROP_FPS, fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture
    if "://" in port:
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            open_timeout_ms,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            read_timeout_ms,
            cv2.CAP_PROP_N_THREADS,
            1,  # several threads decode several frames ahead: speed for films, delay for us
        ]
        return cv2.VideoCapture(port, cv2.CAP_FFMPEG, limits)
    return cv2.VideoCapture(port, cv2.CAP_IMAGES)


class Eye:
    """Owns an open capture. `pace_ms` above 0 holds files to the pace of a camera and begins again at their end."""

    def __init__(self, capture: cv2.VideoCapture, *, idle_ms: int, pace_ms: int) -> None:
        self._capture = capture
        self._idle_s = idle_ms / 1000
        self._every_s = self._idle_s
        self._pace_s = pace_ms / 1000
        self._news = threading.Condition()
        self._newest: Shot | None = None
        self._ended = ""
        self._stop = threading.Event()
        self._grabbed = 0
        self._thread = threading.Thread(target=self._run, name="camera-eye", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> str:
        """Why no more frames will come; "" while they may."""
        return self._ended

    @property
    def grabbed(self) -> int:
        """Frames taken off the camera so far, looked at or not: its sign of life."""
        return self._grabbed

    def wake(self) -> None:
        """From the next frame on, keep every frame."""
        self._every_s = 0.0

    def glance(self, every_ms: int) -> None:
        """Keep a frame so often: enough to see that something moves."""
        self._every_s = every_ms / 1000

    def doze(self) -> None:
        """Keep only a frame now and then."""
        self._every_s = self._idle_s

    def newest(self, wait_s: float) -> Shot | None:
        """The newest frame not given out yet; waits at most `wait_s` for one."""
        with self._news:
            self._news.wait_for(lambda: self._newest is not None or bool(self._ended), wait_s)
            shot, self._newest = self._newest, None
            return shot

    def close(self) -> None:
        self._stop.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            self._watch()
        except cv2.error as error:
            self._end(f"OpenCV error {error.code}")
        finally:
            self._capture.release()

    def _watch(self) -> None:
        kept_s = float("-inf")
        while not self._stop.is_set():
            began_s = monotonic()
            if not self._capture.grab():
                if not self._rewound():
                    self._end("the camera gives no more frames")
                    return
                continue
            self._grabbed += 1
            now_s = monotonic()
            if now_s - kept_s >= self._every_s:
                kept_s = now_s
                self._keep(now_s)
            if self._pace_s:
                self._stop.wait(max(0.0, self._pace_s - (monotonic() - began_s)))

    def _keep(self, now_s: float) -> None:
        good, picture = self._capture.retrieve()
        if not good or picture.size == 0:
            return
        luma = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        with self._news:
            self._newest = Shot(luma.astype(np.uint8, copy=False), self._grabbed, now_s)
            self._news.notify_all()

    def _rewound(self) -> bool:
        """A file sequence that showed at least one frame begins again; a camera does not."""
        if not self._pace_s or not self._grabbed:
            return False
        return bool(self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0))

    def _end(self, why: str) -> None:
        with self._news:
            self._ended = why
            self._news.notify_all()
