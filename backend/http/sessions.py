"""Sessions of people: a random cookie, stored only as its hash, and a proof against foreign pages.

The cookie is 256 random bits, HttpOnly and SameSite=Strict. What changes something must also carry the session's own
CSRF token in a header (ASVS 5.0 V3.5.1), which another site can neither read nor send.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from backend.http.callers import Caller, Entropy, Kind
from backend.store import Migration, Unit
from core.moment import Moment

COOKIE: Final = "tillmark_session"
CSRF_HEADER: Final = "x-csrf-token"
LIFE_MS: Final = 12 * 3_600_000  # a day at the counter; then sign in again (ASVS 5.0 V7.3.2)
PER_PERSON_MAX: Final = 10  # devices and browsers of one person; the oldest is signed out

MIGRATIONS: Final = (
    Migration(
        "sessions",
        1,
        """CREATE TABLE http_session(
  hash BLOB PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, csrf TEXT NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX http_session_expires ON http_session(expires_at);
CREATE INDEX http_session_subject ON http_session(kind, subject, expires_at);
""",
    ),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session. `secret` goes into the cookie and nowhere else."""

    secret: str
    csrf: str
    expires_at: Moment


def open_session(unit: Unit, kind: Kind, subject: str, at: Moment, entropy: Entropy) -> Opened:
    """Sign a person in."""
    opened = Opened(_text(entropy(32)), _text(entropy(32)), at.plus(LIFE_MS))
    unit.run(
        "DELETE FROM http_session WHERE kind = ? AND subject = ? AND expires_at <= ?", (kind.value, subject, at.ms)
    )
    unit.run(
        "DELETE FROM http_session WHERE hash IN (SELECT hash FROM http_session WHERE kind = ? AND subject = ?"
        " ORDER BY expires_at DESC LIMIT -1 OFFSET ?)",
        (kind.value, subject, PER_PERSON_MAX - 1),
    )
    row = (_hash(opened.secret), kind.value, subject, opened.csrf, opened.expires_at.ms)
    unit.run("INSERT INTO http_session VALUES(?, ?, ?, ?, ?)", row)
    return opened


def find_session(unit: Unit, secret: str, at: Moment) -> Caller | None:
    """Whose session a cookie is, if it still is one."""
    row = unit.one("SELECT kind, subject, csrf, expires_at FROM http_session WHERE hash = ?", (_hash(secret),))
    if row is None or row[3] <= at.ms:
        return None
    return Caller(Kind(row[0]), row[1], row[2])


def close_session(unit: Unit, secret: str) -> None:
    """Sign out; a cookie that is no session is signed out already."""
    unit.run("DELETE FROM http_session WHERE hash = ?", (_hash(secret),))


def same_csrf(caller: Caller, given: str | None) -> bool:
    return given is not None and hmac.compare_digest(caller.csrf.encode(), given.encode())


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _text(entropy: bytes) -> str:
    return base64.urlsafe_b64encode(entropy).rstrip(b"=").decode()
