"""Refusals about terminals: pairing, rights, price lists."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_OUT = "This terminal is not ready yet."
_OUT_KO = "아직 사용할 수 없는 단말기예요."

BAD_PUBLIC_KEY: Final = Entry(
    "TM-TERM-001",
    "bad_public_key",
    "The device's public key is not 32 bytes in base64.",
    _OUT,
    _OUT_KO,
    "Delete the device's key and pair it again.",
    RetrySafe.NO,
)
UNKNOWN_MODE: Final = Entry(
    "TM-TERM-002",
    "unknown_mode",
    "The device asked to be something this exchange does not know.",
    _OUT,
    _OUT_KO,
    "The mode is seller, atm or kiosk.",
    RetrySafe.NO,
)
NO_SUCH_PAIRING: Final = Entry(
    "TM-TERM-003",
    "no_such_pairing",
    "No device is waiting with this pairing code.",
    "No device is waiting with this code. Please look at its screen again.",
    "이 코드로 기다리는 기기가 없어요. 화면을 다시 확인해 주세요.",
    "The code is six characters and good for ten minutes.",
    RetrySafe.NO,
)
PAIRING_OVER: Final = Entry(
    "TM-TERM-004",
    "pairing_over",
    "The pairing code has expired or was already used.",
    "This code can no longer be used. Start pairing again on the device.",
    "더 이상 쓸 수 없는 코드예요. 기기에서 다시 연결해 주세요.",
    "Start pairing again on the device.",
    RetrySafe.NO,
)
PAIRINGS_FULL: Final = Entry(
    "TM-TERM-005",
    "pairings_full",
    "Too many devices are waiting to be paired, or codes were guessed too often.",
    "Please try again in a few minutes.",
    "몇 분 후에 다시 시도해 주세요.",
    "Open pairings end by themselves after ten minutes.",
)
NOT_A_SELLER: Final = Entry(
    "TM-TERM-006",
    "not_a_seller",
    "The member or terminal has no shop.",
    "Open a shop first.",
    "먼저 상점을 등록해 주세요.",
    "Register as a seller on the member's page.",
    RetrySafe.NO,
)
NO_SUCH_TERMINAL: Final = Entry(
    "TM-TERM-007",
    "no_such_terminal",
    "No terminal of this owner has that id.",
    _OUT,
    _OUT_KO,
    "Look at the list of terminals.",
    RetrySafe.NO,
)
CLONE_SUSPECTED: Final = Entry(
    "TM-TERM-008",
    "clone_suspected",
    "A running number of this terminal was used by two transactions: its key may have been copied.",
    "This terminal is out of service. Nothing was charged.",
    "이 단말기는 사용할 수 없어요. 결제되지 않았어요.",
    "Revoke the terminal, find out where its key is, and pair it again with a new key.",
    RetrySafe.NO,
)
BAD_PRICE_LIST: Final = Entry(
    "TM-TERM-009",
    "bad_price_list",
    "A line of the price list is wrong; nothing of it was taken. The detail names the line.",
    "The price list has a mistake; the old one stays.",
    "가격표에 오류가 있어요. 기존 가격표를 유지해요.",
    "Columns: barcode,name,price. At most 2,000 goods.",
    RetrySafe.NO,
)
BAD_SHOP: Final = Entry(
    "TM-TERM-010",
    "bad_shop",
    "The shop's name is empty, too long for a receipt, or holds unprintable characters.",
    "Please check the shop's name.",
    "상점 이름을 확인해 주세요.",
    "At most sixty characters, none of them a control character or a line end.",
    RetrySafe.NO,
)

FAULTS: Final = (
    BAD_PUBLIC_KEY,
    UNKNOWN_MODE,
    NO_SUCH_PAIRING,
    PAIRING_OVER,
    PAIRINGS_FULL,
    NOT_A_SELLER,
    NO_SUCH_TERMINAL,
    CLONE_SUSPECTED,
    BAD_PRICE_LIST,
    BAD_SHOP,
)
