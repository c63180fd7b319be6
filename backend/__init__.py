"""The servers: one folder per system, with the ledger, the market and the store at the base."""
