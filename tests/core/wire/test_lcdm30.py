"""LCDM id 30: every published frame, every reading of what the sources leave open, and a bad line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.device_errors import Means
from core.wire.lcdm30 import command_reader, encode, encode_reply, implausible, reply_reader
from core.wire.lcdm30_errors import ERRORS, meaning
from core.wire.lcdm30_messages import (
    SENSORS,
    Ask,
    Asked,
    Command,
    Dialect,
    Dispense,
    Dispensed,
    Done,
    Lengths,
    Paid,
    Place,
    Reply,
    Serial,
    SetLengths,
    StatusReport,
    Unknown,
    slits,
)
from core.wire.serial_frames import Acked, BadFrame, Broken, Ended, Nacked, Noise
from tests.core.wire.streams import bits, check_flips, check_found_after, check_noise, check_split, frames, heard

FILL = "20 20 20 20 20 20 20 20 20"
COMMANDS: list[tuple[str, Asked]] = [
    ("04 30 02 44 03 71", Ask(Command.RESET)),
    ("04 30 02 50 03 65", Ask(Command.STATUS)),
    ("04 30 02 51 03 64", Ask(Command.PURGE)),
    ("04 30 02 55 03 60", Ask(Command.LAST_STATUS)),
    ("04 30 02 67 03 52", Ask(Command.GET_SERIAL)),
    ("04 30 02 5F 03 6A", Ask(Command.GET_LENGTHS)),
    ("04 30 02 71 30 20 20 20 03 54", Ask(Command.VERSION)),
    ("04 30 02 5E 3B 3C 3C 34 30 30 30 30 03 64", SetLengths((slits(148), slits(154), 0, 0))),
    (f"04 30 02 52 23 22 20 20 20 20 {FILL} 03 46", Dispense((3, 2, 0, 0))),
    (f"04 30 02 52 23 22 20 20 1C 35 {FILL} 03 6F", Dispense((3, 2, 0, 0), timeout=5)),
    (f"04 30 02 52 21 20 20 20 20 20 {FILL} 03 46", Dispense((1, 0, 0, 0))),
    (f"04 30 02 52 84 20 20 20 20 20 {FILL} 03 E3", Dispense((100, 0, 0, 0))),
    (f"04 30 02 52 61 20 20 20 20 20 {FILL} 03 06", Dispense((65, 0, 0, 0))),
    ("04 30 02 52 23 22 20 20 20 20 21 03 47", Dispense((3, 2, 0, 0), serial=1)),
]


def paid(*counts: tuple[int, int]) -> tuple[Paid, ...]:
    return (Paid(*counts[0], 0x31), Paid(*counts[1], 0x32), Paid(0, 0), Paid(0, 0))


PAY = Command.DISPENSE
ONE, TWO = Place(present=True, kind=0x31), Place(present=True, kind=0x32)
STATUS = StatusReport(0, (), (ONE, TWO, Place(), Place()))
TAIL = f"30 20 20 30 {FILL}"
REPLIES: list[tuple[str, Reply]] = [
    ("01 30 02 44 20 03 54", Done(Command.RESET, 0)),
    ("01 30 02 51 20 03 41", Done(Command.PURGE, 0)),
    ("01 30 02 51 2E 03 4F", Done(Command.PURGE, 0x0E)),
    ("01 30 02 67 20 25 03 52", Serial(0, 5)),
    (f"01 30 02 52 20 20 23 20 31 22 20 32 20 20 {TAIL} 03 40", Dispensed(PAY, 0, paid((3, 0), (2, 0)))),
    (f"01 30 02 52 20 20 23 20 31 22 21 32 20 20 {TAIL} 03 41", Dispensed(PAY, 0, paid((3, 0), (2, 1)))),
    (f"01 30 02 52 21 20 23 20 31 21 20 32 20 20 {TAIL} 03 42", Dispensed(PAY, 1, paid((3, 0), (1, 0)))),
    (f"01 30 02 52 24 20 22 20 31 20 20 32 20 20 {TAIL} 03 47", Dispensed(PAY, 4, paid((2, 0), (0, 0)))),
    (
        f"01 30 02 55 52 24 20 22 20 31 20 20 32 20 20 {TAIL} 03 12",
        Dispensed(Command.LAST_STATUS, 4, paid((2, 0), (0, 0)), last=PAY),
    ),
    ("01 30 02 50 20 20 24 31 20 20 24 32 20 20 20 30 20 20 20 30 20 20 03 63", STATUS),
]
RAW = [bytes.fromhex(raw) for raw, _ in COMMANDS + REPLIES]
DONE, DONE_RAW = REPLIES[0][1], bytes.fromhex(REPLIES[0][0])


@pytest.mark.parametrize(("raw", "asked"), COMMANDS)
def test_known_commands_are_written_and_read(raw: str, asked: Asked) -> None:
    assert encode(asked) == bytes.fromhex(raw)
    assert command_reader().feed(bytes.fromhex(raw)) == (asked,)


@pytest.mark.parametrize(("raw", "reply"), REPLIES)
def test_known_replies_are_written_and_read(raw: str, reply: Reply) -> None:
    assert encode_reply(reply) == bytes.fromhex(raw)
    assert reply_reader().feed(bytes.fromhex(raw)) == (reply,)


@pytest.mark.parametrize(
    ("won", "mm", "text"), [(1_000, 136, b"\x3a\x3d"), (5_000, 142, b"\x3b\x34"), (10_000, 148, b"\x3b\x3c"),
                            (50_000, 154, b"\x3c\x34")]
)  # fmt: skip
def test_the_lengths_of_korean_notes_in_slits(won: int, mm: int, text: bytes) -> None:
    assert encode(SetLengths((slits(mm), 0, 0, 0)))[4:6] == text, won


@pytest.mark.parametrize("asked", [Ask(Command.SENSORS), Dispense((0, 0, 0, 1), test=True), Unknown(b"\x4c\x20"),
                                   Unknown(b"\x71\x31\x20\x20\x20"),
                                   Dispense((1, 1, 0, 0), serial=0, test=True)])  # fmt: skip
def test_the_other_commands_come_back_as_they_were_written(asked: Asked) -> None:
    assert command_reader().feed(encode(asked)) == (asked,)


@pytest.mark.parametrize("reply", [Done(Command.SET_LENGTHS, 0x31), Lengths(0, (173, 0, 255, 16)),
                                   Unknown(b"\x58\x20\x31"),
                                   Unknown(b"\x4c"), Dispensed(Command.TEST, 0, paid((0, 1), (0, 0)))])  # fmt: skip
def test_the_other_replies_come_back_as_they_were_written(reply: Reply) -> None:
    assert reply_reader().feed(encode_reply(reply)) == (reply,)


@pytest.mark.parametrize(
    "asked",
    [Ask(PAY), Dispense((1, 0, 0)), Dispense((0, 0, 0, 0)), Dispense((101, 0, 0, 0)), Dispense((50, 50, 1, 0)),
     Dispense((-1, 2, 0, 0)), Dispense((1, 0, 0, 0), timeout=0), Dispense((1, 0, 0, 0), timeout=80),
     Dispense((1, 0, 1, 0), serial=1), Dispense((1, 0, 0, 0), timeout=1, serial=1), Dispense((1, 0, 0, 0), serial=224),
     SetLengths((1, 2, 3)), SetLengths((256, 0, 0, 0))],
)  # fmt: skip
def test_what_no_command_may_carry_is_refused(asked: Asked) -> None:
    with pytest.raises(BadFrame):
        encode(asked)


@pytest.mark.parametrize(
    "reply",
    [Done(Command.RESET, -1), Serial(0, 224), Dispensed(PAY, 0, ()), Dispensed(PAY, 0, paid((1, 0), (0, 0)), last=PAY),
     Dispensed(PAY, 0, paid((1, 0), (0, 0)), rest=b""), Dispensed(Command.LAST_STATUS, 0, paid((1, 0), (0, 0))),
     StatusReport(0, (), (ONE,)), StatusReport(0, (), (ONE,) * 4, rest=b"  "),
     StatusReport(0, (), (ONE, TWO, ONE, Place(rest=b"   ")), rest=b"")],
)  # fmt: skip
def test_a_reply_that_fits_no_frame_is_refused(reply: Reply) -> None:
    with pytest.raises(BadFrame):
        encode_reply(reply, Dialect(status_sizes=(24,)))


@pytest.mark.parametrize("body", [b"\x52\x1f" + b"\x20" * 14, b"\x52\x21\x20\x20\x20\x1c\x30" + b"\x20" * 9,
                                  b"\x52\x21\x20\x20\x20\x1d\x31" + b"\x20" * 9, b"\x52\x21\x20\x20\x20\x20\x20\x1f",
                                  b"\x5e\x2f\x30\x30\x30\x30\x30\x30\x30"])  # fmt: skip
def test_numbers_that_are_none_are_refused_in_a_command(body: bytes) -> None:
    events = command_reader().feed(encode(Unknown(body)))
    assert [event.reason for event in events if isinstance(event, Broken)] == ["digits"]


@pytest.mark.parametrize("body", [b"\x44\x1f", b"\x52\x20\x20\x1f" + b"\x20" * 20, b"\x55\x52\x1f" + b"\x20" * 22,
                                  b"\x67\x20\x1f", b"\x5f\x20\x40\x30\x30\x30\x30\x30\x30\x30"])  # fmt: skip
def test_numbers_that_are_none_are_refused_in_a_reply(body: bytes) -> None:
    events = reply_reader().feed(encode_reply(Unknown(body)))
    assert [event.reason for event in events if isinstance(event, Broken)] == ["digits"]


@pytest.mark.parametrize("size", [24, 25])
@pytest.mark.parametrize("offset", [True, False])
def test_both_lengths_of_a_status_and_both_forms_of_its_bits_are_spoken(size: int, offset: bool) -> None:
    dialect = Dialect((size,), offset)
    raw = encode_reply(StatusReport(0, ("EXIT", "SOL"), (ONE, TWO, ONE, Place(True, True, True, True))), dialect)
    assert len(raw) == size
    for reading in (dialect, Dialect(bits_offset=offset)):
        (report,) = reply_reader(reading).feed(raw)
        assert isinstance(report, StatusReport)
        assert report.active == ("EXIT", "SOL")
        assert report.places[3] == Place(True, True, True, True)
    (report,) = reply_reader(Dialect(bits_offset=not offset)).feed(raw)
    assert isinstance(report, StatusReport)
    assert "EXIT" in report.active, "only the solenoid depends on the setting"
    assert report.places[3].low


def test_the_high_bits_of_a_bit_field_are_masked() -> None:
    body = bytearray(bytes.fromhex(REPLIES[-1][0])[3:-2])
    body[2] |= 0xC0
    assert reply_reader().feed(encode_reply(Unknown(bytes(body)))) == (STATUS,)


def test_a_status_byte_may_be_an_etx() -> None:
    dialect = Dialect(bits_offset=False)
    status = StatusReport(0, ("DVTL", "DVTR"), (Place(True, True), TWO, Place(), Place()))
    raw = encode_reply(status, dialect)
    assert raw[5] == raw[6] == 0x03
    assert reply_reader(dialect).feed(raw) == (status,)


def test_a_whole_exchange_with_its_eot_and_a_stray_ff() -> None:
    events = reply_reader().feed(b"\xff\x06" + DONE_RAW + b"\x04\xff\x15")
    assert events == (Noise(0xFF), Acked(), DONE, Ended(), Noise(0xFF), Nacked())


def test_a_control_byte_behind_noise_is_not_believed() -> None:
    assert not frames(heard(reply_reader, b"\x81\x15\x04\x06"))
    assert not frames(heard(command_reader, b"\x81\x15\x06"))


@pytest.mark.parametrize("raw", RAW)
def test_no_flipped_bit_is_believed(raw: bytes) -> None:
    if raw[0] == 1:
        check_flips(reply_reader, raw)
        return
    for spoilt in bits(raw):  # 04 with one bit flipped is 06, an ACK nobody waits for when a command begins
        assert frames(heard(command_reader, spoilt)) == ([Acked()] if spoilt[0] == 6 else [])


PIECES = st.lists(
    st.one_of(st.sampled_from([*RAW, b"\x06", b"\x15", b"\x04", b"\xff"]), st.binary(max_size=9)), max_size=7
)


@given(PIECES, st.lists(st.integers(1, 20), max_size=12))
def test_any_split_gives_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    check_split(reply_reader, b"".join(pieces), cuts)
    check_split(command_reader, b"".join(pieces), cuts)


@given(st.binary(max_size=400))
def test_noise_raises_nothing_and_is_not_kept(noise: bytes) -> None:
    check_noise(reply_reader, noise, 64)
    check_noise(command_reader, noise, 64)
    check_found_after(reply_reader, noise, DONE_RAW, DONE)


NUMBER = st.integers(0, 0xDF)
PAID = st.tuples(*[st.builds(Paid, NUMBER, NUMBER, st.integers(0, 255))] * 4)
PLACE = st.builds(Place, *[st.booleans()] * 4, kind=st.integers(0, 255), rest=st.binary(min_size=2, max_size=2))


@given(PAID, NUMBER, st.integers(0, 255), st.binary(min_size=9, max_size=9), st.none() | st.integers(0, 255))
def test_what_is_written_of_a_dispense_is_read(
    four: tuple[Paid, ...], error: int, misc: int, rest: bytes, last: int | None
) -> None:
    reply = Dispensed(PAY if last is None else Command.LAST_STATUS, error, four, last, misc, rest)
    assert reply_reader().feed(encode_reply(reply)) == (reply,)


@given(st.lists(st.sampled_from(SENSORS), unique=True), st.tuples(*[PLACE] * 4), NUMBER, st.booleans())
def test_what_is_written_of_a_status_is_read(
    names: list[str], four: tuple[Place, ...], error: int, offset: bool
) -> None:
    status = StatusReport(error, tuple(name for name in SENSORS if name in names), four)
    dialect = Dialect((24,), offset)
    assert reply_reader(dialect).feed(encode_reply(status, dialect)) == (status,)


@pytest.mark.parametrize(
    ("asked", "reply", "why"),
    [
        (Dispense((3, 2, 0, 0)), Dispensed(PAY, 0, paid((3, 0), (2, 0))), None),
        (Dispense((3, 2, 0, 0)), Dispensed(PAY, 0, paid((2, 0), (3, 0))), "more"),
        (Dispense((3, 2, 0, 0)), Dispensed(Command.LAST_STATUS, 0, paid((3, 0), (2, 0)), last=PAY), "command"),
        (Dispense((3, 0, 0, 0), test=True), Dispensed(Command.TEST, 0, paid((0, 3), (0, 0))), None),
        (Dispense((3, 0, 0, 0), test=True), Dispensed(Command.TEST, 0, paid((1, 2), (0, 0))), "more"),
        (Ask(Command.STATUS), STATUS, None),
        (Ask(Command.GET_LENGTHS), Lengths(0, (0, 0, 0, 0)), None),
        (Ask(Command.GET_SERIAL), Serial(0, 5), None),
        (SetLengths((0, 0, 0, 0)), Done(Command.SET_LENGTHS, 0), None),
        (Unknown(b"\x4c"), Unknown(b"\x4c\x20"), None),
    ],
)
def test_a_reply_is_compared_with_what_was_asked(asked: Asked, reply: Reply, why: str | None) -> None:
    assert implausible(reply, asked) == why


def test_codes_after_which_more_may_have_left_are_doubts() -> None:
    assert meaning(0).means is Means.GOOD
    assert meaning(0x7F).means is Means.DOUBT
    for code in (0x06, 0x07, 0x08, 0x0C, 0x29, 0x40, 0x41, 0x42, 0x43):
        assert meaning(code).means is Means.DOUBT
    assert {code for code, row in ERRORS.items() if row.means is Means.GOOD} == {0}
