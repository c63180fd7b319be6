"""An XFS4IoT host and a simulated machine on one virtual clock, and the HMAC of their shared key."""

from __future__ import annotations

import hashlib
import hmac
from typing import TypeVar

from core.cash import Mix
from core.dispenser import Answer, CashNews, Moved, Order, Pay
from core.wire.device_errors import DeviceError
from core.wire.xfs4iot_errors import ERRORS
from drivers.dispenser_xfs4iot import Host, Settings, make_host
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_xfs4iot import XfsDispenser
from sim.peers.dispenser_xfs4iot_memory import Making

URL = "ws://127.0.0.1:5846/xfs4iot/v1.0/CashDispenser"
KEY = bytes(range(32))
STEPS_MAX = 20_000  # of one order: a few per note, and the exit looked at ten times a second
A = TypeVar("A", bound=Answer)
ROWS: dict[str, DeviceError] = {row.name: row for row in ERRORS.values()}


def mac(signed: bytes) -> bytes:
    return hmac.new(KEY, signed, hashlib.sha256).digest()


def settings(**more: object) -> Settings:
    return Settings(**{"url": URL, "units": {"unit1": 1, "unit2": 2}} | more)  # type: ignore[arg-type]


class Bench:
    """`box`: place 1 has 50 notes of 50,000 won, place 2 has 50 of 10,000."""

    def __init__(self, making: Making | None = None, **more: object) -> None:
        self.box = CashBox({1: (50_000, 50), 2: (10_000, 50)})
        self.peer = XfsDispenser(self.box, making)
        self.settings = settings(**more)
        self.host = make_host(self.settings)
        self.now_ms = 1_000
        self.news: list[CashNews] = []
        self.sent: list[bytes] = []
        self._connected = False
        self.connect()

    def connect(self) -> None:
        """Open the cable (again)."""
        if self._connected:
            self.host.lost(self.now_ms)
        self.peer.connect()
        self._connected = True
        self.host.start(self.now_ms)
        self._exchange()

    def reborn(self) -> None:
        """The host's own machine was restarted: a new host, which remembers nothing."""
        self.host: Host = make_host(self.settings)
        self._connected = False
        self.connect()

    def _exchange(self) -> None:
        for _ in range(100):
            if (self.peer.dropped or not self.peer.on) and self._connected:
                self._connected = False
                self.host.lost(self.now_ms)
            said, heard = self.host.say(), self.peer.say()
            if self._connected:
                self.sent += said
                for message in said:
                    self.peer.hear(message, self.now_ms)
                for message in heard:
                    self.host.hear(message, self.now_ms)
            if not said and not heard:
                break
        self.news += self.host.news()

    def tick(self) -> None:
        """On to the next moment at which something is due."""
        due = [at for at in (self.host.wakes_at(), self.peer.wakes_at()) if at is not None]
        self.now_ms = max(self.now_ms, min(due)) if due else self.now_ms + 100
        self.peer.turn(self.now_ms)
        self._exchange()
        self.host.turn(self.now_ms)
        self._exchange()

    def later(self, wait_ms: int) -> None:
        end = self.now_ms + wait_ms
        while self.now_ms < end:
            self.tick()

    def ask(self, order: Order, kind: type[A]) -> A:
        """Give an order and wait for its one answer, within the limit the machine itself names."""
        self.news.clear()
        begun = self.now_ms
        self.host.order(order, self.now_ms)
        self._exchange()
        for _ in range(STEPS_MAX):
            found = [news for news in self.news if isinstance(news, Answer)]
            if found:
                assert len(found) == 1, found
                assert self.now_ms - begun <= self.host.capabilities.answer_ms
                assert isinstance(found[0], kind), found[0]
                return found[0]
            self.tick()
        raise AssertionError("no answer")

    def pay(self, op: str = "op", one: int = 2, two: int = 3, token: str = "") -> Moved:
        return self.ask(Pay(op, Mix.of([(1, one), (2, two)]), token), Moved)

    def truth(self, place: int) -> tuple[int, int, int]:
        """(on the stacker or out of it, rejected, on the path) of a place."""
        notes = [note.spot for note in self.box.notes if note.place == place]
        out = sum(spot in (Spot.STACKER, Spot.EXIT, Spot.TAKEN, Spot.RETRACT) for spot in notes)
        return out, notes.count(Spot.REJECT), notes.count(Spot.PATH)

    def holds(self, moved: Moved) -> None:
        """Every bound of the answer contains what is physically true."""
        for part in moved.parts:
            out, rejected, path = self.truth(part.place)
            assert part.exited.admits(out), (part, out)
            assert part.rejected.admits(rejected), (part, rejected)
            assert part.on_path.admits(path), (part, path)
