"""An exchange with its pages on a real port: real store, ledger, desks and prices; the mail is kept to be read."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from litestar import Litestar

from backend.config import Config
from backend.http.keys import public_text, server_key
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Record
from backend.market.board import PriceBoard
from backend.market.rules import Bands, Pair, Reading
from backend.members import desk as members
from backend.members.rules import Contact
from backend.parts import DataFolder, Outside, wall
from backend.server import Server
from backend.serving import running
from backend.settle import desk as settle
from backend.store import Store, Unit
from backend.terminals import operators, pairing, shops
from backend.terminals.rules import PayoutChoice
from backend.withdraw.teller import VaultKey
from core.asset import BTC, KRW, Asset
from core.ids import TxnId
from core.messages import AuthoriseRequest, Capture, CaptureRequest, PairingRequest, QuoteRequest, WireMoney
from core.moment import Moment
from core.money import Money
from core.sealed import Verifier
from core.settings import fill

ETH = Asset("ETH", 8)
PRICES = {BTC: 97_590_000, ETH: 4_812_000}


class QuietLog:
    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.lines.append((event, fields))

    warning = error = info


@dataclass
class Post:
    """A gateway that keeps what it was given."""

    sent: list[tuple[Contact, str]] = field(default_factory=list)

    def send(self, contact: Contact, subject: str, text: str) -> None:
        self.sent.append((contact, text))

    def digits(self) -> str:
        return self.sent[-1][1][:6]


class Prices:
    """A board of two sources that agree, read a moment ago each time it is asked."""

    def __init__(self) -> None:
        self.at = dict(PRICES)
        self.believed = True

    def __call__(self) -> Any:
        board = PriceBoard([Pair(coin, KRW) for coin in self.at], Bands(), lambda: 400)
        for coin, price in self.at.items():
            for source, off in (("upbit", 0), ("binance", 10)):
                if self.believed or source == "upbit":
                    board.offer(Reading(source, Pair(coin, KRW), price - off, price + off, None, wall(), 0))
        return board.snapshot()


@dataclass(frozen=True)
class Desks:
    """What the test does behind the pages' back, it does by the same desks."""

    store: Store
    sealer: members.Sealer
    house: settle.House
    now: Callable[[], Moment] = wall
    entropy: Callable[[int], bytes] = secrets.token_bytes


