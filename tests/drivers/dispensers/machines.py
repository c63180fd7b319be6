"""Every machine that pays notes or coins, as the conformance suite sees it; a new driver adds its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.cash import Mix
from core.dispenser import Host
from core.settings import fill
from core.wire.cctalk import Check
from core.wire.cctalk_messages import Header
from core.wire.lcdm30_messages import Dialect as Dialect30
from core.wire.lcdm50 import BothOrder
from core.wire.lcdm50 import Dialect as Dialect50
from core.wire.lcdm50_sensors import Model, Wiring
from drivers import dispenser_cctalk as cctalk
from drivers import dispenser_f56 as f56
from drivers import dispenser_lcdm30 as lcdm30
from drivers import dispenser_lcdm50 as lcdm50
from drivers import dispenser_xfs4iot as xfs4iot
from sim.peers import cctalk_hopper, f56_notes
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer
from sim.peers.dispenser_cctalk import CctalkPeer
from sim.peers.dispenser_f56 import F56Peer
from sim.peers.dispenser_lcdm30 import Habits, Lcdm30Peer
from sim.peers.dispenser_lcdm50 import STOPPED, Lcdm50Peer
from sim.peers.dispenser_xfs4iot import XfsDispenser
from sim.peers.dispenser_xfs4iot_memory import Making
from tests.drivers.dispensers.tokened import KEY, Tokened

TWO_PLACES = Mix(((1, 3), (2, 2)))


def never(message: bytes) -> bool:
    return False


@dataclass(frozen=True)
class Machine:
    """`host` a fresh host, `peer` its far end; `loaded` place -> (face, notes); `pays` the mix the suite orders.

    `is_payout` does this message of the host make notes leave, and `payouts` how many of them does the mix need?
    `destroys` does it destroy evidence? `noisy` the cable may be disturbed at random: True for a line of bytes with
    check sums. `short_sure` a count that ended early is exact; else the counted notes stay inside, and are a doubt.
    """

    name: str
    host: Callable[[], Host]
    peer: Callable[[CashBox], Peer]
    loaded: Mapping[int, tuple[int, int]] = field(default_factory=lambda: {1: (1_000_00, 80), 2: (5_000_00, 80)})
    pays: Mix = TWO_PLACES
    is_payout: Callable[[bytes], bool] = never
    payouts: int = 1
    destroys: Callable[[bytes], bool] = never
    noisy: bool = True
    short_sure: bool = True

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


def _hopper(name: str, settings: cctalk.Settings, peer: Callable[[CashBox], Peer]) -> Machine:
    several = len(settings.addresses) > 1
    return Machine(
        name,
        lambda: cctalk.make_host(settings),
        peer,
        loaded={1: (500_00, 80), 2: (100_00, 80)} if several else {1: (500_00, 80)},
        pays=TWO_PLACES if several else Mix(((1, 5),)),
        is_payout=lambda message: message[3] == Header.DISPENSE,
        payouts=len(settings.addresses),
        destroys=lambda message: message[3] == Header.RESET,
    )


def _f56(name: str, build: f56_notes.Build, **more: Any) -> Machine:
    chosen = f56.Set.ENHANCED if build.enhanced else f56.Set.CONVENTIONAL
    settings = f56.Settings("x", (136, 142), command_set=chosen, path_sensors=build.path_bits.hex(), **more)
    return Machine(
        name,
        lambda: f56.make_host(settings),
        lambda box: F56Peer(box, build),
        is_payout=lambda message: message[4:6] == b"\x60\x03",
        destroys=lambda message: message[4:6] == b"\x60\x02",
        short_sure=not build.pool_keeps,
    )


_UPSIDE_DOWN = Wiring(Model.LCDM_2000, present_bit=False, tray_present_bit=True)


_DESTROYING = (b"CashManagement.Reset", b"CashDispenser.Reject")


def _xfs4iot(name: str, **more: object) -> Machine:
    url = "ws://127.0.0.1:5846/xfs4iot/v1.0/CashDispenser"
    settings = fill(xfs4iot.Settings, {"url": url, "units": {"unit1": 1, "unit2": 2}} | more, file=name)
    faces = {1: 1_000_00, 2: 5_000_00}
    making = Making(mac=KEY.mac if settings.end_to_end else None)
    return Machine(
        name,
        lambda: Tokened(xfs4iot.make_host(settings), faces) if settings.end_to_end else xfs4iot.make_host(settings),
        lambda box: XfsDispenser(box, making),
        is_payout=lambda message: b'"name":"CashDispenser.Dispense"' in message,
        destroys=lambda message: any(b'"name":"%s"' % name in message for name in _DESTROYING),
        noisy=False,
    )


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
    _hopper("hopper", cctalk.Settings("x"), CctalkPeer),
    _hopper("hopper-bus", cctalk.Settings("x", addresses=(3, 5)), lambda box: CctalkPeer(box, (3, 5))),
    _hopper(
        "hopper-other-habits",
        cctalk.Settings(
            "x",
            echo=False,
            check=Check.CRC,
            security=cctalk.Security.SERIAL,
            cipher_first=False,
            level_sensors=True,
            uncounted_max=2,
        ),
        lambda box: CctalkPeer(
            box,
            echo=False,
            check=Check.CRC,
            build=cctalk_hopper.Build(cipher=False, serial=710_623, uncounted=2, level=True),
        ),
    ),
    _f56("f56", f56_notes.Build()),
    _f56("f56-enhanced", f56_notes.Build(enhanced=True)),
    _f56(
        "f56-other-habits",
        f56_notes.Build(pool_keeps=True, init_to=Spot.EXIT, path_bits=bytes.fromhex("030000000000")),
        odr=0x40,
    ),
    _f56(
        "f56-enhanced-other-habits",
        f56_notes.Build(enhanced=True, pool_keeps=True, init_to=Spot.EXIT),
        init_form=f56.InitForm.JOINED,
    ),
    _xfs4iot("xfs4iot"),
    _xfs4iot("xfs4iot-end-to-end", end_to_end=True),
    _xfs4iot("xfs4iot-values", release="values", clear_to="service", notes_max=20, place_max=20),
)


def machine(name: str) -> Machine:
    return next(one for one in MACHINES if one.name == name)
