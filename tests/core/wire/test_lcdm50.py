"""LCDM id 50: every published frame, both readings of what the sources leave open, and a bad line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.device_errors import Means
from core.wire.lcdm50 import (
    Answer,
    Ask,
    Asked,
    BothOrder,
    Command,
    Count,
    Dialect,
    Dispense,
    Dispensed,
    NoteDelivered,
    NoteRejected,
    Purged,
    Rom,
    StatusReport,
    Unknown,
    command_reader,
    encode,
    encode_reply,
    implausible,
    reply_reader,
)
from core.wire.lcdm50_errors import ERRORS, meaning, why_rejected
from core.wire.lcdm50_sensors import Model, Sensors, Wiring, sensor_bytes, sensors
from core.wire.serial_frames import Acked, BadFrame, Broken, Nacked, Noise
from tests.core.wire.streams import check_flips, check_found_after, check_noise, check_split, frames, heard

COMMANDS: list[tuple[str, Asked]] = [
    ("04 50 02 44 03 11", Ask(Command.PURGE)),
    ("04 50 02 46 03 13", Ask(Command.STATUS)),
    ("04 50 02 47 03 12", Ask(Command.ROM_VERSION)),
    ("04 50 02 45 30 31 03 11", Dispense(upper=1)),
    ("04 50 02 45 31 30 03 11", Dispense(upper=10)),
    ("04 50 02 45 30 35 03 15", Dispense(upper=5)),
    ("04 50 02 45 36 30 03 16", Dispense(upper=60)),
    ("04 50 02 55 30 35 03 05", Dispense(lower=5)),
    ("04 50 02 56 30 33 30 32 03 02", Dispense(3, 2)),
    ("04 50 02 76 03 23", Ask(Command.TEST_UPPER)),
    ("04 50 02 77 03 22", Ask(Command.TEST_LOWER)),
]
UP, BOTH = Command.DISPENSE_UPPER, Command.DISPENSE_BOTH
REPLIES: list[tuple[str, Answer]] = [
    ("01 50 02 44 30 03 24", Purged(0x30)),
    ("01 50 02 44 4E 03 5A", Purged(0x4E)),
    ("01 50 02 46 30 30 80 82 03 14", StatusReport(0x30, 0x80, 0x82)),
    ("01 50 02 46 30 30 C0 82 03 54", StatusReport(0x30, 0xC0, 0x82)),
    ("01 50 02 46 30 30 A0 82 03 34", StatusReport(0x30, 0xA0, 0x82)),
    ("01 50 02 45 31 30 31 30 31 30 30 30 03 14", Dispensed(UP, 0x31, Count(10, 10, 0))),
    ("01 50 02 45 31 31 31 30 31 30 30 31 03 14", Dispensed(UP, 0x31, Count(11, 10, 1))),
    ("01 50 02 45 30 34 30 34 38 31 30 30 03 1C", Dispensed(UP, 0x38, Count(4, 4, 0, low=True))),
    ("01 50 02 45 30 37 30 36 35 30 30 30 03 11", Dispensed(UP, 0x35, Count(7, 6, 0))),
    ("01 50 02 45 30 30 30 30 32 30 30 30 03 17", Dispensed(UP, 0x32, Count(0, 0, 0))),
    (
        "01 50 02 56 30 33 30 33 30 32 30 32 31 30 30 30 30 30 30 03 37",
        Dispensed(BOTH, 0x31, Count(3, 3, 0), Count(2, 2, 0)),
    ),
    (
        "01 50 02 56 30 33 30 33 30 31 30 31 40 30 31 30 30 30 30 03 47",
        Dispensed(BOTH, 0x40, Count(3, 3, 0), Count(1, 1, 0, low=True)),
    ),
    ("01 50 02 47 4F 31 36 54 41 44 32 43 03 7F", Rom("O16T", "AD2C")),
    ("01 50 02 47 54 33 30 54 42 35 36 44 03 11", Rom("T30T", "B56D")),
]
RAW = [bytes.fromhex(raw) for raw, _ in COMMANDS + REPLIES]


@pytest.mark.parametrize(("raw", "asked"), COMMANDS)
def test_known_commands_are_written_and_read(raw: str, asked: Asked) -> None:
    assert encode(asked) == bytes.fromhex(raw)
    assert command_reader().feed(bytes.fromhex(raw)) == (asked,)


@pytest.mark.parametrize(("raw", "reply"), REPLIES)
def test_known_replies_are_written_and_read(raw: str, reply: Answer) -> None:
    assert encode_reply(reply) == bytes.fromhex(raw)
    assert reply_reader().feed(bytes.fromhex(raw)) == (reply,)


@pytest.mark.parametrize("order", list(BothOrder))
def test_both_orders_of_the_double_count_are_spoken(order: BothOrder) -> None:
    reply = Dispensed(BOTH, 0x31, Count(5, 3, 2), Count(4, 4, 0, low=True))
    raw = encode_reply(reply, Dialect(order))
    assert reply_reader(Dialect(order)).feed(raw) == (reply,)
    assert raw[4:12] == {BothOrder.BY_PLACE: b"05030404", BothOrder.BY_KIND: b"05040304"}[order]


@pytest.mark.parametrize("reply", [Dispensed(Command.DISPENSE_LOWER, 0x31, lower=Count(2, 2, 0)),
                                   Dispensed(Command.TEST_UPPER, 0x31, upper=Count(1, 0, 1)),
                                   Dispensed(Command.TEST_LOWER, 0x31, lower=Count(1, 0, 1)),
                                   NoteDelivered(0x31), NoteRejected(0x38), Unknown(b"\x4c\x01\x02")])  # fmt: skip
def test_the_other_replies_come_back_as_they_were_written(reply: Answer) -> None:
    assert reply_reader().feed(encode_reply(reply)) == (reply,)


def test_an_unknown_command_reaches_the_device_whole() -> None:
    raw = encode(Unknown(b"\x4c\x30"))
    assert command_reader().feed(raw) == (Unknown(b"\x4c\x30"),)


@pytest.mark.parametrize("asked", [Dispense(), Dispense(upper=0), Dispense(upper=61), Dispense(lower=-1),
                                   Dispense(0, 0), Dispense(30, 31), Dispense(61, -1), Ask(UP)])  # fmt: skip
def test_a_count_no_command_may_carry_is_refused(asked: Asked) -> None:
    with pytest.raises(BadFrame):
        encode(asked)


@pytest.mark.parametrize(
    "reply",
    [Dispensed(UP, 0x31), Dispensed(UP, 0x31, lower=Count(1, 1, 0)),
     Dispensed(UP, 0x31, Count(1, 1, 0), Count(1, 1, 0)),
     Dispensed(Command.PURGE, 0x31, lower=Count(1, 1, 0)), Dispensed(UP, 0x31, Count(100, 1, 0)),
     Rom("O16", "AD2C"), Rom("O16T", "AD2")],
)  # fmt: skip
def test_a_reply_that_fits_no_frame_is_refused(reply: Answer) -> None:
    with pytest.raises(BadFrame):
        encode_reply(reply)


def test_the_device_hears_an_order_it_must_refuse() -> None:
    raw = bytes.fromhex("04 50 02 45 39 39 03")
    assert command_reader().feed(raw + bytes([0x10])) == (Dispense(upper=99),)


@pytest.mark.parametrize(("make", "body"), [(command_reader, b"\x45\x30\x3a"), (command_reader, b"\x560\x3a00"),
                                            (command_reader, b"\x5600\x3a0")])  # fmt: skip
def test_digits_that_are_none_are_refused_in_a_command(make: object, body: bytes) -> None:
    events = command_reader().feed(encode(Unknown(body)))
    assert isinstance(events[0], Broken)
    assert events[0].reason == "digits"
    assert len(events) == 1


@pytest.mark.parametrize("body", [b"\x451\x3a101000", b"\x4510101200", b"\x5603030202100000\x3a",
                                  b"\x56030302021200000", b"\x47O16\x00AD2C"])  # fmt: skip
def test_digits_that_are_none_are_refused_in_a_reply(body: bytes) -> None:
    events = reply_reader().feed(encode_reply(Unknown(body)))
    assert [event.reason for event in events if isinstance(event, Broken)] == ["digits"]


def test_ack_and_nak_stand_between_frames() -> None:
    raw = bytes([0x06]) + RAW[-1] + bytes([0x15])
    assert reply_reader().feed(raw) == (Acked(), REPLIES[-1][1], Nacked())


def test_a_nak_inside_a_spoilt_frame_is_never_a_nak() -> None:
    # Its BCC is NAK. Taken for one, it would permit the command to be sent again.
    raw = bytes.fromhex("05 50 02 45 30 35 03 15")
    assert not frames(heard(command_reader, raw))
    reader = reply_reader()
    assert reader.feed(b"\x81\x15") == (Noise(0x81), Noise(0x15))
    reader.quiet()
    assert reader.feed(b"\x15") == (Nacked(),)


def test_after_a_spoilt_frame_the_repeated_one_is_read_and_the_line_is_clean_again() -> None:
    raw = bytearray(RAW[-1])
    raw[5] ^= 1
    events = reply_reader().feed(bytes(raw) + RAW[-1] + b"\x06\x01\x8d\x31")
    assert events == (Broken("checksum", bytes(raw)), REPLIES[-1][1], Acked(), NoteDelivered(0x31))


def test_an_item_is_not_believed_on_a_disturbed_line() -> None:
    assert frames(heard(reply_reader, b"\x77\x01\x8d\x31")) == []


def test_silence_in_the_middle_of_a_frame_names_it() -> None:
    assert heard(reply_reader, RAW[-1][:5]) == (Broken("unfinished", RAW[-1][:5]),)
    assert heard(reply_reader, b"\x01\x8d") == (Broken("unfinished", b"\x01\x8d"),)
    assert heard(reply_reader, b"\x01\x50\x03") == (Broken("shape", b"\x01\x50\x03"),)
    assert heard(reply_reader, b"\x01\x30") == (Noise(1), Noise(0x30))


@pytest.mark.parametrize("raw", RAW)
def test_no_flipped_bit_is_believed(raw: bytes) -> None:
    if raw[0] == 1:
        check_flips(reply_reader, raw)
        return
    # 04 with one bit flipped is 06, an ACK: no device waits for one when a command begins. The rest is noise.
    check_flips(command_reader, raw[1:])
    assert frames(heard(command_reader, bytes([0x06]) + raw[1:])) == [Acked()]
    for spoilt in (bytes([raw[0], *raw[1:at], raw[at] ^ 1 << bit, *raw[at + 1 :]]) for at in range(1, len(raw))
                   for bit in range(8)):  # fmt: skip
        assert not frames(heard(command_reader, spoilt))


PIECES = st.lists(
    st.one_of(st.sampled_from([*RAW, b"\x06", b"\x15", b"\x01\x8d\x31"]), st.binary(max_size=9)), max_size=7
)


@given(PIECES, st.lists(st.integers(1, 20), max_size=12))
def test_any_split_gives_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    check_split(reply_reader, b"".join(pieces), cuts)
    check_split(command_reader, b"".join(pieces), cuts)


@given(st.binary(max_size=400))
def test_noise_raises_nothing_and_is_not_kept(noise: bytes) -> None:
    check_noise(reply_reader, noise, 64)
    check_noise(command_reader, noise, 64)
    check_found_after(reply_reader, noise, RAW[-1], REPLIES[-1][1])


NUMBER = st.integers(0, 99)
COUNTS = st.builds(Count, NUMBER, NUMBER, NUMBER, st.booleans())


@given(COUNTS, COUNTS, st.integers(0x20, 0x7E), st.sampled_from(BothOrder))
def test_what_is_written_is_read(upper: Count, lower: Count, error: int, order: BothOrder) -> None:
    reply = Dispensed(BOTH, error, upper, lower)
    assert reply_reader(Dialect(order)).feed(encode_reply(reply, Dialect(order))) == (reply,)


def test_a_count_says_what_is_on_the_path() -> None:
    assert Count(7, 6, 0).on_path == 1
    assert Count(7, 6, 0).used == 7
    assert Count(3, 4, 0).on_path == 0


@pytest.mark.parametrize(
    ("asked", "reply", "why"),
    [
        (Dispense(10), Dispensed(UP, 0x31, Count(10, 10, 0)), None),
        (Dispense(10), Dispensed(UP, 0x31, Count(11, 11, 0)), "more"),
        (Dispense(lower=1), Dispensed(Command.DISPENSE_LOWER, 0x31, lower=Count(1, 1, 0)), None),
        (Dispense(3, 2), Dispensed(BOTH, 0x31, Count(3, 3, 0), Count(3, 3, 0)), "more"),
        (Dispense(10), Dispensed(BOTH, 0x31, Count(3, 3, 0), Count(2, 2, 0)), "command"),
        (Ask(Command.STATUS), StatusReport(0x30, 0x80, 0x82), None),
        (Ask(Command.PURGE), Purged(0x30), None),
        (Ask(Command.ROM_VERSION), Rom("O16T", "AD2C"), None),
        (Ask(Command.STATUS), Purged(0x30), "command"),
        (Ask(Command.TEST_UPPER), Dispensed(Command.TEST_UPPER, 0x31, Count(1, 0, 1)), None),
        (Ask(Command.TEST_UPPER), Dispensed(Command.TEST_UPPER, 0x31, Count(1, 1, 0)), "more"),
        (Ask(Command.TEST_UPPER), Dispensed(Command.TEST_LOWER, 0x31, lower=Count(1, 0, 1)), "command"),
    ],
)
def test_a_reply_is_compared_with_what_was_asked(asked: Asked, reply: Answer, why: str | None) -> None:
    assert implausible(reply, asked) == why


def test_an_unlisted_error_is_a_doubt() -> None:
    assert meaning(0x31).means is Means.GOOD
    assert meaning(0x99).means is Means.DOUBT
    assert why_rejected(0x38).name == "skew"
    assert why_rejected(0x00).means is Means.DOUBT
    assert {code for code, row in ERRORS.items() if row.means is Means.GOOD} == {0x30, 0x31}


def test_sensors_of_the_published_status_bytes() -> None:
    assert sensors(StatusReport(0x30, 0x80, 0x82)) == Sensors()
    assert sensors(StatusReport(0x30, 0xC0, 0x82)) == Sensors(upper_low=True)
    assert sensors(StatusReport(0x30, 0xA0, 0x82)) == Sensors(("EXIT",))
    assert not sensors(StatusReport(0x30, 0x80, 0x82), Wiring(present_bit=False)).upper_present


@given(
    st.lists(st.sampled_from(["CHK1", "CHK2", "DIV1", "DIV2", "EJT", "EXIT", "CHK3", "CHK4"]), unique=True),
    st.tuples(*[st.booleans()] * 6),
    st.builds(Wiring, st.sampled_from(Model), st.booleans(), st.booleans()),
)
def test_sensor_bytes_come_back_whichever_way_the_bits_are_wired(
    names: list[str], flags: tuple[bool, ...], wiring: Wiring
) -> None:
    order = ("CHK1", "CHK2", "DIV1", "DIV2", "EJT", "EXIT", "CHK3", "CHK4")
    seen = Sensors(tuple(name for name in order if name in names), *flags)
    if wiring.model is Model.LCDM_1000:
        seen = Sensors(
            tuple(name for name in seen.blocked if name not in ("CHK3", "CHK4")), *flags[:3], solenoid=flags[5]
        )
    first, second = sensor_bytes(seen, wiring)
    assert first & 0x80
    assert sensors(StatusReport(0x30, first, second), wiring) == seen
