"""Driver of coin hoppers on a ccTalk bus.

The parts: `settings`, `bus` (one question at a time), `hopper` (what one hopper's counters prove), `host` (orders and
answers). The port is opened with pyserial.
"""

from core.dispenser import Cable
from core.wire.cctalk import Check
from drivers.dispenser_cctalk.host import Host
from drivers.dispenser_cctalk.settings import KIND, Security, Settings
from drivers.kit.serial_cable import Port, open_cable

__all__ = ["KIND", "Check", "Host", "Security", "Settings", "make_host", "open"]


def make_host(settings: Settings) -> Host:
    """Our half of the conversation, without a port."""
    return Host(settings)


def open(settings: Settings) -> Cable:
    """Open the port of the bus, 8N1. Raises `DriverFault`."""
    return open_cable(Port(settings.port, settings.baud))
