"""One cash side, its machine, its books and an exchange, in one thread on a clock of the test's."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TypeVar

from core.asset import KRW
from core.authority import AUTHORITY, LIFE_MAX_MS, Authority
from core.cash import Count
from core.cash_report import (
    PAID_REPORT,
    REPORT_TAKEN,
    SERVICE_REPORT,
    Act,
    NotesAt,
    PaidReport,
    ReportTaken,
    ServiceReport,
)
from core.dispenser import Capabilities
from core.grant import GRANT, Grant, Right
from core.ids import TxnId
from core.messages.money import WireMoney
from core.money import Money
from core.sealed import seal, unseal
from core.vault_talk import (
    AskChallenge,
    AskNonce,
    Challenge,
    Nonce,
    PaidOut,
    PayOut,
    Reply,
    Request,
    Serve,
    Served,
    VaultRefused,
    VaultState,
)
from device.vault.ledger import wrong_with
from device.vault.memory_book import MemoryBook
from device.vault.setup import CassetteSpec, Setup
from device.vault.standing import shown
from device.vault.vault import EVERYBODY, Sent, Vault
from sim.peers.cash_box import CashBox
from tests.device.vault.far_end import PLAIN, FarEnd, FarHost

T = TypeVar("T")
NOTES = {1: (50_000, 100), 2: (10_000, 100), 3: (10_000, 40)}
LOADED = TxnId.of(bytes([9] * 16))


class Mac:
    """A fast stand-in for a key pair: whoever has the secret signs and checks."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id

    def sign(self, signed: bytes) -> bytes:
        return hmac.digest(self.key_id.encode(), signed, hashlib.sha256)

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        return key_id == self.key_id and hmac.compare_digest(self.sign(signed), signature)


EXCHANGE, VAULT = Mac("exchange"), Mac("vault")


def won(amount: int) -> WireMoney:
    return WireMoney.of(Money(amount, KRW))


def txn(number: int) -> TxnId:
    return TxnId.of(number.to_bytes(16))


