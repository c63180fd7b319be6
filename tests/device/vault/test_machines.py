"""The cash side with every real machine: unmodified hosts and far ends, one thread, one virtual clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from core.asset import KRW
from core.authority import AUTHORITY, Authority
from core.cash_report import Act
from core.dispenser import Host
from core.grant import GRANT, Grant, Right
from core.messages.money import WireMoney
from core.money import Money
from core.sealed import seal
from core.vault_talk import (
    AskChallenge,
    AskNonce,
    Challenge,
    CloseOut,
    Nonce,
    PaidOut,
    PayOut,
    Reply,
    Request,
    Serve,
    Stage,
)
from device.vault.ledger import wrong_with
from device.vault.memory_book import MemoryBook
from device.vault.setup import CassetteSpec, Setup
from device.vault.vault import Vault
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer
from sim.peers.dispenser_xfs4iot import XfsDispenser
from tests.device.vault.room import EXCHANGE, LOADED, VAULT, at, txn
from tests.drivers.dispensers import machines
from tests.drivers.dispensers.tokened import KEY
from tests.drivers.dispensers.xfs_bench import make_host, settings

STEPS_MAX = 200_000
HAND_MS = 1_000  # from seeing notes to having them
WITHIN_MS = 400_000


def won(amount: int) -> WireMoney:
    return WireMoney.of(Money(amount, KRW))


@dataclass
class Line:
    """One vault, its host and its far end. `connect` what the far end needs to hear of an opened cable."""

    new_host: Callable[[], Host]
    peer: Peer
    loaded: dict[int, tuple[int, int]]
    connect: Callable[[], None]
    takes: bool = True
    now_ms: int = 1_000
    book: MemoryBook = field(default_factory=MemoryBook)

    def __post_init__(self) -> None:
        self.got: dict[int, list[Reply]] = {}
        self._asker = 0
        self._hand_ms = 0
        self.start()
        notes = tuple(at(f"cassette:{place}", face, count) for place, (face, count) in self.loaded.items())
        self.get(Serve(LOADED, self.grant(), Act.LOADED, notes))

    def start(self) -> None:
        host = self.new_host()
        cassettes = tuple(CassetteSpec(place, Money(face, KRW)) for place, (face, _) in self.loaded.items())
        setup = Setup("T1", "vault", "cHVibGlj", VAULT, EXCHANGE, host.capabilities, cassettes, token=KEY.token)
        self.vault = Vault(setup, host, self.book, self._entropy, self.now_ms)
        self.connect()
        self.vault.opened(self.now_ms)

    def _entropy(self, count: int) -> bytes:
        self._asker += 1
        return hashlib.sha256(self._asker.to_bytes(8)).digest()[:count]

    def grant(self) -> str:
        challenge = self.get(AskChallenge())
        assert isinstance(challenge, Challenge)
        return seal(GRANT, Grant("T1", "vault", "Kim", tuple(Right), challenge.challenge, 3_600_000), EXCHANGE)

    def step(self) -> bool:
        moved = False
        self.peer.turn(self.now_ms)
        for message in self.vault.say():
            self.peer.hear(message, self.now_ms)
            moved = True
        for message in self.peer.say():
            self.vault.hear(message, self.now_ms)
            moved = True
        for sent in self.vault.replies():
            self.got.setdefault(sent.asker, []).append(sent.reply)
            moved = True
        if not self.peer.box.count(Spot.EXIT):
            self._hand_ms = self.now_ms + HAND_MS
        elif self.takes and self.now_ms >= self._hand_ms:
            self.peer.box.take()
            moved = True
        wakes = self.vault.wakes_at()
        if wakes is not None and wakes <= self.now_ms:
            self.vault.turn(self.now_ms)
            moved = True
        assert wrong_with(self.vault.state.books.ledger) == ""
        return moved

    def run(self, until: Callable[[], bool]) -> None:
        end = self.now_ms + WITHIN_MS
        for _ in range(STEPS_MAX):
            if until():
                return
            if self.step():
                continue
            wakes = [one for one in (self.vault.wakes_at(), self.peer.wakes_at()) if one is not None]
            self.now_ms = max(self.now_ms + 1, min([*wakes, self.now_ms + 1_000]))
            assert self.now_ms < end, "it never ends"
        raise AssertionError("too many steps")

    def ask(self, request: Request) -> int:
        self._asker += 1
        asker = self._asker
        self.vault.ask(asker, request, self.now_ms)
        return asker

    def get(self, request: Request) -> Reply:
        asker = self.ask(request)
        self.run(lambda: any(not isinstance(one, Stage) for one in self.got.get(asker, [])))
        return self.got[asker][-1]

    def authority(self, amount: int) -> str:
        nonce = self.get(AskNonce(txn(1)))
        assert isinstance(nonce, Nonce), nonce
        return seal(AUTHORITY, Authority("T1", "vault", txn(1), nonce.nonce, won(amount), 120_000), EXCHANGE)


def lines() -> dict[str, Callable[[], Line]]:
    def of(one: machines.Machine) -> Callable[[], Line]:
        return lambda: Line(one.host, one.peer(CashBox(one.loaded)), dict(one.loaded), lambda: None)

    def xfs() -> Line:
        loaded = {1: (50_000, 50), 2: (10_000, 50)}
        peer = XfsDispenser(CashBox(loaded))
        return Line(lambda: make_host(settings()), peer, loaded, peer.connect)

    return {one.name: of(one) for one in machines.MACHINES} | {"xfs4iot": xfs}


LINES = lines()


@pytest.mark.parametrize("name", LINES)
def test_a_withdrawal_is_paid_by_the_real_machine(name: str) -> None:
    line = LINES[name]()
    least = min(face for face, _ in line.loaded.values())
    amount = 3 * least
    before = line.book.fsyncs
    paid = line.get(PayOut(txn(1), line.authority(amount), won(amount)))
    assert isinstance(paid, PaidOut), paid
    assert (paid.least, paid.highest, paid.code) == (won(amount), won(amount), "")
    assert line.peer.box.worth(Spot.TAKEN) + line.peer.box.worth(Spot.EXIT) == amount
    assert line.book.fsyncs - before <= 3


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("after_notes", [0, 1, 2])
def test_a_power_cut_in_the_middle_is_told_as_it_was(name: str, after_notes: int) -> None:
    line = LINES[name]()
    least = min(face for face, _ in line.loaded.values())
    asker = line.ask(PayOut(txn(1), line.authority(3 * least), won(3 * least)))

    def out() -> int:
        box = line.peer.box
        return sum(box.count(spot) for spot in (Spot.EXIT, Spot.TAKEN, Spot.STACKER))

    line.run(lambda: (out() >= after_notes and bool(line.vault.state.books.move)) or bool(line.got.get(asker)))
    line.book.cut(0)
    line.start()
    paid = line.get(CloseOut(txn(1)))
    assert isinstance(paid, PaidOut)
    line.run(lambda: (not line.step() and line.peer.wakes_at() is None) or line.now_ms > 300_000)
    given = line.peer.box.worth(Spot.TAKEN) + line.peer.box.worth(Spot.EXIT)
    assert paid.least.money().minor <= given <= paid.highest.money().minor
    assert given <= 3 * least


@pytest.mark.parametrize("name", ["jam_presenting", "present_error_items", "present_error_unknown"])
def test_a_machine_that_fails_while_it_presents_is_counted_whatever_was_taken(name: str) -> None:
    line = LINES["xfs4iot"]()
    authority = line.authority(130_000)
    line.peer.fault(name)
    paid = line.get(PayOut(txn(1), authority, won(130_000)))
    assert isinstance(paid, PaidOut), paid
    out = line.peer.box.worth(Spot.TAKEN) + line.peer.box.worth(Spot.EXIT)
    assert 0 < out < 130_000
    assert paid.least.money().minor <= out <= paid.highest.money().minor
    assert line.vault.state.books.suspended
