"""Driver of XFS4IoT cash dispensers (CEN CWA 17852): full-size ATMs, one service behind one WebSocket.

The parts: `settings`, `counts` (what counters prove), `look` (how the machine stands), `plans` (each order step by
step), `host` (the conversation, without a cable), `cable` (the WebSocket).
"""

from drivers.dispenser_xfs4iot.cable import Cable, open
from drivers.dispenser_xfs4iot.host import Host
from drivers.dispenser_xfs4iot.settings import KIND, ClearTo, Settings


def make_host(settings: Settings) -> Host:
    """Our half of the conversation."""
    return Host(settings)


__all__ = ["KIND", "Cable", "ClearTo", "Host", "Settings", "make_host", "open"]
