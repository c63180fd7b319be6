"""What exchange and cash side say in playbooks of a withdrawal: notes of 10,000 and 50,000 won, a coin at 10,000."""

from __future__ import annotations

from typing import Any

from core.cash import Count
from core.cash_report import NotesOf
from core.messages import (
    Approval,
    ApprovalState,
    CashReportReply,
    CoinWorth,
    SourcePrice,
    Tender,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawState,
)
from core.vault_talk import CashStage, CassetteShown, Nonce, PaidOut, Stage, VaultState
from tests.device.answers import AT, RRN, coins, won
from tests.device.playbook import TXN, changed

MACHINE = VaultState(
    vault="vault-1",
    public_key="a2V5",
    ready=True,
    suspended=False,
    code="",
    unit="notes",
    notes_max=40,
    sees_taken=True,
    retracts=False,
    cassettes=(
        CassetteShown(1, won(10_000), Count.exact(100), True),
        CassetteShown(2, won(50_000), Count.exact(50), True),
    ),
)
LIMITS = WithdrawLimits(
    TXN, won(100_000), (CoinWorth(coins("20"), won(199_000)),), won(500_000), won(30_000), won(300_000)
)
APPROVAL = Approval(TXN, ApprovalState.WAITING, won(50_000), "ATM at Corner Shop", 60_000)
APPROVED = changed(APPROVAL, state=ApprovalState.APPROVED)
SOURCES = (SourcePrice("Upper", won(10_000), AT), SourcePrice("Binary", won(10_000), AT))
OFFER = WithdrawOffer(
    quote="cash-capsule",
    id="w1",
    txn=TXN,
    amount=won(50_000),
    tender=Tender.COIN,
    fee=won(250),
    from_fiat=won(0),
    coins=coins("5.025"),
    rate=won(10_000),
    spread_bp=0,
    sources=SOURCES,
    expires_at=AT,
    ttl_ms=15_000,
    others=("BTC",),
)
FIAT_OFFER = changed(OFFER, tender=Tender.FIAT, from_fiat=won(50_250), coins=None, rate=None, sources=(), others=())
BOTH_OFFER = changed(OFFER, tender=Tender.BOTH, from_fiat=won(20_000), coins=coins("3.025"))
NONCE = Nonce(TXN, "vault-1", "ab" * 16, 120_000)
AUTHORISATION = WithdrawAuthorisation(TXN, RRN, "A1B2C3", "ca1.x.body.sig")
WITHDRAWAL = Withdrawal(
    txn=TXN,
    rrn=RRN,
    approval_code="A1B2C3",
    state=WithdrawState.PAID,
    amount=won(50_000),
    given=won(50_000),
    in_doubt=won(0),
    fee=won(250),
    from_fiat=won(0),
    coins=coins("5.025"),
    rate=won(10_000),
    back_fiat=won(0),
    back_coins=None,
    at=AT,
    proof="TMR1:CASH",
)


def stage(kind: CashStage, notes: int = 0, total: int = 5) -> Stage:
    return Stage(TXN, kind, notes, total)


def paid(least: int = 50_000, highest: int | None = None, code: str = "", number: int = 1) -> PaidOut:
    """The cash side's end, in notes of 10,000."""
    most = least if highest is None else highest
    notes = (NotesOf(won(10_000), Count(least // 10_000, most // 10_000), Count.exact(0), Count.exact(0)),)
    return PaidOut(TXN, "cr1.report", number, won(least), won(most), notes if most else (), code)


def reply(withdrawal: Withdrawal | None = WITHDRAWAL, number: int = 1) -> CashReportReply:
    return CashReportReply(number, "ct1.taken", withdrawal)


def settled(**fields: Any) -> CashReportReply:
    return reply(changed(WITHDRAWAL, **fields))
