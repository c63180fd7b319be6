"""What a sale comes to and what it books: pure arithmetic and postings, no store.

All roundings are declared here: the shopper's coins are rounded up (`Rate.quantity`), fees and commissions up
(`Money.share`), what a refund buys down (`Rate.quantity_down`). The sum of the parts is always the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backend.ledger.rules import Account, Owner, OwnerKind, Posting
from backend.settle.capsule import QuoteKeys
from core.money import Money
from core.proof import ReceiptFacts
from core.rate import Rate

LIQUIDITY = Owner(OwnerKind.HOUSE, "liquidity")  # the house's own coins and fiat; the other side of every sale
FEES = Owner(OwnerKind.HOUSE, "fees")  # what shoppers pay for the service


@dataclass(frozen=True, slots=True)
class Terms:
    """The exchange's conditions of sale. Lives in milliseconds, fees in ten-thousandths (bp).

    `quote_ms` how long a quote is good (15 s in a shop; a machine that walks people through screens may have 60 s).
    `hold_ms` how long coins stay reserved for a capture that does not come; long enough for a terminal to restart.
    `owing_max` minor units of fiat a seller may owe after refunds beyond the account's balance.
    """

    fee_bp: int = 50
    spread_bp: int = 30
    quote_ms: int = 15_000
    hold_ms: int = 15 * 60_000
    refund_offer_ms: int = 60_000
    owing_max: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.fee_bp <= 1_000 and 0 <= self.spread_bp <= 1_000):
            raise ValueError("a fee or spread above 10 % is a mistake of decimals")
        if not 1_000 <= self.quote_ms <= 60_000:
            raise ValueError("a quote lives 1 to 60 seconds")


@dataclass(frozen=True, slots=True)
class House:
    """What the exchange brings to a desk. `entropy(n)` gives n random bytes, `seal` the proof of a receipt."""

    terms: Terms
    keys: QuoteKeys
    entropy: Callable[[int], bytes]
    seal: Callable[[ReceiptFacts], str]


@dataclass(frozen=True, slots=True)
class Seller:
    """Who is paid: in fiat or in the coin itself, as the seller chose. `agency` earns the commission."""

    id: str
    payout: str = "fiat"
    shop: str = ""
    agency: str = "agency"

    def __post_init__(self) -> None:
        assert self.payout in ("fiat", "coin"), f"payout {self.payout!r}"


@dataclass(frozen=True, slots=True)
class Presented:
    """A redeemed presentation: whose wallet, which class, and the codes of its coins in the order to be spent."""

    member: str
    wallet: int
    coins_order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """What a price comes to in one coin. `total` is what leaves the wallet."""

    rate: Rate
    price: Money
    quantity: Money
    fee: Money
    fee_quantity: Money

    @property
    def total(self) -> Money:
        return self.quantity + self.fee_quantity


def sum_up(price: Money, rate: Rate, fee_bp: int) -> Sum:
    """The exact quantity for `price`, and the fee beside it. Raises `BadAmount` when it passes 63 bits."""
    fee = price.share(fee_bp)
    made = Sum(rate, price, rate.quantity(price), fee, rate.quantity(fee))
    made.total  # noqa: B018 - computed here so that a total too large is refused with the rest
    return made


@dataclass(frozen=True, slots=True)
class Paid:
    """What the seller is credited and what the agency keeps, both in the asset of the payout."""

    amount: Money
    commission: Money


def paid_out(price: Money, quantity: Money, payout: str, commission_bp: int) -> Paid:
    whole = price if payout == "fiat" else quantity
    commission = whole.share(commission_bp)
    return Paid(whole - commission, commission)


def merged(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """One posting an account, none of nothing; the order of first appearance."""
    net: dict[int, Posting] = {}
    for posting in postings:
        old = net.get(posting.account.id)
        net[posting.account.id] = Posting(posting.account, posting.minor + (old.minor if old else 0))
    return tuple(posting for posting in net.values() if posting.minor)


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts one sale touches, besides the seller's."""

    member: Account
    house_coin: Account
    house_fiat: Account
    fees: Account
    agency: Account


def sale_postings(
    books: Books, price: int, quantity: int, fee_quantity: int, paid: Paid, credited: tuple[Posting, ...]
) -> tuple[Posting, ...]:
    """One record for the whole sale; `credited` is the seller's part.

    Paid in fiat the house takes the coins and pays their price; paid in coin they go to the seller directly.
    """
    coins = [Posting(books.member, -(quantity + fee_quantity)), Posting(books.fees, fee_quantity)]
    shares = [*credited, Posting(books.agency, paid.commission.minor)]
    if paid.amount.asset == books.house_fiat.asset:
        coins += [Posting(books.house_coin, quantity), Posting(books.house_fiat, -price)]
    return merged([*coins, *shares])
