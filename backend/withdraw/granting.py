"""Granting: an operator lets a named technician do named things at one cash side, for some hours, by its challenge.

There is no standing credential. What was granted to whom, by whom and when stays in the audit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from backend.refused import Refused
from backend.store import Unit
from backend.terminals import shops
from backend.withdraw.teller import Teller
from core.faults.terminals import NO_SUCH_TERMINAL
from core.faults.withdrawal import GRANT_BAD, MACHINE_UNFIT
from core.grant import GRANT, GRANT_MAX_MS, Grant, Right
from core.moment import Moment
from core.sealed import seal

PERSON_MAX: Final = 40
SHOWN_MAX: Final = 20
_CHALLENGE = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}", re.ASCII)
_LOOKALIKES = str.maketrans("OIL", "011")  # Crockford's base 32: what people type instead


@dataclass(frozen=True, slots=True)
class GrantAsk:
    """`rights` load, count, test, clear; `life_ms` from the challenge on, at most four hours."""

    terminal: str
    person: str
    rights: tuple[Right, ...]
    challenge: str
    life_ms: int = GRANT_MAX_MS


@dataclass(frozen=True, slots=True)
class Granted:
    """`grant` the sealed text for the machine, also as a QR code on the page."""

    grant: str
    terminal: str
    person: str
    rights: tuple[Right, ...]
    life_ms: int


def grant(unit: Unit, teller: Teller, *, operator: str, request: GrantAsk, at: Moment) -> Granted:
    """Seal a grant and write who was given it; the same asked again is sealed again, anything else under the same
    challenge is refused. Raises `Refused`: NO_SUCH_TERMINAL (also of another operator's machine), MACHINE_UNFIT,
    GRANT_BAD."""
    side = shops.cash_side(unit, request.terminal)
    owner = unit.one("SELECT 1 FROM operator WHERE id = ?", (side.seller,))
    if owner is not None and side.seller != operator:
        raise Refused.by(NO_SUCH_TERMINAL, status=404)
    if not side.active or not side.vault_key:
        raise Refused.by(MACHINE_UNFIT, status=403)
    person = " ".join(request.person.split())
    challenge = request.challenge.strip().replace("-", "").replace(" ", "").upper().translate(_LOOKALIKES)
    rights = tuple(right for right in Right if right in request.rights)
    named = 0 < len(person) <= PERSON_MAX and person.isprintable()
    if not named or not rights or not _CHALLENGE.fullmatch(challenge) or not 0 < request.life_ms <= GRANT_MAX_MS:
        raise Refused.by(GRANT_BAD, status=422)
    vault, _ = teller.believes(side.vault_key)
    text = ",".join(right.value for right in rights)
    facts = (side.terminal, operator, person, text, request.life_ms)
    before = unit.one(
        "SELECT terminal, operator, person, rights, life_ms FROM cash_grant WHERE vault = ? AND challenge = ?",
        (vault, challenge),
    )
    if before is None:
        unit.run(
            "INSERT INTO cash_grant(terminal, operator, person, rights, life_ms, vault, challenge, at)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            (*facts, vault, challenge, at.ms),
        )
    elif before != facts:
        raise Refused.by(GRANT_BAD, "this challenge was answered before", status=409)
    said = Grant(side.terminal, vault, person, rights, challenge, request.life_ms)
    return Granted(seal(GRANT, said, teller.signer), side.terminal, person, rights, request.life_ms)


@dataclass(frozen=True, slots=True)
class Audited:
    """One grant that was given."""

    person: str
    rights: str
    operator: str
    life_ms: int
    at: Moment


def audit(unit: Unit, terminal: str) -> tuple[Audited, ...]:
    """Who was let in at this machine, newest first."""
    rows = unit.all(
        "SELECT person, rights, operator, life_ms, at FROM cash_grant WHERE terminal = ? ORDER BY id DESC LIMIT ?",
        (terminal, SHOWN_MAX),
    )
    return tuple(Audited(person, rights, who, life, Moment(ms)) for person, rights, who, life, ms in rows)
