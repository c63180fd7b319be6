"""`tillmark cassette` against the real vault in a process of its own, and a dispenser at the end of a real cable."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from backend.http.keys import server_key
from backend.withdraw import desk as withdraw
from core.grant import GRANT, Grant, Right
from core.messages import TerminalGrant
from core.sealed import seal
from device.verbs.cassette import REFUSED, SILENT, WRONG, command
from sim.cash_machine import CashMachine
from sim.peers.cash_box import Spot


@dataclass
class Site:
    """A machine with a running vault, the people and their grants."""

    cash: CashMachine
    signer: withdraw.AuthorityKey
    folder: Path

    def run(self, *words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(command, [words[0], "--config", str(self.cash.config), *words[1:]], input=stdin)

    def shown(self) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.run("show", "--json").stdout)
        return told

    def grant(self, person: str = "Kim", *rights: Right) -> str:
        """A file with a grant for a fresh challenge, as the operator's page seals it."""
        challenge = json.loads(self.run("challenge", "--json").stdout)["challenge"]
        said = Grant("T1", str(self.shown()["vault"]), person, rights or tuple(Right), challenge, 3_600_000)
        file = self.folder / f"{person}.grant"
        file.write_text(seal(GRANT, said, self.signer))
        return str(file)

    def count_in(self, *figures: int) -> str:
        """What a person types: two cassettes, then two faces in the reject bin and on the path."""
        return "".join(f"{one}\n" for one in figures)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("atm")
    (folder / "servers").mkdir()
    signer = withdraw.AuthorityKey(server_key(folder / "servers" / "authority.key", "d"))
    cash = CashMachine(folder, "lcdm50")
    try:
        cash.plug_in()
        cash.start(TerminalGrant("T1", "Shop", "", "", "", "KRW", 0, 540, "", signer.public, signer.key_id))
        cash.wait_known()
        yield Site(cash, signer, folder)
    finally:
        cash.close()


@pytest.fixture
def site(machine: Site) -> Site:
    """With empty cassettes in world and book, whatever the test before has left."""
    for spot in (Spot.CASSETTE, Spot.REJECT, Spot.PATH):
        machine.cash.do(lambda peer, now_ms, spot=spot: peer.box.remove(spot))  # type: ignore[misc]
    counted = [
        machine.run(
            "count", "--yes", "--grant", machine.grant(name), "--second", machine.grant(other), stdin="0\n" * 12
        )
        for name, other in (("Kim", "Lee"),)
    ]
    assert counted[0].exit_code == 0, counted[0].output
    return machine


def fill(site: Site, *counts: int) -> None:
    lines = []
    for place, notes in enumerate(counts, 1):
        face = site.cash.model.notes[place][0]
        site.cash.do(lambda peer, now_ms, place=place, face=face, notes=notes: peer.box.load(place, face, notes))  # type: ignore[misc]
        lines.append(f"{place}={notes}")
    done = site.run("load", *lines, "--yes", "--grant", site.grant())
    assert done.exit_code == 0, done.output


def rows(site: Site, kind: str) -> dict[tuple[str, str], tuple[object, object, object]]:
    found = site.shown()[kind]
    assert isinstance(found, list)
    return {(row["place"], row["face"]): (row["low"], row["high"], row["known"]) for row in found}


def test_loading_says_what_will_be_booked_and_books_it_after_a_yes(site: Site) -> None:
    asked = site.run("load", "1=20", "2=5", "--grant", site.grant(), stdin="n\n")
    assert asked.exit_code == 1
    assert "450,000 KRW" in asked.output
    assert rows(site, "cassettes")["cassette:1", "10000"][0] == 0
    done = site.run("load", "1=20", "2=5", "--grant", site.grant(), stdin="y\n")
    assert done.exit_code == 0
    assert "booked as report" in done.output
    assert rows(site, "cassettes") == {
        ("cassette:1", "10000"): (20, 20, "exact"),
        ("cassette:2", "50000"): (5, 5, "exact"),
    }


def test_a_grant_is_read_from_stdin_and_never_told_back(site: Site) -> None:
    text = Path(site.grant()).read_text()
    done = site.run("load", "1=1", "--grant", "-", stdin=f"{text}\ny\n")
    assert done.exit_code == 0
    assert text not in done.output
    cut = site.run("load", "1=1", "--grant", "-", stdin=f"{text[:-60]} \ny\n")
    assert cut.exit_code == REFUSED
    assert "cg1" not in cut.stdout


def test_show_is_a_table_with_what_is_known(site: Site) -> None:
    fill(site, 20, 5)
    table = site.run("show").output
    assert "cassette:1" in table
    assert "exact" in table
    assert "bins and path: empty by the book" in table
    assert "suspended: no" in table


