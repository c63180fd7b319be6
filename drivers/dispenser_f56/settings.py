"""What a configuration may say about an F53 or F56."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.settings import limits
from core.wire.f56_messages import REJECTS, RETRIES

KIND: Final = "dispenser"
SENSOR_BYTES: Final = 6


class Set(Enum):
    """The command set the machine is switched to: the conventional one has 4 cassettes, the enhanced one 8."""

    CONVENTIONAL = "conventional"
    ENHANCED = "enhanced"

    @property
    def cassettes(self) -> int:
        return 4 if self is Set.CONVENTIONAL else 8


class InitForm(Enum):
    """The 26 parameters of the enhanced init [?]: the conventional 13 twice; or odr, all lengths, all thicknesses."""

    GROUPS = "groups"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Settings:
    """`lengths_mm` of the note in each cassette from place 1 on, 0 for a place without one (1,000 won 136, 5,000 142,
    10,000 148, 50,000 154); `thickness` in 0.01 mm; `odr` 64 for polymer notes.

    Open on real hardware: `path_sensors` the bits of the six sensor bytes that mean a note inside, as twelve hex
    digits; which they are is written in no source, so without them only the machine's errors tell. `init_form` as said
    there.
    """

    port: str
    lengths_mm: tuple[int, ...]
    command_set: Set = Set.CONVENTIONAL
    baud: int = 9600
    thickness: int = field(default=13, metadata=limits(1, 255))
    odr: int = field(default=0, metadata=limits(0, 255))
    rejects: int = field(default=REJECTS, metadata=limits(0, 20))
    retries: int = field(default=RETRIES, metadata=limits(0, 9))
    path_sensors: str = "000000000000"
    init_form: InitForm = InitForm.GROUPS

    def __post_init__(self) -> None:
        if not 1 <= len(self.lengths_mm) <= self.command_set.cassettes or not any(self.lengths_mm):
            raise ValueError(f"lengths_mm: 1 to {self.command_set.cassettes} numbers, one for each cassette")
        if not all(mm == 0 or 60 <= mm <= 200 for mm in self.lengths_mm):
            raise ValueError("lengths_mm: a note is 60 to 200 mm long; 0 for a place without a cassette")
        try:
            size = len(bytes.fromhex(self.path_sensors))
        except ValueError:
            size = 0
        if size != SENSOR_BYTES:
            raise ValueError("path_sensors: twelve hex digits")
