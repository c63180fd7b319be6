"""The feed: what happened to a member, written in the commit that made it happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from backend.store.unit import Unit
from core.moment import Moment

PAGE_MAX = 500  # events of one page
KEPT_MS: Final = 90 * 86_400_000  # a page or a webhook that was away longer reads the history, which is kept for good
PRUNE_MAX = 2_000  # rows of one slow turn of housekeeping: some milliseconds of the writer, and 8 million rows a day


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `id` grows; ask for those after the last one seen. `json` an object."""

    id: int
    member: str
    kind: str
    json: str
    at: Moment


def tell(unit: Unit, member: str, seller: str, kind: str, body: Mapping[str, object], at: Moment) -> None:
    """Write one event and let the store's listeners know after the commit."""
    text = msgspec.json.encode(body).decode()
    unit.run("INSERT INTO event(member, kind, json, at) VALUES(?, ?, ?, ?)", (member, kind, text, at.ms))
    unit.tell("member", member)
    unit.tell("seller", seller)


def events(unit: Unit, *, member: str, after: int = 0, limit: int = 100) -> list[Told]:
    """The member's events with an id above `after`, oldest first."""
    rows = unit.all(
        "SELECT id, member, kind, json, at FROM event WHERE member = ? AND id > ? ORDER BY id LIMIT ?",
        (member, after, min(limit, PAGE_MAX)),
    )
    return [Told(id, who, kind, text, Moment(at)) for id, who, kind, text, at in rows]


def prune(unit: Unit, at: Moment) -> int:
    """Forget events older than `KEPT_MS`, at most `PRUNE_MAX` of them; how many. Ids are never used again."""
    # The oldest have the smallest ids, so the primary key finds them and `at` needs no index of its own.
    return unit.run(
        "DELETE FROM event WHERE at < ? AND id IN (SELECT id FROM event ORDER BY id LIMIT ?)",
        (at.ms - KEPT_MS, PRUNE_MAX),
    )
