"""The ledger: append-only double entry in whole minor units. `backend.ledger.desk` is its door."""
