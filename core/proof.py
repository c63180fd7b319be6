"""Proof: what a receipt claims, in bytes that can be signed, and as the short text of its QR code.

The exchange signs `encode(facts)` with Ed25519 (RFC 8032) and puts `seal(facts, key_id, signature)` on the
paper; anybody with the exchange's published keys can check it, also without a network. Nothing here signs or
verifies: this file is only about which bytes mean which facts, so that both sides agree to the bit.

Layout, version 1 (all numbers big-endian; `text` is one length byte and UTF-8; `varint` is unsigned LEB128 in
its shortest form; an `asset` is its code as text and its scale as one byte)::

    kind u8 (1 sale, 2 refund, 3 void, 4 withdrawal) | txn 16 | sale 16 (refund and void only) | at u48 ms since 1970
    | rrn text | terminal text | approval text | shop text
    | asset of price, fee, rate | asset of quantity, total
    | price | quantity | fee | total | rate (0: none)          each a varint of minor units

What is signed is ``b"tillmark receipt 1\\n"`` and these bytes. The text on paper is ``TMR1:`` and, in base 32
(RFC 4648, no padding), key id as text, the bytes above, and the 64 bytes of the signature. Base 32 and the colon
are in a QR code's alphanumeric set, so the longest seal fits version 12 at error level M (419 characters).

A sale and its void say price, quantity, fee, total and rate as the quote did. A refund says as price what the
goods came to, as quantity and total what the shopper was given (coins, or the fiat itself), no fee, and the rate
only where coins were bought. A withdrawal says as price the notes that were given, as quantity and total what they
cost in the end (coins, or the fiat itself), and the rate only where coins were sold; it names no sale.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from enum import Enum

from core.asset import Asset
from core.ids import BadId, TxnId, base32
from core.moment import Moment
from core.money import MINOR_MAX, Money

PREFIX = "TMR1:"
DOMAIN = b"tillmark receipt 1\n"  # signed with the facts, so that no other signature of the exchange can be one
SIGNATURE_BYTES = 64
SEAL_CHARS_MAX = 419  # QR version 12, level M, alphanumeric (ISO/IEC 18004 table 7)
SEAL_BYTES_MAX = (SEAL_CHARS_MAX - len(PREFIX)) * 5 // 8
KEY_ID_BYTES_MAX = 16
BODY_BYTES_MAX = SEAL_BYTES_MAX - SIGNATURE_BYTES - 1 - KEY_ID_BYTES_MAX
RRN_MAX, TERMINAL_MAX, APPROVAL_MAX, SHOP_MAX = 16, 26, 8, 40  # bytes; all but a long shop always fit together
VARINT_BYTES_MAX = 9  # 63 bits
# Crockford's digits as Python's `int` knows those of base 32.
_ID_DIGITS = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789abcdefghijklmnopqrstuv")


class Kind(Enum):
    """What the paper is about."""

    SALE = "sale"
    REFUND = "refund"
    VOID = "void"
    WITHDRAWAL = "withdrawal"


_KIND_BYTES = {Kind.SALE: 1, Kind.REFUND: 2, Kind.VOID: 3, Kind.WITHDRAWAL: 4}
_ALONE = frozenset({Kind.SALE, Kind.WITHDRAWAL})  # these name no sale


class BadFacts(ValueError):
    """Facts that no receipt can state; a mistake of whoever writes them, found before anything is signed."""


class BadSeal(ValueError):
    """A text that is not a receipt's seal. `reason` is one of ``prefix version alphabet short long layout``."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"not a receipt's seal ({reason}): {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """One transaction as its receipt states it.

    `rrn` 1-16, `terminal` 1-26 and `approval` 0-8 printable ASCII characters; `shop` at most 40 bytes of UTF-8.
    `price`, `fee` and `rate` are of one asset, `quantity` and `total` of one; none is negative. `rate` is what
    one whole unit of the coin cost, or None. `sale` is the sale that a refund or void is about, else None.
    Raises `BadFacts`.
    """

    kind: Kind
    rrn: str
    txn: TxnId
    terminal: str
    at: Moment
    price: Money
    quantity: Money
    fee: Money
    total: Money
    rate: Money | None
    approval: str = ""
    shop: str = ""
    sale: TxnId | None = None

    def __post_init__(self) -> None:
        _ascii("rrn", self.rrn, 1, RRN_MAX)
        _ascii("terminal", self.terminal, 1, TERMINAL_MAX)
        _ascii("approval", self.approval, 0, APPROVAL_MAX)
        if not self.shop.isprintable() or len(_utf8(self.shop)) > SHOP_MAX:
            raise BadFacts(f"shop must be printable and at most {SHOP_MAX} bytes of UTF-8")
        if (self.kind in _ALONE) != (self.sale is None):
            raise BadFacts("a refund or void names its sale, a sale or withdrawal names none")
        fiat, coin = self.price.asset, self.quantity.asset
        if self.fee.asset != fiat or self.total.asset != coin:
            raise BadFacts("price and fee, quantity and total must be of one asset each")
        if self.rate is not None and (self.rate.asset != fiat or self.rate.minor <= 0):
            raise BadFacts("a rate is above zero and in the asset of the price")
        if min(self.price.minor, self.quantity.minor, self.fee.minor, self.total.minor) < 0:
            raise BadFacts("no amount of a receipt is negative")


@dataclass(frozen=True, slots=True)
class Opened:
    """A seal taken apart: not yet believed. `signed` are the bytes that `signature` must be over."""

    facts: ReceiptFacts
    key_id: str
    signature: bytes
    signed: bytes


def shop_name(text: str) -> str:
    """A shop's name as facts can state it: no control characters, cut at a character to `SHOP_MAX` bytes."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain.encode(errors="replace")[:SHOP_MAX].decode(errors="ignore").strip()


def fitted(facts: ReceiptFacts) -> ReceiptFacts:
    """The same facts with the shop's name cut, at a character, to what the QR code has room for."""
    room = min(SHOP_MAX, BODY_BYTES_MAX - len(_body(replace(facts, shop=""))))
    shop = facts.shop.encode()[:room].decode(errors="ignore").rstrip()
    return replace(facts, shop=shop)


def encode(facts: ReceiptFacts) -> bytes:
    """The bytes the exchange signs. Raises `BadFacts` when they are too long for the QR code (see `fitted`)."""
    body = _body(facts)
    if len(body) > BODY_BYTES_MAX:
        raise BadFacts(f"facts take {len(body)} bytes, a receipt has room for {BODY_BYTES_MAX}: shorten the shop")
    return DOMAIN + body


def seal(facts: ReceiptFacts, key_id: str, signature: bytes) -> str:
    """The text of the receipt's QR code. `key_id` 1-16 printable ASCII, `signature` 64 bytes. Raises `BadFacts`."""
    return seal_encoded(encode(facts), key_id, signature)


def seal_encoded(encoded: bytes, key_id: str, signature: bytes) -> str:
    """As `seal`, of facts that are `encode`d already."""
    _ascii("key id", key_id, 1, KEY_ID_BYTES_MAX)
    if len(signature) != SIGNATURE_BYTES:
        raise BadFacts(f"an Ed25519 signature has {SIGNATURE_BYTES} bytes, not {len(signature)}")
    raw = _text(key_id) + encoded[len(DOMAIN) :] + signature
    return PREFIX + base64.b32encode(raw).decode("ascii").rstrip("=")


def open_seal(text: str) -> Opened:
    """Take a seal apart. Letter case, spaces and line ends do not matter. Raises `BadSeal` and nothing else.

    Only the one shortest form of every fact is accepted, so no second text claims the same thing.
    """
    plain = "".join(text.split()).upper()
    if not plain.startswith(PREFIX):
        if plain[:3] == "TMR" and plain[3:4].isdigit():
            raise BadSeal("version", f"{plain[:5]!r} is of a version this program does not know")
        raise BadSeal("prefix", f"it does not begin with {PREFIX}")
    if len(plain) > SEAL_CHARS_MAX:
        raise BadSeal("long", f"{len(plain)} characters, at most {SEAL_CHARS_MAX}")
    raw = _base32(plain[len(PREFIX) :])
    if len(raw) <= SIGNATURE_BYTES:
        raise BadSeal("short", "it ends before its signature")
    inner, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
    reader = _Reader(inner)
    try:
        key_id = reader.text()
        _ascii("key id", key_id, 1, KEY_ID_BYTES_MAX)
        body = inner[reader.at :]
        facts = _facts(reader)
        if reader.at != len(inner) or _body(facts) != body:
            raise BadFacts("it is not written in its one shortest form")
        return Opened(facts, key_id, signature, encode(facts))
    except ValueError as error:
        raise BadSeal("layout", str(error)) from None


def _body(facts: ReceiptFacts) -> bytes:
    rate = 0 if facts.rate is None else facts.rate.minor
    parts = [bytes([_KIND_BYTES[facts.kind]]), _id_bytes(facts.txn)]
    if facts.sale is not None:
        parts.append(_id_bytes(facts.sale))
    parts.append(facts.at.ms.to_bytes(6))
    parts += [_text(text) for text in (facts.rrn, facts.terminal, facts.approval, facts.shop)]
    parts += [_text(asset.code) + bytes([asset.scale]) for asset in (facts.price.asset, facts.quantity.asset)]
    amounts = (facts.price.minor, facts.quantity.minor, facts.fee.minor, facts.total.minor, rate)
    parts += [_varint(minor) for minor in amounts]
    return b"".join(parts)


def _facts(reader: _Reader) -> ReceiptFacts:
    code = reader.take(1)[0]
    kind = next((kind for kind, byte in _KIND_BYTES.items() if byte == code), None)
    if kind is None:
        raise BadFacts(f"kind {code} is not known")
    txn = reader.txn()
    sale = None if kind in _ALONE else reader.txn()
    at = Moment(int.from_bytes(reader.take(6)))
    rrn, terminal, approval, shop = (reader.text() for _ in range(4))
    fiat, coin = reader.asset(), reader.asset()
    price, quantity, fee, total, rate = (reader.varint() for _ in range(5))
    return ReceiptFacts(
        kind,
        rrn,
        txn,
        terminal,
        at,
        Money(price, fiat),
        Money(quantity, coin),
        Money(fee, fiat),
        Money(total, coin),
        Money(rate, fiat) if rate else None,
        approval,
        shop,
        sale,
    )


class _Reader:
    """Reads the layout from the front; every step says by a ValueError what is wrong."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.at = 0

    def take(self, count: int) -> bytes:
        part = self.raw[self.at : self.at + count]
        if len(part) != count:
            raise BadFacts("it ends in the middle of a fact")
        self.at += count
        return part

    def text(self) -> str:
        return self.take(self.take(1)[0]).decode()

    def txn(self) -> TxnId:
        return TxnId(base32(self.take(16)))

    def asset(self) -> Asset:
        return Asset(self.text(), self.take(1)[0])

    def varint(self) -> int:
        number = 0
        for place in range(VARINT_BYTES_MAX):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                return number
        raise BadFacts(f"an amount is larger than {MINOR_MAX}")


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _text(text: str) -> bytes:
    raw = text.encode()
    return bytes([len(raw)]) + raw


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadFacts("text with half a surrogate pair") from None


def _ascii(name: str, text: str, least: int, most: int) -> None:
    if not (least <= len(text) <= most and text.isascii() and text.isprintable()):
        raise BadFacts(f"{name} must be {least}-{most} printable ASCII characters")


def _id_bytes(txn: TxnId) -> bytes:
    number = int(txn.text.translate(_ID_DIGITS), 32)
    if number >> 128:
        raise BadId(f"{txn.text} is larger than 128 bits")
    return number.to_bytes(16)


def _base32(text: str) -> bytes:
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise BadSeal("alphabet", "its characters are not base 32, or some are missing") from None
    if base64.b32encode(raw).decode("ascii").rstrip("=") != text:
        raise BadSeal("alphabet", "its last character carries bits that mean nothing")
    return raw
