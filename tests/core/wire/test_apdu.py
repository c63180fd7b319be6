"""APDUs of the tap: vectors, both directions, and every malformation by name."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.code import PersonalCode, compose
from core.messages import WireMoney
from core.tap import TapFacts
from core.wire.apdu import (
    AID,
    AuthoriseTap,
    BadApdu,
    CodeGiven,
    Command,
    GetCode,
    Reply,
    Select,
    Selected,
    TapGiven,
    decode_ask,
)

FACTS = TapFacts("T-0001", bytes(range(16)), WireMoney("KRW", 0, "50000"), "seller")
CODE = compose(123456789, 42)

ASKS = [
    (Select(), "00a4040009f054494c4c4d41524b00"),
    (GetCode(), "8010000000"),
    (
        AuthoriseTap(FACTS),
        "802000002c0106542d30303031000102030405060708090a0b0c0d0e0f00000000000000c350034b52570673656c6c657200",
    ),
]


@pytest.mark.parametrize(("ask", "raw"), ASKS)
def test_what_the_terminal_asks_is_pinned(ask: Select | GetCode | AuthoriseTap, raw: str) -> None:
    assert ask.encode().hex() == raw
    assert decode_ask(bytes.fromhex(raw)) == ask


def test_what_the_phone_answers_is_pinned() -> None:
    assert Selected().encode().hex() == "6f168409f054494c4c4d41524ba5099f08020001df0101039000"
    assert CodeGiven(CODE).encode() == CODE.digits.encode() + b"\x90\x00"
    tap = TapGiven("000000017", 3, bytes(16))
    assert tap.encode().hex() == "30303030303030313700000003" + "00" * 16 + "9000"


@pytest.mark.parametrize(
    "answer", [Selected(2, 1), CodeGiven(CODE), TapGiven("123456789", 2**32 - 1, bytes(range(16)))]
)
def test_what_the_phone_answers_is_read_back(answer: Selected | CodeGiven | TapGiven) -> None:
    reply = Reply.decode(answer.encode())
    assert reply.sw == 0x9000
    assert type(answer).decode(reply.data) == answer


def test_unknown_objects_of_a_newer_phone_are_skipped() -> None:
    own = bytes.fromhex("9f08020002") + bytes.fromhex("df0203aabbcc")
    inner = b"\x84\x09" + AID + b"\xa5" + bytes([len(own)]) + own + bytes.fromhex("500141")
    assert Selected.decode(b"\x6f" + bytes([len(inner)]) + inner) == Selected(2, 1)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "6f",
        "6f05",
        "6f00",
        "6f0b8409" + AID.hex(),
        "6f0384019f",
        "7f0100",
        "6f820001",
        "6f0f8409f054494c4c4d41524ba50200",
    ],
)
def test_a_malformed_fci_is_named(data: str) -> None:
    with pytest.raises(BadApdu) as bad:
        Selected.decode(bytes.fromhex(data))
    assert bad.value.reason == "fci"


@pytest.mark.parametrize("text", [b"", b"1" * 18, CODE.digits.encode()[:-1], CODE.digits.encode() + b"0", b"\xff" * 18])
def test_an_answer_that_is_no_code_is_named_without_showing_it(text: bytes) -> None:
    with pytest.raises(BadApdu) as bad:
        CodeGiven.decode(text)
    assert bad.value.reason == "code"
    assert str(bad.value) == "malformed APDU: code"


@pytest.mark.parametrize("data", [b"", b"1" * 28, b"1" * 30, b"x" * 29])
def test_an_answer_that_is_no_tap_is_named(data: bytes) -> None:
    with pytest.raises(BadApdu) as bad:
        TapGiven.decode(data)
    assert bad.value.reason == "tap"


GOOD = bytes.fromhex(AuthoriseTap(FACTS).encode()[5:-1].hex())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "length"),
        (b"\x02" + GOOD[1:], "version"),
        (GOOD[:-1], "length"),
        (GOOD + b"\x00", "length"),
        (GOOD[:1] + b"\x21" + GOOD[2:], "length"),
        (GOOD.replace(b"seller", b"SELLER"), "facts"),
        (GOOD.replace(b"KRW", b"krw"), "facts"),
        (GOOD.replace(b"T-0001", b"T-00\xff1"), "facts"),
        (GOOD[:24] + b"\xff" + GOOD[25:], "facts"),
    ],
)
def test_a_malformed_question_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(BadApdu) as bad:
        AuthoriseTap.decode_data(data)
    assert bad.value.reason == reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("8010", "length"), ("9010000000", "class"), ("80b0000000", "instruction"), ("80200000051122", "length")],
)
def test_a_command_that_is_none_of_ours_is_named(raw: str, reason: str) -> None:
    with pytest.raises(BadApdu) as bad:
        decode_ask(bytes.fromhex(raw))
    assert bad.value.reason == reason


@pytest.mark.parametrize("raw", ["00a40000", "00b000000f", "00b0000000", "00a4000002e103", "00a4000002e10300"])
def test_all_four_cases_of_short_commands_are_read_and_written(raw: str) -> None:
    assert Command.decode(bytes.fromhex(raw)).encode().hex() == raw


def test_a_command_longer_than_a_short_apdu_is_refused() -> None:
    with pytest.raises(BadApdu):
        Command(0, 0, 0, 0, bytes(256)).encode()


def test_a_reply_without_status_is_refused() -> None:
    with pytest.raises(BadApdu):
        Reply.decode(b"\x90")


def test_no_answer_shows_its_secret() -> None:
    shown = (
        repr(CodeGiven(CODE)) + repr(TapGiven("123456789", 1, bytes(16))) + repr(Reply(CODE.digits.encode(), 0x9000))
    )
    assert CODE.digits not in shown
    assert "123456789" not in shown


@given(
    st.text("ABCDEF-0123", min_size=1, max_size=32),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 8),
    st.integers(0, 2**63 - 1),
)
def test_every_question_fits_one_short_apdu_and_is_read_back(
    terminal: str, nonce: bytes, scale: int, minor: int
) -> None:
    digits = str(minor).rjust(scale + 1, "0")
    amount = WireMoney("CYBERWON10", scale, f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)
    ask = AuthoriseTap(TapFacts(terminal, nonce, amount, "a" * 16))
    assert decode_ask(ask.encode()) == ask


@given(st.binary(max_size=300))
def test_any_bytes_are_a_question_or_a_named_no(raw: bytes) -> None:
    with contextlib.suppress(BadApdu):
        decode_ask(raw)
    with contextlib.suppress(BadApdu):
        Selected.decode(raw)


def test_the_code_survives_the_way() -> None:
    assert CodeGiven.decode(CODE.digits.encode()).code == PersonalCode.parse(CODE.digits)
