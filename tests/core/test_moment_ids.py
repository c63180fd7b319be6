"""Moments and ids: written and read without loss, and refused when they are something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import BadId, TxnId, base32, spoken
from core.moment import BadMoment, Moment


@given(st.integers(0, 253_402_300_799_999))
def test_a_moment_survives_being_written_and_read(ms: int) -> None:
    assert Moment.parse(Moment(ms).rfc3339()).ms == ms


@pytest.mark.parametrize("ms", [-1, 253_402_300_800_000])
def test_a_moment_is_between_1970_and_9999(ms: int) -> None:
    with pytest.raises(BadMoment):
        Moment(ms)


@pytest.mark.parametrize(
    "text",
    ["", "2026-03-01", "2026-03-01T09:30:00", "2026-13-01T00:00:00Z", "2026-03-01 09:30:00Z", "2026-03-01T24:61:00Z"],
)
def test_a_time_without_zone_or_form_is_refused(text: str) -> None:
    with pytest.raises(BadMoment):
        Moment.parse(text)


def test_offsets_are_understood_and_shown_to_people() -> None:
    moment = Moment.parse("2026-03-01T09:30:00.250+09:00")
    assert str(moment) == "2026-03-01T00:30:00.250Z"
    assert moment.local(540) == "2026-03-01 09:30:00"
    assert moment.plus(750).since(moment) == 750


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_ids_are_in_the_order_of_their_bytes(a: bytes, b: bytes) -> None:
    assert (TxnId.of(a) < TxnId.of(b)) == (a < b)
    assert TxnId(str(TxnId.of(a))) == TxnId.of(a)


@pytest.mark.parametrize("text", ["", "8" + "0" * 25, "0" * 25, "0" * 25 + "U", "0" * 25 + "i"])
def test_a_text_that_is_not_an_id_is_refused(text: str) -> None:
    with pytest.raises(BadId):
        TxnId(text)


def test_a_key_names_transaction_step_and_decision() -> None:
    assert TxnId.of(bytes(16)).key("quote", 3) == "0" * 26 + "/quote/3"


def test_short_codes_use_letters_that_cannot_be_mistaken() -> None:
    assert spoken(0, 6) == "000000"
    assert spoken(32**6 - 1, 6) == "ZZZZZZ"
    assert not set("ILOU") & set("".join(spoken(number, 2) for number in range(1024)))


def test_an_id_needs_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        base32(b"short")
