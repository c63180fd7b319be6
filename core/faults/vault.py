"""Faults and refusals of the cash side's own program: its socket, its authorities, its technicians, its ledger."""

from typing import Final

from core.faults import Entry, RetrySafe

_SAFE: Final = "No cash was paid out, and nothing is charged for it. Please start again."
_SAFE_KO: Final = "현금이 나오지 않았고 출금되지도 않았어요. 처음부터 다시 해 주세요."
_OUT: Final = "This machine cannot pay cash right now. No money has moved."
_OUT_KO: Final = "지금은 이 기기에서 현금을 찾을 수 없어요. 돈은 움직이지 않았어요."
_STAFF: Final = "This is for the staff. No money has moved."
_STAFF_KO: Final = "직원용 안내예요. 돈은 움직이지 않았어요."


def _refused(number: int, name: str, meaning: str, technician: str, again: RetrySafe = RetrySafe.YES) -> Entry:
    return Entry(f"TM-VAULT-{number:03d}", name, meaning, _SAFE, _SAFE_KO, technician, again)


def _down(number: int, name: str, meaning: str, technician: str, again: RetrySafe = RetrySafe.NO) -> Entry:
    return Entry(f"TM-VAULT-{number:03d}", name, meaning, _OUT, _OUT_KO, technician, again)


def _staff(number: int, name: str, meaning: str, technician: str) -> Entry:
    return Entry(f"TM-VAULT-{number:03d}", name, meaning, _STAFF, _STAFF_KO, technician, RetrySafe.YES)


_PROGRAM: Final = "The runtime sent what the cash side refuses. Compare versions; look for a changed program."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        "TM-VAULT-001",
        "vault_away",
        "The cash side's program does not answer on its socket. What it was doing goes on without us.",
        "Please wait. We are checking whether your cash was paid out.",
        "잠시만 기다려 주세요. 현금이 나왔는지 확인하고 있어요.",
        "`systemctl status tillmark-vault`; it starts again by itself and remembers every withdrawal.",
        RetrySafe.ASK,
    ),
    _refused(2, "vault_line_bad", "A line on the cash side's socket is too long or says nothing it knows.", _PROGRAM),
    _refused(
        3,
        "authority_forged",
        "The dispense authority is not signed by an exchange this cash side trusts.",
        "Compare `tillmark vault show` with the machine's page of the exchange. Same key: look for an intruder.",
        RetrySafe.NO,
    ),
    _refused(
        4,
        "authority_not_ours",
        "The dispense authority is for another machine or another transaction.",
        _PROGRAM,
        RetrySafe.NO,
    ),
    _refused(
        5,
        "nonce_not_live",
        "The nonce of the dispense authority was used, never given, or died (power, door, service, time).",
        "None: the customer starts again. Often: look for a door switch that flickers.",
    ),
    _refused(
        6, "authority_expired", "The dispense authority came too late after its nonce.", "Look at the line's delay."
    ),
    _refused(
        7,
        "amount_over_authority",
        "More was asked for than the dispense authority allows, or in another currency.",
        _PROGRAM,
        RetrySafe.NO,
    ),
    _refused(8, "vault_busy", "Another withdrawal or a service act is not finished.", "Wait until it is over."),
    _staff(
        9,
        "grant_forged",
        "The technician's grant is not signed by a trusted exchange, or is for another machine.",
        "Ask the operator for a grant for this machine and this challenge.",
    ),
    _staff(
        10,
        "grant_expired",
        "The technician's grant has expired, or its challenge was not given by this cash side since it started.",
        "Ask for a new challenge at the machine and a grant for it.",
    ),
    _staff(11, "grant_lacks_right", "The grant does not allow this act.", "Ask for a grant with this right."),
    _staff(
        12,
        "count_same_person",
        "Both counts are by one person.",
        "The second count is made by another person, with a grant of their own.",
    ),
    _staff(
        13,
        "counts_differ",
        "The two counts do not agree. Neither is kept, and nobody is told by how much.",
        "Both persons count again, each alone.",
    ),
    _staff(
        14,
        "service_act_not_understood",
        "A service act names a cassette, a value or a number this machine cannot have, or leaves a cassette out.",
        "Check place, value and number of notes of each line.",
    ),
    _down(
        15,
        "cash_ledger_full",
        "The disk has no room for another withdrawal, or too many statements wait for the exchange.",
        "Free space on the disk of the cash ledger; let the machine go online so that statements are fetched.",
        RetrySafe.YES,
    ),
    _down(
        16,
        "cash_ledger_broken",
        "A write to the cash ledger or its sync failed. The program stops, reads it again and asks the machine.",
        "It starts again by itself. If it comes back: replace the disk.",
        RetrySafe.ASK,
    ),
    _down(
        17,
        "cash_ledger_damaged",
        "A record of the cash ledger is not what was written: the disk lost it or somebody changed it.",
        "Keep the file. Count the machine with two persons and begin a new ledger with the operator.",
    ),
    _down(
        18,
        "cash_ledger_in_use",
        "Another program holds the cash ledger. Two writers would make two histories.",
        "Only one `tillmark vault run` may use it. Find the other one and stop it.",
        RetrySafe.YES,
    ),
    _down(
        19,
        "vault_key_bad",
        "The cash side's key file cannot be used: missing, readable by others, or no Ed25519 key.",
        "`tillmark vault init` makes a new key; have the operator pin it. chmod 600 an existing one.",
    ),
    _staff(
        20,
        "acknowledgement_forged",
        "What says that the exchange has a statement is not signed by it. The statement is kept.",
        _PROGRAM,
    ),
    _staff(
        21,
        "count_first",
        "By the book so many notes are not certain to be there. What is removed must be counted first.",
        "Make a count with two persons, then remove.",
    ),
    _staff(
        22,
        "transaction_used",
        "The transaction has ended, or its id was used for something else.",
        "Begin a new one.",
    ),
    _down(
        23,
        "authority_key_bad",
        "The cash side pins no key of the exchange, or something that is none. It believes nobody and does not start.",
        "Copy terminal and key from the machine's page of the exchange into vault.toml; compare the fingerprints.",
    ),
)
