"""What an XFS4IoT cash dispenser answers and what it says unasked, both ways.

Sources: CWA 17852 chapters CashDispenser, CashManagement, Storage, Common; property names as in the generated classes
of KAL_XFS4IoT_SP-Dev (`Framework/Core/*/Completions`, `Events`, `*Schemas`). A completion is read by the name of the
command it answers; unheard-of words of an enumeration become UNKNOWN, which is never good news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, assert_never

from core.wire.xfs4iot import Fields, Kind, Message
from core.wire.xfs4iot_commands import OUT
from core.wire.xfs4iot_storage import Out, Unit, out_table, read_out, read_unit, unit_table


class DeviceState(Enum):
    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    BUSY = "deviceBusy"
    FRAUD = "fraudAttempt"
    POTENTIAL_FRAUD = "potentialFraud"
    UNKNOWN = "unknown"


class Holds(Enum):
    """Does a place on the way hold notes? `CUSTOMER`: and a customer had access to them."""

    EMPTY = "empty"
    NOTES = "notEmpty"
    CUSTOMER = "notEmptyCustomer"
    NOTES_UNKNOWN = "notEmptyUnknown"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "notSupported"


class Shutter(Enum):
    CLOSED = "closed"
    OPEN = "open"
    JAMMED = "jammed"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "notSupported"


class Transport(Enum):
    OK = "ok"
    INOPERATIVE = "inoperative"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "notSupported"


class PresentState(Enum):
    PRESENTED = "presented"
    NOT_PRESENTED = "notPresented"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """Common.Status, of one output position. `exchange` a technician is swapping cassettes."""

    device: DeviceState = DeviceState.ONLINE
    exchange: bool = False
    stacker: Holds = Holds.EMPTY
    shutter: Shutter = Shutter.CLOSED
    exit: Holds = Holds.EMPTY
    transport: Transport = Transport.OK
    path: Holds = Holds.EMPTY


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Common.Capabilities, what we look at. `secured`: ``always`` or ``ifConfigured`` ask for a token, "" never."""

    notes_max: int = 0
    stacker: bool = False
    sees_taken: bool = False
    retracts: bool = False
    shutter_by_itself: bool = True
    secured: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """Storage.GetStorage."""

    units: tuple[Unit, ...] = ()

    def unit(self, name: str) -> Unit | None:
        return next((unit for unit in self.units if unit.name == name), None)


@dataclass(frozen=True, slots=True)
class Nonce:
    """Common.GetCommandNonce: 32 hexadecimal digits, upper case, or decimal digits."""

    text: str


@dataclass(frozen=True, slots=True)
class Dispensed:
    """CashDispenser.Dispense: `counts` the denomination, `out` what left each unit (None: not said)."""

    counts: tuple[tuple[str, int], ...] = ()
    out: tuple[tuple[str, Out], ...] | None = None


@dataclass(frozen=True, slots=True)
class PresentStatus:
    """CashDispenser.GetPresentStatus: the last dispense, all its calls together."""

    state: PresentState = PresentState.UNKNOWN
    counts: tuple[tuple[str, int], ...] = ()
    token: str = ""


