"""The code scanner that types like a keyboard."""

from __future__ import annotations

from typing import Final

from core.faults import Entry

ABSENT: Final = "TM-SCAN-001"
UNPLUGGED: Final = "TM-SCAN-002"
BUSY: Final = "TM-SCAN-003"
NOT_A_KEYBOARD: Final = "TM-SCAN-004"

_OTHER_WAY: Final = "The hand scanner does not work right now. Show the code to the camera instead."
_OTHER_WAY_KO: Final = "지금은 스캐너를 쓸 수 없어요. 카메라에 코드를 보여 주세요."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        ABSENT,
        "scanner_absent",
        "The configured input device of the scanner cannot be opened.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Plug the scanner in. Use the name under /dev/input/by-id, which does not change, and check that the user "
        "is in the group input.",
    ),
    Entry(
        UNPLUGGED,
        "scanner_unplugged",
        "The input device of the scanner disappeared.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Plug the scanner in again; it is found by itself.",
    ),
    Entry(
        BUSY,
        "scanner_busy",
        "Another program holds the scanner for itself, so its keys would not reach us alone.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Stop the other program, or a second copy of this one.",
    ),
    Entry(
        NOT_A_KEYBOARD,
        "scanner_not_an_input_device",
        "The configured path is not an input device that can be held exclusively, so what is scanned could also be "
        "typed into another window.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Correct `port`; only for a test bench set grab = false.",
    ),
)
