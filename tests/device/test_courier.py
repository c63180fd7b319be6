"""The courier: statements whose customers have gone reach the exchange, and its word reaches the cash side."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.effects import LineEffect, SettleNotes
from core.events import Event, Refused, Settled, Unanswered
from core.faults import Refusal
from core.messages import CashReportReply
from core.vault_talk import Acknowledge, HandReports, Reply, Reports, Request, VaultRefused
from device import courier as courier_file
from device.courier import Courier, heading
from device.system import SystemClock
from device.vault_line import VaultLost
from tests.device.cash_answers import MACHINE
from tests.device.far_vault import FarVault, far_vault, until
from tests.device.playbook import TXN
from tests.device.test_cash_link import Log


def sealed(number: int) -> str:
    body = json.dumps({"number": number, "txn": {"text": TXN.text}}).encode()
    return f"cr1.v1.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.sig"


class Shelf:
    """A cash side's statements: handed out four at a time, gone when the exchange has them."""

    def __init__(self, *numbers: int) -> None:
        self.waiting = list(numbers)

    def __call__(self, request: Request) -> tuple[Reply | bytes, ...]:
        match request:
            case HandReports(after):
                later = [number for number in self.waiting if number > after]
                return (Reports(tuple(sealed(number) for number in later[:4]), len(self.waiting)),)
            case Acknowledge(taken):
                self.waiting.remove(int(taken.removeprefix("ct1.")))
                return (Reports((), len(self.waiting)),)
            case _:
                return (MACHINE,)


class Line:
    """An exchange that takes every statement but those in `deaf`."""

    def __init__(self, deaf: dict[int, Callable[[str], Event]] | None = None) -> None:
        self.deaf = deaf or {}
        self.carried: list[str] = []
        self.closed = 0

    def perform(self, effect: LineEffect) -> Event:
        assert isinstance(effect, SettleNotes)
        self.carried.append(effect.key)
        number = heading(effect.report)[0]
        if number in self.deaf:
            return self.deaf[number](effect.key)
        return Settled(effect.key, CashReportReply(number, f"ct1.{number}"))

    def close(self) -> None:
        self.closed += 1

    def let_go(self) -> None:
        self.closed += 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.sock"


def courier(path: Path, line: Line) -> Courier:
    return Courier(path, line, SystemClock(), Log())


def test_everything_that_waits_is_carried_in_order_and_forgotten_there(path: Path) -> None:
    shelf, line = Shelf(*range(1, 11)), Line()
    with far_vault(path, shelf):
        assert courier(path, line).carry()
    assert shelf.waiting == []
    assert line.carried == [TXN.key("carry", number) for number in range(1, 11)]


@pytest.mark.parametrize(
    "no", [lambda key: Unanswered(key, "TM-LINE-001"), lambda key: Refused(key, Refusal("TM-WDR-014"))]
)
def test_one_that_is_not_taken_stays_and_holds_up_no_other(path: Path, no: Callable[[str], Event]) -> None:
    shelf = Shelf(1, 2, 3)
    with far_vault(path, shelf):
        assert not courier(path, Line({2: no})).carry()
    assert shelf.waiting == [2]


def test_without_a_cash_side_there_is_nothing_to_carry(path: Path) -> None:
    assert courier(path, Line()).carry()


@pytest.mark.parametrize("said", [VaultRefused("TM-VLT-001"), FarVault.HANG_UP, Reports(("nonsense",), 1)])
def test_a_cash_side_that_talks_nonsense_is_left_for_later(path: Path, said: Reply | bytes) -> None:
    with far_vault(path, lambda request: (said,)):
        assert not courier(path, Line()).carry()


def test_a_cash_side_that_does_not_answer_is_left_for_later(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_file, "ANSWER_MS", 20)
    with far_vault(path, lambda request: ()):
        assert not courier(path, Line()).carry()


def test_rung_it_goes_and_once_a_minute_by_itself(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_file, "GRACE_MS", 5)
    monkeypatch.setattr(courier_file, "RETRY_MS", (5,))
    shelf, line = Shelf(), Line({2: lambda key: Unanswered(key, "TM-LINE-001")})
    with far_vault(path, shelf) as vault:
        made = courier(path, line)
        made.start()
        until(lambda: vault.asked)
        shelf.waiting.append(1)
        made.ring()
        until(lambda: not shelf.waiting)
        shelf.waiting.append(2)
        made.ring()
        until(lambda: len(line.carried) > 3)
        line.deaf.clear()
        until(lambda: not shelf.waiting)
        made.stop()
    assert line.closed == 2


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "cr1.v.e30.sig", "cr1.v.W10.sig"])
def test_a_text_that_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(VaultLost):
        heading(text)
