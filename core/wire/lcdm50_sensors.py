"""The two sensor bytes of an LCDM's STATUS reply in words. Sources as in `core.wire.lcdm50`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.wire.lcdm50 import StatusReport

_ALWAYS: Final = 0x80  # b7 of both bytes


class Model(Enum):
    """The second sensor byte differs: LCDM-1000 [S], LCDM-2000 [2+]."""

    LCDM_1000 = "lcdm1000"
    LCDM_2000 = "lcdm2000"


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the bits mean here [?]. The specification does not state which way round the cassette bit is.

    `present_bit`: a set cassette bit means that the cassette is there. `tray_present_bit`: the same for the reject
    tray; 0 means present on the LCDM-1000 [S], and for the LCDM-2000 nobody says.
    """

    model: Model = Model.LCDM_1000
    present_bit: bool = True
    tray_present_bit: bool = False


LCDM_1000: Final = Wiring()

# Where a note may lie, as (byte, bit). Any of them set while idle: there is a note on the path.
_PATH: Final = (("CHK1", 0), ("CHK2", 1), ("DIV1", 2), ("DIV2", 3), ("EJT", 4), ("EXIT", 5))
_PATH_2000: Final = (("CHK3", 3), ("CHK4", 4))
_LOW: Final = 0x40  # b6 of sensor 0
_LOW_LOWER: Final = 0x20  # b5 of sensor 1, LCDM-2000


@dataclass(frozen=True, slots=True)
class Sensors:
    """`blocked` names the sensors a note lies at, in the order of the path. The lower cassette: LCDM-2000 only."""

    blocked: tuple[str, ...] = ()
    tray_present: bool = True
    upper_present: bool = True
    upper_low: bool = False
    lower_present: bool = False
    lower_low: bool = False
    solenoid: bool = False


def sensors(report: StatusReport, wiring: Wiring = LCDM_1000) -> Sensors:
    first, second = report.sensor0, report.sensor1
    blocked = [name for name, bit in _PATH if first >> bit & 1]
    low = bool(first & _LOW)

    def present(bit: int) -> bool:
        return bool(second >> bit & 1) is wiring.present_bit

    def tray(bit: int) -> bool:
        return bool(second >> bit & 1) is wiring.tray_present_bit

    if wiring.model is Model.LCDM_1000:
        return Sensors(tuple(blocked), tray(0), present(1), low, solenoid=bool(second & 0x04))
    blocked += [name for name, bit in _PATH_2000 if second >> bit & 1]
    return Sensors(
        tuple(blocked), tray(6), present(1), low, present(2), bool(second & _LOW_LOWER), solenoid=bool(second & 0x01)
    )


def sensor_bytes(seen: Sensors, wiring: Wiring = LCDM_1000) -> tuple[int, int]:
    """The inverse of `sensors`, for the device's side."""
    first = _ALWAYS | sum(1 << bit for name, bit in _PATH if name in seen.blocked) | _LOW * seen.upper_low
    tray = seen.tray_present is wiring.tray_present_bit
    upper = seen.upper_present is wiring.present_bit
    lower = seen.lower_present is wiring.present_bit
    if wiring.model is Model.LCDM_1000:
        return first, _ALWAYS | tray | upper << 1 | 0x04 * seen.solenoid
    second = _ALWAYS | seen.solenoid | upper << 1 | lower << 2 | tray << 6 | _LOW_LOWER * seen.lower_low
    return first, second | sum(1 << bit for name, bit in _PATH_2000 if name in seen.blocked)
