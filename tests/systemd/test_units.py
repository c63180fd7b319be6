"""The unit files: systemd understands every line, and the sandbox is tight."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from device.config import read_config
from device.watchdog import Watchdog

UNITS = Path(__file__).parents[2] / "systemd"
EXPOSURE_MAX = 20  # tenths: 2.0, the floor for every unit we ship


def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program, "Debian's systemd brings systemd-analyze"
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=30, check=False)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (UNITS / "tillmark.service").read_text().replace("/opt/tillmark/bin/tillmark", "/bin/true")
    unit = tmp_path / "tillmark.service"
    unit.write_text(text)
    verified = _analyze("verify", "--man=no", str(unit))
    complaints = [line for line in verified.stderr.splitlines() if "tillmark.service" in line]
    assert complaints == []


def test_the_terminal_can_reach_little_of_the_machine() -> None:
    unit = UNITS / "tillmark.service"
    report = _analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(unit))
    assert report.returncode == 0, report.stdout[-300:]


def test_the_sample_configuration_is_accepted() -> None:
    config = read_config(UNITS / "tillmark.toml", {})
    assert set(config.devices) == {"camera", "nfc", "printer"}


def test_a_scanner_never_types_into_a_login() -> None:
    rules = (UNITS / "99-tillmark.rules").read_text()
    scanner = next(line for line in rules.splitlines() if "tillmark/scanner" in line)
    assert "LIBINPUT_IGNORE_DEVICE" in scanner


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_that_the_loop_lives(tmp_path: Path, abstract: bool) -> None:
    name = "@tillmark-test" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("\0" + name[1:] if abstract else name)
        line.settimeout(2)
        watchdog = Watchdog({"NOTIFY_SOCKET": name})
        watchdog.ready("idle")
        for now_ms in (0, 500, 2_500):
            watchdog.turn(now_ms)
        watchdog.stopping()
        heard = [line.recv(200).decode() for _ in range(4)]
    assert heard == ["READY=1\nSTATUS=idle", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


def test_without_systemd_or_with_a_dead_one_nothing_happens(tmp_path: Path) -> None:
    Watchdog({}).ready("idle")
    Watchdog({"NOTIFY_SOCKET": str(tmp_path / "gone")}).stopping()


def test_every_unit_restarts_by_itself() -> None:
    for unit in UNITS.glob("*.service"):
        assert re.search(r"^Restart=always$", unit.read_text(), re.MULTILINE)
