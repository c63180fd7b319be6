"""PN532 frames: vectors of the user manual and of real hosts, and the same result however bytes are split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.pn532 import (
    ACK,
    CHIP_TO_HOST,
    ERROR,
    HOST_TO_CHIP,
    NACK,
    Acked,
    BadFrame,
    Broken,
    Command,
    Data,
    Errored,
    Frame,
    Nacked,
    Parser,
    command,
    encode,
    response,
)

# What a host sends and the chip answers when a PN532 is opened; the same bytes stand in application notes.
VECTORS = [
    ("0000ff02fed4022a00", Data(HOST_TO_CHIP, bytes([Command.GET_FIRMWARE_VERSION]))),
    ("0000ff06fad50332010607e800", Data(CHIP_TO_HOST, bytes.fromhex("0332010607"))),
    ("0000ff05fbd4140100001700", Data(HOST_TO_CHIP, bytes.fromhex("14010000"))),
    ("0000ff02fed5151600", Data(CHIP_TO_HOST, bytes([Command.SAM_CONFIGURATION + 1]))),
]


@pytest.mark.parametrize(("raw", "frame"), VECTORS)
def test_known_frames_are_written_and_read(raw: str, frame: Data) -> None:
    assert encode(frame.tfi, frame.body).hex() == raw
    assert Parser().feed(bytes.fromhex(raw)) == (frame,)


@pytest.mark.parametrize(("raw", "frame"), [(ACK, Acked()), (NACK, Nacked()), (ERROR, Errored())])
def test_the_short_frames_are_recognised(raw: bytes, frame: Frame) -> None:
    assert Parser().feed(raw) == (frame,)


def test_a_long_packet_travels_in_an_extended_frame() -> None:
    raw = command(Command.DIAGNOSE, bytes(262))
    assert raw[:8].hex() == "0000ffffff0108f7"
    assert Parser().feed(raw) == (Data(HOST_TO_CHIP, bytes(263)),)


def test_a_packet_of_255_bytes_is_extended_because_ff_announces_one() -> None:
    assert encode(HOST_TO_CHIP, bytes(253))[3] == 254
    assert encode(HOST_TO_CHIP, bytes(254))[3:5] == b"\xff\xff"


def test_a_packet_that_fits_no_frame_is_refused() -> None:
    with pytest.raises(BadFrame):
        encode(HOST_TO_CHIP, bytes(265))


def test_wake_up_bytes_before_a_frame_are_skipped() -> None:
    raw = b"\x55\x55" + bytes(10) + command(Command.GET_FIRMWARE_VERSION)
    assert Parser().feed(raw) == (Data(HOST_TO_CHIP, b"\x02"),)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("0000ff02ffd4022a00", "length"), ("0000ff02fed4022b00", "checksum"), ("0000ffffff0109f7", "length")],
)
def test_a_broken_frame_is_named_and_the_next_one_is_read(raw: str, reason: str) -> None:
    frames = Parser().feed(bytes.fromhex(raw) + ACK)
    assert frames[0] == Broken(reason)
    assert frames[-1] == Acked()


def test_a_frame_swallowed_by_a_false_length_is_found_again() -> None:
    # Noise made a head that promises 254 bytes; the real frame stands inside them.
    parser = Parser()
    assert parser.feed(b"\x00\x00\xff\xfe\x02" + response(0x02, b"\x32\x01\x06\x07")) == ()
    frames = parser.feed(bytes(250))
    assert frames == (Broken("checksum"), Data(CHIP_TO_HOST, bytes.fromhex("0332010607")))


FRAMES = st.lists(
    st.one_of(
        st.sampled_from([ACK, NACK, ERROR]),
        st.builds(encode, st.sampled_from([HOST_TO_CHIP, CHIP_TO_HOST]), st.binary(min_size=1, max_size=264)),
        st.binary(max_size=12),
    ),
    max_size=6,
)


@given(FRAMES, st.lists(st.integers(1, 40), max_size=30))
def test_any_split_gives_the_same_frames(parts: list[bytes], cuts: list[int]) -> None:
    raw = b"".join(parts)
    whole = Parser().feed(raw)
    parser, out, at = Parser(), [], 0
    for cut in cuts:
        out += parser.feed(raw[at : at + cut])
        at += cut
    out += parser.feed(raw[at:])
    assert tuple(out) == whole


def test_a_frame_of_no_bytes_is_skipped_and_the_next_one_is_read() -> None:
    empty = bytes.fromhex("0000FF00000000")
    assert Parser().feed(empty + ACK) == (Broken("length"), Acked())


@given(st.binary(max_size=2_000))
def test_noise_never_makes_the_parser_keep_more_than_one_frame(noise: bytes) -> None:
    parser = Parser()
    parser.feed(noise)
    assert len(parser._held) <= 265 + 8


@given(st.binary(min_size=1, max_size=264))
def test_what_is_written_is_read(body: bytes) -> None:
    assert Parser().feed(encode(CHIP_TO_HOST, body)) == (Data(CHIP_TO_HOST, body),)
