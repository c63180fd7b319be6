"""The LCDM-1000/2000's own table of error codes, and the reasons of its unsolicited reject items.

[S] stands in the LCDM-1000T specification V3.3; the rest comes from drivers of the LCDM-2000 that agree [2+].
"""

from __future__ import annotations

from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_G, _R, _S, _D = Means.GOOD, Means.REFUSED, Means.SHORT, Means.DOUBT
_PATH: Final = "Open the transport, take out every note, count them, close, PURGE."
_PICK: Final = "Take the cassette out, fan and straighten the notes, look at the pick rollers, put it back."
_FILL: Final = "Fill or swap the cassette."
_SEAT: Final = "Push the cassette in until it clicks. If it stays, clean its sensor and contacts."
_SERVICE: Final = "Switch off and on. If it comes back, the part named is worn or unplugged: call the service."
_DIRTY: Final = "Clean the sensors of the path with a dry brush; check that no scrap of paper lies at one."

ERRORS: Final = table(
    DeviceError(*row)
    for row in (
        (0x30, "good", "All notes asked for were delivered.", "Nothing to do.", _G),
        (0x31, "normal_stop", "The device stopped normally; it means success as well.", "Nothing to do.", _G),
        (0x32, "pickup", "No note could be picked from the upper cassette.", _PICK, _S),
        (0x33, "jam_chk", "A note is jammed at the check sensors CHK1, CHK2.", _PATH, _D),
        (0x34, "overflow", "More notes came out of the cassette than were asked for.", _PATH, _D),
        (0x35, "jam_exit", "A note is jammed at the exit or eject sensor.", _PATH, _D),
        (0x36, "jam_div", "A note is jammed at the diverter sensor.", _PATH, _D),
        (0x37, "undefined_command", "The device does not know this command.", "Check the configured model.", _R),
        (0x38, "bill_end", "The upper cassette is empty.", _FILL, _S),
        (0x3A, "counting_chk34_div", "The counts at CHK3, CHK4 and at the diverter differ.", _PATH, _D),
        (0x3B, "note_request", "The number of notes asked for is not allowed.", "Report it: this is ours.", _R),
        (0x3C, "counting_div_ejt", "The counts at the diverter and at the eject sensor differ.", _PATH, _D),
        (0x3D, "counting_ejt_exit", "The counts at the eject and the exit sensor differ.", _PATH, _D),
        (0x3F, "tray_missing", "The reject tray is not recognised.", "Put the reject tray in.", _R),
        (0x40, "lower_bill_end", "The lower cassette is empty.", _FILL, _S),
        (0x41, "motor", "The motor stopped.", _SERVICE, _D),
        (0x42, "jam_div_2", "A note is jammed at the diverter sensor (second code).", _PATH, _D),
        (0x43, "timeout_div_ejt", "A note did not get from the diverter to the eject sensor in time.", _PATH, _D),
        (0x44, "over_reject", "Too many notes were rejected.", _PICK, _S),
        (0x45, "upper_missing", "The upper cassette is not there.", _SEAT, _R),
        (0x46, "lower_missing", "The lower cassette is not there.", _SEAT, _R),
        (0x47, "dispensing_timeout", "The dispense took too long.", _PATH, _D),
        (0x48, "jam_ejt", "A note is jammed at the eject sensor.", _PATH, _D),
        (0x49, "solenoid", "The diverter's solenoid or its sensor failed.", _SERVICE, _D),
        (0x4A, "solenoid_sensor", "The solenoid's sensor failed.", _SERVICE, _D),
        (0x4B, "count_differs", "The counts along the path differ.", _PATH, _D),
        (0x4C, "jam_chk34", "A note is jammed at the check sensors CHK3, CHK4.", _PATH, _D),
        (0x4E, "purge", "The path could not be cleared.", _PATH, _D),
        (0x4F, "foreign_note", "A note was seen by the sensor of the other cassette.", _PATH, _D),
        (0x50, "timeout_chk_div", "A note did not get from the check sensor to the diverter in time.", _PATH, _D),
    )
)

# [1-2] The second byte of an item 01 9C: why one note went to the reject bin. Nothing is wrong with the dispense.
REJECTED: Final = table(
    DeviceError(code, name, meaning, _DIRTY + " Fan the notes.", Means.NOTE)
    for code, name, meaning in (
        (0x33, "too_close", "Two notes came too close one after the other."),
        (0x35, "too_long", "A note was too long."),
        (0x36, "extra", "One note more than asked for was picked."),
        (0x38, "skew", "A note came in at an angle."),
        (0x3C, "stuck_together", "Notes stuck together."),
        (0x3D, "too_thin", "A note was too thin."),
        (0x3E, "too_short", "A note was too short."),
        (0x3F, "extra_2", "One note more than asked for was picked (second code)."),
    )
)


def meaning(error: int) -> DeviceError:
    """The row of an error byte; an unlisted one is a doubt, never success."""
    return ERRORS.get(error) or unknown(error)


def why_rejected(reason: int) -> DeviceError:
    return REJECTED.get(reason) or unknown(reason)
