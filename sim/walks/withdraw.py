"""The withdrawal, walked by a customer: code, amount, phone, price, notes, paper - and four books that must agree."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Final

from core.asset import KRW
from core.codec import from_plain
from core.messages import WireMoney
from core.money import Money
from core.receipt import Receipt, Total
from device.vault.ledger import TRANSPORT, UNEXPLAINED
from sim.books import Books
from sim.cash_machine import HAND_S, CashMachine
from sim.peers.cash_box import CashBox, Note, Spot
from sim.people import Person
from sim.walks.sale import present
from sim.walks.stage import Stage, WalkFailed

PHONE_S: Final = 10.0
END_S: Final = 100.0  # notes, doubts and recalls: the longest order of any machine, and one question about it
DELIVERED_S: Final = 20.0  # the courier waits a few seconds before it carries what a ticket should have carried
LOOKED_S: Final = 4.0  # a machine that stands still is looked at every second
OUT: Final = (Spot.EXIT, Spot.TAKEN)
ENDS: Final = frozenset(
    {"withdrawn", "withdrawn_part", "withdrawn_doubt", "nothing_paid", "nothing_paid_follows", "no_cash", "declined"}
)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of it: the last screen, the paper in dots' place its number, and what lies where afterwards."""

    screen: str
    spoken: tuple[str, ...]
    txn: str
    taken: Money
    seconds: float


class Hand:
    """The customer's hand: takes whatever lies at the exit, a moment after it came, until the walk is over."""

    def __init__(self, cash: CashMachine, *, takes: bool = True) -> None:
        self._cash = cash
        self._takes = takes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, name="hand", daemon=True)
        self.taken = 0

    def __enter__(self) -> Hand:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self._takes:
            self.taken += self._cash.take()

    def _wait(self) -> None:
        while not self._over.wait(0.1):
            if self._takes and self._cash.worth(Spot.EXIT):
                self._over.wait(HAND_S)
                self.taken += self._cash.take()


def withdraw(
    stage: Stage,
    amount: Money,
    pay: str = "qr",
    *,
    tender: str = "coin",
    fault: str = "",
    after: int = 2,
    takes: bool = True,
) -> Withdrawn:
    """One withdrawal from the idle screen to the idle screen."""
    cash = stage.world.cash
    assert cash is not None, "a till pays no cash"
    started = time.monotonic()
    stage.next_shopper()
    stage.see("idle")
    stage.press("withdraw")
    stage.see("identify")
    present(stage, pay)
    stage.see("amount")
    _choose(stage, amount)
    stage.see("approve")
    stage.world.camera.clear()
    approve(stage.cast.shopper.member, amount, stage.world.choices.shop)
    asked = stage.until(lambda one: one.name in ("tender", "confirm") and one.settled, "what pays, or the price", END_S)
    if asked.name == "tender" and tender:
        stage.press(f"use:{tender}")
    elif tender == "coin":  # who has money enough is asked; only whose coins would not do is not
        raise WalkFailed("the customer was not asked what pays")
    stage.see("confirm")
    if fault:
        cash.strike(fault, after)
    with Hand(cash, takes=takes) as hand:
        stage.press("confirm")
        ended = _end(stage)
    stage.press("done")
    return Withdrawn(ended[0], ended[1], newest(stage), Money(hand.taken, KRW), time.monotonic() - started)


def approve(member: Person, amount: Money, machine: str) -> None:
    """The member looks at the phone, compares amount and machine, and says yes. Raises `WalkFailed`."""
    deadline = time.monotonic() + PHONE_S
    while time.monotonic() < deadline:
        for asked in member.call("GET", "/v1/me/approvals"):
            told = from_plain(WireMoney, asked["amount"]).money()
            if (told, asked["machine"]) != (amount, machine):
                raise WalkFailed(f"the phone shows {told} at {asked['machine']!r}, not {amount} at {machine!r}")
            txn = asked["txn"]
            text = txn["text"] if isinstance(txn, dict) else txn
            member.call("POST", f"/v1/me/approvals/{text}", {"approve": True})
            return
        time.sleep(0.05)
    raise WalkFailed("the phone was not asked")


def _choose(stage: Stage, amount: Money) -> None:
    """By its button where it has one, else by the number pad."""
    stage.press("other")
    stage.see("amount_typed")
    stage.figures(str(amount.minor))
    stage.read(f"{amount.minor:,}")
    stage.press("take")


def _end(stage: Stage) -> tuple[str, tuple[str, ...]]:
    """The last screen, whatever it is; the screens on the way are kept in the album."""
    seen: set[str] = set()
    deadline = time.monotonic() + END_S
    while time.monotonic() < deadline:
        shown = stage.until(lambda one: one.name not in seen and one.settled, "another screen", END_S)
        seen.add(shown.name)
        stage.keep_screen(shown.name)
        if shown.name in ENDS:
            time.sleep(0.2)
            return shown.name, shown.spoken
    raise WalkFailed(f"the withdrawal did not end; seen: {sorted(seen)}")