@dataclass
class Exchange:
    url: str
    room: Desks
    post: Post
    log: QuietLog
    prices: Prices
    app: Litestar
    teller: Authority

    def member(self, contact: str) -> str:
        """A member's id, made now if new."""
        room = self.room

        def work(unit: Unit) -> str:
            return members.join(unit, Contact.parse(contact), KRW, room.now(), room.sealer, room.entropy)[0].id

        return room.store.write(work)

    def operator(self, contact: str) -> None:
        room = self.room
        room.store.write(lambda unit: operators.add(unit, Contact.parse(contact), room.now(), room.entropy))

    def deposit(self, member: str, won: int) -> None:
        """A transfer from the bank with the member's reference."""
        room = self.room

        def work(unit: Unit) -> None:
            reference = members.member_of(unit, member).deposit_reference
            amount = WireMoney.of(Money(won, KRW))
            notice = members.BankNotice(secrets.token_hex(8), reference, amount, room.now().rfc3339())
            members.deposit(unit, notice, KRW, room.now())

        room.store.write(work)

    def give(self, member: str, money: Money, wallet: int = 1) -> None:
        """Coins from outside."""
        room = self.room

        def work(unit: Unit) -> None:
            world = ledger.account(unit, Owner(OwnerKind.WORLD, "chain"), money.asset)
            into = ledger.account(unit, Owner(OwnerKind.MEMBER, member, wallet), money.asset)
            postings = (ledger.give(world, money.minor), ledger.get(into, money.minor))
            ledger.post(unit, Record("gift", f"gift/{secrets.token_hex(8)}", room.now(), postings))

        room.store.write(work)

    def shop(self, person: str, name: str, payout: PayoutChoice = PayoutChoice.FIAT) -> None:
        room = self.room
        room.store.write(lambda unit: shops.open_shop(unit, person, name, payout, room.now()))

    def device(self, mode: str = "seller", vault_key: str = "") -> tuple[str, str]:
        """A device that asks to be paired: the code on its screen, and its public key."""
        room = self.room
        public = public_text(Ed25519PrivateKey.generate().public_key())
        asked = PairingRequest(public, mode, "Raspberry Pi 4", "0.1.0", vault_key)
        opened = room.store.write(
            lambda unit: pairing.open_pairing(unit, asked, room.now(), f"{self.url}/shop", room.entropy)
        )
        return opened.code, public

    def cash_machine(self, person: str, vault_key: str = "") -> str:
        """An ATM of this person's shop, with a cash side of its own."""
        return self.paired(person, "atm", vault_key or public_text(Ed25519PrivateKey.generate().public_key()))

    def paired(self, person: str, mode: str = "seller", vault_key: str = "") -> str:
        """A terminal of this person's shop."""
        code, _ = self.device(mode, vault_key)
        room = self.room
        terminal = room.store.write(lambda unit: pairing.approve(unit, code, person, room.now(), room.entropy))
        assert isinstance(terminal, str)
        return terminal

    def sale(self, member: str, seller: str, terminal: str, won: int, *, settled_ago_ms: int = 0) -> Capture:
        """The whole sale, by the desks that terminal and agency reach over their lines."""
        room, txn, price = self.room, TxnId.of(secrets.token_bytes(16)), WireMoney.of(Money(won, KRW))
        at = Moment(room.now().ms - settled_ago_ms)

        def work(unit: Unit) -> Capture:
            presented = settle.Presented(member, 1, members.coins(unit, member))
            asked = QuoteRequest(txn, "p", price)
            offer = settle.quote(
                unit, room.house, self.prices(), terminal=terminal, presented=presented, request=asked, at=at
            )
            found = shops.seller_of(unit, seller)
            who = settle.Seller(found.id, found.payout.value, found.shop)
            settle.authorise(
                unit, room.house, terminal=terminal, seller=who, commission_bp=80, presented=presented,
                request=AuthoriseRequest(txn, 1, "p", offer.quote), at=at,
            )  # fmt: skip
            return settle.capture(unit, room.house, terminal=terminal, request=CaptureRequest(txn), at=at)

        return room.store.write(work)

    def presented(self, member: str) -> None:
        """Tell the member's pages what they are told when a terminal redeems the code."""
        self.room.store.write(lambda unit: unit.tell(members.TOPIC, members.MemberEvent(member, "presented")))


@contextmanager
def exchange(folder: Path, *, embedded_by: str = "") -> Iterator[Exchange]:
    """The exchange alone, as it is assembled, on a free port."""
    table = {
        "data": str(folder / "data"),
        "exchange": {"listen": "127.0.0.1:0", "agency_url": "http://127.0.0.1:8081"},
        "bank": {"name": "Hana Bank", "account": "110-482-019477", "holder": "Tillmark Exchange"},
        "coin": [{"code": "BTC"}, {"code": "ETH"}],
        "web": {"embedded_by": embedded_by},
    }
    post, log, prices = Post(), QuietLog(), Prices()
    config = fill(Config, table, file="test")
    with running(config, Outside(log=log), only=["exchange"], gateway=post, board=prices) as (urls, servers, _):
        yield Exchange(
            urls.exchange,
            _desks(servers["exchange"], DataFolder(Path(config.data))),
            post,
            log,
            prices,
            servers["exchange"].app,
            _authority(DataFolder(Path(config.data))),
        )


@dataclass(frozen=True)
class Authority:
    """The authority key's public half, as a paired machine is told it."""

    key_id: str
    authority: Verifier


def _authority(data: DataFolder) -> Authority:
    key = server_key(data.key("authority"), "d")
    return Authority(key.id, VaultKey(key.id, key.private.public_key()))


def _desks(server: Server, data: DataFolder) -> Desks:
    """What the server's own desks use, from the same store and key files."""
    secret = data.key("codes").read_bytes()
    keys = settle.QuoteKeys("q1", {"q1": data.key("quotes").read_bytes()})
    seal = settle.Sealer(server.key.id, server.key.private)
    house = settle.House(settle.Terms(), keys, secrets.token_bytes, seal)
    return Desks(server.store, members.Sealer(secret, secrets.token_bytes), house)
