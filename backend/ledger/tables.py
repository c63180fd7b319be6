"""The ledger's tables. STRICT, so that an overflow (SQLite would turn it into a float) is an error, not a balance."""

from __future__ import annotations

from typing import Final

from backend.store.migration import Migration

MIGRATIONS: Final = (
    Migration(
        "ledger",
        1,
        """
        CREATE TABLE asset(code TEXT PRIMARY KEY, scale INTEGER NOT NULL, kind TEXT NOT NULL) STRICT, WITHOUT ROWID;

        -- posted: sum of the entries. held: sum of the open holds. floor: what posted - held may not fall below;
        -- NULL for accounts of the house and of the outside world.
        CREATE TABLE account(
          id INTEGER PRIMARY KEY,
          owner_kind TEXT NOT NULL, owner TEXT NOT NULL, wallet INTEGER NOT NULL,
          asset TEXT NOT NULL REFERENCES asset(code), scale INTEGER NOT NULL,
          floor INTEGER, posted INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0 CHECK(held >= 0),
          UNIQUE(owner_kind, owner, wallet, asset),
          CHECK(floor IS NULL OR posted - held >= floor)
        ) STRICT;

        -- One business act. key: its business key; the same key never posts twice.
        CREATE TABLE journal(
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, txn TEXT NOT NULL, terminal TEXT NOT NULL,
          actor TEXT NOT NULL, at INTEGER NOT NULL, reverses INTEGER REFERENCES journal(id), meta TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX journal_reverses ON journal(reverses) WHERE reverses IS NOT NULL;
        CREATE INDEX journal_txn ON journal(txn);

        CREATE TABLE entry(
          journal INTEGER NOT NULL, seq INTEGER NOT NULL, account INTEGER NOT NULL,
          amount INTEGER NOT NULL CHECK(amount <> 0),
          PRIMARY KEY(journal, seq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX entry_account ON entry(account, journal);

        CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry
        BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
        BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;

        -- bound: a dispense authority was given for it, so it never expires by time, only by evidence.
        CREATE TABLE hold(
          id INTEGER PRIMARY KEY,
          key TEXT NOT NULL UNIQUE, account INTEGER NOT NULL REFERENCES account(id),
          amount INTEGER NOT NULL CHECK(amount > 0),
          captured INTEGER NOT NULL DEFAULT 0 CHECK(captured BETWEEN 0 AND amount),
          state TEXT NOT NULL CHECK(state IN ('open', 'captured', 'released', 'expired')),
          reason TEXT NOT NULL, opened_at INTEGER NOT NULL, expires_at INTEGER, resolved_at INTEGER,
          bound INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX hold_open ON hold(expires_at) WHERE state = 'open';

        -- A reversal that came before its original.
        CREATE TABLE tombstone(key TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """,
    ),
)
