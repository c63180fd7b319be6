"""The outbox: everything owed is sent until it is answered, patiently, and survives restarts."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.effects import LineEffect, Reverse
from core.events import Event, Pressed, Refused, Reversed, Unanswered
from core.faults import Refusal
from sync.journal import Journal
from sync.outbox import ENTRIES_MAX, LONGEST_WAIT_MS, RECORDED_WITHIN_MS, Outbox, OutboxWorker
from tests.sync.clocks import Lines, RealClock
from tests.sync.tickets import at, opened, receipt, reverse, txn


def owed(count: int) -> tuple[Reverse, ...]:
    return tuple(reverse(txn(number)) for number in range(1, count + 1))


def never() -> float:
    return 0.0


def test_what_is_owed_is_due_at_once_oldest_first() -> None:
    box = Outbox(never)
    assert (box.next_due(0), box.wait_ms(0)) == (None, None)
    box.keep((*owed(2), receipt(txn(9))), 100)
    assert (box.next_due(100), box.wait_ms(100)) == (owed(2)[0], 0)
    assert box.state(150).waiting == 2
    assert box.state(150).oldest_ms == 50


def test_an_answered_entry_rests_until_the_journal_lets_it_go() -> None:
    box = Outbox(never)
    box.keep(owed(2), 0)
    box.sent(owed(1)[0].key, 10)
    assert box.next_due(10) == owed(2)[1]
    assert box.state(10).waiting == 1
    box.keep(owed(2)[1:], 20)
    box.sent(owed(2)[1].key, 30)
    assert (box.next_due(30), box.wait_ms(30)) == (None, RECORDED_WITHIN_MS)
    assert box.next_due(30 + RECORDED_WITHIN_MS) == owed(2)[1]  # the answer was lost on its way to the loop: ask again
    box.keep((), 40)
    assert box.wait_ms(40) is None


def test_a_failure_lets_everybody_wait_and_the_others_go_first_afterwards() -> None:
    box = Outbox(never)
    box.keep(owed(2), 0)
    box.failed(owed(1)[0].key, 0)
    assert (box.next_due(0), box.wait_ms(0)) == (None, 500)
    assert box.next_due(500) == owed(2)[1]
    box.sent(owed(2)[1].key, 500)
    assert box.next_due(500) == owed(2)[0]


def test_answers_to_what_is_gone_change_nothing() -> None:
    box = Outbox(never)
    box.sent("gone", 0)
    box.failed("gone", 0)
    assert box.state(0).failures == 1
    assert box.wait_ms(0) is None


@given(st.integers(1, 200), st.floats(0, 0.999))
def test_waits_grow_and_stay_bounded(failures: int, chance: float) -> None:
    box, now = Outbox(lambda: chance), 0
    box.keep(owed(1), now)
    for _ in range(failures):
        box.failed(owed(1)[0].key, now)
        wait = box.wait_ms(now)
        assert wait is not None
        assert 500 <= wait <= LONGEST_WAIT_MS
        now += wait
        assert box.next_due(now) is not None
    if failures > 8:
        assert wait >= LONGEST_WAIT_MS // 2


def test_a_full_outbox_says_so() -> None:
    box = Outbox(never)
    box.keep(owed(ENTRIES_MAX - 1), 0)
    assert not box.state(0).full
    box.keep(owed(ENTRIES_MAX), 0)
    assert box.state(0).full


# -- the worker -----------------------------------------------------------------------------------------


class Far:
    """A line whose far side is down for some questions, then answers; it stands where the network would."""

    def __init__(self, down_for: int = 0, refuses: bool = False) -> None:
        self.down_for = down_for
        self.refuses = refuses
        self.asked: list[LineEffect] = []
        self.closed = threading.Event()
        self.let_go_by = ""

    def perform(self, effect: LineEffect) -> Event:
        assert isinstance(effect, get_args(LineEffect))
        self.asked.append(effect)
        if len(self.asked) <= self.down_for:
            return Unanswered(effect.key, "TM-LINE-002")
        return Refused(effect.key, Refusal("TM-LINE-007")) if self.refuses else Reversed(effect.key)

    def close(self) -> None:
        self.closed.set()

    def let_go(self) -> None:
        self.let_go_by = threading.current_thread().name


def until(fulfilled: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not fulfilled():  # type: ignore[operator]
        assert time.monotonic() < end, "not in time"
        time.sleep(0.002)


@pytest.mark.parametrize("refuses", [False, True])
def test_a_reversal_of_an_ended_ticket_arrives_although_the_line_was_down_and_the_device_restarted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: bool
) -> None:
    monkeypatch.setattr("sync.outbox.FIRST_WAIT_MS", 4)
    with closing(Journal.open(tmp_path / "j.db", 4096)) as journal:
        for number in (1, 2):
            journal.commit(txn(number), at(0), opened(txn(number)))
            journal.commit(txn(number), at(1), Pressed("x"), effects=(reverse(txn(number)),), closes="reversed")
    with closing(Journal.open(tmp_path / "j.db", 4096)) as journal:
        heard: list[Event] = []
        far = Far(down_for=3, refuses=refuses)
        worker = OutboxWorker(far, RealClock(), heard.append, never, Lines())
        worker.start()
        assert worker.keep(journal.owed()).waiting == 2
        until(lambda: len(heard) == 2)
        for event in heard:
            journal.done(event.answers, at(2), event)  # type: ignore[union-attr]
        assert worker.keep(journal.owed()).waiting == 0
        worker.stop()
        assert journal.owed() == ()
    assert {type(event) for event in heard} == {Refused if refuses else Reversed}
    assert len(far.asked) == 5
    assert far.closed.is_set()
    assert far.let_go_by == "outbox"


def test_a_worker_with_nothing_to_do_stops_at_once() -> None:
    worker = OutboxWorker(Far(), RealClock(), lambda event: None, never, Lines())
    worker.start()
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 10


def test_a_full_outbox_is_told_once_and_once_when_it_has_room() -> None:
    log = Lines()
    worker = OutboxWorker(Far(), RealClock(), lambda event: None, never, log)
    for count in (ENTRIES_MAX, ENTRIES_MAX, 1, 1):
        worker.keep(owed(count))
    assert [event for _, event, _ in log.lines] == ["outbox_full", "outbox_has_room"]
