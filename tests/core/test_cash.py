"""Counts never become surer than they are; a mix is right, the smallest, and found whenever there is one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.asset import BTC, KRW
from core.cash import COUNT_MAX, NONE, BadCount, Cassette, Count, Denomination, Mix, NoMix
from core.cash_mix import denominate, payable
from core.money import Money


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, Count]:
    """The truth, and a count that admits it."""
    truth = draw(st.integers(0, 500))
    low = draw(st.integers(0, truth))
    return truth, Count(low, draw(st.none() | st.integers(truth, 1_000)))


@given(counted(), counted())
def test_a_sum_admits_the_sum_of_the_truths(one: tuple[int, Count], two: tuple[int, Count]) -> None:
    assert (one[1] + two[1]).admits(one[0] + two[0])


@given(counted(), counted())
def test_what_is_left_admits_the_truth(one: tuple[int, Count], two: tuple[int, Count]) -> None:
    whole, part = (one, two) if one[0] >= two[0] else (two, one)
    assert whole[1].without(part[1]).admits(whole[0] - part[0])


@given(st.integers(0, 500), st.data())
def test_evidence_narrows_and_never_loses_the_truth(truth: int, data: st.DataObject) -> None:
    def count() -> Count:
        return Count(data.draw(st.integers(0, truth)), data.draw(st.none() | st.integers(truth, 1_000)))

    before, evidence = count(), count()
    after = before.narrowed(evidence)
    assert after.admits(truth)
    assert after.low >= before.low
    assert before.high is None or (after.high is not None and after.high <= before.high)


def test_contradictions_and_impossible_counts_are_named() -> None:
    for wrong in (lambda: Count(-1, 3), lambda: Count(3, 2), lambda: Count(0, COUNT_MAX + 1),
                  lambda: Count(COUNT_MAX + 1, None), lambda: Count.exact(3).narrowed(Count(4, None)),
                  lambda: Count.exact(3).without(Count.exact(4)), lambda: Denomination(Money(0, KRW)),
                  lambda: Mix.of([(1, -1)])):  # fmt: skip
        with pytest.raises(BadCount):
            wrong()


def test_a_count_says_how_sure_it_is() -> None:
    assert [str(count) for count in (Count.exact(3), Count(3, 5), Count(3, None), Count.unknown())] == [
        "3", "3 to 5", "at least 3", "unknown",
    ]  # fmt: skip
    assert Count.exact(3).known
    assert not Count.unknown().known
    assert Count.unknown().narrowed(Count.unknown()) == Count.unknown()
    assert Count.unknown().without(Count.unknown()) == Count.unknown()
    assert NONE + Count(1, None) == Count(1, None)
    assert not Count(2, 4).admits(5)
    assert not Count(2, 4).admits(1)
    face = Money(1_000, KRW)
    assert Count(2, 4).worth(face) == (Money(2_000, KRW), Money(4_000, KRW))
    assert Count.unknown().worth(face) == (Money(0, KRW), None)


def cassette(place: int, face: int, ready: int, usable: bool = True) -> Cassette:
    return Cassette(place, Denomination(Money(face, KRW)), Count(ready, None), usable)


BOXES = st.lists(st.tuples(st.sampled_from([1, 2, 3, 5, 7, 10]), st.integers(0, 4)), min_size=1, max_size=4)


@given(BOXES, st.integers(1, 60), st.integers(1, 12))
def test_a_mix_is_the_smallest_there_is_and_is_found_whenever_there_is_one(
    boxes: list[tuple[int, int]], minor: int, notes_max: int
) -> None:
    cassettes = [cassette(place, *box) for place, box in enumerate(boxes, 1)]
    every = product(*(range(ready + 1) for _, ready in boxes))
    totals = [sum(tried) for tried in every if sum(n * face for n, (face, _) in zip(tried, boxes)) == minor]
    amount = Money(minor, KRW)
    if not totals or min(totals) > notes_max:
        with pytest.raises(NoMix):
            denominate(amount, cassettes, notes_max)
        return
    mix = denominate(amount, cassettes, notes_max)
    assert mix.value(cassettes) == amount
    assert mix.total == min(totals)
    assert all(mix.from_place(each.place) <= each.ready for each in cassettes)


@given(BOXES, st.integers(1, 8), st.integers(0, 70))
def test_what_is_offered_is_what_can_be_paid(boxes: list[tuple[int, int]], notes_max: int, top: int) -> None:
    cassettes = [cassette(place, *box) for place, box in enumerate(boxes, 1)]
    offered = set(payable(KRW, cassettes, notes_max, Money(top, KRW)))
    for minor in range(top + 1):
        try:
            denominate(Money(minor, KRW), cassettes, notes_max)
        except NoMix:
            assert Money(minor, KRW) not in offered
        else:
            assert Money(minor, KRW) in offered


def test_a_greedy_choice_that_fails_is_not_taken() -> None:
    cassettes = [cassette(1, 50_000, 9), cassette(2, 20_000, 9)]
    assert denominate(Money(60_000, KRW), cassettes, 40).notes == ((2, 3),)
    assert denominate(Money(110_000, KRW), cassettes, 40).notes == ((1, 1), (2, 3))


def test_equal_mixes_take_the_lower_place_and_a_closed_cassette_is_not_planned_with() -> None:
    cassettes = [cassette(2, 10_000, 5), cassette(1, 10_000, 5), cassette(3, 50_000, 5, usable=False)]
    assert denominate(Money(70_000, KRW), cassettes, 40).notes == ((1, 5), (2, 2))


@pytest.mark.parametrize(
    ("minor", "cassettes"),
    [(0, [cassette(1, 10_000, 5)]), (-10_000, [cassette(1, 10_000, 5)]), (15_000, [cassette(1, 10_000, 5)]),
     (60_000, [cassette(1, 10_000, 5)]), (10_000, []), (2_000_000, [cassette(1, 1, 100_000), cassette(2, 999_983, 9)])],
)  # fmt: skip
def test_what_cannot_be_paid_is_refused(minor: int, cassettes: list[Cassette]) -> None:
    with pytest.raises(NoMix):
        denominate(Money(minor, KRW), cassettes, 100_000)


def test_nothing_is_offered_where_nothing_is_ready() -> None:
    assert payable(KRW, [cassette(1, 10_000, 0)], 40, Money(100_000, KRW)) == ()


@pytest.mark.parametrize(
    "cassettes",
    [[cassette(1, 10, 1), cassette(1, 20, 1)], [Cassette(1, Denomination(Money(1, BTC)), NONE)],
     [cassette(place, 10, 1) for place in range(17)]],
)  # fmt: skip
def test_cassettes_that_cannot_stand_in_one_machine_are_refused(cassettes: list[Cassette]) -> None:
    with pytest.raises(BadCount):
        denominate(Money(10, KRW), cassettes, 10)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 30)), max_size=6), st.integers(1, 20))
def test_chunks_carry_the_whole_mix_and_none_is_too_large(pairs: list[tuple[int, int]], notes_max: int) -> None:
    mix = Mix.of(pairs)
    parts = mix.chunks(notes_max)
    assert Mix.of(pair for part in parts for pair in part.notes) == mix
    assert all(0 < part.total <= notes_max for part in parts)
    assert len(parts) == -(-mix.total // notes_max)


def test_an_empty_mix_is_worth_nothing() -> None:
    assert Mix().value([cassette(1, 10_000, 5)]) == Money(0, KRW)
