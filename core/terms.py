"""Terms: what a terminal knows of itself while a ticket is open. Fixed when the ticket opens.

They travel in `TicketOpened`, so that folding the journal after a restart gives the same ticket even when
the terminal has been given another name or language in between.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.asset import Asset


@dataclass(frozen=True, slots=True)
class Terms:
    """`lang` "en" or "ko"; `tap` lets phones answer bound to the amount."""

    terminal: str
    shop: str
    currency: str
    currency_scale: int
    utc_offset_minutes: int
    lang: str = "en"
    tap: bool = True

    @property
    def fiat(self) -> Asset:
        return Asset(self.currency, self.currency_scale)
