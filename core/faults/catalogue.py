"""The whole catalogue, gathered from the files of this folder: ``entry("TM-CAM-002")``. A new file is added to `AREAS`.

A code nobody has written a page for (a newer backend may send one) gets the page of `general.UNKNOWN`, which
promises nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from core.faults import (
    Entry,
    agency,
    atm,
    camera,
    cash,
    device,
    dispenser,
    general,
    giftcards,
    hopper,
    http,
    journal,
    line,
    market,
    members,
    money,
    nfc,
    notes,
    printer,
    scanner,
    screen,
    service,
    telemetry,
    terminals,
    trade,
    vault,
    withdrawal,
)

AREAS: Final = (
    agency.FAULTS,
    atm.FAULTS,
    camera.FAULTS,
    cash.FAULTS,
    device.FAULTS,
    dispenser.FAULTS,
    general.FAULTS,
    giftcards.FAULTS,
    hopper.FAULTS,
    http.FAULTS,
    journal.FAULTS,
    line.FAULTS,
    market.FAULTS,
    members.FAULTS,
    money.FAULTS,
    nfc.FAULTS,
    notes.FAULTS,
    printer.FAULTS,
    scanner.FAULTS,
    screen.FAULTS,
    service.FAULTS,
    telemetry.FAULTS,
    terminals.FAULTS,
    trade.FAULTS,
    vault.FAULTS,
    withdrawal.FAULTS,
)


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every entry by its code. Two entries with one code or one name are a programmer's error."""
    entries: dict[str, Entry] = {}
    for area in AREAS:
        for page in area:
            assert page.code not in entries, f"{page.code} is defined twice"
            entries[page.code] = page
    return MappingProxyType(entries)


def entry(code: str) -> Entry:
    return catalogue().get(code, general.UNKNOWN)
