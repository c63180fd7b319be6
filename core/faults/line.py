"""Faults of the line to the exchange and the agency, of the device's identity, and of its outbox."""

from typing import Final

from core.faults import Entry, RetrySafe

_CHECKING: Final = "The exchange does not answer. The terminal keeps checking; nothing is charged twice."
_CHECKING_KO: Final = "거래소가 응답하지 않아요. 계속 확인하고 있고, 두 번 결제되지 않아요."

FAULTS: Final = (
    Entry(
        "TM-LINE-001",
        "no_answer",
        "No answer came within the deadline. The outcome is unknown: neither yes nor no.",
        _CHECKING,
        _CHECKING_KO,
        "Check the network of the terminal; the outbox shows what is still owed and sends it by itself.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-LINE-002",
        "no_connection",
        "The server could not be reached at all (refused, name unknown, or its certificate is not valid).",
        "No connection to the exchange right now.",
        "지금은 거래소에 연결할 수 없어요.",
        "Check cable, address and certificate: `tillmark doctor` names the first that fails.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-LINE-003",
        "broken_answer",
        "The answer was cut, too long, no JSON, or says something this version does not know. It counts as none.",
        _CHECKING,
        _CHECKING_KO,
        "Look for a proxy in between; compare the versions of terminal and server.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-LINE-004",
        "foreign_answer",
        "A whole answer came, but to another question (late, doubled or mixed up). It was thrown away.",
        _CHECKING,
        _CHECKING_KO,
        "If it happens again, something between terminal and server mixes up connections: remove it.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-LINE-005",
        "server_fault",
        "The server failed (5xx) without saying by name why. The outcome is unknown.",
        _CHECKING,
        _CHECKING_KO,
        "Look at the server's log; the terminal goes on by itself once it answers.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-LINE-006",
        "not_our_server",
        "Something answered that is not our server (a redirect, a login page of a network, a proxy).",
        "No connection to the exchange right now.",
        "지금은 거래소에 연결할 수 없어요.",
        "Open the server's address from the terminal's network; sign in to the network or correct the address.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-LINE-007",
        "reversal_too_late",
        "The sale was settled before its reversal arrived. Only a refund gives it back.",
        "The sale went through. Please ask the staff for a refund if it should not have.",
        "결제가 완료됐어요. 취소하려면 직원에게 환불을 요청해 주세요.",
        "Find the sale by its receipt number and refund it.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-LINE-008",
        "bad_key_file",
        "The file with the device's key is missing, readable by others, or no Ed25519 key.",
        "This terminal is out of service. Please ask the staff.",
        "이 단말기는 지금 쓸 수 없어요. 직원에게 말씀해 주세요.",
        "Correct the file's rights (0600, owner tillmark). If others could read it: delete it and pair again.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-LINE-009",
        "clock_skew",
        "The terminal's own clock is more than 60 s off. It goes by the exchange's time.",
        "Nothing to do.",
        "하실 일은 없어요.",
        "Give the terminal a time server (NTP) or a battery-backed clock.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-LINE-010",
        "outbox_full",
        "So much waits to be delivered to the exchange that the terminal must not take on more.",
        "Out of service. What was paid is paid; nothing else has moved.",
        "지금은 사용할 수 없어요. 결제된 것은 결제됐고, 그 밖의 돈은 움직이지 않았어요.",
        "Bring back the connection to the exchange; the outbox empties by itself and the terminal returns to service.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-LINE-011",
        "pairing_expired",
        "Nobody approved the pairing code in time. The terminal asks for a new one.",
        "This terminal is being set up.",
        "단말기를 설정하고 있어요.",
        "Enter the new code on the operator's page.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-LINE-012",
        "pairing_refused",
        "The operator refused this terminal.",
        "This terminal is out of service. Please ask the staff.",
        "이 단말기는 지금 쓸 수 없어요. 직원에게 말씀해 주세요.",
        "Ask the operator. Start pairing again at the terminal once that is settled.",
        RetrySafe.ASK,
    ),
)
