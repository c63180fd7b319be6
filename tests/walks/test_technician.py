"""The technician's walk in a world of its own: a jam in doubt, two persons who count, and everybody agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.walks.script import play
from sim.world import Choices, World


@pytest.mark.timeout(120)
def test_a_withdrawal_in_doubt_is_settled_by_two_persons_who_count(tmp_path: Path) -> None:
    with World(Choices(dispenser="lcdm50")) as world:
        played = play(world, "technician", "qr", None)
    assert played.wrong == ()
    assert played.books.balanced
    told = "\n".join(played.papers)
    assert "CASH ROUND CLOSED" in told
    assert "was given 100,000 KRW" in told
