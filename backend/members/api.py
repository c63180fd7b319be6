"""The HTTP face of membership: joining, the member's own pages of data, live events, and the redeeming of codes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.http.app import caller_of
from backend.http.callers import Entropy, Kind, Now, Rule
from backend.http.gate import BODY, header_map, session_cookie
from backend.http.idempotency import body_hash, key_of, principal_of, reply
from backend.http.sessions import COOKIE, LIFE_MS, close_session, open_session
from backend.members import desk
from backend.members.codes import IssuedCode
from backend.members.events import Hub
from backend.members.gateway import Gateway
from backend.members.rules import PRESENTATION_MS, BadContact, Contact
from backend.refused import Refused
from backend.store import Store, Unit
from backend.store.idempotent import Answer, once
from core.asset import Asset
from core.faults.http import NO_SUCH_ROUTE
from core.faults.members import BAD_CONTACT
from core.messages import Presentation, PresentRequest

TEXT_MAX: Final = 254  # the longest e-mail address (RFC 5321)
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class JoinAsk:
    """An e-mail address or a mobile number."""

    contact: str


@dataclass(frozen=True, slots=True)
class JoinSent:
    """A six-digit code is on its way. The same whether or not the contact is a member's."""

    expires_at: str


@dataclass(frozen=True, slots=True)
class JoinVerify:
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session stands in the cookie; `csrf` goes into the header X-CSRF-Token of everything that is not a GET."""

    member: str
    joined: bool
    csrf: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The next codes in order, one for each half minute."""

    codes: tuple[IssuedCode, ...]


@dataclass(frozen=True, slots=True)
class PhoneAsk:
    label: str


@dataclass(frozen=True, slots=True)
class PhoneKey:
    """What a phone app keeps in its secure element, told once.

    `key` 32 bytes base64: for codes (`core.code`) and, by `core.tap.tap_key`, for taps. `roll_ms`: when in the day its
    handle turns.
    """

    id: int
    key: str
    roll_ms: int
    server_time: str


@dataclass(frozen=True, slots=True)
class Room:
    """What membership is made of."""

    store: Store
    sealer: desk.Sealer
    secret: bytes
    gateway: Gateway
    hub: Hub
    fiat: Asset
    bank_secrets: tuple[bytes, ...]
    now: Now
    entropy: Entropy
    secure_cookie: bool = False


def routes(room: Room) -> list[BaseRouteHandler]:
    return [*_joining(room), *_own(room), *_phones(room), *_outside(room), _events(room)]


