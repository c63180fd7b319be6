"""What a record is, and when it may be booked: pure decisions, no store.

A record is one business act: postings that sum to zero in each asset. Plus is what an account receives, minus what
it gives; an account stands in a record at most once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from core.asset import Asset
from core.faults import Refusal
from core.faults.money import UNBALANCED
from core.moment import Moment
from core.money import Money


class OwnerKind(Enum):
    """Whose account it is. Members, sellers and agencies never fall below zero."""

    MEMBER = "member"
    WITHDRAWAL = "withdrawal"  # beside each of a member's wallets: fiat on its way to notes
    SELLER = "seller"
    AGENCY = "agency"
    HOUSE = "house"
    RECEIVABLE = "receivable"  # what a seller owes after a sale was taken back; at or below zero
    WORLD = "world"  # banks, chains and issuers: where value comes from and goes to


FLOORED = frozenset({OwnerKind.MEMBER, OwnerKind.WITHDRAWAL, OwnerKind.SELLER, OwnerKind.AGENCY})
_WALLETS = {OwnerKind.MEMBER: (1, 2, 3), OwnerKind.WITHDRAWAL: (1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Owner:
    """`wallet` is 1 purchased, 2 airdrop or 3 developer, for a member and the account beside it; 0 for others."""

    kind: OwnerKind
    id: str
    wallet: int = 0

    def __post_init__(self) -> None:
        assert self.id, "an account belongs to somebody"
        assert self.wallet in _WALLETS.get(self.kind, (0,)), f"wallet {self.wallet}"

    @property
    def floor(self) -> int | None:
        return 0 if self.kind in FLOORED else None


@dataclass(frozen=True, slots=True)
class Account:
    """One asset of one owner; `id` is its row."""

    id: int
    owner: Owner
    asset: Asset


@dataclass(frozen=True, slots=True)
class Balance:
    """`posted` what the entries sum to, `held` what open holds reserve of it."""

    posted: Money
    held: Money

    @property
    def available(self) -> Money:
        return self.posted - self.held


@dataclass(frozen=True, slots=True)
class Posting:
    """`minor` units that `account` receives (plus) or gives (minus); never zero."""

    account: Account
    minor: int

    @classmethod
    def of(cls, account: Account, amount: Money) -> Posting:
        assert account.asset == amount.asset, f"{amount.asset} posted to an account of {account.asset}"
        return cls(account, amount.minor)


@dataclass(frozen=True, slots=True)
class Record:
    """One business act. `key` its business key, `meta` JSON text (the prices it was made at)."""

    kind: str
    key: str
    at: Moment
    postings: tuple[Posting, ...]
    txn: str = ""
    terminal: str = ""
    actor: str = ""
    meta: str = field(default="{}")


class HoldState(Enum):
    """A hold is resolved once: from open to one of the others."""

    OPEN = "open"
    CAPTURED = "captured"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Hold:
    """Reserved, not yet moved. `expires_at` None: only evidence ends it, as with `bound`."""

    key: str
    account: int
    minor: int
    captured: int
    state: HoldState
    expires_at: Moment | None
    bound: bool


def sums(postings: tuple[Posting, ...]) -> dict[str, int]:
    """Minor units by asset code."""
    total: dict[str, int] = {}
    for posting in postings:
        code = posting.account.asset.code
        total[code] = total.get(code, 0) + posting.minor
    return total


def why_not(record: Record) -> Refusal | None:
    """Why `record` may not be booked, or None."""
    if not record.postings:
        return Refusal(UNBALANCED.code, f"{record.kind} {record.key} is empty")
    if len({posting.account.id for posting in record.postings}) != len(record.postings):
        return Refusal(UNBALANCED.code, f"{record.kind} {record.key} names an account twice")
    if any(posting.minor == 0 for posting in record.postings):
        return Refusal(UNBALANCED.code, f"{record.kind} {record.key} moves nothing on an account")
    off = {code: minor for code, minor in sums(record.postings).items() if minor}
    if off:
        return Refusal(UNBALANCED.code, f"{record.kind} {record.key} is off by {off}")
    return None


def mirrored(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The postings that take these back."""
    return tuple(Posting(posting.account, -posting.minor) for posting in postings)
