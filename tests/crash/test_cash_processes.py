"""Runtime, vault and exchange killed at any moment of real withdrawals on real cables; the notes are the judge.

`TILLMARK_KILL_SEED` plays another run; the seed is printed with the figures.
"""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from core.asset import KRW
from core.effects import PrintReceipt
from core.events import TicketOpened
from core.money import Money
from core.receipt import Total
from sim.peers.cash_box import Spot
from sim.walks.counting import count_and_mend, in_suspense
from sim.walks.withdraw import ledger_wrong, left_the_machine
from sim.world import Choices, World
from sync.journal import Journal
from tests.crash.checks import look, wrong_ledger
from tests.crash.drawer import Drawer, Phone, Reaper, people

DRAWS = int(os.environ.get("TILLMARK_KILL_DRAWS", "60"))  # of each of five machines
SPEED = 12.0
MEMBERS, PHONES = 6, 4
FIAT = Money(3_000_000, KRW)
AMOUNTS = {"hopper": Money(1_300, KRW)}
AMOUNT = Money(130_000, KRW)
FEE_BP = 50
DRAINED_S = 60.0
PAPERS_MAX = 10_000
VICTIMS = (
    ("runtime",), ("vault",), ("exchange",), ("runtime",), ("vault",), ("exchange",), (),
    ("runtime", "vault"), ("vault", "exchange"), ("runtime", "exchange"), ("runtime", "vault", "exchange"),
)  # fmt: skip
EARLY_S, LATE_S = 4.0, 2.0  # a whole withdrawal; from the confirmation to the notes
TIMEOUT_S = 900


@dataclass(frozen=True)
class Drawn:
    """One withdrawal: what left the machine meanwhile, and which rows the exchange made of it."""

    number: int
    left: int
    last_row: int


@pytest.mark.full
@pytest.mark.timeout(TIMEOUT_S)
@pytest.mark.parametrize("dispenser", ["lcdm30", "lcdm50", "f56", "hopper", "xfs4iot"])
def test_whoever_is_killed_at_whatever_moment_every_note_is_paid_for_once(dispenser: str) -> None:
    seed = os.environ.get("TILLMARK_KILL_SEED", "3") + dispenser
    chance = random.Random(seed)
    with World(Choices(dispenser=dispenser, speed=SPEED)) as world:
        phones = people(world, MEMBERS, PHONES, FIAT)
        drawer = Drawer(world, phones, AMOUNTS.get(dispenser, AMOUNT), chance)
        reaper, began = Reaper(world), time.monotonic()
        drawn = [one_withdrawal(drawer, reaper, chance, number) for number in range(DRAWS)]
        seconds = time.monotonic() - began
        drain(world, drawer)
        wrong, paid = wrong_with(world, drawn, phones)
        print(
            f"{dispenser} seed {seed}: {DRAWS} withdrawals, killed {dict(reaper.deaths)}, ended {dict(drawer.ends)}, "
            f"{paid} paid, {drawer.counts} counts, {seconds:.0f} s"
        )
        assert wrong == []
        assert paid > DRAWS // 4


def one_withdrawal(drawer: Drawer, reaper: Reaper, chance: random.Random, number: int) -> Drawn:
    before = left_the_machine(drawer.cash)
    early, killers = chance.random() < 0.3, list[threading.Timer]()
    for victim in chance.choice(VICTIMS):
        killers.append(threading.Timer(chance.uniform(0.0, EARLY_S if early else LATE_S), reaper, (victim,)))

    def strike() -> None:
        for killer in killers:
            killer.start()

    if early:
        strike()
    drawer.draw((lambda: None) if early else strike)
    for killer in killers:
        if killer.ident is not None:
            killer.join()
    drawer.set_right()
    return Drawn(number, left_the_machine(drawer.cash) - before, newest_row(drawer.world))


def newest_row(world: World) -> int:
    with looking(world) as base:
        ((row,),) = base.execute("SELECT coalesce(max(id), 0) FROM withdrawal").fetchall()
        return int(row)


@contextlib.contextmanager
def looking(world: World) -> Iterator[sqlite3.Connection]:
    base = sqlite3.connect(f"file:{world.exchange_store}?mode=ro", uri=True, timeout=10)
    with contextlib.closing(base):
        yield base