def _joining(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/join", opt={"rule": Rule.OPEN}, status_code=202, tags=["members"])
    async def ask(data: JSONBody[JoinAsk]) -> JoinSent:
        """Send a verification code to join or to sign in."""
        contact = _contact(data.contact)
        now = room.now()
        future = room.store.submit(lambda unit: desk.ask(unit, contact, now, room.secret, room.entropy))
        asked = await asyncio.wrap_future(future)
        text = f"{asked.digits} is your Tillmark code. 인증번호는 {asked.digits}예요. 10 min."
        await asyncio.to_thread(room.gateway.send, contact, "Tillmark", text)
        return JoinSent(asked.expires_at.rfc3339())

    @post("/v1/join/verify", opt={"rule": Rule.OPEN}, status_code=200, tags=["members"])
    async def verify(data: JSONBody[JoinVerify]) -> Response[SignedIn]:
        """Prove the contact; a new member gets a wallet. Answers with a session."""
        contact, now = _contact(data.contact), room.now()

        def work(unit: Unit) -> tuple[SignedIn, str] | Refused:
            wrong = desk.attempt(unit, contact, data.code[:TEXT_MAX], now, room.secret)
            if wrong is not None:
                return wrong
            member, joined = desk.join(unit, contact, room.fiat, now, room.sealer, room.entropy)
            opened = open_session(unit, Kind.MEMBER, member.id, now, room.entropy)
            return SignedIn(member.id, joined, opened.csrf, opened.expires_at.rfc3339()), opened.secret

        done = await asyncio.wrap_future(room.store.submit(work))
        if isinstance(done, Refused):
            raise done
        response: Response[SignedIn] = Response(done[0])
        response.set_cookie(
            COOKIE, done[1], max_age=LIFE_MS // 1000, httponly=True, samesite="strict", secure=room.secure_cookie
        )
        return response

    @post("/v1/sign-out", opt={"rule": Rule.PERSON}, status_code=204, tags=["members"])
    async def sign_out(request: AnyRequest) -> Response[None]:
        """End this session."""
        secret = session_cookie(header_map(request.scope))  # type: ignore[arg-type]
        await asyncio.wrap_future(room.store.submit(lambda unit: close_session(unit, secret)))
        response: Response[None] = Response(None, status_code=204)
        response.delete_cookie(COOKIE)
        return response

    return [ask, verify, sign_out]


def _own(room: Room) -> list[BaseRouteHandler]:
    @get("/v1/me", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def me(request: AnyRequest) -> desk.Me:
        """The member and the holdings of the wallet."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.me(unit, who))

    @get("/v1/me/session", opt={"rule": Rule.PERSON}, tags=["members"], sync_to_thread=False)
    def session(request: AnyRequest) -> dict[str, str]:
        """Who is signed in, and the CSRF token of the session (for a page that was loaded again)."""
        caller = caller_of(request)
        return {"kind": caller.kind.value, "id": caller.id, "csrf": caller.csrf}

    @get("/v1/me/history", opt={"rule": Rule.MEMBER}, tags=["members"], sync_to_thread=False)
    def history(
        request: AnyRequest,
        before: Annotated[int | None, QueryParameter(ge=1, le=2**53)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=desk.HISTORY_MAX)] = 50,
    ) -> tuple[desk.HistoryLine, ...]:
        """Movements of the wallet, newest first; `before` is the last `number` seen."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.history(unit, who, before, limit))

    @get("/v1/me/codes", opt={"rule": Rule.MEMBER}, tags=["codes"], sync_to_thread=False)
    def codes(request: AnyRequest) -> Codes:
        """The next thirty personal codes, for a page that may lose its network."""
        who, now = caller_of(request).id, room.now()
        return Codes(room.store.read(lambda unit: desk.issue(unit, room.sealer, who, now)))

    return [me, session, history, codes]


def _phones(room: Room) -> list[BaseRouteHandler]:
    @get("/v1/me/devices", opt={"rule": Rule.MEMBER}, tags=["codes"], sync_to_thread=False)
    def phones(request: AnyRequest) -> tuple[desk.Phone, ...]:
        """The member's phone apps."""
        who = caller_of(request).id
        return room.store.read(lambda unit: desk.phones(unit, who))

    @post("/v1/me/devices", opt={"rule": Rule.MEMBER}, tags=["codes"])
    async def enrol(request: AnyRequest, data: JSONBody[PhoneAsk]) -> PhoneKey:
        """Enrol a phone app: it gets a key of its own and shows codes and answers taps without a network."""
        who, now = caller_of(request).id, room.now()
        work = room.store.submit(
            lambda unit: desk.enrol(unit, room.sealer, who, data.label[:TEXT_MAX], now, room.entropy)
        )
        key = await asyncio.wrap_future(work)
        return PhoneKey(key.id, base64.b64encode(key.secret).decode(), key.roll_ms, now.rfc3339())

    @delete("/v1/me/devices/{phone:int}", opt={"rule": Rule.MEMBER}, tags=["codes"])
    async def remove(request: AnyRequest, phone: Annotated[int, PathParameter(ge=1, le=2**53)]) -> None:
        """Remove a phone app: its codes and taps are nobody's from now on."""
        who, now = caller_of(request).id, room.now()
        work = room.store.submit(lambda unit: desk.remove_key(unit, room.sealer, who, phone, now))
        if not await asyncio.wrap_future(work):
            raise Refused.by(NO_SUCH_ROUTE, "no such phone", status=404)

    return [phones, enrol, remove]


def _outside(room: Room) -> list[BaseRouteHandler]:
    @post("/v1/presentations", opt={"rule": Rule.TERMINAL}, status_code=200, tags=["sale"])
    async def present(request: AnyRequest, data: JSONBody[PresentRequest]) -> Response[Presentation]:
        """Redeem what a shopper showed: a personal code, once, or a tap bound to amount, terminal and nonce."""
        terminal, principal, key, digest = (
            caller_of(request).id,
            principal_of(request),
            key_of(request),
            body_hash(request),
        )
        now = room.now()

        def redeem(unit: Unit) -> str:
            made = desk.present(unit, data, terminal, now, room.sealer, room.entropy)
            told = Presentation(
                made.id, made.txn, made.hint, desk.coins(unit, made.member), made.expires_at.rfc3339(), PRESENTATION_MS
            )
            return msgspec.json.encode(told).decode()

        def work(unit: Unit) -> Answer:
            answer = once(unit, principal, key, digest, now, redeem)
            if answer.refused is not None and not answer.replayed:
                desk.count_miss(unit, data, answer.refused, terminal, now)
            return answer

        return reply(await asyncio.wrap_future(room.store.submit(work)))

    @post("/v1/bank-notices", opt={"rule": Rule.WEBHOOK}, status_code=200, tags=["bank"])
    async def notice(request: AnyRequest) -> desk.DepositTaken:
        """A bank tells of a transfer in (Standard Webhooks). Booked once by the bank's id of the transfer."""
        scope: Any = request.scope
        body: bytes = scope.get(BODY, b"")
        headers = {name.decode("latin-1"): value for name, value in header_map(scope).items()}
        now = room.now()
        desk.check_notice(headers, body, room.bank_secrets, now)
        told = msgspec.json.decode(body, type=desk.BankNotice)
        return await asyncio.wrap_future(room.store.submit(lambda unit: desk.deposit(unit, told, room.fiat, now)))

    return [present, notice]


def _events(room: Room) -> BaseRouteHandler:
    @get("/v1/me/events", opt={"rule": Rule.MEMBER}, tags=["members"])
    async def events(request: AnyRequest) -> ServerSentEvent:
        """What happens to the wallet, as it happens (server-sent events). After ``lost`` load the history again."""
        who = caller_of(request).id

        async def stream() -> AsyncIterator[ServerSentEventMessage]:
            yield ServerSentEventMessage(event="open", data="{}", retry=1000)
            async for event in room.hub.follow(who):
                if event is None:
                    yield ServerSentEventMessage(comment="still here")
                else:
                    yield ServerSentEventMessage(event=event.kind, data=msgspec.json.encode(event.facts).decode())

        return ServerSentEvent(stream())

    return events


def _contact(text: str) -> Contact:
    try:
        return Contact.parse(text[: TEXT_MAX + 1])
    except BadContact:
        raise Refused.by(BAD_CONTACT, status=422) from None
