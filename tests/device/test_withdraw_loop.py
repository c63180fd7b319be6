"""A withdrawal through the loop with a real journal: what is on disk before the notes, and after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.effects import (
    AskApproval,
    AskLimits,
    AskWithdrawQuote,
    AuthoriseWithdrawal,
    CashEffect,
    CloseNotes,
    Effect,
    Identify,
    LineEffect,
    LookApproval,
    PayNotes,
    SettleNotes,
    Sound,
    TakeNonce,
    TellTaken,
)
from core.events import (
    ApprovalSeen,
    CodeScanned,
    Event,
    Identified,
    LimitsKnown,
    NonceGiven,
    NotesMoved,
    NotesPaid,
    Pressed,
    Settled,
    Source,
    Symbology,
    Unanswered,
    WithdrawAuthorised,
    WithdrawQuoted,
)
from core.messages import WithdrawState
from core.vault_talk import CashStage
from device.dispatch import Dispatch
from device.goods import Goods
from device.inbox import Inbox
from device.loop import Loop, Parts
from device.modes.atm import ATM
from device.modes.mode import Owed
from device.timers import Timers
from device.viewfinder import Viewfinder
from sync.journal import Journal
from tests.device.answers import PRESENTATION
from tests.device.cash_answers import (
    APPROVAL,
    APPROVED,
    AUTHORISATION,
    LIMITS,
    MACHINE,
    NONCE,
    OFFER,
    paid,
    reply,
    settled,
    stage,
)
from tests.device.playbook import TERMS, changed
from tests.device.test_loop import CODE, Glass, HandClock, Quiet, Roll

FSYNCS_MAX = 4


class Cut(BaseException):
    """The power fails just before this order is performed."""


@dataclass
class Far:
    """Exchange and cash side in one: both say yes. `mute` names what is not heard, `cut` where the power fails."""

    emit: Callable[[Event], None]
    mute: set[type] = field(default_factory=set)
    cut: type | None = None
    looks: int = 3
    paid: set[str] = field(default_factory=set)
    asked: list[Effect] = field(default_factory=list)

    def ask(self, effect: LineEffect | CashEffect) -> None:
        self.asked.append(effect)
        if type(effect) is self.cut:
            raise Cut
        if type(effect) in self.mute:
            return self.emit(Unanswered(effect.key, "TM-LINE-001"))
        answer = self._cash(effect) if isinstance(effect, CashEffect) else self._line(effect)
        return self.emit(answer)

    def tell(self, effect: TellTaken) -> None:
        self.asked.append(effect)

    def _cash(self, effect: CashEffect) -> Event:
        txn = effect.txn
        match effect:
            case TakeNonce(key):
                return NonceGiven(key, changed(NONCE, txn=txn))
            case PayNotes(key):
                self.paid.add(txn.text)
                self.emit(NotesMoved(key, changed(stage(CashStage.COUNTING, 2), txn=txn)))
                self.emit(NotesMoved(key, changed(stage(CashStage.OFFERED, 5), txn=txn)))
                return NotesPaid(key, changed(paid(), txn=txn))
            case CloseNotes(key):
                return NotesPaid(key, changed(paid(50_000 if txn.text in self.paid else 0), txn=txn))

    def _line(self, effect: LineEffect) -> Event:
        txn = effect.txn
        match effect:
            case Identify(key):
                return Identified(key, changed(PRESENTATION, txn=txn))
            case AskLimits(key):
                return LimitsKnown(key, changed(LIMITS, txn=txn))
            case AskApproval(key):
                return ApprovalSeen(key, changed(APPROVAL, txn=txn))
            case LookApproval(key):
                self.looks -= 1
                return ApprovalSeen(key, changed(APPROVED if self.looks <= 0 else APPROVAL, txn=txn))
            case AskWithdrawQuote(key):
                return WithdrawQuoted(key, changed(OFFER, txn=txn))
            case AuthoriseWithdrawal(key):
                return WithdrawAuthorised(key, changed(AUTHORISATION, txn=txn))
            case SettleNotes(key):
                done = reply() if txn.text in self.paid else settled(state=WithdrawState.RELEASED)
                assert done.withdrawal is not None
                return Settled(key, changed(done, withdrawal=changed(done.withdrawal, txn=txn)))
            case _:
                raise AssertionError(f"not asked in these tests: {effect}")


class Machine:
    """One start of an ATM over the journal at `path`; `notes` the transactions whose notes have left before."""

    def __init__(self, path: Path, notes: set[str] | None = None) -> None:
        self.clock, self.face = HandClock(), Glass()
        self.inbox = Inbox(Quiet())
        self.journal = Journal.open(path)
        self.far = Far(self.inbox.put, paid=notes or set())
        self.roll = Roll(self.inbox.put)
        self.state = MACHINE
        timers = Timers(self.clock)
        sounds: list[Sound] = []
        readers, printers = (), (self.roll,)
        dispatch = Dispatch(
            self.face, timers, self.far, readers, printers, self.inbox.put, sounds.append, cash=self.far
        )
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
                entropy=lambda count: (self.journal.head[0] + 1).to_bytes(count, "big"),
                mode=ATM,
                terms=TERMS,
                goods=Goods(TERMS.fiat),
                roles=("printer", "cash"),
                owed=lambda: Owed(len(self.journal.owed())),
                seen=lambda event: None,
                cash=lambda: self.state,
            )
        )
        self.loop.begin()

    def rest(self) -> Machine:
        """Turn until nothing more happens."""
        while self.loop.turn():
            pass
        return self

    def press(self, *actions: str) -> Machine:
        for action in actions:
            self.inbox.put(Pressed(action))
            self.rest()
        return self

    def to_approval(self) -> Machine:
        self.press("withdraw")
        self.inbox.put(CodeScanned(Source.CAMERA, Symbology.QR, CODE))
        self.rest()
        return self.press("take:50000")

    def approved(self) -> Machine:
        """The customer's phone is looked at each second until it says yes."""
        for _ in range(10):
            if self.shown != "approve":
                return self
            self.clock.ms += 1_000
            self.rest()
        raise AssertionError("never approved")

    @property
    def shown(self) -> str:
        return self.face.screen.name if self.face.screen else ""

    def orders(self, kind: type) -> int:
        return sum(isinstance(effect, kind) for effect in self.far.asked)

    def cut_at(self, kind: type) -> set[str]:
        """Withdraw until the power fails before this order; the transactions whose notes have left by then."""
        self.far.cut = kind
        with pytest.raises(Cut):
            self.to_approval().approved().press("use:coin", "confirm", "done")
        self.journal.close()
        return self.far.paid


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def machine(path: Path) -> Iterator[Machine]:
    made = Machine(path)
    yield made
    made.journal.close()


