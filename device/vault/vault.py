"""The cash side without its socket and without its port: decisions, books and host in one thread, time handed in.

The program (`device.vault.serve`) and a simulation drive it the same way: say what came (`ask`, `hear`, `opened`,
`lost`, `turn`), then take what is to go (`say`, `replies`), and come back at `wakes_at`. Nothing blocks, and nothing
leaves that was not written down first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from core.dispenser import Host
from core.vault_talk import AskNonce, CloseOut, PayOut, Reply, Reports, Request, Serve
from device.vault.machine import begin, idle, step, wakes_at
from device.vault.setup import Setup
from device.vault.state import (
    Answer,
    Asked,
    CableLost,
    CableOpened,
    Do,
    Effect,
    Hand,
    Heard,
    Input,
    Restarted,
    State,
    Tell,
    Tick,
    Write,
)
from device.vault.store import Book

ENTROPY_BYTES: Final = 16
EVERYBODY: Final = 0  # the asker of news nobody asked for
ROUNDS_MAX: Final = 10_000  # of news and orders without a byte or a tick between: more is a loop


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply on its way to `asker` (`EVERYBODY` for news). `last`: it ends the request."""

    asker: int
    reply: Reply
    last: bool


class Vault:
    """See the module. `entropy(n)` gives n unpredictable bytes."""

    def __init__(self, setup: Setup, host: Host, book: Book, entropy: Callable[[int], bytes], now_ms: int) -> None:
        self.setup = setup
        self._host = host
        self._book = book
        self._entropy = entropy
        self._sent: list[Sent] = []
        self._state = begin(book.load())
        self._step(Restarted(), now_ms)

    @property
    def state(self) -> State:
        return self._state

    # -- what came ------------------------------------------------------------------------------------

    def ask(self, asker: int, request: Request, now_ms: int) -> None:
        """A request of `asker`, a number above zero that comes back with its replies."""
        assert asker > EVERYBODY
        known = self._book.known(request.txn) if isinstance(request, AskNonce | PayOut | CloseOut | Serve) else None
        entropy = self._entropy(ENTROPY_BYTES)
        self._step(Asked(asker, request, entropy, known), now_ms)

    def opened(self, now_ms: int) -> None:
        """The cable is open (again)."""
        self._host.start(now_ms)
        self._listen(now_ms)
        self._step(CableOpened(), now_ms)

    def lost(self, now_ms: int) -> None:
        """The cable is gone."""
        self._step(CableLost(), now_ms)  # first: what the host says now must not lead to an order
        self._host.lost(now_ms)
        self._listen(now_ms)
        assert self._state.order is None, "a host ends its order when the cable is lost"

    def hear(self, message: bytes, now_ms: int) -> None:
        """Bytes of the machine."""
        self._host.hear(message, now_ms)
        self._listen(now_ms)

    def turn(self, now_ms: int) -> None:
        """Time has passed."""
        self._host.turn(now_ms)
        self._listen(now_ms)
        self._step(Tick(self._book.has_room()), now_ms)
        self.rest()

    def rest(self) -> None:
        """Snapshots and copying back, if nothing is open."""
        if idle(self._state):
            self._book.rest(self._state.books)

    # -- what is to go --------------------------------------------------------------------------------

    def say(self) -> tuple[bytes, ...]:
        """Messages for the machine, taken once."""
        return self._host.say()

    def replies(self) -> tuple[Sent, ...]:
        """Taken once, in order."""
        sent, self._sent = tuple(self._sent), []
        return sent

    def wakes_at(self) -> int | None:
        """When `turn` has something to do."""
        times = [at for at in (self._host.wakes_at(), wakes_at(self._state)) if at is not None]
        return min(times) if times else None

    # -- inside ---------------------------------------------------------------------------------------

    def _step(self, told: Input, now_ms: int) -> None:
        self._state, effects = step(self.setup, self._state, told, now_ms)
        for effect in effects:
            self._perform(effect, now_ms)
        if any(isinstance(effect, Do) for effect in effects):
            self._listen(now_ms)

    def _listen(self, now_ms: int) -> None:
        """All news there are; a host may have some at once after an order."""
        for _ in range(ROUNDS_MAX):
            news = self._host.news()
            if not news:
                return
            for one in news:
                self._step(Heard(one), now_ms)
        raise AssertionError("a host that never comes to an end")

    def _perform(self, effect: Effect, now_ms: int) -> None:
        match effect:
            case Write(records, durable):
                self._book.append(records, durable=durable)
            case Do(order):
                self._host.order(order, now_ms)
            case Answer(asker, reply, last):
                self._sent.append(Sent(asker, reply, last))
            case Hand(asker, numbers, waiting):
                sealed = tuple(self._book.sealed(number) for number in numbers)
                self._sent.append(Sent(asker, Reports(sealed, waiting), last=True))
            case Tell(reply):
                self._sent.append(Sent(EVERYBODY, reply, last=True))
            case _:
                assert_never(effect)
