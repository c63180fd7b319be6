"""What bytes say, in words: every protocol, both sides, good and spoilt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.explain import PROTOCOLS, Options, Side, Verdict, explain, good
from core.wire.lcdm30 import encode_reply
from core.wire.lcdm30_messages import Command, Done, Lengths, Serial
from core.wire.lcdm50 import BothOrder
from core.wire.serial_frames import crc_kermit


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


SAID = [
    ("lcdm50", "04 50 02 45 31 30 03 11", Side.HOST, "dispense upper=10"),
    ("lcdm50", "01 50 02 45 30 37 30 36 35 30 30 30 03 11", Side.DEVICE, "(jam_exit:"),
    ("lcdm50", "01 9C 38", Side.DEVICE, "(skew:"),
    ("lcdm50", "01 8D 31", Side.DEVICE, "plain   note_delivered"),
    ("lcdm50", "01 50 02 46 30 30 C0 82 03 54", Side.DEVICE, "sensor0=0xc0"),
    ("lcdm50", "01 50 02 44 4E 03 5A", Side.DEVICE, "(purge:"),
    ("lcdm30", "04 30 02 44 03 71", Side.HOST, "ask command=reset"),
    ("lcdm30", "01 30 02 51 2E 03 4F", Side.DEVICE, "(purge:"),
    ("f56", "10 02 00 03 00 01 1C 10 03 FA 97", Side.HOST, "ask_status"),
    ("f56", "10 02 00 06 F0 00 02 E1 00 1C 10 03 4C 48", Side.DEVICE, "(not_initialised:"),
    ("f56", "10 05", None, "plain   enquiry"),
    ("cctalk", "03 00 01 FE FE", Side.HOST, "poll"),
    ("cctalk", "01 00 03 05 F7", Side.DEVICE, "nak"),
    ("cctalk", "01 0B 28 00 02 00 0E 03 01 00 00 00 00 00 00 B8", Side.DEVICE, "(stacker_full:"),
    ("cctalk", "01 0B 28 00 01 03 01 00 00 00 00 00 00 00 00 C7", Side.DEVICE, "reply"),
    ("id003", "FC 05 40 2B 15", None, "reset/power_up"),
    ("id003", "FC 06 17 71 51 8C", None, "(reject_insertion:"),
    ("id003", "FC 05 88 6F 5F", None, "version"),
    ("escpos", "1B 40 41 42 0A", Side.HOST, "init"),
    ("escpos", "12", Side.DEVICE, "status_byte"),
    ("pn532", "00 00 FF 02 FE D4 02 2A 00", Side.HOST, "data tfi=0xd4 body=02"),
    ("pn532", "00 00 FF 02 FE D5 15 16 00", Side.DEVICE, "data tfi=0xd5"),
]  # fmt: skip


@pytest.mark.parametrize(("protocol", "text", "side", "words"), SAID)
def test_a_message_says_who_sent_it_and_what(protocol: str, text: str, side: Side | None, words: str) -> None:
    said = explain(protocol, raw(text))
    assert all(good(one) for one in said)
    assert said[0].side is side
    assert words in str(said[0])


@pytest.mark.parametrize(("side", "name"), [(Side.HOST, "reset"), (Side.DEVICE, "power_up")])
def test_one_number_of_an_acceptor_means_what_its_sender_means(side: Side, name: str) -> None:
    (said,) = explain("id003", raw("FC 05 40 2B 15"), side)
    assert said.name == name
    assert bool(said.meaning) is (side is Side.DEVICE)


def test_an_unlisted_number_is_shown_as_it_is() -> None:
    body = raw("FC 05 70")
    (said,) = explain("id003", body + crc_kermit(body).to_bytes(2, "little"), Side.DEVICE)
    assert said.name == "0x70"
    block = raw("00 02 77 78 10 03")
    (other,) = explain("f56", raw("10 02") + block + crc_kermit(block).to_bytes(2, "little"))
    assert (other.side, other.name) == (None, "other")


def test_the_options_change_the_reading() -> None:
    text = "01 50 02 56 30 33 30 32 30 33 30 32 31 30 30 30 30 30 30 03 37"
    for order, upper in ((BothOrder.BY_PLACE, "exited=2"), (BothOrder.BY_KIND, "exited=3")):
        (said,) = explain("lcdm50", raw(text), options=Options(both_order=order))
        assert upper in dict(said.content)["upper"]
    (said,) = explain("cctalk", raw("28 00 B6 FE 21"), options=Options(crc=True))
    assert said.name == "poll"
    status = raw("01 30 02 50 20 28 24 31 20 20 24 32 20 20 20 30 20 20 20 30 20 20 03 6B")
    for offset, active in ((True, "[exit]"), (False, "[exit sol]")):
        (said,) = explain("lcdm30", status, options=Options(bits_offset=offset))
        assert dict(said.content)["active"].lower() == active


@pytest.mark.parametrize("reply", [Lengths(0x31, (0, 0, 0, 0)), Serial(0x31, 1), Done(Command.RESET, 0x31)])
def test_every_reply_with_an_error_says_what_it_means(reply: Lengths | Serial | Done) -> None:
    (said,) = explain("lcdm30", encode_reply(reply))
    assert said.meaning.startswith("bad_parameter:")


@pytest.mark.parametrize(
    ("protocol", "text", "verdicts"),
    [
        ("lcdm50", "04 50 02 44 03 12", [Verdict.BROKEN]),
        ("lcdm50", "77", [Verdict.NOISE]),
        ("lcdm30", "04 30 02 44", [Verdict.BROKEN]),
        ("cctalk", "03 00 01 FE FF", [Verdict.BROKEN]),
        ("escpos", "1D 76 30", [Verdict.BROKEN]),
        ("escpos", "01", [Verdict.NOISE]),
        ("pn532", "00 00 FF 02 FF", [Verdict.BROKEN]),
        ("pn532", "00 00 FF 02 FE", [Verdict.BROKEN]),
    ],
)
def test_what_is_spoilt_is_named(protocol: str, text: str, verdicts: list[Verdict]) -> None:
    assert [one.verdict for one in explain(protocol, raw(text), Side.HOST)] == verdicts


def test_a_spoilt_reply_is_read_as_a_reply() -> None:
    (said,) = explain("lcdm50", raw("01 50 02 44 30 03 25"))
    assert (said.side, said.verdict) == (Side.DEVICE, Verdict.BROKEN)


def test_noise_from_a_printer_is_noise() -> None:
    assert [one.verdict for one in explain("escpos", b"\x9f\x81", Side.DEVICE)] == [Verdict.NOISE] * 2


def test_nothing_says_nothing() -> None:
    assert [explain(protocol, b"") for protocol in PROTOCOLS] == [()] * len(PROTOCOLS)


@given(st.sampled_from(PROTOCOLS), st.binary(max_size=80), st.none() | st.sampled_from(Side))
def test_any_bytes_are_explained_without_an_error(protocol: str, data: bytes, side: Side | None) -> None:
    for said in explain(protocol, data, side):
        assert str(said)
