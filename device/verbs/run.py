"""`tillmark run`: be the device that a configuration file describes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click

from core.settings import BadSetting


@click.command(epilog="Example:  tillmark run --config /etc/tillmark/tillmark.toml")
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The device's TOML file.")
def command(file: Path) -> None:
    """Be the device that FILE describes, until it is stopped (SIGTERM, Ctrl-C)."""
    from device.assemble import Device
    from device.checked import checked
    from device.system import keep_memory_small, open_log, share_fairly

    try:
        described = checked(file)
    except BadSetting as error:
        click.echo(f"TM-DEV-002 {error}", err=True)
        sys.exit(2)
    keep_memory_small()
    share_fairly()
    log = open_log(described.config.log_level)
    device = Device(described, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: device.stop())

    def crashed(problem: threading.ExceptHookArgs) -> None:
        """A programmer's error in any thread ends the process: systemd starts it again and recovery runs."""
        threading.__excepthook__(problem)
        os._exit(70)

    threading.excepthook = crashed
    sys.exit(device.run().code)
