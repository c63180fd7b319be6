"""Faults of the receipt printer (PRN) and refusals of a receipt's check (RCP).

Money is never in doubt because of paper: the sale was complete before the receipt was ordered. What a customer is
told says that first.
"""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

PAPER_OUT: Final = "TM-PRN-001"
PAPER_NEAR_END: Final = "TM-PRN-002"
COVER_OPEN: Final = "TM-PRN-003"
OFFLINE: Final = "TM-PRN-004"
CUTTER: Final = "TM-PRN-005"
RECOVERABLE: Final = "TM-PRN-006"
UNRECOVERABLE: Final = "TM-PRN-007"
SILENT: Final = "TM-PRN-008"
NONSENSE: Final = "TM-PRN-009"
UNPLUGGED: Final = "TM-PRN-010"
NO_PORT: Final = "TM-PRN-011"
STALLED: Final = "TM-PRN-012"
UNCONFIRMED: Final = "TM-PRN-013"
NO_GLYPH: Final = "TM-PRN-014"
NO_ROOM: Final = "TM-PRN-015"

SEAL_UNREADABLE: Final = "TM-RCP-001"
KEY_UNKNOWN: Final = "TM-RCP-002"
SIGNATURE_WRONG: Final = "TM-RCP-003"
NO_SEAL: Final = "TM-RCP-004"
KEYS_UNUSABLE: Final = "TM-RCP-005"

