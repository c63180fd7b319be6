"""Sales against the clock: from the first frame that shows the code to the screen that says "approved".

Nothing is left out and nothing is replaced: the frame goes over HTTP to OpenCV and the decoder, the questions over
signed HTTP to the agency and the exchange, every commit to the disk, every screen as a picture to the panel. The one
thing no shopper could do is that confirm is pressed the moment it is drawn.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.asset import KRW
from core.money import Money
from core.product import ProductLabel
from sim.devicebench.crowd import Crowd
from sim.world import World
from sync import journal_read
from sync.journal_file import open_for_reading
from sync.journal_record import Record

PRICE: Final = Money(1_000, KRW)
SCREEN_S: Final = 10.0
# A shopper takes the phone out after the price was told. The device does not hear a second tap on the same spot
# within half a second, so a faster bench would measure its guard against double taps.
PHONE_OUT_S: Final = 0.6
PARTS: Final = ("read", "identify", "quote", "confirm drawn", "press", "authorise", "capture", "approved drawn")


@dataclass(frozen=True, slots=True)
class Marks:
    """One sale; monotonic seconds, and the wall clock's lead over them for what the diary says."""

    product_s: float
    ring_up_s: float
    visible_s: float
    confirm_s: float
    approved_s: float
    lead_s: float

    @property
    def sale_ms(self) -> float:
        return (self.approved_s - self.visible_s) * 1_000

    @property
    def product_ms(self) -> float:
        return (self.ring_up_s - self.product_s) * 1_000


def sell(world: World, crowd: Crowd, number: int) -> Marks:
    """One sale, from idle to idle."""
    panel, camera = world.panel, world.camera
    panel.wait_for("idle", SCREEN_S, settled=True)
    began_s = time.monotonic()
    camera.show(ProductLabel(f"Item {number}", PRICE).text(), "qr", "product")
    ring_up_s = panel.arrived("ring_up", began_s, SCREEN_S)
    product_s = _visible(world)
    camera.clear()
    panel.wait_for("ring_up", SCREEN_S, settled=True)
    panel.press("charge")
    panel.wait_for("identify", SCREEN_S, settled=True)
    time.sleep(PHONE_OUT_S)
    began_s = time.monotonic()
    camera.show(crowd.code(), "qr", "phone")
    confirm_s = panel.arrived("confirm", began_s, SCREEN_S)
    panel.press("confirm")
    approved_s = panel.arrived("approved", began_s, SCREEN_S)
    marks = Marks(product_s, ring_up_s, _visible(world), confirm_s, approved_s, time.time() - time.monotonic())
    camera.clear()
    panel.wait_for("approved", SCREEN_S, settled=True)
    world.printer.wait_for_paper(len(world.printer.papers), SCREEN_S)
    panel.press("done")
    return marks


def _visible(world: World) -> float:
    at_s = world.camera.visible_s
    assert at_s is not None, "a screen that came of a code came after the code was seen"
    return at_s


def parts_of(world: World, sales: Sequence[Marks]) -> list[dict[str, float]]:
    """For each sale where its milliseconds went, by the moments in the device's diary (exact to a few of them)."""
    with closing(open_for_reading(world.device_journal)) as base:
        records = [one for one in journal_read.records(base) if isinstance(one, Record) and one.txn]
    tickets: dict[str, list[Record]] = {}
    for record in records:
        tickets.setdefault(record.txn, []).append(record)
    done = [told for told in tickets.values() if any(record.kind == "Captured" for record in told)]
    return [_parts(told, marks) for told, marks in zip(done, sales, strict=True)]


def _parts(records: list[Record], marks: Marks) -> dict[str, float]:
    """The moments in order, and the milliseconds between each and the one before."""
    read, identified, quoted, authorised, captured = (
        next(record.at_ms for record in records if record.kind == kind)
        for kind in ("CodeShown", "Identified", "Quoted", "Authorised", "Captured")
    )
    pressed = next(record.at_ms for record in records if record.kind == "Pressed" and '"confirm"' in record.body)
    visible, confirm, approved = (
        (at_s + marks.lead_s) * 1_000 for at_s in (marks.visible_s, marks.confirm_s, marks.approved_s)
    )
    moments = (visible, read, identified, quoted, confirm, pressed, authorised, captured, approved)
    spans = (later - earlier for earlier, later in pairwise(moments))
    return dict(zip(PARTS, spans, strict=True))
