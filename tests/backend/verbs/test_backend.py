"""`tillmark backend` as a person or a unit file starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from backend.verbs.backend import command
from tests.backend.giftcards.world import batch

ROOT = Path(__file__).parents[3]


def config(folder: Path, text: str = "", **tables: str) -> Path:
    file = folder / "backend.toml"
    both = {"exchange": 'listen = "127.0.0.1:0"', "agency": 'listen = "127.0.0.1:0"'} | tables
    parts = [f'data = "{folder / "data"}"', text, *(f"[{name}]\n{body}" for name, body in both.items())]
    file.write_text("\n".join(parts))
    return file


VENUES = "\n".join(
    f'[[market.venue]]\nname = "v{n}"\nkind = "upbit"\nrest = "http://127.0.0.1:9"\nstream = "ws://127.0.0.1:9"\n'
    'pairs = ["BTC/KRW"]'
    for n in (1, 2)
)


def test_both_servers_start_say_where_they_are_and_end_cleanly(tmp_path: Path) -> None:
    file = config(tmp_path)
    file.write_text(file.read_text() + "\n" + VENUES)
    code = "from backend.verbs.backend import command; command()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--config", str(file), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as started:
        assert started.stdout is not None
        ready = json.loads(started.stdout.readline())
        try:
            assert httpx.get(f"{ready['agency']}/livez").status_code == 200
            told = httpx.get(f"{ready['exchange']}/readyz")
            assert told.status_code == 503
            assert told.json()["BTC/KRW"].startswith("TM-")
        finally:
            started.send_signal(signal.SIGTERM)
        assert started.wait(10) == 0


def test_each_server_runs_alone_and_is_told_where_the_other_one_is(tmp_path: Path) -> None:
    for only, key in (("exchange", "exchange.agency_url"), ("agency", "agency.exchange_url")):
        code, output = run("serve", "--config", str(config(tmp_path)), "--only", only)
        assert code == 2
        assert key in output


def run(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(command, list(arguments))
    return ran.exit_code, ran.output


def test_a_server_without_a_venue_does_not_start_and_says_why(tmp_path: Path) -> None:
    code, output = run("serve", "--config", str(config(tmp_path)))
    assert code == 2
    assert "0 of 2 venues" in output


@pytest.mark.parametrize(
    ("text", "tables", "words"),
    [
        ("currancy = 1", {}, ["currancy", "unknown key"]),
        ("", {"exchange": 'lisen = "x"'}, ["exchange.lisen", "did you mean 'listen'?"]),
        ("", {"exchange": 'listen = "localhost"'}, ["exchange.listen", "not host:port"]),
        ("", {"agency": "commission_bp = 5000"}, ["agency.commission_bp", "outside"]),
        ("", {"exchange": 'currency = "won"'}, ["exchange.currency"]),
        ("config_version = 2", {}, ["config_version"]),
        ("[", {}, ["is not TOML"]),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    tmp_path: Path, text: str, tables: dict[str, str], words: list[str]
) -> None:
    code, output = run("check", "--config", str(config(tmp_path, text, **tables)))
    assert code == 2
    assert all(word in output for word in [*words, "backend.toml"]), output


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    code, output = run("check", "--config", str(tmp_path / "none.toml"))
    assert code == 2
    assert "none.toml" in output


def test_a_taken_port_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        file = config(tmp_path, exchange=f'listen = "127.0.0.1:{port}"')
        code, output = run("serve", "--config", str(file))
    assert code == 2
    assert "exchange.listen" in output
    assert not (tmp_path / "data").exists()


def test_the_first_operator_is_made_on_the_host(tmp_path: Path) -> None:
    file = str(config(tmp_path))
    code, output = run("operator", "add", "boss@example.org", "--config", file)
    assert code == 0, output
    assert run("operator", "add", "Boss@example.org", "--config", file)[1] == output
    assert run("operator", "list", "--config", file)[1].startswith("boss@example.org ")
    assert run("operator", "add", "nobody", "--config", file)[0] == 2


def test_codes_of_gift_cards_are_loaded_once_and_never_printed(tmp_path: Path) -> None:
    file, codes = config(tmp_path), tmp_path / "moon.json"
    codes.write_bytes(batch(3))
    first = CliRunner().invoke(command, ["giftcards", "load", str(codes), "--config", str(file)])
    assert first.exit_code == 0
    assert "loaded 3 codes: moon 10,000 KRW" in first.output
    again = CliRunner().invoke(command, ["giftcards", "load", str(codes), "--config", str(file)])
    assert again.exit_code == 2
    assert "TM-GIFT-007" in again.output
    assert "MOON-" not in first.output + again.output
    assert (tmp_path / "data" / "giftcards.key").stat().st_mode & 0o077 == 0
