"""Every machine that pays notes or coins, as the conformance suite sees it; a new driver adds its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.cash import Mix
from core.dispenser import Host
from core.wire.lcdm30_messages import Dialect as Dialect30
from core.wire.lcdm50 import BothOrder
from core.wire.lcdm50 import Dialect as Dialect50
from core.wire.lcdm50_sensors import Model, Wiring
from drivers import dispenser_lcdm30 as lcdm30
from drivers import dispenser_lcdm50 as lcdm50
from sim.peers.cash_box import CashBox
from sim.peers.dispenser import Peer
from sim.peers.dispenser_lcdm30 import Habits, Lcdm30Peer
from sim.peers.dispenser_lcdm50 import STOPPED, Lcdm50Peer

TWO_PLACES = Mix(((1, 3), (2, 2)))


def never(message: bytes) -> bool:
    return False


@dataclass(frozen=True)
class Machine:
    """`host` a fresh host, `peer` its far end; `loaded` place -> (face, notes); `pays` the mix the suite orders.

    `is_payout` does this message of the host make notes leave? `destroys` does it destroy evidence? `noisy` the cable
    may be disturbed at random: True for a line of bytes with check sums.
    """

    name: str
    host: Callable[[], Host]
    peer: Callable[[CashBox], Peer]
    loaded: Mapping[int, tuple[int, int]] = field(default_factory=lambda: {1: (1_000_00, 80), 2: (5_000_00, 80)})
    pays: Mix = TWO_PLACES
    is_payout: Callable[[bytes], bool] = never
    destroys: Callable[[bytes], bool] = never
    noisy: bool = True

    def __str__(self) -> str:
        return self.name


def _starts(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda message: message.startswith(heads)


def _lcdm50(
    name: str, settings: lcdm50.Settings, peer: Callable[[CashBox], Peer], *, one_place: bool = False
) -> Machine:
    return Machine(
        name,
        lambda: lcdm50.make_host(settings),
        peer,
        loaded={1: (1_000_00, 80)} if one_place else {1: (1_000_00, 80), 2: (5_000_00, 80)},
        pays=Mix(((1, 4),)) if one_place else TWO_PLACES,
        is_payout=_starts(b"\x04\x50\x02\x45", b"\x04\x50\x02\x55", b"\x04\x50\x02\x56"),
        destroys=_starts(b"\x04\x50\x02\x44"),
    )


def _lcdm30(name: str, settings: lcdm30.Settings, peer: Callable[[CashBox], Peer]) -> Machine:
    return Machine(
        name,
        lambda: lcdm30.make_host(settings),
        peer,
        is_payout=_starts(b"\x04\x30\x02\x52"),
        destroys=_starts(b"\x04\x30\x02\x44", b"\x04\x30\x02\x51"),
    )


_UPSIDE_DOWN = Wiring(Model.LCDM_2000, present_bit=False, tray_present_bit=True)

MACHINES: tuple[Machine, ...] = (
    _lcdm50("lcdm50", lcdm50.Settings("x"), Lcdm50Peer, one_place=True),
    _lcdm50("lcdm50-2000", lcdm50.Settings("x", model=Model.LCDM_2000), Lcdm50Peer),
    _lcdm50(
        "lcdm50-items",
        lcdm50.Settings("x"),
        lambda box: Lcdm50Peer(box, Wiring(Model.LCDM_1000), items=True, good=STOPPED),
        one_place=True,
    ),
    _lcdm50(
        "lcdm50-other-habits",
        lcdm50.Settings(
            "x",
            model=Model.LCDM_2000,
            both_order=BothOrder.BY_KIND,
            cassette_bit_present=False,
            tray_bit_present=True,
        ),
        lambda box: Lcdm50Peer(box, _UPSIDE_DOWN, Dialect50(BothOrder.BY_KIND), items=True),
    ),
    _lcdm30("lcdm30", lcdm30.Settings("x"), Lcdm30Peer),
    _lcdm30(
        "lcdm30-keeps",
        lcdm30.Settings("x", tray_bit_present=True),
        lambda box: Lcdm30Peer(box, habits=Habits(keeps_last=True, tray_bit_present=True, reset_replies=2)),
    ),
    _lcdm30(
        "lcdm30-old-form",
        lcdm30.Settings("x", form=lcdm30.Form.OLD, places=2, reset_forgets=False),
        lambda box: Lcdm30Peer(box, habits=Habits(keeps_last=True, reset_forgets=False)),
    ),
    _lcdm30(
        "lcdm30-never-forgets",
        lcdm30.Settings("x", reset_forgets=False, bits_offset=False, status_sizes=(25,)),
        lambda box: Lcdm30Peer(
            box,
            Dialect30(status_sizes=(25,), bits_offset=False),
            Habits(reset_forgets=False, reset_replies=0, says_eot=False),
        ),
    ),
)


def machine(name: str) -> Machine:
    return next(one for one in MACHINES if one.name == name)
