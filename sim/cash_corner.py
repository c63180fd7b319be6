"""The cash machine of the live demo: what lies in it, what its cash side says of it, and hands for customer and staff.

What a person sees beside the machine is the notes themselves (`sim.peers.cash_box`); the figure beside each is what
the cash side's book says. They agree, or the book says that it does not know.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from core.asset import KRW
from core.cash import Count
from core.cash_report import Act, NotesAt
from core.grant import Right
from core.messages import WireMoney
from core.money import Money, grouped
from core.vault_talk import VaultState
from device.vault.codes import BUSY
from device.vault_line import VaultLost
from sim.cash_machine import CashMachine, NoCash
from sim.live.world import CannotDo, Inside, Lying, Pile
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer
from sim.peers.nfc_phone import Phone
from sim.stand import Stand
from sim.world import World

FREE_S: Final = 20.0  # a machine that hangs is given up by then, at the demo's own patience
BUSY_S: Final = 0.1
LOOK_S: Final = 1.0  # how old the cash side's own word may be
SHOWN_MAX: Final = 40  # notes drawn at the exit
PERSONS: Final = ("Kim", "Lee")
BINS: Final = {
    "path": (Spot.PATH, Spot.STACKER),
    "reject": (Spot.REJECT,),
    "retract": (Spot.RETRACT,),
}
BOOKED: Final = {"path": "transport"}  # what a bin is called in the cash ledger, where that differs


class CashCorner(Stand):
    """`sim.live.world.Atm` over a terminal with a cash machine."""

    def __init__(self, world: World, phone: Phone) -> None:
        super().__init__(world, phone)
        assert world.cash is not None, "a till pays no cash"
        self._cash: CashMachine = world.cash
        self._looking = threading.Lock()
        self._state: VaultState | None = None
        self._looked_s = 0.0

    # -- eyes ----------------------------------------------------------------------------------------------

    def inside(self) -> Inside:
        lying, piles, troubles = self._cash.do(lambda peer, now_ms: _seen(peer))
        state = self._said()
        booked = _booked(state)
        return Inside(
            exit=tuple(lying),
            piles=tuple(
                Pile(name, _won(face), face, count, booked.get((name, face), "")) for name, face, count in piles
            ),
            troubles=troubles,
            running=self._cash.alive,
            said="" if state is None or state.ready else state.code,
            coins=state is not None and state.unit == "coin",
        )

    def _said(self) -> VaultState | None:
        """The cash side's own word, at most a second old; None while it does not answer."""
        with self._looking:
            if time.monotonic() - self._looked_s > LOOK_S:
                try:
                    self._state = self._cash.state() if self._cash.alive else None
                except (VaultLost, NoCash):
                    self._state = None
                self._looked_s = time.monotonic()
            return self._state

    # -- hands ---------------------------------------------------------------------------------------------

    def take(self) -> None:
        """The customer takes whatever lies within reach."""
        self._cash.take()

    def trouble(self, name: str) -> None:
        try:
            self._cash.strike(name)
        except NoCash as unknown:
            raise CannotDo(str(unknown)) from None

    def vault(self, on: bool) -> None:
        """Kill the cash side as a power cut would, or start it again."""
        if on == self._cash.alive:
            return
        if on:
            self._cash.run()
        else:
            self._cash.kill()

    def load(self) -> None:
        """A technician fills the cassettes up, under a grant of the exchange."""
        for place, (face, full) in self._cash.model.notes.items():
            there = self._cash.do(lambda peer, now_ms, place=place: peer.box.count(Spot.CASSETTE, place))  # type: ignore[misc]
            more = full - there
            if more <= 0:
                continue
            self._serve(Act.LOADED, Right.LOAD, (_notes(f"cassette:{place}", face, more),))
            self._cash.do(lambda peer, now_ms, place=place, face=face, more=more: peer.box.load(place, face, more))  # type: ignore[misc]

    def count(self) -> None:
        """Two persons count without seeing each other's figures, empty the bins, and mend the machine."""
        self._cash.do(lambda peer, now_ms: peer.power(True, now_ms))
        found = self._cash.do(lambda peer, now_ms: _countable(peer.box))
        notes = tuple(_notes(place, face, count) for (place, face), count in sorted(found.items()))
        for person in PERSONS:
            self._serve(Act.COUNTED, Right.COUNT, notes, person)
        bins = tuple(one for one in notes if not one.place.startswith("cassette:") and one.count.low)
        if bins:
            self._serve(Act.REMOVED, Right.LOAD, bins)
        self._cash.do(_mended)
        self._serve(Act.CLEARED, Right.CLEAR)

    def _serve(self, act: Act, right: Right, notes: tuple[NotesAt, ...] = (), person: str = PERSONS[0]) -> None:
        """Waits for a withdrawal that still goes on. Raises `CannotDo`."""
        until_s = time.monotonic() + FREE_S
        while True:
            try:
                self._cash.serve(act, right, notes, person)
                return
            except (NoCash, VaultLost) as refused:
                if BUSY not in str(refused) or time.monotonic() > until_s:
                    raise CannotDo(f"the cash side refuses: {refused}") from None
            finally:
                self._looked_s = 0.0
            time.sleep(BUSY_S)


def _seen(peer: Peer) -> tuple[list[Lying], list[tuple[str, int, int]], tuple[str, ...]]:
    """Notes at the exit, (place, face, notes) of what lies inside, and the troubles by name."""
    box = peer.box
    lying = [Lying(_won(note.face), note.face) for note in box.notes if note.spot is Spot.EXIT][:SHOWN_MAX]
    piles = [(f"cassette:{place}", face, box.count(Spot.CASSETTE, place)) for place, face in sorted(box.faces.items())]
    census = box.census()
    faces = sorted(set(box.faces.values()))
    for name, spots in BINS.items():
        for face in faces:
            count = sum(census.get((spot, face), 0) for spot in spots)
            if count:
                piles.append((name, face, count))
    return lying, piles, tuple(sorted(peer.faults))


def _countable(box: CashBox) -> dict[tuple[str, int], int]:
    """(place as a technician names it, face) -> notes."""
    found = {(f"cassette:{place}", face): box.count(Spot.CASSETTE, place) for place, face in box.faces.items()}
    names = {spot: name for name, spots in BINS.items() for spot in spots} | {Spot.EXIT: "exit"}
    for (spot, face), count in box.census().items():
        if spot in names:
            key = names[spot], face
            found[key] = found.get(key, 0) + count
    return found


def _mended(peer: Peer, now_ms: int) -> None:
    """Bins and path are empty, and nothing is broken any more."""
    for spot in (Spot.REJECT, Spot.RETRACT, Spot.PATH, Spot.STACKER, Spot.EXIT):
        peer.box.remove(spot)
    peer.heal()
    peer.power(True, now_ms)


def _booked(state: VaultState | None) -> dict[tuple[str, int], str]:
    """(place, face) -> the count in the cash side's book, as it says it."""
    if state is None:
        return {}
    rows = {(f"cassette:{one.place}", one.face.money().minor): str(one.count) for one in state.cassettes}
    names = {booked: name for name, booked in BOOKED.items()}
    return rows | {(names.get(one.place, one.place), one.face.money().minor): str(one.count) for one in state.bins}


def _notes(place: str, face: int, count: int) -> NotesAt:
    return NotesAt(place, WireMoney.of(Money(face, KRW)), Count.exact(count))


def _won(face: int) -> str:
    return grouped(Money(face, KRW))
