"""Withdrawals as rows, and as what the machine and the member are told of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from backend.refused import Refused
from backend.settle.finding import printed
from backend.store import Unit
from backend.withdraw.rules import Cost, Evidence, Price, Shares, share_out
from backend.withdraw.teller import Teller
from core.asset import Asset
from core.faults.withdrawal import WITHDRAWAL_UNKNOWN
from core.ids import BadId, TxnId
from core.messages import Withdrawal, WithdrawState
from core.messages.money import WireMoney
from core.moment import Moment
from core.money import Money
from core.proof import Kind, ReceiptFacts
from core.rate import Rate

_asset = lru_cache(maxsize=256)(Asset)  # as in `backend.settle.finding`: a row asks for it a dozen times


@lru_cache(maxsize=1_024)  # one withdrawal asks for the same two or three costs a dozen times
def _cost(
    fee_bp: int, fiat_most: int, rate: int, fiat: str, fiat_scale: int, coin: str, coin_scale: int, notes: int
) -> Cost:
    money = _asset(fiat, fiat_scale)
    locked = Rate(_asset(coin, coin_scale), Money(rate, money)) if coin else None
    return Price(fee_bp, fiat_most, locked).cost(Money(notes, money))


class WithdrawalRow(NamedTuple):
    """The columns of ``withdrawal``, in the order they are written; see `tables`."""

    id: int
    txn: str
    quote_id: str
    rrn: str
    approval: str
    stan: int
    terminal: str
    presentation: str
    member: str
    wallet: int
    machine: str
    operator: str
    vault: str
    nonce: str
    fiat: str
    fiat_scale: int
    coin: str
    coin_scale: int
    amount: int
    fee_bp: int
    fiat_most: int
    rate: int
    approved: int
    priced: str
    authority: str
    state: str
    least: int
    highest: int
    kept: int
    authorised_at: int
    ended_at: int | None = None
    counted_at: int | None = None

    @property
    def fiat_asset(self) -> Asset:
        return _asset(self.fiat, self.fiat_scale)

    @property
    def coin_asset(self) -> Asset:
        assert self.coin, "coins were sold"
        return _asset(self.coin, self.coin_scale)

    def cost(self, notes: int) -> Cost:
        """What `notes` minor units of notes cost at the locked price."""
        return _cost(
            self.fee_bp, self.fiat_most, self.rate, self.fiat, self.fiat_scale, self.coin, self.coin_scale, notes
        )

    @property
    def shares(self) -> Shares:
        """What was booked of an ended withdrawal."""
        return share_out(self.amount, Evidence(self.least, self.highest), self.kept)

    @property
    def in_doubt(self) -> int:
        return self.shares.doubt if self.state == WithdrawState.SUSPENSE.value else 0


COLUMNS = ", ".join(WithdrawalRow._fields)
_BY_TXN = f"SELECT {COLUMNS} FROM withdrawal WHERE txn = ?"  # noqa: S608
_INSERT = (
    f"INSERT INTO withdrawal({COLUMNS}) VALUES({', '.join('?' * len(WithdrawalRow._fields))}) ON CONFLICT DO NOTHING"
)


def load(unit: Unit, txn: TxnId) -> WithdrawalRow | None:
    row = unit.one(_BY_TXN, (txn.text,))
    return None if row is None else WithdrawalRow(*row)


def write(unit: Unit, row: WithdrawalRow) -> bool:
    """Write a new withdrawal; false when its transaction or its nonce is there already."""
    return unit.run(_INSERT, row) == 1


def find(unit: Unit, teller: Teller, *, terminal: str, txn: str) -> Withdrawal:
    """How a withdrawal of this machine stands. Raises `Refused` 404; a foreign one is no more known than none."""
    try:
        row = load(unit, TxnId(txn))
    except BadId:
        row = None
    if row is None or row.terminal != terminal:
        raise Refused.by(WITHDRAWAL_UNKNOWN, "no withdrawal of this machine", status=404)
    return told(teller, row)


def recent(unit: Unit, *, member: str, limit: int = 20) -> list[WithdrawalRow]:
    """The member's withdrawals, newest first."""
    rows = unit.all(
        f"SELECT {COLUMNS} FROM withdrawal WHERE member = ? ORDER BY authorised_at DESC, id DESC LIMIT ?",  # noqa: S608
        (member, limit),
    )
    return [WithdrawalRow(*row) for row in rows]


def counting(unit: Unit, member: str) -> list[WithdrawalRow]:
    """The member's withdrawals that are being counted, or not reported yet."""
    rows = unit.all(
        f"SELECT {COLUMNS} FROM withdrawal WHERE state IN ('authorised', 'suspense') AND member = ?"  # noqa: S608
        " ORDER BY id DESC LIMIT 20",
        (member,),
    )
    return [WithdrawalRow(*row) for row in rows]


def told(teller: Teller, row: WithdrawalRow) -> Withdrawal:
    """What the far side is told; always the same for the same row."""
    fiat, kept, whole = row.fiat_asset, row.cost(row.kept), row.cost(row.amount)
    at = Moment(row.counted_at or row.ended_at or row.authorised_at)
    open_ = row.state == WithdrawState.AUTHORISED.value

    def won(minor: int) -> WireMoney:
        return WireMoney.of(Money(minor, fiat))

    def coins(minor: int) -> WireMoney | None:
        return WireMoney.of(Money(minor, row.coin_asset)) if row.coin else None

    return Withdrawal(
        txn=TxnId(row.txn),
        rrn=row.rrn,
        approval_code=row.approval,
        state=WithdrawState(row.state),
        amount=won(row.amount),
        given=won(0 if open_ else row.kept - row.in_doubt),
        in_doubt=won(row.in_doubt),
        fee=won(kept.fee),
        from_fiat=won(kept.fiat),
        coins=coins(kept.coins),
        rate=won(row.rate) if row.coin else None,
        back_fiat=won(whole.fiat - kept.fiat),
        back_coins=coins(whole.coins - kept.coins),
        at=at.rfc3339(),
        proof=teller.seal(_facts(row, at)) if row.state == WithdrawState.PAID.value else "",
    )


def _facts(row: WithdrawalRow, at: Moment) -> ReceiptFacts:
    """What the receipt of a withdrawal states once nothing is in doubt any more."""
    fiat, cost = row.fiat_asset, row.cost(row.kept)
    paid = Money(cost.coins, row.coin_asset) if row.coin and cost.coins else Money(cost.fiat, fiat)
    return ReceiptFacts(
        Kind.WITHDRAWAL,
        row.rrn,
        TxnId(row.txn),
        row.terminal,
        at,
        Money(row.kept, fiat),
        paid,
        Money(cost.fee, fiat),
        paid,
        Money(row.rate, fiat) if cost.coins else None,
        row.approval,
        printed(row.machine),
    )
