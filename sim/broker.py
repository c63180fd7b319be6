"""A real MQTT broker for the demo and for tests: Debian's mosquitto on a free loopback port."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from typing import Final

from sim.children import Child, ChildFailed

PLACES: Final = "/usr/sbin:/usr/local/sbin"
START_S: Final = 5.0


def free_port() -> int:
    """A loopback port that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """`url` is what a device's configuration names."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path=PLACES)
        if program is None:
            raise ChildFailed("mosquitto is not installed: apt-get install mosquitto")
        port = free_port()
        self.url = f"mqtt://127.0.0.1:{port}"
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_packet_size 65536\n", "utf-8"
        )
        self.child = Child("mosquitto", [program, "-c", str(config)])
        self._wait(port)

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.child.alive:
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise ChildFailed("mosquitto did not open its port:\n" + self.child.tail())

    def stop(self) -> None:
        self.child.stop()
