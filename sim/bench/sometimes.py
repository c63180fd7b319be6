"""Sometimes: the interesting states that a torture of two thousand seeds must have been in, or it explores too little.

Each is named by the world where it happens (`World.reached`). A run that misses one fails, whatever else it found.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

SEEDS: Final = 2_000  # with so many seeds every state below must have been reached

STATES: Final[tuple[str, ...]] = (
    # customers
    "authorised",
    "withdrawn in full",
    "withdrawn in part",
    "withdrawn with a doubt",
    "nothing was paid after the authority",
    "fiat alone paid",
    "coins were sold",
    "coins and fiat paid together",
    "wrong code shown",
    "the customer gave up",
    "the phone said no",
    "the phone stayed silent",
    "approved without the phone",
    "the machine says that it has no cash",
    # the line
    "a late copy arrived at /v1/withdrawals",
    "a late copy arrived at /v1/cash-reports",
    "a late original met its tombstone",
    "the outcome of an authority was unknown",
    "refused a price that is stale",
    "a report was told again",
    # programs and disks
    "runtime died",
    "vault died",
    "exchange died",
    "the power went",
    "a power cut with unsynced records",
    "the runtime died in the middle of a business",
    "the vault died while notes moved",
    "the runtime died between authority and notes",
    "runtime cut while it recovered",
    "vault cut while it recovered",
    "runtime gave up: its disk failed",
    "vault gave up: its disk failed",
    "exchange gave up: its disk failed",
    # the machine
    "recalled",
    "the dispenser lost its power",
    "the cable fell out",
    "the cable fell out while notes moved",
    "notes were rejected",
    "a note lay on the path",
    "finished from another cassette",
    "more left than was asked",
    # technicians and strangers
    "a technician loaded notes",
    "a technician tested notes into the reject bin",
    "a count closed a doubt",
    "a count found nothing to close",
    "the vault refused a stranger: TM-VAULT-003",
    "the vault refused a stranger: TM-VAULT-005",
    "no paper came out",
)


def missing(reached: Counter[str]) -> list[str]:
    """The states that were not reached."""
    return [state for state in STATES if not reached[state]]
