"""The cash side: a program of its own that owns the cash port, keeps the cash ledger and alone can move notes."""
