"""The stock: codes sealed at rest, loaded as a whole file, taken out one for one transaction."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.giftcards.rules import BadBatch, Batch, read_batch
from backend.refused import Refused
from backend.store import Unit
from core.asset import Asset
from core.faults.giftcards import LOAD_BAD, LOADED_BEFORE, OUT_OF_STOCK
from core.messages import CardFace, CardIssuer
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MARK: Final = b"tillmark gift card mark 1\n"


class CardSealer:
    """Seals and opens codes (AES-256-GCM) and marks them (HMAC-SHA-256). `file_key` 32 bytes, never shown."""

    def __init__(self, file_key: bytes, entropy: Callable[[int], bytes]) -> None:
        assert len(file_key) == KEY_BYTES, "a key has 32 bytes"
        self._cipher = AESGCM(file_key)
        self._mark_key = hmac.digest(file_key, _MARK, hashlib.sha256)
        self._entropy = entropy

    def mark(self, issuer: str, code: str) -> bytes:
        """The same for the same code of the same issuer, and telling nothing about it without the key."""
        return hmac.digest(self._mark_key, f"{issuer}\n{code}".encode(), hashlib.sha256)

    def seal(self, code: str, mark: bytes) -> bytes:
        """The mark is bound in: a sealed code copied into another row does not open."""
        nonce = self._entropy(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, code.encode(), mark)

    def open(self, sealed: bytes, mark: bytes) -> str:
        """Raises `InvalidTag` where the key file is not the one the codes were sealed under."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], mark).decode()


@dataclass(frozen=True, slots=True)
class Issuer:
    issuer: str
    name: str
    name_ko: str
    how: str
    how_ko: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The cards of one issuer and face: how many are left and how many were sold."""

    issuer: str
    name: str
    face: Money
    left: int
    sold: int


@dataclass(frozen=True, slots=True)
class Loaded:
    issuer: str
    face: Money
    count: int
    batch: int


def load(unit: Unit, sealer: CardSealer, raw: bytes, fiat: Asset, at: Moment) -> Loaded:
    """Take a whole file into stock, or nothing of it. Raises `Refused` LOAD_BAD, LOADED_BEFORE; never with a code."""
    try:
        batch = read_batch(raw, fiat)
    except BadBatch as error:
        raise Refused.by(LOAD_BAD, str(error), status=422) from None
    unit.run(
        "INSERT INTO gift_issuer VALUES(?, ?, ?, ?, ?) ON CONFLICT(issuer) DO UPDATE SET name = excluded.name,"
        " name_ko = excluded.name_ko, how = excluded.how, how_ko = excluded.how_ko",
        (batch.issuer, *batch.name, *batch.how),
    )
    face = batch.face
    id = unit.insert(
        "INSERT INTO gift_batch(issuer, fiat, scale, face, count, sha256, at) VALUES(?, ?, ?, ?, ?, ?, ?)",
        (batch.issuer, fiat.code, fiat.scale, face.minor, len(batch.codes), batch.sha256, at.ms),
    )
    rows = [(id, batch.issuer, fiat.code, face.minor, *_sealed(sealer, batch, code)) for code in batch.codes]
    taken = unit.many(
        "INSERT OR IGNORE INTO gift_stock(batch, issuer, fiat, face, sealed, mark) VALUES(?, ?, ?, ?, ?, ?)", rows
    )
    if taken != len(rows):
        raise Refused.by(LOADED_BEFORE, f"{len(rows) - taken} of {len(rows)} codes are known", status=409)
    return Loaded(batch.issuer, face, len(rows), id)


def take(unit: Unit, sealer: CardSealer, txn: str, issuer: str, face: Money) -> tuple[int, str]:
    """One unsold code for this transaction: its row and the code. Raises `Refused` OUT_OF_STOCK."""
    row = unit.one(
        "UPDATE gift_stock SET txn = ? WHERE id = (SELECT id FROM gift_stock WHERE issuer = ? AND fiat = ? AND face = ?"
        " AND txn IS NULL ORDER BY id LIMIT 1) RETURNING id, sealed, mark",
        (txn, issuer, face.asset.code, face.minor),
    )
    if row is None:
        raise Refused.by(OUT_OF_STOCK, f"{issuer} {face}", status=409)
    return int(row[0]), sealer.open(row[1], row[2])


def code_of(unit: Unit, sealer: CardSealer, id: int) -> str:
    row = unit.one("SELECT sealed, mark FROM gift_stock WHERE id = ?", (id,))
    assert row is not None, "a sold code is kept"
    return sealer.open(row[0], row[1])


def has(unit: Unit, issuer: str, face: Money) -> tuple[bool, bool]:
    """Is such a card sold here at all, and is one in stock?"""
    row = unit.one(
        "SELECT EXISTS(SELECT 1 FROM gift_batch WHERE issuer = ?1 AND fiat = ?2 AND face = ?3),"
        " EXISTS(SELECT 1 FROM gift_stock WHERE issuer = ?1 AND fiat = ?2 AND face = ?3 AND txn IS NULL)",
        (issuer, face.asset.code, face.minor),
    )
    assert row is not None, "two questions have one row"
    return bool(row[0]), bool(row[1])


def issuer_of(unit: Unit, issuer: str) -> Issuer:
    row = unit.one("SELECT issuer, name, name_ko, how, how_ko FROM gift_issuer WHERE issuer = ?", (issuer,))
    assert row is not None, "whoever has cards has a name"
    return Issuer(*row)


def shelves(unit: Unit, fiat: Asset) -> tuple[Shelf, ...]:
    """Every issuer and face with what is left of it: the operator's page, and what a machine offers."""
    rows = unit.all(
        "SELECT s.issuer, i.name, s.face, sum(s.txn IS NULL), sum(s.txn IS NOT NULL) FROM gift_stock AS s"
        " JOIN gift_issuer AS i ON i.issuer = s.issuer WHERE s.fiat = ? GROUP BY s.issuer, s.face"
        " ORDER BY s.issuer, s.face",
        (fiat.code,),
    )
    return tuple(Shelf(issuer, name, Money(face, fiat), left, sold) for issuer, name, face, left, sold in rows)


def catalogue(unit: Unit, fiat: Asset) -> tuple[CardIssuer, ...]:
    """What is sold, in stock or not. One look into the index for each face, however many codes there are."""
    faces: dict[str, list[CardFace]] = {}
    for issuer, minor in unit.all(
        "SELECT DISTINCT issuer, face FROM gift_batch WHERE fiat = ? ORDER BY issuer, face", (fiat.code,)
    ):
        face = Money(minor, fiat)
        faces.setdefault(issuer, []).append(CardFace(WireMoney.of(face), has(unit, issuer, face)[1]))
    made = []
    for issuer, every in faces.items():
        named = issuer_of(unit, issuer)
        made.append(CardIssuer(issuer, named.name, named.name_ko, tuple(every)))
    return tuple(made)


def _sealed(sealer: CardSealer, batch: Batch, code: str) -> tuple[bytes, bytes]:
    mark = sealer.mark(batch.issuer, code)
    return sealer.seal(code, mark), mark
