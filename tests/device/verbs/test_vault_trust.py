"""`tillmark vault trust`: the exchange's key is pinned from the lines of the operator's page, and compared first."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.fingerprint import fingerprint
from device.vault import config as described_by
from device.vault.trusting import NotTrusted, offered, trusting
from device.verbs.vault import command

KEY = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 33))).decode()
LINES = f'terminal = "T77"\n"d-1" = "{KEY}"\n'
SHIPPED = Path(__file__).parents[3] / "systemd" / "vault.toml"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "vault.toml"
    file.write_bytes(SHIPPED.read_bytes())
    file.chmod(0o640)
    return file


def trust(config: Path, text: str, *more: str) -> Result:
    return CliRunner().invoke(command, ["trust", "--config", str(config), *more], input=text)


def test_the_shipped_configuration_believes_the_exchange_once_it_is_told(config: Path) -> None:
    done = trust(config, LINES, "--fingerprint", fingerprint(KEY).lower())
    assert (done.exit_code, done.output) == (0, "pinned d-1; start the cash side again\n")
    table = described_by.read(config).config.vault
    assert (table.terminal, table.authority_keys) == ("T77", {"d-1": KEY})
    assert stat.S_IMODE(config.stat().st_mode) == 0o640
    before, after = SHIPPED.read_text().splitlines(), config.read_text().splitlines()
    gone = [line for line in before if line not in after]
    assert gone[0] == 'terminal = "T1"'
    assert [line.partition(" = ")[0] for line in gone[1:]] == ['"authority-1"']


def test_the_key_before_is_believed_no_more(config: Path) -> None:
    trust(config, LINES, "--fingerprint", fingerprint(KEY))
    trust(config, f'"d-2" = "{OTHER}"', "--fingerprint", fingerprint(OTHER))
    table = described_by.read(config).config.vault
    assert (table.terminal, table.authority_keys) == ("T77", {"d-2": OTHER})


def test_another_fingerprint_pins_nothing(config: Path) -> None:
    before = config.read_bytes()
    done = trust(config, LINES, "--fingerprint", fingerprint(OTHER))
    assert (done.exit_code, config.read_bytes()) == (2, before)
    assert fingerprint(KEY) in done.output


@pytest.mark.parametrize(
    "text",
    ["", "nothing", f'"a" = "{KEY}"\n"b" = "{OTHER}"', '"a" = "c2hvcnQ="', '"a" = "!"', 'terminal = "T1"'],
)
def test_a_text_without_exactly_one_key_is_refused(config: Path, text: str) -> None:
    before = config.read_bytes()
    assert trust(config, text, "--fingerprint", fingerprint(KEY)).exit_code == 2
    assert config.read_bytes() == before


def test_a_configuration_without_the_table_is_left_alone() -> None:
    with pytest.raises(NotTrusted, match="no table"):
        trusting("[vault]\n", offered(LINES))
    with pytest.raises(NotTrusted, match="no line terminal"):
        trusting("[vault]\n[vault.authority_keys]\n", offered(LINES))
    with pytest.raises(NotTrusted, match="no TOML"):
        trusting('[vault\nterminal = "x"\n[vault.authority_keys]\n', offered(LINES))
