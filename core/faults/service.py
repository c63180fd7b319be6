"""Faults of a service visit, as the technician's command and the machine's service screens say them."""

from typing import Final

from core.faults import Entry, RetrySafe

_STAFF: Final = "This is for the staff. No money has moved."
_STAFF_KO: Final = "직원용 안내예요. 돈은 움직이지 않았어요."


def _staff(number: int, name: str, meaning: str, technician: str, again: RetrySafe = RetrySafe.YES) -> Entry:
    return Entry(f"TM-SVC-{number:03d}", name, meaning, _STAFF, _STAFF_KO, technician, again)


NO_GRANT: Final = "TM-SVC-001"
NOT_NOTES: Final = "TM-SVC-002"
ACT_UNKNOWN: Final = "TM-SVC-003"
RIGHTS_SHORT: Final = "TM-SVC-004"
NO_SOCKET: Final = "TM-SVC-005"
VISIT_OVER: Final = "TM-SVC-006"
COUNTS_GIVEN_UP: Final = "TM-SVC-007"

FAULTS: Final = (
    _staff(
        1,
        "grant_unreadable",
        "What was given as a grant is none: cut off while it was copied, or another text.",
        "Copy the whole line that begins with `cg1.` from the operator's page, or show its QR code again.",
    ),
    _staff(
        2,
        "notes_unreadable",
        "A line of notes cannot be meant: no such cassette, no such bin, or no number of notes.",
        "Write PLACE=NOTES for a cassette (`1=100`) and BIN:FACE=NOTES for a bin (`reject:50000=3`).",
    ),
    _staff(
        3,
        "service_act_unanswered",
        "The cash side has not said whether it booked the act. It may have.",
        "Look with `tillmark cassette show` and at the operator's page before doing it again.",
        RetrySafe.ASK,
    ),
    _staff(
        4,
        "grant_short",
        "The grants at hand do not allow everything that this takes; nothing was begun.",
        "Ask the operator for grants with the rights named, for new challenges.",
    ),
    _staff(
        5,
        "no_cash_side_named",
        "The configuration names no socket of a cash side.",
        "Give the vault's TOML file, or write `[vault] socket = \"...\"` into the device's.",
    ),
    _staff(
        6,
        "service_visit_over",
        "The time of the grant is over, or the machine started again during the visit.",
        "Begin a new visit with a new challenge. What was booked stays booked.",
    ),
    _staff(
        7,
        "counts_never_agreed",
        "Two persons counted three times and never came to the same figures. None of them is kept.",
        "Count each cassette apart, note by note, then count again. If it goes on, ask the operator for other persons.",
    ),
)
