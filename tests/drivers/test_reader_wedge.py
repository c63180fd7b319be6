"""The hand scanner: key records into texts, exclusively, once each."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.code import PersonalCode
from core.effects import Arm, Disarm, Wanted
from core.events import CodeScanned, Source, Symbology
from core.faults import scanner as faults
from core.ports import DriverFault
from core.settings import BadSetting, fill
from drivers import reader_wedge
from drivers.reader_wedge import KEYS, TEXT_MAX, Host, Settings, classify
from sim.peers.pipe import Unplugged
from sim.peers.wedge import PLAIN, RECORD, SHIFTED, NoSuchKey, Scanner, keys
from tests.drivers.reader_suite import CODE, OTHER, Bench, ReaderSuite


@pytest.fixture
def wedge(tmp_path: Path) -> Iterator[Bench]:
    scanner = Scanner(tmp_path / "event0")
    settings = Settings(str(scanner.pty.link), grab=False)
    hands: list[threading.Thread] = []

    def show(code: PersonalCode) -> None:
        hands.append(scanning(scanner, code.digits))

    bench = Bench(lambda kit: reader_wedge.open(settings, kit), scanner, show, lambda: None, "scanner")
    yield bench
    bench.close()
    scanner.close()
    for hand in hands:
        hand.join()


def scanning(scanner: Scanner, text: str) -> threading.Thread:
    """Somebody scans: the keys come while the driver has its turns."""

    def pull() -> None:
        with contextlib.suppress(Unplugged):
            scanner.scan(text)

    hand = threading.Thread(target=pull)
    hand.start()
    return hand


class TestWedgeAsAnyReader(ReaderSuite):
    reads = f"scanner read {CODE.digits} as other"
    reads_other = f"scanner read {OTHER.digits} as other"
    unplugged = faults.UNPLUGGED
    absent = faults.ABSENT

    @pytest.fixture
    def bench(self, wedge: Bench) -> Bench:
        return wedge


def armed(key_gap_ms: int = 250, repeat_ms: int = 700) -> Host:
    host = Host(key_gap_ms, repeat_ms)
    host.order(Arm((Wanted.PERSONAL, Wanted.PRODUCT)))
    return host


def texts(host: Host, data: bytes, now_ms: int = 1_000) -> list[str]:
    return [scan.text for scan in host.feed(data, now_ms)]


def test_every_key_of_a_us_keyboard_is_the_same_at_both_ends() -> None:
    assert {low: code for code, (low, _) in KEYS.items() if code in set(PLAIN.values())} == PLAIN
    assert {high: code for code, (_, high) in KEYS.items() if code in set(SHIFTED.values())} == SHIFTED


@given(st.text(sorted({*PLAIN, *SHIFTED}), min_size=1, max_size=TEXT_MAX).filter(lambda text: text[0] != "]"))
def test_whatever_can_be_typed_is_read(text: str) -> None:
    assert texts(armed(), keys(text)) == [text]


@given(st.lists(st.integers(1, 60), max_size=40))
def test_any_split_of_the_records_gives_the_same_text(cuts: list[int]) -> None:
    raw, host, out, at = keys("Abc-123/x"), armed(), [], 0
    for cut in cuts:
        out += texts(host, raw[at : at + cut])
        at += cut
    out += texts(host, raw[at:])
    assert out == ["Abc-123/x"]


@pytest.mark.parametrize(
    ("typed", "symbology", "text"),
    [
        ("8801234567893", Symbology.OTHER, "8801234567893"),
        ("]E08801234567893", Symbology.EAN13, "8801234567893"),
        ("]E496385074", Symbology.EAN8, "96385074"),
        ("]C0ABC-1", Symbology.CODE128, "ABC-1"),
        ("]C10104", Symbology.CODE128, "0104"),
        ("]Q1hello", Symbology.QR, "hello"),
        ("]d2matrix", Symbology.OTHER, "matrix"),
        ("]", Symbology.OTHER, "]"),
    ],
)
def test_the_aim_identifier_says_how_a_text_was_carried(typed: str, symbology: Symbology, text: str) -> None:
    assert classify(typed) == CodeScanned(Source.SCANNER, symbology, text)


def test_a_text_longer_than_the_limit_is_dropped_whole_and_counted() -> None:
    host = armed()
    assert texts(host, keys("1" * (TEXT_MAX + 1))) == []
    assert host.discarded == 1
    assert texts(host, keys("1" * TEXT_MAX)) == ["1" * TEXT_MAX]


def test_a_scan_with_a_key_that_is_no_text_is_dropped_whole() -> None:
    control = RECORD.pack(0, 0, 1, 29, 1)
    host = armed()
    assert texts(host, control + keys("]1")) == []
    assert texts(host, keys("12", enter=False) + control + keys("34")) == []
    assert host.discarded == 2
    assert texts(host, keys("5")) == ["5"]


def test_keys_with_a_long_pause_between_them_are_somebody_typing() -> None:
    host = armed(key_gap_ms=250)
    assert texts(host, keys("12", enter=False), 1_000) == []
    assert texts(host, keys("34", enter=False), 1_300) == []
    assert texts(host, keys("56"), 1_500) == ["3456"]


def test_a_scan_begun_before_anybody_asked_is_no_answer() -> None:
    host = Host(250, 700)
    assert texts(host, keys("12", enter=False)) == []
    host.order(Arm((Wanted.PRODUCT,)))
    assert texts(host, keys("34")) == []
    assert texts(host, keys("56")) == ["56"]


def test_a_scan_that_ends_after_disarming_is_no_answer() -> None:
    host = armed()
    texts(host, keys("12", enter=False))
    host.order(Disarm())
    assert texts(host, keys("34")) == []


def test_a_product_seen_twice_at_once_is_one_and_scanned_again_is_two() -> None:
    host = armed(repeat_ms=700)
    assert texts(host, keys("8801234567893"), 1_000) == ["8801234567893"]
    assert texts(host, keys("8801234567893"), 1_500) == []
    assert texts(host, keys("8801234567893"), 2_300) == ["8801234567893"]


def test_a_personal_code_is_delivered_once_each_time_the_readers_are_armed() -> None:
    host = armed()
    assert texts(host, keys(CODE.digits), 1_000) == [CODE.digits]
    assert texts(host, keys(CODE.digits), 9_000) == []
    host.order(Disarm())
    host.order(Arm((Wanted.PERSONAL,)))
    assert texts(host, keys(CODE.digits), 9_100) == [CODE.digits]


def test_being_armed_again_in_the_middle_of_a_scan_spoils_nothing() -> None:
    host = armed()
    texts(host, keys("12", enter=False))
    host.order(Arm((Wanted.PERSONAL,)))
    assert texts(host, keys("34")) == ["1234"]


def test_autorepeat_and_locks_type_nothing() -> None:
    repeat, caps = RECORD.pack(0, 0, 1, 2, 2), RECORD.pack(0, 0, 1, 58, 1)
    assert texts(armed(), caps + keys("1", enter=False) + repeat + keys("2")) == ["12"]


def test_enter_alone_is_nothing() -> None:
    assert texts(armed(), keys("")) == []


def test_a_pipe_is_refused_where_the_scanner_must_be_held_exclusively(tmp_path: Path, wedge: Bench) -> None:
    pipe = tmp_path / "fifo"
    os.mkfifo(pipe)
    for port in (str(pipe), str(wedge.cable.pty.link), "/dev/null"):
        bench = Bench(lambda kit, port=port: reader_wedge.open(Settings(port), kit), None, print, print, "scanner")  # type: ignore[misc]
        with pytest.raises(DriverFault) as fault:
            bench.plug_in()
        assert fault.value.code == faults.NOT_A_KEYBOARD


def test_a_port_that_is_no_path_is_refused() -> None:
    with pytest.raises(BadSetting, match="port"):
        fill(Settings, {"port": "event0"}, file="t.toml")


def test_a_long_scan_comes_whole_through_the_line(wedge: Bench) -> None:
    wedge.plug_in()
    wedge.arm()
    text = "TMP1;Cola;" + "x" * 110
    typing = scanning(wedge.cable, text)
    assert wedge.hears() == [f"scanner read {text} as other"]
    typing.join()


def test_a_dropped_scan_is_one_log_line_without_its_text(wedge: Bench) -> None:
    wedge.plug_in()
    wedge.arm()
    typing = scanning(wedge.cable, "7" * (TEXT_MAX + 2))
    wedge.turns(lambda: bool(wedge.log.kept))
    typing.join()
    assert wedge.log.kept == [("scan_discarded", {"role": "scanner", "scans": 1})]


def test_a_letter_no_keyboard_types_is_refused_by_the_simulated_scanner() -> None:
    with pytest.raises(NoSuchKey):
        keys("한")
