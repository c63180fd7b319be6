"""Code keys: one secret for each phone of a member and one for the page, and the handles they answer to.

A key is stored sealed (AES-256-GCM under the server's code-key file), so that a stolen database alone makes no code.
The handles of yesterday, today and tomorrow stand in an index, written when a key is made and once a day at the
member's own roll, so that resolving a code is one look-up and a handful of MACs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.http.callers import Entropy
from backend.members.rules import Candidate, own_days
from backend.store import Unit
from core.code import DAY_MS, KEY_BYTES, SLOT_MS, PersonalCode, day_of, derive, handle_of, slot_of, slot_start
from core.moment import Moment

PAGE: Final = "page"  # the label of the key behind the member's web page
AHEAD: Final = 30  # codes a page holds: a quarter of an hour without a network, and no key
ROLL_MAX: Final = 500  # keys rolled in one unit of work, about 10 ms: no sale waits longer behind it
_NONCE_BYTES = 12


class Sealer:
    """Seals and opens code keys. `file_key` 32 bytes."""

    def __init__(self, file_key: bytes, entropy: Entropy) -> None:
        self._cipher = AESGCM(file_key)
        self._entropy = entropy

    def seal(self, secret: bytes, member: str) -> bytes:
        """`member` is bound in: a sealed key copied to another member's row does not open."""
        nonce = self._entropy(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, member.encode())

    def open(self, sealed: bytes, member: str) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], member.encode())


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as its phone gets it, once."""

    id: int
    secret: bytes
    roll_ms: int

    def __repr__(self) -> str:
        return f"NewKey({self.id})"


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """One code of the list a page holds, with the half minute in which it is shown."""

    code: str
    valid_from: str
    valid_until: str


def make_key(unit: Unit, sealer: Sealer, member: str, label: str, at: Moment, entropy: Entropy) -> NewKey:
    """A fresh key for a member; codes made with it are good at once."""
    secret = entropy(KEY_BYTES)
    roll_ms = int.from_bytes(entropy(8)) % (DAY_MS // SLOT_MS) * SLOT_MS  # whole slots: no slot has two handles
    key = unit.insert(
        "INSERT INTO member_key(member, label, sealed, roll_ms, due_at, tap_counter, made_at)"
        " VALUES(?, ?, ?, ?, ?, 0, ?)",
        (member, label, sealer.seal(secret, member), roll_ms, _next_roll(roll_ms, at), at.ms),
    )
    _index(unit, key, secret, roll_ms, at)
    return NewKey(key, secret, roll_ms)


def roll(unit: Unit, sealer: Sealer, at: Moment) -> int:
    """Index the new day of every key whose day has turned; how many. Call again while it says `ROLL_MAX`."""
    due = unit.all(
        "SELECT id, member, sealed, roll_ms FROM member_key WHERE due_at <= ? ORDER BY due_at LIMIT ?",
        (at.ms, ROLL_MAX),
    )
    for key, member, sealed, roll_ms in due:
        secret = sealer.open(sealed, member)
        old = day_of(roll_ms, at) - 2
        unit.run(
            "DELETE FROM member_handle WHERE handle = ? AND day = ? AND key = ?", (handle_of(secret, old), old, key)
        )
        _index(unit, key, secret, roll_ms, at)
        unit.run("UPDATE member_key SET due_at = ? WHERE id = ?", (_next_roll(roll_ms, at), key))
    return len(due)


def remove_key(unit: Unit, sealer: Sealer, member: str, key: int, at: Moment) -> bool:
    """A phone was lost or given away: from now on its codes are nobody's."""
    row = unit.one(
        "DELETE FROM member_key WHERE id = ? AND member = ? AND label <> ? RETURNING sealed, roll_ms",
        (key, member, PAGE),
    )
    if row is None:
        return False
    days = own_days(sealer.open(row[0], member), row[1], at)
    unit.many("DELETE FROM member_handle WHERE handle = ? AND day = ? AND key = ?", [(h, d, key) for d, h in days])
    return True


def candidates(unit: Unit, sealer: Sealer, handle: int) -> list[Candidate]:
    """Every key that answers to `handle` on one of its days around today."""
    rows = unit.all(
        "SELECT h.key, h.day, k.member, k.sealed, k.roll_ms FROM member_handle h JOIN member_key k ON k.id = h.key"
        " WHERE h.handle = ?",
        (handle,),
    )
    found: dict[int, Candidate] = {}
    for key, day, member, sealed, roll_ms in rows:
        days = found[key].days if key in found else frozenset()
        secret = found[key].secret if key in found else sealer.open(sealed, member)
        found[key] = Candidate(key, member, secret, roll_ms, days | {day})
    return list(found.values())


def issue(unit: Unit, sealer: Sealer, member: str, at: Moment) -> tuple[IssuedCode, ...]:
    """The next codes for the member's page, which then works without a network for a quarter of an hour."""
    row = unit.one("SELECT sealed, roll_ms FROM member_key WHERE member = ? AND label = ?", (member, PAGE))
    assert row is not None, "a member has a page key from joining on"
    secret = sealer.open(row[0], member)
    first = slot_of(at)
    return tuple(_issued(secret, row[1], slot) for slot in range(first, first + AHEAD))


def _issued(secret: bytes, roll_ms: int, slot: int) -> IssuedCode:
    start = slot_start(slot)
    code: PersonalCode = derive(secret, roll_ms, start)
    return IssuedCode(code.digits, start.rfc3339(), start.plus(SLOT_MS).rfc3339())


def _index(unit: Unit, key: int, secret: bytes, roll_ms: int, at: Moment) -> None:
    rows = [(handle, day, key) for day, handle in own_days(secret, roll_ms, at)]
    unit.many("INSERT OR IGNORE INTO member_handle VALUES(?, ?, ?)", rows)


def _next_roll(roll_ms: int, at: Moment) -> int:
    """When the key's next day begins: by then the day after it must stand in the index."""
    return (day_of(roll_ms, at) + 1) * DAY_MS + roll_ms
