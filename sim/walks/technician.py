"""A technician's visit, walked: notes are loaded, a withdrawal ends in doubt, two persons count, and everybody agrees.

All of it goes by `tillmark cassette` as a program of its own, under grants that the operator's session asks the
exchange for. The two persons count the notes that really lie there.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.asset import KRW
from core.grant import Right
from core.money import Money
from sim.cash_machine import CashMachine
from sim.children import ROOT
from sim.peers.cash_box import Spot
from sim.people import Person
from sim.walks import withdraw
from sim.walks.stage import Stage, WalkFailed
from sim.walks.verdict import member_got
from sim.walks.withdraw import Withdrawn
from sim.world import COIN

COMMAND_S: Final = 60.0
TOLD_S: Final = 20.0  # the courier carries what was counted a few seconds later
MORE: Final = 10  # notes the technician brings for each cassette
HOUR_MS: Final = 3_600_000
_CHALLENGE: Final = re.compile(r"\b([0-9A-Z]{5}) ([0-9A-Z]{5})\b")
_SPOTS: Final = (("reject", (Spot.REJECT,)), ("retract", (Spot.RETRACT,)), ("path", (Spot.PATH, Spot.STACKER)))


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of it: everything that was `wrong`, what the commands said, and the withdrawal that was in doubt."""

    wrong: tuple[str, ...]
    told: tuple[str, ...]
    done: Withdrawn


def fault_of(dispenser: str) -> str:
    """A trouble after which nobody can say how many notes have left."""
    return {"lcdm50": "jam_exit"}.get(dispenser, "power_cut")


