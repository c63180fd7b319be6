"""The agency's HTTP face: what terminals ask of it. Each request is checked, passed on, and remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from backend.agency import desk
from backend.agency.keys import ExchangeKeys, Known
from backend.agency.line import ExchangeLine, sale_path
from backend.agency.rules import No, Outcome, SaleStep, Unknown, Yes, agree, differing
from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.http.idempotency import body_hash, key_of, principal_of, reply
from backend.refused import Refused
from backend.relay import (
    STAN_MAX,
    ClosedBatch,
    RelayedAuthorise,
    RelayedBatch,
    RelayedCapture,
    RelayedRefund,
    RelayedRefundAsk,
    RelayedReverse,
    RelayedVoid,
)
from backend.store import Store, Unit
from backend.store.idempotent import Answer, Begun, begin, finish
from core.faults.agency import BAD_REPLY, NOT_THIS_TERMINALS, WRONG_ORDER
from core.faults.http import BAD_BODY, UNKNOWN_KEY
from core.ids import TxnId
from core.messages import (
    Authorisation,
    AuthoriseRequest,
    BatchRequest,
    BatchTotals,
    Capture,
    CaptureRequest,
    RefundAsk,
    RefundDone,
    RefundOffer,
    RefundRequest,
    ReverseRequest,
    Sale,
    VoidRequest,
    WireMoney,
)
from core.moment import Moment
from core.money import Money

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """What the agency is made of."""

    store: Store
    line: ExchangeLine
    keys: ExchangeKeys
    conditions: desk.Conditions
    now: Now


@dataclass(frozen=True, slots=True)
class Relay:
    """One request on its way: `path` and `body` for the exchange; `learn` takes a yes over, `missed` anything else."""

    path: str
    body: bytes
    learn: Callable[[Unit, bytes, Moment], str]
    missed: Callable[[Unit, No | Unknown, Moment], None]


def routes(room: Room) -> list[BaseRouteHandler]:
    return [*_selling(room), *_undoing(room), *_refunding(room), _batch(room), _sale(room)]


async def relayed(room: Room, request: AnyRequest, prepare: Callable[[Unit, Moment], Relay]) -> Response[Any]:
    """Take the key and prepare (one unit), ask the exchange, take over what it said and store the answer (another)."""
    principal, key, digest = principal_of(request), key_of(request), body_hash(request)
    now = room.now()

    def first(unit: Unit) -> Answer | Relay:
        begun = begin(unit, principal, key, digest, now)
        if not isinstance(begun, Begun):
            return begun
        unit.run("SAVEPOINT prepared")
        try:
            relay = prepare(unit, now)
        except Refused as refused:
            unit.run("ROLLBACK TO prepared")
            unit.run("RELEASE prepared")
            answer = Answer(refused.status, "", refused)
            finish(unit, principal, key, answer)
            return answer
        unit.run("RELEASE prepared")
        return relay

    started = await room.store.answer(first)
    if isinstance(started, Answer):
        return reply(started)
    said = await room.line.post(started.path, started.body, key)
    at = room.now()

    def second(unit: Unit) -> Answer:
        answer = _taken_over(unit, started, said, at)
        finish(unit, principal, key, answer)
        return answer

    return reply(await room.store.answer(second))


def _taken_over(unit: Unit, relay: Relay, said: Outcome, at: Moment) -> Answer:
    """What the exchange said, written down; and what the terminal is told of it."""
    if isinstance(said, Yes):
        try:
            return Answer(200, relay.learn(unit, said.body, at))
        except msgspec.DecodeError:
            said = Unknown(Refused.by(BAD_REPLY).refusal)
    relay.missed(unit, said, at)
    if isinstance(said, Unknown):
        return Answer(504, "", Refused(said.refusal, 504, retryable=True))
    return Answer(said.status, "", Refused(said.refusal, said.status, retryable=not said.final))


def _selling(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/authorisations", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"])
    async def authorise(request: AnyRequest, data: JSONBody[AuthoriseRequest]) -> Response[Authorisation]:
        """The agency's approval (the seller may sell, within its limits), then the exchange's, with a hold."""
        if not 0 <= data.stan <= STAN_MAX:
            raise Refused.by(BAD_BODY, "stan", status=400)
        known = await _known(room, request)
        terminal = known.record.id

        def prepare(unit: Unit, at: Moment) -> Relay:
            yes = desk.approve(unit, room.conditions, data.txn, terminal, known.record.seller, data.stan, at)
            told = RelayedAuthorise(terminal, yes.commission_bp, yes.sale_limit, yes.day_left, data)

            def learn(unit: Unit, body: bytes, at: Moment) -> str:
                answer = msgspec.json.decode(body, type=Authorisation)
                desk.moved(unit, answer.txn, SaleStep.AUTHORISED, at, answer.rrn)
                return body.decode()

            def missed(unit: Unit, said: No | Unknown, at: Moment) -> None:
                declined = isinstance(said, No) and said.final
                desk.moved(unit, data.txn, SaleStep.DECLINED if declined else SaleStep.UNKNOWN, at)

            return Relay("/v1/agency/authorisations", msgspec.json.encode(told), learn, missed)

        return await relayed(room, request, prepare)

    @post("/v1/captures", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"])
    async def capture(request: AnyRequest, data: JSONBody[CaptureRequest]) -> Response[Capture]:
        """Settle an authorised sale."""
        terminal = caller_of(request).id

        def prepare(unit: Unit, at: Moment) -> Relay:
            step = desk.continued(unit, data.txn, terminal)
            if step in (SaleStep.REVERSED, SaleStep.VOIDED, SaleStep.DECLINED, SaleStep.EXPIRED):
                raise Refused.by(WRONG_ORDER, f"the sale is {step.value}", status=409)

            def learn(unit: Unit, body: bytes, at: Moment) -> str:
                desk.settled(unit, msgspec.json.decode(body, type=Capture), at)
                return body.decode()

            def missed(unit: Unit, said: No | Unknown, at: Moment) -> None:
                desk.moved(unit, data.txn, SaleStep.UNKNOWN, at)

            told = RelayedCapture(terminal, data)
            return Relay("/v1/agency/captures", msgspec.json.encode(told), learn, missed)

        return await relayed(room, request, prepare)

    return [authorise, capture]


def _undoing(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/reversals", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"])
    async def reverse(request: AnyRequest, data: JSONBody[ReverseRequest]) -> Response[Sale]:
        """Undo, or make sure that it never happens. An unknown transaction is remembered by the exchange."""
        terminal = caller_of(request).id

        def prepare(unit: Unit, at: Moment) -> Relay:
            if desk.foreign(unit, data.txn, terminal):
                raise Refused.by(NOT_THIS_TERMINALS, status=403)
            body = msgspec.json.encode(RelayedReverse(terminal, data))
            return Relay("/v1/agency/reversals", body, _learn_sale, _leave)

        return await relayed(room, request, prepare)

    @post("/v1/voids", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"])
    async def void(request: AnyRequest, data: JSONBody[VoidRequest]) -> Response[Sale]:
        """The cashier's cancel of a whole sale before batch close."""
        terminal = caller_of(request).id

        def prepare(unit: Unit, at: Moment) -> Relay:
            desk.continued(unit, data.sale, terminal)
            body = msgspec.json.encode(RelayedVoid(terminal, data))
            return Relay("/v1/agency/voids", body, _learn_sale, _leave)

        return await relayed(room, request, prepare)

    return [reverse, void]


