"""`tillmark bench journal` measures what it says, in small here."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from sim.verbs.bench_journal import command


def test_the_bench_tells_all_its_figures(tmp_path: Path) -> None:
    words = ["--records", "600", "--synced", "20", "--folder", str(tmp_path)]
    figures = json.loads(CliRunner().invoke(command, [*words, "--json"]).output)
    assert figures["recovered_records"] == 600
    assert figures["recovered_tickets"] == 1
    assert figures["recovery_s"] < 30
    for name in ("commit_full", "commit_normal", "raw_sqlite_full", "raw_sqlite_normal"):
        assert figures[f"{name}_per_s"] > 0
    assert "verify_records_s" in CliRunner().invoke(command, words).output
    assert list(tmp_path.iterdir()) == []
