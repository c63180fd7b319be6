"""The gate of the camera: what is delivered, once, and to whom it was promised."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.code import compose
from core.effects import Wanted
from core.events import Symbology
from drivers.kit.sight.gate import SIGHTS_MAX, Gate, Limits, kind_of
from drivers.kit.sight.reads import Read

CODE = compose(123_456_789, 555_555).digits
EAN = "8801234567893"
FRAME_MS = 33


def read(text: str, symbology: Symbology = Symbology.QR) -> Read:
    return Read(symbology, text, ((0, 0), (9, 0), (9, 9), (0, 9)), "half", 0.5)


def armed(*wanted: Wanted) -> Gate:
    gate = Gate(Limits())
    gate.arm(wanted or (Wanted.PERSONAL,))
    return gate


def texts(reads: tuple[Read, ...]) -> list[str]:
    return [each.text for each in reads]


def test_nothing_is_delivered_before_somebody_asks() -> None:
    gate = Gate(Limits())
    assert gate.look([read(CODE)], 0) == ()
    gate.arm([Wanted.PERSONAL])
    assert texts(gate.look([read(CODE)], FRAME_MS)) == [CODE]
    gate.disarm()
    assert gate.look([read(compose(1, 1).digits)], 2 * FRAME_MS) == ()


def test_a_qr_code_is_delivered_at_its_first_look_and_then_not_again() -> None:
    gate = armed()
    delivered = [texts(gate.look([read(CODE)], now)) for now in range(0, 3_000, FRAME_MS)]
    assert delivered[0] == [CODE]
    assert not any(delivered[1:])


def test_a_personal_code_that_goes_and_comes_back_is_delivered_once_in_its_life() -> None:
    gate = armed()
    gate.look([read(CODE)], 0)
    for now in range(FRAME_MS, 20_000, FRAME_MS):
        gate.look([], now)
    assert gate.look([read(CODE)], 20_000) == ()
    for now in range(20_033, 31_000, FRAME_MS):
        gate.look([], now)
    assert texts(gate.look([read(CODE)], 31_000)) == [CODE]


def test_an_old_code_held_up_all_the_time_is_not_delivered_again_when_its_life_is_over() -> None:
    gate = armed()
    delivered = [now for now in range(0, 90_000, FRAME_MS) if gate.look([read(CODE)], now)]
    assert delivered == [0]


def test_a_personal_code_is_one_code_whether_grouped_or_not() -> None:
    assert kind_of(read(CODE)) is Wanted.PERSONAL
    assert kind_of(read(" ".join((CODE[:3], CODE[3:])))) is Wanted.PERSONAL


def test_a_code_whose_question_got_no_answer_is_delivered_once_more_and_no_oftener() -> None:
    gate = armed()
    assert texts(gate.look([read(CODE)], 0)) == [CODE]
    gate.disarm()
    gate.arm([Wanted.PERSONAL], again=True)
    assert [texts(gate.look([read(CODE)], now)) for now in (9_000, 9_033)] == [[CODE], []]
    gate.disarm()
    gate.arm([Wanted.PERSONAL])
    assert gate.look([read(CODE)], 10_000) == ()


def test_a_barcode_needs_two_looks_that_agree() -> None:
    gate = armed(Wanted.PRODUCT)
    assert gate.look([read(EAN, Symbology.EAN13)], 0) == ()
    assert texts(gate.look([read(EAN, Symbology.EAN13)], FRAME_MS)) == [EAN]


def test_two_looks_that_disagree_deliver_nothing() -> None:
    gate = armed(Wanted.PRODUCT)
    assert gate.look([read("8801234567893", Symbology.EAN13)], 0) == ()
    assert gate.look([read("8801234567817", Symbology.EAN13)], FRAME_MS) == ()


def test_two_looks_too_far_apart_do_not_agree() -> None:
    gate = armed(Wanted.PRODUCT)
    assert gate.look([read(EAN, Symbology.EAN13)], 0) == ()
    assert gate.look([read(EAN, Symbology.EAN13)], 700) == ()
    assert texts(gate.look([read(EAN, Symbology.EAN13)], 733)) == [EAN]


def test_one_missed_look_between_does_not_break_an_agreement() -> None:
    gate = armed(Wanted.PRODUCT)
    gate.look([read(EAN, Symbology.EAN13)], 0)
    gate.look([], FRAME_MS)
    assert texts(gate.look([read(EAN, Symbology.EAN13)], 2 * FRAME_MS)) == [EAN]


def two_looks(gate: Gate, text: str, now_ms: int) -> list[str]:
    first = gate.look([read(text, Symbology.EAN13)], now_ms)
    return texts(first + gate.look([read(text, Symbology.EAN13)], now_ms + FRAME_MS))


def test_a_product_flickering_in_view_is_rung_up_once() -> None:
    gate = armed(Wanted.PRODUCT)
    assert two_looks(gate, EAN, 0) == [EAN]
    again: list[str] = []
    for turn, now in enumerate(range(100, 10_000, FRAME_MS)):
        again += texts(gate.look([read(EAN, Symbology.EAN13)] if turn % 5 == 0 else [], now))
    assert again == []


def test_the_same_product_is_rung_up_again_once_it_has_been_gone() -> None:
    gate = armed(Wanted.PRODUCT)
    assert two_looks(gate, EAN, 0) == [EAN]
    for now in range(100, 1_000, FRAME_MS):
        gate.look([], now)
    assert two_looks(gate, EAN, 1_000) == []  # not yet: a hand that slipped
    for now in range(1_100, 2_700, FRAME_MS):
        gate.look([], now)
    assert two_looks(gate, EAN, 2_700) == [EAN]


def test_a_product_is_not_gone_after_a_long_time_with_too_few_looks() -> None:
    gate = armed(Wanted.PRODUCT)
    assert two_looks(gate, EAN, 0) == [EAN]
    gate.look([], 1_000)
    gate.look([], 2_000)
    assert two_looks(gate, EAN, 3_000) == []


def test_the_product_still_in_view_is_not_rung_up_by_arming_again() -> None:
    gate = armed(Wanted.PRODUCT)
    assert two_looks(gate, EAN, 0) == [EAN]
    gate.disarm()
    gate.arm([Wanted.PRODUCT])
    assert two_looks(gate, EAN, 400) == []


def test_the_next_customer_may_buy_the_same_product() -> None:
    gate = armed(Wanted.PRODUCT)
    assert two_looks(gate, EAN, 0) == [EAN]
    gate.disarm()
    gate.arm([Wanted.PRODUCT])
    assert two_looks(gate, EAN, 6_000) == [EAN]


def test_the_can_on_the_counter_is_not_delivered_while_the_wallet_is_awaited() -> None:
    gate = armed(Wanted.PERSONAL)
    assert two_looks(gate, EAN, 0) == []
    assert texts(gate.look([read(EAN, Symbology.EAN13), read(CODE)], 100)) == [CODE]


def test_the_wallet_held_up_early_is_kept_for_when_it_is_asked_for() -> None:
    gate = armed(Wanted.PRODUCT)
    assert gate.look([read(CODE)], 0) == ()
    gate.arm([Wanted.PERSONAL])
    assert texts(gate.look([read(CODE)], FRAME_MS)) == [CODE]


def test_a_foreign_code_is_delivered_so_that_it_can_be_refused_by_name() -> None:
    assert texts(armed(Wanted.PERSONAL).look([read("https://example.com/x")], 0)) == ["https://example.com/x"]


def test_a_thousand_codes_do_not_fill_the_memory() -> None:
    gate = armed(Wanted.PRODUCT)
    for number in range(1_000):
        gate.look([read(f"item {number}")], number)
    assert len(gate._sights) <= SIGHTS_MAX


@given(st.lists(st.tuples(st.integers(1, 400), st.sets(st.sampled_from("ABC")), st.booleans()), max_size=60))
def test_no_code_is_ever_delivered_twice_within_its_life(film: list[tuple[int, set[str], bool]]) -> None:
    codes = {name: compose(number, 7).digits for number, name in enumerate("ABC")}
    gate = armed()
    now_ms, last = 0, dict.fromkeys(codes.values(), -30_000)
    for step_ms, seen, is_armed in film:
        now_ms += step_ms
        if is_armed:
            gate.arm([Wanted.PERSONAL])
        else:
            gate.disarm()
        for each in gate.look([read(codes[name]) for name in sorted(seen)], now_ms):
            assert is_armed
            assert now_ms - last[each.text] >= 30_000
            last[each.text] = now_ms


def test_the_text_of_a_read_is_not_shown() -> None:
    assert CODE not in repr(read(CODE))


def test_a_code_of_the_business_before_is_delivered_anew_so_that_somebody_can_say_it_was_used() -> None:
    gate = armed()
    assert texts(gate.look([read(CODE)], 0)) == [CODE]
    gate.disarm()
    gate.arm([Wanted.PERSONAL])  # the same business asks again
    assert gate.look([read(CODE)], 1_000) == ()
    gate.arm([Wanted.PRODUCT])
    gate.disarm()
    gate.arm([Wanted.PERSONAL])
    assert texts(gate.look([read(CODE)], 2_000)) == [CODE]
    assert gate.look([read(CODE)], 2_033) == ()
