"""The tables of gift cards. No code stands in them readably."""

from __future__ import annotations

from typing import Final

from backend.store.migration import Migration

MIGRATIONS: Final = (
    Migration(
        "giftcards",
        1,
        """
        CREATE TABLE gift_issuer(
          issuer TEXT PRIMARY KEY, name TEXT NOT NULL, name_ko TEXT NOT NULL, how TEXT NOT NULL, how_ko TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- One file of codes that was loaded, whole.
        CREATE TABLE gift_batch(
          id INTEGER PRIMARY KEY, issuer TEXT NOT NULL, fiat TEXT NOT NULL, scale INTEGER NOT NULL,
          face INTEGER NOT NULL, count INTEGER NOT NULL, sha256 TEXT NOT NULL, at INTEGER NOT NULL
        ) STRICT;

        -- One code. sealed: AES-GCM under the key file; mark: its HMAC, by which it is known without being read.
        -- txn NULL: unsold. A code has one transaction and a transaction has one code, or none.
        CREATE TABLE gift_stock(
          id INTEGER PRIMARY KEY, batch INTEGER NOT NULL REFERENCES gift_batch(id), issuer TEXT NOT NULL,
          fiat TEXT NOT NULL, face INTEGER NOT NULL CHECK(face > 0),
          sealed BLOB NOT NULL, mark BLOB NOT NULL UNIQUE, txn TEXT UNIQUE
        ) STRICT;
        CREATE INDEX gift_stock_unsold ON gift_stock(issuer, fiat, face, id) WHERE txn IS NULL;
        CREATE TRIGGER gift_stock_sold_once BEFORE UPDATE OF txn ON gift_stock WHEN OLD.txn IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a sold code stays sold'); END;
        CREATE TRIGGER gift_stock_is_kept BEFORE DELETE ON gift_stock
        BEGIN SELECT RAISE(ABORT, 'codes are kept'); END;

        -- One sale, as it was done. Amounts are minor units of `fiat`; `coin` "" where fiat paid.
        CREATE TABLE gift_sale(
          id INTEGER PRIMARY KEY,
          txn TEXT NOT NULL UNIQUE, quote_id TEXT NOT NULL, rrn TEXT NOT NULL, approval TEXT NOT NULL,
          stan INTEGER NOT NULL, terminal TEXT NOT NULL, presentation TEXT NOT NULL, member TEXT NOT NULL,
          machine TEXT NOT NULL, issuer TEXT NOT NULL, stock INTEGER NOT NULL UNIQUE REFERENCES gift_stock(id),
          fiat TEXT NOT NULL, fiat_scale INTEGER NOT NULL, coin TEXT NOT NULL, coin_scale INTEGER NOT NULL,
          face INTEGER NOT NULL CHECK(face > 0), fee INTEGER NOT NULL, from_fiat INTEGER NOT NULL,
          coins INTEGER NOT NULL, rate INTEGER NOT NULL, approved INTEGER NOT NULL, priced TEXT NOT NULL,
          at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX gift_sale_member ON gift_sale(member, at, face, approved);
        """,
    ),
)
