"""The tables of the withdrawal."""

from __future__ import annotations

from typing import Final

from backend.store.migration import Migration

MIGRATIONS: Final = (
    Migration(
        "withdraw",
        1,
        """
        -- One withdrawal, from the commit that made its authority. Amounts are minor units of `fiat`; `coins` and
        -- `rate` of the coin sold, 0 where fiat paid all. least/highest: what the customer has, as far as is known.
        -- kept: what the member has paid for (the amount, while nobody knows); it counts against the limits.
        CREATE TABLE withdrawal(
          id INTEGER PRIMARY KEY,
          txn TEXT NOT NULL UNIQUE, quote_id TEXT NOT NULL, rrn TEXT NOT NULL, approval TEXT NOT NULL,
          stan INTEGER NOT NULL, terminal TEXT NOT NULL, presentation TEXT NOT NULL,
          member TEXT NOT NULL, wallet INTEGER NOT NULL, machine TEXT NOT NULL, operator TEXT NOT NULL,
          vault TEXT NOT NULL, nonce TEXT NOT NULL,
          fiat TEXT NOT NULL, fiat_scale INTEGER NOT NULL, coin TEXT NOT NULL, coin_scale INTEGER NOT NULL,
          amount INTEGER NOT NULL CHECK(amount > 0), fee_bp INTEGER NOT NULL, fiat_most INTEGER NOT NULL,
          rate INTEGER NOT NULL, approved INTEGER NOT NULL, priced TEXT NOT NULL, authority TEXT NOT NULL,
          state TEXT NOT NULL, least INTEGER NOT NULL, highest INTEGER NOT NULL, kept INTEGER NOT NULL,
          authorised_at INTEGER NOT NULL, ended_at INTEGER, counted_at INTEGER,
          UNIQUE(vault, nonce)
        ) STRICT;
        CREATE INDEX withdrawal_member ON withdrawal(member, authorised_at, kept, approved);
        CREATE INDEX withdrawal_terminal ON withdrawal(terminal, authorised_at, kept);
        CREATE INDEX withdrawal_open ON withdrawal(state) WHERE state IN ('authorised', 'suspense');

        -- What a machine paid for a transaction that nobody authorised here.
        CREATE TABLE withdrawal_stray(
          txn TEXT PRIMARY KEY, terminal TEXT NOT NULL, given INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE withdraw_approval(
          txn TEXT PRIMARY KEY, member TEXT NOT NULL, terminal TEXT NOT NULL, presentation TEXT NOT NULL,
          machine TEXT NOT NULL, asset TEXT NOT NULL, scale INTEGER NOT NULL, minor INTEGER NOT NULL,
          state TEXT NOT NULL, asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, decided_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX withdraw_approval_member ON withdraw_approval(member, expires_at);
        CREATE INDEX withdraw_approval_old ON withdraw_approval(expires_at);

        -- Every signed statement of a cash side, as it was sealed.
        CREATE TABLE cash_report(
          vault TEXT NOT NULL, number INTEGER NOT NULL, terminal TEXT NOT NULL, kind TEXT NOT NULL,
          txn TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(vault, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX cash_report_terminal ON cash_report(terminal, number);

        CREATE TABLE cash_alarm(
          id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, code TEXT NOT NULL, about TEXT NOT NULL,
          minor INTEGER NOT NULL, at INTEGER NOT NULL, closed_at INTEGER, closed_by TEXT NOT NULL DEFAULT '',
          UNIQUE(terminal, code, about)
        ) STRICT;

        CREATE TABLE cash_grant(
          id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, vault TEXT NOT NULL, operator TEXT NOT NULL,
          person TEXT NOT NULL, rights TEXT NOT NULL, challenge TEXT NOT NULL, life_ms INTEGER NOT NULL,
          at INTEGER NOT NULL, UNIQUE(vault, challenge)
        ) STRICT;
        """,
    ),
    Migration("withdraw", 2, "ALTER TABLE withdraw_approval ADD COLUMN what TEXT NOT NULL DEFAULT '';"),
)
