"""`tillmark doctor` names how the cash side stands and what to do about it."""

from __future__ import annotations

from pathlib import Path

from core.vault_talk import ReportReady
from device.verbs.doctor import _vault
from tests.device.cash_answers import MACHINE
from tests.device.far_vault import far_vault
from tests.device.playbook import changed


def test_a_cash_side_that_could_pay_is_well(tmp_path: Path) -> None:
    with far_vault(tmp_path / "v", lambda request: (ReportReady(1), MACHINE)):
        found = _vault(tmp_path / "v")
    assert found.good
    assert found.says == "ready, vault-1, 2 cassettes, 0 statements on their way"


def test_one_that_cannot_is_named_with_its_code_and_remedy(tmp_path: Path) -> None:
    off = changed(MACHINE, ready=False, suspended=True, code="TM-CASHB-004")
    with far_vault(tmp_path / "v", lambda request: (off,)):
        found = _vault(tmp_path / "v")
    assert not found.good
    assert found.says.startswith("suspended, TM-CASHB-004")
    assert found.mend


def test_one_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    found = _vault(tmp_path / "nothing")
    assert not found.good
    assert found.says.startswith("TM-ATM-001")
