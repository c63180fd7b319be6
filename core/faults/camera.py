"""Faults of the camera and refusals of `tillmark scan`."""

from __future__ import annotations

from typing import Final

from core.faults import Entry

NOT_OPENED: Final = "TM-CAM-001"
LOST: Final = "TM-CAM-002"
SILENT: Final = "TM-CAM-003"
FROZEN: Final = "TM-CAM-004"
BLACK: Final = "TM-CAM-005"
NO_PICTURE: Final = "TM-CAM-006"
NO_LIBRARY: Final = "TM-CAM-007"

_OTHER_WAY: Final = "The camera is not working right now. Tap your phone or type the code instead."
_OTHER_WAY_KO: Final = "지금은 카메라를 쓸 수 없어요. 휴대폰을 대거나 코드를 입력해 주세요."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        NOT_OPENED,
        "camera_not_opened",
        "The camera named in the configuration did not open within its time: no such device, in use by another "
        "program, no permission, or nothing answers at that address.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Run `tillmark doctor`. Check the cable and `port`; `ls -l /dev/video*` must show the device and the service "
        "must be in group video; only one program can own a camera. The terminal tries again by itself.",
    ),
    Entry(
        LOST,
        "camera_lost",
        "The camera was open and then stopped: unplugged, its power failed, or the stream was closed.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Check the cable and the power of the USB port (`dmesg` names under-voltage and resets). The terminal opens "
        "the camera again by itself as soon as it is back.",
    ),
    Entry(
        SILENT,
        "camera_silent",
        "The camera is open but no new frame came for longer than its time.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Usually USB bandwidth or power: give the camera a port of its own, lower `width`, `height` or `fps`. The "
        "terminal closes and opens the camera by itself.",
    ),
    Entry(
        FROZEN,
        "camera_frozen",
        "The camera repeats one and the same frame, bit for bit: a real sensor never does, so the picture is old.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "The camera's own firmware hangs: the terminal opens it again; if that does not help, pull its plug. For a "
        "source that really shows a still picture set `watch_frozen = false`.",
    ),
    Entry(
        BLACK,
        "camera_black",
        "The camera sends frames, and they are black: covered, cap on the lens, or no light at all.",
        "The camera sees nothing. Is something covering it?",
        "카메라가 아무것도 볼 수 없어요. 가려져 있는지 확인해 주세요.",
        "Uncover and clean the lens, check the light at the counter and the camera's exposure setting. The terminal "
        "goes on looking.",
    ),
    Entry(
        NO_PICTURE,
        "picture_not_read",
        "What was given to `tillmark scan` is not a picture, not a folder of pictures and not a stream, or is too big.",
        "Nothing: only a technician at a keyboard meets this.",
        "고객에게는 보이지 않아요. 기사가 쓰는 명령에서만 나와요.",
        "Give a PNG or JPEG file, a folder, a pattern in quotes such as 'seq/*.png', or an http:// address.",
    ),
    Entry(
        NO_LIBRARY,
        "camera_library_missing",
        "OpenCV or zxing-cpp is not installed, so no frame can be read.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Install the device's requirements: `./tillmark` does it by itself on Debian and Raspberry Pi OS.",
    ),
)
