"""The door of membership, for other systems and for pages: functions over an open unit of work, and the data they give.

ask(unit, contact, at, secret, entropy)           a verification code to send
attempt(unit, contact, digits, at, secret)        None, or why not (its count stays)
join(unit, contact, fiat, at, sealer, entropy)    the member, and whether new
member_of(unit, id), wallet_of(id), me(unit, id)  who, which ledger account, everything the page shows
history(unit, id, before, limit)                  the wallet's statement, newest first
issue(unit, sealer, id, at)                       the next 30 codes, without the key
enrol(unit, sealer, id, label, at, entropy)       a key for the member's phone app, told once
present(...), count_miss(...)                     redeem a code or tap
presented(unit, id, txn, terminal, at)            the live presentation, for quoting and settling
price_agreed(presented, price)                    refuses a price the tap did not agree to
amount_agreed(presented, amount)                  the same at a cash machine, where a tap comes before the amount
deposit(unit, notice, fiat, at)                   fiat in, once by the bank's id
roll(unit, sealer, at), sweep(unit, at)           the daily turn of handles, and forgetting
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.http.callers import Entropy
from backend.ledger import desk as ledger
from backend.members.codes import PAGE, NewKey, Sealer, issue, make_key, remove_key, roll
from backend.members.deposits import BankNotice, DepositTaken, check_notice, deposit
from backend.members.events import TOPIC, MemberEvent
from backend.members.joining import Member, ask, attempt, join, member_of, wallet_of
from backend.members.presenting import Presented, count_miss, present, presented, sweep
from backend.members.rules import KEYS_MAX
from backend.refused import Refused
from backend.store import Unit
from core.asset import AssetKind
from core.faults.members import DEVICES_FULL, PRICE_NOT_TAPPED
from core.messages import WireMoney
from core.moment import Moment
from core.money import Money

HISTORY_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Holding:
    """One asset of the wallet: `total` = `available` + what open holds reserve."""

    asset: str
    kind: str
    total: WireMoney
    available: WireMoney


@dataclass(frozen=True, slots=True)
class Me:
    """What a member's page shows first."""

    member: str
    contact: str
    deposit_reference: str
    joined_at: str
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One movement of the wallet. `number` orders them; ask for what is `before` the last one seen."""

    number: int
    at: str
    kind: str
    txn: str
    amount: WireMoney


@dataclass(frozen=True, slots=True)
class Phone:
    """An enrolled phone app."""

    id: int
    label: str
    enrolled_at: str


def me(unit: Unit, member: str) -> Me:
    """The member's own data and holdings."""
    who = member_of(unit, member)
    return Me(who.id, who.contact, who.deposit_reference, who.joined_at.rfc3339(), holdings(unit, member))


def holdings(unit: Unit, member: str) -> tuple[Holding, ...]:
    kinds = {asset.code: kind for asset, kind in ledger.assets(unit)}
    return tuple(
        Holding(
            account.asset.code,
            kinds[account.asset.code].value,
            WireMoney.of(balance.posted),
            WireMoney.of(balance.available),
        )
        for account, balance in ledger.of_owner(unit, wallet_of(member))
    )


def coins(unit: Unit, member: str) -> tuple[str, ...]:
    """Codes of the coins a member could pay with now, in the ledger's order."""
    return tuple(
        one.asset
        for one in holdings(unit, member)
        if one.kind == AssetKind.COIN.value and one.available.money().minor > 0
    )


def history(unit: Unit, member: str, before: int | None, limit: int) -> tuple[HistoryLine, ...]:
    """Movements of every asset of the wallet, newest first."""
    lines = [
        line
        for account, _ in ledger.of_owner(unit, wallet_of(member))
        for line in ledger.statement(unit, account, before=before, limit=min(limit, HISTORY_MAX))
    ]
    lines.sort(key=lambda line: line.journal, reverse=True)
    return tuple(
        HistoryLine(line.journal, line.at.rfc3339(), line.kind, line.txn, WireMoney.of(line.amount))
        for line in lines[:limit]
    )


def phones(unit: Unit, member: str) -> tuple[Phone, ...]:
    rows = unit.all(
        "SELECT id, label, made_at FROM member_key WHERE member = ? AND label <> ? ORDER BY id", (member, PAGE)
    )
    return tuple(Phone(id, label, Moment(made).rfc3339()) for id, label, made in rows)


def enrol(unit: Unit, sealer: Sealer, member: str, label: str, at: Moment, entropy: Entropy) -> NewKey:
    """A key of its own for one phone app: lost phones are removed one by one. Raises `Refused`."""
    if len(phones(unit, member)) >= KEYS_MAX:
        raise Refused.by(DEVICES_FULL, status=409)
    return make_key(unit, sealer, member, f"phone {label}"[:40], at, entropy)


def price_agreed(presentation: Presented, price: Money) -> None:
    """A tap agreed to one amount; a code to none. Raises `Refused` for another price than the tap's."""
    if presentation.bound is not None and presentation.bound != price:
        raise Refused.by(PRICE_NOT_TAPPED, status=409)


def amount_agreed(presentation: Presented, amount: Money) -> None:
    """As `price_agreed`, where the amount is chosen after the tap: a tap at a cash machine binds to none (zero), and
    the member's page is asked for the amount itself. Raises `Refused`."""
    if presentation.bound is not None and presentation.bound.minor == 0:
        return
    price_agreed(presentation, amount)


__all__ = [
    "TOPIC",
    "BankNotice",
    "DepositTaken",
    "Member",
    "MemberEvent",
    "Presented",
    "Sealer",
    "amount_agreed",
    "ask",
    "attempt",
    "check_notice",
    "coins",
    "count_miss",
    "deposit",
    "enrol",
    "history",
    "holdings",
    "issue",
    "join",
    "me",
    "member_of",
    "phones",
    "present",
    "presented",
    "price_agreed",
    "remove_key",
    "roll",
    "sweep",
    "wallet_of",
]
