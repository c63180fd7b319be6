"""The exchange of a simulated world: the product's own desks on its own store, without HTTP and without threads.

A question comes in as method, path and JSON, under an idempotency key, as the device's line has written it; the answer
goes back as the JSON the server would send. Between the two stand the same `once`, the same desks and the same commit.
What is left out is the transport: headers and their signatures have tests of their own.
"""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from typing import Final

import msgspec

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.http.idempotency import hash_of
from backend.ledger import desk as ledger
from backend.ledger.audit import Trouble
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Pair, Reading
from backend.members import desk as members
from backend.refused import Refused
from backend.settle import desk as settle
from backend.store import Store, Unit
from backend.store.idempotent import Answer, interrupted, once
from backend.withdraw import desk
from core.asset import BTC, KRW
from core.codec import from_plain
from core.messages import (
    ApprovalRequest,
    CashReportReply,
    CashReportRequest,
    LimitsRequest,
    Presentation,
    PresentRequest,
    WithdrawQuoteRequest,
    WithdrawRequest,
)
from core.moment import Moment
from sim.bench.clock import VirtualClock
from sim.bench.crash import Life
from sim.bench.disk import Disk
from sim.bench.store_in_turn import StoreInTurn
from sim.bench.town import SEALING, teller

PAIR: Final = Pair(BTC, KRW)
VENUES: Final = ("north", "south")
PRICE: Final = 50_000_000  # won for one coin, in the beginning
PRESENTATION_MS: Final = 120_000


class Exchange:
    """One start of the exchange. `answer` is what its HTTP face does with one request of a terminal."""

    def __init__(self, disk: Disk, life: Life, clock: VirtualClock, entropy: random.Random) -> None:
        self.life = life
        self.clock = clock
        self.store: Store = StoreInTurn.on(disk, life, EXCHANGE_MIGRATIONS)
        self.store.write(interrupted)
        self.entropy = entropy.randbytes
        self.sealer = members.Sealer(SEALING, self.entropy)
        self.board = PriceBoard((PAIR,), Bands(), clock.monotonic_ms)
        self.teller = teller(entropy)

    def price(self, minor: int) -> None:
        """What the venues say now."""
        at, now_ms = self.clock.true_now(), self.clock.monotonic_ms()
        for venue in VENUES:
            spread = minor // 10_000
            self.board.offer(Reading(venue, PAIR, minor - spread, minor + spread, at.ms, at, now_ms, minor))

    def answer(self, terminal: str, method: str, path: str, body: bytes, key: str) -> object:
        """The data of a yes. Raises `Refused` for a no."""
        self.life.check()
        at = self.clock.true_now()
        plain = json.loads(body) if body else None
        match path:
            case "/v1/presentations":
                return self._present(from_plain(PresentRequest, plain), terminal, key, hash_of(method, path, body), at)
            case "/v1/withdrawals":
                return self._authorise(
                    from_plain(WithdrawRequest, plain), terminal, key, hash_of(method, path, body), at
                )
            case "/v1/cash-reports":
                return self._report(from_plain(CashReportRequest, plain), terminal, at)
            case "/v1/withdrawals/limits":
                limits = from_plain(LimitsRequest, plain)
                return self._look(
                    lambda unit: desk.limits(
                        unit, self.teller, self.board.snapshot(), terminal=terminal, request=limits, at=at
                    )
                )
            case "/v1/withdrawals/quotes":
                quote = from_plain(WithdrawQuoteRequest, plain)
                return self._look(
                    lambda unit: desk.quote(
                        unit, self.teller, self.board.snapshot(), terminal=terminal, request=quote, at=at
                    )
                )
            case "/v1/withdrawals/approvals":
                asked = from_plain(ApprovalRequest, plain)
                return _plain(
                    self.store.write(lambda unit: desk.ask(unit, self.teller, terminal=terminal, request=asked, at=at))
                )
            case _ if path.startswith("/v1/withdrawals/approvals/"):
                txn = path.rpartition("/")[2]
                return self._look(lambda unit: desk.stands(unit, terminal=terminal, txn=txn, at=at))
            case _:
                raise AssertionError(f"nobody asks for {method} {path}")

    def decide(self, member: str, txn: str, *, yes: bool) -> None:
        """What the member answers on the phone. Too late or for nothing: nothing comes of it."""
        at = self.clock.true_now()
        with contextlib.suppress(Refused):
            self.store.write(lambda unit: desk.decide(unit, member=member, txn=txn, yes=yes, at=at))

    def keep_house(self) -> None:
        """What the server does once a second: holds that may run out run out."""
        at = self.clock.true_now()
        with contextlib.suppress(Refused):  # a full disk: the next turn tries again
            self.store.write(lambda unit: settle.expire(unit, at))

    def authorised_at(self, txn: str) -> Moment:
        """When it said yes; its answer may have been heard much later."""
        row = self.store.read(lambda unit: unit.one("SELECT authorised_at FROM withdrawal WHERE txn = ?", (txn,)))
        assert row is not None
        return Moment(row[0])

    def troubles(self) -> tuple[Trouble, ...]:
        """I2, I3 and I6a, over everything."""
        return self.store.read(ledger.check)

    def _present(self, asked: PresentRequest, terminal: str, key: str, digest: str, at: Moment) -> object:
        """As `backend.members.api` does it: a miss is counted beside its refusal."""
        principal = f"terminal:{terminal}"

        def redeem(unit: Unit) -> str:
            made = members.present(unit, asked, terminal, at, self.sealer, self.entropy)
            coins = members.coins(unit, made.member)
            told = Presentation(made.id, made.txn, made.hint, coins, made.expires_at.rfc3339(), PRESENTATION_MS)
            return msgspec.json.encode(told).decode()

        def work(unit: Unit) -> Answer:
            answer = once(unit, principal, key, digest, at, redeem)
            if answer.refused is not None and not answer.replayed:
                members.count_miss(unit, asked, answer.refused, terminal, at)
            return answer

        return _told(self.store.write(work))

    def _authorise(self, asked: WithdrawRequest, terminal: str, key: str, digest: str, at: Moment) -> object:
        def do(unit: Unit) -> str:
            made = desk.authorise(unit, self.teller, terminal=terminal, request=asked, at=at)
            return msgspec.json.encode(made).decode()

        return _told(self.store.write(lambda unit: once(unit, f"terminal:{terminal}", key, digest, at, do)))

    def _report(self, asked: CashReportRequest, terminal: str, at: Moment) -> object:
        """As `backend.withdraw.api` does it: the alarm is kept beside the refusal."""

        def work(unit: Unit) -> CashReportReply | Refused:
            try:
                return desk.take_report(unit, self.teller, terminal=terminal, request=asked, at=at)
            except Refused as refused:
                if refused.code not in desk.ALARMED:
                    raise
                desk.note_refused(unit, terminal=terminal, refused=refused, at=at)
                return refused

        done = self.store.write(work)
        if isinstance(done, Refused):
            raise done
        return _plain(done)

    def _look(self, work: Callable[[Unit], object]) -> object:
        return _plain(self.store.read(work))


def _plain(reply: object) -> object:
    """As it is after its way over the wire."""
    return json.loads(msgspec.json.encode(reply))


def _told(answer: Answer) -> object:
    """What a 2xx carries. Raises `Refused` for a stored no."""
    if answer.refused is not None:
        raise answer.refused
    return json.loads(answer.body)