def test_a_challenge_says_where_it_is_typed(site: Site) -> None:
    said = site.run("challenge").output
    assert "challenge" in said
    assert "operator page" in said
    device = site.folder / "till.toml"
    device.write_text(f'[exchange]\nurl = "https://exchange.example/"\n[vault]\nsocket = "{site.cash.socket}"\n')
    told = CliRunner().invoke(command, ["challenge", "--config", str(device)])
    assert "https://exchange.example/operator/machines" in told.output


def test_a_test_note_goes_into_the_reject_bin_and_nothing_reaches_the_exit(site: Site) -> None:
    fill(site, 20, 5)
    done = site.run("test", "--yes", "--grant", site.grant())
    assert done.exit_code == 0, done.output
    census = site.cash.census()
    assert census.get((Spot.REJECT, 10_000), 0) == census.get((Spot.REJECT, 50_000), 0) == 1
    assert not any(spot in (Spot.EXIT, Spot.TAKEN) for spot, _ in census)
    assert rows(site, "bins")["reject", "10000"] == (1, 1, "exact")


def test_two_persons_who_agree_end_a_count_and_only_then_see_the_book(site: Site) -> None:
    fill(site, 20, 5)
    figures = site.count_in(20, 5, 0, 0, 0, 0)
    done = site.run(
        "count", "--yes", "--grant", site.grant("Kim"), "--second", site.grant("Lee"), stdin=figures + figures
    )
    assert done.exit_code == 0, done.output
    before, _, after = done.output.partition("Lee counts, alone")
    assert "450,000" not in before
    assert "by the book" in after
    assert "450,000 KRW" in after


def test_counts_that_differ_are_both_made_again_and_neither_is_told_by_how_much(site: Site) -> None:
    fill(site, 20, 5)
    right, slip = site.count_in(20, 5, 0, 0, 0, 0), site.count_in(19, 5, 0, 0, 0, 0)
    done = site.run(
        "count", "--yes", "--grant", site.grant("Kim"), "--second", site.grant("Lee"), stdin=right + slip + right * 2
    )
    assert done.exit_code == 0, done.output
    assert done.output.count("Kim counts, alone") == 2
    assert "TM-VAULT-013" in done.output


def test_three_rounds_without_agreement_are_the_end(site: Site) -> None:
    fill(site, 20, 5)
    right, slip = site.count_in(20, 5, 0, 0, 0, 0), site.count_in(19, 5, 0, 0, 0, 0)
    done = site.run(
        "count", "--yes", "--grant", site.grant("Kim"), "--second", site.grant("Lee"), stdin=(right + slip) * 3
    )
    assert done.exit_code == REFUSED
    assert "TM-SVC-007" in done.output


def test_one_person_cannot_be_both(site: Site) -> None:
    fill(site, 20, 5)
    figures = site.count_in(20, 5, 0, 0, 0, 0)
    kim = site.grant("Kim")
    done = site.run("count", "--yes", "--grant", kim, "--second", kim, stdin=figures * 2)
    assert done.exit_code == REFUSED
    assert "TM-VAULT-012" in done.output
    rest = site.run("count", "--yes", "--grant", site.grant("Lee"), stdin=figures)
    assert rest.exit_code == 0, "the first count stands, and another person ends it"


def test_closing_a_round_counts_empties_the_bins_and_prints_a_slip(site: Site) -> None:
    fill(site, 20, 5)
    assert site.run("test", "1", "--yes", "--grant", site.grant()).exit_code == 0
    figures = site.count_in(19, 5, 1, 0, 0, 0)
    out = site.folder / "slip.txt"
    kim, lee = site.grant("Kim", Right.COUNT, Right.LOAD), site.grant("Lee", Right.COUNT)
    done = site.run("close", "--yes", "--grant", kim, "--second", lee, "--out", str(out), stdin=figures * 2)
    assert done.exit_code == 0, done.output
    slip = out.read_text()
    assert "persons    Kim, Lee" in slip
    assert "nobody can explain                   0 KRW" in slip
    assert "taken out of the bins" in slip
    assert all(len(line) <= 42 for line in slip.splitlines() if not line.startswith("settled"))
    assert rows(site, "bins") == {}


def test_a_round_is_not_begun_without_the_right_to_empty_the_bins(site: Site) -> None:
    kim, lee = site.grant("Kim", Right.COUNT), site.grant("Lee", Right.COUNT)
    done = site.run("close", "--yes", "--grant", kim, "--second", lee)
    assert done.exit_code == REFUSED
    assert "TM-SVC-004" in done.output
    assert "'load'" in done.output


