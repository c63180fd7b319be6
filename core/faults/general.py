"""Refusals that belong to no area."""

from typing import Final

from core.faults import Entry, RetrySafe

UNKNOWN: Final = Entry(
    "TM-GEN-000",
    "unknown_code",
    "The far side named a refusal or fault that this version does not know.",
    "This did not work. Please ask the staff.",
    "처리하지 못했어요. 직원에게 문의해 주세요.",
    "Note the code, look it up in the far side's own catalogue, and update this terminal.",
    RetrySafe.ASK,
)

FAULTS: Final = (UNKNOWN,)
