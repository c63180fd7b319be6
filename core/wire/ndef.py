"""NDEF: the messages NFC tags carry, and how tags of type 2, 3 and 4 hold them.

Sources: NFC Forum "NFC Data Exchange Format" 1.0 (records), "Text RTD" 1.0, "URI RTD" 1.0, and the Type 2,
Type 3 and Type 4 Tag specifications (containers). Only what a terminal reads and a tag or phone offers:
whole records (no chunks), texts, URIs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MESSAGE_MAX: Final = 1024  # a code needs 25 bytes and a long URL 200; more is not for a terminal
RECORDS_MAX: Final = 16
TNF_WELL_KNOWN: Final = 0x01
_MB, _ME, _CF, _SR, _IL = 0x80, 0x40, 0x20, 0x10, 0x08  # header flags, NDEF 3.2

AID_TYPE4: Final = bytes.fromhex("D2760000850101")  # NDEF application, Type 4 Tag 2.0
FILE_CC: Final = 0xE103  # capability container
FILE_NDEF: Final = 0xE104
SYSTEM_TYPE3: Final = 0x12FC  # system code of NDEF on Type 3
SERVICE_TYPE3_READ: Final = 0x000B

# URI RTD 1.0, table 3.
_PREFIXES: Final = (
    *("", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@"),
    *("ftp://ftp.", "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:"),
    *("rtsp://", "urn:", "pop:", "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://"),
    *("irdaobex://", "file://", "urn:epc:id:", "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:"),
)


class BadNdef(ValueError):
    """Bytes that are no NDEF message; `reason` is one of ``length flags chunk count text uri``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"malformed NDEF: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Record:
    """One record: type name format (0-6), type, payload, id."""

    tnf: int
    type: bytes
    payload: bytes
    id: bytes = b""


def text_record(text: str, lang: str = "en") -> Record:
    """A Text record, UTF-8 (Text RTD 3.2)."""
    code = lang.encode("ascii")
    assert 1 <= len(code) <= 63
    return Record(TNF_WELL_KNOWN, b"T", bytes([len(code)]) + code + text.encode())


def uri_record(uri: str) -> Record:
    """A URI record, with the longest abbreviation that fits (URI RTD 3.2.2)."""
    best = max((place for place, prefix in enumerate(_PREFIXES) if uri.startswith(prefix)), key=_prefix_length)
    return Record(TNF_WELL_KNOWN, b"U", bytes([best]) + uri[len(_PREFIXES[best]) :].encode())


def text_of(record: Record) -> str | None:
    """The text of a Text record, None for any other. Raises `BadNdef` (``text``)."""
    if record.tnf != TNF_WELL_KNOWN or record.type != b"T":
        return None
    if not record.payload or len(record.payload) < 1 + (record.payload[0] & 0x3F):
        raise BadNdef("text")
    status = record.payload[0]
    raw = record.payload[1 + (status & 0x3F) :]
    try:
        return (
            raw.decode("utf-16" if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else "utf-16-be")
            if status & 0x80
            else raw.decode()
        )
    except UnicodeDecodeError:
        raise BadNdef("text") from None


def uri_of(record: Record) -> str | None:
    """The whole URI of a URI record, None for any other. Raises `BadNdef` (``uri``)."""
    if record.tnf != TNF_WELL_KNOWN or record.type != b"U":
        return None
    if not record.payload or record.payload[0] >= len(_PREFIXES):
        raise BadNdef("uri")
    try:
        return _PREFIXES[record.payload[0]] + record.payload[1:].decode()
    except UnicodeDecodeError:
        raise BadNdef("uri") from None


def encode(records: tuple[Record, ...]) -> bytes:
    """The message of these records."""
    out = bytearray()
    for place, record in enumerate(records):
        short = len(record.payload) < 256
        flags = record.tnf | (_SR if short else 0) | (_IL if record.id else 0)
        flags |= (_MB if place == 0 else 0) | (_ME if place == len(records) - 1 else 0)
        out += bytes([flags, len(record.type)]) + len(record.payload).to_bytes(1 if short else 4)
        out += bytes([len(record.id)]) if record.id else b""
        out += record.type + record.id + record.payload
    return bytes(out)


