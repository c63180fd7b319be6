"""The reference: what members must have in the end, reckoned once more from what was said and what is physically true.

Pure, sequential, and written from the messages' own words (`core.messages.withdrawal`), not from the exchange's code.
It knows deposits, the offers that were accepted, and the notes each customer really has. Whoever has notes worth `x`
has paid the fee for `x` and `x` itself, in fiat as far as the offer took fiat and in coins at the offer's rate for the
rest; nothing else has ever changed a wallet.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from core.messages import WithdrawOffer


@dataclass(frozen=True, slots=True)
class Accepted:
    """A withdrawal somebody said yes to. Minor units; `rate` of one whole coin, 0 where fiat pays all."""

    member: str
    amount: int
    fiat_most: int
    fiat: str
    coin: str
    coin_one: int
    rate: int
    fee_bp: int


def accepted(member: str, offer: WithdrawOffer, fee_bp: int) -> Accepted:
    """The offer as the member accepted it."""
    amount, from_fiat = offer.amount.money(), offer.from_fiat.money()
    if offer.coins is None or offer.rate is None:
        return Accepted(member, amount.minor, from_fiat.minor, amount.asset.code, "", 1, 0, fee_bp)
    coin = offer.coins.money().asset
    rate = offer.rate.money().minor
    return Accepted(member, amount.minor, from_fiat.minor, amount.asset.code, coin.code, coin.one, rate, fee_bp)


class Reference:
    """Wallets by (member, asset)."""

    def __init__(self, fee_bp: int) -> None:
        self._fee_bp = fee_bp
        self._wallets: dict[tuple[str, str], int] = defaultdict(int)
        self._accepted: dict[str, Accepted] = {}
        self._offers: dict[str, tuple[str, WithdrawOffer]] = {}

    def deposited(self, member: str, asset: str, minor: int) -> None:
        self._wallets[member, asset] += minor

    def offered(self, member: str, offer: WithdrawOffer) -> None:
        """The exchange has told a price."""
        self._offers[offer.quote] = (member, offer)

    def said_yes(self, txn: str, quote: str) -> None:
        """The exchange has authorised it; again is the same."""
        if txn not in self._accepted:
            member, offer = self._offers[quote]
            self._accepted[txn] = accepted(member, offer, self._fee_bp)

    def offer(self, quote: str) -> WithdrawOffer:
        return self._offers[quote][1]

    @property
    def withdrawals(self) -> tuple[str, ...]:
        return tuple(self._accepted)

    def amount(self, txn: str) -> int:
        return self._accepted[txn].amount

    def wallets(self, given: dict[str, int]) -> dict[tuple[str, str], int]:
        """Every wallet, when each customer has notes worth `given` (by transaction). What was given beyond the offer is
        the operator's loss, not the member's."""
        wallets = dict(self._wallets)
        for txn, one in self._accepted.items():
            fiat, coins = paid(one, min(given.get(txn, 0), one.amount))
            wallets[one.member, one.fiat] = wallets.get((one.member, one.fiat), 0) - fiat
            if one.coin:
                wallets[one.member, one.coin] = wallets.get((one.member, one.coin), 0) - coins
        return wallets

    def lost(self, given: dict[str, int]) -> int:
        """What left the machine and nobody pays for."""
        return sum(
            max(0, value - (self._accepted[txn].amount if txn in self._accepted else 0)) for txn, value in given.items()
        )


def paid(one: Accepted, notes: int) -> tuple[int, int]:
    """(fiat, coins) that notes worth `notes` cost: the fee rounded up, the coins rounded up, both once."""
    if not notes:
        return 0, 0
    whole = notes + -(-notes * one.fee_bp // 10_000)
    if not one.rate:
        return whole, 0
    fiat = min(one.fiat_most, whole)
    return fiat, -(-(whole - fiat) * one.coin_one // one.rate)
