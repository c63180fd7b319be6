"""The wire of the remote panel: vectors, pieces, and bytes that are none of it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.panel import BODY_MAX, BadFrame, Button, Key, Message, Reader, Shown, Touch, encode

SHOWN = Shown(
    name="quote",
    revision=7,
    lang="ko",
    width=800,
    height=480,
    spoken=("비트코인으로 결제할까요?", "50,000원"),
    buttons=(Button("confirm", "결제", 650, 424),),
    settled=True,
    picture=b"\xff\xd8\xff\xe0 a picture",
)
VECTORS = [
    (Touch(0, 650, 424), "54 00000005 00 028a 01a8"),
    (Touch(2, 0, 65_535), "54 00000005 02 0000 ffff"),
    (Key("enter"), "4b 00000005 65 6e 74 65 72"),
    (Key("7"), "4b 00000001 37"),
]


@pytest.mark.parametrize(("message", "octets"), VECTORS)
def test_touches_and_keys_are_written_as_in_the_vectors(message: Message, octets: str) -> None:
    assert encode(message) == bytes.fromhex(octets)
    assert Reader().feed(bytes.fromhex(octets)) == (message,)


def test_a_picture_comes_back_as_it_went() -> None:
    assert Reader().feed(encode(SHOWN)) == (SHOWN,)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_however_the_bytes_are_split_the_same_messages_come_out(cuts: list[int]) -> None:
    stream = encode(SHOWN) + encode(Key("tab")) + encode(Touch(1, 5, 6))
    reader, messages = Reader(), []
    for cut in cuts:
        messages.extend(reader.feed(stream[:cut]))
        stream = stream[cut:]
    messages.extend(reader.feed(stream))
    assert messages == [SHOWN, Key("tab"), Touch(1, 5, 6)]


@pytest.mark.parametrize(
    "octets",
    [
        "58 00000000",
        "54 00000004 00 0000 00",
        "54 00000005 03 0000 0000",
        "4b 00000000",
        "4b 00000011" + "61" * 17,
        "4b 00000001 ff",
        "53 00000002 0000",
        "53 00000008 000000ff 7b7d7b7d",
        "53 00000006 00000002 7b7d",
        "53 00000006 00000002 5b5d",
        f"53 {BODY_MAX + 1:08x}",
    ],
)
def test_bytes_that_are_no_frame_are_refused(octets: str) -> None:
    with pytest.raises(BadFrame):
        Reader().feed(bytes.fromhex(octets))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader_otherwise(data: bytes) -> None:
    with contextlib.suppress(BadFrame):
        Reader(64).feed(data)


def test_a_side_that_only_wants_touches_refuses_a_picture_by_its_length() -> None:
    with pytest.raises(BadFrame):
        Reader(64).feed(encode(SHOWN))
