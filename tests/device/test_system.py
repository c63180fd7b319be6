"""What the device asks of its operating system for its own process."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime

from core.asset import KRW
from core.events import Health
from core.money import Money
from device.system import JsonLines

SCRIPT = """
import sys
from device.system import TURN_S, keep_memory_small, share_fairly
keep_memory_small()
share_fairly()
assert abs(sys.getswitchinterval() - TURN_S) < 1e-6
import threading
kept = []
workers = [threading.Thread(target=lambda: kept.append(bytearray(1 << 20))) for _ in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(len(kept))
"""


def test_a_process_that_keeps_its_memory_small_still_has_memory_for_its_threads() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=20, check=True)
    assert ran.stdout.strip() == "8"


def test_a_line_of_the_log_is_one_json_object() -> None:
    out = io.StringIO()
    log = JsonLines(out, logging.INFO)
    log.info("paired", terminal="T1", health=Health.READY, price=Money(900, KRW))
    log.error("device_lost", code="TM-CAM-001", detail="연결이\nno")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["level"], first["terminal"]) == ("paired", "info", "T1")
    assert (second["event"], second["level"], second["detail"]) == ("device_lost", "error", "연결이\nno")
    assert datetime.fromisoformat(first["ts"]).tzinfo is UTC


def test_a_line_below_the_level_is_not_written() -> None:
    out = io.StringIO()
    log = JsonLines(out, logging.WARNING)
    log.info("paired")
    log.warning("device_lost")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["device_lost"]
