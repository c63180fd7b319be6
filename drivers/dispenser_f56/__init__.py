"""Driver of Fujitsu F53 and F56 note dispensers, conventional and enhanced command set.

The parts: `settings`, `link` (ENQ, ACK and blocks), `judge` (what a reply proves), `host` (orders and answers). The
port is opened with pyserial, 8E1: its parity must be there, see `core.wire.f56`.
"""

from core.dispenser import Cable
from drivers.dispenser_f56.host import Host
from drivers.dispenser_f56.settings import KIND, InitForm, Set, Settings
from drivers.kit.serial_cable import Parity, Port, open_cable

__all__ = ["KIND", "Host", "InitForm", "Set", "Settings", "make_host", "open"]


def make_host(settings: Settings) -> Host:
    """Our half of the conversation, without a port."""
    return Host(settings)


def open(settings: Settings) -> Cable:
    """Open the machine's port. Raises `DriverFault`."""
    return open_cable(Port(settings.port, settings.baud, Parity.EVEN))