def newest(stage: Stage) -> str:
    """The newest transaction of a withdrawal at the exchange; "" for none."""
    base = sqlite3.connect(f"file:{stage.world.exchange_store}?mode=ro", uri=True, timeout=5)
    try:
        row = base.execute("SELECT txn FROM withdrawal ORDER BY rowid DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""
    finally:
        base.close()


# -- the verdict ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What the exchange holds to be true of one withdrawal, in won."""

    state: str
    least: int
    highest: int
    kept: int


def told(stage: Stage, txn: str) -> Told | None:
    base = sqlite3.connect(f"file:{stage.world.exchange_store}?mode=ro", uri=True, timeout=5)
    try:
        row = base.execute("SELECT state, least, highest, kept FROM withdrawal WHERE txn = ?", (txn,)).fetchone()
    finally:
        base.close()
    return Told(*row) if row else None


def settled_books(stage: Stage, txn: str) -> Books:
    """The exchange's books once every statement of the cash side has come. Raises `WalkFailed`."""
    cash = stage.world.cash
    assert cash is not None
    deadline = time.monotonic() + DELIVERED_S
    while (unsent := cash.shown()["unsent"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    if unsent:
        raise WalkFailed(f"{unsent} statements of the cash side never came to the exchange")
    return stage.books(txn)


def wrong_with(stage: Stage, done: Withdrawn, amount: Money, before: int = 0) -> list[str]:
    """Every way in which the notes, the cash ledger and the exchange disagree; empty when they do not. `before`: what
    had left the machine in earlier walks."""
    cash = stage.world.cash
    assert cash is not None
    books = settled_books(stage, done.txn)
    wrong = seen_wrong(cash)
    left = left_the_machine(cash) - before
    if any(money.minor for money in books.sums) or not books.derived:
        wrong.append(f"the books do not balance: {books.sums}")
    exchange = told(stage, done.txn)
    if exchange is None:
        return [*wrong, f"{left:,} left, and the exchange knows of no withdrawal"] if left else wrong
    if not exchange.least <= left <= exchange.highest:
        wrong.append(f"{left:,} left, the exchange says {exchange.least:,} to {exchange.highest:,}")
    if exchange.state in ("paid", "released") and (exchange.kept != left or books.open_holds):
        wrong.append(f"{left:,} left, the member paid for {exchange.kept:,}, {books.open_holds} holds are open")
    if left == amount.minor and not done.screen.startswith("withdrawn"):
        wrong.append(f"everything came out, and the screen says {done.screen}")
    return wrong


def seen_wrong(cash: CashMachine) -> list[str]:
    """`ledger_wrong` once the cash side has looked again: notes that are taken in silence are seen at the next look."""
    deadline = time.monotonic() + LOOKED_S
    while (wrong := ledger_wrong(cash)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return wrong


def ledger_wrong(cash: CashMachine) -> list[str]:
    """Where the vault's ledger does not admit what really lies there."""
    ledger, wrong = cash.shown(), []
    booked = {(row["place"], int(row["face"])): (row["low"], row["high"]) for row in ledger["places"]}
    real: dict[tuple[str, int], int] = {}
    for place, face, count in cash.do(lambda peer, now_ms: _lying(peer.box, cash)):
        real[place, face] = real.get((place, face), 0) + count
    for key in booked.keys() | real.keys():
        low, high = booked.get(key, (0, 0))
        count = real.get(key, 0)
        if not low <= count <= (high if high is not None else count):
            wrong.append(f"{key[0]} holds {count} of {key[1]:,}, the cash ledger says {low} to {high}")
    return wrong if ledger["sound"] else [*wrong, "the cash ledger is not sound"]


def paper_wrong(receipt: Receipt, done: Withdrawn, exchange: Told | None) -> list[str]:
    """A paper names what came out, or the least of it where that is in doubt."""
    claimed = next((line.right for line in receipt.lines if isinstance(line, Total)), "")
    least = Money(exchange.least if exchange else 0, KRW)
    return [] if claimed == str(least) else [f"the paper says {claimed}, the exchange at least {least}"]


def _lying(box: CashBox, cash: CashMachine) -> list[tuple[str, int, int]]:
    """(place of the cash ledger, face, notes), what a trouble displaced counted where it lay before."""
    rows: dict[tuple[str, int], int] = {}
    for note in box.notes:
        at = _at(note, cash)
        rows[at, note.face] = rows.get((at, note.face), 0) + 1
    return [(place, face, count) for (place, face), count in rows.items()]


def _at(note: Note, cash: CashMachine) -> str:
    """Where the cash ledger must have it."""
    if note.number in cash.lost:
        return UNEXPLAINED
    if note.number in cash.carried:
        return Spot.REMOVED.value
    if note.spot in (Spot.CASSETTE, Spot.REMOVED) or note.number in cash.displaced:
        return f"cassette:{note.place}"
    return TRANSPORT if note.spot in (Spot.PATH, Spot.STACKER) else note.spot.value


def left_the_machine(cash: CashMachine) -> int:
    """The worth of what has left through the exit, in all walks so far, in won."""
    strays = cash.displaced | cash.lost
    return cash.do(
        lambda peer, now_ms: sum(note.face for note in peer.box.notes if note.spot in OUT and note.number not in strays)
    )
