"""Which prices can be believed: pure decisions over readings and a monotonic time.

A price stands on at least `sources_min` sources that are fresh, in good standing, and agree within a band. Selling
uses the bid (what the market pays), buying the ask; the median of the sources, rounded in favour of the house.

A source that says nonsense (zero, negative, not a number, a torn book), or jumps alone beyond the band (away from what
it said before, or its book from its own last trade), is set aside.
It is trusted again after `recover` readings in a row that agree with what the other sources say. When the market
really moves at once, every source is set aside for a moment and they vouch for one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from enum import Enum

from core.asset import Asset
from core.faults import Entry, Refusal
from core.faults.market import (
    BOOK_CROSSED,
    PAIR_UNKNOWN,
    PRICE_NEGATIVE,
    PRICE_NOT_A_NUMBER,
    PRICE_SPIKE,
    PRICE_STALE,
    PRICE_ZERO,
    PRICES_DIVERGE,
    TOO_FEW_SOURCES,
)
from core.moment import Moment
from core.money import Money
from core.rate import Rate

PRICE_MINOR_MAX = 10**15  # of any fiat; a whole coin at more is a mistake of decimals, not a price
TEXT_MAX = 40  # characters of a price on the wire


class Side(Enum):
    """What the member does: sell the coin (at the bid) or buy it (at the ask)."""

    SELL = "sell"
    BUY = "buy"


class BadPrice(ValueError):
    """A price that is none; `page` says which kind of nonsense."""

    def __init__(self, page: Entry, detail: str) -> None:
        super().__init__(f"{page.code} {detail}")
        self.page = page


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """One coin priced in one fiat."""

    coin: Asset
    fiat: Asset

    def __str__(self) -> str:
        return f"{self.coin.code}/{self.fiat.code}"


@dataclass(frozen=True, slots=True)
class Bands:
    """`stale_ms` age limit, monotonic; `band_bp` how far sources and jumps may differ; `recover` readings in a row."""

    stale_ms: int = 3_000
    band_bp: int = 150
    sources_min: int = 2
    recover: int = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source said: best `bid` and `ask` in minor units of the fiat for one whole coin.

    `venue_at` is the venue's own time in ms, if it tells one: a venue that repeats itself is not fresh. `at` our wall
    time and `seen_ms` our monotonic time of arrival. `last` is the price of the venue's last trade, if it tells one.
    """

    source: str
    pair: Pair
    bid: int
    ask: int
    venue_at: int | None
    at: Moment
    seen_ms: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What we think of one source for one pair. `suspect` is the code it was set aside for, or empty."""

    reading: Reading | None
    suspect: str = ""
    agreed: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """A price that can be believed. `at` is the wall time of the oldest reading in it."""

    rate: Rate
    sources: tuple[tuple[str, Money, Moment], ...]
    at: Moment


@dataclass(frozen=True, slots=True)
class Board:
    """Every source's standing at one moment: a value, safe to keep and to pass between threads."""

    standings: Mapping[Pair, Mapping[str, Standing]]
    now_ms: int
    bands: Bands = field(default_factory=Bands)

    def price(self, pair: Pair, side: Side) -> Price | Refusal:
        """The price of `pair`, or why there is none."""
        return price(self.standings.get(pair), pair, side, self.now_ms, self.bands)


def minor_of(text: str, fiat: Asset, *, up: bool) -> int:
    """A venue's decimal text as minor units, rounded down, or up for an ask. Raises `BadPrice`."""
    try:
        value = Decimal(text) if len(text) <= TEXT_MAX else Decimal("nan")
    except InvalidOperation:
        raise BadPrice(PRICE_NOT_A_NUMBER, repr(text[:TEXT_MAX])) from None
    if not value.is_finite() or value.adjusted() > 30:
        raise BadPrice(PRICE_NOT_A_NUMBER, repr(text[:TEXT_MAX]))
    if value < 0:
        raise BadPrice(PRICE_NEGATIVE, text)
    minor = int((value * fiat.one).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))
    if minor == 0:
        raise BadPrice(PRICE_ZERO, text)
    if minor > PRICE_MINOR_MAX:
        raise BadPrice(PRICE_NOT_A_NUMBER, f"{text} is too large for a price")
    return minor


