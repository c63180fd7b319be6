"""A real process, a real file, a real SIGKILL at each write: what was said to be durable is there afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from sync.journal import Journal
from tests.sync.tickets import a_sale, txn

ROOT = Path(__file__).parents[2]

# Writes one sale; says the number of each commit that returned, unbuffered, as the loop would act on it.
CHILD = """
import os, sys
from pathlib import Path
from sync.journal import Journal
from tests.sync.tickets import a_sale, at, txn
journal = Journal.open(Path(sys.argv[1]), 4096)
for number, (event, answers, effects, closes) in enumerate(a_sale(txn(1))):
    seq = journal.commit(txn(1), at(number), event, answers=answers, effects=effects, closes=closes)
    os.write(1, b"%d " % seq)
journal.checkpoint(1)
journal.close()
"""


def killed_at(call: str, number: int, folder: Path) -> tuple[bool, int]:
    """Run the child with SIGKILL at the `number`-th system call `call`. Whether it died, and its last word."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    Journal.open(folder / "journal.db", 4096).close()
    trace = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}"]
    trace += ["-e", f"inject={call}:signal=SIGKILL:when={number}", "-P", str(folder / "journal.db-wal")]
    child = [sys.executable, "-c", CHILD, str(folder / "journal.db")]
    ran = subprocess.run([*trace, "-P", str(folder / "journal.db"), *child], check=False, cwd=ROOT, capture_output=True)
    assert b"Error" not in ran.stderr, ran.stderr.decode()
    said = ran.stdout.split()
    return ran.returncode != 0, int(said[-1]) if said else 0


def check(folder: Path, said: int) -> int:
    """The diary after the kill holds whole commits, at least all that were told. Returns how many."""
    steps = a_sale(txn(1))
    with closing(Journal.open(folder / "journal.db", 4096)) as journal:
        kept = journal.head[0]
        assert said <= kept <= said + 1  # the commit under way may have made it
        assert journal.verify().sound
        tickets = journal.open_tickets()
        assert len(tickets) == (1 if 0 < kept < len(steps) else 0)
        for ticket in tickets:
            assert [type(event) for _, event in ticket.events] == [type(event) for event, *_ in steps[:kept]]
    return kept


@pytest.mark.privileged
@pytest.mark.parametrize(("call", "step"), [("fdatasync", 1), ("pwrite64", 4)])
def test_a_kill_at_a_write_or_sync_leaves_a_prefix_with_everything_that_was_told(
    tmp_path: Path, call: str, step: int
) -> None:
    """Every sync; every fourth write here, and every single one in the long tier."""
    kept = set()
    for number in range(1, 400, step):
        died, said = killed_at(call, number, tmp_path / "data")
        kept.add(check(tmp_path / "data", said))
        if not died:
            break
    else:
        raise AssertionError("the sale never came to its end")
    assert len(kept) > 3


@pytest.mark.privileged
@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_kill_at_every_write_leaves_a_prefix_with_everything_that_was_told(tmp_path: Path) -> None:
    number, died = 0, True
    while died:
        number += 1
        died, said = killed_at("pwrite64", number, tmp_path / "data")
        check(tmp_path / "data", said)
    assert number > 30
