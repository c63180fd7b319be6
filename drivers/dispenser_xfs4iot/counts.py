"""What the machine's counters prove: the difference of two readings, as intervals, per place.

A unit counts what has left it by where it went (`core.wire.xfs4iot_storage.Out`). Two readings around an order are the
evidence; the completion's own list is a second witness. Witnesses that disagree, counters that went backwards and
counts the machine itself does not trust make a doubt, and a doubt has no false bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.cash import NONE, Count, Mix
from core.dispenser import End, PlaceMoved
from core.wire.device_errors import DeviceError, Means
from core.wire.xfs4iot_answers import Storage
from core.wire.xfs4iot_errors import SUCCESS, meaning
from core.wire.xfs4iot_storage import Out, Unit

_MARK = "xfs1"
Where = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the counters stand: place -> (exited, rejected, on the path, unknown), and how often something
    was retracted."""

    places: Mapping[int, Where]
    retracts: int = 0

    def mark(self) -> str:
        """As text, for `Seen.mark`."""
        said = (f"{place}={'.'.join(map(str, four))}" for place, four in sorted(self.places.items()))
        return ";".join((_MARK, f"r={self.retracts}", *said))


def reading(storage: Storage, units: Mapping[str, int]) -> Reading:
    places = {units[unit.name]: _where(unit.out) for unit in storage.units if unit.name in units}
    return Reading(places, sum(unit.retract_operations for unit in storage.units if unit.retracts))


def read_mark(text: str) -> Reading | None:
    """The reading of a mark; None for one that is not ours."""
    kind, _, rest = text.partition(";")
    if kind != _MARK:
        return None
    try:
        pairs = [piece.split("=") for piece in rest.split(";")]
        table = {key: tuple(int(number) for number in value.split(".")) for key, value in pairs}
        (retracts,) = table.pop("r")
        places = {int(place): (four[0], four[1], four[2], four[3]) for place, four in table.items()}
    except (ValueError, KeyError, IndexError):
        return None
    return Reading(places, retracts)


def _where(out: Out) -> Where:
    return out.exited, out.rejected, out.distributed + out.diverted + out.transport, out.unknown


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The end of a movement as the counters have it."""

    end: End
    parts: tuple[PlaceMoved, ...]
    row: DeviceError


def nothing(mix: Mix) -> tuple[PlaceMoved, ...]:
    """No note has left."""
    return tuple(PlaceMoved(place, asked, NONE, NONE) for place, asked in mix.notes)


def anything(mix: Mix) -> tuple[PlaceMoved, ...]:
    """Nobody can say: at most what was asked for left through the exit, and any number was put aside or lies inside."""
    unknown = Count.unknown()
    return tuple(PlaceMoved(place, asked, Count(0, asked), unknown, unknown) for place, asked in mix.notes)


def reckon(
    mix: Mix,
    before: Reading,
    after: Storage,
    units: Mapping[str, int],
    row: DeviceError,
    witness: Mapping[int, Out] | None = None,
) -> Reckoned:
    """What left each place of `mix` between two readings. `row` the machine's verdict on the order; `witness` what the
    completion itself said."""
    by_place = {units[unit.name]: unit for unit in after.units if unit.name in units}
    parts, sure = list[PlaceMoved](), True
    for place, asked in mix.notes:
        said = None if witness is None else witness.get(place, Out())
        part, certain = _part(place, asked, before, by_place.get(place), said)
        parts.append(part)
        sure = sure and certain
    strangers = [place for place in by_place if place not in dict(mix.notes) and _moved(place, before, by_place[place])]
    if not sure or strangers:
        return Reckoned(End.DOUBT, tuple(parts), row if row is not SUCCESS else meaning("countsContradict"))
    if row.means is Means.DOUBT and any(part.exited.low or part.rejected.low or part.on_path.low for part in parts):
        return Reckoned(End.DOUBT, tuple(_loose(part) for part in parts), row)
    if any(part.on_path.low for part in parts):  # counted or not: a note that hangs somewhere is a person's business
        return Reckoned(End.DOUBT, tuple(parts), row if row.means is Means.DOUBT else meaning("transportInoperative"))
    if all(part.exited.low == part.asked for part in parts):
        return Reckoned(End.DONE, tuple(parts), row)
    if all(part.exited == part.rejected == NONE for part in parts):
        return Reckoned(End.NOTHING, tuple(parts), row)
    return Reckoned(End.SHORT, tuple(parts), row)


def _moved(place: int, before: Reading, unit: Unit) -> bool:
    return place in before.places and before.places[place] != _where(unit.out)


def _part(place: int, asked: int, before: Reading, unit: Unit | None, witness: Out | None) -> tuple[PlaceMoved, bool]:
    unknown = Count.unknown()
    wide = PlaceMoved(place, asked, Count(0, asked), unknown, unknown)
    was = before.places.get(place)
    if unit is None or was is None:
        return wide, False
    exited, rejected, inside, gone = (now - then for now, then in zip(_where(unit.out), was, strict=True))
    if min(exited, rejected, inside, gone) < 0 or exited > asked:
        return PlaceMoved(place, asked, Count(0, asked if exited <= asked else None), unknown, unknown), False
    told = PlaceMoved(place, asked, Count.exact(exited), Count.exact(rejected), Count.exact(inside))
    if not unit.sure:
        return wide, False
    if gone or (witness is not None and _where(witness) != (exited, rejected, inside, gone)):
        low = exited if witness is None else min(exited, witness.exited)
        return PlaceMoved(place, asked, Count(low, asked), unknown, unknown), False
    return told, True


def _loose(part: PlaceMoved) -> PlaceMoved:
    """Counts of a movement the machine itself is not sure of: at least so many."""
    return PlaceMoved(
        part.place,
        part.asked,
        Count(part.exited.low, part.asked),
        Count(part.rejected.low, None),
        Count.unknown(),
    )