def admit(known: Mapping[str, Standing], reading: Reading, bands: Bands) -> Standing:
    """What to think of a source after this reading. `known` are all standings of the pair."""
    if reading.bid > reading.ask:
        return Standing(None, BOOK_CROSSED.code)
    old = known.get(reading.source, Standing(None))
    before = old.reading
    if before is not None and _repeats(before, reading):
        return old
    others = [
        standing
        for source, standing in known.items()
        if source != reading.source and _fresh(standing.reading, reading.seen_ms, bands)
    ]
    vouching = [one for one in others if one.reading is not None and _near(one.reading.bid, reading.bid, bands)]
    if old.suspect:
        agreed = old.agreed + 1 if len(vouching) >= bands.sources_min - 1 else 0
        if agreed >= bands.recover:
            return Standing(reading)
        return Standing(reading, old.suspect, agreed)
    trusted = [one for one in vouching if not one.suspect]
    jumped = before is not None and _fresh(before, reading.seen_ms, bands) and not _near(before.bid, reading.bid, bands)
    if (jumped or _runs_away(reading, bands)) and len(trusted) < bands.sources_min - 1:
        return Standing(reading, PRICE_SPIKE.code)
    return Standing(reading)


def distrust(page: Entry) -> Standing:
    """What to think of a source that has just said nonsense."""
    return Standing(None, page.code)


def price(known: Mapping[str, Standing] | None, pair: Pair, side: Side, now_ms: int, bands: Bands) -> Price | Refusal:
    """The median of the sources that can be believed, or the most telling reason why there is none."""
    if known is None:
        return Refusal(PAIR_UNKNOWN.code, str(pair))
    good = [
        one.reading
        for one in known.values()
        if one.reading is not None and not one.suspect and _fresh(one.reading, now_ms, bands)
    ]
    if len(good) < bands.sources_min:
        return _too_few(known, pair, now_ms, bands)
    agreeing = _agreeing(good, bands)
    if len(agreeing) < bands.sources_min:
        return Refusal(PRICES_DIVERGE.code, f"{pair}: {', '.join(f'{one.source} {one.bid}' for one in good)}")
    chosen = [(one.source, one.bid if side is Side.SELL else one.ask, one.at) for one in agreeing]
    middle = _median([minor for _, minor, _ in chosen], up=side is Side.BUY)
    sources = tuple((name, Money(minor, pair.fiat), at) for name, minor, at in sorted(chosen))
    return Price(Rate(pair.coin, Money(middle, pair.fiat)), sources, min(at for _, _, at in chosen))


def _agreeing(good: list[Reading], bands: Bands) -> list[Reading]:
    """Those within the band of the median; with two sources they agree or there is none."""
    middle = _median([one.bid for one in good], up=False)
    if len(good) == 2:
        return good if _near(good[0].bid, good[1].bid, bands) else []
    return [one for one in good if _near(middle, one.bid, bands)]


def _too_few(known: Mapping[str, Standing], pair: Pair, now_ms: int, bands: Bands) -> Refusal:
    for source, one in sorted(known.items()):
        if one.suspect:
            return Refusal(one.suspect, f"{pair}: {source} is set aside")
    for source, one in sorted(known.items()):
        if one.reading is not None and not _fresh(one.reading, now_ms, bands):
            return Refusal(PRICE_STALE.code, f"{pair}: {source} is {now_ms - one.reading.seen_ms} ms old")
    return Refusal(TOO_FEW_SOURCES.code, f"{pair}: {len(known)} of {bands.sources_min}")


def _repeats(before: Reading, now: Reading) -> bool:
    """The venue said this before, or says it late: it does not make its price any fresher."""
    return before.venue_at is not None and now.venue_at is not None and now.venue_at <= before.venue_at


def _fresh(reading: Reading | None, now_ms: int, bands: Bands) -> bool:
    return reading is not None and now_ms - reading.seen_ms <= bands.stale_ms


def _runs_away(reading: Reading, bands: Bands) -> bool:
    """The book has left the price at which the venue last traded: beyond the band below its bid or above its ask."""
    if reading.last is None or reading.bid <= reading.last <= reading.ask:
        return False
    return not _near(reading.bid if reading.last < reading.bid else reading.ask, reading.last, bands)


def _near(one: int, other: int, bands: Bands) -> bool:
    return abs(one - other) * 10_000 <= bands.band_bp * min(one, other)


def _median(values: list[int], *, up: bool) -> int:
    ranked = sorted(values)
    half = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[half]
    both = ranked[half - 1] + ranked[half]
    return -(-both // 2) if up else both // 2
