"""The configuration: strict, overridable, and its verbs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.settings import BadSetting
from device.checked import checked
from device.config import read_config
from device.fault_pages import fault_pages
from device.verbs.config import command

GOOD = """
config_version = 1
mode = "seller"
data_dir = "/var/lib/tillmark"
[exchange]
url = "https://exchange.example"
[screen]
mode = "headless"
[devices.printer]
driver = "printer_escpos"
port = "socket://127.0.0.1:9100"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "till.toml"
    path.write_text(GOOD)
    return path


def test_a_good_file_is_accepted_and_shown_whole(file: Path) -> None:
    run = CliRunner().invoke(command, ["check", str(file)])
    assert run.exit_code == 0, run.output
    shown = json.loads(CliRunner().invoke(command, ["effective", str(file)]).output)
    assert shown["devices"]["printer"]["driver"] == "printer_escpos"
    assert shown["screen"]["mode"] == "headless"
    assert shown["lang"] == "en"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('mode = "seller"', 'mode = "sellar"', "mode: 'sellar' is not possible (one of: seller, atm)"),
        ('mode = "seller"', 'mode = "atm"', "vault.socket: is missing (the socket of the cash side"),
        ("data_dir", "data_dirr", "data_dirr: unknown key (did you mean 'data_dir'?)"),
        ("url =", "ulr =", "exchange.ulr: unknown key (did you mean 'url'?)"),
        ("https://exchange.example", "http://exchange.example", "exchange: url must be https"),
        ('driver = "printer_escpos"', 'driver = "printer_x"', "devices.printer.driver: there is no driver"),
        ('driver = "printer_escpos"\n', "", "devices.printer.driver: is missing"),
        ("port =", "prot =", "devices.printer.prot: unknown key (did you mean 'port'?)"),
        ("config_version = 1", "config_version = 9", "config_version: 9 is outside 1-1"),
        ('"headless"', "5", "screen.mode: must be text"),
        ("[exchange]", "[exchange", "(file): is not TOML"),
        ('mode = "seller"', 'mode = "seller"\nlang = "fr"', "lang 'fr' is not one of en, ko"),
    ],
)
def test_a_typing_error_names_file_key_and_remedy(file: Path, old: str, new: str, words: str) -> None:
    file.write_text(GOOD.replace(old, new, 1))
    run = CliRunner().invoke(command, ["check", str(file)])
    assert run.exit_code == 2
    assert words in run.output
    assert str(file) in run.output
    assert "TM-DEV-002" in run.output


def test_the_environment_overrides_one_value(file: Path) -> None:
    config = read_config(file, {"TILLMARK__EXCHANGE__URL": "https://other.example", "HOME": "/root"})
    assert config.exchange.url == "https://other.example"
    with pytest.raises(BadSetting, match="not a table"):
        read_config(file, {"TILLMARK__MODE__X": "1"})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        checked(tmp_path / "none.toml", {})


def test_two_files_are_compared_setting_by_setting(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "new.toml"
    other.write_text(GOOD.replace("9100", "9101"))
    assert CliRunner().invoke(command, ["diff", str(file), str(file)]).exit_code == 0
    run = CliRunner().invoke(command, ["diff", str(file), str(other)])
    assert run.exit_code == 1
    assert "devices.printer.port: socket://127.0.0.1:9100 -> socket://127.0.0.1:9101" in run.output


@pytest.mark.whole
def test_the_fault_document_is_what_the_catalogue_says() -> None:
    document = Path(__file__).parents[2] / "docs" / "faults.md"
    assert document.read_text("utf-8") == fault_pages(), "write it anew: tillmark doctor --faults > docs/faults.md"
