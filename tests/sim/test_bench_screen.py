"""``tillmark bench screen`` says its figures, for people and for programs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from sim.verbs.bench_screen import command


def test_the_figures_of_one_size_are_said_for_a_program() -> None:
    result = CliRunner().invoke(command, ["--json", "--size", "800x480", "--rounds", "3"])
    assert result.exit_code == 0, result.output
    row = json.loads(result.output)["sizes"]["800x480"]
    assert set(row) == {"full_ms", "full_p95_ms", "part_ms", "part_p95_ms", "first_frame_ms", "resident_mb"}
    assert row["part_ms"] < row["first_frame_ms"]
    assert 10 < row["resident_mb"] < 160


def test_people_get_a_table() -> None:
    result = CliRunner().invoke(command, ["--size", "1024x600", "--rounds", "2"])
    assert result.exit_code == 0, result.output
    assert "1024x600" in result.output
