"""What a withdrawal costs, what of it comes back, and who may have how much. Pure, no store.

One rule decides every amount: whoever has `x` in notes has paid `Price.cost(x)`, as if exactly `x` had been quoted at
the locked price. What comes back is always the difference of two such costs, so that it makes no difference in how
many steps it comes back, and the sum of the parts is the whole. Roundings and their owners: the fee is rounded up
(`Money.share`) and the coins kept are rounded up (`Rate.quantity`), both for the house, and both at most one unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from core.authority import LIFE_MAX_MS
from core.messages.withdrawal import ApprovalState, Tender
from core.money import Money
from core.rate import Rate

APPROVAL_MS: Final = 90_000  # long enough to take a phone out of a pocket and read two lines; the quote waits for it
DAY_MS: Final = 86_400_000  # a day's limit looks back 24 hours: no midnight doubles it
STATIC_SOURCES: Final = frozenset({"card", "other"})  # a code that does not change proves no phone: always ask


@dataclass(frozen=True, slots=True)
class Terms:
    """The exchange's conditions of withdrawal. Limits are minor units of the fiat, lives milliseconds.

    `each_max` of one withdrawal and `day_max` of a member's last 24 hours, holds counted; `machine_each_max` and
    `machine_day_max` the same of one machine, whoever comes; `unapproved_max` what a member may have in 24 hours
    without approving it on the phone page; `authority_ms` how long after its nonce the first note may move; `doubt_ms`
    after which an authority without a report is an alarm (longer than any dispenser takes with its retries).
    """

    fee_bp: int = 50
    spread_bp: int = 30
    quote_ms: int = 30_000
    authority_ms: int = 90_000
    each_max: int = 1_000_000
    day_max: int = 3_000_000
    machine_each_max: int = 1_000_000
    machine_day_max: int = 50_000_000
    unapproved_max: int = 50_000
    doubt_ms: int = 300_000

    def __post_init__(self) -> None:
        if not (0 <= self.fee_bp <= 1_000 and 0 <= self.spread_bp <= 1_000):
            raise ValueError("a fee or spread above 10 % is a mistake of decimals")
        if not 1_000 <= self.quote_ms <= 60_000:
            raise ValueError("a quote lives 1 to 60 seconds")
        if not 1_000 <= self.authority_ms <= LIFE_MAX_MS:
            raise ValueError(f"an authority lives up to {LIFE_MAX_MS} ms")
        if not 0 <= self.unapproved_max <= self.each_max <= self.day_max:
            raise ValueError("unapproved, of one withdrawal and of a day: none above the next")


@dataclass(frozen=True, slots=True)
class Cost:
    """What `notes` in notes costs: `fiat` and `coins` leave the wallet; `sold` is what the coins bring; `fee` is the
    house's. ``fiat + sold == notes + fee``, always. All minor units."""

    notes: int
    fee: int
    fiat: int
    sold: int
    coins: int


@dataclass(frozen=True, slots=True)
class Price:
    """A locked price: the fee, the most that fiat pays (it pays first), and the rate of the coins for the rest.

    `rate` None: fiat pays all. `fiat_most` 0: coins pay all.
    """

    fee_bp: int
    fiat_most: int
    rate: Rate | None

    def cost(self, notes: Money) -> Cost:
        """Raises `BadAmount` beyond 63 bits."""
        fee = notes.share(self.fee_bp)
        whole = notes + fee
        if self.rate is None:
            return Cost(notes.minor, fee.minor, whole.minor, 0, 0)
        fiat = min(self.fiat_most, whole.minor)
        sold = whole - Money(fiat, notes.asset)
        return Cost(notes.minor, fee.minor, fiat, sold.minor, self.rate.quantity(sold).minor)


def priced(amount: Money, tender: Tender, fiat: int, rate: Rate | None, fee_bp: int) -> Price:
    """The price of this tender with `fiat` minor units in the wallet. `rate` may be missing where no coin is sold."""
    match tender:
        case Tender.FIAT:
            return Price(fee_bp, 0, None)
        case Tender.COIN:
            assert rate is not None, "coins have a rate"
            return Price(fee_bp, 0, rate)
        case Tender.BOTH:
            whole = amount + amount.share(fee_bp)
            if fiat >= whole.minor:
                return Price(fee_bp, 0, None)
            assert rate is not None, "coins have a rate"
            return Price(fee_bp, max(fiat, 0), rate)
        case _:
            assert_never(tender)


def needs_price(amount: Money, tender: Tender, fiat: int, fee_bp: int) -> bool:
    """Must coins be sold for it?"""
    return tender is Tender.COIN or (tender is Tender.BOTH and fiat < amount.minor + amount.share(fee_bp).minor)


def net_of_fee(whole: Money, fee_bp: int) -> Money:
    """The most notes whose cost with the fee is at most `whole`."""
    most = max(whole.minor, 0) * 10_000 // (10_000 + fee_bp)
    assert most + Money(most, whole.asset).share(fee_bp).minor <= whole.minor or most == 0
    return Money(most, whole.asset)


@dataclass(frozen=True, slots=True)
class Used:
    """What counts against the limits now, minor units: of the member and of the machine, in the last 24 hours."""

    member: int
    unapproved: int
    machine: int


def room_left(terms: Terms, used: Used) -> int:
    """The most of one withdrawal as far as limits go, whatever is in the wallet."""
    return max(
        0,
        min(
            terms.each_max,
            terms.machine_each_max,
            terms.day_max - used.member,
            terms.machine_day_max - used.machine,
        ),
    )


def unapproved_left(terms: Terms, used: Used, source: str) -> int:
    """What may be had now without the phone; nothing with a code that does not change."""
    return 0 if source in STATIC_SOURCES else max(0, terms.unapproved_max - used.unapproved)


def approval_stands(state: str, expires_ms: int, at_ms: int) -> ApprovalState:
    """Waiting ends by itself; a yes or no stands."""
    kept = ApprovalState(state)
    return ApprovalState.EXPIRED if kept is ApprovalState.WAITING and at_ms >= expires_ms else kept


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the customer has: at least `least`, at most `highest`, minor units."""

    least: int
    highest: int


@dataclass(frozen=True, slots=True)
class Shares:
    """How one piece of evidence divides a withdrawal. All are minor units of fiat.

    `machine` has left the machine, `doubt` waits for the count, `loss` is the operator's (notes beyond the hold), and
    the member has paid the cost of `kept`: what is captured or in doubt.
    """

    machine: int
    doubt: int
    loss: int
    kept: int


def share_out(amount: int, seen: Evidence, kept_most: int | None = None) -> Shares:
    """Divide. `kept_most`: what the member has paid for so far; what was given back stays given back.

    ``machine + doubt == kept + loss``: every won that left or may have left is paid by somebody.
    """
    most = amount if kept_most is None else kept_most
    kept = min(seen.highest, most)
    least = min(seen.least, kept)
    return Shares(seen.least, kept - least, seen.least - least, kept)


def missing(count: int, highest: int) -> int:
    """Reports are numbered from 1 without gaps: how many of them have not come."""
    return highest - count


def face_value(notes: Iterable[tuple[int, int]]) -> int:
    """(face, count) pairs to their sum."""
    return sum(face * count for face, count in notes)
