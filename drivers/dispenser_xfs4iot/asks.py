"""What a plan asks and is told, and what a host remembers between two orders."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from enum import Enum

from core.dispenser import Answer
from core.faults.cash import Device, page_code
from core.wire import xfs4iot_answers as told
from core.wire import xfs4iot_commands as wire
from core.wire.device_errors import DeviceError
from core.wire.xfs4iot_errors import SUCCESS
from drivers.dispenser_xfs4iot.counts import Reading


class How(Enum):
    """How an ask ended: a completion came, the command was never queued, nobody answered, or the cable is gone."""

    TOLD = "told"
    REFUSED = "refused"
    SILENT = "silent"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Reply:
    how: How
    row: DeviceError
    answer: told.Answer | None = None
    detail: str = ""

    @property
    def good(self) -> bool:
        return self.how is How.TOLD and self.row is SUCCESS and self.answer is not None

    @property
    def unmoved(self) -> bool:
        """Is it certain that the command was never begun?"""
        return self.how is How.REFUSED


@dataclass(frozen=True, slots=True)
class Ask:
    command: wire.Command
    limit_ms: int


@dataclass(frozen=True, slots=True)
class Pause:
    wait_ms: int


Plan = Generator[Ask | Pause, Reply, Answer | None]
Asking = Generator[Ask | Pause, Reply, Reply]


def code_of(row: DeviceError) -> str:
    """The catalogue code of a row; "" for success."""
    return "" if row is SUCCESS else page_code(Device.XFS4IOT, row.code)


@dataclass(slots=True)
class Memory:
    """What outlives an order: the nonce of the machine, the reading before the last movement, and what is offered."""

    now_ms: int = 0  # the host's clock, at the last thing that happened
    nonce: str = ""
    locked: bool = False  # a movement ended in doubt, and nobody has cleared the machine since
    op: str = ""
    before: Reading | None = None
    offered: str = ""
    offered_retracts: int = 0
    offered_count: int | None = None
    unfit: str = ""
    failure: DeviceError | None = None
    taken: list[str] = field(default_factory=list)
