"""The cash side of a simulated machine: the product's vault and driver host, the far end, and the cable between.

Messages cross at once; what the cable does to them is fate's. Notes move in the far end's physical model and nowhere
else. Every order is watched: notes move only when the record that justifies them is on the disk (I9), and the truth is
told for whom.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.dispenser import (
    Capabilities,
    CashNews,
    Clear,
    Host,
    Look,
    Offer,
    Order,
    Pay,
    PutAside,
    Recall,
    Retract,
    Test,
)
from core.vault_talk import Request
from device.vault.setup import Setup
from device.vault.vault import Sent, Vault
from sim.bench.book import TornBook
from sim.bench.clock import FOREVER_MS, Trace, VirtualClock
from sim.bench.crash import Life
from sim.bench.fate import Fate
from sim.bench.outcome import Violated
from sim.bench.truth import Truth
from sim.peers.dispenser import Peer

ROUNDS_MAX: Final = 600  # messages to and fro without time passing; more is two ends that talk in a circle
AWAY_MS: Final = 3_000  # how long a cable that fell out stays out
MOVES: Final = (Pay, Offer, PutAside, Retract, Clear, Test)
INWARD: Final = (PutAside, Retract, Clear)  # notes come back: what was written before they went out covers that


class WatchedHost:
    """The driver's host, watched: `core.dispenser.Host`."""

    def __init__(self, host: Host, side: CashSide) -> None:
        self._host = host
        self._side = side
        self.start, self.hear, self.turn, self.lost = host.start, host.hear, host.turn, host.lost
        self.say, self.news, self.wakes_at = host.say, host.news, host.wakes_at

    @property
    def capabilities(self) -> Capabilities:
        return self._host.capabilities

    def order(self, order: Order, now_ms: int) -> None:
        self._side.ordering(order)
        self._host.order(order, now_ms)


class CashSide:
    """`replied` gets what the vault says. A world starts and ends its lives."""

    def __init__(
        self,
        clock: VirtualClock,
        trace: Trace,
        fate: Fate,
        below: Callable[[str, int], int],
        truth: Truth,
        peer: Peer,
        make_host: Callable[[], Host],
        setup: Setup,
        entropy: Callable[[int], bytes],
    ) -> None:
        self._clock, self._trace, self._fate, self._below = clock, trace, fate, below
        self._truth, self._make_host, self._entropy = truth, make_host, entropy
        self.peer, self.setup = peer, setup
        self.book = TornBook(fate, below)
        self.vault: Vault | None = None
        self.life = Life("vault", 0)
        self.opened = False
        self.replied: Callable[[Sent], None] = lambda _: None
        self.struck: Callable[[Order], None] = lambda _: None
        self.reached: Callable[[str], None] = lambda _: None
        self.orders = 0
        self.noisy = True
        self._next_ms: int | None = None
        self._peer_ms = self._vault_ms = FOREVER_MS

    # -- lives ----------------------------------------------------------------------------------------

    def begin(self, life: Life) -> None:
        """The program starts on its book."""
        self.life = self.book.life = life
        self.opened = False
        host = WatchedHost(self._make_host(), self)
        self.vault = Vault(self.setup, host, self.book, self._entropy, self._clock.now_ms)
        self._open()

    def ended(self, *, power: bool) -> None:
        """Dead; the machine goes on by itself with what it was told."""
        self.life.end()
        self.book.died(power=power)
        self.vault, self.opened = None, False
        self.touched()

    # -- what the world does ----------------------------------------------------------------------------

    def ask(self, asker: int, request: Request) -> None:
        assert self.vault is not None
        self.vault.ask(asker, request, self._clock.now_ms)
        self.touched()
        self.turn()

    def fall_out(self) -> None:
        """The cable is out, and in again some seconds later."""
        if self.vault is None or not self.opened:
            return
        self.opened = False
        self._trace.tell("cable", "out")
        moving = self.vault.state.books.move is not None
        self.reached("the cable fell out while notes moved" if moving else "the cable fell out")
        self.touched()
        self.vault.lost(self._clock.now_ms)
        self._deliver()
        life = self.life
        self._clock.after(AWAY_MS, lambda: self._open() if self.life is life and not life.over else None)

    def next_ms(self) -> int:
        """When one of the two ends has something to do. Asked far more often than it changes."""
        if self._next_ms is None:
            self._peer_ms, self._vault_ms = self._wakes()
            self._next_ms = min(self._peer_ms, self._vault_ms)
        return self._next_ms

    def touched(self) -> None:
        """Somebody did something to the machine."""
        self._next_ms = None

    def _wakes(self) -> tuple[int, int]:
        peer = self.peer.wakes_at()
        vault = self.vault.wakes_at() if self.vault is not None else None
        return FOREVER_MS if peer is None else peer, FOREVER_MS if vault is None else vault

    def turn(self) -> None:
        """Let both ends say and hear until nothing more is said at this moment."""
        now_ms, vault = self._clock.now_ms, self.vault
        self.next_ms()
        self._next_ms = None
        if self._peer_ms <= now_ms:
            self.peer.turn(now_ms)
        if vault is not None and self._vault_ms <= now_ms:
            vault.turn(now_ms)
        for _ in range(ROUNDS_MAX):
            if not self._round(now_ms):
                break
        else:
            raise Violated("L3", "host and machine talk in a circle")
        self._deliver()

    # -- inside -----------------------------------------------------------------------------------------

    def ordering(self, order: Order) -> None:
        """The vault is about to give an order: is what justifies it on the disk?"""
        self.life.check()
        assert self.vault is not None
        books = self.vault.state.books
        self._trace.tell("vault", type(order).__name__, getattr(order, "op", ""))
        if isinstance(order, MOVES):
            self.orders += 1
            if self.book.unsynced and not isinstance(order, INWARD):
                raise Violated("I9", f"{type(order).__name__} while {self.book.unsynced} records are not synced")
            self._truth.under = books.open.txn.text if books.open is not None else ""
            self.struck(order)
            if self._fate.strikes("cable_cut"):
                life, later = self.life, self._below("cable_cut.ms", 8) * 250
                self._clock.after(later, lambda: self.fall_out() if self.life is life else None)
        elif isinstance(order, Recall):
            self.reached("recalled")
        else:
            assert isinstance(order, Look)

    def _round(self, now_ms: int) -> bool:
        said, vault = False, self.vault
        if vault is not None and self.opened:
            for message in vault.say():
                said = True
                self._trace.tell("cable", ">", message.hex())
                if heard := self._crossed(message):
                    self.peer.hear(heard, now_ms)
        for message in self.peer.say():
            said = True
            self._trace.tell("cable", "<", message.hex())
            if vault is not None and self.opened and (heard := self._crossed(message)):
                vault.hear(heard, now_ms)
        return said

    def _deliver(self) -> None:
        if self.vault is not None:
            for sent in self.vault.replies():
                self.replied(sent)

    def _crossed(self, message: bytes) -> bytes:
        """What comes out at the other end of the cable."""
        if not self.noisy:
            return message
        if self._fate.strikes("cable_loss"):
            return b""
        if self._fate.strikes("cable_noise"):
            at = self._below("cable_noise.at", len(message))
            return message[:at] + bytes([message[at] ^ (1 << self._below("cable_noise.bit", 8))]) + message[at + 1 :]
        return message

    def _open(self) -> None:
        if self.vault is None or self.opened:
            return
        self.opened = True
        self._trace.tell("cable", "open")
        self.peer.say()  # a port that is opened throws away what lay in its buffer
        self.vault.opened(self._clock.now_ms)
        self.touched()
        self.turn()


News = CashNews
