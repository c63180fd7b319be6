"""The NFC reader: what is wrong with it (0xx), and why something held to it gave no code (1xx)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

ABSENT: Final = "TM-NFC-001"
UNPLUGGED: Final = "TM-NFC-002"
SILENT: Final = "TM-NFC-003"
PULLED_AWAY: Final = "TM-NFC-101"
FOREIGN: Final = "TM-NFC-102"
NOT_A_CODE: Final = "TM-NFC-103"
LOCKED: Final = "TM-NFC-104"
DECLINED: Final = "TM-NFC-105"
MALFORMED: Final = "TM-NFC-106"
TOO_NEW: Final = "TM-NFC-107"
TOO_SLOW: Final = "TM-NFC-108"
LINE: Final = "TM-NFC-109"

_OTHER_WAY: Final = "Tapping does not work right now. Show the code on your phone instead."
_OTHER_WAY_KO: Final = "지금은 터치가 안 돼요. 휴대폰의 코드를 보여 주세요."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        ABSENT,
        "reader_absent",
        "No PN532 answered on the configured port.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Check that the port exists, that the reader's switches say HSU (serial), that RX and TX are crossed, "
        "and that the user is in the group dialout.",
    ),
    Entry(
        UNPLUGGED,
        "reader_unplugged",
        "The port of the NFC reader disappeared.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Plug the reader in again; it is found by itself. If it happens often, replace the cable or the hub.",
    ),
    Entry(
        SILENT,
        "reader_silent",
        "The NFC reader does not answer, or what it answers is spoilt on the line.",
        _OTHER_WAY,
        _OTHER_WAY_KO,
        "Switch the reader off and on. Keep the cable short and away from the antenna and from power lines.",
    ),
    Entry(
        PULLED_AWAY,
        "tap_pulled_away",
        "The phone or card left the reader before it had answered.",
        "Nothing was charged. Hold your phone to the reader until it beeps.",
        "청구된 금액은 없어요. 소리가 날 때까지 휴대폰을 대고 있어 주세요.",
        "Nothing to do. If everybody meets it, the antenna is covered by metal or too deep in the case.",
    ),
    Entry(
        FOREIGN,
        "tap_foreign_card",
        "What was held to the reader is not a member's phone or card: a bank card, a transport card, another phone.",
        "Nothing was charged. This card cannot be used here. Open the app and tap with your phone.",
        "청구된 금액은 없어요. 이 카드는 쓸 수 없어요. 앱을 열고 휴대폰을 대 주세요.",
        "Nothing to do.",
    ),
    Entry(
        NOT_A_CODE,
        "tap_without_code",
        "The tag carries an NDEF message, but no text in it is a personal code.",
        "Nothing was charged. There is no code on this tag. Open the app and tap with your phone.",
        "청구된 금액은 없어요. 이 태그에는 코드가 없어요. 앱을 열고 휴대폰을 대 주세요.",
        "Nothing to do.",
    ),
    Entry(
        LOCKED,
        "tap_phone_locked",
        "The phone wants to be unlocked before it answers (status 6982).",
        "Nothing was charged. Unlock your phone and tap again.",
        "청구된 금액은 없어요. 휴대폰 잠금을 풀고 다시 대 주세요.",
        "Nothing to do.",
    ),
    Entry(
        DECLINED,
        "tap_declined_on_phone",
        "The member, or the tap limit set on the phone, said no (status 6985).",
        "Nothing was charged. Approve the amount on your phone and tap again, or show the code.",
        "청구된 금액은 없어요. 휴대폰에서 금액을 승인하고 다시 대거나 코드를 보여 주세요.",
        "Nothing to do.",
    ),
    Entry(
        MALFORMED,
        "tap_malformed_answer",
        "The phone's application answered with an unexpected status or with bytes that make no sense.",
        "Nothing was charged. Tap again, or show the code on your phone.",
        "청구된 금액은 없어요. 다시 대거나 휴대폰의 코드를 보여 주세요.",
        "If one phone does it again and again, its application needs an update.",
    ),
    Entry(
        TOO_NEW,
        "tap_version_unknown",
        "The phone's application speaks a version of the tap that this terminal does not know.",
        "Nothing was charged. Show the code on your phone instead.",
        "청구된 금액은 없어요. 휴대폰의 코드를 보여 주세요.",
        "Update the terminal.",
        RetrySafe.YES,
    ),
    Entry(
        TOO_SLOW,
        "tap_too_slow",
        "The phone did not answer within the time a tap may take.",
        "Nothing was charged. Wake your phone, then tap again.",
        "청구된 금액은 없어요. 화면을 켜고 다시 대 주세요.",
        "If everybody meets it, raise tap_limit_ms; if one phone does, it is busy or being relayed.",
    ),
    Entry(
        LINE,
        "tap_line_disturbed",
        "The line between terminal and reader was disturbed while a phone was being read.",
        "Nothing was charged. Tap again.",
        "청구된 금액은 없어요. 다시 대 주세요.",
        "Check the reader's cable and its power.",
    ),
)
