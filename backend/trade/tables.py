"""The table of trades at machines."""

from __future__ import annotations

from typing import Final

from backend.store.migration import Migration

MIGRATIONS: Final = (
    Migration(
        "trade",
        1,
        """
        -- One trade of a member at a machine, as it was done. Amounts are minor units; `priced` the quote as JSON.
        CREATE TABLE counter_trade(
          id INTEGER PRIMARY KEY,
          txn TEXT NOT NULL UNIQUE, quote_id TEXT NOT NULL, rrn TEXT NOT NULL, approval TEXT NOT NULL,
          stan INTEGER NOT NULL, terminal TEXT NOT NULL, presentation TEXT NOT NULL, member TEXT NOT NULL,
          machine TEXT NOT NULL, side TEXT NOT NULL CHECK(side IN ('buy', 'sell')),
          fiat TEXT NOT NULL, fiat_scale INTEGER NOT NULL, coin TEXT NOT NULL, coin_scale INTEGER NOT NULL,
          amount INTEGER NOT NULL CHECK(amount > 0), fee INTEGER NOT NULL CHECK(fee >= 0),
          coins INTEGER NOT NULL CHECK(coins > 0), rate INTEGER NOT NULL, priced TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX counter_trade_member ON counter_trade(member, at);
        """,
    ),
)
