"""The tables of sellers and terminals."""

from __future__ import annotations

from typing import Final

from backend.store import Migration

MIGRATIONS: Final = (
    Migration(
        "terminals",
        1,
        """CREATE TABLE seller(
  id TEXT PRIMARY KEY, shop TEXT NOT NULL, payout TEXT NOT NULL CHECK(payout IN ('fiat', 'coin')),
  opened_at INTEGER NOT NULL, goods_version INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE operator(
  id TEXT PRIMARY KEY, contact TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE terminal(
  id TEXT PRIMARY KEY, seller TEXT NOT NULL REFERENCES seller(id), shop TEXT NOT NULL, public_key TEXT NOT NULL,
  mode TEXT NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state IN ('active', 'revoked')), paired_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX terminal_seller ON terminal(seller, id);

CREATE TABLE pairing(
  id TEXT PRIMARY KEY, code TEXT NOT NULL, public_key TEXT NOT NULL, mode TEXT NOT NULL, model TEXT NOT NULL,
  version TEXT NOT NULL, state TEXT NOT NULL CHECK(state IN ('pending', 'approved', 'refused')),
  terminal TEXT, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pairing_code ON pairing(code) WHERE state = 'pending';
CREATE INDEX pairing_expires ON pairing(expires_at);

CREATE TABLE pairing_miss(
  person TEXT NOT NULL, span INTEGER NOT NULL, misses INTEGER NOT NULL, PRIMARY KEY(person, span)
) STRICT, WITHOUT ROWID;

CREATE TABLE goods(
  seller TEXT NOT NULL REFERENCES seller(id), barcode TEXT NOT NULL, name TEXT NOT NULL, minor INTEGER NOT NULL
    CHECK(minor > 0), PRIMARY KEY(seller, barcode)
) STRICT, WITHOUT ROWID;
""",
    ),
    Migration(
        "terminals",
        2,
        """
        -- vault_key: of the device's cash side, raw Ed25519, base64; empty for a device without one.
        ALTER TABLE terminal ADD COLUMN vault_key TEXT NOT NULL DEFAULT '';
        ALTER TABLE pairing ADD COLUMN vault_key TEXT NOT NULL DEFAULT '';
        CREATE INDEX terminal_vault ON terminal(vault_key) WHERE vault_key <> '';
        """,
    ),
)
