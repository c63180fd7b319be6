"""Every byte a power cut may leave of the device's own stores, and what the product makes of it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.cash_report import Act
from device.vault.ledger import OUTSIDE, Entry, cassette
from device.vault.records import Acknowledged, Attended, Record, Reported
from sim.bench import torn
from sim.bench.crash import Cut, Life
from sim.bench.crashes import Space, Told, copied, enumerated, sweep
from sim.bench.crashes_files import Commit, Files, FilesBook, FilesDisk, journal_on
from sim.bench.crashes_scenarios import SCENARIOS, STORES, CutAt, Ran, Scenario, run
from sim.bench.fate import Stroke
from sim.bench.planted import PLANTED
from sync.journal import Journal
from tests.device.vault.room import txn
from tests.sync.tickets import txn as ticket
from tests.sync.tickets import write_sale

BEGUN = Attended(txn(7), Act.LOADED, ("Kim",), (), (Entry(10_000, OUTSIDE, cassette(1), 5),))
BOOK: tuple[tuple[tuple[Record, ...], bool], ...] = (
    ((BEGUN, Reported(txn(1), 1, "cr1.k.1.s")), True),
    ((Acknowledged(1),), False),
    ((Reported(txn(2), 2, "cr1.k.2.s"),), True),
)


class Never:
    """A knife that rests; or cuts at one commit."""

    def __init__(self, at: int = 0, left: Files | None = None) -> None:
        self.at, self._left, self._count = at, left, 0

    def commit(self, store: str) -> Stroke:
        self._count += 1
        return Stroke.CUT_AFTER if self._count == self.at else Stroke.NONE

    def left(self, store: str) -> Files | None:
        return self._left


class Room:
    def keep(self) -> bool:
        return True

    def give_up(self) -> bool:
        return False


def write_book(folder: Path, knife: Never) -> FilesBook:
    book = FilesBook(folder, knife)
    book.load()
    for records, durable in BOOK:
        book.append(records, durable=durable)
    return book


def journal_of(disk: FilesDisk, life: Life) -> Journal:
    base: Any = sqlite3.connect("", factory=disk.kind(life), isolation_level=None)
    return Journal.on(base, -1, Room())


def written_by_book(folder: Path) -> list[Commit]:
    book = write_book(folder, Never())
    book.let_go()
    return book.disk.recorded


def written_by_journal(folder: Path) -> list[Commit]:
    disk = FilesDisk("journal", folder, None, Never(), "journal.db", journal_on)
    write_sale(journal_of(disk, Life("runtime", 1)), ticket(1))
    disk.let_go()
    return disk.recorded


ALONE: dict[str, Callable[[Path], list[Commit]]] = {"book": written_by_book, "journal": written_by_journal}


@pytest.fixture(params=ALONE)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Commit]]:
    yield ALONE[request.param](tmp_path)
    assert not list(tmp_path.glob("*-[0-9]*")), "what was opened is let go"


def test_every_torn_commit_of_the_real_stores_is_whole_or_never_was(recorded: list[Commit], tmp_path: Path) -> None:
    images = computed = 0
    for commit in recorded:
        written = commit.written
        variants = list(torn.variants(written))
        images += len(variants)
        computed += torn.space(len(written.bounds) - 1)
        whole = {torn.content(written.database, log, tmp_path) for log in (written.before, written.after)}
        assert len(whole) == 2
        assert {torn.content(written.database, log, tmp_path) for log in {one.log for one in variants}} == whole
    assert len(recorded) in (3, 9)
    assert images == computed > 100


def test_a_vault_that_was_cut_finds_what_the_disk_was_left_with(tmp_path: Path) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    commits = written_by_book(tmp_path / "first")
    torn_log = commits[2].written.after[:-1]
    book = FilesBook(tmp_path / "second", Never(3, Files(commits[2].written.database, torn_log)))
    book.load()
    book.append(BOOK[0][0], durable=True)
    book.append(BOOK[1][0], durable=False)
    assert book.unsynced == 1
    with pytest.raises(Cut):
        book.append(BOOK[2][0], durable=True)
    book.died(power=True)
    book.life = Life("vault", 2)
    assert book.load().number == 1
    book.let_go()


def test_a_power_cut_without_luck_takes_what_was_never_synced(tmp_path: Path) -> None:
    book = FilesBook(tmp_path, Never())
    book.disk.unlucky = True
    book.load()
    book.append(BOOK[0][0], durable=True)
    book.append(BOOK[1][0], durable=False)
    book.died(power=True)
    assert book.load().waiting == (1,)
    book.let_go()


# -- withdrawals ---------------------------------------------------------------------------------------

BY_NAME = {one.name: one for one in SCENARIOS}
# Cut a second time as well: a minute each. What the others do after a cut, one of these does.
TWICE = frozenset({"ok_lcdm30", "partial_lcdm50", "jam_lcdm30", "jam_lcdm50", "retract_xfs4iot"})


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A directory whose files cost nothing, if this machine has one."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def assert_sound(all_told: list[Told]) -> None:
    for told in all_told:
        print(told)
        assert told.images == told.computed
        assert not told.broken, "\n".join(map(str, told.broken[:5]))


@pytest.fixture(scope="module", params=["ok_lcdm30", "partial_lcdm50", "jam_lcdm30", "retract_xfs4iot"])
def uncut(request: pytest.FixtureRequest, memory: Path) -> tuple[Scenario, Ran]:
    scenario = BY_NAME[request.param]
    return scenario, run(scenario, memory)


# The fast tier cuts at some commits of each store, the full tier at all of them and twice.
@pytest.mark.parametrize(("store", "each"), [("book", 2), ("journal", 12), ("exchange", 4)])
def test_a_withdrawal_that_is_cut_anywhere_ends_as_the_notes_really_lie(
    uncut: tuple[Scenario, Ran], store: str, each: int, memory: Path
) -> None:
    scenario, first = uncut
    told = Space(scenario, store, memory, first, each).enumerate(second=False)
    assert_sound([told])
    assert told.recoveries >= told.contents > 0


def test_a_recovery_that_is_cut_again_recovers(memory: Path) -> None:
    scenario = BY_NAME["jam_lcdm50"]
    told = Space(scenario, "book", memory, run(scenario, memory), each=6).enumerate(second=True)
    assert_sound([told])
    assert told.second > 0


def test_a_start_that_dies_while_it_copies_its_log_back_finds_everything(
    uncut: tuple[Scenario, Ran], memory: Path
) -> None:
    _, first = uncut
    for store in STORES:
        places = list(copied(first.commits[store][-1], memory))
        assert all(places)
        assert len(places) > 10


@pytest.mark.parametrize("name", ["ok_lcdm30", "ok_lcdm50", "ok_xfs4iot"])
def test_a_withdrawal_asks_the_disk_for_at_most_four_and_three_syncs(name: str, memory: Path) -> None:
    """Counted on the real files; what the loop and the vault say of themselves is tried where they are."""
    commits = run(BY_NAME[name], memory).commits
    synced = {store: sum(one.durable for one in commits[store]) for store in ("journal", "book")}
    print(name, synced)
    assert synced["journal"] <= 4
    assert synced["book"] <= 3


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", BY_NAME)
def test_the_whole_space_of_a_withdrawal_holds_nothing_wrong(name: str, memory: Path) -> None:
    assert_sound(enumerated(BY_NAME[name], memory, second=name in TWICE))


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.parametrize("store", STORES)
def test_a_store_cut_at_every_sixteenth_byte_holds_whole_commits_only(store: str, memory: Path) -> None:
    commits = run(BY_NAME["ok_lcdm30"], memory).commits[store]
    images, wrong = sweep(commits, memory)
    print(store, images)
    assert images == sum(len(torn.swept(one.written)) for one in commits) * len(torn.FILLS)
    assert wrong == 0


def test_a_vault_that_forgets_an_open_movement_is_found_out(memory: Path) -> None:
    """The enumeration itself is tried."""
    first = run(BY_NAME["ok_lcdm30"], memory)
    with PLANTED["move_forgotten"]():
        told = Space(BY_NAME["ok_lcdm30"], "book", memory, first).enumerate(second=False)
    assert {broken.words.partition(":")[0] for broken in told.broken} == {"I1"}


def test_a_disk_that_loses_what_it_said_was_synced_is_found_out(memory: Path) -> None:
    """An order to pay that is gone from the disk although it was synced."""
    scenario = BY_NAME["ok_lcdm30"]
    commits = run(scenario, memory).commits["book"]
    ordered = next(one for one in commits if one.durable)
    later = commits[commits.index(ordered) + 1]
    ran = run(scenario, memory, (CutAt("book", later.number, power=True, left=ordered.before),))
    assert ran.made == 1
    assert ran.violation


# -- what was found once -------------------------------------------------------------------------------


@pytest.mark.parametrize("power", [False, True], ids=["killed", "without power"])
def test_stacked_notes_put_aside_between_two_cuts_are_looked_for_in_the_reject_bin(power: bool, memory: Path) -> None:
    """The result of paying is lost, the notes are put aside after the start, and that result is lost as well: the cash
    ledger said "still inside, or in the retract bin" of notes that lay in the reject bin."""
    scenario = BY_NAME["retract_xfs4iot"]
    landed = run(scenario, memory).commits["book"][2]
    first = CutAt("book", landed.number, power, landed.before)
    again = run(scenario, memory, (first,))
    aside = [one for one in again.commits["book"] if one.number > landed.number][1]
    ran = run(scenario, memory, (first, CutAt("book", aside.number, power, aside.before)))
    assert ran.made == 2
    assert ran.violation == ""
