"""Answers on an event loop: after the commit, once a commit, and harmless where nobody waits any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.refused import Refused
from backend.store import Migration, Store, Unit
from core.faults.money import NOT_ENOUGH

LINE = Migration("line", 1, "CREATE TABLE line(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")
DEADLINE_S = 10.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "books.db", [LINE]) as made:
        yield made


def add(text: str) -> Callable[[Unit], int]:
    return lambda unit: unit.insert("INSERT INTO line(text) VALUES(?)", (text,))


def lines(store: Store) -> list[str]:
    return [text for (text,) in store.read(lambda unit: unit.all("SELECT text FROM line ORDER BY id"))]


def blocked(store: Store) -> tuple[threading.Event, Callable[[], object]]:
    """The writer is busy until the event is set; the second part waits for the end of that work."""
    gate, busy = threading.Event(), threading.Event()

    def block(_: Unit) -> None:
        busy.set()
        assert gate.wait(DEADLINE_S)

    first = store.submit(block)
    assert busy.wait(DEADLINE_S)
    return gate, lambda: first.result(DEADLINE_S)


def test_every_caller_on_a_loop_gets_its_own_answer_or_refusal(store: Store) -> None:
    def refuse(unit: Unit) -> int:
        raise Refused.by(NOT_ENOUGH)

    async def callers() -> list[int | BaseException]:
        return await asyncio.gather(
            store.answer(add("a")), store.answer(refuse), store.answer(add("b")), return_exceptions=True
        )

    first, no, second = asyncio.run(callers())
    assert (first, second) == (1, 2)
    assert isinstance(no, Refused)
    assert lines(store) == ["a", "b"]


def test_the_answers_of_one_commit_wake_a_loop_once(store: Store) -> None:
    woken = 0

    async def callers() -> None:
        nonlocal woken
        loop = asyncio.get_running_loop()
        real = loop.call_soon_threadsafe

        def counted(*args: object, **more: object) -> object:
            nonlocal woken
            woken += 1
            return real(*args, **more)  # type: ignore[arg-type]

        loop.call_soon_threadsafe = counted  # type: ignore[method-assign, assignment]
        gate, _ = blocked(store)
        waiting = [store.answer(add(str(number))) for number in range(20)]
        gate.set()
        assert await asyncio.gather(*waiting) == list(range(1, 21))

    asyncio.run(callers())
    assert woken == 1


def test_a_caller_on_a_loop_may_give_up_before_its_turn_and_while_it_waits(store: Store) -> None:
    async def callers() -> None:
        gate, ended = blocked(store)
        late, stays = store.answer(add("late")), store.answer(add("stays"))
        late.cancel()
        gate.set()
        ended()
        await stays
        running, may_end = threading.Event(), threading.Event()

        def slow(unit: Unit) -> int:
            running.set()
            assert may_end.wait(DEADLINE_S)
            return add("given up while it ran")(unit)

        left = store.answer(slow)
        assert running.wait(DEADLINE_S)
        left.cancel()
        may_end.set()
        await store.answer(add("after"))

    asyncio.run(callers())
    assert lines(store) == ["stays", "given up while it ran", "after"]


def test_a_loop_that_has_ended_stops_nobody(store: Store) -> None:
    gate, ended = blocked(store)

    async def leave() -> None:
        store.answer(add("left behind"))

    asyncio.run(leave())
    gate.set()
    ended()
    assert store.write(add("next")) == 2
    assert lines(store) == ["left behind", "next"]
