"""Refusals of membership: joining, signing in, and redeeming what a shopper showed."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_NEXT = "Nothing was charged. Please show the next code."
_NEXT_KO = "결제되지 않았어요. 다음 코드를 보여 주세요."
_TAP = "Nothing was charged. Please hold the phone to the reader again."
_TAP_KO = "결제되지 않았어요. 휴대폰을 다시 대 주세요."
_CLOCK = "If it repeats with one phone only, that phone's clock is wrong."
_JOIN = "Ask for a new code."

BAD_CONTACT: Final = Entry(
    "TM-MEM-001",
    "bad_contact",
    "Neither an e-mail address nor a mobile number.",
    "Please check the e-mail address or mobile number.",
    "이메일 주소나 휴대폰 번호를 확인해 주세요.",
    "Mobile numbers are written with + and country code, or as 010...",
    RetrySafe.NO,
)
SENT_TOO_OFTEN: Final = Entry(
    "TM-MEM-002",
    "sent_too_often",
    "Too many verification codes were asked for in a short time.",
    "Please wait a few minutes before asking for another code.",
    "몇 분 후에 인증번호를 다시 요청해 주세요.",
    "Five codes per contact in an hour, 10,000 for everybody together; wait for Retry-After.",
)
WRONG_VERIFICATION: Final = Entry(
    "TM-MEM-003",
    "wrong_verification",
    "The verification code is not the one that was sent.",
    "That is not the code we sent. Please look again.",
    "인증번호가 맞지 않아요. 다시 확인해 주세요.",
    "Five attempts per code.",
)
VERIFICATION_OVER: Final = Entry(
    "TM-MEM-004",
    "verification_over",
    "The verification code has expired, was used, or was tried too often.",
    "This code can no longer be used. Please ask for a new one.",
    "더 이상 쓸 수 없는 인증번호예요. 새로 요청해 주세요.",
    _JOIN,
    RetrySafe.NO,
)
NOT_DELIVERED: Final = Entry(
    "TM-MEM-005",
    "not_delivered",
    "The mail or SMS gateway did not take the message.",
    "We could not send the code. Please try again in a minute.",
    "인증번호를 보내지 못했어요. 잠시 후 다시 시도해 주세요.",
    "Check the gateway's address in the configuration and whether it answers.",
)
DEVICES_FULL: Final = Entry(
    "TM-MEM-006",
    "devices_full",
    "The member has as many phones as a wallet may have.",
    "Remove a phone you no longer use first.",
    "사용하지 않는 휴대폰을 먼저 삭제해 주세요.",
    "Five phones per wallet.",
    RetrySafe.NO,
)
BAD_NOTICE: Final = Entry(
    "TM-MEM-007",
    "bad_notice",
    "A bank notice without a valid signature, too old, or malformed.",
    "This notice was not accepted.",
    "받아들일 수 없는 통지예요.",
    "Compare the webhook secret on both sides, and both clocks (five minutes).",
    RetrySafe.NO,
)
UNKNOWN_REFERENCE: Final = Entry(
    "TM-MEM-008",
    "unknown_reference",
    "A transfer arrived with a deposit reference that belongs to nobody.",
    "The transfer is safe; we are finding out whom it belongs to.",
    "이체는 안전해요. 누구의 것인지 확인하고 있어요.",
    "It stands in the suspense account `bank:unmatched`; find the sender and book it by hand.",
)
CODE_MISTYPED: Final = Entry(
    "TM-MEM-101",
    "code_mistyped",
    "Not eighteen digits, or the check digit is wrong: typed or read wrongly.",
    "Nothing was charged. Please check the eighteen digits.",
    "결제되지 않았어요. 18자리 숫자를 확인해 주세요.",
    "Nothing to mend. If the camera does this often, clean its window.",
    RetrySafe.NO,
)
CODE_FOREIGN: Final = Entry(
    "TM-MEM-102",
    "code_foreign",
    "A code of another wallet or scheme.",
    "Nothing was charged. This code belongs to another app.",
    "결제되지 않았어요. 다른 앱의 코드예요.",
    "Nothing to mend.",
    RetrySafe.NO,
)
CODE_UNKNOWN: Final = Entry(
    "TM-MEM-103",
    "code_unknown",
    "A well-formed code that is nobody's.",
    _NEXT,
    _NEXT_KO,
    "Many of these on one terminal are somebody guessing: the terminal is slowed down by itself.",
    RetrySafe.NO,
)
CODE_EXPIRED: Final = Entry(
    "TM-MEM-104", "code_expired", "The code was good a while ago.", _NEXT, _NEXT_KO, _CLOCK, RetrySafe.NO
)
CODE_USED: Final = Entry(
    "TM-MEM-105",
    "code_used",
    "The code was redeemed before; each is good once.",
    _NEXT,
    _NEXT_KO,
    "Used at two places at once, somebody copied it: look at the member's events.",
    RetrySafe.NO,
)
CODE_AMBIGUOUS: Final = Entry(
    "TM-MEM-106",
    "code_ambiguous",
    "Two wallets answer to the same code at this moment; neither is charged.",
    _NEXT,
    _NEXT_KO,
    "Chance, about once in a billion; nothing to mend.",
    RetrySafe.NO,
)
CODE_LOCKED: Final = Entry(
    "TM-MEM-107",
    "code_locked",
    "Too many wrong codes for this wallet today.",
    "Nothing was charged. For safety this code is locked until tomorrow; a tap still works.",
    "결제되지 않았어요. 안전을 위해 내일까지 코드가 잠겼어요. 휴대폰을 대는 결제는 가능해요.",
    "Five misses lock a handle until it changes.",
    RetrySafe.NO,
)
TERMINAL_MISSES: Final = Entry(
    "TM-MEM-108",
    "terminal_misses",
    "This terminal sent too many codes that were nobody's.",
    "Please wait a moment and show the code again.",
    "잠시 후 코드를 다시 보여 주세요.",
    "Twenty misses in ten minutes; wait for Retry-After and find out who is guessing.",
)
TAP_MALFORMED: Final = Entry(
    "TM-MEM-121",
    "tap_malformed",
    "The phone's answer does not have the right form.",
    _TAP,
    _TAP_KO,
    "A phone app of another version.",
    RetrySafe.NO,
)
TAP_WRONG: Final = Entry(
    "TM-MEM-122",
    "tap_wrong",
    "The phone's answer does not fit the amount, terminal and nonce it was asked with.",
    _TAP,
    _TAP_KO,
    "If it repeats with one phone, enrol that phone again.",
    RetrySafe.NO,
)
TAP_REPLAYED: Final = Entry(
    "TM-MEM-123",
    "tap_replayed",
    "The phone's running number was used before: a recorded tap, or a copied phone.",
    _TAP,
    _TAP_KO,
    "If it repeats with one phone, remove that phone and enrol it again.",
    RetrySafe.NO,
)
TAP_ELSEWHERE: Final = Entry(
    "TM-MEM-124",
    "tap_elsewhere",
    "The tap was made at another terminal.",
    _TAP,
    _TAP_KO,
    "Somebody relays taps: look at both terminals.",
    RetrySafe.NO,
)
NO_PRESENTATION: Final = Entry(
    "TM-MEM-131",
    "no_presentation",
    "The presentation named does not exist.",
    _NEXT,
    _NEXT_KO,
    "A programming error of the terminal.",
    RetrySafe.NO,
)
PRESENTATION_OVER: Final = Entry(
    "TM-MEM-132",
    "presentation_over",
    "More than 120 s have gone by since the code was shown.",
    "Nothing was charged. That took too long; please show a new code.",
    "결제되지 않았어요. 시간이 지났어요. 새 코드를 보여 주세요.",
    "Nothing to mend.",
    RetrySafe.NO,
)
PRESENTATION_ELSEWHERE: Final = Entry(
    "TM-MEM-133",
    "presentation_elsewhere",
    "The presentation belongs to another transaction or terminal.",
    _NEXT,
    _NEXT_KO,
    "A programming error of the terminal, or somebody uses another terminal's presentation.",
    RetrySafe.NO,
)
PRICE_NOT_TAPPED: Final = Entry(
    "TM-MEM-134",
    "price_not_tapped",
    "The price is not the one the phone agreed to when it was tapped.",
    "Nothing was charged. The price changed; please tap again.",
    "결제되지 않았어요. 가격이 바뀌었어요. 다시 대 주세요.",
    "Ring the goods up before the tap.",
    RetrySafe.NO,
)

FAULTS: Final = (
    BAD_CONTACT,
    SENT_TOO_OFTEN,
    WRONG_VERIFICATION,
    VERIFICATION_OVER,
    NOT_DELIVERED,
    DEVICES_FULL,
    BAD_NOTICE,
    UNKNOWN_REFERENCE,
    CODE_MISTYPED,
    CODE_FOREIGN,
    CODE_UNKNOWN,
    CODE_EXPIRED,
    CODE_USED,
    CODE_AMBIGUOUS,
    CODE_LOCKED,
    TERMINAL_MISSES,
    TAP_MALFORMED,
    TAP_WRONG,
    TAP_REPLAYED,
    TAP_ELSEWHERE,
    NO_PRESENTATION,
    PRESENTATION_OVER,
    PRESENTATION_ELSEWHERE,
    PRICE_NOT_TAPPED,
)