def _refunding(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/refund-offers", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["refund"])
    async def offer(request: AnyRequest, data: JSONBody[RefundAsk]) -> RefundOffer:
        """What each way of giving the money back comes to, today. Nothing is written anywhere."""
        told = RelayedRefundAsk(caller_of(request).id, data)
        return _read(await room.line.post("/v1/agency/refund-offers", msgspec.json.encode(told), None), RefundOffer)

    @post("/v1/refunds", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["refund"])
    async def refund(request: AnyRequest, data: JSONBody[RefundRequest]) -> Response[RefundDone]:
        """Give the money back in the chosen way."""
        terminal = caller_of(request).id

        def prepare(unit: Unit, at: Moment) -> Relay:
            def learn(unit: Unit, body: bytes, at: Moment) -> str:
                desk.refunded(unit, msgspec.json.decode(body, type=RefundDone), terminal, at)
                return body.decode()

            told = RelayedRefund(terminal, data)
            return Relay("/v1/agency/refunds", msgspec.json.encode(told), learn, _leave)

        return await relayed(room, request, prepare)

    return [offer, refund]


def _batch(room: Room) -> BaseRouteHandler:
    @post("/v1/batches", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["batch"])
    async def close(request: AnyRequest, data: JSONBody[BatchRequest]) -> Response[BatchTotals]:
        """Close the batch: three counts of the same sales, compared, never made to agree."""
        terminal = caller_of(request).id
        currency = room.conditions.currency

        def prepare(unit: Unit, at: Moment) -> Relay:
            def learn(unit: Unit, body: bytes, at: Moment) -> str:
                closed = msgspec.json.decode(body, type=ClosedBatch)
                counts = desk.counted(unit, terminal)
                ours = desk.totals(counts, currency)
                different = differing(counts, closed)
                agrees = agree(data.totals, ours, closed.totals) and not different
                kept = WireMoney.of(Money(desk.commission(unit, terminal), currency))
                answer = BatchTotals(
                    txn=data.txn,
                    batch=closed.number,
                    terminal=data.totals,
                    agency=ours,
                    exchange=closed.totals,
                    agrees=agrees,
                    differing=different,
                    commission=kept,
                    closed_at=closed.closed_at,
                )
                text = msgspec.json.encode(answer).decode()
                desk.close(unit, data.txn, terminal, closed.number, agrees, text, at)
                return text

            told = RelayedBatch(terminal, data.txn)
            return Relay("/v1/agency/batches", msgspec.json.encode(told), learn, _leave)

        return await relayed(room, request, prepare)

    return close


def _sale(room: Room) -> BaseRouteHandler:
    @get("/v1/sales/{reference:str}", opt={"rule": Rule.TERMINAL}, tags=["sale"])
    async def sale(request: AnyRequest, reference: FromPath[str]) -> Sale:
        """A sale of this shop, by transaction id or receipt number, as the exchange knows it now."""
        found = _read(await room.line.get(sale_path(reference, caller_of(request).id)), Sale)
        at = room.now()
        await room.store.answer(lambda unit: desk.told(unit, found, at))
        return found

    return sale


async def chase(room: Room) -> int:
    """Ask the exchange about sales nobody knows the outcome of; how many were asked about."""
    at = room.now()
    waiting = room.store.read(lambda unit: desk.due(unit, at))
    for txn, terminal in waiting:
        said = await room.line.get(sale_path(txn.text, terminal))
        sale = msgspec.json.decode(said.body, type=Sale) if isinstance(said, Yes) else None
        gone = isinstance(said, No) and said.status == 404
        await room.store.answer(_asked(txn, sale, gone, room.now()))
    return len(waiting)


def _asked(txn: TxnId, sale: Sale | None, gone: bool, at: Moment) -> Callable[[Unit], None]:
    return lambda unit: desk.asked(unit, txn, sale, gone, at)


def _learn_sale(unit: Unit, body: bytes, at: Moment) -> str:
    desk.told(unit, msgspec.json.decode(body, type=Sale), at)
    return body.decode()


def _leave(unit: Unit, said: No | Unknown, at: Moment) -> None:
    """The sale stays as it is: what was asked for has not happened, or nobody knows yet."""


def _read(said: Outcome, kind: type[T]) -> T:
    if isinstance(said, Unknown):
        raise Refused(said.refusal, 504, retryable=True)
    if isinstance(said, No):
        raise Refused(said.refusal, said.status, retryable=not said.final)
    try:
        return msgspec.json.decode(said.body, type=kind)
    except msgspec.DecodeError:
        raise Refused.by(BAD_REPLY, status=502, retryable=True) from None


async def _known(room: Room, request: AnyRequest) -> Known:
    known = await room.keys.terminal(caller_of(request).id)
    if known is None:
        raise Refused.by(UNKNOWN_KEY, status=401)
    return known
