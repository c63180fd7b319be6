"""Coin hoppers on a ccTalk bus and F53/F56 note dispensers: what is wrong around a movement, beside their own tables.

What every dispenser shares stands in `core.faults.dispenser`; the machines' own codes in `core.faults.cash`.
"""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

NOT_TAKEN: Final = "TM-HOP-001"
BUSY: Final = "TM-HOP-002"
STALLED: Final = "TM-HOP-003"
ECHO: Final = "TM-HOP-004"
POWER: Final = "TM-HOP-005"
UNLISTED: Final = "TM-HOP-006"
ENDED_EARLY: Final = "TM-HOP-007"

_NONE_OUT: Final = "No cash was paid out, and nothing is charged for it. Please use another machine."
_NONE_OUT_KO: Final = "현금이 나오지 않았고 출금되지도 않았어요. 다른 기기를 이용해 주세요."
_WHAT_CAME: Final = "Take the cash that came out. What did not come out is not charged."
_WHAT_CAME_KO: Final = "나온 현금을 가져가세요. 나오지 않은 금액은 출금되지 않아요."
_COUNTING: Final = "Take the cash that came out. We are counting the machine: what you did not get is returned to you."
_COUNTING_KO: Final = "나온 현금을 가져가세요. 기기 안의 현금을 세어 보고 받지 못한 금액은 돌려 드려요."
_COUNT: Final = "Suspend the machine, count what is left in it, and close the open item before it goes back to work."


def _page(
    code: str, name: str, meaning: str, words: tuple[str, str], technician: str, again: RetrySafe = RetrySafe.YES
) -> Entry:
    return Entry(code, name, meaning, *words, technician, again)


_SAFE: Final = (_NONE_OUT, _NONE_OUT_KO)
_PART: Final = (_WHAT_CAME, _WHAT_CAME_KO)
_DOUBT: Final = (_COUNTING, _COUNTING_KO)

FAULTS: Final[tuple[Entry, ...]] = (
    _page(
        NOT_TAKEN,
        "order_not_taken",
        "The machine did not accept the order, and its own counters prove that nothing moved.",
        _SAFE,
        "If it comes back, check the security mode of the hopper, or call the service.",
    ),
    _page(
        BUSY,
        "payer_busy",
        "The machine is still working on an earlier order.",
        _SAFE,
        "Wait. If it stays so, switch the machine off and on and ask what became of the earlier order.",
    ),
    _page(
        STALLED,
        "payout_stalled",
        "No coin came for too long, and the hopper was told to stop.",
        _PART,
        "Look for a jammed or empty hopper: switch off, take it out, clear the disc, put it back.",
        RetrySafe.ASK,
    ),
    _page(
        ECHO,
        "bus_without_echo",
        "The bus does not repeat what is sent on it, although the configuration says that it does.",
        _SAFE,
        "Check the interface: a one-wire ccTalk adapter echoes. If yours hides the echo, set echo = false.",
    ),
    _page(
        POWER,
        "power_lost_in_payout",
        "The hopper lost its power during a payout; its memory says how many coins had left.",
        _PART,
        "Check the 24 V supply of the hopper. Nothing else to do when the counts were exact.",
        RetrySafe.ASK,
    ),
    _page(
        UNLISTED,
        "code_unlisted",
        "The machine gave an error code that no source we know lists.",
        _DOUBT,
        "Note the code in the log and look it up in the maker's manual. Count before the machine goes back to work.",
        RetrySafe.NO,
    ),
    _page(
        ENDED_EARLY,
        "payout_ended_early",
        "The machine stopped before everything was paid and does not say why; its counts are exact.",
        _PART,
        "Look into the hopper or the cassettes: nearly empty, or notes or coins that hang together.",
        RetrySafe.ASK,
    ),
)
