"""NDEF messages: read and written as another library (ndeflib) does, and every malformation by name."""

from __future__ import annotations

import ndef as other
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.ndef import (
    FILE_CC,
    FILE_NDEF,
    BadNdef,
    Record,
    decode,
    encode,
    text_of,
    text_record,
    type2_memory,
    type3_blocks,
    type4_files,
    uri_of,
    uri_record,
)

UID = bytes.fromhex("04a1b2c3d4e5f6")


def test_a_text_message_is_pinned() -> None:
    assert encode((text_record("270000000170000425"),)).hex() == "d1011554" + "02656e" + b"270000000170000425".hex()


@given(st.text(max_size=60), st.sampled_from(["en", "ko", "en-GB"]))
def test_texts_are_written_as_another_library_writes_them(text: str, lang: str) -> None:
    ours = encode((text_record(text, lang),))
    assert ours == b"".join(other.message_encoder([other.TextRecord(text, lang)]))
    (record,) = decode(ours)
    assert text_of(record) == text


@pytest.mark.parametrize("text", ["270000", "한국어", "𝄞"])
def test_a_text_in_utf_16_is_read(text: str) -> None:
    raw = b"".join(other.message_encoder([other.TextRecord(text, "ko", "UTF-16")]))
    assert text_of(decode(raw)[0]) == text


@pytest.mark.parametrize(
    "uri", ["https://www.example.com/x", "https://example.com", "http://a", "tel:0101", "urn:epc:id:1", "tillmark:27"]
)
def test_uris_are_written_and_read_as_another_library_does(uri: str) -> None:
    ours = encode((uri_record(uri),))
    assert ours == b"".join(other.message_encoder([other.UriRecord(uri)]))
    assert uri_of(decode(ours)[0]) == uri


def test_a_text_is_no_uri_and_the_other_way_round() -> None:
    assert uri_of(text_record("x")) is None
    assert text_of(uri_record("tel:1")) is None


@given(
    st.lists(
        st.builds(
            Record, st.integers(1, 4), st.binary(min_size=1, max_size=8), st.binary(max_size=300), st.binary(max_size=4)
        ),
        max_size=3,
    )
)
def test_what_is_written_is_read(records: list[Record]) -> None:
    assert decode(encode(tuple(records))) == tuple(records)


ONE = encode((text_record("1"),))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("d1", "length"),
        (ONE[:-1].hex(), "length"),
        ((ONE + ONE).hex(), "flags"),
        ("51" + ONE[1:].hex(), "flags"),
        ("91" + ONE[1:].hex(), "flags"),
        ("f1" + ONE[1:].hex(), "chunk"),
        ("d6" + ONE[1:].hex(), "chunk"),
        ("c101ffffffff54", "length"),
        ("00" * 1025, "length"),
    ],
)
def test_a_malformed_message_is_named(raw: str, reason: str) -> None:
    with pytest.raises(BadNdef) as bad:
        decode(bytes.fromhex(raw))
    assert bad.value.reason == reason


def test_more_records_than_a_terminal_reads_are_refused() -> None:
    with pytest.raises(BadNdef, match="count"):
        decode(encode((text_record(""),) * 17))


@pytest.mark.parametrize("payload", ["", "05656e", "02656eff"])
def test_a_malformed_text_is_named(payload: str) -> None:
    with pytest.raises(BadNdef, match="text"):
        text_of(Record(1, b"T", bytes.fromhex(payload)))


@pytest.mark.parametrize("payload", ["", "24", "00ff"])
def test_a_malformed_uri_is_named(payload: str) -> None:
    with pytest.raises(BadNdef, match="uri"):
        uri_of(Record(1, b"U", bytes.fromhex(payload)))


@given(st.binary(max_size=80))
def test_any_bytes_are_a_message_or_a_named_no(raw: bytes) -> None:
    try:
        for record in decode(raw):
            text_of(record), uri_of(record)
    except BadNdef:
        pass


def test_the_containers_are_laid_out_as_the_tag_specifications_say() -> None:
    memory = type2_memory(ONE, UID)
    assert memory[12:16].hex() == "e110020f"
    assert memory[16:18].hex() == f"03{len(ONE):02x}"
    assert len(memory) % 16 == 0
    assert type2_memory(bytes(300), UID)[16:20].hex() == "03ff012c"
    attributes, first = type3_blocks(ONE)
    assert attributes.hex() == "1004010001000000000000000008001e"
    assert int.from_bytes(attributes[14:]) == sum(attributes[:14])
    assert first.startswith(ONE)
    files = type4_files(ONE)
    assert files[FILE_CC].hex() == "000f2000f000f00406e104040200ff"
    assert files[FILE_NDEF] == len(ONE).to_bytes(2) + ONE