def decode(message: bytes) -> tuple[Record, ...]:
    """The records of a message; an empty message has none. Raises `BadNdef`."""
    if len(message) > MESSAGE_MAX:
        raise BadNdef("length")
    records: list[Record] = []
    at, ended = 0, False
    while at < len(message):
        if ended:
            raise BadNdef("flags")
        if len(records) == RECORDS_MAX:
            raise BadNdef("count")
        flags = message[at]
        if bool(flags & _MB) != (not records):
            raise BadNdef("flags")
        record, at = _record(message, at)
        records.append(record)
        ended = bool(flags & _ME)
    if records and not ended:
        raise BadNdef("flags")
    return tuple(records)


def _record(message: bytes, at: int) -> tuple[Record, int]:
    flags = message[at]
    if flags & _CF or flags & 0x07 in (0x06, 0x07):
        raise BadNdef("chunk")
    sizes = 1 if flags & _SR else 4
    head = message[at + 1 : at + 2 + sizes + (1 if flags & _IL else 0)]
    if len(head) < 1 + sizes + (1 if flags & _IL else 0):
        raise BadNdef("length")
    type_size, payload_size = head[0], int.from_bytes(head[1 : 1 + sizes])
    id_size = head[-1] if flags & _IL else 0
    start = at + 1 + len(head)
    end = start + type_size + id_size + payload_size
    if end > len(message):
        raise BadNdef("length")
    kind = message[start : start + type_size]
    ident = message[start + type_size : start + type_size + id_size]
    return Record(flags & 0x07, kind, message[end - payload_size : end], ident), end


def _prefix_length(place: int) -> int:
    return len(_PREFIXES[place])


# -- containers ---------------------------------------------------------------------------------------


def type2_memory(message: bytes, uid: bytes) -> bytes:
    """The memory of a Type 2 tag of 16-byte blocks: UID, lock bytes, capability container, NDEF TLV (Type 2, 2.3)."""
    assert len(uid) == 7
    assert len(message) <= MESSAGE_MAX
    head = uid[:3] + bytes([0x88 ^ uid[0] ^ uid[1] ^ uid[2]]) + uid[3:]
    head += bytes([uid[3] ^ uid[4] ^ uid[5] ^ uid[6], 0x48, 0x00, 0x00])
    size = bytes([len(message)]) if len(message) < 255 else b"\xff" + len(message).to_bytes(2)
    area = b"\x03" + size + message + b"\xfe"
    area += bytes(-len(area) % 16)
    return head + bytes([0xE1, 0x10, len(area) // 8, 0x0F]) + area


def type3_blocks(message: bytes) -> tuple[bytes, ...]:
    """The attribute block and the data blocks of a read-only Type 3 tag, 16 bytes each (Type 3, 6.1)."""
    assert len(message) <= MESSAGE_MAX
    blocks = -(-len(message) // 16)
    attributes = bytes([0x10, 4, 1]) + blocks.to_bytes(2) + bytes(4) + bytes([0x00, 0x00]) + len(message).to_bytes(3)
    attributes += sum(attributes).to_bytes(2)
    padded = message + bytes(-len(message) % 16)
    return (attributes, *(padded[i : i + 16] for i in range(0, len(padded), 16)))


def type4_files(message: bytes) -> dict[int, bytes]:
    """The capability container and the NDEF file of a read-only Type 4 tag, by file identifier (Type 4, 5.1)."""
    assert len(message) <= MESSAGE_MAX
    control = bytes([0x04, 0x06]) + FILE_NDEF.to_bytes(2) + (MESSAGE_MAX + 2).to_bytes(2) + b"\x00\xff"
    container = (0x000F).to_bytes(2) + b"\x20" + (0x00F0).to_bytes(2) + (0x00F0).to_bytes(2) + control
    return {FILE_CC: container, FILE_NDEF: len(message).to_bytes(2) + message}
