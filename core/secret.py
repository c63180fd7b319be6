"""The mark of a field that no disk, log or `repr` may show."""

from __future__ import annotations

from dataclasses import field


def secret() -> str:
    """A required field whose value is never written to disk or shown by `repr`."""
    marked: str = field(repr=False, metadata={"secret": True})
    return marked
