"""The bench of settlements measures real settlements and leaves books in order."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from sim.verbs.bench_settle import command


def test_the_bench_gives_figures_for_settlements_in_two_acts_and_one_beside_plain_inserts(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        command, ["--count", "60", "--members", "40", "--folder", str(tmp_path), "--no-http", "--json"]
    )
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.output)
    assert said["books_in_order"]
    assert {row["what"] for row in said["figures"]} == {"settlements", "in one act", "raw inserts"}
    assert all(row["per_s"] > 0 and row["p99_ms"] >= row["p50_ms"] for row in said["figures"])
    assert list(tmp_path.iterdir()) == []


def test_people_get_a_table() -> None:
    ran = CliRunner().invoke(command, ["--count", "50", "--members", "10", "--unsealed", "--no-http"])
    assert ran.exit_code == 0, ran.output
    assert "books in order" in ran.output
