"""The whole world with every program for itself, and SIGKILL at any moment of terminal, exchange and agency."""

from __future__ import annotations

import contextlib
import itertools
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.asset import KRW
from core.code import SLOT_MS
from core.events import Captured, Reversed, TicketOpened
from core.money import Money
from core.wire.panel import Shown
from device.receipt_check import BadInput, opened, seal_text
from sim.children import Child
from sim.peers.panel import PanelGone
from sim.people import Person, PhoneSecret
from sim.world import Choices, World, now
from sync.journal import Journal
from tests.crash.checks import look, wrong_ledger
from tests.crash.people import ENDED
from tests.crash.servers import free_ports
from tests.crash.shared import NAMES

SALES = 60
MEMBERS, PHONES = 6, 5  # each phone shows one code in half a minute, and each code is good once
SALE_S = 90.0  # two deaths and the reversal of a silent line stay far below
DRAINED_S = 60.0
VICTIMS = ((), ("device",), ("device",), ("exchange",), ("agency",), ("exchange", "agency"), ("device", "exchange"))


class SplitWorld(World):
    """Exchange and agency as two programs."""

    def start_backend(self) -> None:
        ports = free_ports()
        urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        text = self.backend_config.read_text("utf-8")
        other = {"exchange": f'agency_url = "{urls["agency"]}"', "agency": f'exchange_url = "{urls["exchange"]}"'}
        for name in NAMES:
            told = f'listen = "127.0.0.1:{ports[name]}"\n{other[name]}'
            text = text.replace(f'listen = "127.0.0.1:0" # {name}', told)
        self.backend_config.write_text(text, "utf-8")
        self.exchange_url, self.agency_url = urls["exchange"], urls["agency"]
        self.servers: dict[str, Child] = {}
        for name in NAMES:
            self.start_server(name)

    def start_server(self, name: str) -> None:
        words = ("backend", "serve", "--only", name, "--config", str(self.backend_config), "--json")
        self.servers[name] = Child.tillmark(name, *words, keep=self.folder / f"{name}.log")
        self.servers[name].wait_json("ready")

    def kill(self, victim: str) -> None:
        """Killed, and started again at once."""
        if victim == "device":
            self.device.kill()
            self.start_device()
        else:
            self.servers[victim].kill()
            self.start_server(victim)

    def store(self, name: str) -> Path:
        return self.folder / "servers" / f"{name}.db"

    def _stop_backend(self) -> None:
        for server in self.servers.values():
            server.stop()


class Counterhand:
    """A person at the counter who goes on whatever happens."""

    def __init__(self, world: SplitWorld, phones: list[PhoneSecret]) -> None:
        self.world = world
        self._phones = itertools.cycle(phones)
        self.ends: Counter[str] = Counter()

    def sell(self) -> None:
        begun = ended = False
        deadline = time.monotonic() + SALE_S
        while not (begun and ended):
            assert time.monotonic() < deadline, f"the sale came to no end: {self.world.panel.latest()}"
            shown = self.world.panel.latest()
            with contextlib.suppress(PanelGone):  # the terminal has just died, or the screen changed under the finger
                if shown is None:
                    time.sleep(0.02)
                    continue
                if shown.name == "idle" and begun:
                    return
                begun = begun or shown.name != "idle"
                if shown.name in ENDED:
                    self.ends[shown.name] += 1
                self._act(shown)
                self._changed(shown)

    def _act(self, shown: Shown) -> None:
        panel = self.world.panel
        match shown.name:
            case "idle":
                panel.press("sale")
            case "ring_up" if _says(shown, "Total 1,000 "):
                panel.press("charge")
            case "ring_up" if not _says(shown, "Total 0 "):
                panel.press("cancel")  # half a price was typed when the power went
            case "ring_up":
                for key in "1000":
                    panel.key(key)
                panel.wait_until(lambda new: _says(new, "Total 1,000 "), 3.0, "the price")
            case "identify":
                panel.press("type")
            case "identify_typed" if not _says(shown, "Nothing typed"):
                panel.press("scan")  # half a code is typed: begin again
            case "identify_typed":
                for key in next(self._phones).code(now()).digits:
                    panel.key(key)
                panel.wait_until(lambda new: new.name not in ("identify_typed", "identify"), 5.0, "an answer")
            case "confirm" | "quote_refused":
                panel.press("confirm" if shown.name == "confirm" else "again")
            case name if name in ENDED:
                panel.press("done")
            case _:
                return

    def _changed(self, shown: Shown) -> None:
        """Look again when something else is shown, or when nothing came of it."""
        self.world.panel.wait_until(lambda new: new.revision != shown.revision, 0.3, "another screen")


