"""What a trade or a gift card writes on its ticket, line by line."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages import CardIssuer, Counter, GiftQuote, GiftSold, Tender, TradeDone, TradeQuote


@dataclass(frozen=True, slots=True)
class CounterLines:
    """`known` is what the machine can do for this member. `asset` the coin of a trade, `issuer` of a card; "" while
    not chosen. `quote` and `card` are promises, `done` and `sold` the exchange's word that it happened. The code in
    `sold` is masked in the journal: a ticket that was folded again has "*" there."""

    known: Counter | None = None
    asset: str = ""
    quote: TradeQuote | None = None
    done: TradeDone | None = None
    issuer: str = ""
    tender: Tender | None = None
    card: GiftQuote | None = None
    sold: GiftSold | None = None

    @property
    def told(self) -> Counter:
        assert self.known is not None, "the counter is asked before anything is chosen"
        return self.known

    @property
    def known_quote(self) -> TradeQuote:
        assert self.quote is not None, "nothing is confirmed without a quote"
        return self.quote

    @property
    def known_card(self) -> GiftQuote:
        assert self.card is not None, "nothing is confirmed without a quote"
        return self.card

    @property
    def known_done(self) -> TradeDone:
        assert self.done is not None, "no paper before the exchange has said that it is done"
        return self.done

    @property
    def known_sold(self) -> GiftSold:
        assert self.sold is not None, "no paper before the exchange has said that it is sold"
        return self.sold

    @property
    def cards(self) -> CardIssuer:
        """The chosen issuer's cards."""
        return next(one for one in self.told.cards if one.issuer == self.issuer)
