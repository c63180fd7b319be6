"""The personal code: RFC 6238's own vectors, the check digit, and what is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.code import (
    DAY_MS,
    HANDLES,
    LENGTH,
    SLOT_MS,
    TIME_CODES,
    BadCode,
    PersonalCode,
    compose,
    damm,
    day_of,
    derive,
    handle_of,
    slot_of,
    slot_start,
    time_code_of,
)
from core.moment import Moment

KEY = b"12345678901234567890123456789012"
codes = st.builds(compose, st.integers(0, HANDLES - 1), st.integers(0, TIME_CODES - 1))


@pytest.mark.parametrize(
    ("seconds", "eight_digits"),
    [
        (59, 46119246),
        (1111111109, 68084774),
        (1111111111, 67062674),
        (1234567890, 91819424),
        (2000000000, 90698825),
        (20000000000, 77737706),
    ],
)
def test_the_time_code_is_totp_with_sha_256(seconds: int, eight_digits: int) -> None:
    """RFC 6238 appendix B, cut to six digits."""
    assert time_code_of(KEY, slot_of(Moment(seconds * 1000))) == eight_digits % TIME_CODES


@given(codes)
def test_a_code_is_eighteen_digits_and_reads_back(code: PersonalCode) -> None:
    assert len(code.digits) == LENGTH
    assert PersonalCode.parse(code.grouped()) == code
    assert compose(code.handle, code.time_code) == code


def test_every_wrong_digit_and_every_swap_of_neighbours_is_caught() -> None:
    digits = compose(123_456_789, 42).digits
    for place, digit in itertools.product(range(2, LENGTH), "0123456789"):
        if digits[place] != digit:
            with pytest.raises(BadCode, match="check"):
                PersonalCode.parse(digits[:place] + digit + digits[place + 1 :])
    for place in range(2, LENGTH - 1):
        a, b = digits[place], digits[place + 1]
        if a != b:
            with pytest.raises(BadCode, match="check"):
                PersonalCode.parse(digits[:place] + b + a + digits[place + 2 :])


def test_the_check_digit_is_damms() -> None:
    assert damm("572") == 4
    assert damm("5724") == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "digits"),
        ("abc", "digits"),
        ("２７", "digits"),
        ("27", "length"),
        ("27" + "0" * 17, "length"),
        ("28" + "0" * 16, "scheme"),
    ],
)
def test_what_is_not_a_code_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(BadCode) as refused:
        PersonalCode.parse(text)
    assert refused.value.reason == reason


def test_a_code_never_shows_itself() -> None:
    code = compose(1, 2)
    assert code.digits not in f"{code} {code!r} {[code]}"


def test_the_handle_changes_once_a_day_at_the_members_own_time() -> None:
    roll = 5 * 3_600_000
    turn = Moment(100 * DAY_MS + roll)
    assert day_of(roll, turn) == day_of(roll, Moment(turn.ms - 1)) + 1
    assert derive(KEY, roll, turn).handle != derive(KEY, roll, Moment(turn.ms - 1)).handle
    assert derive(KEY, roll, turn).handle == derive(KEY, roll, turn.plus(DAY_MS - 1)).handle


def test_the_time_code_changes_every_half_minute() -> None:
    at = Moment(1_700_000_010_000)
    slot = slot_of(at)
    assert slot_start(slot).ms <= at.ms < slot_start(slot).ms + SLOT_MS
    assert derive(KEY, 0, at) == derive(KEY, 0, slot_start(slot))
    assert derive(KEY, 0, at) != derive(KEY, 0, slot_start(slot + 1))


def test_a_key_of_another_length_is_a_programmers_error() -> None:
    for make in (lambda: handle_of(b"short", 1), lambda: time_code_of(b"short", 1)):
        with pytest.raises(ValueError, match="32 bytes"):
            make()


@pytest.mark.parametrize(("handle", "time_code"), [(-1, 0), (HANDLES, 0), (0, -1), (0, TIME_CODES)])
def test_parts_out_of_range_make_no_code(handle: int, time_code: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        compose(handle, time_code)
