"""The notes themselves: none appears, none vanishes, and counting does not cost by the notes there are."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sim.peers.cash_box import CashBox, Spot

LOADED = {1: (1_000, 7), 2: (5_000, 5)}


def test_notes_leave_their_cassette_in_order_until_it_is_empty() -> None:
    box = CashBox({1: (1_000, 2)})
    first, second = box.pick(1), box.pick(1)
    assert first is not None
    assert second is not None
    assert (first.number, second.number, first.spot) == (0, 1, Spot.PATH)
    assert box.pick(1) is None
    assert box.pick(9) is None
    assert "path" in repr(first)


def test_fresh_notes_stand_behind_the_old_ones() -> None:
    box = CashBox({1: (1_000, 1)})
    box.load(1, 1_000, 2)
    assert [note.number for note in (box.pick(1), box.pick(1), box.pick(1)) if note] == [0, 1, 2]


def test_a_note_put_back_is_picked_next() -> None:
    box = CashBox(LOADED)
    note = box.pick(2)
    assert note is not None
    note.spot = Spot.CASSETTE
    note.spot = Spot.CASSETTE
    assert box.count(Spot.CASSETTE, 2) == 5
    assert box.pick(2) is note


def test_a_cassette_that_was_emptied_by_hand_gives_nothing() -> None:
    box = CashBox(LOADED)
    assert len(box.remove(Spot.CASSETTE, 1)) == 7
    assert box.pick(1) is None
    assert box.count(Spot.REMOVED) == 7


def test_a_customer_takes_what_lies_at_the_exit() -> None:
    box = CashBox(LOADED)
    for place in (1, 1, 2):
        box.pick(place)
    assert len(box.move(Spot.PATH, Spot.EXIT)) == 3
    assert box.worth(Spot.EXIT) == 7_000
    assert len(box.take(1)) == 1
    assert len(box.take()) == 2
    assert (box.worth(Spot.EXIT), box.worth(Spot.TAKEN)) == (0, 7_000)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pick"), st.integers(1, 3), st.just(0)),
        st.tuples(st.just("load"), st.integers(1, 2), st.integers(0, 4)),
        st.tuples(st.just("move"), st.sampled_from(list(Spot)), st.sampled_from(list(Spot))),
        st.tuples(st.just("remove"), st.sampled_from(list(Spot)), st.integers(0, 2)),
    ),
    max_size=40,
)


@given(STEPS)
def test_every_count_is_what_counting_the_notes_gives(steps: list[tuple[str, object, object]]) -> None:
    box = CashBox(LOADED)
    loaded = 12
    for step in steps:
        match step:
            case ("pick", int(place), _):
                box.pick(place)
            case ("load", int(place), int(count)):
                box.load(place, box.faces[place], count)
                loaded += count
            case ("move", Spot() as here, Spot() as there):
                box.move(here, there, 2)
            case ("remove", Spot() as spot, int(place)):
                box.remove(spot, place)
    assert len(box.notes) == loaded
    assert box.census() == dict(Counter((note.spot, note.face) for note in box.notes))
    for spot in Spot:
        assert box.count(spot) == sum(note.spot is spot for note in box.notes)
        assert box.worth(spot) == sum(note.face for note in box.notes if note.spot is spot)
        for place in box.faces:
            assert box.count(spot, place) == sum(note.spot is spot and note.place == place for note in box.notes)
