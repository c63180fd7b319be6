"""The F53/F56's own table of error codes: the first error byte. From Fujitsu K3KD03234-0001 as drivers quote it [1]."""

from __future__ import annotations

from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_R, _S, _D = Means.REFUSED, Means.SHORT, Means.DOUBT
_PATH: Final = "Open the transport and the pool, take out every note, count them, close, initialise."
_PICK: Final = "Take the cassette out, fan and straighten the notes, look at the pick rollers, put it back."
_COUNT: Final = "Suspend the machine and count the cassettes and the reject box before it goes back to work."
_NOTES: Final = "Look at the notes: worn, folded, or another kind than the place is set up for. Check the set lengths."
_SHUTTER: Final = "Look for a note or an object in the shutter, clear it, initialise; else call the service."
_SERVICE: Final = "Switch off and on. If it comes back, call the service."
_OURS: Final = "Check the configured model; report it: this is ours."

_SHUTTERS: Final = [(code, f"shutter_{code:02x}", "The shutter failed.", _SHUTTER, _D) for code in range(0xA0, 0xB0)]
_COMMANDS: Final = {0xE1: "not_initialised", 0xE5: "sequence", 0xEF: "impossible"}
_SAYS: Final = {
    0xE1: "The device was not initialised.",
    0xE5: "The command came out of its order.",
    0xEF: "The command cannot be carried out now.",
}


def _cassette(place: int) -> list[tuple[int, str, str, str, Means]]:
    base = place << 4
    return [
        (base, f"cassette_{place}_missing", f"Cassette {place} is not there.", "Push it in until it clicks.", _R),
        (base + 1, f"cassette_{place}_empty", f"Cassette {place} is empty.", "Fill or swap the cassette.", _S),
        (base + 8, f"cassette_{place}_pick", f"No note could be picked from cassette {place}.", _PICK, _S),
    ]


ERRORS: Final = table(
    DeviceError(*row)
    for row in (
        (0x00, "good", "The command succeeded.", "Nothing to do.", Means.GOOD),
        *(row for place in (1, 2, 3, 4) for row in _cassette(place)),
        *((code, f"pool_{code:02x}", "The pool section failed.", _PATH, _D) for code in (0x50, 0x51, 0x52)),
        *(
            (code, f"jam_{code:02x}", "A note is jammed on the path.", _PATH, _D)
            for code in (0x70, 0x78, 0x7A, 0x7B, 0x7C, 0x7D)
        ),
        (0x80, "note_long", "A note was too long.", _NOTES, _S),
        (0x82, "note_short", "A note was too short.", _NOTES, _S),
        (0x84, "note_thick", "A note had the wrong thickness.", _NOTES, _S),
        (0x85, "wrong_cassette", "A note came from another cassette than asked for.", _COUNT, _D),
        (0x86, "note_spacing", "Notes came too close one after the other.", _PICK, _S),
        (0x88, "count_mismatch", "The counts along the path differ.", _COUNT, _D),
        *_SHUTTERS,
        (0xB0, "reject_missing", "The reject box is missing.", "Put the reject box in.", _R),
        (0xB5, "reject_full", "The reject box is full.", "Empty the reject box: two persons, counted.", _R),
        *(
            (
                code,
                _COMMANDS.get(code, f"command_{code:02x}"),
                _SAYS.get(code, "The command was not accepted."),
                _OURS,
                _R,
            )
            for code in range(0xE0, 0xF0)
        ),
        (0xF1, "overcurrent", "A motor or solenoid took too much current.", _SERVICE, _D),
        (0xF8, "sensor", "A sensor failed.", "Clean the sensors; if it comes back, call the service.", _D),
        (0xFC, "count_not_available", "The number of dispensed notes is not available.", _COUNT, _D),
        (0xFD, "power_failed", "The power failed while notes were being counted.", _COUNT, _D),
    )
)


def meaning(error: int) -> DeviceError:
    """The row of an error; an unlisted one is a doubt, never success."""
    return ERRORS.get(error) or unknown(error)
