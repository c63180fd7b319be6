"""The tables of settlement. A quote has no row of its own: it is written when one settles, once."""

from __future__ import annotations

from typing import Final

from backend.store.migration import Migration

MIGRATIONS: Final = (
    Migration(
        "settle",
        1,
        """
        -- One sale, from authorisation on. Amounts are minor units of the asset named beside them.
        -- tally: what the row counts for in the terminal's open batch ('sale', 'void', or nothing).
        CREATE TABLE sale(
          id INTEGER PRIMARY KEY,
          txn TEXT NOT NULL UNIQUE, quote_id TEXT NOT NULL UNIQUE, rrn TEXT NOT NULL UNIQUE, approval TEXT NOT NULL,
          stan INTEGER NOT NULL, terminal TEXT NOT NULL, presentation TEXT NOT NULL,
          seller TEXT NOT NULL, shop TEXT NOT NULL, payout TEXT NOT NULL CHECK(payout IN ('fiat', 'coin')),
          agency TEXT NOT NULL, commission_bp INTEGER NOT NULL,
          member TEXT NOT NULL, wallet INTEGER NOT NULL, account INTEGER NOT NULL,
          fiat TEXT NOT NULL, fiat_scale INTEGER NOT NULL, coin TEXT NOT NULL, coin_scale INTEGER NOT NULL,
          price INTEGER NOT NULL, quantity INTEGER NOT NULL, fee INTEGER NOT NULL, fee_quantity INTEGER NOT NULL,
          rate INTEGER NOT NULL, priced TEXT NOT NULL,
          state TEXT NOT NULL, authorised_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, settled_at INTEGER,
          ended_at INTEGER, refunded INTEGER NOT NULL DEFAULT 0 CHECK(refunded BETWEEN 0 AND price),
          tally TEXT CHECK(tally IN ('sale', 'void')), batch INTEGER
        ) STRICT;
        CREATE INDEX sale_tally ON sale(terminal) WHERE tally IS NOT NULL;
        CREATE INDEX sale_seller ON sale(seller, id);
        CREATE INDEX sale_member ON sale(member, id);

        CREATE TABLE refund(
          id INTEGER PRIMARY KEY,
          txn TEXT NOT NULL UNIQUE, offer_id TEXT NOT NULL UNIQUE, rrn TEXT NOT NULL UNIQUE,
          sale TEXT NOT NULL REFERENCES sale(txn), terminal TEXT NOT NULL, choice TEXT NOT NULL,
          amount INTEGER NOT NULL CHECK(amount > 0), given INTEGER NOT NULL, rate INTEGER, at INTEGER NOT NULL,
          counted INTEGER NOT NULL DEFAULT 0, batch INTEGER
        ) STRICT;
        CREATE INDEX refund_sale ON refund(sale);
        CREATE INDEX refund_open ON refund(terminal) WHERE counted = 0;

        CREATE TABLE batch(
          txn TEXT PRIMARY KEY, terminal TEXT NOT NULL, number INTEGER NOT NULL, closed_at INTEGER NOT NULL,
          closed TEXT NOT NULL, UNIQUE(terminal, number)
        ) STRICT, WITHOUT ROWID;

        -- What happened to a member, in the commit that made it happen: pages and webhooks follow it by id.
        CREATE TABLE event(
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          member TEXT NOT NULL, kind TEXT NOT NULL, json TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX event_member ON event(member, id);
        """,
    ),
)
