"""Faults of the machine that pays cash, as the runtime sees its cash side: `device.cash_link`, `device.modes.atm`."""

from typing import Final

from core.faults import Entry, RetrySafe

FAULTS: Final = (
    Entry(
        "TM-ATM-001",
        "cash_side_silent",
        "The cash side (vault) does not answer on its socket: it is not running, or it hangs.",
        "This machine cannot pay cash right now.",
        "지금은 현금을 내드릴 수 없어요.",
        "Look at the vault's own log (`journalctl -u tillmark-vault`) and whether both programs name the same socket.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-ATM-002",
        "cash_side_babbles",
        "The cash side said something that is no answer: another version, or not our program.",
        "This machine cannot pay cash right now.",
        "지금은 현금을 내드릴 수 없어요.",
        "Install the same version of runtime and vault, then restart both.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-ATM-003",
        "cash_side_busy",
        "More questions to the cash side are waiting than one customer can cause.",
        "This machine cannot pay cash right now.",
        "지금은 현금을 내드릴 수 없어요.",
        "The cash side stands still: look at the vault's log, then restart it.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-ATM-004",
        "notes_unanswered",
        "Notes may have moved and the cash side has not said how it ended. The ticket stays open until it does.",
        "We are counting your cash. Your money is safe.",
        "현금을 확인하고 있어요. 돈은 안전해요.",
        "Bring the vault back; it knows the withdrawal by its number and ends it by itself. Nobody has to repeat it.",
        RetrySafe.NO,
    ),
)
