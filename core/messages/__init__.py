"""Messages between the device and the backend: what travels as JSON over HTTP, version 1.

Requests are what the device asks, replies what it is told. Both sides build and read them from these
dataclasses, so a field can only mean one thing. Amounts travel as decimal strings with their asset and
scale (`WireMoney`), times as RFC 3339.
"""

from core.messages.money import WireMoney
from core.messages.pairing import PairingOpened, PairingRequest, PairingState, PairingStatus, TerminalGrant
from core.messages.problem import Problem
from core.messages.refund import (
    RefundAsk,
    RefundChoice,
    RefundDone,
    RefundOffer,
    RefundOption,
    RefundRequest,
    VoidRequest,
)
from core.messages.sale import (
    Authorisation,
    AuthoriseRequest,
    Capture,
    CaptureRequest,
    Payout,
    Presentation,
    PresentRequest,
    QuoteOffer,
    QuoteRequest,
    ReverseRequest,
    Sale,
    SaleState,
    SourcePrice,
    TapProof,
)
from core.messages.totals import BatchRequest, BatchTotals, Totals
from core.messages.withdrawal import (
    Approval,
    ApprovalRequest,
    ApprovalState,
    CashReportReply,
    CashReportRequest,
    CoinWorth,
    LimitsRequest,
    Tender,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawQuoteRequest,
    WithdrawRequest,
    WithdrawState,
)

__all__ = [
    "Approval",
    "ApprovalRequest",
    "ApprovalState",
    "Authorisation",
    "AuthoriseRequest",
    "BatchRequest",
    "BatchTotals",
    "Capture",
    "CaptureRequest",
    "CashReportReply",
    "CashReportRequest",
    "CoinWorth",
    "LimitsRequest",
    "PairingOpened",
    "PairingRequest",
    "PairingState",
    "PairingStatus",
    "Payout",
    "PresentRequest",
    "Presentation",
    "Problem",
    "QuoteOffer",
    "QuoteRequest",
    "RefundAsk",
    "RefundChoice",
    "RefundDone",
    "RefundOffer",
    "RefundOption",
    "RefundRequest",
    "ReverseRequest",
    "Sale",
    "SaleState",
    "SourcePrice",
    "TapProof",
    "Tender",
    "TerminalGrant",
    "Totals",
    "VoidRequest",
    "WireMoney",
    "WithdrawAuthorisation",
    "WithdrawLimits",
    "WithdrawOffer",
    "WithdrawQuoteRequest",
    "WithdrawRequest",
    "WithdrawState",
    "Withdrawal",
]
