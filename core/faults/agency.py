"""Refusals of the payment agency: a seller's right to sell, its limits, and the line to the exchange."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_UNKNOWN = "We do not know yet whether this went through. Nothing will be charged twice."
_UNKNOWN_KO = "처리되었는지 아직 확인 중이에요. 두 번 결제되지 않아요."

EXCHANGE_SILENT: Final = Entry(
    "TM-AGCY-001",
    "exchange_silent",
    "The exchange did not answer the agency in time: the outcome is unknown.",
    _UNKNOWN,
    _UNKNOWN_KO,
    "Send the same request with the same key again; the agency then asks the exchange again.",
)
SELLER_SUSPENDED: Final = Entry(
    "TM-AGCY-002",
    "seller_suspended",
    "The payment agency does not let this seller sell at the moment.",
    "This shop cannot take coins at the moment. Nothing was charged.",
    "지금은 이 상점에서 코인으로 결제할 수 없어요. 결제되지 않았어요.",
    "Ask the payment agency.",
    RetrySafe.NO,
)
OVER_SALE_LIMIT: Final = Entry(
    "TM-AGCY-003",
    "over_sale_limit",
    "The price is above what this seller may take in one sale.",
    "This amount is above the shop's limit. Nothing was charged.",
    "상점의 한도를 넘는 금액이에요. 결제되지 않았어요.",
    "Split the sale or have the limit raised by the payment agency.",
    RetrySafe.NO,
)
OVER_DAY_LIMIT: Final = Entry(
    "TM-AGCY-004",
    "over_day_limit",
    "With this sale the seller would be above its limit of the day.",
    "The shop's limit of the day is reached. Nothing was charged.",
    "상점의 하루 한도에 도달했어요. 결제되지 않았어요.",
    "Tomorrow, or have the limit raised by the payment agency.",
    RetrySafe.NO,
)
WRONG_ORDER: Final = Entry(
    "TM-AGCY-005",
    "wrong_order",
    "The agency knows no sale that this step could belong to, or the sale is past it.",
    "This sale cannot be continued. Nothing more was charged.",
    "이 결제를 계속할 수 없어요. 추가로 결제되지 않았어요.",
    "Look the sale up by its receipt number.",
    RetrySafe.NO,
)
NOT_THIS_TERMINALS: Final = Entry(
    "TM-AGCY-006",
    "not_this_terminals",
    "The sale belongs to another shop.",
    "This receipt is not from this shop.",
    "이 상점의 영수증이 아니에요.",
    "Refund it where it was sold.",
    RetrySafe.NO,
)
BAD_REPLY: Final = Entry(
    "TM-AGCY-007",
    "bad_reply",
    "The exchange answered with something the agency does not understand: the outcome is unknown.",
    _UNKNOWN,
    _UNKNOWN_KO,
    "Bring agency and exchange to versions that belong together.",
)
BATCH_MISMATCH: Final = Entry(
    "TM-AGCY-008",
    "batch_mismatch",
    "At batch close the totals of terminal, agency and exchange were not equal.",
    "Every sale stands as on its receipt; the difference is being looked at.",
    "모든 결제는 영수증대로예요. 차이를 확인하고 있어요.",
    "The close names the sales that differ: compare each with its receipt.",
    RetrySafe.ASK,
)

FAULTS: Final = (
    EXCHANGE_SILENT,
    SELLER_SUSPENDED,
    OVER_SALE_LIMIT,
    OVER_DAY_LIMIT,
    WRONG_ORDER,
    NOT_THIS_TERMINALS,
    BAD_REPLY,
    BATCH_MISMATCH,
)
