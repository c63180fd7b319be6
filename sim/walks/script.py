"""The scripts of `tillmark demo`: which walks one world goes through, and what is told of them afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.asset import KRW
from core.messages import TradeSide
from core.money import Money
from core.receipt_text import as_text
from sim.books import Books
from sim.walks import counter, counting, sale, technician, withdraw
from sim.walks.batch import batch_walk, close_day, counted, difference_walk
from sim.walks.refund import IN_COINS, IN_FIAT, refund_walk
from sim.walks.sale import PAYS, Sold, sell
from sim.walks.stage import Stage, gather
from sim.walks.verdict import printed, printed_texts
from sim.world import World

SCRIPTS: Final = ("sale", "refund", "batch", "all", "withdraw", "technician", "buy", "sell", "giftcard")
CASH: Final = {"hopper": Money(5_000, KRW)}  # coins are small
NOTES: Final = Money(150_000, KRW)


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a script: everything that was `wrong`, the papers in words, the books of the first sale."""

    wrong: tuple[str, ...]
    papers: tuple[str, ...]
    books: Books
    txn: str


def play(world: World, script: str, pay: str, shots: Path | None, fault: str = "") -> Played:
    """Walk `script`, then stop the terminal and read what it ordered to print. `fault`: of the cash machine."""
    stage = Stage(world, gather(world), shots)
    if script == "withdraw":
        return _withdraw(stage, pay, fault)
    if script == "technician":
        return _technician(stage, pay, fault)
    if script in counter.SCRIPTS:
        return _counter(stage, script, pay)
    wrong: list[str] = []
    match script:
        case "sale":
            first = _sell(stage, pay, wrong)
        case "refund":
            first, second = _sell(stage, pay, wrong), _sell(stage, pay, wrong)
            wrong += refund_walk(stage, first, second)
        case "batch":
            first = _sell(stage, pay, wrong)
            wrong += close_day(stage, counted(1)) + batch_walk(stage)
        case "all":
            sales = [_sell(stage, each, wrong) for each in PAYS]
            first = sales[0]
            wrong += refund_walk(stage, first, sales[1])
            wrong += close_day(stage, counted(len(PAYS) - 1, (IN_COINS, IN_FIAT), 1))
            wrong += difference_walk(stage)
        case _:
            raise AssertionError(f"no script {script}")
    books = stage.books(first.txn)
    world.device.stop()
    return Played(tuple(wrong), tuple(printed_texts(world.device_journal)), books, first.txn)


def _sell(stage: Stage, pay: str, wrong: list[str]) -> Sold:
    sold = sell(stage, pay)
    wrong += sale.wrong_with(stage, sold)
    return sold


def _withdraw(stage: Stage, pay: str, fault: str) -> Played:
    """One withdrawal; notes, cash ledger, exchange and paper must agree on it."""
    world = stage.world
    amount = CASH.get(world.choices.dispenser, NOTES)
    done = withdraw.withdraw(stage, amount, pay, fault=fault)
    wrong = withdraw.wrong_with(stage, done, amount)
    books, told = stage.books(done.txn), withdraw.told(stage, done.txn)
    if fault:
        assert world.cash is not None
        world.tell("two technicians count, empty the bins, mend the machine and fill it")
        counting.count_and_mend(world.cash)
        wrong += counting.agreed(stage, done, amount, withdraw.left_the_machine(world.cash)).wrong
        books = stage.books(done.txn)
        stage.see("idle")
    world.device.stop()
    papers = printed(world.device_journal)
    for paper in papers:
        wrong += withdraw.paper_wrong(paper, done, told)
    if bool(papers) != done.screen.startswith("withdrawn"):
        wrong.append(f"the screen says {done.screen}, and {len(papers)} papers were printed")
    texts = tuple(as_text(paper) for paper in papers) or ("\n".join(done.spoken),)
    return Played(tuple(wrong), texts, books, done.txn)


def _counter(stage: Stage, script: str, pay: str) -> Played:
    """A trade, or gift cards; books, paper and wallet must agree on it."""
    world = stage.world
    done = counter.giftcard(stage, pay) if script == "giftcard" else counter.trade(stage, TradeSide(script), pay)
    books, wrong = stage.books(done.txn), list(done.wrong)
    if not books.balanced:
        wrong.append(f"the books do not balance: {books}")
    world.device.stop()
    wrong += counter.leaked(stage, done.codes)
    papers = tuple(as_text(paper) for paper in printed(world.device_journal))
    return Played(tuple(wrong), papers, books, done.txn)


def _technician(stage: Stage, pay: str, fault: str) -> Played:
    """A withdrawal in doubt, and the visit that ends it; everybody must agree afterwards."""
    world = stage.world
    amount = CASH.get(world.choices.dispenser, NOTES)
    visited = technician.visit(stage, amount, pay, fault or technician.fault_of(world.choices.dispenser))
    books = stage.books(visited.done.txn)
    world.device.stop()
    papers = tuple(as_text(paper) for paper in printed(world.device_journal))
    return Played(visited.wrong, (*papers, *visited.told), books, visited.done.txn)
