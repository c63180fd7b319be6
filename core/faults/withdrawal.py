"""Refusals and alarms of the withdrawal at the exchange (`TM-WDR`)."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_STAFF = "Nothing was taken. Please ask the staff."
_STAFF_KO = "돈은 빠져나가지 않았어요. 직원에게 문의해 주세요."
_CHECKING = "We are checking your withdrawal. What you did not get goes back to your wallet."
_CHECKING_KO = "출금을 확인하고 있어요. 받지 못한 돈은 지갑으로 돌아가요."
_QUIET = "Your money is safe. There is nothing you need to do."
_QUIET_KO = "돈은 안전해요. 따로 하실 일은 없어요."

MACHINE_UNFIT: Final = Entry(
    "TM-WDR-001",
    "machine_unfit",
    "The terminal is revoked, is no cash machine, or was paired without the key of a cash side.",
    _STAFF,
    _STAFF_KO,
    "Pair the machine again as an ATM or kiosk while its cash side is running, and compare both fingerprints.",
    RetrySafe.NO,
)
VAULT_FOREIGN: Final = Entry(
    "TM-WDR-002",
    "vault_foreign",
    "The cash side named in the request is not the one this machine was paired with.",
    _STAFF,
    _STAFF_KO,
    "A cash side was exchanged or its key was lost. Pair the machine again; nothing else changes the key.",
    RetrySafe.NO,
)
NONCE_BAD: Final = Entry(
    "TM-WDR-003",
    "nonce_bad",
    "The nonce of the request is not 16 bytes in hexadecimal.",
    _STAFF,
    _STAFF_KO,
    "The program of the machine is not the one that belongs to this exchange. Install its release again.",
    RetrySafe.NO,
)
NONCE_USED: Final = Entry(
    "TM-WDR-004",
    "nonce_used",
    "The cash side has given this nonce before, for another withdrawal.",
    _STAFF,
    _STAFF_KO,
    "Somebody replays a request, or the cash side's source of chance is broken. Take the machine out of service.",
    RetrySafe.NO,
)
OVER_LIMIT: Final = Entry(
    "TM-WDR-005",
    "over_limit",
    "The amount is above the limit of one withdrawal.",
    "This is more than one withdrawal may be. Nothing was taken. Please choose a smaller amount.",
    "한 번에 출금할 수 있는 금액을 넘었어요. 돈은 빠져나가지 않았어요. 더 적은 금액을 골라 주세요.",
    "The limit stands in the exchange's configuration under [withdraw].",
    RetrySafe.NO,
)
OVER_DAY: Final = Entry(
    "TM-WDR-006",
    "over_day",
    "The member's withdrawals of the last 24 hours, holds counted, would pass the daily limit.",
    "This is more than is left of today's limit. Nothing was taken.",
    "오늘 출금할 수 있는 금액을 넘었어요. 돈은 빠져나가지 않았어요.",
    "The limit stands in the exchange's configuration under [withdraw].",
    RetrySafe.NO,
)
OVER_MACHINE: Final = Entry(
    "TM-WDR-007",
    "over_machine",
    "The machine has paid as much in the last 24 hours as it may.",
    "This machine cannot pay this amount now. Nothing was taken. Please use another machine.",
    "지금 이 기기에서는 이 금액을 출금할 수 없어요. 돈은 빠져나가지 않았어요. 다른 기기를 이용해 주세요.",
    "The limit stands under [withdraw]. It bounds what a stolen or hijacked machine can pay in a day.",
    RetrySafe.NO,
)
FUNDS_SHORT: Final = Entry(
    "TM-WDR-008",
    "funds_short",
    "The wallet does not hold what the amount and its fee cost with this tender.",
    "Your wallet does not hold enough for this amount. Nothing was taken.",
    "지갑에 이 금액만큼 들어 있지 않아요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend.",
    RetrySafe.NO,
)
APPROVAL_NEEDED: Final = Entry(
    "TM-WDR-009",
    "approval_needed",
    "The amount is above what needs no approval, and the member has not yet approved it on the phone page.",
    "Please approve the amount on your phone. Nothing was taken.",
    "휴대폰에서 금액을 승인해 주세요. 돈은 빠져나가지 않았어요.",
    "Nothing to mend: the member's page asks. A phone without a network has the small limit only.",
)
APPROVAL_REFUSED: Final = Entry(
    "TM-WDR-010",
    "approval_refused",
    "The member has refused this withdrawal on the phone page.",
    "The withdrawal was refused on your phone. Nothing was taken.",
    "휴대폰에서 출금을 거절했어요. 돈은 빠져나가지 않았어요.",
    "If the customer at the machine did not do that, somebody else holds the phone or the code. Look at the machine.",
    RetrySafe.NO,
)
APPROVAL_OVER: Final = Entry(
    "TM-WDR-011",
    "approval_over",
    "Nobody approved in time, or the question is not open any more.",
    "Nobody answered on the phone in time. Nothing was taken. Please begin again.",
    "휴대폰에서 제시간에 승인하지 않았어요. 돈은 빠져나가지 않았어요. 처음부터 다시 시작해 주세요.",
    "Nothing to mend.",
    RetrySafe.NO,
)
APPROVAL_OTHER: Final = Entry(
    "TM-WDR-012",
    "approval_other",
    "The member was asked about another amount, wallet or machine than this one. A transaction is approved once.",
    "The amount is not the one you approved. Nothing was taken. Please begin again.",
    "승인한 금액과 달라요. 돈은 빠져나가지 않았어요. 처음부터 다시 시작해 주세요.",
    "Nothing to mend, if it happens once. A machine where it repeats changes amounts: take it out of service.",
    RetrySafe.NO,
)
WITHDRAWAL_UNKNOWN: Final = Entry(
    "TM-WDR-013",
    "withdrawal_unknown",
    "No withdrawal of this transaction at this machine.",
    _CHECKING,
    _CHECKING_KO,
    "Nothing to mend: the cash side's report decides what became of it.",
)
REPORT_BAD: Final = Entry(
    "TM-WDR-014",
    "report_bad",
    "A cash report is not sealed with the key of the cash side this machine was paired with.",
    _CHECKING,
    _CHECKING_KO,
    "Somebody forges reports, or a cash side was exchanged without pairing. No money moved. Look at the machine.",
    RetrySafe.NO,
)
REPORT_OTHER: Final = Entry(
    "TM-WDR-015",
    "report_other",
    "The cash side signed another statement under a number that it had used before.",
    _CHECKING,
    _CHECKING_KO,
    "The cash side's memory was put back or its key is used twice. Take the machine out of service and count it.",
    RetrySafe.NO,
)
REPORT_FOREIGN: Final = Entry(
    "TM-WDR-016",
    "report_foreign",
    "A cash side reported about another machine, or about another machine's withdrawal.",
    _CHECKING,
    _CHECKING_KO,
    "The runtime of this machine asked about a transaction that is not its own. Look at the machine.",
    RetrySafe.NO,
)
VAULT_TAKEN: Final = Entry(
    "TM-WDR-017",
    "vault_taken",
    "Another active terminal is paired with the same cash side.",
    _STAFF,
    _STAFF_KO,
    "Revoke the old terminal first: one cash side belongs to one terminal.",
    RetrySafe.NO,
)
GRANT_BAD: Final = Entry(
    "TM-WDR-018",
    "grant_bad",
    "A technician's grant was asked for without a person, a right, or the ten characters of the cash side's challenge.",
    _STAFF,
    _STAFF_KO,
    "Read the challenge from the machine's service screen again. It is ten characters, and used once.",
    RetrySafe.NO,
)
REPORT_ASSET: Final = Entry(
    "TM-WDR-019",
    "report_asset",
    "A cash report counts in another currency than the exchange pays out.",
    _CHECKING,
    _CHECKING_KO,
    "The machine's currency does not fit the exchange's configuration. Take it out of service.",
    RetrySafe.NO,
)

# ---------------------------------------------------------------------------------------------- alarms

REPORT_MISSING: Final = Entry(
    "TM-WDR-030",
    "report_missing",
    "The cash side's reports are numbered without gaps, and one of them has not come.",
    _QUIET,
    _QUIET_KO,
    "Look at the machine's line. The cash side keeps the report until it is acknowledged and sends it again.",
)
OVER_DISPENSED: Final = Entry(
    "TM-WDR-031",
    "over_dispensed",
    "More left the machine than was held for the withdrawal; the rest was booked as the operator's loss.",
    _QUIET,
    _QUIET_KO,
    "Take the machine out of service: a cassette may hold another denomination than was loaded. Count it.",
    RetrySafe.NO,
)
IN_DOUBT: Final = Entry(
    "TM-WDR-032",
    "in_doubt",
    "An authority was given long ago and the cash side has not reported how it ended. The hold never ends by time.",
    _CHECKING,
    _CHECKING_KO,
    "Bring the machine back on the line: its report ends this. If the cash side is lost, count by two persons.",
    RetrySafe.NO,
)
STRAY_NOTES: Final = Entry(
    "TM-WDR-033",
    "stray_notes",
    "The cash side reports notes for a transaction the exchange never authorised.",
    _QUIET,
    _QUIET_KO,
    "Take the machine out of service at once: notes moved without an authority. They are booked as a loss.",
    RetrySafe.NO,
)
EVIDENCE_DIFFERS: Final = Entry(
    "TM-WDR-034",
    "evidence_differs",
    "A later statement of the cash side contradicts an earlier one about the same withdrawal.",
    _QUIET,
    _QUIET_KO,
    "The later count was booked. Compare the two reports and the machine's journal.",
    RetrySafe.NO,
)
COUNT_DIFFERS: Final = Entry(
    "TM-WDR-035",
    "count_differs",
    "A count by two persons found another sum than the cash side's book.",
    _QUIET,
    _QUIET_KO,
    "The difference stands on the machine's difference account. Compare with the last loads and removals.",
    RetrySafe.NO,
)

FAULTS: Final = (
    MACHINE_UNFIT,
    VAULT_FOREIGN,
    NONCE_BAD,
    NONCE_USED,
    OVER_LIMIT,
    OVER_DAY,
    OVER_MACHINE,
    FUNDS_SHORT,
    APPROVAL_NEEDED,
    APPROVAL_REFUSED,
    APPROVAL_OVER,
    APPROVAL_OTHER,
    WITHDRAWAL_UNKNOWN,
    REPORT_BAD,
    REPORT_OTHER,
    REPORT_FOREIGN,
    VAULT_TAKEN,
    GRANT_BAD,
    REPORT_ASSET,
    REPORT_MISSING,
    OVER_DISPENSED,
    IN_DOUBT,
    STRAY_NOTES,
    EVIDENCE_DIFFERS,
    COUNT_DIFFERS,
)
