"""`docs/faults.md`, written from the catalogue: one page a code, so that no page and no code can be forgotten."""

from __future__ import annotations

from core.faults import Entry, RetrySafe
from core.faults.catalogue import catalogue

_HEAD = """# Faults and refusals

Every refusal and every fault has a code that never changes its meaning. This page is written from the catalogue in
`core/faults/` by `tillmark doctor --faults`; do not edit it by hand.

| code | name | same thing again? |
|---|---|---|
"""
_AGAIN = {
    RetrySafe.YES: "safe",
    RetrySafe.NO: "no",
    RetrySafe.ASK: "ask staff first",
}


def fault_pages() -> str:
    """The whole document."""
    pages = sorted(catalogue().values(), key=lambda page: page.code)
    rows = "".join(
        f"| [{page.code}](#{page.code.lower()}) | {page.name} | {_AGAIN[page.retry_safe]} |\n" for page in pages
    )
    return _HEAD + rows + "".join(_page(page) for page in pages)


def _page(page: Entry) -> str:
    return (
        f"\n## {page.code}\n\n**{page.name.replace('_', ' ')}** - {page.meaning}\n\n"
        f"- The customer reads: {page.customer} / {page.customer_ko}\n"
        f"- The technician: {page.technician}\n"
        f"- The same thing again: {_AGAIN[page.retry_safe]}\n"
    )
