"""Operators: owners of machines. The first is made on the host, never through the server; no set-up route exists."""

from __future__ import annotations

from dataclasses import dataclass

from backend.http.callers import Entropy
from backend.members.rules import Contact
from backend.refused import Refused
from backend.store import Unit
from core.faults.http import NOT_PERMITTED
from core.ids import base32
from core.moment import Moment


@dataclass(frozen=True, slots=True)
class Operator:
    id: str
    contact: str


def add(unit: Unit, contact: Contact, at: Moment, entropy: Entropy) -> Operator:
    """Make an operator; one that exists is returned as it is."""
    row = unit.one("SELECT id FROM operator WHERE contact = ?", (contact.address,))
    if row is None:
        row = (base32(entropy(16)),)
        unit.run("INSERT INTO operator VALUES(?, ?, ?, ?)", (row[0], contact.address, contact.channel, at.ms))
    return Operator(row[0], contact.address)


def find(unit: Unit, contact: Contact) -> Operator:
    """Raises `Refused` for somebody who is none. Asked only after the contact was proven."""
    row = unit.one("SELECT id FROM operator WHERE contact = ?", (contact.address,))
    if row is None:
        raise Refused.by(NOT_PERMITTED, "not an operator", status=403)
    return Operator(row[0], contact.address)


def every(unit: Unit) -> tuple[Operator, ...]:
    return tuple(Operator(id, contact) for id, contact in unit.all("SELECT id, contact FROM operator ORDER BY made_at"))