def _says(shown: Shown, words: str) -> bool:
    return any(line.startswith(words) for line in shown.spoken)


@pytest.fixture
def world() -> Iterator[SplitWorld]:
    with SplitWorld(Choices()) as made:
        yield made


def people(world: SplitWorld) -> tuple[str, list[PhoneSecret]]:
    seller = world.person("seller@example.org")
    seller.open_shop("Corner Shop", "fiat")
    terminal = world.pair(seller)
    phones: list[PhoneSecret] = []
    for number in range(MEMBERS):
        member: Person = world.person(f"member{number}@example.org")
        world.fill(member, Money(500_000, KRW), Money(200_000, KRW))
        phones += [member.enrol_phone(f"phone {place}") for place in range(PHONES)]
    return terminal, phones


@pytest.mark.full
@pytest.mark.timeout(1_200)
def test_whoever_is_killed_at_whatever_moment_each_sale_is_settled_once_or_not_at_all(world: SplitWorld) -> None:
    chance = random.Random(7)
    terminal, phones = people(world)
    counter = Counterhand(world, phones)
    deaths: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(SALES):
        if number and number % len(phones) == 0:
            time.sleep((SLOT_MS - now().ms % SLOT_MS) / 1000)  # every phone has shown its code: wait for the next
        killers = [
            threading.Timer(chance.uniform(0.1, 2.5), world.kill, (victim,)) for victim in chance.choice(VICTIMS)
        ]
        for killer in killers:
            deaths[str(killer.args[0])] += 1
            killer.start()
        counter.sell()
        for killer in killers:
            killer.join()
    seconds = time.monotonic() - began
    wait_until_drained(world)
    wrong, settled = wrong_with(world, terminal)
    print(f"{SALES} sales, killed {dict(deaths)}, ended {dict(counter.ends)}, {settled} settled, {seconds:.0f} s")
    assert wrong == []
    assert settled > SALES // 3


def wait_until_drained(world: SplitWorld) -> None:
    deadline = time.monotonic() + DRAINED_S
    while waiting := _owed(world.device_journal) + _asking(world.store("agency")):
        assert time.monotonic() < deadline, f"{waiting} are still in doubt"
        time.sleep(0.2)
    world.device.stop()


def _owed(journal: Path) -> int:
    base = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    with contextlib.closing(base):
        open_, owed = base.execute(
            "SELECT (SELECT count(*) FROM ticket WHERE outcome = ''), (SELECT count(*) FROM effect WHERE state = 0)"
        ).fetchone()
    return int(open_ + owed)


def _asking(store: Path) -> int:
    with look(store) as unit:
        ((count,),) = unit.all("SELECT count(*) FROM agency_sale WHERE ask_at IS NOT NULL")
    return int(count)


def wrong_with(world: SplitWorld, terminal: str) -> tuple[list[str], int]:
    """The witnesses' stories side by side; what does not fit, and how many sales were settled."""
    journal = Journal.open(world.device_journal)
    with contextlib.closing(journal):
        wrong = [] if journal.verify().sound else ["the journal is damaged"]
        wrong += [f"{effect.key} is owed" for effect in journal.owed()]
        events = list(journal.events((TicketOpened, Captured, Reversed)))
    begun = {txn.text for _, txn, _, event in events if isinstance(event, TicketOpened)}
    captured = {txn.text for _, txn, _, event in events if isinstance(event, Captured)}
    papers: Counter[str] = Counter()
    for sheet in world.printer.papers:
        with contextlib.suppress(BadInput):  # the pairing's paper, or one that was torn in the middle
            papers[opened(seal_text(sheet.png())).facts.txn.text] += 1
    with look(world.store("exchange")) as unit:
        wrong += wrong_ledger(unit)
        states = dict(unit.all("SELECT txn, state FROM sale WHERE terminal = ?", (terminal,)))
        booked = Counter((txn, kind) for txn, kind in unit.all("SELECT txn, kind FROM journal WHERE txn <> ''"))
    with look(world.store("agency")) as unit:
        agency = dict(unit.all("SELECT txn, state FROM agency_sale WHERE terminal = ?", (terminal,)))
    for txn in begun | set(states) | set(agency):
        story = (txn in captured, states.get(txn) == "settled", agency.get(txn) == "settled", bool(papers[txn]))
        records = booked[txn, "sale"] - booked[txn, "reversal"]
        if len(set(story)) != 1 or records != int(story[0]):
            wrong.append(f"{txn}: terminal, exchange, agency, paper say {story}; {records} records")
    return wrong, len(captured)
