"""Refusals of the store, the ledger and the settlement desk (`TM-STO`, `TM-LED`, `TM-SET`)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_LATER = "The service is busy. Nothing was taken. Please try again."
_LATER_KO = "잠시 이용이 어려워요. 돈은 빠져나가지 않았어요. 다시 시도해 주세요."
_STAFF = "Nothing was taken. Please ask the staff."
_STAFF_KO = "돈은 빠져나가지 않았어요. 직원에게 문의해 주세요."
_CHECKING = "We are checking your transaction. Please wait."
_CHECKING_KO = "거래를 확인하고 있어요. 잠시만 기다려 주세요."
_AGAIN = "The price has expired. Nothing was taken. Please look at the new price."
_AGAIN_KO = "시세가 만료됐어요. 돈은 빠져나가지 않았어요. 새 시세를 확인해 주세요."

# ------------------------------------------------------------------------------------------------ store

STORE_BUSY: Final = Entry(
    "TM-STO-001",
    "store_busy",
    "More work is waiting for the writer than it may hold.",
    _LATER,
    _LATER_KO,
    "Look at the disk's latency and at the request rate. The same request may be sent again with its key.",
)
STORE_BROKEN: Final = Entry(
    "TM-STO-002",
    "store_broken",
    "A write could not be made durable; what became of it is unknown until the store is opened again.",
    _CHECKING,
    _CHECKING_KO,
    "Read the server's log for the disk error. Check the disk, then start the server again: it verifies the store. "
    "Every client repeats its request with the same key and gets the true result.",
    RetrySafe.ASK,
)
STORE_FULL: Final = Entry(
    "TM-STO-003",
    "store_full",
    "The disk of the store is full; the work was rolled back as a whole.",
    _LATER,
    _LATER_KO,
    "Make room on the disk of the store. The server goes on by itself as soon as there is room.",
)
STORE_CLOSED: Final = Entry(
    "TM-STO-004",
    "store_closed",
    "The store is shutting down and takes no more work.",
    _LATER,
    _LATER_KO,
    "Wait until the server is up again.",
)
STORE_TAKEN: Final = Entry(
    "TM-STO-005",
    "store_taken",
    "Another server is the writer of this store.",
    _STAFF,
    _STAFF_KO,
    "Stop the other server, or give this one a store of its own. Two writers would each believe half of the truth.",
    RetrySafe.NO,
)
STORE_CHANGED: Final = Entry(
    "TM-STO-006",
    "store_changed",
    "A table of the store was made from other text than this program has.",
    _STAFF,
    _STAFF_KO,
    "Run the version of the server that made the store, or restore a backup that fits. Never edit a migration.",
    RetrySafe.NO,
)
STORE_NEWER: Final = Entry(
    "TM-STO-007",
    "store_newer",
    "The store was written by a newer version of the server.",
    _STAFF,
    _STAFF_KO,
    "Update the server; an older version must not write into a newer store.",
    RetrySafe.NO,
)
STORE_UNREADABLE: Final = Entry(
    "TM-STO-008",
    "store_unreadable",
    "The file of the store is missing its folder, is not a database, or may not be opened.",
    _STAFF,
    _STAFF_KO,
    "Check the path in the configuration, the folder's owner and rights, and the disk.",
    RetrySafe.NO,
)
STORE_SLOW: Final = Entry(
    "TM-STO-009",
    "store_slow",
    "The writer did not answer in time; the outcome of the work is not known to the caller.",
    _CHECKING,
    _CHECKING_KO,
    "Look at the disk's latency. Send the same request again with its key: the answer tells what happened.",
    RetrySafe.ASK,
)

# ----------------------------------------------------------------------------------------------- ledger

NOT_ENOUGH: Final = Entry(
    "TM-LED-001",
    "not_enough",
    "The account has not enough that is free; how much it has is told to nobody but its owner.",
    "There is not enough in this wallet. Nothing was taken.",
    "지갑 잔액이 부족해요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend. The customer may choose another coin or another wallet.",
    RetrySafe.NO,
)
UNBALANCED: Final = Entry(
    "TM-LED-002",
    "unbalanced_record",
    "A record does not sum to zero in each asset, is empty, or names an account twice.",
    _STAFF,
    _STAFF_KO,
    "A programming error: report it with the log line. Nothing was booked.",
    RetrySafe.NO,
)
KEY_REUSED: Final = Entry(
    "TM-LED-003",
    "business_key_reused",
    "A business key was used before for something else.",
    _STAFF,
    _STAFF_KO,
    "A client used one transaction id for two things. Report it with both requests.",
    RetrySafe.NO,
)
BURIED: Final = Entry(
    "TM-LED-004",
    "reversed_before",
    "A reversal for this business came first, so the late original loses.",
    "This transaction was cancelled. Nothing was taken.",
    "취소된 거래예요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend: the line was slow, the terminal cancelled, and nothing was taken. Start a new sale.",
    RetrySafe.NO,
)
HOLD_RESOLVED: Final = Entry(
    "TM-LED-005",
    "hold_resolved",
    "The hold was captured, released or expired before; it is resolved only once.",
    _CHECKING,
    _CHECKING_KO,
    "Look the sale up by its reference: its state says what became of it.",
    RetrySafe.NO,
)
HOLD_UNKNOWN: Final = Entry(
    "TM-LED-006",
    "hold_unknown",
    "There is no hold with this key.",
    _STAFF,
    _STAFF_KO,
    "Look the transaction up by its reference. If it is unknown, nothing was taken.",
    RetrySafe.NO,
)
HOLD_EXPIRED: Final = Entry(
    "TM-LED-007",
    "hold_expired",
    "The hold ran out before it was captured.",
    "This transaction took too long. Nothing was taken. Please start again.",
    "시간이 초과됐어요. 돈은 빠져나가지 않았어요. 처음부터 다시 해 주세요.",
    "Start a new sale. If it happens often, look at the line between terminal and server.",
    RetrySafe.NO,
)
TOO_LARGE: Final = Entry(
    "TM-LED-008",
    "too_large",
    "An amount is not above zero, is more than was held, or a balance would pass 63 bits.",
    _STAFF,
    _STAFF_KO,
    "Check the amount that was asked for.",
    RetrySafe.NO,
)
ASSET_UNKNOWN: Final = Entry(
    "TM-LED-009",
    "asset_unknown",
    "The asset is not kept in this ledger, or is kept with another number of decimals.",
    _STAFF,
    _STAFF_KO,
    "Enrol the asset in the server's configuration with the decimals the ledger keeps.",
    RetrySafe.NO,
)

# ----------------------------------------------------------------------------------------------- settle

QUOTE_BAD: Final = Entry(
    "TM-SET-001",
    "quote_bad",
    "A quote or refund offer is not one of ours: its form or its signature is wrong.",
    _STAFF,
    _STAFF_KO,
    "A programming error in the terminal, or somebody changed the message. Ask for a new quote.",
    RetrySafe.NO,
)
QUOTE_EXPIRED: Final = Entry(
    "TM-SET-002",
    "quote_expired",
    "The quote or refund offer is older than it is good for, by the exchange's clock.",
    _AGAIN,
    _AGAIN_KO,
    "Nothing to mend: the terminal asks for a new quote. If it happens often, look at the line.",
    RetrySafe.NO,
)
QUOTE_FOREIGN: Final = Entry(
    "TM-SET-003",
    "quote_foreign",
    "The quote was made for another transaction, terminal or presentation.",
    _STAFF,
    _STAFF_KO,
    "A programming error in the terminal, or a stolen quote. Report it.",
    RetrySafe.NO,
)
QUOTE_USED: Final = Entry(
    "TM-SET-004",
    "quote_used",
    "The quote or refund offer was used before; each is good once.",
    _STAFF,
    _STAFF_KO,
    "Look up the transaction that used it. Ask for a new quote.",
    RetrySafe.NO,
)
COINS_SHORT: Final = Entry(
    "TM-SET-005",
    "coins_short",
    "No coin of this wallet covers the price and the fee. No balance is told.",
    "There are not enough coins in this wallet. Nothing was taken.",
    "지갑에 코인이 부족해요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend. The customer may show another wallet or pay in another way.",
    RetrySafe.NO,
)
COIN_UNKNOWN: Final = Entry(
    "TM-SET-006",
    "coin_unknown",
    "The coin that was asked for is not in this wallet, or not traded here.",
    _STAFF,
    _STAFF_KO,
    "Choose one of the coins the quote lists.",
    RetrySafe.NO,
)
AMOUNT_BAD: Final = Entry(
    "TM-SET-007",
    "amount_bad",
    "The price is not above zero, or too large to be settled.",
    _STAFF,
    _STAFF_KO,
    "Enter the amount again.",
    RetrySafe.NO,
)
TXN_USED: Final = Entry(
    "TM-SET-008",
    "txn_used",
    "The transaction id was used before for something else.",
    _STAFF,
    _STAFF_KO,
    "The terminal used one id for two businesses. Report it with both requests.",
    RetrySafe.NO,
)
SALE_UNKNOWN: Final = Entry(
    "TM-SET-009",
    "sale_unknown",
    "No such sale is known for this terminal or seller.",
    "This sale was not found. Please check the number on the receipt.",
    "거래를 찾을 수 없어요. 영수증의 번호를 확인해 주세요.",
    "Check the reference on the receipt, and that the sale was made in this shop.",
    RetrySafe.NO,
)
SALE_OVER: Final = Entry(
    "TM-SET-010",
    "sale_over",
    "The sale was reversed, voided or expired, so nothing more can be done with it.",
    "This transaction was cancelled. Nothing was taken.",
    "취소된 거래예요. 돈은 빠져나가지 않았어요.",
    "Start a new sale.",
    RetrySafe.NO,
)
NOT_VOIDABLE: Final = Entry(
    "TM-SET-011",
    "not_voidable",
    "The sale cannot be voided: it is not settled, has refunds, or its batch is closed.",
    "This sale can no longer be cancelled. A refund is possible.",
    "취소할 수 없는 거래예요. 환불은 할 수 있어요.",
    "Use a refund instead.",
    RetrySafe.NO,
)
NOT_REFUNDABLE: Final = Entry(
    "TM-SET-012",
    "not_refundable",
    "The sale is not settled, or less than the amount is left of it to give back.",
    "This amount can no longer be refunded for this sale.",
    "이 거래에서 환불할 수 있는 금액을 넘었어요.",
    "Look the sale up: it says what may still be given back.",
    RetrySafe.NO,
)
SELLER_SHORT: Final = Entry(
    "TM-SET-013",
    "seller_short",
    "The seller's account does not cover the refund, and the seller may not owe more.",
    "The shop cannot refund this amount now. Please ask the staff.",
    "지금은 매장에서 이 금액을 환불할 수 없어요. 직원에게 문의해 주세요.",
    "The seller pays in, or waits for today's sales; then try again.",
    RetrySafe.YES,
)
STORE_DAMAGED: Final = Entry(
    "TM-STO-010",
    "store_damaged",
    "The store was not closed in order and its file does not pass the check that follows.",
    _STAFF,
    _STAFF_KO,
    "Do not start the server on this file again. Keep a copy, check the disk, restore the last backup, and let every "
    "terminal send its outbox again.",
    RetrySafe.NO,
)

FAULTS: Final = (
    STORE_BUSY,
    STORE_BROKEN,
    STORE_FULL,
    STORE_CLOSED,
    STORE_TAKEN,
    STORE_CHANGED,
    STORE_NEWER,
    STORE_UNREADABLE,
    STORE_SLOW,
    STORE_DAMAGED,
    NOT_ENOUGH,
    UNBALANCED,
    KEY_REUSED,
    BURIED,
    HOLD_RESOLVED,
    HOLD_UNKNOWN,
    HOLD_EXPIRED,
    TOO_LARGE,
    ASSET_UNKNOWN,
    QUOTE_BAD,
    QUOTE_EXPIRED,
    QUOTE_FOREIGN,
    QUOTE_USED,
    COINS_SHORT,
    COIN_UNKNOWN,
    AMOUNT_BAD,
    TXN_USED,
    SALE_UNKNOWN,
    SALE_OVER,
    NOT_VOIDABLE,
    NOT_REFUNDABLE,
    SELLER_SHORT,
)
