"""The machines that pay cash in a simulated world: driver, far end, and what stands in their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from core.dispenser import Host
from core.settings import fill
from core.wire.lcdm50_sensors import Model
from drivers import dispenser_f56 as f56
from drivers import dispenser_lcdm30 as lcdm30
from drivers import dispenser_lcdm50 as lcdm50
from drivers import dispenser_xfs4iot as xfs4iot
from sim.peers.cash_box import CashBox
from sim.peers.dispenser import Peer
from sim.peers.dispenser_f56 import F56Peer
from sim.peers.dispenser_lcdm30 import Lcdm30Peer
from sim.peers.dispenser_lcdm50 import Lcdm50Peer
from sim.peers.dispenser_xfs4iot import XfsDispenser

VANISHING: Final = frozenset({"empty", "note_on_path", "note_at_exit"})
# Troubles in which a machine gives more than it was told to; no software can prevent that.
UNCOUNTED: Final = frozenset(
    {
        "overflow",
        "counting_chk34_div",
        "counting_div_ejt",
        "counting_ejt_exit",
        "count_differs",
        "foreign_note",
        "suspect_ejected",
        "count_mismatch",
        "reject_passed",
        "too_many_dispensed",
        "more_than_asked",
        "note_from_cassette_1",
        "note_from_cassette_2",
        "note_from_cassette_3",
        "note_from_cassette_4",
    }
)


@dataclass(frozen=True)
class Machine:
    """`loaded` place -> (face, notes) at the beginning. `noisy` its cable loses and changes bytes: a WebSocket does
    neither, it only breaks."""

    name: str
    host: Callable[[], Host]
    peer: Callable[[CashBox], Peer]
    loaded: Mapping[int, tuple[int, int]]
    noisy: bool = True

    def troubles(self, peer: Peer) -> list[str]:
        """Every trouble this machine can have, but those in which a note goes where no order sent it (a hand in the
        machine): after them no book can know what lies where, and no count what became of whom."""
        return sorted(name for name in peer.faults if name not in VANISHING)

    def troubles_by_name(self) -> list[str]:
        """The same of a machine nobody has switched on yet."""
        return self.troubles(self.peer(CashBox({place: (face, 0) for place, (face, _) in self.loaded.items()})))

    def uncounted(self, name: str) -> bool:
        """Does it give more than it was told to, by itself?"""
        return name in UNCOUNTED


_TWO: Final = {1: (10_000, 60), 2: (50_000, 40)}

_COINS: Final = {1: (500, 200), 2: (100, 200)}
_XFS: Final = {"url": "ws://127.0.0.1:5846/xfs4iot/v1.0/CashDispenser", "units": {"unit1": 1, "unit2": 2}}


def _f56() -> Host:
    return f56.make_host(f56.Settings("x", (136, 142), path_sensors=bytes(6).hex()))


def _xfs() -> Host:
    return xfs4iot.make_host(fill(xfs4iot.Settings, dict(_XFS), file="torture"))


MACHINES: Final[tuple[Machine, ...]] = (
    Machine("lcdm30", lambda: lcdm30.make_host(lcdm30.Settings("x")), Lcdm30Peer, _TWO),
    Machine("lcdm50", lambda: lcdm50.make_host(lcdm50.Settings("x", model=Model.LCDM_2000)), Lcdm50Peer, _TWO),
    Machine("f56", _f56, F56Peer, _TWO),
    Machine("xfs4iot", _xfs, XfsDispenser, _TWO, noisy=False),
)


def named(name: str) -> Machine:
    return next(one for one in MACHINES if one.name == name)
