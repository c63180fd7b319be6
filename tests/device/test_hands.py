"""Hands and line: workers that come back by themselves, refuse at once, and end when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from core.effects import Arm, Complete, Disarm, Effect, PrintReceipt, Wanted
from core.events import DeviceStateChanged, Event, Health, NotPrinted, Reversed, Unanswered
from core.ids import TxnId
from core.ports import Driver, DriverFault, Kit
from core.receipt import Receipt, Title
from device.hands import ORDERS_MAX, Hand, HandSpec, UnknownDriver, find_driver
from device.inbox import SIZE, Inbox
from device.line_worker import ASKED_MAX, LineWorker
from device.sounds import RATE, Sounds, samples
from device.system import SystemClock, entropy
from device.viewfinder import Viewfinder
from tests.device.test_loop import Quiet

TXN = TxnId.of(bytes(16))
PAPER = PrintReceipt("k/receipt/1", Receipt("1", (Title("Shop"),)))
ARM = Arm((Wanted.PERSONAL,))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class Gadget:
    """A device with a plug: pulled, its driver fails as a driver does."""

    def __init__(self) -> None:
        self.plugged = True
        self.done: list[Effect] = []
        self.opened = 0
        self.closed = 0

    def module(self, rest_ms: int = 5) -> ModuleType:
        gadget = self

        class Conversation:
            def __init__(self) -> None:
                self.rest_ms = rest_ms

            def perform(self, order: Effect) -> None:
                gadget.done.append(order)

            def pump(self) -> None:
                if not gadget.plugged:
                    raise DriverFault("TM-PRN-010", "pulled")

            def close(self) -> None:
                gadget.closed += 1

        def open_driver(settings: object, kit: Kit) -> Driver:
            if not gadget.plugged:
                raise DriverFault("TM-PRN-010", "not there")
            gadget.opened += 1
            kit.emit(DeviceStateChanged(kit.role, Health.READY))
            return Conversation()

        return cast(ModuleType, SimpleNamespace(KIND="printer", open=open_driver, __name__="drivers.gadget"))


@pytest.fixture
def heard() -> list[Event]:
    return []


def hand_of(gadget: Gadget, heard: list[Event]) -> Hand:
    return Hand(HandSpec("printer", gadget.module(), None), SystemClock(), Quiet(), heard.append, lambda picture: None)


def test_a_device_that_was_pulled_comes_back_armed(heard: list[Event]) -> None:
    gadget = Gadget()
    hand = hand_of(gadget, heard)
    hand.start()
    hand.order(ARM)
    until(lambda: gadget.done == [ARM])
    gadget.plugged = False
    until(lambda: any(isinstance(e, DeviceStateChanged) and e.health is Health.LOST for e in heard))
    gadget.plugged = True
    until(lambda: gadget.opened == 2)
    until(lambda: gadget.done == [ARM, ARM])
    hand.stop()
    hand.join()
    assert gadget.closed == 2
    assert sum(isinstance(e, DeviceStateChanged) and e.health is Health.LOST for e in heard) == 1


def test_a_lost_printer_refuses_at_once_and_a_lost_reader_remembers(heard: list[Event]) -> None:
    gadget = Gadget()
    gadget.plugged = False
    hand = hand_of(gadget, heard)
    hand.start()
    until(lambda: bool(heard))
    hand.order(PAPER)
    assert NotPrinted(PAPER.key, "TM-PRN-010") in heard
    hand.order(Disarm())
    gadget.plugged = True
    until(lambda: Disarm() in gadget.done)
    hand.stop()
    hand.join()


def test_a_device_that_stands_still_refuses_what_it_cannot_remember(heard: list[Event]) -> None:
    hand = hand_of(Gadget(), heard)  # never started: nobody takes the orders
    for _ in range(ORDERS_MAX):
        hand.order(PAPER)
    hand.order(PAPER)
    assert heard == [NotPrinted(PAPER.key, "TM-DEV-001")]


@pytest.mark.parametrize("name", ["no_such_driver", "../etc", "kit", "a.b"])
def test_a_driver_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(UnknownDriver):
        find_driver(name)


def test_every_driver_of_the_folder_is_found_without_its_library() -> None:
    folder = Path(__file__).parents[2] / "drivers"
    names = [path.stem for path in folder.iterdir() if path.stem not in ("__init__", "kit", "__pycache__")]
    assert len(names) >= 4
    for name in names:
        module: Any = find_driver(name)
        assert module.KIND in ("camera", "scanner", "nfc", "printer", "dispenser")
        assert hasattr(module, "Settings")
        assert callable(module.open)


class Exchange:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def perform(self, effect: object) -> Event:
        self.go.wait(5)
        return Reversed(cast(Complete, effect).key)

    def close(self) -> None:
        self.go.set()

    def let_go(self) -> None: ...


def test_a_line_is_prepared_in_its_own_thread_before_the_first_question(heard: list[Event]) -> None:
    far, order = Exchange(), []
    far.go.set()
    worker = LineWorker(far, heard.append, lambda: order.append((threading.current_thread().name, len(heard))))
    worker.ask(Complete(TXN.key("complete", 1), TXN))
    worker.start()
    until(lambda: len(heard) == 1)
    worker.stop()
    assert order == [("line", 0)]


def test_questions_are_answered_in_their_order_and_too_many_are_refused(heard: list[Event]) -> None:
    far = Exchange()
    worker = LineWorker(far, heard.append)
    for number in range(ASKED_MAX + 1):
        worker.ask(Complete(TXN.key("complete", number + 1), TXN))
    assert heard == [Unanswered(TXN.key("complete", ASKED_MAX + 1), "TM-DEV-004")]
    worker.start()
    far.go.set()
    until(lambda: len(heard) == ASKED_MAX + 1)
    worker.stop()
    assert [event.answers for event in heard[1:] if isinstance(event, Reversed)] == [
        TXN.key("complete", number + 1) for number in range(ASKED_MAX)
    ]


def test_a_worker_stops_at_once_though_nobody_answers_and_its_queue_is_full(heard: list[Event]) -> None:
    far = Exchange()
    worker = LineWorker(far, heard.append)
    worker.start()
    for number in range(ASKED_MAX + 4):
        worker.ask(Complete(TXN.key("complete", number + 1), TXN))
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 10
    assert sum(isinstance(event, Reversed) for event in heard) <= 1  # the others stay in doubt, in the journal


def test_a_full_inbox_drops_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.inbox.PUT_TIMEOUT_S", 0.01)
    inbox = Inbox(Quiet())
    for _ in range(SIZE + 1):
        inbox.put(Unanswered("k", "c"))
    taken = 0
    while inbox.take(0) is not None:
        taken += 1
    assert taken == SIZE
    assert inbox.take(1) is None


def test_each_picture_is_handed_out_once() -> None:
    finder = Viewfinder()
    assert finder.take() is None


def test_the_machine_has_time_and_chance() -> None:
    clock = SystemClock()
    assert clock.monotonic_ms() <= clock.monotonic_ms()
    assert clock.now().ms > 1_700_000_000_000
    assert len({entropy(16) for _ in range(8)}) == 8


def test_sounds_are_short_and_a_quiet_terminal_is_not_broken() -> None:
    from core.effects import Sound

    for sound in Sound:
        assert 0.05 < len(samples(sound)) / 2 / RATE < 0.5
    sounds = Sounds(wanted=False)
    sounds.play(Sound.DONE)
    sounds.close()
