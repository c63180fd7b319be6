"""F53/F56: every published block, the counts of every reply, what is open tried both ways, and a bad line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.device_errors import Means
from core.wire.f56 import ACKED, DATA_MAX, ENQUIRY, NACKED, Block, Enquiry, block, reader
from core.wire.f56_blocks import decode, decode_reply, encode, encode_reply, implausible
from core.wire.f56_errors import meaning
from core.wire.f56_messages import (
    ENHANCED_SIZES,
    WAIT_REMOVED,
    Answer,
    Asked,
    AskStatus,
    CassetteRegister,
    Class,
    Count,
    Detail,
    Dialect,
    Enhanced,
    EnhancedAsk,
    Init,
    Other,
    Reply,
    Undefined,
    digits,
    lengths_of,
    number,
)
from core.wire.serial_frames import Acked, BadFrame, Broken, Nacked, Noise
from tests.core.wire.streams import bits, check_found_after, check_noise, check_split, frames, heard

LIMITS = "30 B4 30 B4 30 B4 30 B4 03 03 03 03"
NONE = "30 30 30 30 30 30 30 30"
COMMANDS: list[tuple[str, Asked]] = [
    ("10 02 00 03 00 01 1C 10 03 FA 97", AskStatus()),
    (
        "10 02 00 11 60 02 0D 00 9E 8A A4 90 00 00 00 00 0D 0D 0D 0D 1C 10 03 C6 3E",
        Init((lengths_of(148), lengths_of(154), (0, 0), (0, 0)), (13,) * 4),
    ),
    (f"10 02 00 19 60 03 15 E4 30 33 30 B2 30 30 30 30 {LIMITS} 1C 10 03 66 48", Count((3, 2, 0, 0))),
    (f"10 02 00 19 60 03 15 E4 B2 30 30 30 30 30 30 30 {LIMITS} 1C 10 03 A4 0B", Count((20, 0, 0, 0))),
    ("10 02 00 08 60 01 FF 00 00 01 00 1C 10 03 C8 72", EnhancedAsk(Enhanced.STATUS)),
    ("10 02 00 08 60 10 FF 00 00 01 00 1C 10 03 A1 C0", EnhancedAsk(Enhanced.CANCEL)),
    ("10 02 00 11 60 14 FF 00 00 0A 1F 1F 1F 1F 1F 1F 00 00 1F 00 1C 10 03 87 EA", WAIT_REMOVED),
    (
        f"10 02 00 33 60 03 FF 00 00 2C FE DC BA 98 30 33 30 B2 30 30 30 30 {LIMITS} {NONE} {LIMITS} 1C 10 03 6D DD",
        Count((3, 2, 0, 0, 0, 0, 0, 0)),
    ),
]
UNDEFINED = "10 02 00 06 F0 00 02 E1 00 1C 10 03 4C 48"


def data_of(raw: str) -> bytes:
    (event,) = reader().feed(bytes.fromhex(raw))
    assert isinstance(event, Block)
    return event.data


@pytest.mark.parametrize(("raw", "asked"), COMMANDS)
def test_known_commands_are_written_and_read(raw: str, asked: Asked) -> None:
    assert block(encode(asked)) == bytes.fromhex(raw)
    assert decode(data_of(raw)) == asked


def test_the_published_reply_is_written_and_read() -> None:
    assert block(encode_reply(Undefined(0xE1, 0))) == bytes.fromhex(UNDEFINED)
    assert decode_reply(data_of(UNDEFINED)) == Undefined(0xE1, 0)


def test_the_parity_digits_are_the_published_ones() -> None:
    expected = bytes.fromhex("30 B1 B2 33 B4 35 36 B7 B8 39")
    assert b"".join(digits(digit)[1:] for digit in range(10)) == expected
    assert [number(digits(count)) for count in range(100)] == list(range(100))
    assert number(b"17") == 17, "a device that leaves the parity out is understood"
    assert number(b"1\xff") is None
    assert number(b"1") is None
    with pytest.raises(BadFrame):
        digits(100)


@pytest.mark.parametrize(("mm", "pair"), [(136, "92 7E"), (142, "98 84"), (148, "9E 8A"), (154, "A4 90")])
def test_the_lengths_of_korean_notes(mm: int, pair: str) -> None:
    assert bytes(lengths_of(mm)) == bytes.fromhex(pair)


@pytest.mark.parametrize(
    "asked",
    [Count((0, 0, 0, 0)), Count((21, 0, 0, 0)), Count((-1, 2, 0, 0)), Count((1, 2)), Count((1, 0, 0, 0), rejects=100),
     Init(((1, 2),), (1,) * 4), Init(((1, 2),) * 4, (1,) * 3), Init(((256, 2),) * 4, (1,) * 4)],
)  # fmt: skip
def test_what_no_command_may_carry_is_refused(asked: Asked) -> None:
    with pytest.raises(BadFrame):
        encode(asked)


@pytest.mark.parametrize("reply", [Answer(4, enhanced=False), Answer(Enhanced.AUTO_REJECT_COUNT, enhanced=True)])
def test_a_reply_of_unknown_length_is_not_made_up(reply: Answer) -> None:
    with pytest.raises(BadFrame):
        encode_reply(reply)


@pytest.mark.parametrize("data", [b"", bytes(DATA_MAX + 1)])
def test_a_block_has_a_size(data: bytes) -> None:
    with pytest.raises(BadFrame):
        block(data)


WHOLE_COUNT = encode(Count((3, 2, 0, 0)))
EIGHT = encode(Count((3, 2, 0, 0, 1, 0, 0, 0)))


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01", b"\x60\x02\x0d" + bytes(14), WHOLE_COUNT[:4] + b"xx" + WHOLE_COUNT[6:], WHOLE_COUNT[:-1] + b"\0",
     WHOLE_COUNT[:12] + digits(5) + WHOLE_COUNT[14:], WHOLE_COUNT[:-2] + b"\x04\x1c",
     WHOLE_COUNT[:12] + b"xxxxxxxx" + WHOLE_COUNT[20:], EIGHT[:6] + b"\0" + EIGHT[7:], EIGHT[:10] + b"\0" + EIGHT[11:],
     b"\x60\x77" + EIGHT[2:], b"\x60\x01\xff\x00\x00\x02\x00\x1c", b"\x60\x03\xff\x00\x00\x01\x00\x1c"],
)  # fmt: skip
def test_a_command_of_unknown_layout_is_other(data: bytes) -> None:
    assert decode(data) == Other(data)
    assert encode(Other(data)) == data


@pytest.mark.parametrize(
    "data",
    [b"\x00\x01", b"\xe1\x03\xff\x00" + bytes(9), b"\xe0\x02\x33" + bytes(51) + b"\x1c",
     b"\xe1\x02\x34" + bytes(52) + b"\x1c", b"\xe0\x02\x34" + bytes(53), b"\xe0\x09\x34" + bytes(52) + b"\x1c",
     b"\xe0\x01\xff\x00\x00\x01\x00\x1c", b"\x60\x01\xff\x00\x00\x54" + bytes(84) + b"\x1c",
     b"\xe0\x11\xff\x00\x00\x01\x00\x1c"],
)  # fmt: skip
def test_a_reply_of_unknown_layout_is_other(data: bytes) -> None:
    assert decode_reply(data) == Other(data)
    assert encode_reply(Other(data)) == data


SMALL = st.integers(0, 99)
FOUR = st.tuples(*[SMALL] * 4)
BYTE = st.integers(0, 255)
SENSORS = st.binary(min_size=6, max_size=6)


@given(st.booleans(), BYTE, BYTE, SENSORS, FOUR | st.none(), FOUR | st.none())
def test_a_conventional_count_comes_back_also_when_it_failed(
    failed: bool, error: int, detail: int, sensors: bytes, out: tuple[int, ...] | None, back: tuple[int, ...] | None
) -> None:
    reply = Answer(3, False, failed, error, detail, sensors, out, back)
    data = encode_reply(reply)
    assert len(data) == 157
    assert decode_reply(data) == reply


@given(st.sampled_from([1, 2]), st.booleans(), BYTE, SENSORS, st.integers(0, 0xEF), st.integers(0x10, 0x60))
def test_a_conventional_status_or_init_comes_back(
    command: int, failed: bool, error: int, sensors: bytes, head: int, size: int
) -> None:
    reply = Answer(command, False, failed, error, 0, sensors)
    assert decode_reply(encode_reply(reply, Dialect(head, size))) == reply
    assert reply.at_exit is bool(sensors[2] & 0x10)


REGISTER = st.builds(CassetteRegister, *[st.booleans()] * 3, magnets=st.integers(0, 15))
ANSWERS = st.builds(
    Answer, st.sampled_from([int(command) for command in ENHANCED_SIZES]), st.just(True), st.booleans(), BYTE, BYTE,
    SENSORS, st.none(), st.none(), st.binary(min_size=4, max_size=4), BYTE.map(Class), BYTE.map(Detail), BYTE,
    st.tuples(*[REGISTER] * 4),
)  # fmt: skip


@given(ANSWERS, st.tuples(*[SMALL] * 8), st.tuples(*[SMALL] * 8), st.booleans())
def test_an_enhanced_reply_comes_back(
    bare: Answer, out: tuple[int, ...], back: tuple[int, ...], available: bool
) -> None:
    from dataclasses import replace

    counted = bare.command == Enhanced.COUNT and available
    reply = replace(bare, dispensed=out, rejected=back) if counted else bare
    data = encode_reply(reply)
    assert len(data) == ENHANCED_SIZES[bare.command]
    assert decode_reply(data) == reply
    assert [event.data for event in frames(reader().feed(block(data)))] == [data]


def test_a_count_without_digits_is_none_and_not_zero() -> None:
    reply = decode_reply(encode_reply(Answer(3, enhanced=False, failed=True, error=0xFC)))
    assert isinstance(reply, Answer)
    assert reply.dispensed is None
    assert meaning(reply.error).name == "count_not_available"
    assert meaning(reply.error).means is meaning(0xFD).means is meaning(0x01).means is Means.DOUBT


@pytest.mark.parametrize(
    ("asked", "reply", "why"),
    [
        (Count((3, 2, 0, 0)), Answer(3, False, dispensed=(3, 2, 0, 0), rejected=(0,) * 4), None),
        (Count((3, 2, 0, 0)), Answer(3, False, dispensed=(2, 3, 0, 0), rejected=(0,) * 4), "more"),
        (Count((3, 2, 0, 0)), Answer(3, False, failed=True, error=0xFC), None),
        (Count((1,) * 8), Answer(3, True, dispensed=(1,) * 8, rejected=(0,) * 8), None),
        (Count((1,) * 8), Answer(3, False, dispensed=(1,) * 4), "command"),
        (AskStatus(), Answer(1, False), None),
        (AskStatus(), Answer(2, False), "command"),
        (AskStatus(), Other(b"x"), "command"),
        (AskStatus(), Undefined(0xE1, 0), None),
    ],
)
def test_a_reply_is_compared_with_what_was_asked(asked: Asked, reply: Reply, why: str | None) -> None:
    assert implausible(reply, asked) == why


RAW = [bytes.fromhex(raw) for raw, _ in COMMANDS] + [bytes.fromhex(UNDEFINED)]


def test_a_whole_exchange_is_heard() -> None:
    raw = ENQUIRY + RAW[0] + ACKED + NACKED + ENQUIRY
    assert reader().feed(raw) == (Enquiry(), Block(encode(AskStatus())), Acked(), Nacked(), Enquiry())


def test_a_raw_10_inside_the_counted_data_ends_nothing() -> None:
    data = bytes.fromhex("10 03 10 02 10 15 10 06")
    assert reader().feed(block(data)) == (Block(data),)
    spoilt = bytearray(block(data))
    spoilt[-1] ^= 1
    assert reader().feed(bytes(spoilt)) == (Broken("checksum", bytes(spoilt)),)


@pytest.mark.parametrize(
    ("raw", "reason"), [("10 02 00 00", "shape"), ("10 02 FF FF", "shape"), ("10 02 00 01 00 10 04 00 00", "shape")]
)
def test_a_block_that_cannot_be_is_named(raw: str, reason: str) -> None:
    events = reader().feed(bytes.fromhex(raw))
    assert isinstance(events[0], Broken)
    assert events[0].reason == reason


def test_a_lone_dle_is_noise() -> None:
    assert reader().feed(b"\x10\x77") == (Noise(0x10), Noise(0x77))


@pytest.mark.parametrize("raw", RAW)
def test_no_flipped_bit_is_believed(raw: bytes) -> None:
    for spoilt in bits(raw):
        # 10 02 with one bit flipped is 10 06, an ACK: nobody who awaits a block takes one.
        assert frames(heard(reader, spoilt)) == ([Acked()] if spoilt[:2] == ACKED else [])


def test_one_bit_makes_an_enquiry_a_nak_which_is_why_the_parity_of_the_line_must_be_checked() -> None:
    assert ENQUIRY[1] ^ NACKED[1] == 0x10


PIECES = st.lists(st.one_of(st.sampled_from([*RAW, ENQUIRY, ACKED, NACKED]), st.binary(max_size=9)), max_size=6)


@given(PIECES, st.lists(st.integers(1, 30), max_size=12))
def test_any_split_gives_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    check_split(reader, b"".join(pieces), cuts)


@given(st.binary(max_size=400) | st.binary(max_size=200).map(lambda tail: b"\x10\x02\x00\x40" + tail))
def test_noise_raises_nothing_and_is_not_kept(noise: bytes) -> None:
    check_noise(reader, noise, DATA_MAX + 8)
    check_found_after(reader, noise, RAW[0], Block(encode(AskStatus())))


@given(st.binary(max_size=60))
def test_any_data_is_read_without_an_error(data: bytes) -> None:
    assert encode(decode(data)) == data or isinstance(decode(data), Other | Count)
    decode_reply(data)
