"""Pairing: a device asks with its public key, a person who owns a shop types the six characters, and it is a terminal.

A pairing is used once. Its code says nothing about the device and the device's key never leaves it; whoever learns the
code can only give the device a place, not take one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.http.callers import Entropy
from backend.http.keys import public_key
from backend.refused import Refused
from backend.store import Unit
from backend.terminals.rules import (
    CODE_LENGTH,
    MODES,
    PAIRING_MISSES_MAX,
    PAIRING_MS,
    PAIRING_SPAN_MS,
    PAIRINGS_MAX,
    pairing_code,
)
from backend.terminals.shops import Seller, seller_of
from core.faults.http import UNKNOWN_KEY
from core.faults.terminals import BAD_PUBLIC_KEY, NO_SUCH_PAIRING, PAIRING_OVER, PAIRINGS_FULL, UNKNOWN_MODE
from core.faults.withdrawal import VAULT_TAKEN
from core.ids import base32, spoken
from core.messages import PairingOpened, PairingRequest, PairingState
from core.moment import Moment

CHANGED: Final = "terminal.changed"  # topic of the note that tells key books to forget a key id
TEXT_MAX: Final = 64
KEPT_MS: Final = 3_600_000  # an hour: a device that was offline at the end still learns how its pairing ended


def open_pairing(unit: Unit, request: PairingRequest, at: Moment, approve_at: str, entropy: Entropy) -> PairingOpened:
    """Begin a pairing for a device nobody knows yet. Raises `Refused`."""
    try:
        public_key(request.public_key)
        if request.vault_key:
            public_key(request.vault_key)
    except ValueError:
        raise Refused.by(BAD_PUBLIC_KEY, status=422) from None
    if request.mode not in MODES:
        raise Refused.by(UNKNOWN_MODE, status=422)
    unit.run("DELETE FROM pairing WHERE expires_at < ?", (at.ms - KEPT_MS,))
    waiting = unit.one("SELECT count(*) FROM pairing WHERE state = 'pending' AND expires_at > ?", (at.ms,))
    if waiting is not None and waiting[0] >= PAIRINGS_MAX:
        raise Refused.by(PAIRINGS_FULL, status=429, retryable=True)
    code = _free_code(unit, entropy)
    made, expires_at = base32(entropy(16)), at.plus(PAIRING_MS)
    unit.run(
        "INSERT INTO pairing VALUES(?, ?, ?, ?, ?, ?, 'pending', NULL, ?, ?)",
        (
            made,
            code,
            request.public_key,
            request.mode,
            request.model[:TEXT_MAX],
            request.version[:TEXT_MAX],
            expires_at.ms,
            request.vault_key,
        ),
    )
    return PairingOpened(made, code, approve_at, expires_at.rfc3339(), PAIRING_MS)


@dataclass(frozen=True, slots=True)
class Asking:
    """A device that waits to be paired, as the person with its code sees it before approving. `vault_key` is that of
    its cash side, "" where it has none."""

    mode: str
    model: str
    version: str
    public_key: str
    vault_key: str = ""


def look(unit: Unit, code: str, person: str, at: Moment) -> Asking | Refused:
    """Which device shows this code; nothing changes. A wrong code comes back as a value: its count stays."""
    seller_of(unit, person)
    found = _pending(unit, code, person, at)
    return found if isinstance(found, Refused) else Asking(found[2], found[3], found[4], found[1], found[5])


def approve(unit: Unit, code: str, person: str, at: Moment, entropy: Entropy) -> str | Refused:
    """The person's shop takes the device in; its terminal id. A wrong code comes back as a value: its count stays.

    So does VAULT_TAKEN: a cash side belongs to one active terminal.
    """
    seller = seller_of(unit, person)
    found = _pending(unit, code, person, at)
    if isinstance(found, Refused):
        return found
    pairing, public, mode, model, version, vault_key = found
    taken = "SELECT 1 FROM terminal WHERE vault_key = ? AND vault_key <> '' AND state = 'active'"
    if unit.one(taken, (vault_key,)) is not None:
        return Refused.by(VAULT_TAKEN)
    terminal = base32(entropy(16))
    unit.run(
        "INSERT INTO terminal VALUES(?, ?, ?, ?, ?, ?, ?, 'active', ?, ?, NULL, ?)",
        (terminal, seller.id, seller.shop, public, mode, model, version, at.ms, at.ms, vault_key),
    )
    unit.run("UPDATE pairing SET state = 'approved', terminal = ? WHERE id = ?", (terminal, pairing))
    unit.tell(CHANGED, terminal)
    return terminal


def refuse(unit: Unit, code: str, person: str, at: Moment) -> Refused | None:
    """A person who does not know the device turns it away."""
    found = _pending(unit, code, person, at)
    if isinstance(found, Refused):
        return found
    unit.run("UPDATE pairing SET state = 'refused' WHERE id = ?", (found[0],))
    return None


def state_of(unit: Unit, pairing: str, at: Moment) -> tuple[PairingState, str | None]:
    """Where a pairing stands, and its terminal once approved."""
    row = unit.one("SELECT state, terminal, expires_at FROM pairing WHERE id = ?", (pairing,))
    if row is None:
        raise Refused.by(UNKNOWN_KEY, "no such pairing", status=404)
    if row[0] == "pending" and row[2] <= at.ms:
        return PairingState.EXPIRED, None
    return PairingState(row[0]), row[1]


def key_of_pairing(unit: Unit, pairing: str) -> str | None:
    """The public key that asked; for the signature of the device's polls."""
    row = unit.one("SELECT public_key FROM pairing WHERE id = ?", (pairing,))
    return None if row is None else str(row[0])


def _pending(unit: Unit, code: str, person: str, at: Moment) -> tuple[str, str, str, str, str, str] | Refused:
    span = at.ms // PAIRING_SPAN_MS
    row = unit.one("SELECT misses FROM pairing_miss WHERE person = ? AND span = ?", (person, span))
    if row is not None and row[0] >= PAIRING_MISSES_MAX:
        return Refused.by(PAIRINGS_FULL, "too many wrong codes", status=429, retryable=True)
    found = unit.one(
        "SELECT id, public_key, mode, model, version, expires_at, state, vault_key FROM pairing WHERE code = ?"
        " ORDER BY state = 'pending' DESC, expires_at DESC",
        (pairing_code(code),),
    )
    if found is None:
        unit.run("DELETE FROM pairing_miss WHERE span < ?", (span,))
        unit.run(
            "INSERT INTO pairing_miss VALUES(?, ?, 1) ON CONFLICT DO UPDATE SET misses = misses + 1", (person, span)
        )
        return Refused.by(NO_SUCH_PAIRING, status=404)
    if found[6] != "pending" or found[5] <= at.ms:
        return Refused.by(PAIRING_OVER, status=410)
    return found[0], found[1], found[2], found[3], found[4], found[7]


def _free_code(unit: Unit, entropy: Entropy) -> str:
    """A code nobody waits with: of a billion, so two draws in a row that are taken are a broken source of chance."""
    for _ in range(3):
        code = spoken(int.from_bytes(entropy(5)), CODE_LENGTH)
        if unit.one("SELECT 1 FROM pairing WHERE code = ? AND state = 'pending'", (code,)) is None:
            return code
    raise AssertionError("the entropy source repeats itself")


__all__ = ["CHANGED", "Asking", "Seller", "approve", "key_of_pairing", "look", "open_pairing", "refuse", "state_of"]
