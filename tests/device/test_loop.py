"""The loop with a real journal: what is on disk before a deed, and what a restart makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.code import compose
from core.effects import (
    AskQuote,
    Authorise,
    CloseBatch,
    Complete,
    Effect,
    FindSale,
    Identify,
    LineEffect,
    PrintReceipt,
    Reverse,
    Sound,
    Void,
)
from core.events import (
    Authorised,
    BatchClosed,
    Captured,
    CodeScanned,
    DeviceStateChanged,
    Event,
    Health,
    Identified,
    NotPrinted,
    Pressed,
    Printed,
    Quoted,
    Refused,
    Reversed,
    SaleFound,
    Source,
    Symbology,
    Unanswered,
)
from core.faults import Refusal
from core.ids import TxnId
from core.messages import BatchTotals
from core.moment import Moment
from core.ports import Preview
from core.product import ProductLabel
from core.screens import Screen
from device.dispatch import Dispatch
from device.goods import Goods
from device.inbox import Inbox
from device.loop import LINGER_MS, PRICE_MS, Loop, Parts
from device.modes.mode import Owed
from device.modes.seller import SELLER
from device.timers import Timers
from device.viewfinder import Viewfinder
from sync.journal import Journal
from tests.device.answers import AUTHORISATION, CAPTURE, OFFER, PRESENTATION, SALE_FOUND, won
from tests.device.playbook import START, TERMS, changed

CODE = compose(123_456_789, 4821).digits


class HandClock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.ms = 0

    def now(self) -> Moment:
        return START.plus(self.ms)

    def monotonic_ms(self) -> int:
        return self.ms


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...

    def error(self, event: str, **fields: object) -> None: ...


class Glass:
    """A face without pixels: what is shown, and fingers that press."""

    def __init__(self) -> None:
        self.screen: Screen | None = None
        self.lang = ""
        self.pressed: list[Event] = []

    def show(self, screen: Screen, lang: str) -> None:
        self.screen, self.lang = screen, lang

    def stand_in(self, place: str, utc_offset_minutes: int) -> None: ...

    def preview(self, picture: Preview) -> None: ...

    def frame(self) -> tuple[Event, ...]:
        pressed, self.pressed = tuple(self.pressed), []
        return pressed

    def close(self) -> None: ...


@dataclass
class FarSide:
    """An exchange and agency that say yes, each key once; `mute` names the effects it does not hear."""

    emit: Callable[[Event], None]
    mute: set[type] = field(default_factory=set)
    asked: list[LineEffect] = field(default_factory=list)

    def ask(self, effect: LineEffect) -> None:
        self.asked.append(effect)
        if type(effect) in self.mute:
            return self.emit(Unanswered(effect.key, "TM-LINE-001"))
        txn = effect.txn
        match effect:
            case Identify(key):
                self.emit(Identified(key, changed(PRESENTATION, txn=txn)))
            case AskQuote(key):
                self.emit(Quoted(key, changed(OFFER, txn=txn)))
            case Authorise(key):
                self.emit(Authorised(key, changed(AUTHORISATION, txn=txn)))
            case Complete(key):
                self.emit(Captured(key, changed(CAPTURE, txn=txn)))
            case Reverse(key):
                self.emit(Reversed(key))
            case FindSale(key):
                self.emit(SaleFound(key, SALE_FOUND))
            case CloseBatch(key, _, totals):
                self.emit(
                    BatchClosed(key, BatchTotals(txn, 1, totals, totals, totals, True, (), won(0), START.rfc3339()))
                )
            case _:
                raise AssertionError(f"not asked in these tests: {effect}")
        return None


@dataclass
class Roll:
    """A printer that takes everything, or has no paper."""

    emit: Callable[[Event], None]
    role: str = "printer"
    papers: list[PrintReceipt] = field(default_factory=list)
    paper: bool = True

    def order(self, effect: Effect) -> None:
        if isinstance(effect, PrintReceipt):
            if self.paper:
                self.papers.append(effect)
                self.emit(Printed(effect.key))
            else:
                self.emit(NotPrinted(effect.key, "TM-PRN-001"))


class Terminal:
    """One start of a terminal over the journal at `path`."""

    def __init__(self, path: Path, *, roles: tuple[str, ...] = ("printer",)) -> None:
        self.clock, self.face = HandClock(), Glass()
        self.full, self.price = False, ""
        self.told_owed: list[int] = []
        self.inbox = Inbox(Quiet())
        self.journal = Journal.open(path)
        self.far = FarSide(self.inbox.put)
        self.roll = Roll(self.inbox.put)
        timers = Timers(self.clock)
        sounds: list[Sound] = []
        dispatch = Dispatch(self.face, timers, self.far, (), (self.roll,), self.inbox.put, sounds.append)
        numbers = itertools.count(self.journal.head[0] * 1_000)
        self.loop = Loop(
            Parts(
                clock=self.clock,
                log=Quiet(),
                inbox=self.inbox,
                face=self.face,
                viewfinder=Viewfinder(),
                timers=timers,
                dispatch=dispatch,
                diary=self.journal,
                entropy=lambda count: next(numbers).to_bytes(count),
                mode=SELLER,
                terms=TERMS,
                goods=Goods(TERMS.fiat),
                roles=roles,
                owed=self._owed,
                seen=lambda event: None,
                price=lambda: self.price,
            )
        )
        self.loop.begin()

    def _owed(self) -> Owed:
        self.told_owed.append(len(self.journal.owed()))
        return Owed(self.told_owed[-1], self.full)

    def run(self, *events: Event) -> Terminal:
        """Hear each, and everything that follows from it."""
        for event in events:
            self.inbox.put(event)
            while (heard := self.inbox.take(0)) is not None:
                self.loop.hear(heard)
        return self

    def press(self, *actions: str) -> Terminal:
        return self.run(*(Pressed(action) for action in actions))

    def pass_time(self, ms: int) -> Terminal:
        self.clock.ms += ms
        while self.loop.turn():
            pass
        return self

    @property
    def shown(self) -> str:
        assert self.face.screen is not None
        return self.face.screen.name

    def cut(self) -> None:
        """The power goes: nothing is said, nothing is closed in order."""
        self.journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def to_confirm(terminal: Terminal) -> Terminal:
    terminal.press("sale", "digit:5", "digit:00", "digit:00", "charge")
    return terminal.run(CodeScanned(Source.CAMERA, Symbology.QR, CODE))


def test_a_sale_from_the_first_finger_to_the_paper(path: Path) -> None:
    terminal = Terminal(path)
    assert terminal.shown == "idle"
    assert to_confirm(terminal).shown == "confirm"
    assert terminal.press("confirm").shown == "approved"
    assert len(terminal.roll.papers) == 1
    assert terminal.press("done").shown == "idle"
    assert terminal.journal.verify().sound
    assert terminal.journal.open_tickets() == ()
    terminal.cut()


def test_a_sale_costs_at_most_four_syncs(path: Path) -> None:
    terminal = Terminal(path)
    before = terminal.journal.fsyncs
    to_confirm(terminal).press("confirm", "done")
    assert terminal.journal.fsyncs - before <= 4
    terminal.cut()


def test_the_personal_code_never_reaches_the_disk(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    terminal.press("confirm", "done")
    terminal.cut()
    written = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert CODE.encode() not in written


@pytest.mark.parametrize("stop", range(1, 20))
def test_a_power_cut_after_any_event_settles_once_or_not_at_all(path: Path, stop: int) -> None:
    """Whatever the moment, the next start ends the business, and no key asks for two different things."""
    script: list[Event] = [
        Pressed("sale"),
        *(Pressed(action) for action in ("digit:5", "digit:00", "digit:00", "charge")),
        CodeScanned(Source.CAMERA, Symbology.QR, CODE),
    ]
    terminal = Terminal(path)
    heard = 0
    pending = [*script, Pressed("confirm")]
    while heard < stop and (pending or terminal.inbox):
        event = terminal.inbox.take(0) or (pending.pop(0) if pending else None)
        if event is None:
            break
        terminal.loop.hear(event)
        heard += 1
    asked = list(terminal.far.asked)
    terminal.cut()

    again = Terminal(path).run().pass_time(10)
    asked += again.far.asked
    for _ in range(3):
        again.press("cancel", "done").pass_time(LINGER_MS)
    assert again.shown == "idle"
    assert again.journal.open_tickets() == ()
    assert again.journal.verify().sound
    by_key: dict[str, LineEffect] = {}
    for effect in asked:
        assert by_key.setdefault(effect.key, effect) == effect
    completed = any(isinstance(effect, Complete) for effect in asked)
    reversed_ = any(isinstance(effect, Reverse) for effect in asked)
    authorised = any(isinstance(effect, Authorise) for effect in asked)
    assert completed or reversed_ or not authorised
    assert not (completed and reversed_)
    again.cut()


def test_a_restart_while_printing_brings_a_copy(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    terminal.roll.emit = lambda event: None  # the power goes before the printer answers
    terminal.press("confirm")
    terminal.cut()
    again = Terminal(path).run()
    (paper,) = again.roll.papers
    assert paper.receipt.copy
    again.cut()


def test_an_undoing_nobody_answers_is_owed_until_it_is_answered(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    terminal.far.mute = {Authorise, Reverse}
    terminal.press("confirm")
    assert terminal.shown == "undoing"
    (owed,) = terminal.journal.owed()
    terminal.cut()
    again = Terminal(path)
    assert again.journal.owed() == (owed,)
    again.run(Reversed(owed.key), Reversed(owed.key))
    assert again.journal.owed() == ()
    again.cut()


def test_the_outbox_is_told_what_is_owed_also_while_a_picked_up_basket_stands_open(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    terminal.far.mute = {Authorise, Reverse}
    terminal.press("confirm", "done", "sale", "digit:5").cut()
    again = Terminal(path)
    assert again.shown == "ring_up"
    assert again.told_owed == [1]
    again.cut()


def test_an_answer_nobody_waits_for_any_more_changes_nothing(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    key = terminal.far.asked[0].key
    terminal.press("cancel", "done").run(Identified(key, PRESENTATION), Unanswered(key, "TM-LINE-001"))
    assert terminal.shown == "idle"
    terminal.cut()


def test_a_late_yes_beside_its_undoing_is_not_counted_as_a_sale(path: Path) -> None:
    """The seller gave up while the completion was under way and then nobody answered: only the undoing is owed."""
    terminal = to_confirm(Terminal(path))
    terminal.far.mute = {Complete, Reverse}
    terminal.press("confirm", "undo")
    (complete,) = (effect for effect in terminal.far.asked if isinstance(effect, Complete))
    (owed,) = terminal.journal.owed()
    assert isinstance(owed, Reverse)
    terminal.run(Captured(complete.key, changed(CAPTURE, txn=complete.txn)), Reversed(owed.key))
    assert terminal.journal.owed() == ()
    terminal.press("done", "batch", "close")
    (close,) = (effect for effect in terminal.far.asked if isinstance(effect, CloseBatch))
    assert (close.totals.sales, close.totals.sold) == (0, won(0))
    terminal.cut()


def test_half_a_typed_code_that_was_given_up_is_forgotten(path: Path) -> None:
    terminal = Terminal(path).press("sale", "digit:5", "digit:00", "digit:00", "charge")
    terminal.press("digit:1", "digit:2", "scan", "type", *(f"digit:{digit}" for digit in CODE))
    (identify,) = (effect for effect in terminal.far.asked if isinstance(effect, Identify))
    assert identify.code == CODE
    terminal.cut()


def test_the_pairing_paper_may_come_out_after_the_pairing(path: Path) -> None:
    terminal = Terminal(path)
    assert terminal.run(Printed("pairing/p1"), NotPrinted("pairing/p2", "TM-PRN-001")).shown == "idle"
    terminal.cut()


def test_the_batch_counts_what_was_sold_since_the_last(path: Path) -> None:
    terminal = to_confirm(Terminal(path)).press("confirm", "done", "batch", "close")
    (close,) = (effect for effect in terminal.far.asked if isinstance(effect, CloseBatch))
    assert (close.totals.sales, close.totals.sold) == (1, won(50_000))
    terminal.press("done", "batch", "close")
    empty = [effect for effect in terminal.far.asked if isinstance(effect, CloseBatch)][-1]
    assert (empty.totals.sales, empty.totals.sold) == (0, won(0))
    terminal.cut()


def test_the_last_receipt_is_printed_again_as_a_copy(path: Path) -> None:
    terminal = to_confirm(Terminal(path)).press("confirm", "done", "reprint", "print", "done")
    assert [paper.receipt.copy for paper in terminal.roll.papers] == [False, True]
    terminal.cut()


def test_a_product_scanned_between_customers_begins_a_sale(path: Path) -> None:
    terminal = Terminal(path).run(CodeScanned(Source.CAMERA, Symbology.QR, "TMP1:KRW:4500:Americano"))
    assert terminal.shown == "ring_up"
    assert terminal.loop.state is not None
    assert terminal.loop.state.ticket.total == won(4_500).money()
    terminal.cut()


def test_the_last_screen_stands_a_while_and_then_the_next_customer_may_come(path: Path) -> None:
    terminal = Terminal(path).press("sale", "cancel")
    assert terminal.shown == "cancelled"
    assert terminal.press("sale").shown == "cancelled"
    assert terminal.pass_time(LINGER_MS).shown == "idle"
    terminal.cut()


def test_devices_and_language_between_customers(path: Path) -> None:
    terminal = Terminal(path, roles=("printer", "camera"))
    terminal.run(DeviceStateChanged("camera", Health.READY), DeviceStateChanged("printer", Health.READY))
    assert terminal.face.screen is not None
    assert "sale.idle.lost" not in repr(terminal.face.screen)
    terminal.run(DeviceStateChanged("camera", Health.LOST, "TM-CAM-001"))
    assert "sale.idle.lost" in repr(terminal.face.screen)
    terminal.press("language")
    assert terminal.face.lang == "ko"
    terminal.press("sale")
    assert terminal.face.lang == "ko"
    terminal.cut()


def test_a_batch_answered_late_is_neither_lost_nor_counted_twice(path: Path) -> None:
    terminal = to_confirm(Terminal(path)).press("confirm", "done")
    terminal.far.mute = {CloseBatch}
    terminal.press("batch", "close")
    (close,) = (effect for effect in terminal.far.asked if isinstance(effect, CloseBatch))
    terminal.cut()
    again = Terminal(path)
    if again.loop.state is not None:
        again.press("cancel")
    totals_ = BatchTotals(
        close.txn, 1, close.totals, close.totals, close.totals, True, (), won(0), START.rfc3339()
    )  # fmt: skip
    again.run(BatchClosed(close.key, totals_), BatchClosed(close.key, totals_))
    to_confirm(again.press("done")).press("confirm", "done", "batch", "close")
    told = [effect for effect in again.far.asked if isinstance(effect, CloseBatch)][-1].totals
    assert (told.sales, told.sold) == (1, won(50_000))
    again.cut()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reversed, "sale.idle.late_void"),
        (lambda key: Refused(key, Refusal("TM-SET-002")), "sale.idle.late_refused"),
    ],
)
def test_what_became_of_a_void_that_was_owed_stands_on_the_idle_screen(
    path: Path, answer: Callable[[str], Event], said: str
) -> None:
    terminal = Terminal(path)
    terminal.far.mute = {Void}
    terminal.press("refund", *[f"digit:{digit}" for digit in SALE_FOUND.rrn], "find")
    terminal.press("void", "confirm")
    (void,) = terminal.far.asked[-1:]
    assert isinstance(void, Void)
    terminal.press("later", "done")
    assert said not in repr(terminal.face.screen)
    assert terminal.run(answer(void.key)).shown == "idle"
    assert said in repr(terminal.face.screen)
    assert terminal.journal.owed() == ()
    terminal.press("sale", "cancel", "done")
    assert terminal.shown == "idle"
    assert said not in repr(terminal.face.screen)
    terminal.cut()


def test_a_full_outbox_lets_the_open_sale_end_and_no_new_one_begin(path: Path) -> None:
    terminal = to_confirm(Terminal(path))
    terminal.full = True
    assert terminal.press("confirm").shown == "approved"
    assert terminal.press("done").shown == "idle_full"
    assert "TM-LINE-010" in repr(terminal.face.screen)
    stan = terminal.journal.next_stan()
    terminal.press("sale", "refund", "batch").run(CodeScanned(Source.CAMERA, Symbology.QR, "TMP1:KRW:4500:Tea"))
    assert terminal.shown == "idle_full"
    assert terminal.journal.next_stan() == stan + 1
    assert terminal.press("reprint").shown != "idle_full"
    terminal.press("cancel", "done")
    terminal.full = False
    terminal.press("language")
    assert terminal.shown == "idle"
    assert terminal.press("sale").shown == "ring_up"
    terminal.cut()


def test_an_outbox_that_fills_up_while_the_idle_screen_stands_refuses_at_the_press(path: Path) -> None:
    terminal = Terminal(path)
    terminal.full = True
    assert terminal.press("sale").shown == "idle_full"
    assert terminal.loop.state is None
    terminal.cut()


def test_the_price_on_the_idle_screen_moves_without_a_line_in_the_journal(path: Path) -> None:
    terminal = Terminal(path)
    before = terminal.journal.head
    for price in ("1 TIL = 10,000 KRW", "1 TIL = 10,010 KRW", ""):
        terminal.price = price
        terminal.pass_time(PRICE_MS)
        assert ("sale.idle.price" in repr(terminal.face.screen)) is bool(price)
        assert price in repr(terminal.face.screen)
    assert terminal.journal.head == before
    terminal.price = "1 TIL = 10,000 KRW"
    terminal.press("sale").pass_time(10 * PRICE_MS)
    assert "TIL" not in repr(terminal.face.screen)
    terminal.cut()


def test_a_new_price_list_and_name_hold_for_the_next_customer(path: Path) -> None:
    terminal = Terminal(path)
    tea = Goods(TERMS.fiat, {"tea": ProductLabel("Tea", won(3_500).money())})
    terminal.loop.know("New name", tea, "")
    terminal.run(CodeScanned(Source.CAMERA, Symbology.QR, "tea"))
    assert terminal.loop.state is not None
    assert terminal.loop.state.ticket.total == won(3_500).money()
    assert terminal.loop.state.ticket.terms.shop == "New name"
    terminal.cut()


def test_a_revoked_terminal_is_out_of_service_and_paired_again_by_a_person_who_is_sure(path: Path) -> None:
    terminal = Terminal(path)
    terminal.loop.know(TERMS.shop, Goods(TERMS.fiat), "TM-HTTP-015")
    assert terminal.shown == "out_of_service"
    assert "TM-HTTP-015" in repr(terminal.face.screen)
    terminal.press("sale", "batch", "pair_sure").run(CodeScanned(Source.CAMERA, Symbology.QR, "TMP1:KRW:4500:Tea"))
    assert terminal.shown == "out_of_service"
    assert terminal.press("pair_again").shown == "pair_again"
    assert terminal.press("cancel").shown == "out_of_service"
    assert not terminal.loop.wants_pairing
    assert terminal.press("pair_again", "pair_sure").loop.wants_pairing
    terminal.cut()


def test_a_terminal_whose_rights_came_back_serves_again(path: Path) -> None:
    terminal = Terminal(path)
    terminal.loop.know(TERMS.shop, Goods(TERMS.fiat), "TM-HTTP-014")
    terminal.loop.know(TERMS.shop, Goods(TERMS.fiat), "")
    assert terminal.press("sale").shown == "ring_up"
    terminal.cut()


def test_running_numbers_never_repeat_over_a_restart(path: Path) -> None:
    stans = []
    for _ in range(3):
        terminal = Terminal(path).press("sale")
        assert terminal.loop.state is not None
        stans.append(terminal.loop.state.ticket.stan)
        terminal.press("cancel", "done")
        terminal.cut()
    assert stans == sorted(set(stans))


def test_every_transaction_has_an_id_of_its_own(path: Path) -> None:
    terminal = Terminal(path).press("sale")
    assert terminal.loop.state is not None
    assert isinstance(terminal.loop.state.ticket.txn, TxnId)
    terminal.cut()