def drain(world: World, drawer: Drawer) -> None:
    """Two persons count, and everything that is owed is told."""
    drawer.set_right()
    count_and_mend(drawer.cash)
    deadline = time.monotonic() + DRAINED_S
    while waiting := owed(world) + int(drawer.cash.shown()["unsent"]):
        assert time.monotonic() < deadline, f"{waiting} things are still owed"
        time.sleep(0.2)
    world.device.stop()


def owed(world: World) -> int:
    base = sqlite3.connect(f"file:{world.device_journal}?mode=ro", uri=True, timeout=10)
    with contextlib.closing(base):
        query = "SELECT (SELECT count(*) FROM ticket WHERE outcome = ''), (SELECT count(*) FROM effect WHERE state = 0)"
        return sum(base.execute(query).fetchone())


def wrong_with(world: World, drawn: list[Drawn], phones: list[Phone]) -> tuple[list[str], int]:
    """Notes, cash ledger, exchange, members' pages and papers side by side; and how many withdrawals were paid."""
    assert world.cash is not None
    wrong = ledger_wrong(world.cash)
    shown = world.cash.shown()
    wrong += [f"{row} is not exact" for row in shown["places"] if row["low"] != row["high"]]
    if suspense := in_suspense(world):
        wrong.append(f"{suspense} in suspense")
    with look(world.exchange_store) as unit:
        wrong += wrong_ledger(unit)
    with looking(world) as base:
        rows = base.execute("SELECT id, txn, state, least, highest, kept FROM withdrawal ORDER BY id").fetchall()
        held = base.execute("SELECT count(*) FROM hold WHERE state = 'open'").fetchone()[0]
        strays = base.execute("SELECT count(*) FROM withdrawal_stray").fetchone()[0]
    if held or strays:
        wrong.append(f"{held} holds are open, {strays} strays")
    kept_of = {txn: kept for _, txn, _, _, _, kept in rows}
    for _, txn, state, least, highest, kept in rows:
        if state not in ("paid", "released") or not least == highest == kept:
            wrong.append(f"{txn} is {state}: {least} to {highest}, kept {kept}")
    first = 0
    for one in drawn:
        kept = sum(row[5] for row in rows if first < row[0] <= one.last_row)
        if kept != one.left:
            wrong.append(f"withdrawal {one.number}: {one.left} left, the members paid for {kept}")
        first = one.last_row
    taken = world.cash.worth(Spot.TAKEN)
    if taken != sum(kept_of.values()):
        wrong.append(f"{taken} taken, {sum(kept_of.values())} paid for")
    spent = sum(
        (FIAT - phone.member.holds(KRW)).minor for phone in {phone.member.contact: phone for phone in phones}.values()
    )
    cost = sum(kept + Money(kept, KRW).share(FEE_BP).minor for kept in kept_of.values())
    if spent != cost:
        wrong.append(f"the members' pages say {spent} went, the notes cost {cost}")
    return wrong + wrong_papers(world, kept_of), sum(kept > 0 for kept in kept_of.values())


def wrong_papers(world: World, kept_of: dict[str, int]) -> list[str]:
    """The terminal's journal is whole and owes nothing; whoever got notes got a paper that never says more."""
    journal = Journal.open(world.device_journal)
    with contextlib.closing(journal):
        wrong = [] if journal.verify().sound else ["the journal is damaged"]
        wrong += [f"{effect.key} is owed" for effect in journal.owed()]
        begun = {txn.text for _, txn, _, event in journal.events((TicketOpened,)) if isinstance(event, TicketOpened)}
        papers: dict[str, list[str]] = {}
        for whose, effect, _ in journal.effects((PrintReceipt,), PAPERS_MAX):
            if isinstance(effect, PrintReceipt):
                totals = [line.right for line in effect.receipt.lines if isinstance(line, Total)]
                papers.setdefault(whose.text, []).extend(totals)
    wrong += [f"{txn} is no business of this terminal" for txn in kept_of.keys() - begun]
    for txn, kept in kept_of.items():
        said = {Money.parse(text.split()[0].replace(",", ""), KRW).minor for text in papers.get(txn, [])}
        if kept and not said:
            wrong.append(f"{txn}: {kept} were given and no paper was printed")
        if any(one > kept for one in said):
            wrong.append(f"{txn}: {kept} were given, the papers say {said}")
    return wrong
