"""ESC/POS decoding: every command as bytes and as meaning, whole and byte by byte, and nothing lost on nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.escpos import CommandReader, decode
from core.wire.escpos_commands import (
    Align,
    AutoStatusSwitch,
    ClearBuffer,
    CodePage,
    Command,
    Cut,
    DoubleByte,
    DrawerPulse,
    Emphasis,
    FeedDots,
    FeedLines,
    Font,
    IdAsk,
    Init,
    Invert,
    Justify,
    LineFeed,
    LineSpacing,
    Mode,
    PaperAsk,
    QrLevel,
    QrModel,
    QrModule,
    QrPrint,
    QrStore,
    Raster,
    Size,
    StatusAsk,
    Text,
    Underline,
    Unknown,
)

VECTORS: list[tuple[str, Command]] = [
    ("41 42 82 C4", Text(b"AB\x82\xc4")),
    ("0A", LineFeed()),
    ("1B 40", Init()),
    ("1B 74 13", CodePage(19)),
    ("1C 26", DoubleByte(True)),
    ("1C 2E", DoubleByte(False)),
    ("1C 43 01", Unknown(bytes.fromhex("1C4301"))),
    ("1B 45 01", Emphasis(True)),
    ("1B 47 00", Emphasis(False)),
    ("1B 2D 31", Underline(1)),
    ("1D 42 01", Invert(True)),
    ("1D 21 11", Size(2, 2)),
    ("1D 21 70", Size(8, 1)),
    ("1B 21 00", Mode(False, False, Size(1, 1), False)),
    ("1B 21 B9", Mode(True, True, Size(2, 2), True)),
    ("1B 4D 01", Font(1)),
    ("1B 61 31", Justify(Align.CENTER)),
    ("1B 33 1E", LineSpacing(30)),
    ("1B 32", LineSpacing(None)),
    ("1B 4A 0C", FeedDots(12)),
    ("1B 64 06", FeedLines(6)),
    ("1D 76 30 00 02 00 02 00 FF 00 0F F0", Raster(2, 2, 1, 1, bytes.fromhex("FF000FF0"))),
    ("1D 76 30 03 01 00 01 00 10", Raster(1, 1, 2, 2, b"\x10")),
    ("1D 56 00", Cut(True, 0)),
    ("1D 56 01", Cut(False, 0)),
    ("1D 56 42 18", Cut(False, 24)),
    ("1B 70 00 32 32", DrawerPulse(0)),
    ("1D 28 6B 04 00 31 41 32 00", QrModel(2)),
    ("1D 28 6B 03 00 31 43 06", QrModule(6)),
    ("1D 28 6B 03 00 31 45 31", QrLevel("M")),
    ("1D 28 6B 06 00 31 50 30 54 4D 52", QrStore(b"TMR")),
    ("1D 28 6B 03 00 31 51 30", QrPrint()),
    ("10 04 04", StatusAsk(4)),
    ("10 14 08 01 03 14 01 06 02 08", ClearBuffer()),
    ("1D 72 01", PaperAsk(1)),
    ("1D 28 48 06 00 30 30 41 42 30 31", IdAsk(b"AB01")),
    ("1D 61 FF", AutoStatusSwitch(255)),
    ("10 14 01 00 01", Unknown(bytes.fromhex("1014010001"))),
    ("1D 4C 10 00", Unknown(bytes.fromhex("1D4C1000"))),
    ("1D 28 41 02 00 00 02", Unknown(bytes.fromhex("1D284102000002"))),
    ("07", Unknown(b"\x07")),
]


@pytest.mark.parametrize(("hexed", "command"), VECTORS)
def test_a_command_means_this_and_only_when_it_is_whole(hexed: str, command: Command) -> None:
    raw = bytes.fromhex(hexed)
    assert decode(raw) == [command]
    reader = CommandReader()
    found = [command for byte in raw for command in reader.feed(bytes([byte]))]
    joined = (
        [Text(b"".join(part.raw for part in found if isinstance(part, Text)))] if isinstance(command, Text) else found
    )
    assert joined == [command]
    assert reader.waiting() == 0


def test_a_stream_of_all_commands_is_read_in_order() -> None:
    stream = b"\x0a".join(bytes.fromhex(hexed) for hexed, _ in VECTORS)
    assert [command for command in decode(stream) if command != LineFeed()] == [
        command for _, command in VECTORS if command != LineFeed()
    ]


def test_a_stream_that_ends_in_the_middle_says_so() -> None:
    assert decode(bytes.fromhex("41 1D 76 30 00 02")) == [
        Text(b"A"),
        Unknown(bytes.fromhex("1D7630000 2".replace(" ", ""))),
    ]


def test_a_length_that_cannot_be_true_does_not_silence_the_printer() -> None:
    reader = CommandReader()
    reader.feed(bytes.fromhex("1D 76 30 00 FF FF FF FF"))
    commands = reader.feed(bytes(200_000) + b"\x1b@")
    assert commands[0] == Unknown(b"\x1d")
    assert commands[-1] == Init()


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_how_the_bytes_are_cut_into_pieces_never_matters(raw: bytes, cuts: list[int]) -> None:
    reader = CommandReader()
    found: list[Command] = []
    at = 0
    for cut in [*cuts, len(raw)]:
        found += reader.feed(raw[at : at + cut])
        at += cut
    whole = CommandReader()
    expected = whole.feed(raw)
    assert _text_joined(found) == _text_joined(expected)
    assert reader.waiting() == whole.waiting()


def _text_joined(commands: list[Command]) -> list[Command]:
    joined: list[Command] = []
    for command in commands:
        if isinstance(command, Text) and joined and isinstance(joined[-1], Text):
            joined[-1] = Text(joined[-1].raw + command.raw)
        else:
            joined.append(command)
    return joined
