"""Refusals of buying and selling coins at a machine (`TM-TRD`)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

COUNTER_UNFIT: Final = Entry(
    "TM-TRD-001",
    "counter_unfit",
    "The terminal is revoked, or it is no machine that trades: only an ATM or a kiosk does.",
    "Nothing was taken. Please ask the staff.",
    "돈은 빠져나가지 않았어요. 직원에게 문의해 주세요.",
    "Pair the machine again as an ATM or kiosk.",
    RetrySafe.NO,
)
TRADE_SHORT: Final = Entry(
    "TM-TRD-002",
    "trade_short",
    "The wallet has less than the trade takes.",
    "There is not enough in your wallet for this. Nothing was taken.",
    "지갑의 잔액이 부족해요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend: choose a smaller amount.",
)
TRADE_UNKNOWN: Final = Entry(
    "TM-TRD-003",
    "trade_unknown",
    "This machine has made no trade under that transaction.",
    "This trade was not made. Nothing was taken.",
    "이 거래는 이루어지지 않았어요. 돈은 빠져나가지 않았어요.",
    "Compare the number on the paper with the member's activity.",
)
NOTHING_TO_TRADE: Final = Entry(
    "TM-TRD-004",
    "nothing_to_trade",
    "There is no coin with a price that this member could buy or sell now.",
    "Coins cannot be traded right now. Nothing was taken.",
    "지금은 코인을 사고팔 수 없어요. 돈은 빠져나가지 않았어요.",
    "Look at the price venues. Gift cards are sold for money in the meantime.",
)

FAULTS: Final = (COUNTER_UNFIT, TRADE_SHORT, TRADE_UNKNOWN, NOTHING_TO_TRADE)
