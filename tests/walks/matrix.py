"""Every trouble of a cash machine through the whole product: one world, one machine, one withdrawal for each trouble.

After each trouble the notes, the cash ledger, the exchange and the screen are compared; then two technicians count. At
the end, when every statement has come, each withdrawal must agree exactly, the members' pages and the papers as well.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import Final

from core.asset import KRW
from core.effects import PrintReceipt
from core.money import Money
from core.receipt import Total
from sim.walks.counting import agreed, count_and_mend
from sim.walks.stage import Stage, gather, join
from sim.walks.withdraw import Told, Withdrawn, left_the_machine, newest, told, withdraw, wrong_with
from sim.world import Choices, World
from sync.journal import Journal

SPEED: Final = 12.0
MEMBERS: Final = 10  # a code is good once in half a minute
FIAT: Final = Money(3_500_000, KRW)
COINS_FOR: Final = Money(200_000, KRW)
AMOUNTS: Final = {"hopper": Money(1_300, KRW)}
AMOUNT: Final = Money(130_000, KRW)  # two notes of one place and three of the other
AFTER: Final = (0, 2, 4)  # notes of the movement before the trouble strikes
NOT_TAKEN: Final = "(nobody takes them)"
PULLING_BACK: Final = frozenset({"shutter_not_closed", "items_taken", "invalid_retract_position", "not_retract_area"})
FEE_BP: Final = 50
PAPERS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Round:
    """One trouble: what came of it, what the exchange told before the count, and what left the machine."""

    fault: str
    after: int
    done: Withdrawn
    amount: Money
    told: Told | None
    left: int
    seconds: float
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.fault or 'no trouble'} after {self.after}: {self.done.screen}, {self.left:,}, {self.seconds:.1f} s"
        )


def world_with(dispenser: str) -> World:
    return World(Choices(dispenser=dispenser, speed=SPEED))


def people(world: World, members: int = MEMBERS) -> Stage:
    """Members with enough fiat for a day of troubles."""
    stage = Stage(world, gather(world))
    stage.cast.shoppers[:] = [join(world, f"drawer{number}@example.org", FIAT, COINS_FOR) for number in range(members)]
    return stage


def play(stage: Stage, fault: str, after: int) -> Round:
    """One withdrawal with this trouble in it, and the count after it. A trouble of pulling notes back needs a customer
    who leaves them."""
    cash, began = stage.world.cash, time.monotonic()
    assert cash is not None
    amount = AMOUNTS.get(stage.world.choices.dispenser, AMOUNT)
    before, known = left_the_machine(cash), newest(stage)
    named, takes = ("", False) if fault == NOT_TAKEN else (fault, fault not in PULLING_BACK)
    done = withdraw(stage, amount, "typed", tender="fiat", fault=named, after=after, takes=takes)
    done = replace(done, txn="") if done.txn == known else done
    wrong = wrong_with(stage, done, amount, before)
    exchange = told(stage, done.txn)
    count_and_mend(cash)
    stage.see("idle")
    left = left_the_machine(cash) - before
    return Round(fault, after, done, amount, exchange, left, time.monotonic() - began, tuple(wrong))


def afterwards(stage: Stage, rounds: list[Round]) -> list[str]:
    """When every statement has come: all rounds agree exactly, pages and papers too. The terminal is stopped."""
    wrong = [f"{one}: {said}" for one in rounds for said in agreed(stage, one.done, one.amount, one.left).wrong]
    paid = sum(one.left + Money(min(one.left, one.amount.minor), KRW).share(FEE_BP).minor for one in rounds)
    over = sum(max(0, one.left - one.amount.minor) for one in rounds)
    spent = sum((FIAT - shopper.member.holds(KRW)).minor for shopper in stage.cast.shoppers)
    spent -= COINS_FOR.minor * len(stage.cast.shoppers)
    if spent != paid - over:
        wrong.append(f"the members' pages say that {spent:,} went, the notes cost {paid - over:,}")
    stage.world.device.stop()
    return wrong + _papers_wrong(stage, rounds)


def _papers_wrong(stage: Stage, rounds: list[Round]) -> list[str]:
    """Each paper says what was certain when it was printed; whoever got notes for certain got one."""
    journal = Journal.open(stage.world.device_journal)
    with contextlib.closing(journal):
        wrong = [] if journal.verify().sound else ["the terminal's journal is damaged"]
        papers: dict[str, list[str]] = {}
        for txn, effect, _ in journal.effects((PrintReceipt,), PAPERS_MAX):
            if isinstance(effect, PrintReceipt):
                totals = [line.right for line in effect.receipt.lines if isinstance(line, Total)]
                papers.setdefault(txn.text, []).extend(totals)
    for one in rounds:
        least = one.told.least if one.told else 0
        said = papers.get(one.done.txn, [])
        if any(total != str(Money(least, KRW)) for total in said) or (least and not said):
            wrong.append(f"{one}: {least:,} were certain, the papers say {said}")
    return wrong
