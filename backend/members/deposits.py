"""Fiat in: a bank tells us of a transfer, and it is booked once, by the bank's own id of it.

The notice is a Standard Webhooks message: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature: v1,<base64 of
HMAC-SHA256(id.timestamp.body)>``, several signatures separated by spaces while a secret is being changed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from backend.ledger import desk as ledger
from backend.ledger.rules import Owner, OwnerKind, Posting, Record
from backend.members.events import TOPIC, MemberEvent
from backend.members.joining import wallet_of
from backend.refused import Refused
from backend.store import Unit
from core.asset import Asset
from core.faults.members import BAD_NOTICE
from core.messages import WireMoney
from core.moment import Moment
from core.money import Money

TOLERANCE_S: Final = 300  # Standard Webhooks, "verifying the timestamp"
BANK: Final = Owner(OwnerKind.WORLD, "bank")
UNMATCHED: Final = Owner(OwnerKind.HOUSE, "bank:unmatched")


@dataclass(frozen=True, slots=True)
class BankNotice:
    """A transfer that reached our collecting account: `transfer` the bank's id, `reference` what was written on it."""

    transfer: str
    reference: str
    amount: WireMoney
    booked_at: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.transfer) <= 64 or len(self.reference) > 140:
            raise ValueError("transfer has 1-64 characters, reference at most 140")
        if self.amount.money().minor <= 0:
            raise ValueError("a transfer in is above zero")


@dataclass(frozen=True, slots=True)
class DepositTaken:
    """`state` is ``credited`` or ``unmatched``; the same for every repeat of the notice."""

    transfer: str
    state: str


def check_notice(headers: dict[str, str], body: bytes, secrets: tuple[bytes, ...], now: Moment) -> None:
    """Raises `Refused` unless one of our secrets signed this body within five minutes of now."""
    id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        raise Refused.by(BAD_NOTICE, "webhook-id or webhook-timestamp is missing", status=401)
    if abs(now.ms // 1000 - int(stamp)) > TOLERANCE_S:
        raise Refused.by(BAD_NOTICE, "too old or too new", status=401)
    given = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split(" ")[:8]]
    due = [webhook_signature(secret, id, stamp, body) for secret in secrets]
    if not any(hmac.compare_digest(one.encode(), ours.encode()) for one in given for ours in due):
        raise Refused.by(BAD_NOTICE, "no signature fits", status=401)


def webhook_signature(secret: bytes, id: str, stamp: str, body: bytes) -> str:
    """The base64 HMAC of a webhook (Standard Webhooks, v1), without its ``v1,``."""
    message = f"{id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()


def deposit(unit: Unit, notice: BankNotice, fiat: Asset, at: Moment) -> DepositTaken:
    """Book the transfer, once. Without a known reference it waits in `bank:unmatched` for a person to look."""
    money = notice.amount.money()
    if money.asset != fiat:
        raise Refused.by(BAD_NOTICE, f"this account takes {fiat.code}", status=422)
    known = unit.one("SELECT member, minor FROM member_bank_notice WHERE transfer = ?", (notice.transfer,))
    if known is not None:
        if known[1] != money.minor:
            raise Refused.by(BAD_NOTICE, "the transfer was told with another amount before", status=422)
        return DepositTaken(notice.transfer, "credited" if known[0] else "unmatched")
    reference = notice.reference.strip().upper().replace(" ", "").replace("-", "")
    row = unit.one("SELECT id FROM member WHERE deposit_reference = ?", (reference,))
    member: str | None = row[0] if row is not None else None
    _book(unit, notice.transfer, money, wallet_of(member) if member else UNMATCHED, at)
    unit.run(
        "INSERT INTO member_bank_notice VALUES(?, ?, ?, ?, ?)",
        (notice.transfer, member, money.asset.code, money.minor, at.ms),
    )
    if member is not None:
        unit.tell(TOPIC, MemberEvent(member, "deposit", {"amount": money.decimal(), "asset": money.asset.code}))
    return DepositTaken(notice.transfer, "credited" if member else "unmatched")


def _book(unit: Unit, transfer: str, money: Money, to: Owner, at: Moment) -> None:
    postings = (
        Posting(ledger.account(unit, BANK, money.asset), -money.minor),
        Posting(ledger.account(unit, to, money.asset), money.minor),
    )
    ledger.post(
        unit,
        Record(key=f"deposit/{transfer}", kind="deposit", txn="", terminal="", actor="bank", at=at, postings=postings),
    )
