"""The cash side's unit: systemd understands it, it has no network, and its sample configuration is accepted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from device.vault.config import read

UNITS = Path(__file__).parents[2] / "systemd"
# Tenths. Private users would hide who is at the socket (SO_PEERCRED), private devices the cable: that is the rest.
EXPOSURE_MAX = 7


def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program, "Debian's systemd brings systemd-analyze"
    return subprocess.run([program, *words], capture_output=True, text=True, timeout=30, check=False)


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (UNITS / "tillmark-vault.service").read_text().replace("/opt/tillmark/bin/tillmark", "/bin/true")
    unit = tmp_path / "tillmark-vault.service"
    unit.write_text(text)
    verified = _analyze("verify", "--man=no", str(unit))
    assert [line for line in verified.stderr.splitlines() if "tillmark-vault.service" in line] == []


def test_the_cash_side_can_reach_almost_nothing_of_the_machine() -> None:
    unit = UNITS / "tillmark-vault.service"
    report = _analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(unit))
    assert report.returncode == 0, report.stdout[-300:]


@pytest.mark.parametrize("line", ["PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "User=tillmark-vault"])
def test_the_cash_side_has_no_network_and_a_user_of_its_own(line: str) -> None:
    assert line in (UNITS / "tillmark-vault.service").read_text().splitlines()


def test_the_sample_configuration_is_accepted() -> None:
    described = read(UNITS / "vault.toml")
    assert described.config.vault.terminal == "T1"
    assert [one.place for one in described.cassettes] == [1]


def test_the_drop_in_for_a_full_size_atm_opens_one_address_and_no_other() -> None:
    lines = (UNITS / "tillmark-vault-xfs4iot.conf").read_text().splitlines()
    assert [line for line in lines if line.startswith("IPAddress")] == ["IPAddressDeny=any", "IPAddressAllow=127.0.0.1"]
    assert "RestrictAddressFamilies=AF_UNIX AF_INET" in lines
