"""`tillmark wire decode`: hex from anywhere, both forms of output, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from device.verbs.wire import INPUT_BYTES_MAX, command

RESET = "04 30 02 44 03 71"


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, ["decode", *words], input=stdin)


@pytest.mark.parametrize(
    "words", [RESET.split(), ["043002440371"], ["0x04,0x30,0x02,0x44,0x03,0x71"], ["04:30:02:44:03:71"]]
)
def test_hex_is_read_however_it_is_written(words: list[str]) -> None:
    done = run("lcdm30", *words)
    assert done.exit_code == 0
    assert done.output == "> checked ask command=reset\n"


def test_hex_comes_from_stdin_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "dump").write_text(f"{RESET}\n{RESET}\n")
    assert run("lcdm30", stdin=RESET).output.count("reset") == 1
    assert run("lcdm30", "-", stdin=RESET).output.count("reset") == 1
    assert run("lcdm30", "--file", str(tmp_path / "dump")).output.count("reset") == 2


def test_json_is_one_object_a_message() -> None:
    done = run("f56", "--json", "10 02 00 06 F0 00 02 E1 00 1C 10 03 4C 48")
    assert json.loads(done.output) == {
        "from": "device",
        "hex": "10 02 00 06 f0 00 02 e1 00 1c 10 03 4c 48",
        "verdict": "checked",
        "name": "undefined",
        "content": {"error": "0xe1", "detail": "0x00"},
        "meaning": "not_initialised: The device was not initialised.",
    }
    assert json.loads(run("f56", "--json", "10 05").output)["from"] is None


def test_the_sender_and_the_dialect_can_be_named() -> None:
    assert "reset" in run("id003", "--from", "host", "FC 05 40 2B 15").output
    assert "poll" in run("cctalk", "--crc", "28 00 B6 FE 21").output
    assert run("cctalk", "28 00 B6 FE 21").exit_code == 1


def test_something_spoilt_exits_1_and_says_what() -> None:
    done = run("lcdm30", "04 30 02 44 03 70")
    assert done.exit_code == 1
    assert "broken  broken reason=checksum raw=04 30 02 44 03 70" in done.output
    assert run("lcdm30", stdin="").exit_code == 1


@pytest.mark.parametrize("words", [["0"], ["04 3"], ["zz"], ["--file", "/does/not/exist"]])
def test_what_is_no_hex_exits_2(words: list[str]) -> None:
    done = run("lcdm30", *words)
    assert done.exit_code == 2
    assert "not hex" in done.output


def test_a_dump_has_a_limit(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(b"04" * (INPUT_BYTES_MAX // 2 + 1))
    assert run("lcdm30", "--file", str(tmp_path / "dump")).exit_code == 2


def test_a_protocol_nobody_speaks_is_refused() -> None:
    assert run("morse", "00").exit_code == 2


def test_xfs4iot_is_json_not_hex() -> None:
    text = '{"header":{"name":"Common.Status","type":"command","requestId":1},"payload":{}}'
    assert run("xfs4iot", text).output == "> plain   Common.Status type=command request=1\n"
    assert run("xfs4iot", stdin=text + text).exit_code == 0
    assert run("xfs4iot", "AB CD").exit_code == 1
