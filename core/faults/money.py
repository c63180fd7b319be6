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
    NOT_ENOUGH,
    UNBALANCED,
    KEY_REUSED,
    BURIED,
    HOLD_RESOLVED,
    HOLD_UNKNOWN,
    HOLD_EXPIRED,
    TOO_LARGE,
    ASSET_UNKNOWN,
)
