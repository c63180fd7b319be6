"""One key, one effect, one answer: also for refusals, other bodies, and calls that never came back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.refused import Refused
from backend.store import Migration, Store, Unit, idempotent
from backend.store.idempotent import KEPT_MS, OTHER_BODY, RUNNING, RUNNING_MS, Answer, Begun
from core.faults import Refusal
from core.moment import Moment

NOW = Moment(1_790_000_000_000)
LINE = Migration("line", 1, "CREATE TABLE line(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")


def add(unit: Unit) -> str:
    unit.tell("line", "added")
    return f'{{"row": {unit.insert("INSERT INTO line(text) VALUES(?)", ("x",))}}}'


def refuse(unit: Unit, *, retryable: bool) -> str:
    add(unit)
    raise Refused(Refusal("TM-TST-001", "because of it"), 402, retryable=retryable)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:", [LINE, *idempotent.MIGRATIONS]) as made:
        yield made


def rows(store: Store) -> int:
    found = store.read(lambda unit: unit.one("SELECT count(*) FROM line"))
    assert found is not None
    return int(found[0])


def test_the_same_key_gives_the_first_answer_and_acts_once(store: Store) -> None:
    first = store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add, status=201))
    second = store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW.plus(1000), add))
    assert first == Answer(201, '{"row": 1}')
    assert second == Answer(201, '{"row": 1}', replayed=True)
    assert rows(store) == 1


def test_the_same_key_with_another_body_is_refused_with_422(store: Store) -> None:
    store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add))
    with pytest.raises(Refused) as refused:
        store.write(lambda unit: idempotent.once(unit, "t1", "k", "other", NOW, add))
    assert (refused.value.code, refused.value.status) == (OTHER_BODY, 422)
    assert rows(store) == 1


def test_a_key_belongs_to_whoever_signed(store: Store) -> None:
    store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add))
    other = store.write(lambda unit: idempotent.once(unit, "t2", "k", "other", NOW, add))
    assert not other.replayed
    assert rows(store) == 2


def test_a_final_refusal_is_an_answer_and_is_given_again_although_it_would_now_succeed(store: Store) -> None:
    heard: list[object] = []
    store.listen(lambda _, value: heard.append(value))
    first = store.write(
        lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, lambda inner: refuse(inner, retryable=False))
    )
    second = store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add))
    for answer in (first, second):
        assert answer.refused is not None
        assert (answer.refused.code, answer.refused.refusal.detail, answer.status) == (
            "TM-TST-001",
            "because of it",
            402,
        )
    assert (first.replayed, second.replayed) == (False, True)
    assert rows(store) == 0
    assert heard == []


def test_a_retryable_refusal_is_not_kept(store: Store) -> None:
    with pytest.raises(Refused, match="because of it"):
        store.write(
            lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, lambda inner: refuse(inner, retryable=True))
        )
    answer = store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add))
    assert answer.body == '{"row": 1}'


def test_a_key_at_work_is_refused_with_409_until_it_is_finished(store: Store) -> None:
    assert store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW)) == Begun(again=False)
    with pytest.raises(Refused) as refused:
        store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW.plus(RUNNING_MS - 1)))
    assert (refused.value.code, refused.value.status, refused.value.retryable) == (RUNNING, 409, True)
    store.write(lambda unit: idempotent.finish(unit, "t1", "k", Answer(200, "{}")))
    again = store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW.plus(1)))
    assert again == Answer(200, "{}", replayed=True)


def test_a_key_whose_work_never_came_back_may_be_taken_up_again(store: Store) -> None:
    store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW))
    later = NOW.plus(RUNNING_MS)
    assert store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", later)) == Begun(again=True)
    with pytest.raises(Refused):
        store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", later.plus(1)))


def test_a_retryable_refusal_gives_the_key_back(store: Store) -> None:
    busy = Refused(Refusal("TM-TST-002"), 503, retryable=True)
    store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW))
    store.write(lambda unit: idempotent.finish(unit, "t1", "k", Answer(503, "", busy)))
    assert store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW)) == Begun(again=False)


def test_answers_are_kept_for_a_day_at_least_and_then_forgotten(store: Store) -> None:
    store.write(lambda unit: idempotent.once(unit, "t1", "k", "h", NOW, add))
    assert KEPT_MS >= 24 * 3600 * 1000
    assert store.write(lambda unit: idempotent.prune(unit, NOW.plus(KEPT_MS))) == 0
    assert store.write(lambda unit: idempotent.prune(unit, NOW.plus(KEPT_MS + 1))) == 1


def test_what_was_running_when_the_server_died_may_be_taken_up_at_once(store: Store) -> None:
    store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW))
    with pytest.raises(Refused):
        store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW.plus(1)))
    assert store.write(idempotent.interrupted) == 1
    assert store.write(lambda unit: idempotent.begin(unit, "t1", "k", "h", NOW.plus(1))) == Begun(again=True)
