"""The books for people and for programs: what each place holds, what is in doubt, what waits; and whom we believe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.asset import Asset
from core.fingerprint import fingerprint
from core.money import Money
from device.vault.books import Books
from device.vault.keys import BadAuthorityKey, PinnedKeys
from device.vault.ledger import OUTSIDE, Ledger, wrong_with


def as_object(books: Books, records: int, asset: Asset) -> dict[str, object]:
    """Plain values; `high` of a count as the ledger's doubts allow."""
    places = []
    for place, face in _rows(books.ledger):
        count = books.ledger.count(place, face)
        value = Money(face, asset).decimal()
        places.append({"place": place, "face": value, "low": count.low, "high": count.high})
    return {
        "records": records,
        "sound": wrong_with(books.ledger) == "",
        "currency": asset.code,
        "places": places,
        "suspended": books.suspended,
        "in_doubt": [one.txn.text for one in books.doubtful],
        "open": books.open.txn.text if books.open else "",
        "statements": books.number,
        "unsent": len(books.waiting),
    }


def as_lines(books: Books, records: int, asset: Asset) -> Iterator[str]:
    for place, face in _rows(books.ledger):
        yield f"{place:12} {Money(face, asset)!s:>16} x {books.ledger.count(place, face)}"
    for doubt in books.ledger.doubts:
        yield f"in doubt: up to {doubt.most} of {Money(doubt.face, asset)}, {doubt.source} to {doubt.target}"
    if books.suspended:
        yield f"suspended: {books.suspended}"
    if books.open is not None:
        yield f"open: {books.open.txn}"
    yield f"{records} records, {books.number} statements, {len(books.waiting)} not acknowledged"


def _rows(ledger: Ledger) -> list[tuple[str, int]]:
    """Every place that holds something, or may."""
    doubted = {(place, doubt.face) for doubt in ledger.doubts for place in (doubt.source, doubt.target)}
    return sorted(row for row in {*ledger.exact, *doubted} if row[0] != OUTSIDE)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A key of the exchange as a person compares it; `code` why it is none, else "", and then `mark` is ""."""

    id: str
    mark: str
    code: str = ""


def pinned(keys: Mapping[str, str]) -> tuple[Pinned, ...]:
    """The keys of the configuration, usable or not."""
    return tuple(_pinned(key_id, text) for key_id, text in keys.items())


def _pinned(key_id: str, text: str) -> Pinned:
    try:
        PinnedKeys({key_id: text})
    except BadAuthorityKey as error:
        return Pinned(key_id, "", error.code)
    return Pinned(key_id, fingerprint(text))


def pinned_lines(keys: Mapping[str, str]) -> Iterator[str]:
    for one in pinned(keys):
        yield f"authority key {one.id}  {one.mark or f'{one.code} is no key'}"
    if not keys:
        yield f"authority key {BadAuthorityKey.code} none is pinned"
