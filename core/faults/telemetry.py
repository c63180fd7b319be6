"""Faults of the telemetry line (MQTT). None of them stops a sale."""

from typing import Final

from core.faults import Entry, RetrySafe

_NOTHING: Final = "Nothing to do."
_NOTHING_KO: Final = "하실 일은 없어요."

FAULTS: Final = (
    Entry(
        "TM-MQTT-001",
        "broker_unreachable",
        "The message broker cannot be reached. The operator does not see the terminal live; sales go on.",
        _NOTHING,
        _NOTHING_KO,
        "Check the broker's address and the network; the terminal connects again by itself within half a minute.",
        RetrySafe.YES,
    ),
    Entry(
        "TM-MQTT-002",
        "broker_refused",
        "The message broker refused the terminal (name, password or rights). Sales go on.",
        _NOTHING,
        _NOTHING_KO,
        "Compare the terminal's grant with the broker's list of users; pair again if the terminal was renewed.",
        RetrySafe.ASK,
    ),
    Entry(
        "TM-MQTT-003",
        "telemetry_dropped",
        "While the broker was away more news came up than is kept; the oldest was thrown away and counted.",
        _NOTHING,
        _NOTHING_KO,
        "Nothing is lost that matters: the journal has it. Bring the broker back.",
        RetrySafe.YES,
    ),
)
