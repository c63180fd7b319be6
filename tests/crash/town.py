"""A town whose servers die: exchange and agency as programs of their own, a member with coins, a seller with a shop."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.members import desk as members
from backend.store import Store, Unit
from core.asset import BTC
from core.code import SLOT_MS, derive
from core.money import Money
from sync.signing import DeviceKey
from tests.crash.shared import NAMES, Shared

UP_S: Final = 20.0  # a server that has not come back by then will not
ROOT: Final = Path(__file__).parents[2]
COINS: Final = Money.parse("10000", BTC)


@dataclass
class Town:
    folder: Path
    shared: Shared
    nursery: subprocess.Popen[str]
    urls: dict[str, str]
    client: httpx.Client
    member: str = ""
    phone: tuple[bytes, int] = (b"", 0)
    session: dict[str, str] = field(default_factory=dict)

    # -- the servers -----------------------------------------------------------------------------------

    def tell(self, word: str, name: str) -> None:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{word} {name}\n")
        self.nursery.stdin.flush()
        assert self.nursery.stdout.readline() == "done\n"

    def start(self) -> None:
        for name in NAMES:
            self.tell("start", name)
        self.until_up()

    def kill(self) -> None:
        for name in NAMES:
            self.tell("stop", name)

    def until_up(self) -> None:
        self.until(lambda: all(self.shared.up(name) for name in NAMES), "the servers to come back")

    def until(self, there: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + UP_S
        while not there():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            assert self.nursery.poll() is None, "the servers' program ended"
            time.sleep(0.002)

    @contextmanager
    def keeping_house(self) -> Iterator[None]:
        """The servers, killed once more, come back with their sweeps and their asking."""
        for keeps in (True, False):
            self.kill()
            self.shared.keeps_house = keeps
            self.start()
            if keeps:
                yield

    def data(self, name: str) -> Path:
        return self.folder / "data" / f"{name}.db"

    # -- the people ------------------------------------------------------------------------------------

    def people(self) -> None:
        self.member, member = self._join("mina@example.org")
        told = self._as(member, "POST", "/v1/me/devices", {"label": "phone"}).json()
        self.phone = base64.b64decode(told["key"]), int(told["roll_ms"])
        _, self.session = self._join("seller@example.org")
        self._as(self.session, "PUT", "/v1/shop", {"shop": "Corner shop", "payout": "fiat"})
        self.kill()
        with Store.open(self.data("exchange"), EXCHANGE_MIGRATIONS) as store:
            store.write(self._coins_from_the_chain)
        self.start()

    def code(self) -> str:
        """What the phone shows, in a half minute of its own."""
        self.shared.forward(SLOT_MS)
        return derive(*self.phone, self.shared.now()).digits

    def pair(self, key: DeviceKey) -> str:
        """A new terminal of the seller's; its id."""
        asked = {"public_key": key.public, "mode": "seller", "model": "m", "version": "1"}
        opened = self.client.post(f"{self.urls['exchange']}/v1/pairings", json=asked).json()
        approved = self._as(self.session, "POST", "/v1/pairings/approve", {"code": opened["code"]})
        return str(approved.json()["terminal"])

    def _join(self, contact: str) -> tuple[str, dict[str, str]]:
        exchange = self.urls["exchange"]
        assert self.client.post(f"{exchange}/v1/join", json={"contact": contact}).status_code == 202
        mail = self.folder / "mail"
        self.until(mail.exists, "the mail")
        body = {"contact": contact, "code": mail.read_text("utf-8")[:6]}
        mail.unlink()
        told = self.client.post(f"{exchange}/v1/join/verify", json=body)
        cookie = told.cookies["tillmark_session"]
        self.client.cookies.clear()
        headers = {"cookie": f"tillmark_session={cookie}", "x-csrf-token": told.json()["csrf"]}
        return told.json()["member"], headers

    def _as(self, who: dict[str, str], method: str, path: str, body: object) -> httpx.Response:
        told = self.client.request(method, self.urls["exchange"] + path, json=body, headers=who)
        assert told.status_code < 300, told.text
        return told

    def _coins_from_the_chain(self, unit: Unit) -> None:
        chain = ledger.account(unit, Owner(OwnerKind.WORLD, "chain"), BTC)
        into = ledger.account(unit, members.wallet_of(self.member), BTC)
        postings = (Posting(chain, -COINS.minor), Posting(into, COINS.minor))
        ledger.post(unit, Record("deposit", secrets.token_hex(8), self.shared.now(), postings))


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    shared = Shared(folder / "shared")
    command = [sys.executable, "-m", "tests.crash.servers", str(folder)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as nursery,
        httpx.Client(timeout=10) as client,
    ):
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        ports = json.loads(nursery.stdout.readline())
        made = Town(folder, shared, nursery, {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}, client)
        try:
            made.start()
            made.people()
            yield made
        finally:
            nursery.stdin.close()
            nursery.wait(UP_S)
            shared.close()
