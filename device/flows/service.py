"""Service: a technician's visit as a tuple of steps."""

from __future__ import annotations

from typing import Final

from device.flows.flow import Flow
from device.flows.service_act import DoAct
from device.flows.service_count import CountNotes
from device.flows.service_enter import LetIn
from device.flows.service_load import LoadNotes
from device.flows.service_menu import ServiceMenu

SERVICE: Final = Flow(
    "service", (LetIn(), ServiceMenu(), LoadNotes(), CountNotes(), LetIn("second", second=True), DoAct())
)
