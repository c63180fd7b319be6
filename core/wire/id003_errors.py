"""The bad states of an ID-003 acceptor, its reasons for a reject, and the parts a failure names.

The states as in `core.wire.id003` [2+]. Reject reasons 71-7D as one public driver words them [1], in the order of JCM's
numbers; reasons 7E and 7F and the numbers of the failing parts (AB excepted) are unconfirmed [?] and to be checked
against the maker's manual. A number missing here is a doubt, not a success.
"""

from __future__ import annotations

from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_N, _R, _D = Means.NOTE, Means.REFUSED, Means.DOUBT
_PATH: Final = "Open the acceptor's path, take the bill out, count the box against the journal, close."
_BOX: Final = "Two persons: take the box out, count it, put it back until it clicks."
_SERVICE: Final = "Switch off and on. If it comes back, replace the part or the acceptor."
_CLEAN: Final = "If it happens often, clean the acceptor's path with a cleaning card."
_OURS: Final = "Check the cable and the configured model; report it."

STATES: Final = table(
    DeviceError(*row)
    for row in (
        (0x40, "power_up", "The acceptor was switched on.", "Nothing to do.", _N),
        (0x41, "power_up_in_acceptor", "At power-up a bill lay in the acceptor; it goes back.", _PATH, _D),
        (0x42, "power_up_in_stacker", "At power-up a bill lay in the stacker; credit may be owed.", _BOX, _D),
        (0x43, "full", "The bill box is full.", _BOX, _R),
        (0x44, "box_open", "The bill box is out or open.", _BOX, _R),
        (0x45, "jam_in_acceptor", "A bill is jammed in the acceptor.", _PATH, _D),
        (0x46, "jam_in_stacker", "A bill is jammed in the stacker.", _PATH, _D),
        (0x47, "pause", "A second bill came while the first was being worked on.", "Take the second bill out.", _N),
        (0x48, "cheated", "Somebody tried to cheat.", "Look at the camera's record; count the box.", _D),
        (0x49, "failure", "The acceptor failed; its second byte names the part.", _SERVICE, _D),
        (0x4A, "communication", "The acceptor received a spoilt frame.", _OURS, _R),
        (0x4B, "invalid_command", "The acceptor does not take this command now.", _OURS, _R),
    )
)

REJECTED: Final = table(
    DeviceError(code, f"reject_{name}", f"The bill was refused: {why}.", _CLEAN, _R)
    for code, name, why in (
        (0x71, "insertion", "it went in crooked"),
        (0x72, "magnetic", "its magnetic pattern is wrong"),
        (0x73, "residual_in_head", "another bill lay in the head"),
        (0x74, "magnification", "its picture could not be scaled"),
        (0x75, "transport", "it could not be moved"),
        (0x76, "denomination", "its denomination was not recognised"),
        (0x77, "photo_pattern", "its picture is wrong"),
        (0x78, "photo_level", "its brightness is wrong"),
        (0x79, "inhibited", "this kind or direction is switched off"),
        (0x7A, "no_command", "the host did not answer while it was in escrow"),
        (0x7B, "operation", "the acceptor was disturbed"),
        (0x7C, "residual_in_stacker", "another bill lay in the stacker"),
        (0x7D, "length", "its length is wrong"),
        (0x7E, "photo_pattern_2", "its picture is wrong (second check)"),
        (0x7F, "feature", "a feature of a true bill is missing"),
    )
)

PARTS: Final = table(
    DeviceError(code, f"failure_{name}", f"The acceptor failed: {what}.", _SERVICE, _D)
    for code, name, what in (
        (0xA2, "stack_motor", "the stacker's motor"),
        (0xA5, "transport_speed", "the speed of the transport motor"),
        (0xA6, "transport_motor", "the transport motor"),
        (0xA8, "solenoid", "the solenoid"),
        (0xA9, "pb_unit", "the PB unit"),
        (0xAB, "box_not_ready", "the bill box is not ready"),
        (0xAF, "head_removed", "the validator head is off"),
        (0xB0, "boot_rom", "the boot ROM"),
        (0xB1, "external_rom", "the external ROM"),
        (0xB2, "ram", "the RAM"),
        (0xB3, "rom_write", "writing the external ROM"),
    )
)


def meaning(code: int, data: bytes = b"") -> DeviceError | None:
    """The row of what a device said, the named part or reason first; None for a state in which nothing is wrong."""
    if code == 0x17:
        return REJECTED.get(data[0]) or unknown(data[0]) if data else unknown(code)
    if code == 0x49 and data:
        return PARTS.get(data[0]) or unknown(data[0])
    return STATES.get(code)
