"""The HTTP face of settlement: quotes for terminals, and everything the payment agency passes on for them.

Thin on purpose: who is asking, which presentation, which seller; then one desk in one unit of work. Whatever moves
money runs under the idempotency key of the request, and its answer is stored in the commit that holds its effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody

from backend.http.app import caller_of
from backend.http.callers import Now, Rule
from backend.http.idempotency import body_hash, key_of, principal_of, reply
from backend.http.lean import Lean
from backend.market.rules import Board
from backend.members import desk as members
from backend.members.presenting import Presented as Shown
from backend.refused import Refused
from backend.relay import (
    RelayedAuthorise,
    RelayedBatch,
    RelayedCapture,
    RelayedRefund,
    RelayedRefundAsk,
    RelayedReverse,
    RelayedSale,
    RelayedVoid,
)
from backend.settle import desk
from backend.store import Store, Unit
from backend.store.idempotent import Answer, once
from backend.terminals import shops
from core.asset import Asset
from core.faults.agency import OVER_DAY_LIMIT, OVER_SALE_LIMIT
from core.faults.http import REVOKED_KEY
from core.messages import (
    Authorisation,
    Capture,
    QuoteOffer,
    QuoteRequest,
    RefundDone,
    RefundOffer,
    Sale,
)
from core.moment import Moment

AnyRequest = Request[Any, Any, Any]
PURCHASED = 1  # the wallet that pays in a shop


@dataclass(frozen=True, slots=True)
class Room:
    """What settlement's face is made of. `board` gives a snapshot of prices."""

    store: Store
    house: desk.House
    board: Callable[[], Board]
    fiat: Asset
    now: Now


def routes(room: Room) -> list[BaseRouteHandler]:
    return [_quote(room), *_selling(room), *_undoing(room), *_refunding(room), _batch(room), *_looking(room)]


def lean(room: Room) -> tuple[Lean[Any], ...]:
    """The routes on the path of every sale, once more without the framework."""
    return (
        Lean("/v1/agency/authorisations", Rule.SERVER, RelayedAuthorise, lambda u, d, at: _authorise(u, room, d, at)),
        Lean("/v1/agency/captures", Rule.SERVER, RelayedCapture, lambda u, d, at: _capture(u, room, d, at)),
        Lean("/v1/agency/sales", Rule.SERVER, RelayedSale, lambda u, d, at: _sell(u, room, d, at)),
    )


async def answered(room: Room, request: AnyRequest, work: Callable[[Unit, Moment], object]) -> Response[Any]:
    """Run `work` once for this request's key, in one unit; the stored answer for every repeat."""
    principal, key, digest, now = principal_of(request), key_of(request), body_hash(request), room.now()

    def unit_of_work(unit: Unit) -> Answer:
        return once(unit, principal, key, digest, now, lambda inner: msgspec.json.encode(work(inner, now)).decode())

    return reply(await room.store.answer(unit_of_work))


def seller_at(unit: Unit, terminal: str) -> desk.Seller:
    """Who is paid for what this terminal sells."""
    active, found = shops.seller_at(unit, terminal)
    if not active:
        raise Refused.by(REVOKED_KEY, status=403)
    return desk.Seller(found.id, found.payout.value, found.shop)


def _authorise(unit: Unit, room: Room, data: RelayedAuthorise, at: Moment) -> Authorisation:
    asked = data.request
    shown = members.presented(unit, asked.presentation, asked.txn, data.terminal, at)
    authorised = desk.authorise(
        unit,
        room.house,
        terminal=data.terminal,
        seller=seller_at(unit, data.terminal),
        commission_bp=data.commission_bp,
        presented=desk.Presented(shown.member, PURCHASED, ()),  # which coin stands in the quote
        request=asked,
        at=at,
    )
    row = unit.one("SELECT price FROM sale WHERE txn = ?", (asked.txn.text,))
    assert row is not None, "an authorised sale is written"
    _within_limits(data, row[0])
    return authorised


def _capture(unit: Unit, room: Room, data: RelayedCapture, at: Moment) -> Capture:
    return desk.capture(unit, room.house, terminal=data.terminal, request=data.request, at=at)


def _sell(unit: Unit, room: Room, data: RelayedSale, at: Moment) -> Capture:
    asked = data.request
    shown = members.presented(unit, asked.presentation, asked.txn, data.terminal, at)
    settled = desk.sell(
        unit,
        room.house,
        terminal=data.terminal,
        seller=seller_at(unit, data.terminal),
        commission_bp=data.commission_bp,
        presented=desk.Presented(shown.member, PURCHASED, ()),
        request=asked,
        at=at,
    )
    _within_limits(data, settled.price.money().minor)
    return settled


def _within_limits(data: RelayedAuthorise, price: int) -> None:
    """The agency approves a sale up to its limits. A sale above them is rolled back with all it wrote."""
    if price > data.sale_limit:
        raise Refused.by(OVER_SALE_LIMIT, status=422)
    if price > data.day_left:
        raise Refused.by(OVER_DAY_LIMIT, status=422)


def _presented(unit: Unit, shown: Shown) -> desk.Presented:
    return desk.Presented(shown.member, PURCHASED, members.coins(unit, shown.member))


