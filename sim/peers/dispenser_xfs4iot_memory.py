"""What a simulated XFS4IoT machine knows: counters and the last dispense survive a power cut, the rest does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.wire.xfs4iot_answers import DeviceState, Holds, PresentState, Shutter, Status, Storage, Transport
from core.wire.xfs4iot_storage import Accuracy, Level, Out, Unit, UnitStatus
from core.wire.xfs4iot_token import Mac
from sim.peers.cash_box import CashBox, Spot

LOW_AT = 10  # notes in a cassette below which it says that it is low
REJECT, RETRACT = "unit90", "unit91"


def unit_name(place: int) -> str:
    return f"unit{place}"


@dataclass(frozen=True, slots=True)
class Making:
    """How a machine is made. `mac` the HMAC with its end-to-end key; None: it asks for no token."""

    currency: str = "KRW"
    scale: int = 0
    notes_max: int = 40
    note_ms: int = 140
    move_ms: int = 1_500
    counts_retracts: bool = True
    mac: Mac | None = None
    seed: str = "xfs"


@dataclass(slots=True)
class Memory:
    """The kept part, and the switches trouble has thrown."""

    outs: dict[int, Out]
    initial: dict[int, int]
    last: dict[int, int] = field(default_factory=dict)
    last_token: str = ""
    shown: PresentState = PresentState.UNKNOWN
    retracts: int = 0
    retracted: int = 0
    nonces: int = 0
    accuracy: dict[int, Accuracy] = field(default_factory=dict)
    status: dict[str, UnitStatus] = field(default_factory=dict)
    level: dict[str, Level] = field(default_factory=dict)
    device: DeviceState = DeviceState.ONLINE
    shutter: Shutter = Shutter.CLOSED
    transport: Transport = Transport.OK
    exchange: bool = False
    fit: bool = True

    def mend(self, box: CashBox) -> None:
        """A technician has mended, emptied and counted everything."""
        self.status.clear()
        self.level.clear()
        self.accuracy.clear()
        self.device, self.shutter, self.transport = DeviceState.ONLINE, Shutter.CLOSED, Transport.OK
        self.exchange, self.fit, self.retracted = False, True, 0
        for place, out in self.outs.items():
            gone = out.transport + out.diverted + out.stacked
            self.outs[place] = replace(out, transport=0, diverted=0, stacked=0, unknown=out.unknown + gone)
        for place in box.faces:
            self.initial[place] = box.count(Spot.CASSETTE, place) + self._left(place)

    def _left(self, place: int) -> int:
        out = self.outs[place]
        return sum(getattr(out, name) for name in Out.__slots__)

    def count(self, place: int, **changes: int) -> None:
        """Some counters of a place go up or down."""
        out = self.outs[place]
        self.outs[place] = replace(out, **{name: getattr(out, name) + by for name, by in changes.items()})

    def shift(self, here: str, there: str) -> None:
        """All notes of one intermediate counter are now counted by another."""
        for place, out in self.outs.items():
            if getattr(out, here):
                self.count(place, **{here: -getattr(out, here), there: getattr(out, here)})

    def storage(self, box: CashBox, currency: str, scale: int) -> Storage:
        """Storage.GetStorage, as the sensors and counters have it now."""
        units = []
        for place, face in sorted(box.faces.items()):
            here, name = box.count(Spot.CASSETTE, place), unit_name(place)
            level = Level.EMPTY if not here else Level.LOW if here < LOW_AT else Level.OK
            units.append(
                Unit(
                    name,
                    self.status.get(name, UnitStatus.OK),
                    self.level.get(name, level),
                    self.accuracy.get(place, Accuracy.ACCURATE),
                    ident=f"C{place}",
                    serial=f"XFS-{place:04d}",
                    currency=currency,
                    value=Decimal(face) / 10**scale,
                    initial=self.initial[place],
                    out=self.outs[place],
                )
            )
        reject = self._bin(REJECT, rejects=True, rejected=box.count(Spot.REJECT))
        retract = self._bin(RETRACT, retracts=True, retract_operations=self.retracts, retracted=self.retracted)
        return Storage((*units, reject, retract))

    def _bin(self, name: str, **more: int | bool) -> Unit:
        state, level = self.status.get(name, UnitStatus.OK), self.level.get(name, Level.OK)
        return Unit(name, state, level, Accuracy.NOT_SAID, False, **more)  # type: ignore[arg-type]

    def sensed(self, box: CashBox, busy: bool) -> Status:
        """Common.Status, as the sensors have it now."""
        stacked = Holds.NOTES if box.count(Spot.STACKER) else Holds.EMPTY
        return Status(
            DeviceState.BUSY if busy and self.device is DeviceState.ONLINE else self.device,
            self.exchange,
            stacked,
            self.shutter,
            Holds.CUSTOMER if box.count(Spot.EXIT) else Holds.EMPTY,
            self.transport,
            Holds.NOTES if box.count(Spot.PATH) else Holds.EMPTY,
        )
