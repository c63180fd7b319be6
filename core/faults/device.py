"""Faults of the terminal itself: its devices as a whole, its configuration, its disk."""

from typing import Final

from core.faults import Entry, RetrySafe

FAULTS: Final = (
    Entry(
        "TM-DEV-001",
        "device_busy",
        "A device has more orders waiting than it can ever need: it stands still.",
        "This device is busy. No money has moved.",
        "기기가 응답하지 않아요. 돈은 움직이지 않았어요.",
        "Unplug the device named in the log and plug it in again; if it happens twice, replace it.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-DEV-002",
        "configuration",
        "The configuration file has a mistake; the message names the file, the key and the nearest known name.",
        "This terminal is being set up.",
        "단말기를 설정하고 있어요.",
        "Correct the key that the message names and run `tillmark config check FILE`.",
    ),
    Entry(
        "TM-DEV-003",
        "out_of_service",
        "The terminal cannot write its journal, so it must not sell.",
        "Out of service. What was paid is paid; nothing else has moved.",
        "지금은 사용할 수 없어요. 결제된 것은 결제됐고, 그 밖의 돈은 움직이지 않았어요.",
        "Check the disk (space, read-only, wear), run `tillmark journal verify`, then start the terminal again.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-DEV-004",
        "line_busy",
        "More questions to the exchange are waiting than one customer can cause.",
        "The line is busy. Please try again.",
        "연결이 바빠요. 다시 시도해 주세요.",
        "The line stands still: check the network, then restart the terminal.",
        RetrySafe.YES,
    ),
)
