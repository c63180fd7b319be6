"""Which characters a font has: real fonts of this machine, and damaged files by name."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from core.glyphs import BadFont, characters

NANUM = Path("/usr/share/fonts/truetype/nanum/NanumGothicCodingBold.ttf")


def test_nanum_has_all_hangul_and_the_won_sign_but_no_bitcoin_sign() -> None:
    known = characters(NANUM.read_bytes())
    assert set(range(0xAC00, 0xD7A4)) | {ord("₩"), ord("A"), ord("─")} <= known
    assert ord("₿") not in known


def test_what_it_says_is_what_the_drawing_library_draws() -> None:
    known = characters(NANUM.read_bytes())
    font = ImageFont.truetype(str(NANUM), 24)
    box = bytes(font.getmask("\uffff"))
    for char in "AZ가힣₩€한":
        assert (ord(char) in known) == (bytes(font.getmask(char)) != box)


def _font(table: bytes, tag: bytes = b"cmap", platform: tuple[int, int] = (3, 10)) -> bytes:
    cmap = struct.pack(">HH", 0, 1) + struct.pack(">HHI", *platform, 12) + table
    return struct.pack(">IHHHH", 0x10000, 1, 0, 0, 0) + struct.pack(">4sIII", tag, 0, 28, len(cmap)) + cmap


def test_groups_of_format_12_are_read() -> None:
    table = struct.pack(">HHIII", 12, 0, 40, 0, 2) + struct.pack(">IIIIII", 65, 67, 1, 0x1F600, 0x1F600, 0)
    assert characters(_font(table)) == {65, 66, 67}


def test_segments_of_format_4_are_read_and_missing_glyphs_left_out() -> None:
    ends, starts, deltas, ranges = (66, 70, 0xFFFF), (65, 69, 0xFFFF), (-64 & 0xFFFF, 0, 1), (0, 4, 0)
    table = struct.pack(">HHHHHHH", 4, 0, 0, 6, 0, 0, 0) + struct.pack(">3H", *ends) + b"\0\0"
    table += struct.pack(">3H3H3H", *starts, *deltas, *ranges) + struct.pack(">HH", 7, 0)
    assert characters(_font(table)) == {65, 66, 69}


@pytest.mark.parametrize(
    "font",
    [
        b"",
        b"not a font at all, but long enough to look at",
        _font(b"", tag=b"head"),
        _font(struct.pack(">HHIII", 12, 0, 40, 0, 2)),
        _font(struct.pack(">HHIII", 12, 0, 40, 0, 0xFFFFFFFF)),
        _font(struct.pack(">HHIII", 12, 0, 40, 0, 1) + struct.pack(">III", 9, 1, 1)),
        _font(struct.pack(">HH", 6, 0)),
        _font(struct.pack(">HH", 12, 0), platform=(1, 0)),
    ],
)
def test_a_damaged_font_is_named(font: bytes) -> None:
    with pytest.raises(BadFont):
        characters(font)


@given(st.binary(max_size=200))
def test_no_file_makes_it_fail_in_another_way(raw: bytes) -> None:
    with pytest.raises(BadFont):
        characters(raw)
