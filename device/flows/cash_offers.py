"""Which amounts this machine can offer now: what the cassettes surely hold and the member's limit allow."""

from __future__ import annotations

from typing import Final

from core.cash import Cassette, Denomination, NoMix
from core.cash_mix import payable
from core.money import Money
from core.vault_talk import VaultState

OFFERED_MAX: Final = 4  # with "other amount" five ways on, as many as a screen may hold
ROUND: Final = (1, 2, 3, 5)  # the first figure of amounts people ask for


def payables(machine: VaultState, at_most: Money) -> tuple[Money, ...]:
    """Every amount the machine can pay, up to `at_most`, ascending."""
    cassettes = tuple(
        Cassette(shown.place, Denomination(shown.face.money()), shown.count, shown.usable)
        for shown in machine.cassettes
        if shown.face.money().asset == at_most.asset
    )
    try:
        return payable(at_most.asset, cassettes, machine.notes_max, at_most)
    except NoMix:
        return ()  # sums beyond counting: a machine that is loaded so is not offered from


def offered(amounts: tuple[Money, ...]) -> tuple[Money, ...]:
    """At most four of them for buttons: round ones, spread from the least to the most."""
    rounds = tuple(amount for amount in amounts if _is_round(amount.minor)) or amounts
    if len(rounds) <= OFFERED_MAX:
        return rounds
    last = len(rounds) - 1
    return tuple(rounds[(place * last + (OFFERED_MAX - 1) // 2) // (OFFERED_MAX - 1)] for place in range(OFFERED_MAX))


def nearest(amounts: tuple[Money, ...], wanted: Money) -> tuple[Money, ...]:
    """The next payable amount below and above; one of them, or none, where there is none."""
    below = [amount for amount in amounts if amount < wanted][-1:]
    return (*below, *[amount for amount in amounts if amount > wanted][:1])


def _is_round(minor: int) -> bool:
    while minor % 10 == 0:
        minor //= 10
    return minor in ROUND
