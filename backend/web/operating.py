"""The operator's overview: do the books balance, are prices believed, are the terminals there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from litestar.handlers import BaseRouteHandler

from backend.ledger import desk as ledger
from backend.store import Unit
from backend.terminals.presence import Life, Look, Presence
from backend.web import prices
from backend.web.room import Answer, Room, Who
from backend.web.routing import shows
from backend.web.visit import Visit
from core.events import Health
from core.fingerprint import fingerprint
from core.moment import Moment
from core.money import Money

TERMINALS_MAX: Final = 200
QUIET_MS: Final = 300_000  # a terminal asks for its price list and polls more often than every five minutes


@dataclass(frozen=True, slots=True)
class Watched:
    """A terminal as its operator sees it. `quiet_minutes` 0 while it is heard of; `life`, `fault` (a code, or "") and
    `down` (roles of devices that are lost) as the window shows them: `UNKNOWN` where there is none."""

    id: str
    shop: str
    mode: str
    version: str
    seen_at: Moment
    quiet_minutes: int
    life: Life
    fault: str
    down: tuple[str, ...]

    @property
    def well(self) -> bool:
        """Nothing for anybody to look after."""
        gone = self.life in (Life.OFFLINE, Life.STUCK) or (self.life is Life.UNKNOWN and self.quiet_minutes > 0)
        return not gone and not self.down


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that asks to be paired. Its code stands on its own screen and nowhere else."""

    mode: str
    model: str
    mark: str
    expires_at: Moment


@dataclass(frozen=True, slots=True)
class Overview:
    members: int
    shops: int
    terminals: tuple[Watched, ...]
    waiting: tuple[Waiting, ...]
    sums: tuple[tuple[Money, int], ...]
    trouble: int

    @property
    def balanced(self) -> bool:
        return not self.trouble and all(money.minor == 0 for money, _ in self.sums)


def routes(room: Room) -> list[BaseRouteHandler]:
    return [shows(room, "/operator", Who.OPERATOR, _overview)]


def overview(unit: Unit, at: Moment, look: Look) -> Overview:
    rows = unit.all(
        "SELECT id, shop, mode, version, seen_at FROM terminal WHERE state = 'active' ORDER BY seen_at LIMIT ?",
        (TERMINALS_MAX,),
    )
    asking = unit.all(
        "SELECT mode, model, public_key, expires_at FROM pairing WHERE state = 'pending' AND expires_at > ?"
        " ORDER BY expires_at LIMIT ?",
        (at.ms, TERMINALS_MAX),
    )
    return Overview(
        _count(unit, "SELECT count(*) FROM member"),
        _count(unit, "SELECT count(*) FROM seller"),
        tuple(_watched(id, shop, mode, version, Moment(seen), at, look(id)) for id, shop, mode, version, seen in rows),
        tuple(Waiting(mode, model, fingerprint(key), Moment(until)) for mode, model, key, until in asking),
        tuple(ledger.sums(unit)),
        len(ledger.check(unit)),
    )


def _watched(id: str, shop: str, mode: str, version: str, seen: Moment, at: Moment, shown: Presence) -> Watched:
    silent = at.since(max(seen, Moment.parse(shown.heard_at)) if shown.heard_at else seen)
    quiet = silent // 60_000 if silent > QUIET_MS else 0
    down = tuple(sorted(role for role, health in shown.devices.items() if health == Health.LOST.value))
    return Watched(id, shop, mode, version, seen, quiet, shown.state, shown.fault, down)


def _count(unit: Unit, sql: str) -> int:
    row = unit.one(sql)
    assert row is not None, "a count has one row"
    return int(row[0])


def _overview(visit: Visit) -> Answer:
    found = visit.read(lambda unit: overview(unit, visit.at, visit.room.look))
    return visit.page("operator", found=found, venues=prices.venues(visit.room.board()), broken=visit.room.store.broken)
