"""What the notes themselves say about an answer: the books of the suite."""

from __future__ import annotations

from dataclasses import dataclass

from core.dispenser import End, Moved
from sim.cashlink import CashLink
from sim.peers.cash_box import CashBox, Spot
from sim.peers.pipe import WHOLE, Weather
from tests.drivers.dispensers.machines import Machine

OUT = (Spot.EXIT, Spot.TAKEN, Spot.STACKER, Spot.RETRACT)


@dataclass(frozen=True)
class Lies:
    """Where the notes of one place lie."""

    out: int
    rejected: int
    path: int


def lies(box: CashBox) -> dict[int, Lies]:
    return {
        place: Lies(
            out=sum(box.count(spot, place) for spot in OUT),
            rejected=box.count(Spot.REJECT, place),
            path=box.count(Spot.PATH, place),
        )
        for place in box.faces
    }


@dataclass
class Bench:
    """One machine on a clock of its own, and what lay where when the movement began."""

    machine: Machine
    link: CashLink
    before: dict[int, Lies]

    @classmethod
    def of(cls, machine: Machine, weather: Weather = WHOLE, seed: int = 0) -> Bench:
        box = CashBox(machine.loaded)
        link = CashLink(machine.host(), machine.peer(box), weather=weather, seed=seed)
        return cls(machine, link, lies(box))

    def mark(self) -> None:
        self.before = lies(self.link.peer.box)

    def agrees(self, moved: Moved) -> None:
        """Every count of `moved` admits what is physically so, and what is called exact is."""
        after = lies(self.link.peer.box)
        parts = {part.place: part for part in moved.parts}
        asked = dict(self.machine.pays.notes)
        for place, now in after.items():
            was = self.before[place]
            out, rejected, path = now.out - was.out, now.rejected - was.rejected, now.path - was.path
            if place not in parts:
                assert (out, rejected, path) == (0, 0, 0), f"nothing is said about place {place}: {moved}"
                continue
            part = parts[place]
            assert part.exited.admits(out), f"{out} left place {place}: {moved}"
            assert part.rejected.admits(rejected), f"{rejected} of place {place} in the bin: {moved}"
            assert part.on_path.admits(path), f"{path} of place {place} on the path: {moved}"
            if moved.end is not End.DOUBT:
                assert part.exited.known
                assert part.rejected.known
                assert part.on_path.high == 0
            if moved.end is End.NOTHING:
                assert (out, rejected, path) == (0, 0, 0)
            if moved.end is End.DONE and moved.op.startswith("pay"):
                assert out == asked.get(place, 0)

    def payouts(self) -> int:
        return sum(ours and self.machine.is_payout(message) for ours, message in self.link.messages)

    def destroyed(self) -> bool:
        """Was evidence of the last payout destroyed? Before it there was none."""
        ours = [message for mine, message in self.link.messages if mine]
        last = max((at for at, message in enumerate(ours) if self.machine.is_payout(message)), default=0)
        return any(map(self.machine.destroys, ours[last:]))
