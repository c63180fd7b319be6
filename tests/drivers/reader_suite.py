"""What every reader of codes must do, whatever its cable: subclass `ReaderSuite` and give it a `Bench`.

A bench is a driver, the far end of its cable, and a worker's turns. Events are told as sentences, so that a
failing test reads like what happened at the counter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from core.code import PersonalCode, compose
from core.effects import Arm, Disarm, Wanted
from core.events import CodeScanned, DeviceStateChanged, Event, Health, TapAnswered, TapFailed
from core.moment import Moment
from core.ports import Driver, DriverFault, Kit
from device.hands import Hand, HandSpec
from sim.peers.pipe import SINGLE, WHOLE, Weather

CODE = compose(123_456_789, 42)
OTHER = compose(987_654_321, 7)


class RealClock:
    """The machine's own clock: drivers and far ends on a real port run in real time."""

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


@dataclass
class Lines:
    """A log that keeps its lines."""

    kept: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.kept.append((event, fields))

    warning = info
    error = info


def told(event: Event) -> str:
    """An event as a sentence. Codes are shown here: they are made up."""
    match event:
        case CodeScanned(source, symbology, text):
            return f"{source.value} read {text} as {symbology.value}"
        case TapAnswered(_, counter, _, _):
            return f"a phone answered with its tap number {counter}"
        case TapFailed(code):
            return f"a tap failed: {code}"
        case _:
            return type(event).__name__


@dataclass
class Bench:
    """One reader on one cable. `show` holds a code up, `hide` takes it away, `cable` is the far end."""

    opener: Callable[[Kit], Driver]
    cable: Any
    show: Callable[[PersonalCode], None]
    hide: Callable[[], None]
    role: str
    events: list[Event] = field(default_factory=list)
    states: list[DeviceStateChanged] = field(default_factory=list)
    log: Lines = field(default_factory=Lines)
    driver: Driver | None = None

    def plug_in(self) -> None:
        self.driver = self.opener(Kit(self.role, RealClock(), self.log, self.heard, lambda _: None))

    def heard(self, event: Event) -> None:
        if isinstance(event, DeviceStateChanged):
            self.states.append(event)
        else:
            self.events.append(event)

    def arm(self) -> None:
        assert self.driver is not None
        self.driver.perform(Arm((Wanted.PERSONAL,)))

    def disarm(self) -> None:
        assert self.driver is not None
        self.driver.perform(Disarm())

    def turns(self, enough: Callable[[], bool], within_s: float = 30.0) -> None:
        """A worker's turns until something is so, or for the whole time when it never is."""
        assert self.driver is not None
        until = time.monotonic() + within_s
        while not enough() and time.monotonic() < until:
            self.driver.pump()

    def hears(self, count: int = 1, within_s: float = 30.0) -> list[str]:
        self.turns(lambda: len(self.events) >= count, within_s)
        return self.said()

    def settles(self, turns: int = 6) -> list[str]:
        """Some turns in which nothing more should come."""
        assert self.driver is not None
        for _ in range(turns):
            self.driver.pump()
        return self.said()

    def said(self) -> list[str]:
        return [told(event) for event in self.events]

    def close(self) -> None:
        if self.driver is not None:
            self.driver.close()


