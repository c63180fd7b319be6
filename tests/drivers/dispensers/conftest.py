"""A real machine is tested only when it is named: TILLMARK_DISPENSER="lcdm50 /dev/ttyUSB0" pytest tests/drivers/..."""

from __future__ import annotations

import os

import pytest

REAL = "test_real_machine.py"
MOVES = "moves"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a machine its tests are counted as deselected, so that nobody takes them for passed."""
    named = "TILLMARK_DISPENSER" in os.environ
    may_move = os.environ.get("TILLMARK_DISPENSER_MOVES") == "1"
    left_out = [
        item for item in items if item.path.name == REAL and (not named or (MOVES in item.name and not may_move))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
