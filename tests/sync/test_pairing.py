"""Pairing: a code on the screen, a person's yes, a grant that survives; and every way it does not work."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.codec import to_plain
from core.messages import PairingOpened, PairingRequest, PairingState, PairingStatus, TerminalGrant
from sync.device_clock import DeviceClock
from sync.http_ask import Asker
from sync.journal import Journal
from sync.pairing import (
    LIFE_MAX_MS,
    POLL_MS,
    RETRY_MAX_MS,
    Opening,
    Paired,
    Pairing,
    PairingWorker,
    Stage,
    TurnedDown,
    Waiting,
    device_key,
    forget_grant,
    keep_grant,
    kept_grant,
)
from sync.signing import BadKeyFile
from tests.sync import far_end as acts
from tests.sync.clocks import Lines, RealClock
from tests.sync.far_end import FarEnd, far_end, no, raw

OPENED = PairingOpened("pair-1", "K7M2QX", "https://exchange.example/approve", "2026-06-01T00:10:00Z", 600_000)
GRANT = TerminalGrant("T1", "한빛 커피", "http://127.0.0.1:1", "key", "x-1", "KRW", 0, 540)
PENDING = PairingStatus(PairingState.PENDING)
APPROVED = PairingStatus(PairingState.APPROVED, GRANT)


def test_a_code_is_shown_asked_about_and_approved() -> None:
    pairing = Pairing().opened(OPENED, 100)
    assert pairing.stage == Waiting(OPENED, 600_100)
    assert pairing.due_ms == 100 + POLL_MS
    pairing = pairing.told(PENDING, 5_000)
    assert (pairing.stage, pairing.ended) == (Waiting(OPENED, 600_100), False)
    pairing = pairing.told(APPROVED, 7_000)
    assert (pairing.stage, pairing.ended) == (Paired(GRANT), True)


def test_a_code_that_ran_out_makes_room_for_a_new_one() -> None:
    pairing = Pairing().opened(OPENED, 0)
    assert pairing.now_due(599_999) is pairing
    assert pairing.now_due(600_000) == Pairing(Opening(), 600_000, 0, 1)
    assert pairing.told(PairingStatus(PairingState.EXPIRED), 50).stage == Opening()


def test_a_refused_device_stops_asking() -> None:
    pairing = Pairing().opened(OPENED, 0).told(PairingStatus(PairingState.REFUSED), 50)
    assert (pairing.stage, pairing.ended) == (TurnedDown(), True)


def test_an_approval_without_a_grant_is_none() -> None:
    pairing = Pairing().opened(OPENED, 0).told(PairingStatus(PairingState.APPROVED), 50)
    assert isinstance(pairing.stage, Waiting)


@pytest.mark.parametrize(("ttl_ms", "life_ms"), [(-5, POLL_MS), (0, POLL_MS), (10**15, LIFE_MAX_MS)])
def test_the_life_of_a_code_has_limits(ttl_ms: int, life_ms: int) -> None:
    opened = PairingOpened("p", "C", "", "", ttl_ms)
    assert Pairing().opened(opened, 0).stage == Waiting(opened, life_ms)


def test_without_an_answer_it_asks_later_and_later() -> None:
    pairing, waits = Pairing(), []
    for _ in range(12):
        pairing = pairing.failed(1_000)
        waits.append(pairing.due_ms - 1_000)
    assert waits[:4] == [1_000, 2_000, 4_000, 8_000]
    assert max(waits) == RETRY_MAX_MS
    assert pairing.opened(OPENED, 0).failures == 0


# -- over the line --------------------------------------------------------------------------------------


@pytest.fixture
def end() -> Iterator[FarEnd]:
    with far_end() as made:
        made.answers = {"/v1/pairings": OPENED, "/v1/pairings/pair-1": APPROVED}
        yield made


def worker(url: str, tmp_path: Path, heard: list[Stage], log: Lines | None = None) -> PairingWorker:
    clock = DeviceClock(RealClock(), Lines())
    key = device_key(tmp_path / "device.key", lambda size: bytes(range(size)))
    request = PairingRequest(key.public, "seller", "pi", "0.1.0")
    return PairingWorker(url + "/", request, Asker(key, "", clock, bytes), clock, heard.append, log or Lines())


def test_the_first_request_is_unsigned_and_the_others_carry_the_pairings_id(
    end: FarEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.pairing.POLL_MS", 5)
    end.acts = [lambda handler: handler.well(), lambda handler: handler.say(200, to_plain(PENDING))]
    heard: list[Stage] = []
    pairing = worker(end.url, tmp_path, heard)
    pairing.start()
    pairing._thread.join(5)
    pairing.stop()
    assert [type(stage) for stage in heard] == [Waiting, Paired]
    first, *polls = end.asked
    assert "Signature" not in first.headers
    assert json.loads(first.body)["public_key"] == device_key(tmp_path / "device.key", bytes).public
    assert [(poll.method, poll.path) for poll in polls] == [("GET", "/v1/pairings/pair-1")] * 2
    assert all('keyid="pair-1"' in poll.headers["Signature-Input"] for poll in polls)


@pytest.mark.parametrize(
    "act",
    [
        acts.hang_up,
        raw(b"{}"),
        no("TM-TERM-001", 404),
        raw(json.dumps(to_plain(OPENED) | {"id": 'a"; b'}).encode()),
    ],
)
def test_a_bad_answer_to_the_opening_is_asked_again(end: FarEnd, tmp_path: Path, act: object) -> None:
    end.acts = [act]  # type: ignore[list-item]
    pairing = worker(end.url, tmp_path, [])
    after = pairing.step(Pairing())
    assert (after.stage, after.failures) == (Opening(), 1)
    after = pairing.step(after)
    assert isinstance(after.stage, Waiting)
    end.acts = [act]  # type: ignore[list-item]
    assert pairing.step(after).failures in (0, 1)
    assert pairing.step(Pairing(TurnedDown())).stage == TurnedDown()
    pairing._asker.close()


def test_a_worker_can_be_stopped_while_it_waits(end: FarEnd, tmp_path: Path) -> None:
    shown = threading.Event()
    pairing = worker(end.url, tmp_path, [])
    pairing._changed = lambda stage: shown.set()
    pairing.start()
    assert shown.wait(5)
    pairing.stop()
    assert not pairing._thread.is_alive()


# -- what is kept ---------------------------------------------------------------------------------------


def test_the_grant_survives_a_restart_until_it_is_forgotten(tmp_path: Path) -> None:
    with closing(Journal.open(tmp_path / "j.db", 4096)) as journal:
        assert kept_grant(journal) is None
        keep_grant(journal, GRANT)
    with closing(Journal.open(tmp_path / "j.db", 4096)) as journal:
        assert kept_grant(journal) == GRANT
        forget_grant(journal)
        assert kept_grant(journal) is None
        journal.note("pairing.grant", '{"terminal": 1}')
        assert kept_grant(journal) is None


def test_the_key_is_made_once_and_a_bad_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    first = device_key(path, lambda size: bytes(range(size)))
    assert device_key(path, bytes).public == first.public
    path.write_bytes(b"garbage")
    with pytest.raises(BadKeyFile):
        device_key(path, bytes)
    assert path.read_bytes() == b"garbage"
