"""The agency's tables: sellers and their limits, what was relayed, what was closed."""

from __future__ import annotations

from typing import Final

from backend.store import Migration

MIGRATIONS: Final = (
    Migration(
        "agency",
        1,
        """CREATE TABLE agency_seller(
  id TEXT PRIMARY KEY, state TEXT NOT NULL CHECK(state IN ('active', 'suspended')), commission_bp INTEGER NOT NULL,
  sale_limit INTEGER NOT NULL, day_limit INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE agency_sale(
  txn TEXT PRIMARY KEY, terminal TEXT NOT NULL, seller TEXT NOT NULL, stan INTEGER NOT NULL,
  state TEXT NOT NULL, minor INTEGER NOT NULL DEFAULT 0, commission INTEGER NOT NULL DEFAULT 0,
  rrn TEXT NOT NULL DEFAULT '', tally TEXT CHECK(tally IN ('sale', 'void')), batch INTEGER,
  made_at INTEGER NOT NULL, settled_at INTEGER, ask_at INTEGER, asks INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX agency_sale_stan ON agency_sale(terminal, stan);
CREATE INDEX agency_sale_rrn ON agency_sale(rrn) WHERE rrn <> '';
CREATE INDEX agency_sale_open ON agency_sale(terminal, batch) WHERE tally IS NOT NULL;
CREATE INDEX agency_sale_day ON agency_sale(seller, settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX agency_sale_ask ON agency_sale(ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE agency_refund(
  txn TEXT PRIMARY KEY, sale TEXT NOT NULL, terminal TEXT NOT NULL, minor INTEGER NOT NULL, batch INTEGER,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX agency_refund_open ON agency_refund(terminal, batch);

CREATE TABLE agency_batch(
  txn TEXT PRIMARY KEY, terminal TEXT NOT NULL, number INTEGER NOT NULL, agrees INTEGER NOT NULL,
  closed TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
""",
    ),
)
