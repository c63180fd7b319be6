"""What the device asks of its operating system for its own process."""

from __future__ import annotations

import subprocess
import sys

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
