"""The tables of membership."""

from __future__ import annotations

from typing import Final

from backend.store import Migration

MIGRATIONS: Final = (
    Migration(
        "members",
        1,
        """CREATE TABLE member(
  id TEXT PRIMARY KEY, contact TEXT NOT NULL UNIQUE, channel TEXT NOT NULL CHECK(channel IN ('mail', 'sms')),
  deposit_reference TEXT NOT NULL UNIQUE, joined_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE member_verification(
  contact TEXT PRIMARY KEY, mac BLOB NOT NULL, expires_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
  hour INTEGER NOT NULL, sent INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE member_key(
  id INTEGER PRIMARY KEY, member TEXT NOT NULL REFERENCES member(id), label TEXT NOT NULL, sealed BLOB NOT NULL,
  roll_ms INTEGER NOT NULL, due_at INTEGER NOT NULL, tap_counter INTEGER NOT NULL, made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX member_key_member ON member_key(member, id);
CREATE INDEX member_key_due ON member_key(due_at);

CREATE TABLE member_handle(
  handle INTEGER NOT NULL, day INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY(handle, day, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_code_used(
  slot INTEGER NOT NULL, key INTEGER NOT NULL, PRIMARY KEY(slot, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_handle_miss(
  handle INTEGER PRIMARY KEY, misses INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;

CREATE TABLE member_terminal_miss(
  terminal TEXT NOT NULL, span INTEGER NOT NULL, misses INTEGER NOT NULL, PRIMARY KEY(terminal, span)
) STRICT, WITHOUT ROWID;

CREATE TABLE member_presentation(
  id TEXT PRIMARY KEY, txn TEXT NOT NULL, terminal TEXT NOT NULL, member TEXT NOT NULL, hint TEXT NOT NULL,
  source TEXT NOT NULL, asset TEXT, scale INTEGER, minor INTEGER, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_presentation_expires ON member_presentation(expires_at);

CREATE TABLE member_bank_notice(
  transfer TEXT PRIMARY KEY, member TEXT, asset TEXT NOT NULL, minor INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
""",
    ),
)
