"""Check sums against their published values, and what a reader believes on a clean and on a disturbed line."""

from __future__ import annotations

import pytest

from core.wire.device_errors import DeviceError, Means, table
from core.wire.serial_frames import (
    Acked,
    Broken,
    Found,
    Look,
    More,
    Nacked,
    Noise,
    Nothing,
    Reader,
    Refused,
    crc_kermit,
    crc_xmodem,
    xor_of,
)

XMODEM = [("49D5F2", 0xA6B3), ("2FBD9D", 0x90B2), ("D953D1", 0x7BB5), ("70B8D9640415", 0xFB00),
          ("7261B94ED078", 0x93E3), ("63FAD19FE619", 0x5BB3)]  # fmt: skip


def test_the_check_sums_give_their_published_values() -> None:
    assert crc_kermit(b"123456789") == 0x2189
    assert crc_xmodem(b"123456789") == 0x31C3
    assert xor_of(bytes.fromhex("04 50 02 44 03")) == 0x11
    assert xor_of(b"") == 0


@pytest.mark.parametrize(("raw", "crc"), XMODEM)
def test_published_vectors_of_xmodem(raw: str, crc: int) -> None:
    assert crc_xmodem(bytes.fromhex(raw)) == crc


def look(held: bytes) -> Look[str]:
    match held[0]:
        case 0x06:
            return Found(1, Acked(), checked=False)
        case 0x15:
            return Found(1, Nacked(), checked=False)
        case 0xFF:
            return Nothing(harmless=True)
        case 0x01:
            return Found(1, "frame", checked=True)
        case 0x02:
            return Refused(1, "shape")
        case 0x03:
            return Refused(3, "checksum") if len(held) >= 3 else More(3)
    return Nothing()


def test_a_harmless_byte_leaves_the_line_clean_and_another_does_not() -> None:
    assert Reader(look).feed(b"\xff\x15") == (Noise(0xFF), Nacked())
    assert Reader(look).feed(b"\xfe\x15") == (Noise(0xFE), Noise(0x15))
    assert Reader(look).feed(b"\x02\x15") == (Broken("shape", b"\x02"), Noise(0x15))
    assert Reader(look).feed(b"\xfe\x15\x01\x15") == (Noise(0xFE), Noise(0x15), "frame", Nacked())


def test_what_was_told_in_a_broken_piece_is_not_told_again() -> None:
    assert Reader(look).feed(b"\x03\x02\xfe\xfd") == (Broken("checksum", b"\x03\x02\xfe"), Noise(0xFD))
    reader = Reader(look)
    assert reader.feed(b"\x03\x09\x03") == (Broken("checksum", b"\x03\x09\x03"),)
    assert reader.waiting == 1
    assert reader.quiet() == ()


def test_silence_cleans_the_line() -> None:
    reader = Reader(look)
    reader.feed(b"\xfe")
    assert reader.quiet() == ()
    assert reader.feed(b"\x06") == (Acked(),)


def test_a_table_with_one_code_or_one_name_twice_is_a_mistake_of_ours() -> None:
    row = DeviceError(1, "one", "", "", Means.GOOD)
    for other in (DeviceError(1, "two", "", "", Means.GOOD), DeviceError(2, "one", "", "", Means.GOOD)):
        with pytest.raises(AssertionError):
            table([row, other])
