"""The inbox wakes the loop for whatever comes first: an event, a touch, or the end of the frame."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from core.events import Pressed
from device.inbox import SIZE, Inbox

LONG_MS = 60_000
SOON_S = 20.0


class Lines:
    """A log that keeps the names of its lines."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def info(self, event: str, **fields: object) -> None:
        self.names.append(event)

    warning = error = info


@pytest.fixture
def touch() -> Iterator[tuple[int, int]]:
    """A line as a panel's: what is written to the second can be read from the first."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_an_event_put_by_another_thread_ends_the_wait(touch: tuple[int, int]) -> None:
    inbox = Inbox(Lines())
    inbox.listen(lambda: touch[:1])
    later = threading.Timer(0.02, inbox.put, [Pressed("done")])
    later.start()
    began = time.monotonic()
    assert inbox.take(LONG_MS) == Pressed("done")
    assert time.monotonic() - began < SOON_S
    later.join()


def test_a_touch_ends_the_wait_with_no_event(touch: tuple[int, int]) -> None:
    inbox = Inbox(Lines())
    inbox.listen(lambda: touch[:1])
    os.write(touch[1], b"x")
    began = time.monotonic()
    assert inbox.take(LONG_MS) is None
    assert time.monotonic() - began < SOON_S


def test_an_event_that_was_there_before_anybody_waited_is_taken_at_once(touch: tuple[int, int]) -> None:
    inbox = Inbox(Lines())
    inbox.listen(lambda: touch[:1])
    inbox.put(Pressed("a"))
    inbox.put(Pressed("b"))
    assert [inbox.take(0), inbox.take(LONG_MS), inbox.take(0)] == [Pressed("a"), Pressed("b"), None]
    assert inbox.take(LONG_MS) is None  # the bell was rung for events already taken: one turn in vain
    assert inbox.take(1) is None


def test_a_line_that_comes_and_goes_is_asked_for_at_every_wait(touch: tuple[int, int]) -> None:
    inbox = Inbox(Lines())
    connected: list[int] = []
    inbox.listen(lambda: tuple(connected))
    os.write(touch[1], b"x")
    assert inbox.take(1) is None
    connected.append(touch[0])
    began = time.monotonic()
    assert inbox.take(LONG_MS) is None
    assert time.monotonic() - began < SOON_S


def test_without_a_line_the_inbox_waits_for_events_alone() -> None:
    inbox = Inbox(Lines())
    assert inbox.take(1) is None
    inbox.put(Pressed("done"))
    assert inbox.take(LONG_MS) == Pressed("done")


def test_a_full_inbox_drops_with_a_line_in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.inbox.PUT_TIMEOUT_S", 0.01)
    log = Lines()
    inbox = Inbox(log)
    for _ in range(SIZE + 1):
        inbox.put(Pressed("done"))
    assert log.names == ["inbox_full"]
