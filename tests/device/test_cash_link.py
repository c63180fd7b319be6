"""The runtime's half of the vault's socket, against a cash side that says what it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cash_report import Act
from core.effects import CashEffect, CloseNotes, PayNotes, TakeNonce, TellTaken
from core.events import DeviceStateChanged, Event, Health, NonceGiven, NotesMoved, NotesPaid, Refused, Unanswered
from core.faults import Refusal
from core.service_effects import ServeNotes, TakeChallenge
from core.service_events import ChallengeGiven, ServiceDone
from core.vault_talk import (
    Acknowledge,
    AskChallenge,
    AskNonce,
    AskState,
    CashStage,
    Challenge,
    CloseOut,
    PayOut,
    Reply,
    ReportReady,
    Reports,
    Request,
    Serve,
    Served,
    VaultRefused,
)
from device import cash_link
from device.cash_link import CashLink
from device.system import SystemClock
from tests.device.answers import won
from tests.device.cash_answers import MACHINE, NONCE, paid, stage
from tests.device.far_vault import Answers, FarVault, far_vault, until
from tests.device.playbook import TXN, changed

KEY = TXN.key("dispense", 1)
NONCE_KEY = TXN.key("nonce", 1)
PAY = PayNotes(KEY, TXN, "ca1.x.body.sig", won(50_000))


class Log:
    def info(self, event: str, **fields: object) -> None: ...

    warning = error = info


class Bench:
    """A link, what it emitted, and how often it rang."""

    def __init__(self, path: Path) -> None:
        self.events: list[Event] = []
        self.rings = 0
        self.link = CashLink(path, SystemClock(), Log(), self.events.append, self._rang)

    def _rang(self) -> None:
        self.rings += 1

    def start(self) -> Bench:
        self.link.start()
        return self

    def heard(self, *wanted: Event) -> None:
        until(lambda: all(event in self.events for event in wanted))

    def up(self) -> Bench:
        until(lambda: self.link.state is not None)
        return self


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.sock"


@pytest.fixture
def bench(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(cash_link, "WAITS_MS", (5,))
    made = Bench(path)
    yield made
    if made.link.started:
        made.link.stop()


def answering(*to_order: Reply | bytes) -> Answers:
    """The state when asked, and this to every order."""

    def answers(request: Request) -> tuple[Reply | bytes, ...]:
        return (MACHINE,) if isinstance(request, AskState) else to_order

    return answers


def test_notes_are_paid_and_every_stage_is_told(bench: Bench, path: Path) -> None:
    counting, offered = stage(CashStage.COUNTING, 2), stage(CashStage.OFFERED, 5)
    with far_vault(path, answering(counting, offered, paid())) as vault:
        bench.start().up()
        bench.link.ask(PAY)
        bench.heard(NotesMoved(KEY, counting), NotesMoved(KEY, offered), NotesPaid(KEY, paid()))
        assert PayOut(TXN, "ca1.x.body.sig", won(50_000)) in vault.asked
    assert bench.events[0] == DeviceStateChanged("cash", Health.READY, "")


def test_a_nonce_is_taken_and_what_became_is_asked(bench: Bench, path: Path) -> None:
    def answers(request: Request) -> tuple[Reply, ...]:
        match request:
            case AskNonce():
                return (NONCE,)
            case CloseOut():
                return (paid(0),)
            case _:
                return (MACHINE,)

    with far_vault(path, answers):
        bench.start().up()
        bench.link.ask(TakeNonce(NONCE_KEY, TXN))
        bench.link.ask(CloseNotes(KEY, TXN))
        bench.heard(NonceGiven(NONCE_KEY, NONCE), NotesPaid(KEY, paid(0)))


def test_a_named_no_is_a_refusal(bench: Bench, path: Path) -> None:
    with far_vault(path, answering(VaultRefused("TM-CASHB-034", "empty"))):
        bench.start().up()
        bench.link.ask(TakeNonce(NONCE_KEY, TXN))
        bench.heard(Refused(NONCE_KEY, Refusal("TM-CASHB-034", "empty")))


def test_an_answer_to_another_kind_of_question_is_no_answer(bench: Bench, path: Path) -> None:
    with far_vault(path, answering(paid())):
        bench.start().up()
        bench.link.ask(TakeNonce(NONCE_KEY, TXN))
        bench.heard(Unanswered(NONCE_KEY, "TM-ATM-002"))


def test_without_a_cash_side_everything_is_unanswered_at_once(bench: Bench) -> None:
    bench.start()
    bench.link.ask(PAY)
    bench.heard(Unanswered(KEY, "TM-ATM-001"))
    until(lambda: [one for one in bench.events if isinstance(one, DeviceStateChanged)])
    lost = [one for one in bench.events if isinstance(one, DeviceStateChanged)]
    assert [(one.health, one.code) for one in lost] == [(Health.LOST, "TM-ATM-001")]
    assert bench.link.state is None


@pytest.mark.parametrize(
    ("said", "code"), [(FarVault.HANG_UP, "TM-ATM-001"), (b"what?\n", "TM-ATM-002"), (b"x" * 40_000, "TM-ATM-002")]
)
def test_a_line_that_breaks_while_notes_move_is_unanswered_and_comes_back(
    bench: Bench, path: Path, said: bytes, code: str
) -> None:
    with far_vault(path, answering(said)):
        bench.start().up()
        bench.link.ask(PAY)
        bench.heard(Unanswered(KEY, code))
        until(lambda: bench.link.state is not None)
        assert [one.health for one in bench.events if isinstance(one, DeviceStateChanged)] == [
            Health.READY,
            Health.LOST,
            Health.READY,
        ]


def test_a_cash_side_that_dies_and_comes_back_is_found_again(bench: Bench, path: Path) -> None:
    with far_vault(path, answering()):
        bench.start().up()
        bench.link.ask(PAY)
    bench.heard(Unanswered(KEY, "TM-ATM-001"))
    assert bench.link.state is None
    with far_vault(path, answering(paid())):
        bench.up()


def test_one_that_says_nothing_any_more_counts_as_gone(
    bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cash_link, "DEAF_MS", 60)
    monkeypatch.setattr(cash_link, "LOOK_MS", 20)
    silent = False

    def answers(request: Request) -> tuple[Reply, ...]:
        return () if silent else (MACHINE,)

    with far_vault(path, answers):
        bench.start().up()
        silent = True
        until(lambda: bench.link.state is None)


def test_an_order_has_a_limit_of_its_own(bench: Bench, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cash_link, "NONCE_MS", 30)
    with far_vault(path, answering()) as vault:
        bench.start().up()
        bench.link.ask(TakeNonce(NONCE_KEY, TXN))
        bench.heard(Unanswered(NONCE_KEY, "TM-ATM-001"))
        vault.say(NONCE)  # nobody waits for it any more
        assert bench.link.state is not None


def test_how_it_stands_is_kept_and_told_when_it_changes(bench: Bench, path: Path) -> None:
    with far_vault(path, answering()) as vault:
        bench.start().up()
        off = changed(MACHINE, ready=False, code="TM-CASHB-034")
        vault.say(off)
        bench.heard(DeviceStateChanged("cash", Health.DEGRADED, "TM-CASHB-034"))
        assert bench.link.state == off
        vault.say(changed(MACHINE, ready=False))
        bench.heard(DeviceStateChanged("cash", Health.DEGRADED, "TM-ATM-001"))


def test_busy_with_our_own_order_is_no_news(bench: Bench, path: Path) -> None:
    busy = changed(MACHINE, ready=False, code="TM-VLT-001")
    with far_vault(path, answering(busy, paid())):
        bench.start().up()
        bench.link.ask(PAY)
        bench.heard(NotesPaid(KEY, paid()))
    assert not any(isinstance(one, DeviceStateChanged) and one.health is Health.DEGRADED for one in bench.events)


def test_statements_that_wait_ring_for_the_courier(bench: Bench, path: Path) -> None:
    with far_vault(path, answering()) as vault:
        bench.start().up()
        vault.say(ReportReady(1))
        until(lambda: bench.rings == 1)
        vault.say(changed(MACHINE, unsent=2))
        until(lambda: bench.rings == 2)


def test_the_exchanges_receipt_is_told_and_its_answer_is_nobodys(bench: Bench, path: Path) -> None:
    with far_vault(path, answering(Reports((), 0))) as vault:
        bench.start().up()
        bench.link.tell(TellTaken("ct1.taken"))
        until(lambda: Acknowledge("ct1.taken") in vault.asked)


def test_more_orders_than_one_customer_can_cause_are_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.link, "_up", True)
    orders: list[CashEffect] = [CloseNotes(TXN.key("close_out", number), TXN) for number in range(17)]
    for order in orders:
        bench.link.ask(order)
    assert bench.events == [Unanswered(orders[-1].key, "TM-ATM-003")]
    bench.link.tell(TellTaken("lost"))


def test_a_technicians_challenge_and_act_are_asked_for_and_answered(bench: Bench, path: Path) -> None:
    given, done = Challenge("ABCDE12345", 1_000), Served(TXN, 4, False, MACHINE)

    def answers(request: Request) -> tuple[Reply | bytes, ...]:
        match request:
            case AskState():
                return (MACHINE,)
            case AskChallenge():
                return (given,)
            case _:
                return (done,)

    with far_vault(path, answers) as vault:
        bench.start().up()
        bench.link.ask(TakeChallenge(TXN.key("let_in", 1), TXN))
        bench.heard(ChallengeGiven(TXN.key("let_in", 1), given))
        bench.link.ask(ServeNotes(TXN.key("act", 2), TXN, Act.CLEARED, (), "cg1.x"))
        bench.heard(ServiceDone(TXN.key("act", 2), done))
        assert Serve(TXN, "cg1.x", Act.CLEARED) in vault.asked
