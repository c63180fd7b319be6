"""The LCDM-4000's own table of error codes (after 20h is taken off). Sources as in `core.wire.lcdm30` [1-2]."""

from __future__ import annotations

from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_R, _S, _D = Means.REFUSED, Means.SHORT, Means.DOUBT
_PATH: Final = "Open the transport, take out every note, count them, close, PURGE."
_PICK: Final = "Take the cassette out, fan and straighten the notes, look at the pick rollers, put it back."
_COUNT: Final = "Suspend the machine and count the cassettes and the reject bin before it goes back to work."
_SENSOR: Final = "Clean the sensors of the path with a dry brush. If it comes back, call the service."
_SERVICE: Final = "Switch off and on. If it comes back, call the service."
_OURS: Final = "Check the configured model; report it: this is ours."
_FIRMWARE: Final = "The dispenser's own memory or firmware failed. Call the service."


def _from_cassette(code: int, place: int) -> tuple[int, str, str, str, Means]:
    text = f"A note of cassette {place} was seen while another cassette was dispensing."
    return code, f"note_from_cassette_{place}", text, _COUNT, _D


ERRORS: Final = table(
    DeviceError(*row)
    for row in (
        (0x00, "good", "The command succeeded.", "Nothing to do.", Means.GOOD),
        (0x01, "pickup", "No note could be picked from a cassette.", _PICK, _S),
        (0x02, "jam_chk_dvt", "A note is jammed between the check and the divert sensor.", _PATH, _D),
        (0x03, "jam_dvt_ejt", "A note is jammed between the divert and the eject sensor.", _PATH, _D),
        (0x04, "jam_ejt_exit", "A note is jammed between the eject and the exit sensor.", _PATH, _D),
        (0x05, "note_in_exit", "A note stays at the exit sensor.", _PATH, _D),
        (0x06, "suspect_ejected", "A note that looked like one to reject was delivered.", _COUNT, _D),
        (0x07, "count_mismatch", "The count at the eject sensor differs.", _COUNT, _D),
        (0x08, "reject_passed", "A note to be rejected passed the eject sensor.", _COUNT, _D),
        (0x09, "too_long_ejt", "A note stayed too long at the eject sensor.", _PATH, _D),
        (0x0A, "too_long_exit", "A note stayed too long at the exit sensor.", _PATH, _D),
        (0x0B, "path_not_clear", "Notes lay on the path before the dispense began.", _PATH, _R),
        (0x0C, "too_many_dispensed", "Too many notes were dispensed in one transaction.", _COUNT, _D),
        (0x0D, "too_many_rejects", "Too many notes were rejected in one transaction.", _PICK, _S),
        (0x0E, "purge", "The purge ended abnormally.", _PATH, _D),
        (0x20, "sensor_before_start", "A sensor was in trouble before the start.", _SENSOR, _R),
        (0x21, "sensor_before_start_2", "A sensor was in trouble before the start (second code).", _SENSOR, _R),
        (0x22, "solenoid", "The solenoid failed.", _SERVICE, _D),
        (0x23, "motor", "The motor or its slit sensor failed.", _SERVICE, _D),
        (0x24, "no_cassette", "A cassette asked for is not there.", "Push the cassette in until it clicks.", _R),
        (0x25, "near_end", "A cassette asked for is near its end.", "Fill or swap the cassette.", _S),
        (0x26, "tray_missing", "The reject tray is missing.", "Put the reject tray in.", _R),
        (0x29, "more_than_asked", "More notes were dispensed than asked for.", _COUNT, _D),
        (0x30, "bad_command", "The device does not know this command.", _OURS, _R),
        (0x31, "bad_parameter", "The command carries a value the device does not allow.", _OURS, _R),
        *((code, f"memory_{code:02x}", "A download or memory error.", _FIRMWARE, _R) for code in range(0x32, 0x37)),
        *(_from_cassette(0x40 + place - 1, place) for place in range(1, 5)),
    )
)


def meaning(error: int) -> DeviceError:
    """The row of an error; an unlisted one is a doubt, never success."""
    return ERRORS.get(error) or unknown(error)
