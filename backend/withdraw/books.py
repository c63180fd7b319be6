"""The accounts of cash, and what a withdrawal books on them.

Signs are the ledger's: plus is what somebody is owed, so notes in a machine stand below zero, as money in a bank does.
Loading a machine owes its operator; a withdrawal takes from the member's account what the machine has given.

A machine's notes stand under the id of its cash side's key, not under its terminal: they lie where they lay when the
terminal is revoked and the machine is paired anew. What an operator has put in stays that operator's.
"""

from __future__ import annotations

from backend.ledger import desk as ledger
from backend.ledger.desk import Account, Owner, OwnerKind, Posting
from backend.settle.rules import FEES, LIQUIDITY, merged
from backend.store import Unit
from backend.withdraw.finding import WithdrawalRow
from backend.withdraw.rules import Cost, Shares
from core.asset import Asset
from core.money import Money

RECORD = "withdrawal"  # every record of one withdrawal has this kind: a wallet shows them as one business


def machine(vault: str) -> Owner:
    """Minus the notes in the machine with this cash side."""
    return Owner(OwnerKind.HOUSE, f"cash:{vault}")


def suspense(vault: str) -> Owner:
    """What nobody knows until the machine is counted: with the customer, or still inside."""
    return Owner(OwnerKind.HOUSE, f"suspense:{vault}")


def difference(vault: str) -> Owner:
    """What counts have found beside the book, and nobody can explain."""
    return Owner(OwnerKind.HOUSE, f"cash:difference:{vault}")


def operator(seller: str) -> Owner:
    """What the owner of machines has put into them, less what was taken out."""
    return Owner(OwnerKind.HOUSE, f"cash:operator:{seller}")


def loss(seller: str) -> Owner:
    """Notes that left the owner's machines beyond what was held."""
    return Owner(OwnerKind.HOUSE, f"cash:loss:{seller}")


def withdrawing(member: str, wallet: int) -> Owner:
    """The withdrawal account beside a wallet (patent 0090)."""
    return Owner(OwnerKind.WITHDRAWAL, member, wallet)


def sold(unit: Unit, row: WithdrawalRow, cost: Cost) -> tuple[Account, int, tuple[Posting, ...]]:
    """The record of the yes: the wallet pays `cost`, the notes' worth stands on the withdrawal account.

    Gives that account as well, and what was free on it before.
    """
    found, postings = _paid(unit, row, cost, [(withdrawing(row.member, row.wallet), row.fiat_asset)])
    account, free = found[0]
    return account, free, merged([*postings, Posting(account, row.amount)])


def divided(
    unit: Unit, row: WithdrawalRow, before: Shares | None, now: Shares
) -> tuple[Account | None, tuple[Posting, ...]]:
    """The record of evidence: what the machine gave, what is in doubt, what is a loss, and the rest back in the wallet.

    `before` what was booked so far; None while the whole amount is held on the withdrawal account, which is then given
    as well.
    """
    old = Shares(0, 0, 0, row.amount) if before is None else before
    fiat = row.fiat_asset
    wanted = [
        (machine(row.vault), fiat),
        (suspense(row.vault), fiat),
        (loss(row.operator), fiat),
        (withdrawing(row.member, row.wallet), fiat),
    ]
    moves = [now.machine - old.machine, now.doubt - old.doubt, old.loss - now.loss]
    moves.append(-row.amount if before is None else 0)
    part = _less(row.cost(old.kept), row.cost(now.kept))
    needed = [(place, minor) for place, minor in zip(wanted, moves, strict=True) if minor]
    found, back = _paid(unit, row, part, [place for place, _ in needed])
    ours = [Posting(account, minor) for (account, _), (_, minor) in zip(found, needed, strict=False)]
    held = found[len(needed) - 1][0] if before is None else None
    return held, merged([*ours, *(Posting(one.account, -one.minor) for one in back)])


def moved(unit: Unit, giver: Owner, taker: Owner, minor: int, fiat: Asset) -> tuple[Posting, ...]:
    """`giver` gives `minor` (or gets it, below zero) and `taker` gets it; nothing for zero."""
    if not minor:
        return ()
    (one, _), (other, _) = ledger.several(unit, ((giver, fiat), (taker, fiat)))
    return (Posting(one, -minor), Posting(other, minor))


def _less(old: Cost, now: Cost) -> Cost:
    return Cost(
        old.notes - now.notes, old.fee - now.fee, old.fiat - now.fiat, old.sold - now.sold, old.coins - now.coins
    )


def _paid(
    unit: Unit, row: WithdrawalRow, cost: Cost, more: list[tuple[Owner, Asset]]
) -> tuple[list[tuple[Account, int]], list[Posting]]:
    """Postings by which the wallet pays `cost`, without whoever gets its `notes`; and the accounts of `more`, first.

    Only accounts that something moves on are looked up, all in one statement.
    """
    member, fiat = Owner(OwnerKind.MEMBER, row.member, row.wallet), row.fiat_asset
    parts = [
        (member, fiat, -cost.fiat),
        (FEES, fiat, cost.fee),
        (LIQUIDITY, fiat, -cost.sold),
    ]
    if cost.coins:
        coin = row.coin_asset
        parts += [(member, coin, -cost.coins), (LIQUIDITY, coin, cost.coins)]
    parts = [part for part in parts if part[2]]
    found = ledger.several(unit, [*more, *((owner, asset) for owner, asset, _ in parts)])
    return found, [Posting(account, part[2]) for (account, _), part in zip(found[len(more) :], parts, strict=True)]


def balance(unit: Unit, owner: Owner, fiat: Asset) -> Money:
    """What stands on it; zero where it was never opened."""
    return Money(ledger.available(unit, owner, fiat), fiat)