def test_what_is_not_certain_to_be_there_cannot_be_removed(site: Site) -> None:
    fill(site, 20, 5)
    done = site.run("remove", "1=21", "--yes", "--grant", site.grant())
    assert done.exit_code == REFUSED
    assert "TM-VAULT-021" in done.output
    assert site.run("remove", "1=20", "--yes", "--grant", site.grant()).exit_code == 0
    assert rows(site, "cassettes")["cassette:1", "10000"][0] == 0


def test_the_path_is_cleared(site: Site) -> None:
    fill(site, 20, 5)
    done = site.run("clear", "--yes", "--grant", site.grant())
    assert done.exit_code == 0, done.output
    assert "booked as report" in done.output


def test_lines_that_cannot_be_meant_are_refused_before_anything_is_asked(site: Site) -> None:
    for line in ("3=1", "1=0", "1=99999", "one=1", "reject:777=1", "1=1 1=2", "exit:10000=1"):
        done = site.run("load", *line.split(), "--yes", "--grant", "/nowhere")
        assert done.exit_code == REFUSED, line
        assert "TM-SVC-002" in done.output


def test_a_cassette_that_is_not_there_cannot_be_tested(site: Site) -> None:
    assert "TM-SVC-002" in site.run("test", "7", "--yes", "--grant", site.grant()).output


def test_grants_of_another_kind_are_refused_by_name(site: Site) -> None:
    assert "TM-SVC-001" in site.run("clear", "--yes", "--grant", "/nowhere").output
    short = site.run("clear", "--yes", "--grant", site.grant("Kim", Right.LOAD))
    assert short.exit_code == REFUSED
    assert "TM-SVC-004" in short.output
    forged = site.folder / "forged"
    text = Path(site.grant()).read_text()
    forged.write_text(text[:-4] + ("AAAA" if not text.endswith("AAAA") else "BBBB"))
    assert "TM-VAULT-009" in site.run("clear", "--yes", "--grant", str(forged)).output


def test_a_configuration_without_a_cash_side_and_a_silent_one_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text("[vault]\n")
    assert CliRunner().invoke(command, ["show", "--config", str(file)]).exit_code == WRONG
    file.write_text("[vault\n")
    assert CliRunner().invoke(command, ["show", "--config", str(file)]).exit_code == WRONG
    assert CliRunner().invoke(command, ["show", "--config", str(tmp_path / "none")]).exit_code == WRONG
    file.write_text(f'[vault]\nsocket = "{tmp_path / "vault.sock"}"\n')
    silent = CliRunner().invoke(command, ["show", "--config", str(file)])
    assert silent.exit_code == SILENT
    assert "TM-ATM-001" in silent.output


def test_pins_are_read_from_a_paired_terminal_only(tmp_path: Path) -> None:
    file = tmp_path / "till.toml"
    for text in ("", "x", f'data_dir = "{tmp_path}"\n'):
        file.write_text(text)
        said = CliRunner().invoke(command, ["pins", "--config", str(file)])
        assert said.exit_code == WRONG
        assert "TM-DEV-002" in said.output
    sqlite3.connect(tmp_path / "journal.db").close()
    assert "pair the terminal first" in CliRunner().invoke(command, ["pins", "--config", str(file)]).output
    assert CliRunner().invoke(command, ["pins", "--config", str(tmp_path / "none")]).exit_code == WRONG


def test_what_was_booked_outlives_a_vault_that_is_killed(site: Site) -> None:
    fill(site, 20, 5)
    site.cash.kill()
    silent = site.run("show")
    assert silent.exit_code == SILENT
    site.cash.run()
    site.cash.wait_known()
    deadline = time.monotonic() + 10
    while (done := site.run("show")).exit_code and time.monotonic() < deadline:
        time.sleep(0.05)
    assert done.exit_code == 0
    assert rows(site, "cassettes")["cassette:1", "10000"] == (20, 20, "exact")


def test_every_command_on_the_technicians_page_is_understood() -> None:
    page = (Path(__file__).parents[3] / "docs" / "technician.md").read_text("utf-8")
    found = {" ".join(text.split()) for text in re.findall(r"`tillmark cassette ([^`]+)`", page)}
    assert {text.split()[0] for text in found} == set(command.commands)
    for text in found:
        name, *words = text.split()
        command.commands[name].make_context(name, words)  # raises for what it does not know


def test_every_code_on_the_technicians_page_has_a_page_of_its_own() -> None:
    docs = Path(__file__).parents[3] / "docs"
    pages = set(re.findall(r"^## (TM-\S+)", (docs / "faults.md").read_text("utf-8"), re.MULTILINE))
    named = re.findall(r"\[(TM-[A-Z]+-\d+)\]\(faults\.md#(\S+)\)", (docs / "technician.md").read_text("utf-8"))
    assert len(named) > 10
    assert all(code in pages and anchor == code.lower() for code, anchor in named)
