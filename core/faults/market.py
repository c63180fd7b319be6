"""Refusals and faults of the price board and its venues (`TM-MKT`)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_PRICE = "There is no reliable price right now. Nothing was taken. Please try again in a moment."
_PRICE_KO = "지금은 시세를 확인할 수 없어요. 돈은 빠져나가지 않았어요. 잠시 후 다시 시도해 주세요."
_STAFF = "Nothing was taken. Please ask the staff."
_STAFF_KO = "돈은 빠져나가지 않았어요. 직원에게 문의해 주세요."


def _price(code: str, name: str, meaning: str, technician: str) -> Entry:
    return Entry(code, name, meaning, _PRICE, _PRICE_KO, technician)


PRICE_STALE: Final = _price(
    "TM-MKT-001",
    "price_stale",
    "The newest price of a source is older than it may be.",
    "Look at the line to the price venue. Selling goes on by itself when fresh prices arrive.",
)
PRICE_ZERO: Final = _price(
    "TM-MKT-002",
    "price_zero",
    "A source named a price of zero, or one that is less than the smallest unit of the currency.",
    "The source is set aside until it agrees with the others again. If it stays so, leave it out of the configuration.",
)
PRICE_NEGATIVE: Final = _price(
    "TM-MKT-003",
    "price_negative",
    "A source named a price below zero.",
    "The source is set aside until it agrees with the others again. If it stays so, leave it out of the configuration.",
)
PRICE_NOT_A_NUMBER: Final = _price(
    "TM-MKT-004",
    "price_not_a_number",
    "A source sent something that is no price: not a number, too large a number, or not its own format.",
    "Compare the venue's announcement of its API with the adapter. The source is set aside meanwhile.",
)
PRICE_SPIKE: Final = _price(
    "TM-MKT-005",
    "price_spike",
    "A source jumped further than the band at once, and no other source went along.",
    "Nothing to mend if the market really moved: the source is trusted again when the others agree with it.",
)
PRICES_DIVERGE: Final = _price(
    "TM-MKT-006",
    "prices_diverge",
    "The sources differ by more than the band, so none of them can be believed alone.",
    "Compare the venues by hand. One of them may be halted or lying; leave it out of the configuration.",
)
TOO_FEW_SOURCES: Final = _price(
    "TM-MKT-007",
    "too_few_sources",
    "Fewer sources than are needed have a price for this coin.",
    "Look at the lines to the price venues and at the pairs each of them is configured for.",
)
BOOK_CROSSED: Final = _price(
    "TM-MKT-008",
    "book_crossed",
    "A source's best bid is above its best ask, so its book is torn.",
    "The source is set aside until it agrees with the others again.",
)
PAIR_UNKNOWN: Final = Entry(
    "TM-MKT-010",
    "pair_unknown",
    "This coin is not priced in this currency here.",
    _STAFF,
    _STAFF_KO,
    "Add the pair to the venues in the server's configuration.",
    RetrySafe.NO,
)
NO_VENUE: Final = Entry(
    "TM-MKT-011",
    "no_venue",
    "Fewer price venues are configured than must agree on a price.",
    _STAFF,
    _STAFF_KO,
    "Name at least as many venues under [[market.venue]] as `sources_min` asks for. For a trial without a network "
    "start the simulated venues and name their addresses.",
    RetrySafe.NO,
)
VENUE_LOST: Final = _price(
    "TM-MKT-012",
    "venue_lost",
    "The line to a price venue is down.",
    "The server keeps trying. Check the address, the network and the venue's own status page.",
)
VENUE_UNKNOWN: Final = Entry(
    "TM-MKT-013",
    "venue_unknown",
    "The configuration names a kind of venue that this server does not speak.",
    _STAFF,
    _STAFF_KO,
    "Use one of the kinds the server names, or install the extra that brings more venues.",
    RetrySafe.NO,
)
VENUE_LIBRARY_ABSENT: Final = Entry(
    "TM-MKT-014",
    "venue_library_absent",
    "The configuration names a kind of venue that needs a library which is not installed.",
    _STAFF,
    _STAFF_KO,
    "Install the extra `venues` (`pip install 'tillmark[backend,venues]'`, or from a checkout "
    "`pip install --require-hashes -r requirements/venues.txt`), or use a kind the server speaks by itself.",
    RetrySafe.NO,
)

FAULTS: Final = (
    PRICE_STALE,
    PRICE_ZERO,
    PRICE_NEGATIVE,
    PRICE_NOT_A_NUMBER,
    PRICE_SPIKE,
    PRICES_DIVERGE,
    TOO_FEW_SOURCES,
    BOOK_CROSSED,
    PAIR_UNKNOWN,
    NO_VENUE,
    VENUE_LOST,
    VENUE_UNKNOWN,
    VENUE_LIBRARY_ABSENT,
)