_PAID = "Your payment is complete. The receipt could not be printed."
_PAID_KO = "결제는 완료됐어요. 영수증만 출력하지 못했어요."
_MAYBE = "Your payment is complete. The receipt may not have come out whole."
_MAYBE_KO = "결제는 완료됐어요. 영수증이 다 나오지 않았을 수 있어요."
_FINE = "Your money is safe. There is nothing you need to do."
_FINE_KO = "돈은 안전해요. 따로 하실 일은 없어요."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        PAPER_OUT,
        "printer_paper_out",
        "The printer has no paper, or it ran out in the middle of a receipt.",
        _PAID,
        _PAID_KO,
        "Put in a new roll, printed side out, and close the cover. Reprint from the sale: it comes out as a COPY.",
        RetrySafe.YES,
    ),
    Entry(
        PAPER_NEAR_END,
        "printer_paper_near_end",
        "The roll is nearly at its end. Receipts still print.",
        _FINE,
        _FINE_KO,
        "Have a new roll ready; change it between customers.",
        RetrySafe.YES,
    ),
    Entry(
        COVER_OPEN,
        "printer_cover_open",
        "The printer's cover is open, or was opened in the middle of a receipt.",
        _PAID,
        _PAID_KO,
        "Close the cover until it clicks. Reprint from the sale if the paper is incomplete.",
        RetrySafe.YES,
    ),
    Entry(
        OFFLINE,
        "printer_offline",
        "The printer answers but says it is offline, without naming a cause (often its feed button is held).",
        _PAID,
        _PAID_KO,
        "Let go of the feed button; switch the printer off and on; look at its lamp.",
        RetrySafe.YES,
    ),
    Entry(
        CUTTER,
        "printer_cutter_jam",
        "The cutter is jammed.",
        _PAID,
        _PAID_KO,
        "Switch off, open the cover, take out the scrap of paper, turn the cutter back by its wheel, switch on.",
        RetrySafe.YES,
    ),
    Entry(
        RECOVERABLE,
        "printer_recovering",
        "The printer stopped with an error that passes by itself, mostly a print head that is too hot.",
        _PAID,
        _PAID_KO,
        "Wait a minute. If it comes back often, give the printer air or lower the print density.",
        RetrySafe.YES,
    ),
    Entry(
        UNRECOVERABLE,
        "printer_broken",
        "The printer reports an error it cannot recover from (head, voltage or memory).",
        _PAID,
        _PAID_KO,
        "Switch it off and on once. If the error stays, replace the printer or its power supply.",
        RetrySafe.NO,
    ),
    Entry(
        SILENT,
        "printer_silent",
        "The printer takes bytes but does not answer when asked how it is. Its state is unknown, not good.",
        _FINE,
        _FINE_KO,
        "Check the cable's way back (a one-way cable prints and never answers), the baud rate, and the settings.",
        RetrySafe.YES,
    ),
    Entry(
        NONSENSE,
        "printer_nonsense",
        "The printer answers with bytes that mean nothing in ESC/POS.",
        _FINE,
        _FINE_KO,
        "Check the baud rate and that the port belongs to the printer. Replace the cable.",
        RetrySafe.YES,
    ),
    Entry(
        UNPLUGGED,
        "printer_unplugged",
        "The printer's port went away: unplugged, switched off, or the network link closed.",
        _PAID,
        _PAID_KO,
        "Plug it in again. The terminal finds it by itself. Reprint from the sale if the paper is incomplete.",
        RetrySafe.YES,
    ),
    Entry(
        NO_PORT,
        "printer_port_not_opened",
        "The printer's port could not be opened: it is absent, taken by another program, or not permitted.",
        _PAID,
        _PAID_KO,
        "Check the port in the configuration, that the device exists, and that the terminal's user is in the group lp "
        "or dialout.",
        RetrySafe.YES,
    ),
    Entry(
        STALLED,
        "printer_stalled",
        "The printer stopped taking bytes in the middle of a receipt.",
        _MAYBE,
        _MAYBE_KO,
        "Look at the printer's lamp, paper and cover; switch it off and on. Reprint from the sale.",
        RetrySafe.ASK,
    ),
    Entry(
        UNCONFIRMED,
        "printer_unconfirmed",
        "The whole receipt was sent, but the printer did not confirm it. Nobody can say whether it came out.",
        _MAYBE,
        _MAYBE_KO,
        "Look whether paper came out. If not, reprint from the sale: it comes out as a COPY. If this happens always, "
        "set `confirm` to what the printer can do.",
        RetrySafe.ASK,
    ),
    Entry(
        NO_GLYPH,
        "printer_no_glyph",
        "A line holds a character that neither the printer's code page nor any configured font can draw.",
        _PAID,
        _PAID_KO,
        "Install fonts-nanum, or add a font that has the character to `fonts`. Nothing was printed.",
        RetrySafe.YES,
    ),
    Entry(
        NO_ROOM,
        "printer_no_room",
        "The QR code of the receipt does not fit the paper's width. Nothing was printed.",
        _PAID,
        _PAID_KO,
        "Shorten what the code says, or use 80 mm paper.",
        RetrySafe.YES,
    ),
    Entry(
        SEAL_UNREADABLE,
        "receipt_seal_unreadable",
        "The text is not a receipt's seal, or it is damaged.",
        "This is not the code of a receipt, or it was not read whole.",
        "영수증 코드가 아니거나 코드를 다 읽지 못했어요.",
        "Scan or copy the whole code again; it begins with TMR1.",
        RetrySafe.YES,
    ),
    Entry(
        KEY_UNKNOWN,
        "receipt_key_unknown",
        "The receipt names a signing key that is not in the exchange's key set.",
        "This receipt was not signed by a key we know.",
        "알 수 없는 키로 서명된 영수증이에요.",
        "Fetch the exchange's key set again. If the key is still unknown, treat the receipt as false.",
        RetrySafe.YES,
    ),
    Entry(
        SIGNATURE_WRONG,
        "receipt_signature_wrong",
        "The signature does not belong to what the receipt says: it was changed, or never signed.",
        "This receipt is not genuine.",
        "진짜 영수증이 아니에요.",
        "Do not give goods or money for it. Look the number up at the exchange.",
        RetrySafe.NO,
    ),
    Entry(
        NO_SEAL,
        "receipt_picture_without_seal",
        "No receipt code was found in the picture.",
        "No receipt code can be seen in the picture.",
        "사진에서 영수증 코드를 찾지 못했어요.",
        "Take the picture again: the whole code, flat, sharp and evenly lit.",
        RetrySafe.YES,
    ),
    Entry(
        KEYS_UNUSABLE,
        "receipt_keys_unusable",
        "The exchange's key set could not be read or fetched, so nothing can be said about the receipt.",
        "The receipt cannot be checked right now.",
        "지금은 영수증을 확인할 수 없어요.",
        "Check the address or file of the keys and the network.",
        RetrySafe.YES,
    ),
)
