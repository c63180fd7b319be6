"""Joining and signing in: a six-digit code to the e-mail address or mobile number, then a member and a session.

The same two steps for both, so that nobody learns from them who is a member. The message goes out between two units of
work (`ask`, then the gateway, then nothing more): no desk calls out.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from backend.http.callers import Entropy
from backend.ledger import desk as ledger
from backend.ledger.rules import Owner, OwnerKind
from backend.members.codes import PAGE, Sealer, make_key
from backend.members.rules import (
    ALL_VERIFICATIONS_AN_HOUR,
    VERIFICATION_ATTEMPTS,
    VERIFICATION_MS,
    VERIFICATIONS_AN_HOUR,
    Contact,
)
from backend.refused import Refused
from backend.store import Unit
from core.asset import Asset
from core.faults.members import SENT_TOO_OFTEN, VERIFICATION_OVER, WRONG_VERIFICATION
from core.ids import base32, spoken
from core.moment import Moment

PURCHASED = 1  # the first wallet (red): what a member bought; opened at joining
HOUR_MS = 3_600_000
DIGITS = 6
EVERYBODY = ""  # no address is empty: the row that counts for all of them


@dataclass(frozen=True, slots=True)
class Asked:
    """`digits` go to the gateway and nowhere else."""

    digits: str
    expires_at: Moment

    def __repr__(self) -> str:
        return "Asked(...)"


@dataclass(frozen=True, slots=True)
class Member:
    """A holder of a wallet. `deposit_reference` is what to write on a bank transfer."""

    id: str
    contact: str
    channel: str
    deposit_reference: str
    joined_at: Moment


def ask(unit: Unit, contact: Contact, at: Moment, secret: bytes, entropy: Entropy) -> Asked:
    """Make a verification code for `contact`; the one before it is no longer good. Raises `Refused`."""
    hour = at.ms // HOUR_MS
    sent, altogether = _sent(unit, contact.address, hour), _sent(unit, EVERYBODY, hour)
    if sent >= VERIFICATIONS_AN_HOUR or altogether >= ALL_VERIFICATIONS_AN_HOUR:
        raise Refused.by(SENT_TOO_OFTEN, status=429, retryable=True)
    digits = f"{int.from_bytes(entropy(8)) % 10**DIGITS:0{DIGITS}d}"
    asked = Asked(digits, at.plus(VERIFICATION_MS))
    unit.run(
        "INSERT OR REPLACE INTO member_verification VALUES(?, ?, ?, 0, ?, ?)",
        (contact.address, _mac(secret, contact, digits), asked.expires_at.ms, hour, sent + 1),
    )
    unit.run(
        "INSERT OR REPLACE INTO member_verification VALUES(?, ?, 0, 0, ?, ?)", (EVERYBODY, b"", hour, altogether + 1)
    )
    return asked


def _sent(unit: Unit, address: str, hour: int) -> int:
    row = unit.one("SELECT hour, sent FROM member_verification WHERE contact = ?", (address,))
    return row[1] if row is not None and row[0] == hour else 0


def attempt(unit: Unit, contact: Contact, digits: str, at: Moment, secret: bytes) -> Refused | None:
    """Try a verification code. A wrong one comes back as a value, because its count must stay."""
    row = unit.one("SELECT mac, expires_at, attempts FROM member_verification WHERE contact = ?", (contact.address,))
    if row is None or row[1] <= at.ms or row[2] >= VERIFICATION_ATTEMPTS:
        return Refused.by(VERIFICATION_OVER, status=410)
    if not hmac.compare_digest(row[0], _mac(secret, contact, digits)):
        unit.run("UPDATE member_verification SET attempts = attempts + 1 WHERE contact = ?", (contact.address,))
        return Refused.by(WRONG_VERIFICATION, status=422)
    unit.run("UPDATE member_verification SET expires_at = 0 WHERE contact = ?", (contact.address,))
    return None


def join(
    unit: Unit, contact: Contact, fiat: Asset, at: Moment, sealer: Sealer, entropy: Entropy
) -> tuple[Member, bool]:
    """The member behind a verified contact, made now with a wallet and a code key if new."""
    known = _by_contact(unit, contact)
    if known is not None:
        return known, False
    member = Member(base32(entropy(16)), contact.address, contact.channel, reference(entropy), at)
    unit.run(
        "INSERT INTO member VALUES(?, ?, ?, ?, ?)",
        (member.id, member.contact, member.channel, member.deposit_reference, at.ms),
    )
    make_key(unit, sealer, member.id, PAGE, at, entropy)
    ledger.account(unit, wallet_of(member.id), fiat)
    return member, True


def member_of(unit: Unit, id: str) -> Member:
    """A member by id. Asserts that it is one: the id comes from a session."""
    row = unit.one("SELECT contact, channel, deposit_reference, joined_at FROM member WHERE id = ?", (id,))
    assert row is not None, "a session belongs to a member"
    return Member(id, row[0], row[1], row[2], Moment(row[3]))


def wallet_of(member: str) -> Owner:
    """The purchased (red) wallet in the ledger; the yellow and blue ones are opened when first used."""
    return Owner(OwnerKind.MEMBER, member, PURCHASED)


def reference(entropy: Entropy) -> str:
    """What a member writes on a bank transfer: ten characters, too many to hit another member's by mistyping."""
    return "TM" + spoken(int.from_bytes(entropy(5)), 8)


def _by_contact(unit: Unit, contact: Contact) -> Member | None:
    row = unit.one("SELECT id FROM member WHERE contact = ?", (contact.address,))
    return None if row is None else member_of(unit, row[0])


def _mac(secret: bytes, contact: Contact, digits: str) -> bytes:
    return hmac.digest(secret, b"verify\n" + contact.address.encode() + b"\n" + digits.encode(), "sha256")
