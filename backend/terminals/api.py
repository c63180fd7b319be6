"""The HTTP face of shops and terminals: pairing, price lists, revoking, and what a terminal asks about itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response, get, post, put
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from backend.http.app import caller_of
from backend.http.callers import Entropy, Kind, Now, Rule
from backend.http.gate import BODY
from backend.http.keys import ServerKey
from backend.http.sessions import COOKIE, LIFE_MS, open_session
from backend.members import desk as members
from backend.members.rules import BadContact, Contact
from backend.refused import Refused
from backend.store import Store, Unit
from backend.terminals import operators, pairing, shops
from backend.terminals.rules import BadList, Good, PayoutChoice, goods_of_csv
from core.asset import Asset
from core.faults.http import BAD_BODY, NOT_PERMITTED, WRONG_MEDIA_TYPE
from core.faults.members import BAD_CONTACT
from core.faults.terminals import BAD_PRICE_LIST
from core.messages import PairingOpened, PairingRequest, PairingStatus, TerminalGrant

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
DIGITS_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """What every grant of this exchange says: where authorisations go, and how times and prices are written."""

    agency_url: str
    approve_at: str
    currency: Asset
    utc_offset_minutes: int
    mqtt_url: str = ""
    authority_key: str = ""
    authority_key_id: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """The six characters the device shows."""

    code: str


@dataclass(frozen=True, slots=True)
class Approved:
    terminal: str


@dataclass(frozen=True, slots=True)
class ShopAsk:
    """`payout`: ``fiat`` sells each coin at the market, ``coin`` keeps it."""

    shop: str
    payout: PayoutChoice = PayoutChoice.FIAT


@dataclass(frozen=True, slots=True)
class GoodsAsk:
    goods: tuple[Good, ...]


@dataclass(frozen=True, slots=True)
class OperatorVerify:
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class OperatorSignedIn:
    operator: str
    csrf: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Room:
    """What the terminals' face is made of. `secret` as in `backend.members.api`."""

    store: Store
    place: Place
    key: ServerKey
    secret: bytes
    now: Now
    entropy: Entropy
    secure_cookie: bool = False


def routes(room: Room) -> list[BaseRouteHandler]:
    return [
        *_pairing(room),
        *_approving(room),
        *_shop(room),
        *_goods(room),
        *_servers(room),
        _operator(room),
    ]


def grant_of(unit: Unit, room: Room, terminal: str) -> TerminalGrant:
    """What an approved device knows from then on."""
    found, place = shops.terminal_of(unit, terminal), room.place
    return TerminalGrant(
        terminal=found.id,
        shop=found.shop,
        agency_url=place.agency_url,
        exchange_key=room.key.public,
        exchange_key_id=room.key.id,
        currency=place.currency.code,
        currency_scale=place.currency.scale,
        utc_offset_minutes=place.utc_offset_minutes,
        mqtt_url=place.mqtt_url,
        authority_key=place.authority_key,
        authority_key_id=place.authority_key_id,
    )


