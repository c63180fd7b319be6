"""What a message from a terminal means, and what may be said of a terminal because of it. Pure.

Everything that comes in is a stranger's text until it has been cut to size here: known topics, known kinds, few
fields, short values. Whatever is wrong with a message makes it nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from backend.terminals.presence import Life, Presence
from core.moment import Moment

ROOT: Final = "tillmark/"
PAYLOAD_MAX: Final = 4_096  # bytes; a heartbeat has about 400
FIELDS_MAX: Final = 32  # a heartbeat has about 15
TEXT_MAX: Final = 128  # characters of a value: the longest is a hash of 64
WHOLE_MAX: Final = 2**53  # what JSON readers agree on
ROLES_MAX: Final = 16  # devices of one terminal, several times over
STUCK_MS: Final = 90_000  # three heartbeats missed
TURN_MAX_MS: Final = 60_000  # a terminal whose own loop has stood still so long is stuck however well its line beats
HEALTHS: Final = frozenset({"ready", "degraded", "unknown", "lost"})

Fields = Mapping[str, str | int | bool]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message that means something. `kind` status, heartbeat, fault or device; `role` of a device."""

    terminal: str
    kind: str
    fields: Fields
    role: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one terminal. Times are monotonic ms, but `heard_at`, which is for people.

    `told`: it was said whether it is there. `beat_ms` when its last heartbeat came, or when it said that it is online.
    """

    told: bool = False
    online: bool = False
    beat_ms: int = 0
    heard_at: Moment | None = None
    vitals: Fields = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


def meaning(topic: str, payload: bytes) -> Heard | None:
    """The message, or None for anything that is none."""
    parts = topic.removeprefix(ROOT).split("/")
    if not topic.startswith(ROOT) or not 2 <= len(parts) <= 3:
        return None
    kind = {("status",): "status", ("heartbeat",): "heartbeat", ("event", "fault"): "fault"}.get(tuple(parts[1:]), "")
    role = parts[2][:TEXT_MAX] if len(parts) == 3 and parts[1] == "device" else ""
    if not (kind or role):
        return None
    fields = fields_of(payload)
    return None if fields is None else Heard(parts[0], kind or "device", fields, role)


def fields_of(payload: bytes) -> Fields | None:
    """A JSON object of a few short plain values; fields that are not are left out."""
    if len(payload) > PAYLOAD_MAX:
        return None
    try:
        data = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    plain = {name: value for name, value in data.items() if len(name) <= TEXT_MAX and _is_plain(value)}
    return dict(list(plain.items())[:FIELDS_MAX])


def after(seen: Seen, heard: Heard, at: Moment, now_ms: int, *, kept: bool) -> Seen:
    """What is known once this was heard. A `kept` message is the broker's memory: it says nothing of when."""
    gone = heard.kind == "status" and heard.fields.get("state") != "online"  # said by the broker, in its stead
    if not kept and not gone:
        seen = replace(seen, heard_at=at)
    match heard.kind:
        case "status" if gone:
            return replace(seen, told=True, online=False)
        case "status":
            return replace(seen, told=True, online=True, beat_ms=now_ms)
        case "heartbeat" if not kept:
            return replace(seen, told=True, online=True, beat_ms=now_ms, vitals=heard.fields)
        case "device":
            return _with_device(seen, heard)
        case "fault" if not kept:
            return replace(seen, fault=str(heard.fields.get("code", "")))
        case _:
            return seen


def presence(seen: Seen, now_ms: int) -> Presence:
    heard_at = seen.heard_at.rfc3339() if seen.heard_at else ""
    return Presence(_life(seen, now_ms), heard_at, seen.vitals, seen.devices, seen.fault)


def _life(seen: Seen, now_ms: int) -> Life:
    if not seen.online:
        return Life.OFFLINE
    turn_ms = seen.vitals.get("turn_ms", 0)
    stands = isinstance(turn_ms, int) and turn_ms > TURN_MAX_MS
    return Life.STUCK if stands or now_ms - seen.beat_ms > STUCK_MS else Life.ONLINE


def _with_device(seen: Seen, heard: Heard) -> Seen:
    health = str(heard.fields.get("health", ""))
    known = heard.role in seen.devices or len(seen.devices) < ROLES_MAX
    return replace(seen, devices={**seen.devices, heard.role: health}) if known and health in HEALTHS else seen


def _is_plain(value: object) -> bool:
    match value:
        case bool():
            return True
        case int():
            return abs(value) <= WHOLE_MAX
        case str():
            return len(value) <= TEXT_MAX and value.isprintable()
        case _:
            return False
