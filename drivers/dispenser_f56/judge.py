"""What a reply of an F53/F56 proves about the notes. Pure: an order and a reply in, the answer out.

Counts are believed only when the whole reply makes sense: no error that throws doubt on them, readable digits, no more
than asked for, and, after an error, notes that really lie at the exit. After an error no source says whether counted
notes were delivered or wait in the pool [?]; the exit sensor does.
"""

from __future__ import annotations

from typing import Final

from core.cash import NONE, Count, Mix
from core.dispenser import Bin, End, Moved, PlaceMoved, PlaceSeen
from core.faults import dispenser, hopper
from core.faults.cash import Device, page_code
from core.wire.device_errors import Means
from core.wire.f56_errors import ERRORS, meaning
from core.wire.f56_messages import Answer, Class, Detail

NOT_INITIALISED: Final = 0xE1
REJECT_MISSING, REJECT_FULL = 0xB0, 0xB5
NOT_AVAILABLE, POWER_FAILED = 0xFC, 0xFD
_UNBOUNDED: Final = frozenset({0x85, 0x88})  # another cassette, counts that differ: not even "no more than asked" holds
_MISSING, _EMPTY = 0, 1


def code_of(error: int) -> str:
    """The page of an error, "" for none. One that no table has gets the page for such."""
    if error == 0:
        return ""
    return page_code(Device.F56, error) if error in ERRORS else hopper.UNLISTED


def path_clear(seen: Answer, path_sensors: bytes) -> bool:
    """Does nothing lie inside, as far as this machine can tell?"""
    covered = any(byte & mask for byte, mask in zip(seen.sensors, path_sensors, strict=True))
    left = Detail.MEDIUM_LEFT in seen.details or Class.JAM in seen.classes
    return not covered and not left and meaning(seen.error).means is not Means.DOUBT


def cassette_error(error: int, place: int) -> int | None:
    """What `error` says about the cassette of `place`: 0 missing, 1 empty, 8 not picked; None: nothing."""
    return error & 0x0F if error >> 4 == place and place <= 4 and error in ERRORS else None


def places_of(seen: Answer, count: int) -> tuple[PlaceSeen, ...]:
    found: list[PlaceSeen] = []
    for place in range(1, count + 1):
        said = cassette_error(seen.error, place)
        present, low, label = (False if said == _MISSING else None), None, ""
        if place <= len(seen.registers):
            register = seen.registers[place - 1]
            present = present is None and not register.out_of_place
            low, label = register.low, f"M{register.magnets}" if register.magnets else ""
        found.append(PlaceSeen(place, present, low, True if said == _EMPTY else None, label))
    return tuple(found)


def reject_bin(seen: Answer) -> Bin:
    if seen.error == REJECT_MISSING:
        return Bin.MISSING
    if seen.error == REJECT_FULL or Detail.REJECT_FULL in seen.details:
        return Bin.FULL
    return Bin.OK if seen.error == 0 else Bin.UNKNOWN


def ready(seen: Answer) -> bool:
    """Would it pay from some place, after an init where one is needed?"""
    row = meaning(seen.error)
    if row.means in (Means.GOOD, Means.NOTE) or seen.error == NOT_INITIALISED:
        return True
    return any(cassette_error(seen.error, place) is not None for place in range(1, 5))


def bounded(error: int) -> bool:
    """Has no more left than was asked for, as far as this error says?"""
    return error in (ERRORS.keys() - _UNBOUNDED)


# -- movements -----------------------------------------------------------------------------------------


def nothing(op: str, mix: Mix, code: str, detail: str = "") -> Moved:
    return Moved(
        op, End.NOTHING, tuple(PlaceMoved(place, asked, NONE, NONE) for place, asked in mix.notes), code, detail
    )


def doubt(op: str, mix: Mix, code: str, detail: str = "", *, most: bool = True, reply: Answer | None = None) -> Moved:
    """Nobody knows. `most`: no more than asked for has left. `reply` counts that hold at least for the rejected."""
    parts = []
    for place, asked in mix.notes:
        low = reply.rejected[place - 1] if reply is not None and reply.rejected else 0
        high = asked if most else None
        parts.append(PlaceMoved(place, asked, Count(0, high), Count(low, None), Count(0, None)))
    return Moved(op, End.DOUBT, tuple(parts), code, detail)


def after_count(op: str, mix: Mix, reply: Answer, at_exit: bool | None) -> Moved:
    """What a count came to. `at_exit` what the exit sensor said after an error, None when it could not be asked."""
    code, row = code_of(reply.error), meaning(reply.error)
    dispensed, rejected = reply.dispensed, reply.rejected
    if row.means is Means.DOUBT:
        return doubt(op, mix, code, row.name, most=bounded(reply.error), reply=reply)
    if dispensed is None or rejected is None:
        return doubt(op, mix, code or code_of(NOT_AVAILABLE), "digits unreadable")
    if any(out > mix.from_place(place) for place, out in enumerate(dispensed, 1)):
        return doubt(op, mix, dispenser.OVER_DISPENSED, str(dispensed), most=False, reply=reply)
    out, all_out = sum(dispensed), sum(dispensed) == mix.total
    if (reply.error == 0) is (reply.failed or not all_out):
        return doubt(op, mix, dispenser.SENSELESS, f"{dispensed} of {mix.notes}", reply=reply)
    if reply.error and out and not at_exit:
        return doubt(op, mix, code, "counted, but not at the exit", reply=reply)
    if reply.error and at_exit and not out:
        return doubt(op, mix, code, "at the exit, but not counted", reply=reply)
    parts = tuple(
        PlaceMoved(place, asked, Count.exact(dispensed[place - 1]), Count.exact(rejected[place - 1]))
        for place, asked in mix.notes
    )
    end = End.DONE if all_out else End.SHORT if out or any(rejected) else End.NOTHING
    return Moved(op, end, parts, code, row.name if code else "")
