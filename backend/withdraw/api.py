"""The HTTP face of the withdrawal: for cash machines, for the member's phone, and for operators.

What only looks, and what may change its answer (limits, approvals, quotes, reports), runs without a stored answer: the
transaction or the report's number makes it the same act. The authorisation runs under its idempotency key as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.http.idempotency import body_hash, key_of, principal_of, reply
from backend.market.rules import Board
from backend.refused import Refused
from backend.store import Store, Unit
from backend.store.idempotent import Answer, once
from backend.withdraw import desk
from core.messages import (
    Approval,
    ApprovalRequest,
    CashReportReply,
    CashReportRequest,
    LimitsRequest,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawQuoteRequest,
    WithdrawRequest,
)
from core.messages.money import WireMoney

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Room:
    """What the withdrawal's face is made of. `board` gives a snapshot of prices."""

    store: Store
    teller: desk.Teller
    board: Callable[[], Board]
    now: Now


@dataclass(frozen=True, slots=True)
class Question:
    """What the member is asked. `what` whose gift card, "" for notes; `ttl_ms` until it ends by itself."""

    txn: str
    amount: WireMoney
    machine: str
    ttl_ms: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The member's yes or no."""

    approve: bool


def routes(room: Room) -> list[BaseRouteHandler]:
    return [*_looking(room), *_approving(room), *_paying(room), *_member(room), _grants(room)]


def _looking(room: Room) -> list[BaseRouteHandler]:
    @post(
        "/v1/withdrawals/limits",
        opt={"rule": Rule.TERMINAL},
        status_code=200,
        tags=["withdrawal"],
        sync_to_thread=False,
    )
    def limits(request: AnyRequest, data: JSONBody[LimitsRequest]) -> WithdrawLimits:
        """What this member may withdraw at this machine now, and of what it is made."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(lambda unit: desk.limits(unit, room.teller, board, terminal=who, request=data, at=now))

    @post(
        "/v1/withdrawals/quotes",
        opt={"rule": Rule.TERMINAL},
        status_code=200,
        tags=["withdrawal"],
        sync_to_thread=False,
    )
    def quote(request: AnyRequest, data: JSONBody[WithdrawQuoteRequest]) -> WithdrawOffer:
        """What the notes cost now: a promise of some seconds. Fiat needs no price feed. Nothing is written."""
        who, now, board = caller_of(request).id, room.now(), room.board()
        return room.store.read(lambda unit: desk.quote(unit, room.teller, board, terminal=who, request=data, at=now))

    @get("/v1/withdrawals/{txn:str}", opt={"rule": Rule.TERMINAL}, tags=["withdrawal"], sync_to_thread=False)
    def withdrawal(request: AnyRequest, txn: FromPath[str]) -> Withdrawal:
        """How a withdrawal of this machine stands."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.find(unit, room.teller, terminal=who, txn=txn))

    return [limits, quote, withdrawal]


def _approving(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/withdrawals/approvals", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["withdrawal"])
    async def ask(request: AnyRequest, data: JSONBody[ApprovalRequest]) -> Approval:
        """Ask the member's phone page to approve amount and machine; again: how it stands."""
        who, now = caller_of(request).id, room.now()
        return await asyncio.wrap_future(
            room.store.submit(lambda unit: desk.ask(unit, room.teller, terminal=who, request=data, at=now))
        )

    @get("/v1/withdrawals/approvals/{txn:str}", opt={"rule": Rule.TERMINAL}, tags=["withdrawal"], sync_to_thread=False)
    def stands(request: AnyRequest, txn: FromPath[str]) -> Approval:
        """How the question stands."""
        who, now = caller_of(request).id, room.now()
        return room.store.read(lambda unit: desk.stands(unit, terminal=who, txn=txn, at=now))

    return [ask, stands]


def _paying(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/withdrawals", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["withdrawal"])
    async def authorise(request: AnyRequest, data: JSONBody[WithdrawRequest]) -> Response[WithdrawAuthorisation]:
        """Sell, hold, and give the cash side its authority."""
        who, now = caller_of(request).id, room.now()
        principal, key, digest = principal_of(request), key_of(request), body_hash(request)

        def do(unit: Unit) -> str:
            made = desk.authorise(unit, room.teller, terminal=who, request=data, at=now)
            return msgspec.json.encode(made).decode()

        def work(unit: Unit) -> Answer:
            return once(unit, principal, key, digest, now, do)

        return reply(await room.store.answer(work))

    @post("/v1/cash-reports", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["withdrawal"])
    async def report(request: AnyRequest, data: JSONBody[CashReportRequest]) -> CashReportReply:
        """A statement the machine's cash side has signed. The same number again gets the same answer."""
        who, now = caller_of(request).id, room.now()

        def work(unit: Unit) -> CashReportReply | Refused:
            try:
                return desk.take_report(unit, room.teller, terminal=who, request=data, at=now)
            except Refused as refused:
                if refused.code not in desk.ALARMED:
                    raise
                desk.note_refused(unit, terminal=who, refused=refused, at=now)
                return refused

        done = await asyncio.wrap_future(room.store.submit(work))
        if isinstance(done, Refused):
            raise done
        return done

    return [authorise, report]


def _member(room: Room) -> list[BaseRouteHandler]:
    @get("/v1/me/approvals", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def waiting(request: AnyRequest) -> tuple[Question, ...]:
        """What a cash machine asks the member to approve now: nothing, or one question."""
        who, now = caller_of(request).id, room.now()
        one = room.store.read(lambda unit: desk.waiting(unit, who, now))
        return () if one is None else (_question(one),)

    @post("/v1/me/approvals/{txn:str}", opt={"rule": Rule.MEMBER}, status_code=200, tags=["members"])
    async def decide(request: AnyRequest, txn: FromPath[str], data: JSONBody[Answered]) -> Question:
        """Approve or refuse the withdrawal of exactly this amount at exactly this machine."""
        who, now = caller_of(request).id, room.now()
        one = await asyncio.wrap_future(
            room.store.submit(lambda unit: desk.decide(unit, member=who, txn=txn, yes=data.approve, at=now))
        )
        return _question(one)

    return [waiting, decide]


def _question(one: desk.Asked) -> Question:
    return Question(one.txn, WireMoney.of(one.amount), one.machine, one.left_ms, one.what)


def _grants(room: Room) -> BaseRouteHandler:
    @post("/v1/grants", opt={"rule": Rule.OPERATOR}, status_code=200, tags=["operators"])
    async def grant(request: AnyRequest, data: JSONBody[desk.GrantAsk]) -> desk.Granted:
        """A technician's grant for a challenge of the machine's cash side; the same asked again is the same grant."""
        who, now = caller_of(request).id, room.now()
        return await asyncio.wrap_future(
            room.store.submit(lambda unit: desk.grant(unit, room.teller, operator=who, request=data, at=now))
        )

    return grant
