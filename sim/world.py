"""A whole world on one machine: servers, broker, venues, a mailbox, a bank, a counter with its devices, and people.

Everything that is ours runs as it does in the field - real processes, real sockets, real bytes - and only the far
end of each cable is simulated. `World` starts what it is asked for and leaves nothing behind.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import socket
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.asset import KRW, Asset
from core.codec import from_plain
from core.messages import TerminalGrant
from core.moment import Moment
from core.money import Money
from sim.broker import Broker
from sim.cards import CARD_FACES, cards_file
from sim.cash_machine import SPEED, CashMachine
from sim.children import Child, ChildFailed
from sim.peers.bank import Bank
from sim.peers.camera import CameraPeer
from sim.peers.line import Line
from sim.peers.mailbox import Mailbox
from sim.peers.nfc_pn532 import Pn532
from sim.peers.panel import Panel
from sim.peers.printer import Printer
from sim.peers.venue import Market, Pair
from sim.peers.venue_server import Ticker, VenueServer
from sim.people import Person
from sync.pairing import GRANT

COIN: Final = Asset("TIL", 4)
PRICES: Final = {Pair("TIL", "KRW"): 10_000, Pair("BTC", "KRW"): 97_590_000}
GOODS: Final = (
    ("4006381333931", "Pencil", 900),
    ("8801234567893", "Green tea", 3_500),
    ("9780201379624", "Book", 12_000),
)
OPERATOR: Final = "operator@example.org"
TICK_S: Final = 0.5
START_S: Final = 15.0  # a cold start of the terminal on a slow machine
_PAIRING_CODE: Final = re.compile(r"\b([0-9A-Z]{3}) ([0-9A-Z]{3})\b")


@dataclass(frozen=True, slots=True)
class Choices:
    """What may differ from one world to the next. `payout` "fiat" or "coin"; `still` stops the market's walk.
    `page` is the origin of the live page, which may show the members' pages in a frame ("" for none). `lines` lays
    wires between terminal and servers that can be told to fail (`exchange_line`, `agency_line`). `dispenser` one of
    `sim.cash_models.NAMES`: the terminal is an ATM with that machine, "": a shop's till; `speed` of its mechanics.
    `cards` gift cards of each value are loaded before the servers start."""

    lang: str = "en"
    payout: str = "fiat"
    seed: int = 7
    still: bool = True
    screen: tuple[int, int] = (800, 480)
    theme: str = "light"
    shop: str = "Corner Shop"
    page: str = ""
    lines: bool = False
    dispenser: str = ""
    cards: int = 0
    speed: float = SPEED


class World:
    """Use as a context. Attributes are the parts, started in the order a person would start them."""

    def __init__(self, choices: Choices, tell: Callable[[str], None] = lambda line: None) -> None:
        self.choices = choices
        self.tell = tell
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="tillmark-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self._start_outside()
            self._start_backend()
            self._start_counter()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # -- the parts -------------------------------------------------------------------------------------

    def _start_outside(self) -> None:
        self.tell("starting broker, price venues, mailbox and bank")
        self.broker = Broker(self.folder)
        self._stack.callback(self.broker.stop)
        self.market = Market(PRICES, self.choices.seed)
        if self.choices.still:
            for pair, price in PRICES.items():
                self.market.put(pair.coin, price)
        self.venues = tuple(
            VenueServer(kind, name, self.market, seed=self.choices.seed + place, now_ms=_now_ms)
            for place, (kind, name) in enumerate((("upbit", "Upper"), ("binance", "Binary")))
        )
        for venue in self.venues:
            venue.start()
            self._stack.callback(venue.close)
        ticker = Ticker(self.market, TICK_S)
        self._stack.callback(ticker.close)
        self.mailbox = self._stack.enter_context(Mailbox())
        self._bank_secret = secrets.token_bytes(32)

    def _start_backend(self) -> None:
        self.tell("starting exchange and payment agency")
        self.exchange_line, self.agency_line = Line(), Line()
        self._stack.callback(self.exchange_line.close)
        self._stack.callback(self.agency_line.close)
        secret = self.folder / "bank.secret"
        secret.write_bytes(self._bank_secret.hex().encode())
        self.backend_config = self.folder / "backend.toml"
        self.backend_config.write_text(self._backend_toml(secret), "utf-8")
        if self.choices.dispenser:
            self._add_operator()
        if self.choices.cards:
            self._load_cards()
        self.start_backend()
        self._stack.callback(self._stop_backend)
        self.bank = self._stack.enter_context(
            Bank(self.exchange_url + "/v1/bank-notices", secret=secret.read_bytes().strip())
        )

    def _add_operator(self) -> None:
        """Whoever owns cash machines is named on the host, while the servers stand still."""
        adding = Child.tillmark(
            "operator", "backend", "operator", "add", OPERATOR, "--config", str(self.backend_config)
        )
        status = adding.process.wait(START_S)
        adding.stop()
        if status != 0:
            raise ChildFailed(f"no operator: {adding.tail()}")

    def _load_cards(self) -> None:
        """The issuer's files of codes, taken into stock on the host while the servers stand still."""
        for face in CARD_FACES:
            file = self.folder / f"cards-{face}.json"
            file.write_bytes(cards_file(face, self.choices.cards, self.choices.seed))
            loading = Child.tillmark(
                "cards", "backend", "giftcards", "load", str(file), "--config", str(self.backend_config)
            )
            status = loading.process.wait(START_S)
            loading.stop()
            if status != 0:
                raise ChildFailed(f"no gift cards: {loading.tail()}")

    def start_backend(self) -> None:
        """Start the servers (again, after they were stopped or killed) on the same addresses."""
        self.backend = Child.tillmark(
            "backend",
            "backend",
            "serve",
            "--config",
            str(self.backend_config),
            "--json",
            keep=self.folder / "backend.log",
        )
        ready = self.backend.wait_json("ready")
        self.exchange_url, self.agency_url = str(ready["exchange"]), str(ready["agency"])
        text = self.backend_config.read_text("utf-8")
        for name, url in (("exchange", self.exchange_url), ("agency", self.agency_url)):
            text = text.replace(
                f'listen = "127.0.0.1:0" # {name}', f'listen = "{url.removeprefix("http://")}" # {name}'
            )
        self.backend_config.write_text(text, "utf-8")

    def _backend_toml(self, secret: Path) -> str:
        venues = "".join(
            f'\n[[market.venue]]\nname = "{venue.venue.name}"\nkind = "{venue.kind}"\nrest = "{venue.url}"\n'
            f'stream = "{venue.stream}"\npairs = ["TIL/KRW", "BTC/KRW"]\n'
            for venue in self.venues
        )
        exchange, agency = self._listen(self.exchange_line), self._listen(self.agency_line)
        return (
            f'data = "{self.folder / "servers"}"\n'
            f'[exchange]\n{exchange} # exchange\nmqtt_url = "{self.broker.url}"\n[agency]\n{agency} # agency\n'
            f'[gateway]\nurl = "{self.mailbox.url}"\n'
            f'[bank]\nsecret_files = ["{secret}"]\n'
            f'[web]\nembedded_by = "{self.choices.page}"\n'
            "[terms]\nspread_bp = 0\n"
            '[[coin]]\ncode = "TIL"\nscale = 4\n[[coin]]\ncode = "BTC"\nscale = 8\n' + venues
        )

    def _listen(self, line: Line) -> str:
        """A server's address; behind a line it has a port of its own, and the line's address is its public one."""
        if not self.choices.lines:
            return 'listen = "127.0.0.1:0"'
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        line.leads_to(f"http://127.0.0.1:{port}")
        return f'url = "{line.url}"\nlisten = "127.0.0.1:{port}"'

    def _start_counter(self) -> None:
        self.tell("starting the terminal and the far ends of its cables")
        self.cash: CashMachine | None = None
        vault = ""
        if self.choices.dispenser:
            self.cash = CashMachine(self.folder, self.choices.dispenser, self.choices.speed)
            self._stack.callback(self.cash.close)
            vault = f'[vault]\nsocket = "{self.cash.socket}"\nkey = "{self.cash.plug_in()}"\n'
        self.panel = self._stack.enter_context(Panel())
        self.printer = self._stack.enter_context(Printer())
        self.printer_port = self.printer.listen_tcp()
        self.camera = CameraPeer(seed=self.choices.seed)
        self._stack.callback(self.camera.close)
        self.nfc = Pn532(self.folder / "nfc", seed=self.choices.seed)
        self._stack.callback(self.nfc.close)
        self.goods = self.folder / "goods.csv"
        rows = "".join(f"{code},{name},{price}\n" for code, name, price in GOODS)
        self.goods.write_text("barcode,name,price\n" + rows, "utf-8")
        self.device_config = self.folder / "till.toml"
        self.device_config.write_text(self._device_toml() + vault, "utf-8")
        self.start_device()
        self._stack.callback(self._stop_device)

    def pause_backend(self) -> None:
        """The servers stand still, as a machine does that swaps; their sockets stay open."""
        self.backend.pause()

    def resume_backend(self) -> None:
        self.backend.resume()

    def _stop_backend(self) -> None:
        """Whichever backend runs then: it may have been killed and started again."""
        self.backend.stop()

    def _stop_device(self) -> None:
        self.device.stop()

    @property
    def exchange_store(self) -> Path:
        return self.folder / "servers" / "exchange.db"

    @property
    def device_journal(self) -> Path:
        return self.folder / "till" / "journal.db"

    def start_device(self) -> None:
        """Start the terminal (again, after it was stopped or killed)."""
        self.device = Child.tillmark(
            "device", "run", "--config", str(self.device_config), keep=self.folder / "device.log"
        )

    def _device_toml(self) -> str:
        width, height = self.choices.screen
        return f"""config_version = 1
mode = "{"atm" if self.choices.dispenser else "seller"}"
data_dir = "{self.folder / "till"}"
lang = "{self.choices.lang}"
goods = "{self.goods}"
[exchange]
url = "{self.exchange_url}"
[screen]
mode = "panel"
port = "{self.panel.address}"
width = {width}
height = {height}
theme = "{self.choices.theme}"
[devices.camera]
driver = "camera_qr"
port = "{self.camera.url}"
[devices.nfc]
driver = "reader_nfc"
port = "{self.folder / "nfc"}"
[devices.printer]
driver = "printer_escpos"
port = "{self.printer_port}"
"""

    # -- what people do ----------------------------------------------------------------------------------

    def person(self, contact: str) -> Person:
        """Somebody who has just joined, with a code from the mailbox."""
        person = Person(self.exchange_url, contact).join(self.mailbox.wait_for_code)
        self._stack.callback(person.close)
        return person

    def operator(self) -> Person:
        """The owner of the cash machines, signed in with a code from the mailbox. Only in a world with a dispenser."""
        person = Person(self.exchange_url, OPERATOR).sign_in_operator(self.mailbox.wait_for_code)
        self._stack.callback(person.close)
        return person

    def pair(self, seller: Person) -> str:
        """The terminal prints and shows its code; the seller reads it and types it on the shop's page."""
        self.printer.wait_for_paper(1, timeout_s=START_S)
        shown = self.panel.wait_for("pairing", timeout_s=START_S)
        found = next(filter(None, map(_PAIRING_CODE.search, shown.spoken)), None)
        assert found, f"no code on the screen: {shown.spoken}"
        terminal = seller.approve(found[1] + found[2])
        if self.cash is not None:
            self._fill_machine(self.cash)
        self.panel.wait_for("idle", timeout_s=START_S)
        return terminal

    def _fill_machine(self, cash: CashMachine) -> None:
        """A technician pins the vault to its terminal and its exchange, starts it and fills the cassettes."""
        self.panel.wait_for("idle_no_cash", timeout_s=START_S)
        self.tell("a technician pins the vault and fills the cassettes")
        cash.start(paired_as(self.device_journal))
        cash.wait_known()
        cash.load()
        cash.wait_ready()

    def fill(self, member: Person, fiat: Money, coins_for: Money) -> None:
        """Transfer fiat in from the bank, and buy coins for a part of it."""
        self.bank.transfer(member.me()["deposit_reference"], fiat)
        member.wait_for(KRW, fiat)
        member.buy(COIN, coins_for)


def paired_as(journal: Path) -> TerminalGrant:
    """What the exchange told the terminal, read beside it. Raises `BadMessage` for a terminal that is not paired."""
    base = sqlite3.connect(f"file:{journal}?mode=ro", uri=True, timeout=5)
    try:
        query = "SELECT body FROM record WHERE seq = (SELECT seq FROM fact WHERE name = ?)"
        row = base.execute(query, (GRANT,)).fetchone()
    finally:
        base.close()
    return from_plain(TerminalGrant, json.loads(json.loads(row[0])[1] if row else "null"))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def now() -> Moment:
    return Moment(_now_ms())
