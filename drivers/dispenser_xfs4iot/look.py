"""How the machine stands, from its status and its storage. What it does not say is None, and never good news."""

from __future__ import annotations

from core.dispenser import Bin, PlaceSeen, Seen
from core.faults.cash import Device, page_code
from core.faults.dispenser import LOCKED
from core.wire.device_errors import DeviceError
from core.wire.xfs4iot_answers import DeviceState, Holds, Shutter, Status, Storage, Transport
from core.wire.xfs4iot_errors import SUCCESS, meaning
from core.wire.xfs4iot_storage import Level, Unit, UnitStatus
from drivers.dispenser_xfs4iot.asks import Memory, Reply
from drivers.dispenser_xfs4iot.counts import reading
from drivers.dispenser_xfs4iot.settings import Settings

_DEVICE = {
    DeviceState.OFFLINE: "offline",
    DeviceState.POWER_OFF: "powerOff",
    DeviceState.NO_DEVICE: "noDevice",
    DeviceState.HARDWARE_ERROR: "hardwareError",
    DeviceState.USER_ERROR: "userError",
    DeviceState.BUSY: "deviceBusy",
    DeviceState.FRAUD: "fraudAttempt",
    DeviceState.POTENTIAL_FRAUD: "potentialFraud",
    DeviceState.UNKNOWN: "deviceNotReady",
}
_UNIT = {
    UnitStatus.INOPERATIVE: "unitInoperative",
    UnitStatus.MISSING: "unitMissing",
    UnitStatus.NOT_CONFIGURED: "unitNotConfigured",
    UnitStatus.MANIPULATED: "unitManipulated",
    UnitStatus.UNKNOWN: "unitError",
}


def seen(status: Reply, storage: Reply, settings: Settings, memory: Memory) -> Seen:
    """The answer to `Look`."""
    now, units = status.answer, storage.answer
    if not (status.good and storage.good and isinstance(now, Status) and isinstance(units, Storage)):
        bad = status if not status.good else storage
        why = page_code(Device.XFS4IOT, (meaning("badMessage") if bad.row is SUCCESS else bad.row).code)
        places = tuple(PlaceSeen(place) for place in sorted(settings.units.values()))
        return Seen(False, places, None, None, Bin.UNKNOWN, Bin.UNKNOWN, why, bad.detail)
    mapped = {settings.units[unit.name]: unit for unit in units.units if unit.name in settings.units}
    rejects = _bin([unit for unit in units.units if unit.rejects])
    retracts = _bin([unit for unit in units.units if unit.retracts])
    words = [*_words(now, rejects), *_unit_words(mapped, settings)]
    if retracts is Bin.FULL:
        words.append("retractFull")
    if memory.unfit:
        words.insert(0, "notFit")
    if settings.end_to_end and not memory.nonce:
        words.insert(0, "noCommandNonce")
    stops = [word for word in words if word not in _ONE_PLACE]
    usable = any(_pays(unit) for unit in mapped.values())
    row: DeviceError = meaning((stops or words)[0]) if words else SUCCESS
    code = page_code(Device.XFS4IOT, row.code) if words else ""
    return Seen(
        not stops and usable and not memory.locked,
        tuple(_place(place, mapped.get(place)) for place in sorted(settings.units.values())),
        _clear(now.stacker, now.path),
        _clear(now.exit),
        rejects,
        retracts,
        LOCKED if memory.locked else code,
        memory.unfit or " ".join(words),
        reading(units, settings.units).mark(),
        memory.nonce,
    )


# Trouble of one place, while the others may still pay; and a bin that only what nobody takes needs.
_ONE_PLACE = frozenset({*_UNIT.values(), "unitEmpty", "unitLow", "retractFull"})


def _words(now: Status, rejects: Bin) -> list[str]:
    """What stands in the way of a dispense, the worst first."""
    said = [_DEVICE[now.device]] if now.device in _DEVICE else []
    if now.exchange:
        said.append("exchangeActive")
    if now.transport in (Transport.INOPERATIVE, Transport.UNKNOWN):
        said.append("transportInoperative")
    if now.shutter in (Shutter.JAMMED, Shutter.UNKNOWN):
        said.append("shutterJammed")
    if _clear(now.exit) is not True or _clear(now.path) is not True:
        said.append("itemsLeft")
    if now.shutter is Shutter.OPEN:
        said.append("shutterOpen")
    if rejects is not Bin.OK:
        said.append("rejectFull" if rejects is Bin.FULL else "rejectMissing")
    return said


def _unit_words(mapped: dict[int, Unit], settings: Settings) -> list[str]:
    said = ["unitMissing" for place in settings.units.values() if place not in mapped]
    for _, unit in sorted(mapped.items()):
        if unit.status in _UNIT:
            said.append(_UNIT[unit.status])
        elif not unit.sure:
            said.append("unitUncounted")
        elif unit.level is Level.EMPTY:
            said.append("unitEmpty")
        elif unit.level is Level.LOW:
            said.append("unitLow")
    return said


def _pays(unit: Unit) -> bool:
    return unit.pays and unit.status is UnitStatus.OK and unit.level is not Level.EMPTY


def _place(place: int, unit: Unit | None) -> PlaceSeen:
    if unit is None:
        return PlaceSeen(place, False)
    known = unit.level is not Level.UNKNOWN
    there = None if unit.status is UnitStatus.UNKNOWN else unit.status is not UnitStatus.MISSING
    low = unit.level in (Level.LOW, Level.EMPTY) if known else None
    return PlaceSeen(place, there, low, unit.level is Level.EMPTY if known else None, unit.serial or unit.ident)


def _bin(units: list[Unit]) -> Bin:
    """The worst of the bins there are."""
    if not units:
        return Bin.NONE
    if all(unit.status is UnitStatus.MISSING for unit in units):
        return Bin.MISSING
    there = [unit for unit in units if unit.status is UnitStatus.OK]
    if not there or any(unit.level is Level.UNKNOWN for unit in there):
        return Bin.UNKNOWN
    return Bin.FULL if all(unit.level is Level.FULL for unit in there) else Bin.OK


def _clear(*places: Holds) -> bool | None:
    """Are they empty? None when one of them cannot say."""
    if any(place in (Holds.NOTES, Holds.CUSTOMER, Holds.NOTES_UNKNOWN) for place in places):
        return False
    return True if all(place is Holds.EMPTY for place in places) else None