def _pairing(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/pairings", opt={"rule": Rule.OPEN}, status_code=201, tags=["pairing"])
    async def open_pairing(data: JSONBody[PairingRequest]) -> PairingOpened:
        """A new device asks for its place in the world; unsigned, because nobody knows its key yet."""
        now = room.now()
        work = room.store.submit(
            lambda unit: pairing.open_pairing(unit, data, now, room.place.approve_at, room.entropy)
        )
        return await asyncio.wrap_future(work)

    @get("/v1/pairings/{pairing_id:str}", opt={"rule": Rule.PAIRING}, tags=["pairing"], sync_to_thread=False)
    def poll(request: AnyRequest, pairing_id: FromPath[str]) -> PairingStatus:
        """Where the pairing stands; signed with the key that asked."""
        caller, now = caller_of(request), room.now()
        if caller.id != pairing_id:
            raise Refused.by(NOT_PERMITTED, "another device's pairing", status=403)

        def look(unit: Unit) -> PairingStatus:
            state, terminal = pairing.state_of(unit, pairing_id, now)
            return PairingStatus(state, None if terminal is None else grant_of(unit, room, terminal))

        return room.store.read(look)

    @get("/v1/terminals/self", opt={"rule": Rule.TERMINAL}, tags=["terminals"], sync_to_thread=False)
    def self_(request: AnyRequest) -> TerminalGrant:
        """The terminal's grant as it stands now (the shop may have a new name)."""
        who = caller_of(request).id
        return room.store.read(lambda unit: grant_of(unit, room, who))

    return [open_pairing, poll, self_]


def _approving(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/pairings/approve", opt={"rule": Rule.PERSON}, status_code=200, tags=["pairing"])
    async def approve(request: AnyRequest, data: JSONBody[Approval]) -> Approved:
        """The owner of a shop takes the device in that shows this code."""
        person, now = caller_of(request).id, room.now()
        work = room.store.submit(lambda unit: pairing.approve(unit, data.code, person, now, room.entropy))
        return Approved(_told(await asyncio.wrap_future(work)))

    @post("/v1/pairings/refuse", opt={"rule": Rule.PERSON}, status_code=204, tags=["pairing"])
    async def refuse(request: AnyRequest, data: JSONBody[Approval]) -> None:
        """Turn the device away that shows this code."""
        person, now = caller_of(request).id, room.now()
        _told(await asyncio.wrap_future(room.store.submit(lambda unit: pairing.refuse(unit, data.code, person, now))))

    return [approve, refuse]


def _shop(room: Room) -> list[BaseRouteHandler]:
    @put("/v1/shop", opt={"rule": Rule.PERSON}, tags=["shop"])
    async def open_shop(request: AnyRequest, data: JSONBody[ShopAsk]) -> shops.Seller:
        """Become a seller, or change the shop's name and how it is paid."""
        person, now = caller_of(request).id, room.now()
        work = room.store.submit(lambda unit: shops.open_shop(unit, person, data.shop, data.payout, now))
        return await asyncio.wrap_future(work)

    @get("/v1/shop", opt={"rule": Rule.PERSON}, tags=["shop"], sync_to_thread=False)
    def shop(request: AnyRequest) -> shops.Seller:
        """The caller's shop."""
        person = caller_of(request).id
        return room.store.read(lambda unit: shops.seller_of(unit, person))

    return [open_shop, shop]


def _goods(room: Room) -> list[BaseRouteHandler]:
    @put("/v1/shop/goods", opt={"rule": Rule.PERSON}, tags=["shop"])
    async def upload(request: AnyRequest) -> shops.PriceList:
        """Replace the price list: JSON ``{"goods": [...]}``, or text/csv with barcode,name,price."""
        person = caller_of(request).id
        goods = _uploaded(request)
        work = room.store.submit(lambda unit: shops.set_goods(unit, person, goods, room.place.currency))
        return await asyncio.wrap_future(work)

    @get("/v1/shop/goods", opt={"rule": Rule.PERSON}, tags=["shop"], sync_to_thread=False)
    def goods(request: AnyRequest) -> shops.PriceList:
        """The shop's price list."""
        person = caller_of(request).id
        return room.store.read(lambda unit: shops.price_list(unit, person, room.place.currency))

    @get("/v1/terminals/self/goods", opt={"rule": Rule.TERMINAL}, tags=["terminals"], sync_to_thread=False)
    def own_goods(request: AnyRequest) -> Response[shops.PriceList]:
        """The price list for the terminal; with If-None-Match, 304 while it has not changed."""
        who = caller_of(request).id

        def look(unit: Unit) -> shops.PriceList:
            return shops.price_list(unit, shops.terminal_of(unit, who).seller, room.place.currency)

        found = room.store.read(look)
        etag = f'"{found.version}"'
        if request.headers.get("if-none-match") == etag:
            unchanged: Response[Any] = Response(None, status_code=304, headers={"etag": etag})
            return unchanged
        return Response(found, headers={"etag": etag})

    return [upload, goods, own_goods]


def _servers(room: Room) -> list[BaseRouteHandler]:
    @get("/v1/agency/terminals/{terminal:str}", opt={"rule": Rule.SERVER}, tags=["agency"], sync_to_thread=False)
    def terminal_of(terminal: FromPath[str]) -> shops.Terminal:
        """A terminal as the payment agency must know it: its key, its seller, and whether it was revoked."""
        return room.store.read(lambda unit: shops.terminal_of(unit, terminal))

    return [terminal_of]


def _operator(room: Room) -> BaseRouteHandler:
    @post("/v1/operators/sign-in", opt={"rule": Rule.OPEN}, status_code=200, tags=["operators"])
    async def sign_in(data: JSONBody[OperatorVerify]) -> Response[OperatorSignedIn]:
        """An operator's session, for a verification code asked for with `/v1/join`."""
        now = room.now()
        try:
            contact = Contact.parse(data.contact[:255])
        except BadContact:
            raise Refused.by(BAD_CONTACT, status=422) from None

        def work(unit: Unit) -> tuple[OperatorSignedIn, str] | Refused:
            wrong = members.attempt(unit, contact, data.code[:DIGITS_MAX], now, room.secret)
            if wrong is not None:
                return wrong
            operator = operators.find(unit, contact)
            opened = open_session(unit, Kind.OPERATOR, operator.id, now, room.entropy)
            return OperatorSignedIn(operator.id, opened.csrf, opened.expires_at.rfc3339()), opened.secret

        signed_in, secret = _told(await asyncio.wrap_future(room.store.submit(work)))
        response = Response(signed_in)
        response.set_cookie(
            COOKIE, secret, max_age=LIFE_MS // 1000, httponly=True, samesite="strict", secure=room.secure_cookie
        )
        return response

    return sign_in


def _uploaded(request: AnyRequest) -> tuple[Good, ...]:
    scope: Any = request.scope
    body: bytes = scope.get(BODY, b"")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return msgspec.json.decode(body, type=GoodsAsk).goods
    if kind != "text/csv":
        raise Refused.by(WRONG_MEDIA_TYPE, status=415)
    try:
        return goods_of_csv(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused.by(BAD_BODY, "the price list is not UTF-8", status=400) from None
    except BadList as error:
        raise Refused.by(BAD_PRICE_LIST, str(error), status=422) from None


def _told(value: T | Refused) -> T:
    if isinstance(value, Refused):
        raise value
    return value
