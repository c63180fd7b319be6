"""Every trouble a simulated XFS4IoT dispenser can be told to have, by name, and what it strikes.

The names are those of the codec's table (`core.wire.xfs4iot_errors`) and a few physical ones of our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.wire.xfs4iot_answers import DeviceState
from core.wire.xfs4iot_errors import ERRORS, SUCCESS, WORDS
from core.wire.xfs4iot_storage import UnitStatus


class Strikes(Enum):
    """When a trouble strikes: at once and until healed, or once, in the next movement of its kind."""

    STATE = "state"
    QUEUE = "queue"  # the next movement is not even queued
    DISPENSE = "dispense"
    PRESENT = "present"
    REJECT = "reject"
    RETRACT = "retract"
    RESET = "reset"


PHYSICAL: Final = ("jam", "double_pick", "jam_presenting", "twice", "power_cut", "empty")

DEVICE: Final = {
    "offline": DeviceState.OFFLINE,
    "power_off": DeviceState.POWER_OFF,
    "no_device": DeviceState.NO_DEVICE,
    "device_busy": DeviceState.BUSY,
    "potential_fraud": DeviceState.POTENTIAL_FRAUD,
}
UNIT: Final = {
    "unit_missing": UnitStatus.MISSING,
    "unit_inoperative": UnitStatus.INOPERATIVE,
    "unit_manipulated": UnitStatus.MANIPULATED,
}
FAILURE: Final = {  # Storage.StorageErrorEvent, then cashUnitError
    "empty": "empty",
    "unit_empty": "empty",
    "unit_error": "error",
    "unit_full": "full",
    "unit_locked": "locked",
    "unit_invalid": "invalid",
    "unit_config": "config",
    "unit_not_configured": "notConfigured",
}
STATES: Final = frozenset(
    {
        *DEVICE, *UNIT, "unit_low", "unit_uncounted", "reject_full", "reject_missing", "retract_full", "not_fit",
        "shutter_jammed", "transport_inoperative", "status_changed", "connection_lost",
    }
)  # fmt: skip
QUEUE: Final = {
    "invalid_message": "invalidMessage",
    "too_many_requests": "tooManyRequests",
    "invalid_request_id": "invalidRequestID",
}
_PRESENT: Final = frozenset(
    {"shutter_not_open", "no_items", "present_error_no_items", "present_error_items", "present_error_unknown",
     "jam_presenting"}
)  # fmt: skip
_RETRACT: Final = frozenset({"shutter_not_closed", "items_taken", "invalid_retract_position", "not_retract_area"})
_RESET: Final = frozenset({"foreign_items_detected", "position_not_empty", "incomplete_retract"})
# Words that are completion codes themselves; the others stand in `errorCode`.
COMPLETIONS: Final = frozenset(row.name for code, row in ERRORS.items() if code < 40)
# The machine stopped in the middle of something and does not trust its own counts any more.
STOPS_DEAD: Final = frozenset({"hardware_error", "internal_error", "fraud_attempt", "user_error", "jam"})

NAMES: Final = tuple(row.name for row in ERRORS.values() if row is not SUCCESS) + PHYSICAL
_WORDS: Final = {ERRORS[code].name: word for word, code in WORDS.items()}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble that waits to strike; `after` notes of its movement."""

    name: str
    after: int
    strikes: Strikes

    @property
    def word(self) -> str:
        """What the service calls it."""
        physical = {"jam": "hardwareError", "jam_presenting": "presentErrorItems"}
        return physical.get(self.name) or _WORDS.get(self.name, "")


def trouble(name: str, after: int) -> Trouble:
    """An unknown name is a KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    for strikes, names in (
        (Strikes.STATE, STATES),
        (Strikes.QUEUE, QUEUE),
        (Strikes.PRESENT, _PRESENT),
        (Strikes.RETRACT, _RETRACT),
        (Strikes.RESET, _RESET),
    ):
        if name in names:
            return Trouble(name, after, strikes)
    return Trouble(name, after, Strikes.DISPENSE)
