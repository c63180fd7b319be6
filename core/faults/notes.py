"""Faults of paying notes, as the cash side decides them from what its machine and its ledger say.

The machine's own codes have pages of their own (`core.faults.cash`).
"""

from typing import Final

from core.faults import Entry, RetrySafe

_OUT: Final = "This machine cannot pay cash right now. No money has moved."
_OUT_KO: Final = "지금은 이 기기에서 현금을 찾을 수 없어요. 돈은 움직이지 않았어요."
_COUNT: Final = "Take the cash that came out. We are counting the machine: what you did not get is returned to you."
_COUNT_KO: Final = "나온 현금을 가져가세요. 기기 안의 현금을 세어 보고 받지 못한 금액은 돌려 드려요."
_BACK: Final = "Your cash was not taken and went back into the machine. What you did not get is returned to you."
_BACK_KO: Final = "가져가지 않은 현금은 기기로 다시 들어갔어요. 받지 못한 금액은 돌려 드려요."


def _out(number: int, name: str, meaning: str, technician: str, again: RetrySafe = RetrySafe.YES) -> Entry:
    return Entry(f"TM-CASH-{number:03d}", name, meaning, _OUT, _OUT_KO, technician, again)


FAULTS: Final[tuple[Entry, ...]] = (
    _out(
        1,
        "notes_in_doubt",
        "It is not known how many notes left in an earlier withdrawal. The machine is suspended until it is counted.",
        "Two persons count every cassette, the bins and the path, each alone (`counted`).",
        RetrySafe.NO,
    ),
    _out(2, "machine_away", "The cable to the cash machine is not open, or nobody answers.", "Check power and cable."),
    _out(3, "machine_not_ready", "The cash machine says that it cannot pay.", "The log has the machine's own words."),
    _out(
        4,
        "exit_not_clear",
        "Something lies at the exit, often the notes of the customer before.",
        "Take it out with a second person, write it down, and see that the exit sensor is free.",
    ),
    _out(
        5,
        "path_not_clear",
        "A note lies inside between cassette and exit, or the machine cannot say.",
        "Clear the path (service, `cleared`); then count.",
    ),
    _out(6, "reject_bin_full", "The reject bin is full.", "Count it and empty it (service, `removed`)."),
    _out(7, "reject_bin_missing", "The reject bin is not in its place.", "Put it in."),
    _out(8, "retract_bin_unfit", "The retract bin is full or missing.", "Count it, empty it, put it in."),
    _out(9, "cassette_missing", "The cassette is not in its place.", "Put it in until it locks."),
    _out(
        10,
        "cassette_swapped",
        "The cassette is another one than was loaded: its own label has changed.",
        "Put the loaded one back, or book the change: `removed`, then `loaded`.",
        RetrySafe.NO,
    ),
    _out(
        11,
        "cassettes_empty",
        "No cassette has a note that is certain to be there and can be paid.",
        "Load the cassettes. One that paid short twice in a row is rested until it is loaded or counted.",
    ),
    _out(
        12,
        "amount_not_payable",
        "The amount cannot be paid with the notes that are certain to be there.",
        "Load the missing value. The customer may choose another amount.",
    ),
    Entry(
        "TM-CASH-013",
        "paid_short",
        "Fewer notes came out than were asked for, and how many is known exactly.",
        "Take the cash that came out. What did not come out is not charged.",
        "나온 현금을 가져가세요. 나오지 않은 금액은 출금되지 않아요.",
        "Look at the cassette that failed; load it if it is empty.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-CASH-014",
        "paid_over",
        "More notes came out than were asked for. All of them are booked; the machine is suspended.",
        _COUNT,
        _COUNT_KO,
        "Check the machine for double picks, then count with two persons.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-CASH-015",
        "notes_not_taken",
        "Nobody took the notes in time, and this machine cannot pull them back. They are booked as given.",
        "Please take your cash.",
        "현금을 가져가 주세요.",
        "The next withdrawal waits until the exit is clear. Notes found there are handed in with a second person.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-CASH-016",
        "notes_retracted",
        "Notes that nobody took in time were pulled back into the retract bin.",
        _BACK,
        _BACK_KO,
        "Where their number is not certain the machine is suspended: count with two persons.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-CASH-017",
        "notes_put_aside",
        "Stacked notes were not offered but put aside inside the machine.",
        "No cash was paid out, and nothing is charged for it. Please start again.",
        "현금이 나오지 않았고 출금되지도 않았어요. 처음부터 다시 해 주세요.",
        "They lie in the reject bin or on the path and are in the book there.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-CASH-018",
        "machine_contradicts_itself",
        "The machine's figures do not fit together: more came back than had gone out.",
        _COUNT,
        _COUNT_KO,
        "Count with two persons; report the machine's model and version.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-CASH-019",
        "test_note_presented",
        "A test note went to the exit, or may have, instead of the reject bin. The machine is suspended.",
        "This machine cannot pay cash right now.",
        "지금은 이 기기에서 현금을 찾을 수 없어요.",
        "Take the note out with a second person; repair the diverter; count.",
        RetrySafe.NO,
    ),
    _out(
        20,
        "machine_needs_token",
        "The machine asks for an end-to-end token, and its cash side has no key for one or was given no nonce.",
        "Put the machine's HMAC key into the file that e2e_key_file names in the vault's configuration; connect again.",
        RetrySafe.NO,
    ),
)
