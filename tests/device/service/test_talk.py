"""A technician's talk over a connection that breaks: an act is asked for again under its own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cash_report import Act
from core.faults.service import ACT_UNKNOWN
from core.vault_talk import Nonce, Reply, Request, Serve, Served, VaultRefused
from device.service import talk
from device.service.talk import SaidNo, Talk
from device.vault_line import VaultLost
from tests.device.cash_answers import MACHINE
from tests.device.far_vault import FarVault, far_vault
from tests.device.playbook import TXN

DONE = Served(TXN, 4, False, MACHINE)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "PAUSE_S", 0)


def test_an_act_whose_answer_was_lost_is_asked_for_under_the_same_name(tmp_path: Path) -> None:
    said: list[Reply | bytes] = [FarVault.HANG_UP, DONE]
    with far_vault(tmp_path / "s", lambda request: (said.pop(0),)) as vault, Talk(vault.path) as line:
        assert line.serve(TXN, "cg1", Act.CLEARED) == DONE
        assert vault.asked == [Serve(TXN, "cg1", Act.CLEARED)] * 2


def test_an_act_that_nobody_answers_is_unknown(tmp_path: Path) -> None:
    with far_vault(tmp_path / "s", lambda request: (FarVault.HANG_UP,)) as vault, Talk(vault.path) as line:
        with pytest.raises(SaidNo, match=ACT_UNKNOWN):
            line.serve(TXN, "cg1", Act.CLEARED)
        assert len(vault.asked) == talk.TRIES


def test_a_vault_that_does_not_come_back_leaves_it_unknown(tmp_path: Path) -> None:
    with far_vault(tmp_path / "s", lambda request: ()) as vault:
        line = Talk(vault.path)
        vault.close()
        with pytest.raises(SaidNo, match=ACT_UNKNOWN):
            line.serve(TXN, "cg1", Act.CLEARED)
        line.close()


def test_a_no_and_an_answer_beside_the_question_are_told_apart(tmp_path: Path) -> None:
    def answers(request: Request) -> tuple[Reply | bytes, ...]:
        return (VaultRefused("TM-VAULT-008"),) if isinstance(request, Serve) else (Nonce(TXN, "v", "n", 1),)

    with far_vault(tmp_path / "s", answers) as vault, Talk(vault.path) as line:
        with pytest.raises(SaidNo, match="TM-VAULT-008"):
            line.serve(TXN, "cg1", Act.CLEARED)
        with pytest.raises(VaultLost):
            line.state()
