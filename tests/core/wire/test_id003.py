"""ID-003: every published frame, both meanings of a number, credit once, and a bad line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.device_errors import Means
from core.wire.id003 import (
    Denomination,
    Device,
    Frame,
    Host,
    denomination_data,
    denominations,
    encode,
    reader,
    same_bill,
)
from core.wire.id003_errors import meaning
from core.wire.serial_frames import BadFrame, Broken, Noise
from tests.core.wire.streams import check_flips, check_found_after, check_noise, check_split

VECTORS: list[tuple[str, int, str]] = [
    ("FC 05 11 27 56", Host.STATUS, ""),
    ("FC 05 40 2B 15", Host.RESET, ""),
    ("FC 05 41 A2 04", Host.STACK_1, ""),
    ("FC 05 43 B0 27", Host.RETURN, ""),
    ("FC 05 50 AA 05", Host.ACK, ""),
    ("FC 07 C0 00 00 2D B5", Host.ENABLE, "00 00"),
    ("FC 06 C3 00 04 D6", Host.INHIBIT, "00"),
    ("FC 06 C3 01 8D C7", Host.INHIBIT, "01"),
    ("FC 07 C1 00 00 F1 EF", Host.SECURITY, "00 00"),
    ("FC 06 C4 00 0C 9B", Host.DIRECTION, "00"),
    ("FC 07 C5 00 00 90 8C", Host.OPTIONS, "00 00"),
    ("FC 05 88 6F 5F", Host.VERSION, ""),
    ("FC 05 89 E6 4E", Host.BOOT_VERSION, ""),
    ("FC 05 8A 7D 7C", Host.DENOMINATIONS, ""),
    ("FC 05 12 BC 64", Device.ACCEPTING, ""),
    ("FC 06 13 61 B0 FB", Device.ESCROW, "61"),
    ("FC 06 13 64 1D AC", Device.ESCROW, "64"),
    ("FC 05 14 8A 01", Device.STACKING, ""),
    ("FC 05 15 03 10", Device.VEND_VALID, ""),
    ("FC 05 16 98 22", Device.STACKED, ""),
    ("FC 06 17 71 51 8C", Device.REJECTING, "71"),
    ("FC 05 18 E6 CB", Device.RETURNING, ""),
    ("FC 05 1A F4 E8", Device.DISABLED, ""),
    ("FC 05 1B 7D F9", Device.INITIALISING, ""),
    ("FC 05 40 2B 15", Device.POWER_UP, ""),
    ("FC 05 41 A2 04", Device.POWER_UP_BILL_IN_ACCEPTOR, ""),
    ("FC 05 42 39 36", Device.POWER_UP_BILL_IN_STACKER, ""),
    ("FC 05 43 B0 27", Device.STACKER_FULL, ""),
    ("FC 05 44 0F 53", Device.STACKER_OPEN, ""),
    ("FC 05 45 86 42", Device.JAM_IN_ACCEPTOR, ""),
    ("FC 05 46 1D 70", Device.JAM_IN_STACKER, ""),
    ("FC 06 49 AB 61 BC", Device.FAILURE, "AB"),
]
RAW = [bytes.fromhex(raw) for raw, _, _ in VECTORS]


@pytest.mark.parametrize(("raw", "code", "data"), VECTORS)
def test_known_frames_are_written_and_read(raw: str, code: int, data: str) -> None:
    frame = Frame(code, bytes.fromhex(data))
    assert encode(frame) == bytes.fromhex(raw)
    assert reader().feed(bytes.fromhex(raw)) == (frame,)


@pytest.mark.parametrize("raw", RAW)
def test_no_flipped_bit_is_believed(raw: bytes) -> None:
    check_flips(reader, raw)


def test_a_frame_has_a_longest_and_a_shortest() -> None:
    assert len(encode(Frame(0x88, bytes(250)))) == 255
    with pytest.raises(BadFrame):
        encode(Frame(0x88, bytes(251)))
    assert reader().feed(b"\xfc\x04\x11") == (Broken("shape", b"\xfc\x04"), Noise(0x11))


FRAMES = st.builds(Frame, st.integers(0, 255), st.binary(max_size=250))
PIECES = st.lists(st.one_of(FRAMES.map(encode), st.sampled_from(RAW), st.binary(max_size=9)), max_size=6)


@given(PIECES, st.lists(st.integers(1, 40), max_size=12))
def test_any_split_gives_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    check_split(reader, b"".join(pieces), cuts)


@given(st.binary(max_size=600))
def test_noise_raises_nothing_and_is_not_kept(noise: bytes) -> None:
    check_noise(reader, noise, 255)
    check_found_after(reader, noise, RAW[0], Frame(Host.STATUS))


@given(st.lists(st.builds(Denomination, *[st.integers(0, 255)] * 4), max_size=8))
def test_the_denomination_table_comes_back(rows: list[Denomination]) -> None:
    assert denominations(denomination_data(tuple(rows))) == tuple(rows)


def test_a_denomination_has_a_face() -> None:
    assert Denomination(0x61, 1, 5, 4).face == 50_000
    with pytest.raises(BadFrame):
        denominations(b"\x61\x01\x05")


@pytest.mark.parametrize(
    ("since", "same"),
    [((), True), ((Device.VEND_VALID,), True), ((Device.STACKING, Device.VEND_VALID), True),
     ((Device.STACKED, Device.STACKING), False), ((Device.IDLE,), False), ((Device.ACCEPTING,), False),
     ((Device.ESCROW,), False)],
)  # fmt: skip
def test_a_repeated_vend_valid_is_the_same_bill(since: tuple[int, ...], same: bool) -> None:
    assert same_bill(since) is same


def test_what_is_wrong_has_a_name() -> None:
    assert meaning(Device.IDLE) is None
    named = [(0x17, b"\x71", "reject_insertion"), (0x49, b"\xab", "failure_box_not_ready"), (0x49, b"", "failure"),
             (0x42, b"", "power_up_in_stacker")]  # fmt: skip
    for code, data, name in named:
        row = meaning(code, data)
        assert row is not None
        assert row.name == name
    for code, data in [(0x17, b""), (0x17, b"\x01"), (0x49, b"\x01")]:
        row = meaning(code, data)
        assert row is not None
        assert row.means is Means.DOUBT
