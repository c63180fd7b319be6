"""ccTalk: every published frame with both checks, the echo of the shared wire, lost replies, and a bad line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.cctalk import BILL_VALIDATOR, BusReader, Check, Message, encode
from core.wire.cctalk_errors import HOPPER, bill_event, hopper_flag
from core.wire.cctalk_messages import (
    BillEvent,
    BillEvents,
    DispenseCoins,
    Header,
    HopperStatus,
    Route,
    answer,
    ask,
    enable,
    flag_bytes,
    flags,
    next_counter,
    route,
    taken,
    three,
    three_of,
)
from core.wire.device_errors import Means
from core.wire.serial_frames import BadFrame, Broken
from tests.core.wire.streams import bits, frames

POLL = ask(Header.POLL)
BILL_POLL = ask(Header.POLL, dest=BILL_VALIDATOR)


def reply(data: str = "", header: Header = Header.REPLY, src: int = 3) -> Message:
    return Message(1, header, bytes.fromhex(data), src)


def coins(data: str) -> Message:
    return reply(HopperStatus(*bytes.fromhex(data)).data.hex())


def events(counter: int, *pairs: tuple[int, int]) -> Message:
    five = (*(BillEvent(*pair) for pair in pairs), *[BillEvent(0, 0)] * (5 - len(pairs)))
    return reply(BillEvents(counter, five).data.hex(), src=BILL_VALIDATOR)


SUM: list[tuple[str, Message]] = [
    ("03 00 01 FE FE", POLL),
    ("01 00 03 00 FC", answer(POLL)),
    ("01 00 03 05 F7", answer(POLL, header=Header.NAK)),
    ("01 00 03 06 F6", answer(POLL, header=Header.BUSY)),
    ("03 01 01 A4 A5 B2", enable(True)),
    ("03 01 01 A4 00 57", enable(False)),
    ("03 00 01 A3 59", ask(Header.TEST)),
    ("01 02 03 00 80 80 FA", reply(flag_bytes(frozenset({7, 15})).hex())),
    ("03 00 01 A0 5C", ask(Header.CIPHER_KEY)),
    ("01 08 03 00 61 A2 39 42 70 E6 4C 0B C9", reply("61 A2 39 42 70 E6 4C 0B")),
    ("03 09 01 A7 00 00 00 00 00 00 00 00 05 47", DispenseCoins(5).message()),
    ("01 01 03 00 08 F3", reply("08")),
    ("03 04 01 A7 DF D7 0A 01 90", DispenseCoins(1, 710623).message()),
    ("01 01 03 00 01 FA", reply("01")),
    ("03 00 01 A6 56", ask(Header.STATUS)),
    ("01 04 03 00 08 03 02 00 EB", coins("08 03 02 00")),
    ("01 04 03 00 08 00 05 00 EB", coins("08 00 05 00")),
    ("01 04 03 00 08 00 03 02 EB", coins("08 00 03 02")),
    ("01 04 03 00 00 00 07 03 EE", coins("00 00 07 03")),
    ("03 00 01 AC 50", ask(Header.EMERGENCY_STOP)),
    ("01 01 03 00 02 F9", reply("02")),
    ("03 00 01 F2 0A", ask(Header.SERIAL)),
    ("01 03 03 00 4E 46 05 60", reply(three(345678).hex())),
    ("03 00 01 F5 07", ask(Header.CATEGORY)),
    ("03 00 01 A8 54", ask(Header.DISPENSE_COUNT)),
    ("03 00 01 AB 51", ask(Header.COIN_ID)),
    ("03 00 01 01 FB", ask(Header.RESET)),
    ("03 00 01 04 F8", ask(Header.COMMS_REVISION)),
    ("01 06 03 00 50 61 79 6F 75 74 74", reply(b"Payout".hex())),
    ("28 00 01 FE D9", BILL_POLL),
    ("28 00 01 9F 38", ask(Header.BILL_EVENTS, dest=BILL_VALIDATOR)),
    ("01 0B 28 00 01 03 01 00 00 00 00 00 00 00 00 C7", events(1, (3, 1))),
    ("28 01 01 9A 01 3B", route(Route.STACK)),
    ("28 01 01 9A 00 3C", route(Route.RETURN)),
    ("01 0B 28 00 02 03 00 03 01 00 00 00 00 00 00 C3", events(2, (3, 0), (3, 1))),
    ("28 01 01 E4 01 F1", ask(Header.MASTER_INHIBIT, b"\1", BILL_VALIDATOR)),
    ("28 02 01 E7 FF FF F0", ask(Header.INHIBITS, b"\xff\xff", BILL_VALIDATOR)),
]
CRC: list[tuple[str, Message]] = [
    ("28 00 B6 FE 21", Message(40, 254, src=None)),
    ("28 00 46 01 3F", Message(40, 1, src=None)),
    ("01 00 30 00 37", Message(1, 0, src=None)),
    ("28 00 31 9F 5D", Message(40, 159, src=None)),
    ("28 01 BC 9A 01 62", Message(40, 154, b"\1", src=None)),
]
ALL = [(raw, message, Check.SUM) for raw, message in SUM] + [(raw, message, Check.CRC) for raw, message in CRC]


@pytest.mark.parametrize(("raw", "message", "check"), ALL)
def test_known_frames_are_written_and_read(raw: str, message: Message, check: Check) -> None:
    assert encode(message, check) == bytes.fromhex(raw)
    assert BusReader(check).feed(bytes.fromhex(raw)) == (message,)


@pytest.mark.parametrize(("raw", "message", "check"), ALL)
def test_no_flipped_bit_is_believed(raw: str, message: Message, check: Check) -> None:
    for spoilt in bits(bytes.fromhex(raw)):
        reader = BusReader(check)
        assert not frames(reader.feed(spoilt) + reader.quiet()), message


def test_a_frame_that_cannot_be_is_refused() -> None:
    for bad in (Message(3, 254, bytes(256)), Message(3, 254, src=None)):
        with pytest.raises(BadFrame):
            encode(bad)


def test_the_answer_to_a_crc_frame_goes_to_the_host() -> None:
    assert answer(Message(40, 254, src=None)).dest == 1
    assert encode(answer(Message(40, 254, src=None)), Check.CRC) == bytes.fromhex("01 00 30 00 37")


def test_the_echo_of_what_was_sent_is_taken_away_exactly() -> None:
    reader = BusReader()
    reader.sent(encode(POLL))
    assert reader.feed(encode(POLL)[:3]) == ()
    assert reader.feed(encode(POLL)[3:] + encode(answer(POLL))) == (answer(POLL),)


def test_an_echo_that_differs_or_stops_is_named_and_nothing_is_read_before_silence() -> None:
    reader = BusReader()
    reader.sent(encode(POLL))
    assert reader.feed(encode(POLL)[:2] + b"\x77" + encode(answer(POLL))) == (Broken("echo", b"\x77"),)
    assert reader.quiet() == ()
    reader.sent(encode(POLL))
    assert reader.quiet() == (Broken("echo", b""),)
    assert reader.feed(encode(answer(POLL))) == (answer(POLL),)


def test_after_a_bad_frame_only_silence_begins_a_new_one() -> None:
    reader = BusReader()
    spoilt = b"\x01\x00\x03\x00\xfd"
    assert reader.feed(spoilt + encode(answer(POLL))) == (Broken("checksum", spoilt),)
    assert reader.quiet() == ()
    assert reader.feed(b"\x01\x01\x03") == ()
    assert reader.waiting == 3
    assert reader.quiet() == (Broken("unfinished", b"\x01\x01\x03"),)
    assert reader.feed(encode(answer(POLL))) == (answer(POLL),)


MESSAGES = st.builds(Message, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=255), st.integers(0, 255))
PIECES = st.lists(st.one_of(MESSAGES.map(encode), st.binary(max_size=9)), max_size=5)


@given(MESSAGES, st.sampled_from(Check))
def test_what_is_written_is_read(message: Message, check: Check) -> None:
    (read,) = BusReader(check).feed(encode(message, check))
    assert isinstance(read, Message)
    assert (read.dest, read.header, read.data) == (message.dest, message.header, message.data)
    assert read.src == (message.src if check is Check.SUM else None)


@given(PIECES, st.binary(max_size=12), st.lists(st.integers(1, 40), max_size=12), st.sampled_from(Check))
def test_any_split_gives_the_same(pieces: list[bytes], echo: bytes, cuts: list[int], check: Check) -> None:
    raw = echo + b"".join(pieces)
    whole, split, out, at = BusReader(check), BusReader(check), [], 0
    whole.sent(echo)
    split.sent(echo)
    for cut in cuts:
        out += split.feed(raw[at : at + cut])
        at += cut
    out += split.feed(raw[at:])
    assert tuple(out) == whole.feed(raw)


@given(st.binary(max_size=600))
def test_noise_raises_nothing_and_is_not_kept(noise: bytes) -> None:
    reader = BusReader()
    reader.feed(noise)
    assert reader.waiting < 260
    reader.quiet()
    assert reader.feed(encode(POLL)) == (POLL,)


# -- messages ----------------------------------------------------------------------------------------


@given(st.integers(1, 255), st.none() | st.integers(0, 2**24 - 1))
def test_an_order_of_coins_comes_back(count: int, serial: int | None) -> None:
    order = DispenseCoins(count, serial)
    assert DispenseCoins.of(order.message().data) == order


def test_what_no_message_may_carry_is_refused() -> None:
    for order in (DispenseCoins(0), DispenseCoins(256), DispenseCoins(1, 1 << 24), DispenseCoins(1, security=b"")):
        with pytest.raises(BadFrame):
            order.message()
    with pytest.raises(BadFrame):
        flag_bytes(frozenset({16}))
    with pytest.raises(BadFrame):
        assert BillEvents(1, ()).data


@pytest.mark.parametrize("read", [DispenseCoins.of, HopperStatus.of, BillEvents.of, three_of])
def test_data_of_a_wrong_length_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(BadFrame):
        read(bytes(5))


def test_a_lost_answer_to_a_dispense_is_found_out_by_the_counter() -> None:
    assert taken(7, 8) is True
    assert taken(255, 1) is True
    assert taken(0, 1) is True
    assert taken(7, 7) is False
    assert taken(7, 0) is None, "the hopper was reset"
    assert taken(0, 0) is None, "fresh from power-up, or once more reset"
    assert taken(7, 9) is None, "somebody else gave an order"
    assert next_counter(254) == 255


@given(st.frozensets(st.integers(0, 23)))
def test_flags_come_back(bits_set: frozenset[int]) -> None:
    assert flags(flag_bytes(bits_set, 3)) == bits_set


def test_flags_have_names() -> None:
    assert {hopper_flag(bit).name for bit in flags(b"\x80\x80")} == {"payout_disabled", "pin_on"}
    assert hopper_flag(17).means is Means.DOUBT
    assert bill_event(14).name == "stacker_full"
    assert bill_event(19).means is Means.DOUBT
    assert sorted(HOPPER) == list(range(16))


def test_bill_events_since_a_counter_come_oldest_first_and_lost_ones_are_counted() -> None:
    five = tuple(BillEvent(kind, 1) for kind in (5, 4, 3, 2, 1))
    assert BillEvents(7, five).since(7) == ((), 0)
    assert BillEvents(7, five).since(5) == ((BillEvent(4, 1), BillEvent(5, 1)), 0)
    assert BillEvents(1, five).since(255) == ((BillEvent(5, 1),), 0)
    assert BillEvents(3, five).since(0)[0] == tuple(reversed(five[:3]))
    assert BillEvents(9, five).since(1) == (tuple(reversed(five)), 3)
    assert BillEvents(0, five).since(4) == ((), None)
    assert three_of(three(345678)) == 345678
    assert HopperStatus.of(bytes([8, 3, 2, 0])) == HopperStatus(8, 3, 2, 0)
    assert BillEvents.of(BillEvents(7, five).data) == BillEvents(7, five)
