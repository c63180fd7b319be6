"""Settings of an XFS4IoT cash dispenser: where its service is, and which storage unit stands in which place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from core.cash import PLACES_MAX
from core.settings import limits
from core.wire.xfs4iot_commands import OUT, UNIT, Release, Target

KIND: Final = "dispenser"
_POSITION: Final = re.compile(r"out(Default|Left|Right|Center|Top|Bottom|Front|Rear)", re.ASCII)


class ClearTo(Enum):
    """Where a reset puts the notes it finds; `SERVICE` leaves it to the service."""

    REJECT = "reject"
    RETRACT = "retract"
    SERVICE = "service"

    @property
    def target(self) -> Target | None:
        return {ClearTo.REJECT: Target.REJECT, ClearTo.RETRACT: Target.RETRACT}.get(self)


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` the service's own address, such as ``wss://127.0.0.1:5846/xfs4iot/v1.0/CashDispenser``; nothing else is
    ever connected to. ``ws://`` is for this machine itself; to another one only with `plain_network`, where the cable
    cannot be reached from outside the safe. `units` storage unit -> place. `authority` a PEM file with the
    certificates to trust instead of the system's. `end_to_end` the device asks for a token over its nonce.
    `counts_retracts` the device counts what it retracts, and its count may be believed.
    """

    url: str
    units: dict[str, int]
    end_to_end: bool = False
    plain_network: bool = False
    authority: str = ""
    release: Release = Release.COUNTS
    position: str = OUT
    retract_index: int = field(default=1, metadata=limits(1, 16))
    clear_to: ClearTo = ClearTo.REJECT
    counts_retracts: bool = False
    notes_max: int = field(default=40, metadata=limits(1, 200))
    place_max: int = field(default=40, metadata=limits(1, 200))
    connect_ms: int = field(default=5_000, metadata=limits(100, 30_000))
    read_ms: int = field(default=5_000, metadata=limits(100, 30_000))
    dispense_ms: int = field(default=75_000, metadata=limits(1_000, 300_000))
    move_ms: int = field(default=30_000, metadata=limits(1_000, 120_000))
    settle_ms: int = field(default=75_000, metadata=limits(0, 300_000))

    def __post_init__(self) -> None:
        where = urlsplit(self.url)
        if where.scheme not in ("ws", "wss") or not where.hostname or where.username or where.fragment:
            raise ValueError("url must be an address such as wss://127.0.0.1:5846/xfs4iot/v1.0/CashDispenser")
        if where.scheme == "ws" and not self.plain_network and not _here(where.hostname):
            raise ValueError("ws:// to another machine is readable by everybody between: use wss://")
        bad = [name for name in self.units if not UNIT.fullmatch(name)]
        if bad or not self.units:
            raise ValueError(f"units must name storage units such as unit1, not {bad}")
        places = sorted(self.units.values())
        if places[0] < 1 or places[-1] > PLACES_MAX or len(set(places)) != len(places):
            raise ValueError(f"each unit has a place of its own from 1 to {PLACES_MAX}")
        if not _POSITION.fullmatch(self.position):
            raise ValueError("position must be an output position such as outDefault")

    @property
    def answer_ms(self) -> int:
        """The longest any order takes: settle, then a dispense and a move, with the reads around them."""
        return self.settle_ms + self.dispense_ms + self.move_ms + 6 * self.read_ms


def _here(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
