"""What a dispenser's counts are worth: from one reply to one answer, the same for every machine.

The device's own code says whether its counts hold (`core.wire.device_errors.Means`); they are believed only if they
also agree with the order and with one another. Everything else is a bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.cash import NONE, Count, Mix
from core.dispenser import End, Moved, PlaceMoved
from core.faults import dispenser as faults
from core.wire.device_errors import DeviceError, Means


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says about one place. `on_path` None: the machine does not count what it picks; below 0: its
    counts contradict one another."""

    place: int
    asked: int
    exited: int
    rejected: int
    on_path: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the device's code comes to. `loose`: other or more notes than counted may have left. `code` a page."""

    row: DeviceError
    code: str
    loose: bool = False


def judge(op: str, said: Iterable[Said], verdict: Verdict) -> Moved:
    """The end of a movement whose reply arrived and asks for nothing impossible."""
    places = tuple(said)
    row = verdict.row
    impossible = any(one.on_path is not None and one.on_path < 0 for one in places)
    if row.means is Means.DOUBT and not impossible:
        return Moved(op, End.DOUBT, tuple(_bounds(one, verdict.loose) for one in places), verdict.code, row.name)
    all_out = all(one.exited == one.asked for one in places)
    moved = any(one.exited or one.rejected for one in places)
    contradiction = (
        any(one.on_path for one in places)
        or (row.means in (Means.GOOD, Means.NOTE) and not all_out)
        or (row.means is Means.REFUSED and moved)
    )
    if contradiction:
        return Moved(op, End.DOUBT, tuple(_anything(one) for one in places), faults.SENSELESS, row.name)
    parts = tuple(PlaceMoved(one.place, one.asked, _exact(one.exited), _exact(one.rejected)) for one in places)
    end = End.DONE if all_out else End.SHORT if moved else End.NOTHING
    return Moved(op, end, parts, verdict.code, "" if row.means is Means.GOOD else row.name)


def judge_test(op: str, place: int, picked: int, verdict: Verdict) -> Moved:
    """The end of a test, which sends what it picks into the reject bin."""
    row = verdict.row
    if row.means in (Means.GOOD, Means.NOTE) and picked:
        return Moved(op, End.DONE, (PlaceMoved(place, 1, NONE, _exact(picked)),), verdict.code)
    if row.means in (Means.REFUSED, Means.SHORT) and not picked:
        return Moved(op, End.NOTHING, (PlaceMoved(place, 1, NONE, NONE),), verdict.code, row.name)
    part = PlaceMoved(place, 1, Count(0, None if verdict.loose else 1), Count.unknown(), Count.unknown())
    return Moved(op, End.DOUBT, (part,), verdict.code or faults.SENSELESS, row.name)


def nothing(op: str, mix: Mix, code: str, detail: str = "") -> Moved:
    """No note has left a cassette, and why."""
    return Moved(op, End.NOTHING, tuple(PlaceMoved(at, notes, NONE, NONE) for at, notes in mix.notes), code, detail)


def doubt(op: str, mix: Mix, code: str, detail: str = "", *, left: int = 0, over: bool = False) -> Moved:
    """Nobody can say what left, but `left` notes of a mix with one place are proven, and no more than asked for.

    That a machine pays no more than it was asked for is trusted here, as the machine itself counts: one that breaks
    and loses its reply at the same time is found by the count that closes the doubt. `over`: not even that.
    """
    low = left if len(mix.notes) == 1 else 0
    parts = tuple(
        PlaceMoved(at, notes, Count(low, None if over else max(low, notes)), Count.unknown(), Count.unknown())
        for at, notes in mix.notes
    )
    return Moved(op, End.DOUBT, parts, code, detail)


def over_dispensed(op: str, asked: Iterable[tuple[int, int]], code: str = faults.OVER_DISPENSED) -> Moved:
    """The machine says that more left than was asked for, or two things at once: nothing is a bound any more."""
    parts = (PlaceMoved(place, notes, Count.unknown(), Count.unknown(), Count.unknown()) for place, notes in asked)
    return Moved(op, End.DOUBT, tuple(parts), code)


def doubt_of_test(op: str, place: int, code: str, detail: str = "") -> Moved:
    part = PlaceMoved(place, 1, NONE, Count.unknown(), Count.unknown())
    return Moved(op, End.DOUBT, (part,), code, detail)


def _bounds(one: Said, loose: bool) -> PlaceMoved:
    """Notes that were counted out have left. A note the first counter saw may lie anywhere behind it, and one more
    may stand before that counter; a machine without one may have picked any number."""
    if loose:
        return PlaceMoved(one.place, one.asked, Count(one.exited, None), Count(one.rejected, None), Count.unknown())
    if one.on_path is None:
        exited = Count(one.exited, max(one.exited, one.asked))
        return PlaceMoved(one.place, one.asked, exited, Count(one.rejected, None), Count.unknown())
    exited = Count(one.exited, max(one.exited, min(one.asked, one.exited + one.on_path)))
    rejected = Count(one.rejected, one.rejected + one.on_path)
    return PlaceMoved(one.place, one.asked, exited, rejected, Count(0, one.on_path + 1))


def _anything(one: Said) -> PlaceMoved:
    """A reply that contradicts itself is spoilt, or of a machine that is: no number of it is a bound."""
    return PlaceMoved(one.place, one.asked, Count(0, one.asked), Count.unknown(), Count.unknown())


def _exact(count: int) -> Count:
    return Count.exact(count)
