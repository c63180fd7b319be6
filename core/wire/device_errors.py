"""The form of a device's own table of error codes; each codec has one, and the catalogue is made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Means(Enum):
    """What a code says about the notes or coins of the command it answers, from the best to the worst.

    It never overrules a count: notes that were counted out have left, whatever the code says.
    """

    GOOD = "good"  # everything asked for left
    NOTE = "note"  # nothing is wrong yet; somebody should know (near-end, inserted, barcode)
    REFUSED = "refused"  # nothing has moved: the command was not accepted or could not start
    SHORT = "short"  # it stopped early; the counts of the reply hold
    DOUBT = "doubt"  # other or more notes than counted may have left, or lie on the path: the counts are a bound only


@dataclass(frozen=True, slots=True)
class DeviceError:
    """One row: the device's own number, a short snake_case name, what it means, and what a technician does about it."""

    code: int
    name: str
    meaning: str
    technician: str
    means: Means


def table(rows: Iterable[DeviceError]) -> Mapping[int, DeviceError]:
    """The rows by their code. Two rows with one code or one name are a programmer's error."""
    every: dict[int, DeviceError] = {}
    names: set[str] = set()
    for row in rows:
        assert row.code not in every, f"{row.code:#04x} stands twice"
        assert row.name not in names, f"{row.name} stands twice"
        every[row.code] = row
        names.add(row.name)
    return MappingProxyType(every)


def unknown(code: int) -> DeviceError:
    """A code no table has: never success, and never counts to be believed."""
    return DeviceError(
        code,
        f"unlisted_{code:02x}",
        f"The device gave the code {code:#04x}, which no source we know lists.",
        "Note the code and look it up in the maker's manual. Count the notes before the machine goes back to work.",
        Means.DOUBT,
    )
