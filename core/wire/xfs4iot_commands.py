"""What we ask an XFS4IoT cash dispenser: each command with its name and its payload, both ways.

Sources: CWA 17852 chapters CashDispenser, CashManagement, Storage, Common; property names as in the generated classes
of KAL_XFS4IoT_SP-Dev (`Framework/Core/*/Commands`). `Dispense` is written with the application's own mix
(``denomination.denomination.app.counts``, release 2023 and later) or, for older services, with ``values``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.wire.xfs4iot import BadMessage, Fields, Kind, Message

OUT: Final = "outDefault"
UNIT: Final = re.compile(r"unit[0-9A-Za-z]+", re.ASCII)


class Release(Enum):
    """How a dispense names its notes: in ``app.counts``, or in ``values`` as before 2023."""

    COUNTS = "counts"
    VALUES = "values"


class Target(Enum):
    """Where notes are to go: CashManagement ItemTargetEnum, as far as we ask for it."""

    REJECT = "reject"
    RETRACT = "retract"
    STACKER = "stacker"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class SetVersions:
    """Common.SetVersions: which major version of each command and event we speak; a service that offers several takes
    its lowest for a client that does not say."""

    commands: tuple[tuple[str, int], ...]
    events: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Common.Status."""


@dataclass(frozen=True, slots=True)
class AskCapabilities:
    """Common.Capabilities."""


@dataclass(frozen=True, slots=True)
class AskStorage:
    """Storage.GetStorage."""


@dataclass(frozen=True, slots=True)
class AskNonce:
    """Common.GetCommandNonce. Any nonce given before is dead."""


@dataclass(frozen=True, slots=True)
class ClearNonce:
    """Common.ClearCommandNonce: every token made so far is dead."""


@dataclass(frozen=True, slots=True)
class Dispense:
    """CashDispenser.Dispense of exactly these notes; onto the stacker where there is one."""

    counts: tuple[tuple[str, int], ...]
    token: str = ""
    release: Release = Release.COUNTS


@dataclass(frozen=True, slots=True)
class Present:
    """CashDispenser.Present."""

    position: str = OUT


@dataclass(frozen=True, slots=True)
class Reject:
    """CashDispenser.Reject: what is stacked goes to the reject unit."""


@dataclass(frozen=True, slots=True)
class AskPresentStatus:
    """CashDispenser.GetPresentStatus; with a `nonce` the answer carries a token over it."""

    position: str = OUT
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Retract:
    """CashManagement.Retract into the retract unit's area `index`."""

    position: str = OUT
    index: int = 1


@dataclass(frozen=True, slots=True)
class Reset:
    """CashManagement.Reset; `target` None leaves it to the service where notes found go."""

    target: Target | None = None


@dataclass(frozen=True, slots=True)
class TestUnits:
    """CashDispenser.TestCashUnits: one note from *every* unit that can be tested. Not to be collected by pytest."""

    __test__ = False

    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """A command this codec has no word for."""

    name: str


Command = (
    SetVersions
    | AskStatus
    | AskCapabilities
    | AskStorage
    | AskNonce
    | ClearNonce
    | Dispense
    | Present
    | Reject
    | AskPresentStatus
    | Retract
    | Reset
    | TestUnits
    | Other
)

NAMES: Final[Mapping[type, str]] = {
    SetVersions: "Common.SetVersions",
    AskStatus: "Common.Status",
    AskCapabilities: "Common.Capabilities",
    AskStorage: "Storage.GetStorage",
    AskNonce: "Common.GetCommandNonce",
    ClearNonce: "Common.ClearCommandNonce",
    Dispense: "CashDispenser.Dispense",
    Present: "CashDispenser.Present",
    Reject: "CashDispenser.Reject",
    AskPresentStatus: "CashDispenser.GetPresentStatus",
    Retract: "CashManagement.Retract",
    Reset: "CashManagement.Reset",
    TestUnits: "CashDispenser.TestCashUnits",
}
_BY_NAME: Final = {name: kind for kind, name in NAMES.items()}


def name_of(command: Command) -> str:
    return command.name if isinstance(command, Other) else NAMES[type(command)]


def command_message(command: Command, request_id: int, timeout_ms: int) -> Message:
    """The message of a command."""
    return Message(name_of(command), Kind.COMMAND, request_id, _payload(command), timeout_ms)


def _payload(command: Command) -> dict[str, object]:
    said: dict[str, object] = {}
    match command:
        case SetVersions(commands, events):
            said["commands"], said["events"] = dict(commands), dict(events)
        case Dispense(counts, token, release):
            notes = dict(counts)
            inner = {"app": {"counts": notes}} if release is Release.COUNTS else {"values": notes}
            said["denomination"] = {"denomination": inner}
            if token:
                said["token"] = token
        case Present(position):
            said["position"] = position
        case AskPresentStatus(position, nonce):
            said["position"] = position
            if nonce:
                said["nonce"] = nonce
        case Retract(position, index):
            said["location"] = {"outputPosition": position, "retractArea": "retract", "index": index}
        case Reset(target) if target is not None:
            said["position"] = {"target": target.value}
        case TestUnits(target) if target is not None:
            said["target"] = {"target": target.value}
    return said


def read_command(message: Message) -> Command:
    """What a command asks. Raises `BadMessage` when it is no command or its payload cannot be."""
    if message.kind is not Kind.COMMAND:
        raise BadMessage(f"{message.name} is no command")
    payload = Fields(message.payload, message.name)
    kind = _BY_NAME.get(message.name)
    if kind is SetVersions:
        return SetVersions(payload.counts("commands"), payload.counts("events"))
    if kind is Dispense:
        return _dispense(payload)
    if kind is Present:
        return Present(payload.text("position") or OUT)
    if kind is AskPresentStatus:
        return AskPresentStatus(payload.text("position") or OUT, payload.text("nonce"))
    if kind is Retract:
        location = payload.table("location")
        return Retract(location.text("outputPosition") or OUT, location.number("index") or 1)
    if kind is Reset:
        return Reset(_target(payload.table("position")))
    if kind is TestUnits:
        return TestUnits(_target(payload.table("target")))
    plain = (AskStatus, AskCapabilities, AskStorage, AskNonce, ClearNonce, Reject)
    return next((made() for made in plain if made is kind), Other(message.name))


def _target(fields: Fields) -> Target | None:
    return fields.choice("target", Target, Target.UNKNOWN) if fields.table_itself else None


def _dispense(payload: Fields) -> Dispense:
    inner = payload.table("denomination").table("denomination")
    app = inner.table("app").counts("counts")
    counts, release = (app, Release.COUNTS) if app else (inner.counts("values"), Release.VALUES)
    bad = [unit for unit, _ in counts if not UNIT.fullmatch(unit)]
    if bad:
        raise BadMessage(f"{bad[0][:32]!r} names no storage unit")
    return Dispense(counts, payload.text("token"), release)