@dataclass(frozen=True, slots=True)
class Retracted:
    """CashManagement.Retract: unit -> notes counted into it; None where they were not counted."""

    units: tuple[tuple[str, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """Any other completion."""


Answer = Status | Capabilities | Storage | Nonce | Dispensed | PresentStatus | Retracted | Done


class Event(Enum):
    """The events we listen to, by their names; those of a running command and unsolicited ones."""

    ITEMS_TAKEN = "CashManagement.ItemsTakenEvent"
    ITEMS_PRESENTED = "CashManagement.ItemsPresentedEvent"
    SHUTTER = "CashManagement.ShutterStatusChangedEvent"
    MEDIA_DETECTED = "CashManagement.MediaDetectedEvent"
    INCOMPLETE_RETRACT = "CashManagement.IncompleteRetractEvent"
    THRESHOLD = "Storage.StorageThresholdEvent"
    UNIT_CHANGED = "Storage.StorageChangedEvent"
    UNIT_ERROR = "Storage.StorageErrorEvent"
    DELAYED = "CashDispenser.DelayedDispenseEvent"
    STARTED = "CashDispenser.StartDispenseEvent"
    INCOMPLETE = "CashDispenser.IncompleteDispenseEvent"
    NONCE_CLEARED = "Common.NonceClearedEvent"
    STATUS_CHANGED = "Common.StatusChangedEvent"
    ERROR = "Common.ErrorEvent"
    OTHER = ""


def error_word(message: Message) -> str:
    """The word that says what is wrong: the payload's `errorCode` where the completion code points at it."""
    if message.code == "commandErrorCode":
        return Fields(message.payload, message.name).text("errorCode") or message.code
    return message.code


def event_of(message: Message) -> Event:
    return next((event for event in Event if event.value == message.name), Event.OTHER)


def failure_of(message: Message) -> str:
    """Storage.StorageErrorEvent: what failed."""
    return Fields(message.payload, message.name).text("failure")


def read_answer(message: Message) -> Answer:
    """The payload of a completion. Raises `BadMessage` when it says what cannot be."""
    payload = Fields(message.payload, message.name)
    match message.name:
        case "Common.Status":
            return _status(payload)
        case "Common.Capabilities":
            return _capabilities(payload)
        case "Storage.GetStorage":
            table = payload.table("storage")
            return Storage(tuple(read_unit(name, unit) for name, unit in table.each()))
        case "Common.GetCommandNonce":
            return Nonce(payload.text("commandNonce"))
        case "CashDispenser.Dispense":
            storage = payload.table("storage")
            out = tuple((name, read_out(unit)) for name, unit in storage.table("out").each())
            return Dispensed(_counts(payload), out if storage.table_itself else None)
        case "CashDispenser.GetPresentStatus":
            state = payload.choice("presentState", PresentState, PresentState.UNKNOWN)
            return PresentStatus(state, _counts(payload), payload.text("token"))
        case "CashManagement.Retract":
            units = payload.table("storage").each()
            return Retracted(tuple((name, unit.total("retracted") or None) for name, unit in units))
    return Done()


def _counts(payload: Fields) -> tuple[tuple[str, int], ...]:
    return payload.table("denomination").counts("values")


def _status(payload: Fields) -> Status:
    common, cash = payload.table("common"), payload.table("cashDispenser")
    positions = cash.tables("positions")
    named = [one for one in positions if one.text("position") in (OUT, "default", "")] or list(positions)
    place = named[0] if named else Fields({})
    return Status(
        common.choice("device", DeviceState, DeviceState.UNKNOWN),
        common.text("exchange") == "active",
        cash.choice("intermediateStacker", Holds, Holds.UNKNOWN),
        place.choice("shutter", Shutter, Shutter.UNKNOWN),
        place.choice("positionStatus", Holds, Holds.UNKNOWN),
        place.choice("transport", Transport, Transport.UNKNOWN),
        place.choice("transportStatus", Holds, Holds.UNKNOWN),
    )


def _capabilities(payload: Fields) -> Capabilities:
    cash = payload.table("cashDispenser")
    return Capabilities(
        cash.number("maxDispenseItems"),
        bool(cash.flag("intermediateStacker")),
        bool(cash.flag("itemsTakenSensor")),
        bool(cash.table("retractAreas").flag("retract")),
        cash.flag("shutterControl") is not False,
        payload.table("common").table("endToEndSecurity").text("required"),
    )


ITEM: Final = "type1"  # the cash item of a unit whose kind of note nobody named


def answer_payload(answer: Answer, items: Mapping[str, str] | None = None) -> dict[str, object]:
    """The wire form of an answer. `items`: unit -> its cash item."""
    kinds = items or {}
    said: dict[str, object] = {}
    match answer:
        case Status():
            said = _status_said(answer)
        case Capabilities():
            said = _capabilities_said(answer)
        case Storage(units):
            said["storage"] = {unit.name: unit_table(unit, kinds.get(unit.name, ITEM)) for unit in units}
        case Nonce(text):
            said["commandNonce"] = text
        case Dispensed(counts, out):
            said["denomination"] = {"values": dict(counts)}
            if out is not None:
                said["storage"] = {"out": {name: out_table(one, kinds.get(name, ITEM)) for name, one in out}}
        case PresentStatus(state, counts, token):
            said["presentState"], said["denomination"] = state.value, {"values": dict(counts)}
            if token:
                said["token"] = token
        case Retracted(units):
            said["storage"] = {name: _retracted(count) for name, count in units}
        case Done():
            pass
        case _:
            assert_never(answer)
    return said


def _status_said(status: Status) -> dict[str, object]:
    place = {
        "position": OUT,
        "shutter": status.shutter.value,
        "positionStatus": status.exit.value,
        "transport": status.transport.value,
        "transportStatus": status.path.value,
    }
    common = {"device": status.device.value, "exchange": "active" if status.exchange else "inactive"}
    return {"common": common, "cashDispenser": {"intermediateStacker": status.stacker.value, "positions": [place]}}


def _capabilities_said(able: Capabilities) -> dict[str, object]:
    cash = {
        "type": "selfServiceBill",
        "maxDispenseItems": able.notes_max,
        "shutterControl": able.shutter_by_itself,
        "retractAreas": {"retract": able.retracts},
        "intermediateStacker": able.stacker,
        "itemsTakenSensor": able.sees_taken,
    }
    common: dict[str, object] = {"serviceVersion": "1.0"}
    if able.secured:
        common["endToEndSecurity"] = {"required": able.secured}
    return {"common": common, "cashDispenser": cash}


def _retracted(count: int | None) -> dict[str, object]:
    if count is None:
        return {"retractOperations": 1}
    return {"retractOperations": 1, "retracted": {"unrecognized": count}}


def completion(asked: Message, code: str, payload: dict[str, object], error: str = "", said: str = "") -> Message:
    """The completion of a command: `code`, and `error` the command's own error word."""
    body = payload | ({"errorCode": error} if error else {})
    return Message(asked.name, Kind.COMPLETION, asked.request_id, body, None, "", code, said)
