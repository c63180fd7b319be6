"""The storage units of an XFS4IoT cash device: what each holds, what has left it, and how sure the machine is.

Source: CWA 17852, Storage.GetStorage and CashManagement (StorageUnit, StorageCash, StorageCashOut). `out` counts what
has left a unit since its last replenishment; `stacked`, `diverted` and `transport` are places on the way and go down
again when the notes move on. The machine adds up by cash item and classification; we want the sum.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import Final

from core.wire.xfs4iot import Fields


class UnitStatus(Enum):
    OK = "ok"
    INOPERATIVE = "inoperative"
    MISSING = "missing"
    NOT_CONFIGURED = "notConfigured"
    MANIPULATED = "manipulated"
    UNKNOWN = "unknown"


class Level(Enum):
    """`replenishmentStatus`."""

    OK = "ok"
    FULL = "full"
    HIGH = "high"
    LOW = "low"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class Accuracy(Enum):
    """How good the counts are. Null means that the machine cannot tell, which is not the same as good."""

    ACCURATE = "accurate"
    SET = "accurateSet"
    INACCURATE = "inaccurate"
    UNKNOWN = "unknown"
    NOT_SAID = ""


@dataclass(frozen=True, slots=True)
class Out:
    """Notes that have left a unit, by where they went. `distributed` to another unit, `unknown` nobody can say."""

    presented: int = 0
    rejected: int = 0
    distributed: int = 0
    unknown: int = 0
    stacked: int = 0
    diverted: int = 0
    transport: int = 0

    @property
    def exited(self) -> int:
        """On the stacker, within reach, or taken."""
        return self.presented + self.stacked


_OUT: Final = tuple(item.name for item in fields(Out))


@dataclass(frozen=True, slots=True)
class Unit:
    """One storage unit. `name` its object name (``unit1``); `ident` and `serial` what the cassette says of itself."""

    name: str
    status: UnitStatus = UnitStatus.OK
    level: Level = Level.OK
    accuracy: Accuracy = Accuracy.ACCURATE
    pays: bool = True
    rejects: bool = False
    retracts: bool = False
    ident: str = ""
    serial: str = ""
    currency: str = ""
    value: Decimal | None = None
    initial: int = 0
    out: Out = Out()
    retract_operations: int = 0
    retracted: int = 0
    rejected: int = 0

    @property
    def sure(self) -> bool:
        """Are its counts to be believed? A machine that does not say is believed, as it has nothing better."""
        return self.accuracy in (Accuracy.ACCURATE, Accuracy.SET, Accuracy.NOT_SAID)


def read_out(table: Fields) -> Out:
    """StorageCashOut."""
    return Out(**{name: table.total(name) for name in _OUT})


def read_unit(name: str, unit: Fields) -> Unit:
    """Raises `BadMessage` for counts that cannot be."""
    cash = unit.table("cash")
    setup, status = cash.table("configuration"), cash.table("status")
    types = setup.table("types") if setup.table("types").table_itself else cash.table("capabilities").table("types")
    came = status.table("in")
    value = setup.table_itself.get("value")
    return Unit(
        name,
        unit.choice("status", UnitStatus, UnitStatus.UNKNOWN),
        status.choice("replenishmentStatus", Level, Level.UNKNOWN),
        Accuracy.NOT_SAID
        if status.table_itself.get("accuracy") is None
        else status.choice("accuracy", Accuracy, Accuracy.UNKNOWN),
        bool(types.flag("cashOut")),
        bool(types.flag("reject")),
        bool(types.flag("cashOutRetract")),
        unit.text("id"),
        unit.text("serialNumber"),
        setup.text("currency"),
        Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None,
        status.total("initial"),
        read_out(status.table("out")),
        came.number("retractOperations"),
        came.total("retracted"),
        came.total("rejected"),
    )


def out_table(out: Out, item: str) -> dict[str, object]:
    """The wire form: only what is not zero."""
    said = {name: getattr(out, name) for name in _OUT}
    return {name: {item: {"fit": count}} for name, count in said.items() if count}


def unit_table(unit: Unit, item: str) -> dict[str, object]:
    """The wire form of a unit whose notes are all of the cash `item` (``type50000KRW1``)."""
    types = {"cashOut": unit.pays, "reject": unit.rejects, "cashOutRetract": unit.retracts}
    setup: dict[str, object] = {"types": types}
    if unit.currency:
        setup["currency"] = unit.currency
    if unit.value is not None:
        whole = unit.value == unit.value.to_integral_value()
        setup["value"] = int(unit.value) if whole else float(unit.value)
    came: dict[str, object] = {"retractOperations": unit.retract_operations}
    if unit.retracted:
        came["retracted"] = {item: {"fit": unit.retracted}}
    if unit.rejected:
        came["rejected"] = {item: {"fit": unit.rejected}}
    status: dict[str, object] = {
        "initial": {item: {"fit": unit.initial}},
        "out": out_table(unit.out, item),
        "in": came,
        "replenishmentStatus": unit.level.value,
    }
    if unit.accuracy is not Accuracy.NOT_SAID:
        status["accuracy"] = unit.accuracy.value
    table: dict[str, object] = {"status": unit.status.value, "cash": {"configuration": setup, "status": status}}
    return table | {key: text for key, text in (("id", unit.ident), ("serialNumber", unit.serial)) if text}