def _quote(room: Room) -> BaseRouteHandler:
    @post("/v1/quotes", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"], sync_to_thread=False)
    def quote(request: AnyRequest, data: JSONBody[QuoteRequest]) -> QuoteOffer:
        """How much of which coin is this price worth now? A promise of a few seconds; nothing is written."""
        terminal, now, board = caller_of(request).id, room.now(), room.board()

        def look(unit: Unit) -> QuoteOffer:
            shown = members.presented(unit, data.presentation, data.txn, terminal, now)
            members.price_agreed(shown, data.price.money())
            return desk.quote(
                unit, room.house, board, terminal=terminal, presented=_presented(unit, shown), request=data, at=now
            )

        return room.store.read(look)

    return quote


def _selling(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/agency/authorisations", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def authorise(request: AnyRequest, data: JSONBody[RelayedAuthorise]) -> Response[Authorisation]:
        """Hold exactly what the quote says."""

        return await answered(room, request, lambda unit, at: _authorise(unit, room, data, at))

    @post("/v1/agency/sales", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def sell(request: AnyRequest, data: JSONBody[RelayedSale]) -> Response[Capture]:
        """Authorise and settle in one act: for a shop that delivers at once, with nothing to wait for in between."""
        return await answered(room, request, lambda unit, at: _sell(unit, room, data, at))

    @post("/v1/agency/captures", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def capture(request: AnyRequest, data: JSONBody[RelayedCapture]) -> Response[Capture]:
        """Settle: the coins are sold and the seller is credited."""
        return await answered(room, request, lambda unit, at: _capture(unit, room, data, at))

    return [authorise, sell, capture]


def _undoing(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/agency/reversals", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def reverse(request: AnyRequest, data: JSONBody[RelayedReverse]) -> Response[Sale]:
        """Undo, or make sure that it never happens."""
        return await answered(
            room,
            request,
            lambda unit, at: desk.reverse(unit, room.house, terminal=data.terminal, request=data.request, at=at),
        )

    @post("/v1/agency/voids", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def void(request: AnyRequest, data: JSONBody[RelayedVoid]) -> Response[Sale]:
        """The cashier's cancel before batch close."""
        return await answered(
            room,
            request,
            lambda unit, at: desk.void(unit, room.house, terminal=data.terminal, request=data.request, at=at),
        )

    return [reverse, void]


def _refunding(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/agency/refund-offers", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"], sync_to_thread=False)
    def offer(data: JSONBody[RelayedRefundAsk]) -> RefundOffer:
        """What each way of giving the money back comes to today; nothing is written."""
        now, board = room.now(), room.board()

        def look(unit: Unit) -> RefundOffer:
            seller = seller_at(unit, data.terminal)
            return desk.refund_offer(
                unit, room.house, board, terminal=data.terminal, seller=seller, request=data.request, at=now
            )

        return room.store.read(look)

    @post("/v1/agency/refunds", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def refund(request: AnyRequest, data: JSONBody[RelayedRefund]) -> Response[RefundDone]:
        """Give the money back in the chosen way."""

        def work(unit: Unit, at: Moment) -> RefundDone:
            seller = seller_at(unit, data.terminal)
            return desk.refund(unit, room.house, terminal=data.terminal, seller=seller, request=data.request, at=at)

        return await answered(room, request, work)

    return [offer, refund]


def _batch(room: Room) -> BaseRouteHandler:
    @post("/v1/agency/batches", opt={"rule": Rule.SERVER}, status_code=200, tags=["agency"])
    async def close(request: AnyRequest, data: JSONBody[RelayedBatch]) -> Response[desk.ClosedBatch]:
        """Close the terminal's open batch here and say what was in it."""
        return await answered(
            room,
            request,
            lambda unit, at: desk.close_batch(unit, terminal=data.terminal, txn=data.txn, fiat=room.fiat, at=at),
        )

    return close


def _looking(room: Room) -> list[BaseRouteHandler]:
    @get("/v1/agency/sales/{reference:str}", opt={"rule": Rule.SERVER}, tags=["agency"], sync_to_thread=False)
    def sale(reference: FromPath[str], terminal: FromQuery[str]) -> Sale:
        """A sale of the terminal's shop, by transaction id or receipt number."""
        now = room.now()

        def look(unit: Unit) -> Sale:
            seller = seller_at(unit, terminal)
            return desk.find_sale(unit, room.house, seller=seller.id, reference=reference, at=now)

        return room.store.read(look)

    @get("/v1/me/feed", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def feed(request: AnyRequest, after: FromQuery[int] = 0) -> list[FeedEvent]:
        """What happened to the member's wallet, oldest first; `after` is the last `id` seen."""
        who = caller_of(request).id
        told = room.store.read(lambda unit: desk.events(unit, member=who, after=max(0, min(after, 2**62))))
        return [FeedEvent(one.id, one.kind, one.at.rfc3339(), msgspec.json.decode(one.json)) for one in told]

    @get("/v1/me/sales", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def bought(request: AnyRequest, before: FromQuery[int | None] = None) -> list[desk.Listed]:
        """What the member paid for, newest first."""
        who, house = caller_of(request).id, room.house
        return room.store.read(lambda unit: desk.recent(unit, house, member=who, before=_bounded(before)))

    @get("/v1/shop/sales", opt={"rule": Rule.PERSON}, tags=["shop"], sync_to_thread=False)
    def sold(request: AnyRequest, before: FromQuery[int | None] = None) -> list[desk.Listed]:
        """What the caller's shop sold, newest first."""
        who, house = caller_of(request).id, room.house
        return room.store.read(lambda unit: desk.recent(unit, house, seller=who, before=_bounded(before)))

    return [sale, feed, bought, sold]


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event of a member's feed; `facts` as settlement wrote them."""

    id: int
    kind: str
    at: str
    facts: dict[str, Any]


def _bounded(before: int | None) -> int | None:
    return None if before is None else max(0, min(before, 2**62))