def test_a_withdrawal_asks_the_disk_four_times(machine: Machine) -> None:
    machine.to_approval().approved()
    before = machine.journal.fsyncs
    machine.press("use:coin", "confirm")
    assert machine.shown == "withdrawn"
    machine.press("done")
    assert machine.shown == "idle"
    assert machine.journal.fsyncs <= FSYNCS_MAX
    assert machine.journal.fsyncs - before <= FSYNCS_MAX
    assert machine.orders(TellTaken) == 1
    assert not machine.journal.owed()


def test_looking_at_the_phone_leaves_no_trace_until_there_is_news(machine: Machine) -> None:
    machine.far.looks = 6
    machine.to_approval()
    written = machine.journal.head[0]
    machine.clock.ms += 1_000
    machine.rest()
    assert machine.orders(LookApproval) == 1
    assert machine.journal.head[0] == written
    machine.approved()
    assert machine.orders(LookApproval) == 6
    assert machine.journal.head[0] == written + 1


def test_stages_are_drawn_and_not_written(machine: Machine) -> None:
    machine.to_approval().approved().press("use:coin", "confirm")
    kinds = [event for _, _, _, event in machine.journal.events((NotesMoved,))]
    assert kinds == []


@pytest.mark.parametrize("kind", [Identify, AskLimits, AskApproval, LookApproval, AskWithdrawQuote, TakeNonce])
def test_a_power_cut_before_the_hold_ends_with_nothing_moved(path: Path, kind: type) -> None:
    Machine(path).cut_at(kind)
    again = Machine(path)
    assert again.shown == "cancelled"
    assert again.orders(CloseNotes) == 0
    again.journal.close()


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (AuthoriseWithdrawal, "nothing_paid"),
        (PayNotes, "nothing_paid"),
        (SettleNotes, "withdrawn"),
    ],
)
def test_a_power_cut_after_it_ends_with_what_the_cash_side_knows(path: Path, kind: type, shown: str) -> None:
    notes = Machine(path).cut_at(kind)
    again = Machine(path, notes).rest()
    assert again.shown == shown
    assert again.orders(PayNotes) == 0
    assert len(again.far.paid) == (1 if shown == "withdrawn" else 0)
    again.press("done")
    assert again.shown == "idle"
    again.journal.close()


def test_a_power_cut_while_notes_move_ends_with_the_notes_that_left(path: Path) -> None:
    first = Machine(path)
    first.to_approval().approved()
    first.far.emit = lambda event: None if isinstance(event, NotesPaid) else first.inbox.put(event)
    first.press("use:coin", "confirm")
    assert first.shown == "take_notes"
    first.journal.close()
    again = Machine(path, first.far.paid).rest()
    assert again.orders(CloseNotes) == 1
    assert again.shown == "withdrawn"
    again.journal.close()


def test_a_silent_cash_side_is_asked_again_and_again_and_written_down_once(machine: Machine) -> None:
    machine.far.mute = {PayNotes, CloseNotes}
    machine.to_approval().approved().press("use:coin", "confirm")
    assert machine.shown == "cash_silent"
    for _ in range(3):
        machine.clock.ms += 3_000
        machine.rest()
    assert machine.orders(CloseNotes) == 4
    machine.far.mute = set()
    machine.clock.ms += 3_000
    machine.rest()
    assert machine.shown == "nothing_paid"


def test_an_exchange_that_is_away_at_the_end_leaves_nothing_in_the_outbox(machine: Machine) -> None:
    machine.far.mute = {SettleNotes}
    machine.to_approval().approved().press("use:coin", "confirm")
    assert machine.shown == "withdrawn"
    machine.press("done")
    assert not machine.journal.owed()
    assert machine.orders(TellTaken) == 0


def test_a_machine_that_cannot_pay_opens_no_business(machine: Machine) -> None:
    machine.state = changed(MACHINE, ready=False, code="TM-CASHB-034")
    machine.press("withdraw")
    assert machine.shown == "no_cash"
    machine.press("done")
    assert machine.shown == "idle_no_cash"
