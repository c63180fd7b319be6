"""What a withdrawal writes on its ticket, line by line, and what it says of the notes so far."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages import (
    Approval,
    Tender,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
)
from core.vault_talk import Nonce, PaidOut, Stage, VaultState


@dataclass(frozen=True, slots=True)
class CashLines:
    """`machine` is the cash side as it stood when the ticket opened. `asset` the coin to sell, "" for the exchange's
    choice. `stage` is only for the eye: it is in no journal. `paid` the cash side's word on how it ended, `settled` the
    exchange's; None where it has not said so yet."""

    machine: VaultState | None = None
    limits: WithdrawLimits | None = None
    approval: Approval | None = None
    tender: Tender | None = None
    asset: str = ""
    offer: WithdrawOffer | None = None
    nonce: Nonce | None = None
    authorisation: WithdrawAuthorisation | None = None
    stage: Stage | None = None
    paid: PaidOut | None = None
    settled: Withdrawal | None = None

    @property
    def known_limits(self) -> WithdrawLimits:
        assert self.limits is not None, "the limits are asked before the amount"
        return self.limits

    @property
    def known_offer(self) -> WithdrawOffer:
        assert self.offer is not None, "nothing is confirmed without an offer"
        return self.offer

    @property
    def known_end(self) -> PaidOut:
        assert self.paid is not None, "nothing is settled before the cash side has said how it ended"
        return self.paid