class Visit:
    """The technicians at one machine, and the operator who lets them in."""

    def __init__(self, cash: CashMachine, operator: Person, terminal: str, folder: Path) -> None:
        self._cash = cash
        self._operator = operator
        self._terminal = terminal
        self._folder = folder
        self.told: list[str] = []

    def grant(self, person: str, *rights: Right) -> str:
        """A file with a grant: the challenge at the machine, the answer from the exchange."""
        challenge = json.loads(self._run("challenge", "--json"))["challenge"]
        file = self._folder / f"{person}.grant"
        file.write_text(self.sealed(person, challenge, *rights), "ascii")
        return str(file)

    def sealed(self, person: str, challenge: str, *rights: Right) -> str:
        """The grant that the exchange gives the operator for this challenge."""
        asked = {
            "terminal": self._terminal,
            "person": person,
            "rights": [right.value for right in rights],
            "challenge": challenge,
            "life_ms": HOUR_MS,
        }
        return str(self._operator.call("POST", "/v1/grants", asked)["grant"])

    def do(self, *words: str, typed: str = "") -> str:
        """One command. Raises `WalkFailed` with what it said unless it ends well."""
        said = self._run(*words, typed=typed)
        self.told.append(f"$ tillmark cassette {words[0]}\n{said.rstrip()}")
        return said

    def _run(self, *words: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tillmark_command", "cassette", *words, "--config", str(self._cash.config)],
            input=typed,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if done.returncode != 0:
            raise WalkFailed(f"cassette {words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def figures(self) -> str:
        """What a person types who counts honestly: the notes that lie there, place by place as they are asked."""
        state = json.loads(self._run("show", "--json"))
        census = self._cash.do(lambda peer, now_ms: list(_lying(peer.box)))
        rows = [f"{census.count((one['place'], int(one['face'])))}\n" for one in state["cassettes"]]
        faces = sorted({int(one["face"]) for one in state["cassettes"]})
        bins = ["reject", *(["retract"] if any(row["place"] == "retract" for row in state["bins"]) else []), "path"]
        return "".join(rows + [f"{census.count((place, face))}\n" for place in bins for face in faces])


def visit(stage: Stage, amount: Money, pay: str, fault: str) -> Visited:
    """From the idle screen to the idle screen."""
    world, cash = stage.world, stage.world.cash
    assert cash is not None, "a till pays no cash"
    here = Visit(cash, world.operator(), _terminal(cash), world.folder)
    world.tell("a technician is let in at the screen, loads a cassette and tests it")
    _at_the_screen(stage, here)
    world.tell("a technician loads notes")
    kim = here.grant("Kim", *Right)
    for place, (face, _) in cash.model.notes.items():
        cash.do(lambda peer, now_ms, place=place, face=face: peer.box.load(place, face, MORE))  # type: ignore[misc]
    here.do("load", *(f"{place}={MORE}" for place in cash.model.notes), "--grant", kim, typed="y\n")
    stage.see("idle")
    member = stage.next_shopper().member
    before = member.holds(KRW), member.holds(COIN)
    world.tell(f"a withdrawal, and {fault}")
    done = withdraw.withdraw(stage, amount, pay, fault=fault)
    doubt = withdraw.told(stage, done.txn)
    wrong = [] if doubt is not None and doubt.state == "suspense" else [f"{fault} left nothing in doubt: {doubt}"]
    world.tell("the path is cleared, and two persons count")
    cash.do(lambda peer, now_ms: peer.power(True, now_ms))
    cash.wait_known()
    here.do("show")
    here.do("clear", "--yes", "--grant", kim)
    lee = here.grant("Lee", Right.COUNT)
    here.do("close", "--yes", "--grant", kim, "--second", lee, typed=here.figures() * 2)
    for spot in (Spot.REJECT, Spot.RETRACT, Spot.PATH):
        cash.do(lambda peer, now_ms, spot=spot: peer.box.remove(spot))  # type: ignore[misc]
    _wait_told(stage, done.txn)
    stage.see("idle")
    wrong += _wrong(stage, done, before)
    return Visited(tuple(wrong), tuple(here.told), done)


def _at_the_screen(stage: Stage, here: Visit) -> None:
    """The same visit on the machine's own screen: the grant is a code before the camera."""
    cash = stage.world.cash
    assert cash is not None
    stage.see("idle")
    stage.press("service")
    _let_in(stage, here, "Kim", "service_menu")
    place, (face, _) = next(iter(cash.model.notes.items()))
    cash.do(lambda peer, now_ms: peer.box.load(place, face, MORE))
    stage.press("load")
    stage.see("service_load")
    stage.press(f"place:{place}")
    stage.see("service_load_notes")
    stage.figures(str(MORE))
    stage.press("enough")
    stage.see("service_act")
    stage.press("do")
    stage.see("service_menu")
    stage.press("test")
    stage.see("service_act")
    stage.press("do")
    stage.see("service_menu")
    if cash.census().get((Spot.REJECT, face)) != 1:
        raise WalkFailed(f"no note was tested into the reject bin: {cash.census()}")
    stage.press("count")
    _count_at_screen(stage, here)
    _let_in(stage, here, "Lee", "service_count")
    _count_at_screen(stage, here)
    stage.see("service_menu")
    if cash.census().get((Spot.EXIT, face)) or cash.census().get((Spot.TAKEN, face)):
        raise WalkFailed("a visit brought notes to the exit")
    stage.press("state")
    stage.see("service_state")
    stage.press("back")
    stage.see("service_menu")
    stage.press("leave")
    stage.see("service_over")
    stage.press("done")


def _let_in(stage: Stage, here: Visit, person: str, then: str) -> None:
    """The challenge on the screen, the operator's grant for it, and its code before the camera."""
    shown = stage.see("service_challenge")
    found = next(filter(None, map(_CHALLENGE.search, shown.spoken)), None)
    if found is None:
        raise WalkFailed(f"no challenge on the screen: {shown.spoken}")
    stage.press("scan")
    stage.see("service_grant")
    stage.world.camera.show(here.sealed(person, found[1] + found[2], *Right), "qr", "phone")
    stage.see(then)
    stage.world.camera.clear()


def _count_at_screen(stage: Stage, here: Visit) -> None:
    """One person's count of what really lies there, question by question."""
    figures = here.figures().split()
    for number, figure in enumerate(figures, 1):
        stage.read(f"{number} / {len(figures)}")
        stage.figures(figure)
        stage.press("enough")
    stage.see("service_act")
    stage.press("do")


def _wrong(stage: Stage, done: Withdrawn, before: tuple[Money, Money]) -> list[str]:
    """Notes, cash ledger, exchange and the member's page, after the count."""
    cash, member = stage.world.cash, stage.cast.shopper.member
    assert cash is not None
    books, exchange = withdraw.settled_books(stage, done.txn), withdraw.told(stage, done.txn)
    wrong = _ledger_wrong(cash)
    out = done.taken.minor + cash.worth(Spot.EXIT)
    if exchange is None or (exchange.least, exchange.highest, exchange.kept) != (out, out, out):
        wrong.append(f"{out:,} left the machine, the exchange says {exchange}")
    if not books.balanced:
        wrong.append(f"the books do not balance: {books.sums}, {books.open_holds} holds are open")
    left = sum(entry.money.minor for entry in books.entries if entry.account.startswith("house:susp"))
    if left:
        wrong.append(f"{left:,} are still in suspense")
    for asset, had in zip((KRW, COIN), before, strict=True):
        has, booked = member.holds(asset), member_got(books, asset)
        if has - had != booked:
            wrong.append(f"the member's page says {has - had} since before, the books say {booked}")
    state: dict[str, Any] = cash.shown()
    if state["suspended"] or state["in_doubt"]:
        wrong.append(f"the machine is still suspended: {state['suspended']} {state['in_doubt']}")
    return wrong


def _ledger_wrong(cash: CashMachine) -> list[str]:
    """After a count every place is exact, and is what lies there."""
    real = cash.do(lambda peer, now_ms: list(_lying(peer.box)))
    wrong = []
    for row in cash.shown()["places"]:
        place = "path" if row["place"] == "transport" else row["place"]
        if place not in ("exit", "taken", "removed", "unexplained"):
            count = real.count((place, int(row["face"])))
            if (row["low"], row["high"]) != (count, count):
                wrong.append(f"{place} holds {count} of {row['face']}, the cash ledger says {row['low']}-{row['high']}")
        elif place == "unexplained" and (row["low"], row["high"]) != (0, 0):
            wrong.append(f"nobody can explain {row['low']} of {row['face']}")
    return wrong


def _wait_told(stage: Stage, txn: str) -> None:
    deadline = time.monotonic() + TOLD_S
    while time.monotonic() < deadline:
        told = withdraw.told(stage, txn)
        if told is not None and told.state != "suspense":
            return
        time.sleep(0.1)
    raise WalkFailed(f"the count never reached the exchange: {withdraw.told(stage, txn)}")


def _terminal(cash: CashMachine) -> str:
    import tomllib

    return str(tomllib.loads(cash.config.read_text("utf-8"))["vault"]["terminal"])


def _lying(box: Any) -> list[tuple[str, int]]:
    """(place as a count names it, face) of every note inside."""
    names = {spot: name for name, spots in _SPOTS for spot in spots}
    rows = []
    for note in box.notes:
        if note.spot is Spot.CASSETTE:
            rows.append((f"cassette:{note.place}", note.face))
        elif note.spot in names:
            rows.append((names[note.spot], note.face))
    return rows
