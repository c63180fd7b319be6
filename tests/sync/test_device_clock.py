"""The device clock: the exchange's time, whatever the operating system says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.moment import Moment
from sync.device_clock import DeviceClock
from tests.sync.clocks import HandClock, Lines

YEAR = 365 * 86_400_000


def clock(base: HandClock) -> tuple[DeviceClock, Lines]:
    lines = Lines()
    return DeviceClock(base, lines), lines


def test_before_the_first_answer_it_is_the_systems_clock() -> None:
    base = HandClock()
    device, _ = clock(base)
    base.run(1_500)
    assert (device.now(), device.monotonic_ms(), device.healed) == (base.now(), base.mono_ms, False)


@given(st.integers(-10 * YEAR, 10 * YEAR))
def test_a_jump_of_the_systems_clock_changes_nothing(jump: int) -> None:
    base = HandClock()
    device, _ = clock(base)
    before = device.now()
    base.wall_ms += jump
    base.mono_ms += 10
    assert device.now().since(before) == 10


@given(st.integers(-10 * YEAR, 10 * YEAR), st.integers(0, 3_000), st.integers(0, 3_000))
def test_after_an_answer_it_is_right_within_half_the_round_trip(wrong: int, there: int, back: int) -> None:
    base = HandClock()
    true_ms = base.wall_ms
    base.wall_ms += wrong
    device, _ = clock(base)
    asked = device.monotonic_ms()
    base.run(there + back)
    device.heal(Moment(true_ms + there), asked, device.monotonic_ms())
    assert abs(device.now().ms - (true_ms + there + back)) <= (there + back + 1) // 2 + 1
    assert device.healed


def test_a_slow_answer_does_not_spoil_what_a_quick_one_said() -> None:
    base = HandClock()
    device, _ = clock(base)
    device.heal(base.now(), base.mono_ms - 10, base.mono_ms)
    before = device.now()
    device.heal(base.now().plus(3_000), base.mono_ms - 8_000, base.mono_ms)
    assert device.now() == before


def test_in_time_a_slower_answer_counts_again_because_quartz_drifts() -> None:
    base = HandClock()
    device, _ = clock(base)
    device.heal(base.now(), base.mono_ms - 10, base.mono_ms)
    base.run(3_600_000)
    device.heal(base.now().plus(300), base.mono_ms - 400, base.mono_ms)
    assert device.now().since(base.now()) == 500


def test_an_answer_that_took_forever_says_nothing_about_the_time() -> None:
    base = HandClock()
    device, _ = clock(base)
    device.heal(base.now().plus(YEAR), base.mono_ms - 30_000, base.mono_ms)
    assert (device.now(), device.healed) == (base.now(), False)


def test_a_refusal_for_our_time_is_always_believed() -> None:
    base = HandClock()
    device, _ = clock(base)
    device.heal(base.now(), base.mono_ms, base.mono_ms)
    device.heal(base.now().plus(YEAR), base.mono_ms - 30_000, base.mono_ms, refused=True)
    assert device.now().since(base.now()) == YEAR + 15_000


def test_a_wrong_system_clock_is_told_once_and_once_when_it_is_right_again() -> None:
    base = HandClock()
    device, lines = clock(base)
    for _ in range(3):
        device.heal(base.now().plus(-90_000), base.mono_ms, base.mono_ms)
    assert device.skew_ms == 90_000
    base.wall_ms -= 90_000
    for _ in range(3):
        device.heal(base.now(), base.mono_ms, base.mono_ms)
    assert [event for _, event, _ in lines.lines] == ["clock_skew", "clock_right_again"]
