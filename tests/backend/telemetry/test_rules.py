"""What a terminal's messages mean, and that no text of a stranger means anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.telemetry.rules import (
    FIELDS_MAX,
    PAYLOAD_MAX,
    ROLES_MAX,
    STUCK_MS,
    Seen,
    after,
    fields_of,
    meaning,
    presence,
)
from backend.telemetry.watch import MESSAGES_MAX, Watch
from backend.terminals.presence import Life
from core.moment import Moment

AT = Moment(1_780_000_000_000)


def heard(*messages: tuple[str, object], kept: bool = False, now_ms: int = 1_000) -> Seen:
    seen = Seen()
    for topic, payload in messages:
        message = meaning(f"tillmark/T1/{topic}", json.dumps(payload).encode())
        assert message is not None
        seen = after(seen, message, AT, now_ms, kept=kept)
    return seen


ONLINE = ("status", {"state": "online"})
BEAT = ("heartbeat", {"seq": 1, "journal": 17})


@pytest.mark.parametrize(
    ("messages", "now_ms", "life"),
    [
        ((ONLINE,), 1_000, Life.ONLINE),
        ((ONLINE,), 1_001 + STUCK_MS, Life.STUCK),
        ((ONLINE, BEAT), 1_000 + STUCK_MS, Life.ONLINE),
        ((ONLINE, ("status", {"state": "offline"})), 1_000, Life.OFFLINE),
        ((ONLINE, ("status", {"state": ["odd"]})), 1_000, Life.OFFLINE),
        ((("heartbeat", {"turn_ms": 61_000}),), 1_000, Life.STUCK),
        ((("heartbeat", {"turn_ms": "61000"}),), 1_000, Life.ONLINE),
    ],
)
def test_a_terminal_is_online_stuck_or_gone(messages: tuple[tuple[str, object], ...], now_ms: int, life: Life) -> None:
    assert presence(heard(*messages), now_ms).state is life


def test_vitals_devices_and_the_last_fault_are_shown() -> None:
    seen = heard(
        BEAT, ("device/printer", {"health": "lost", "code": "TM-PRN-001"}), ("event/fault", {"code": "TM-X-1"})
    )
    shown = presence(seen, 1_000)
    assert (shown.vitals["journal"], shown.devices, shown.fault) == (17, {"printer": "lost"}, "TM-X-1")
    assert shown.heard_at == AT.rfc3339()


def test_what_the_broker_kept_says_nothing_of_when() -> None:
    kept = heard(BEAT, ("event/fault", {"code": "TM-X-1"}), ONLINE, kept=True)
    assert (kept.heard_at, kept.vitals, kept.fault) == (None, {}, "")
    assert presence(kept, 1_000).state is Life.ONLINE


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"7",
        b"NaN",
        b'{"a":' * 5_000,
        b'"' + b"a" * PAYLOAD_MAX,
        b'{"a":1' + b"0" * 5000,
    ],
)
def test_garbage_is_nothing(payload: bytes) -> None:
    assert fields_of(payload) is None


def test_fields_are_few_short_and_plain() -> None:
    many: dict[str, object] = {f"f{number}": number for number in range(100)}
    odd: dict[str, object] = {"list": [1], "float": 1.5, "null": None, "long": "x" * 129, "big": 2**60, "bell": "\a"}
    fields = fields_of(json.dumps(odd | many).encode())
    assert fields is not None
    assert len(fields) == FIELDS_MAX
    assert not fields.keys() & odd.keys()


def test_devices_are_few_and_their_health_is_one_of_four() -> None:
    seen = heard(
        *((f"device/d{number}", {"health": "ready"}) for number in range(40)), ("device/d0", {"health": "odd"})
    )
    assert len(seen.devices) == ROLES_MAX
    assert seen.devices["d0"] == "ready"


@pytest.mark.parametrize(
    "topic", ["", "tillmark", "tillmark/T1", "tillmark/T1/a/b/c", "other/T1/status", "tillmark/T1/poll"]
)
def test_other_topics_are_nothing(topic: str) -> None:
    assert meaning(topic, b"{}") is None


@given(st.text(max_size=60), st.binary(max_size=200), st.booleans())
def test_no_message_of_a_stranger_raises(topic: str, payload: bytes, kept: bool) -> None:
    watch = Watch(lambda: AT, lambda: 5_000)
    watch.know(["T1"])
    for name in (topic, f"tillmark/T1/{topic}", f"tillmark/{topic}/status"):
        watch.heard(name, payload, kept=kept)
    watch.look("T1")


def test_strangers_and_floods_do_not_fill_the_memory() -> None:
    now = [5_000]
    watch = Watch(lambda: AT, lambda: now[0])
    watch.know(["T1"])
    watch.clear_view(True)
    for number in range(1_000):
        watch.heard(f"tillmark/X{number}/heartbeat", b"{}", kept=False)
        watch.heard("tillmark/T1/heartbeat", json.dumps({"seq": number}).encode(), kept=False)
    assert watch.look("T1").vitals == {"seq": MESSAGES_MAX - 1}
    assert set(watch._seen) == {"T1"}
    now[0] += 1_000
    watch.heard("tillmark/T1/heartbeat", b'{"seq": 7}', kept=False)
    assert watch.look("T1").vitals == {"seq": 7}
    assert watch.take_unwritten() == {"T1": AT.ms}
    assert watch.take_unwritten() == {}


def test_without_a_broker_nobody_is_said_to_be_there() -> None:
    watch = Watch(lambda: AT, lambda: 5_000)
    watch.know(["T1"])
    watch.clear_view(True)
    watch.heard("tillmark/T1/heartbeat", b"{}", kept=False)
    assert watch.look("T1").state is Life.ONLINE
    watch.clear_view(False)
    assert watch.look("T1").state is Life.UNKNOWN
    assert watch.look("T1").heard_at == AT.rfc3339()
