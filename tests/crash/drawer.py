"""A person at an ATM who goes on whatever happens, a phone beside, and whoever sets the machine right again."""

from __future__ import annotations

import contextlib
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import requests

from core.asset import KRW
from core.code import SLOT_MS
from core.money import Money
from core.wire.panel import Shown
from sim.cash_machine import CashMachine, NoCash
from sim.peers.panel import PanelGone
from sim.people import Person, PhoneSecret, Unhelped
from sim.walks.counting import count_and_mend
from sim.walks.withdraw import Hand
from sim.world import World, now

DRAW_S: Final = 90.0  # two deaths, a machine that is given up, and the courier's patience stay far below
ENDED: Final = frozenset(
    {
        "withdrawn", "withdrawn_part", "withdrawn_doubt", "nothing_paid", "nothing_paid_follows", "no_cash", "declined",
        "not_withdrawn", "limits_refused", "cancelled", "not_paid", "undoing",
    }
)  # fmt: skip
PRESSED: Final = {"amount": "other", "tender": "use:fiat", "quote_refused": "again", "not_asked": "again"}
FREE_S: Final = 60.0


@dataclass(slots=True)
class Phone:
    """`shown_in` the half minute of its last code, which is good once."""

    member: Person
    secret: PhoneSecret
    shown_in: int = -1


class Drawer:
    """`kills` are told when the customer confirms: the moment at which there is most to lose."""

    def __init__(self, world: World, phones: list[Phone], amount: Money, chance: random.Random) -> None:
        self.world = world
        self.ends: Counter[str] = Counter()
        self.counts = 0
        self._phones = itertools.cycle(phones)
        self._phone = next(self._phones)
        self._figures = str(amount.minor)
        self._chance = chance
        self._confirmed: Callable[[], None] | None = None

    @property
    def cash(self) -> CashMachine:
        assert self.world.cash is not None
        return self.world.cash

    def draw(self, confirmed: Callable[[], None]) -> None:
        """One withdrawal, from idle to idle. `confirmed` is called once, when it is confirmed."""
        self._confirmed = confirmed
        begun = ended = False
        deadline = time.monotonic() + DRAW_S
        with Hand(self.cash):
            while not (begun and ended):
                assert time.monotonic() < deadline, f"the withdrawal came to no end: {self._stands()}"
                shown = self.world.panel.latest()
                if shown is None:
                    time.sleep(0.02)
                    continue
                if begun and shown.name in ("idle", "idle_no_cash"):
                    return
                begun = begun or not shown.name.startswith(("idle", "starting"))
                try:
                    self._act(shown)
                    self._changed(shown)
                except (PanelGone, Unhelped, requests.RequestException):  # somebody has just died
                    time.sleep(0.05)

    def _act(self, shown: Shown) -> None:
        panel = self.world.panel
        match shown.name:
            case "idle":
                panel.press("withdraw")
            case "identify":
                panel.press("type")
            case "identify_typed" if not _says(shown, "Nothing typed"):
                panel.press("scan")  # half a code is typed: begin again
            case "identify_typed":
                self._type_code()
            case "amount_typed" if _says(shown, f"Typed: {int(self._figures):,} "):
                panel.press("take")
            case "amount_typed" if not _says(shown, "Typed: 0 "):
                panel.press("cancel")  # half an amount was typed, or twice: begin again
            case "amount_typed":
                for key in self._figures:
                    panel.key(key)
                panel.wait_until(lambda new: any(f"{int(self._figures):,}" in line for line in new.spoken), 3.0, "it")
                panel.press("take")
            case "approve" | "approve_asking":
                self._approve()
            case "confirm":
                panel.press("confirm")
                if self._confirmed is not None:
                    self._confirmed, told = None, self._confirmed
                    told()
            case name if name in PRESSED:
                panel.press(PRESSED[name])
            case name if name in ENDED:
                self.ends[name] += 1
                panel.press("done")
            case _:
                return

    def _type_code(self) -> None:
        slot = now().ms // SLOT_MS
        self._phone = next(self._phones)
        while self._phone.shown_in == slot:
            time.sleep(0.1)
            slot = now().ms // SLOT_MS
        self._phone.shown_in = slot
        for key in self._phone.secret.code(now()).digits:
            self.world.panel.key(key)
        self.world.panel.wait_until(lambda new: not new.name.startswith("identify"), 5.0, "an answer")

    def _approve(self) -> None:
        for asked in self._phone.member.call("GET", "/v1/me/approvals"):
            txn = asked["txn"]
            text = txn["text"] if isinstance(txn, dict) else txn
            self._phone.member.call("POST", f"/v1/me/approvals/{text}", {"approve": True})

    def _changed(self, shown: Shown) -> None:
        """Look again when something else is shown, or when nothing came of it."""
        self.world.panel.wait_until(lambda new: new.revision != shown.revision, 0.3, "another screen")

    # -- between two withdrawals -------------------------------------------------------------------------

    def set_right(self) -> None:
        """Wait until the cash side is free; where it is suspended, two persons count it."""
        deadline = time.monotonic() + FREE_S
        while True:
            assert time.monotonic() < deadline, f"the machine is not ready: {self._stands()}"
            self._leave()
            try:
                shown = self.cash.shown()
                if shown["suspended"]:
                    self.counts += 1
                    count_and_mend(self.cash)
                self.cash.wait_ready()
            except NoCash:
                time.sleep(0.1)
                continue
            with contextlib.suppress(PanelGone):
                self.world.panel.wait_for("idle", 2.0)
                return

    def _stands(self) -> str:
        shown = self.world.panel.latest()
        return f"{shown.name}: {shown.spoken}" if shown else "nothing is shown"

    def _leave(self) -> None:
        """Out of whatever a death has left on the screen, by its own buttons."""
        shown = self.world.panel.latest()
        actions = {button.action for button in shown.buttons} if shown else set()
        way = next((action for action in ("done", "cancel") if action in actions), None)
        if way is not None:
            with contextlib.suppress(PanelGone):
                self.world.panel.press(way)


def _says(shown: Shown, words: str) -> bool:
    return any(line.startswith(words) for line in shown.spoken)


class Reaper:
    """Kills a program and starts it again at once; one at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self.deaths: Counter[str] = Counter()

    def __call__(self, victim: str) -> None:
        world = self._world
        assert world.cash is not None
        with self._lock:
            self.deaths[victim] += 1
            match victim:
                case "runtime":
                    world.device.kill()
                    world.start_device()
                case "vault":
                    world.cash.kill()
                    world.cash.run()
                case "exchange":
                    world.backend.kill()
                    world.start_backend()
                case _:
                    raise AssertionError(victim)


def people(world: World, members: int, phones: int, fiat: Money) -> list[Phone]:
    """Members with fiat to withdraw; the terminal is paired by a seller of its own."""
    seller = world.person("seller@example.org")
    seller.open_shop(world.choices.shop, "fiat")
    world.pair(seller)
    made = []
    for number in range(members):
        member = world.person(f"member{number}@example.org")
        world.bank.transfer(member.me()["deposit_reference"], fiat)
        member.wait_for(KRW, fiat)
        made += [Phone(member, member.enrol_phone(f"phone {place}")) for place in range(phones)]
    return made[::phones] + [phone for place, phone in enumerate(made) if place % phones]
