"""The store: one SQLite file, one writer that gathers work into commits, readers on snapshots.

`Store` is what desks and servers see; the other files are its parts.
"""

from backend.store.migration import Migration
from backend.store.store import Store
from backend.store.unit import Unit

__all__ = ["Migration", "Store", "Unit"]
