"""What the walks of bad input share: one counter, its witnesses, and how it is set right again after each mishap."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.ledger import desk as ledger
from backend.store import Unit
from core.faults.catalogue import entry
from core.wire.panel import Shown
from sim.peers.venue import Trouble
from sim.walks.sale import PRICE
from sim.walks.stage import Stage, WalkFailed
from sync.journal_file import open_for_reading
from sync.journal_verify import verify

PATIENCE_S = 40.0
PRICE_S = 40.0  # a price is stale after three seconds, and believed again after three readings
NEWEST = 12  # records: what one screen may write after it was told why
CODE = re.compile(r"TM-[A-Z]+-\d{3}")
CLOSING = ("done", "cancel", "later", "undo")  # the way out of any screen, in the order it is tried


def says(stage: Stage, code: str, timeout_s: float = PATIENCE_S) -> Shown:
    """The screen that tells a customer of this refusal or fault in the words of its page, and for no other reason:
    several pages share a sentence, but the terminal's journal names the code."""
    shown = reads(stage, entry(code).customer, timeout_s)
    named(stage, code)
    return shown


def reads(stage: Stage, words: str, timeout_s: float = PATIENCE_S) -> Shown:
    return stage.until(lambda shown: words in " ".join(shown.spoken), repr(words), timeout_s)


def named(stage: Stage, code: str) -> None:
    """The last thing that the terminal's journal says went wrong has this code."""
    diary = open_for_reading(stage.world.device_journal)
    try:
        newest = diary.execute("SELECT body FROM record ORDER BY seq DESC LIMIT ?", (NEWEST,)).fetchall()
    finally:
        diary.close()
    found = [seen for (body,) in newest if (seen := CODE.findall(str(body)))]
    assert found, "nothing went wrong"
    assert code in found[0], f"the terminal was told {found[0]}, not {code}"


def to_identify(stage: Stage) -> None:
    """Ring up 50,000 won and ask for the code."""
    stage.see("idle")
    stage.press("sale")
    stage.see("ring_up")
    stage.figures(str(PRICE.minor))
    stage.read("50,000")
    stage.press("charge")
    stage.see("identify")


def type_code(stage: Stage, digits: str) -> None:
    stage.press("type")
    stage.see("identify_typed")
    stage.figures(digits)


def to_confirm(stage: Stage) -> str:
    """Up to the quote, with a code typed by a shopper who has coins. Returns the code."""
    stage.next_shopper()
    to_identify(stage)
    digits = stage.fresh_code().digits
    type_code(stage, digits)
    stage.see("confirm")
    return digits


def leave(stage: Stage) -> None:
    """Out of whatever stands there, as staff would: by its own buttons."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        shown = stage.until(lambda shown: shown.settled, "a screen at rest")
        if shown.name == "idle":
            return
        actions = {button.action for button in shown.buttons}
        way = next((action for action in CLOSING if action in actions), None)
        if way is not None:
            stage.press(way)
        number, _ = stage.world.panel.newer(0)
        stage.world.panel.newer(number, timeout_s=0.3)
    raise WalkFailed(f"the terminal did not come back to idle: {stage.world.panel.latest()}")


def heal(stage: Stage) -> None:
    """Every part as it was: lines, venues, printer, camera, reader."""
    world = stage.world
    world.exchange_line.mend()
    world.agency_line.mend()
    for venue in world.venues:
        venue.trouble = Trouble.NONE
    world.printer.mend()
    world.printer.load_roll()
    world.camera.fault("none")
    world.camera.clear()
    world.nfc.field.empty()
    if not world.backend.alive:
        world.start_backend()


def wrong_anywhere(stage: Stage) -> list[str]:
    """Every witness that is not content: the ledger, the holds, the terminal's journal."""
    with looking(stage.world.exchange_store) as unit:
        wrong = [str(trouble) for trouble in ledger.check(unit)]
        wrong += [f"the books are off by {money}" for money, _ in ledger.sums(unit) if money.minor]
        wrong += [f"{key} is held" for (key,) in unit.all("SELECT key FROM hold WHERE state = 'open'")]
    diary = open_for_reading(stage.world.device_journal)
    try:
        report = verify(diary)
    finally:
        diary.close()
    return wrong + ([f"the journal: {report.problem}"] if report.problem else [])


def sales_settled(stage: Stage) -> int:
    """How many sales the exchange has settled, ever."""
    with looking(stage.world.exchange_store) as unit:
        ((count,),) = unit.all("SELECT count(*) FROM sale WHERE settled_at IS NOT NULL")
        return int(count)


def eventually_right(stage: Stage, within_s: float) -> list[str]:
    """What is still wrong after that time; the terminal may need it to undo what it was in doubt about."""
    deadline = time.monotonic() + within_s
    while (wrong := wrong_anywhere(stage)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return wrong


@contextmanager
def looking(path: Path) -> Iterator[Unit]:
    """One picture of a server's store, beside the running server."""
    base = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
    try:
        base.execute("BEGIN")
        yield Unit(base)
    finally:
        base.close()


def wait_until_told(stage: Stage, code: str) -> None:
    """Until the exchange's page says so of the coin: "" when there is a price again."""
    deadline = time.monotonic() + PRICE_S
    told = "nothing"
    while time.monotonic() < deadline:
        told = {one["pair"]: one["code"] for one in stage.cast.seller.call("GET", "/v1/prices")}["TIL/KRW"]
        if told == code:
            return
        time.sleep(0.02)
    raise AssertionError(f"the exchange says {told!r}, not {code!r}")
