"""What a file of codes must be, and what a card costs. Pure, no store.

A file is one JSON object::

    {"issuer": "moon", "name": ["Moonlight Coffee", "달빛커피"], "how": ["Show the code.", "코드를 보여 주세요."],
     "currency": "KRW", "face": "10000", "count": 2, "sha256": "...", "codes": ["AAAA-BBBB", "CCCC-DDDD"]}

`sha256` is of the codes in their order, each followed by a line feed, in hexadecimal. Nothing here ever puts a code
into an error.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final

import msgspec

from core.asset import Asset
from core.messages import Tender
from core.money import BadAmount, Money
from core.rate import Rate

FILE_MAX: Final = 4 * 1024 * 1024  # bytes: some 100,000 codes, sealed in a second or two
CODES_MAX: Final = 100_000
CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{3,39}")  # what fits one line of the narrowest paper, in one QR
ISSUER: Final = re.compile(r"[a-z0-9]{1,20}")
NAME_MAX, HOW_MAX = 40, 200


class BadBatch(ValueError):
    """A file that is not a whole batch of codes. Its text never contains a code."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One issuer's codes of one face value."""

    issuer: str
    name: tuple[str, str]
    how: tuple[str, str]
    face: Money
    sha256: str
    codes: tuple[str, ...] = field(repr=False)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    issuer: str
    name: tuple[str, str]
    how: tuple[str, str]
    currency: str
    face: str
    count: int
    sha256: str
    codes: list[str]


def checksum(codes: tuple[str, ...]) -> str:
    return hashlib.sha256("".join(f"{code}\n" for code in codes).encode()).hexdigest()


def read_batch(raw: bytes, fiat: Asset) -> Batch:
    """Raises `BadBatch` and nothing else."""
    if len(raw) > FILE_MAX:
        raise BadBatch(f"the file has more than {FILE_MAX} bytes")
    try:
        told = msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadBatch("the file is not the JSON object of a batch") from None
    codes = tuple(told.codes)
    if not 1 <= len(codes) <= CODES_MAX or told.count != len(codes):
        raise BadBatch(f"count says {told.count}, {len(codes)} codes stand there (1 to {CODES_MAX})")
    wrong = sum(CODE.fullmatch(code) is None for code in codes)
    if wrong:
        raise BadBatch(f"{wrong} codes are not 4 to 40 letters, digits and dashes")
    if len(set(codes)) != len(codes):
        raise BadBatch("a code stands there twice")
    if checksum(codes) != told.sha256.lower():
        raise BadBatch("the checksum does not fit the codes")
    if ISSUER.fullmatch(told.issuer) is None:
        raise BadBatch("issuer is not 1 to 20 small letters and digits")
    if not all(1 <= len(name) <= NAME_MAX and name.isprintable() for name in told.name):
        raise BadBatch(f"each name has 1 to {NAME_MAX} characters")
    if not all(1 <= len(how) <= HOW_MAX and how.isprintable() for how in told.how):
        raise BadBatch(f"each how has 1 to {HOW_MAX} characters")
    return Batch(told.issuer, told.name, told.how, _face(told, fiat), told.sha256.lower(), codes)


def _face(told: _File, fiat: Asset) -> Money:
    if told.currency != fiat.code:
        raise BadBatch(f"the cards are in {told.currency[:12]!r}, this exchange keeps {fiat.code}")
    try:
        face = Money.parse(told.face, fiat)
    except BadAmount:
        raise BadBatch("face is not an amount of the currency") from None
    if face.minor <= 0:
        raise BadBatch("face is not above zero")
    return face


@dataclass(frozen=True, slots=True)
class Terms:
    """`fiat_fee_bp` when the wallet's fiat pays, `coin_fee_bp` and `spread_bp` when coins are sold for it."""

    fiat_fee_bp: int = 0
    coin_fee_bp: int = 50
    spread_bp: int = 30
    quote_ms: int = 30_000


@dataclass(frozen=True, slots=True)
class CardCost:
    """`fiat` and `coins` leave the wallet; `sold` is what the coins bring. ``fiat + sold == face + fee``, always."""

    face: Money
    fee: Money
    fiat: Money
    sold: Money
    coins: Money | None


def card_cost(face: Money, tender: Tender, rate: Rate | None, terms: Terms) -> CardCost:
    """The fee rounded up, the coins rounded up, both for the house and by less than one unit. Raises `BadAmount`."""
    nothing = Money.zero(face.asset)
    if tender is Tender.FIAT:
        fee = face.share(terms.fiat_fee_bp)
        return CardCost(face, fee, face + fee, nothing, None)
    assert tender is Tender.COIN, "a card is paid with money or with one coin"
    assert rate is not None, "coins have a rate"
    fee = face.share(terms.coin_fee_bp)
    return CardCost(face, fee, nothing, face + fee, rate.quantity(face + fee))