@dataclass
class Room:
    """`loaded`: the machine's notes are in the book as well."""

    machine: Capabilities = PLAIN
    notes: dict[int, tuple[int, int]] = field(default_factory=lambda: dict(NOTES))
    loaded: bool = True
    book: MemoryBook = field(default_factory=MemoryBook)
    now_ms: int = 1_000
    connected: bool = True

    def __post_init__(self) -> None:
        self.box = CashBox(self.notes)
        self.far = FarEnd(self.box, self.machine)
        cassettes = tuple(CassetteSpec(place, Money(face, KRW)) for place, (face, _) in self.notes.items())
        self.setup = Setup("T1", "vault", "cHVibGlj", VAULT, EXCHANGE, self.machine, cassettes)
        self.sent: list[Sent] = []
        self._asker = 0
        self._drawn = 0
        self.start()
        if self.loaded:
            self.load()

    # -- the program's life ---------------------------------------------------------------------------

    def start(self) -> None:
        """(Re)start the program on the same book."""
        self.host = FarHost(self.machine)
        self.vault = Vault(self.setup, self.host, self.book, self._entropy, self.now_ms)
        if self.connected:
            self.vault.opened(self.now_ms)
            self.pump()

    def _entropy(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.sha256(self._drawn.to_bytes(8)).digest()[:count]

    def cut(self, kept: int = 0) -> None:
        """The power fails: the machine keeps its notes, the book what was synced and `kept` commits more."""
        self.book.cut(kept)
        self.start()

    def pump(self) -> None:
        """Bytes to and fro until nobody says anything."""
        while messages := self.vault.say():
            for message in messages:
                self.far.hear(message)
                self.listen()
        self.listen()
        self.sent.extend(self.vault.replies())
        assert wrong_with(self.vault.state.books.ledger) == ""
        assert self.vault.state.told == shown(self.setup, self.vault.state), "everybody has been told"

    def listen(self) -> None:
        for news in self.far.say():
            self.vault.hear(news, self.now_ms)

    def lose(self) -> None:
        self.connected = False
        self.vault.lost(self.now_ms)
        self.pump()

    def reopen(self) -> None:
        self.connected = True
        self.far.heal()
        self.vault.opened(self.now_ms)
        self.pump()

    def wait(self, ms: int) -> None:
        """Let time pass, stopping wherever the vault wants to wake."""
        until = self.now_ms + ms
        while self.now_ms < until:
            at = self.vault.wakes_at()
            self.now_ms = min(until, max(self.now_ms + 1, at)) if at is not None else until
            self.vault.turn(self.now_ms)
            self.pump()

    # -- what people and programs do ------------------------------------------------------------------

    def ask(self, request: Request) -> int:
        self._asker += 1
        self.vault.ask(self._asker, request, self.now_ms)
        self.pump()
        return self._asker

    def replies(self, asker: int) -> list[Reply]:
        return [sent.reply for sent in self.sent if sent.asker == asker]

    def news(self, kind: type[T]) -> list[T]:
        return [sent.reply for sent in self.sent if sent.asker == EVERYBODY and isinstance(sent.reply, kind)]

    def get(self, kind: type[T], request: Request) -> T:
        """The one final answer to a request, of this kind."""
        asker = self.ask(request)
        last = [sent.reply for sent in self.sent if sent.asker == asker and sent.last]
        assert len(last) == 1, last
        assert isinstance(last[0], kind), last[0]
        return last[0]

    def nonce(self, number: int = 1) -> Nonce:
        return self.get(Nonce, AskNonce(txn(number)))

    def authority(self, given: Nonce, amount: int, **changes: object) -> str:
        plain = {
            "terminal": "T1",
            "vault": "vault",
            "txn": given.txn,
            "nonce": given.nonce,
            "most": won(amount),
            "life_ms": LIFE_MAX_MS,
        }
        return seal(AUTHORITY, Authority(**(plain | changes)), EXCHANGE)  # type: ignore[arg-type]

    def pay(self, amount: int, number: int = 1, most: int = 0) -> int:
        """A whole withdrawal up to its `PayOut`; the asker who waits for its end."""
        nonce = self.nonce(number)
        return self.ask(PayOut(txn(number), self.authority(nonce, most or amount), won(amount)))

    def pay_lost(self, amount: int) -> int:
        """As `pay`, and the cable breaks after the notes are out and before the answer."""
        nonce = self.nonce()
        self.far.keeps_answer = True
        asker = self.ask(PayOut(txn(1), self.authority(nonce, amount), won(amount)))
        self.far.keeps_answer = False
        self.lose()
        return asker

    def paid(self, asker: int) -> PaidOut:
        last = self.replies(asker)[-1]
        assert isinstance(last, PaidOut), last
        return last

    def report(self, paid: PaidOut) -> PaidReport:
        return unseal(PAID_REPORT, PaidReport, paid.report, VAULT).statement

    def service_report(self, number: int) -> ServiceReport:
        return unseal(SERVICE_REPORT, ServiceReport, self.book.sealed(number), VAULT).statement

    def acknowledgement(self, number: int) -> str:
        return seal(REPORT_TAKEN, ReportTaken("vault", number), EXCHANGE)

    def grant(self, person: str = "Kim", **changes: object) -> str:
        challenge = self.get(Challenge, AskChallenge()).challenge
        plain = {
            "terminal": "T1",
            "vault": "vault",
            "person": person,
            "rights": tuple(Right),
            "challenge": challenge,
            "life_ms": 3_600_000,
        }
        return seal(GRANT, Grant(**(plain | changes)), EXCHANGE)  # type: ignore[arg-type]

    def serve(self, act: Act, notes: tuple[NotesAt, ...], number: int, person: str = "Kim") -> Served | VaultRefused:
        asker = self.ask(Serve(TxnId.of((900 + number).to_bytes(16)), self.grant(person), act, notes))
        last = self.replies(asker)[-1]
        assert isinstance(last, Served | VaultRefused)
        return last

    def load(self) -> None:
        notes = tuple(at(f"cassette:{place}", face, count) for place, (face, count) in self.notes.items())
        done = self.get(Served, Serve(LOADED, self.grant(), Act.LOADED, notes))
        assert not done.waits_for_second

    def state(self) -> VaultState:
        from core.vault_talk import AskState

        return self.get(VaultState, AskState())


def at(place: str, face: int, count: int) -> NotesAt:
    return NotesAt(place, won(face), Count.exact(count))
