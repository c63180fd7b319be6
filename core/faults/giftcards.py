"""Refusals of gift cards (`TM-GIFT`)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

CARD_UNKNOWN: Final = Entry(
    "TM-GIFT-001",
    "card_unknown",
    "There is no such issuer, or it has no card of this value.",
    "This gift card is not sold here. Nothing was taken.",
    "여기서는 팔지 않는 상품권이에요. 돈은 빠져나가지 않았어요.",
    "The machine shows an old list: begin again. What is sold stands on the operator's page.",
)
OUT_OF_STOCK: Final = Entry(
    "TM-GIFT-002",
    "out_of_stock",
    "The last code of this issuer and value has been sold.",
    "This gift card is sold out. Nothing was taken.",
    "이 상품권은 다 팔렸어요. 돈은 빠져나가지 않았어요.",
    "Load more codes: tillmark backend giftcards load FILE.",
)
CARD_SHORT: Final = Entry(
    "TM-GIFT-003",
    "card_short",
    "The wallet has less than the gift card costs.",
    "There is not enough in your wallet for this. Nothing was taken.",
    "지갑의 잔액이 부족해요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend: choose a smaller card or another way to pay.",
)
SALE_UNKNOWN: Final = Entry(
    "TM-GIFT-004",
    "gift_sale_unknown",
    "This machine has sold no gift card under that transaction.",
    "This gift card was not sold. Nothing was taken.",
    "이 상품권은 팔리지 않았어요. 돈은 빠져나가지 않았어요.",
    "Compare the number on the paper with the member's activity.",
)
TENDER_BAD: Final = Entry(
    "TM-GIFT-005",
    "tender_bad",
    "A gift card is paid with money or with one coin, not with both.",
    "This cannot be paid like that. Nothing was taken.",
    "이렇게는 결제할 수 없어요. 돈은 빠져나가지 않았어요.",
    "The program of the machine is not the one that belongs to this exchange. Install its release again.",
    RetrySafe.NO,
)
LOAD_BAD: Final = Entry(
    "TM-GIFT-006",
    "load_bad",
    "The file of codes is not whole: its form, its count or its checksum is wrong. Nothing of it was loaded.",
    "Your money is safe. There is nothing you need to do.",
    "돈은 안전해요. 따로 하실 일은 없어요.",
    "Ask the issuer for the file again. The sentence beside this code says what differs, never a code.",
    RetrySafe.NO,
)
LOADED_BEFORE: Final = Entry(
    "TM-GIFT-007",
    "loaded_before",
    "A code of this file is in stock or was sold already. Nothing of the file was loaded.",
    "Your money is safe. There is nothing you need to do.",
    "돈은 안전해요. 따로 하실 일은 없어요.",
    "The file was loaded before, or the issuer sent a code twice. Ask the issuer; never take single codes out by hand.",
    RetrySafe.NO,
)

FAULTS: Final = (CARD_UNKNOWN, OUT_OF_STOCK, CARD_SHORT, SALE_UNKNOWN, TENDER_BAD, LOAD_BAD, LOADED_BEFORE)