class ReaderSuite:
    """The tests every reader passes. A subclass adds the fixture `bench`.

    `reads` is the sentence for CODE, `unplugged` the fault of a pulled cable, `absent` that of a missing one.
    """

    reads: str
    reads_other: str
    unplugged: str
    absent: str

    def test_an_opened_reader_says_that_it_is_ready(self, bench: Bench) -> None:
        bench.plug_in()
        assert bench.states == [DeviceStateChanged(bench.role, Health.READY)]

    def test_a_code_is_read_once(self, bench: Bench) -> None:
        bench.plug_in()
        bench.arm()
        bench.show(CODE)
        assert bench.hears() == [self.reads]
        assert bench.settles() == [self.reads]

    def test_another_code_is_read_after_the_first(self, bench: Bench) -> None:
        bench.plug_in()
        bench.arm()
        bench.show(CODE)
        bench.hears()
        bench.hide()
        bench.settles()
        bench.show(OTHER)
        assert bench.hears(2) == [self.reads, self.reads_other]

    def test_a_disarmed_reader_is_silent(self, bench: Bench) -> None:
        bench.plug_in()
        bench.show(CODE)
        assert bench.settles() == []
        bench.arm()
        bench.disarm()
        bench.hide()
        bench.show(OTHER)
        assert bench.settles() == []

    def test_a_pulled_cable_is_a_fault_by_name_and_the_reader_works_again_after(self, bench: Bench) -> None:
        bench.plug_in()
        bench.arm()
        bench.settles(2)
        bench.cable.unplug()
        with pytest.raises(DriverFault) as fault:
            bench.settles(50)
        assert fault.value.code == self.unplugged
        bench.close()
        with pytest.raises(DriverFault) as fault:
            bench.plug_in()
        assert fault.value.code == self.absent
        bench.cable.plug()
        bench.plug_in()
        bench.arm()
        bench.show(CODE)
        assert bench.hears() == [self.reads]
        assert [state.health for state in bench.states] == [Health.READY, Health.READY]

    def test_bytes_may_come_one_at_a_time(self, bench: Bench) -> None:
        bench.cable.pty.weather = SINGLE
        bench.plug_in()
        bench.arm()
        bench.show(CODE)
        assert bench.hears() == [self.reads]

    def test_a_slow_line_is_no_fault(self, bench: Bench) -> None:
        bench.plug_in()
        bench.cable.pty.weather = Weather(delay_ms=3)
        bench.arm()
        bench.show(CODE)
        assert bench.hears() == [self.reads]

    @pytest.mark.parametrize("weather", [Weather(noise=0.01), Weather(loss=0.01), Weather(noise=0.3, loss=0.1)])
    def test_a_bad_line_never_delivers_a_wrong_code_and_never_crashes(self, bench: Bench, weather: Weather) -> None:
        bench.plug_in()
        bench.arm()
        bench.cable.pty.weather = weather
        faults = []
        for _ in range(3):
            bench.show(CODE)
            try:
                bench.settles(4)
                bench.hide()
                bench.settles(3)
            except DriverFault as fault:
                faults.append(fault.code)
                break
        bench.cable.pty.weather = WHOLE
        codes = [event.text for event in bench.events if isinstance(event, CodeScanned)]
        personal = [text for text in codes if _is_personal(text)]
        assert set(personal) <= {CODE.digits}
        assert all(fault.startswith(self.unplugged[:6]) for fault in faults)

    def test_nothing_secret_is_logged_or_said_in_a_fault(self, bench: Bench) -> None:
        bench.plug_in()
        bench.arm()
        bench.show(CODE)
        bench.hears()
        bench.cable.unplug()
        with pytest.raises(DriverFault) as fault:
            bench.settles(50)
        assert CODE.digits not in f"{bench.log.kept} {fault.value}"

    def test_a_worker_brings_a_pulled_reader_back_still_armed(self, bench: Bench) -> None:
        module = ModuleType("driver")
        module.open = lambda settings, kit: bench.opener(kit)  # type: ignore[attr-defined]
        hand = Hand(HandSpec(bench.role, module, None), RealClock(), bench.log, bench.heard, lambda _: None)
        hand.start()
        try:
            hand.order(Arm((Wanted.PERSONAL,)))
            assert soon(lambda: bool(bench.states))
            bench.cable.unplug()
            assert soon(lambda: len(bench.states) == 2)
            bench.cable.plug()
            assert soon(lambda: len(bench.states) == 3)
            bench.show(CODE)
            assert soon(lambda: bool(bench.events))
        finally:
            hand.stop()
            hand.join()
        assert [state.health for state in bench.states] == [Health.READY, Health.LOST, Health.READY]
        assert bench.states[1].code in (self.unplugged, self.absent)
        assert bench.said() == [self.reads]

    def test_closing_twice_and_closing_without_a_cable_is_quiet(self, bench: Bench) -> None:
        bench.plug_in()
        bench.cable.unplug()
        bench.close()
        bench.close()


def soon(enough: Callable[[], bool], within_s: float = 30.0) -> bool:
    """Whether something becomes so in time; looks often, sleeps little."""
    until = time.monotonic() + within_s
    while not enough():
        if time.monotonic() > until:
            return False
        time.sleep(0.005)
    return True


def _is_personal(text: str) -> bool:
    try:
        PersonalCode.parse(text)
    except ValueError:
        return False
    return True
