"""The diary: what a commit holds, what comes back after a restart, and what it refuses."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from core.effects import AskQuote, PrintReceipt
from core.events import Captured, Identified, Pressed, Restarted, Reversed, TicketOpened
from sync.journal import (
    Journal,
    JournalBroken,
    JournalContradiction,
    JournalDamaged,
    JournalFull,
    JournalInUse,
)
from sync.journal_file import _named as named
from tests.sync.tickets import (
    CODE,
    TERMS,
    a_sale,
    ask_quote,
    at,
    authorise,
    complete,
    identify,
    opened,
    receipt,
    refund,
    reverse,
    scanned,
    tap,
    txn,
    write_sale,
)

SMALL = 64 * 1024  # a reserve big enough to be real, small enough for a test


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal.open(path, SMALL)) as opened_:
        yield opened_


@contextmanager
def no_room(journal: Journal) -> Iterator[None]:
    """The database may not grow by a single page: what ENOSPC looks like from above, without filling a disk."""
    pages = journal._base.execute("PRAGMA page_count").fetchone()[0]
    journal._base.execute(f"PRAGMA max_page_count={pages}")
    yield
    journal._base.execute("PRAGMA max_page_count=1000000")


@contextmanager
def failing_disk() -> Iterator[None]:
    """Every write beyond the first byte of a file fails, as on a worn-out card."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_a_whole_sale_leaves_nothing_open_and_nothing_owed(journal: Journal) -> None:
    write_sale(journal, txn(1))
    assert (journal.open_tickets(), journal.owed()) == ((), ())
    assert journal.verify().sound


def test_a_sale_costs_four_syncs(journal: Journal) -> None:
    before = journal.fsyncs
    write_sale(journal, txn(1))
    assert journal.fsyncs - before == 4  # authorise, complete, print, close


@pytest.mark.parametrize("commits", range(1, 9))
def test_after_a_restart_the_open_ticket_has_its_events_and_what_was_ordered(path: Path, commits: int) -> None:
    steps = a_sale(txn(1))
    with closing(Journal.open(path, SMALL)) as journal:
        write_sale(journal, txn(1), commits)
    with closing(Journal.open(path, SMALL)) as journal:
        (ticket,) = journal.open_tickets()
    assert ticket.txn == txn(1)
    assert [type(event) for _, event in ticket.events] == [type(event) for event, *_ in steps[:commits]]
    assert [moment for moment, _ in ticket.events] == [at(number) for number in range(commits)]
    answered = {answers for _, answers, _, _ in steps[:commits]}
    orders = [effect.key for _, _, effects, _ in steps[:commits] for effect in effects]
    assert [effect.key for effect in ticket.undone] == [key for key in orders if key not in answered]


def test_an_old_ticket_left_open_comes_back_beside_what_ended_after_it(path: Path) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        write_sale(journal, txn(1), 5)
        write_sale(journal, txn(2))
        write_sale(journal, txn(3), 6)
    with closing(Journal.open(path, SMALL)) as journal:
        assert [(one.txn, len(one.events)) for one in journal.open_tickets()] == [(txn(1), 5), (txn(3), 6)]
        assert [one.undone for one in journal.open_tickets()] == [(authorise(txn(1)),), (complete(txn(3)),)]


def test_the_personal_code_is_nowhere_in_the_files(path: Path) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        write_sale(journal, txn(1), 4)
        journal.commit(txn(2), at(0), opened(txn(2)))
        journal.commit(txn(2), at(1), Pressed("tap"), effects=(tap(txn(2)),))
        files = [file.read_bytes() for file in path.parent.iterdir()]
    for file in files:
        assert CODE.encode() not in file
        assert b"123456789" not in file
        assert b"ab" * 16 not in file


@pytest.mark.parametrize("secret", [identify, tap])
def test_an_order_whose_secret_is_lost_is_named(path: Path, secret: object) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        journal.commit(txn(1), at(0), opened(txn(1)))
        journal.commit(txn(1), at(1), scanned(), effects=(secret(txn(1)),))  # type: ignore[operator]
    with closing(Journal.open(path, SMALL)) as journal:
        (ticket,) = journal.open_tickets()
        lost = ticket.masked
        journal.commit(txn(1), at(2), Restarted(tuple(lost)), answers=identify(txn(1)).key)
        (ticket,) = journal.open_tickets()
    assert lost == {identify(txn(1)).key}
    assert (ticket.undone, ticket.masked) == ((), frozenset())


def test_a_left_ticket_still_owes_its_reversal_and_nothing_else(path: Path) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        journal.commit(txn(1), at(0), opened(txn(1)), effects=(ask_quote(txn(1)), authorise(txn(1))))
        journal.commit(txn(1), at(1), Pressed("leave"), effects=(reverse(txn(1)), receipt(txn(1))), closes="left")
        assert journal.owed() == (reverse(txn(1)),)
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.open_tickets() == ()
        assert journal.owed() == (reverse(txn(1)),)
        assert journal.owed_since() == at(1)
        journal.done(reverse(txn(1)).key, at(2))
        assert (journal.owed(), journal.owed_since()) == ((), None)
        assert journal.verify().sound


def test_an_owed_effect_is_done_once_and_its_answer_is_kept(path: Path) -> None:
    answer = Reversed(reverse(txn(1)).key)
    with closing(Journal.open(path, SMALL)) as journal:
        journal.commit(txn(1), at(0), opened(txn(1)), effects=(reverse(txn(1)), refund(txn(1))), closes="left")
        journal.done(answer.answers, at(1), answer)
        journal.done(answer.answers, at(2), answer)
        assert journal.owed() == (refund(txn(1)),)
        journal.done(refund(txn(1)).key, at(3))
        assert journal.owed() == ()
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.owed() == ()
        assert [(moment, event) for _, _, moment, event in journal.events((Reversed,))] == [(at(1), answer)]
        assert journal.verify().sound


def test_a_late_answer_marks_a_print_of_an_ended_ticket_as_done(journal: Journal) -> None:
    journal.commit(txn(1), at(0), opened(txn(1)), effects=(receipt(txn(1)),), closes="settled")
    assert [done for _, _, done in journal.effects((PrintReceipt,), 5)] == [False]
    journal.done(receipt(txn(1)).key, at(1))
    assert [done for _, _, done in journal.effects((PrintReceipt,), 5)] == [True]
    assert journal.verify().sound


def test_an_effect_of_an_open_ticket_can_be_done_without_an_event(journal: Journal) -> None:
    journal.commit(txn(1), at(0), opened(txn(1)), effects=(complete(txn(1)),))
    journal.done(complete(txn(1)).key, at(1))
    (ticket,) = journal.open_tickets()
    assert (len(ticket.events), ticket.undone) == (1, ())


def test_reprints_find_the_newest_receipts_first(journal: Journal) -> None:
    for number in (1, 2, 3):
        write_sale(journal, txn(number))
    found = journal.effects((PrintReceipt,), 2)
    assert found == ((txn(3), receipt(txn(3)), True), (txn(2), receipt(txn(2)), True))
    assert [type(effect) for _, effect, _ in journal.effects((AskQuote, PrintReceipt), 4)] == [
        PrintReceipt,
        AskQuote,
        PrintReceipt,
        AskQuote,
    ]


def test_events_can_be_read_from_a_place_on(journal: Journal) -> None:
    write_sale(journal, txn(1))
    write_sale(journal, txn(2))
    every = list(journal.events((Captured, TicketOpened)))
    assert [(id_, type(event)) for _, id_, _, event in every] == [
        (txn(1), TicketOpened),
        (txn(1), Captured),
        (txn(2), TicketOpened),
        (txn(2), Captured),
    ]
    assert list(journal.events((Captured,), every[1][0])) == every[3:]
    assert list(journal.events((Identified,), journal.head[0])) == []


def test_the_running_number_goes_on_after_a_restart_and_reaches_the_disk_with_a_commit(path: Path) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        assert (journal.next_stan(), journal.next_stan()) == (1, 2)
        journal.commit(txn(1), at(0), opened(txn(1), 2))
        assert journal.next_stan() == 3  # never written, so never sent
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.next_stan() == 3


def test_a_note_survives_and_its_newest_value_counts(path: Path) -> None:
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.noted("grant") == ""
        before = journal.fsyncs
        journal.note("grant", "one")
        journal.note("grant", "둘 \ud800")  # whatever a far side may have sent
        assert journal.fsyncs - before == 2
    with closing(Journal.open(path, SMALL)) as journal:
        assert journal.noted("grant") == "둘 \ud800"
        assert journal.verify().sound


# -- refusals -----------------------------------------------------------------------------------------


def test_the_same_order_twice_is_one_order_but_another_content_is_refused(journal: Journal) -> None:
    journal.commit(txn(1), at(0), opened(txn(1)), effects=(ask_quote(txn(1)), ask_quote(txn(1))))
    journal.commit(txn(1), at(1), Pressed("again"), effects=(ask_quote(txn(1)),))
    other = AskQuote(ask_quote(txn(1)).key, txn(1), "p-2", ask_quote(txn(1)).price)
    with pytest.raises(JournalContradiction):
        journal.commit(txn(1), at(2), Pressed("again"), effects=(other,))
    with pytest.raises(JournalContradiction):
        journal.commit(txn(1), at(2), Pressed("again"), effects=(reverse(txn(2)),))
    (ticket,) = journal.open_tickets()
    assert ticket.undone == (ask_quote(txn(1)),)
    assert len(ticket.events) == 2


def test_a_key_ordered_with_two_contents_in_one_step_is_refused(journal: Journal) -> None:
    other = AskQuote(ask_quote(txn(1)).key, txn(1), "p-2", ask_quote(txn(1)).price)
    with pytest.raises(JournalContradiction):
        journal.commit(txn(1), at(0), opened(txn(1)), effects=(ask_quote(txn(1)), other))


def test_an_answer_to_nothing_is_refused(journal: Journal) -> None:
    write_sale(journal, txn(1), 4)
    write_sale(journal, txn(2), 1)
    for key in ("", txn(1).key("nothing")):
        with pytest.raises(JournalContradiction):
            journal.done(key, at(9))
    for key in (txn(1).key("nothing"), ask_quote(txn(1)).key):
        with pytest.raises(JournalContradiction):
            journal.commit(txn(2), at(9), Pressed("x"), answers=key)


def test_events_belong_to_open_tickets_only(journal: Journal) -> None:
    with pytest.raises(JournalContradiction):
        journal.commit(txn(1), at(0), Pressed("pay"))
    write_sale(journal, txn(1), 3)
    with pytest.raises(JournalContradiction):
        journal.commit(txn(1), at(9), opened(txn(1)))
    write_sale(journal, txn(2))
    with pytest.raises(JournalContradiction):
        journal.commit(txn(2), at(9), Pressed("late"))
    with pytest.raises(JournalContradiction):  # an id that was used before, by an ended ticket
        journal.commit(txn(2), at(9), opened(txn(2)))
    assert journal.commit(txn(1), at(9), Pressed("still fine")) > 0


def test_one_program_at_a_time(path: Path, journal: Journal) -> None:
    with pytest.raises(JournalInUse):
        Journal.open(path, SMALL)
    journal.close()
    Journal.open(path, SMALL).close()


def test_a_closed_diary_refuses(journal: Journal) -> None:
    journal.close()
    journal.close()
    with pytest.raises(JournalBroken):
        journal.note("grant", "x")
    with pytest.raises(JournalBroken):
        journal.checkpoint()


def test_another_thread_cannot_write(journal: Journal) -> None:
    caught: list[BaseException] = []

    def write() -> None:
        try:
            journal.note("grant", "x")
        except (sqlite3.ProgrammingError, JournalBroken) as error:
            caught.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert len(caught) == 1


# -- a full and a failing disk ------------------------------------------------------------------------


def test_a_full_disk_refuses_a_new_ticket_and_lets_the_open_one_end(path: Path, journal: Journal) -> None:
    write_sale(journal, txn(1), 5)
    reserve = path.with_name("journal.db.reserve")
    assert reserve.stat().st_size == SMALL
    with no_room(journal):
        with pytest.raises(JournalFull):
            journal.note("grant", "x" * 50_000)
        with pytest.raises(JournalFull):
            journal.commit(txn(2), at(0), TicketOpened(txn(2), "x" * 50_000, 1, "", TERMS))
        assert reserve.exists()
        with pytest.raises(JournalBroken):  # giving the reserve up helps a disk, not a limit on pages
            journal.commit(txn(1), at(9), Pressed("x" * 50_000))
        assert not reserve.exists()


def test_the_reserve_is_given_up_for_an_open_ticket(path: Path, journal: Journal) -> None:
    write_sale(journal, txn(1), 5)
    with no_room(journal):
        give_up = journal._reserve.give_up

        def and_make_room() -> bool:
            journal._base.execute("PRAGMA max_page_count=1000000")
            return give_up()

        journal._reserve.give_up = and_make_room  # type: ignore[method-assign]
        for number in range(20):
            journal.commit(txn(1), at(9), Pressed(f"{number}" * 500))
    assert not path.with_name("journal.db.reserve").exists()
    assert journal.verify().sound
    journal.commit(txn(2), at(9), opened(txn(2)))  # there is room again, so the reserve is made first
    assert path.with_name("journal.db.reserve").exists()


def test_a_full_disk_without_a_reserve_breaks_the_diary(path: Path, journal: Journal) -> None:
    write_sale(journal, txn(1), 5)
    path.with_name("journal.db.reserve").unlink()
    with no_room(journal), pytest.raises(JournalBroken):
        journal.commit(txn(1), at(9), Pressed("x" * 50_000))


def test_without_a_reserve_no_ticket_begins(path: Path, journal: Journal) -> None:
    path.with_name("journal.db.reserve").unlink()
    with failing_disk(), pytest.raises(JournalFull):
        journal.commit(txn(1), at(0), opened(txn(1)))
    journal.commit(txn(1), at(0), opened(txn(1)))


def test_a_write_that_fails_breaks_the_diary_for_good(path: Path, journal: Journal) -> None:
    write_sale(journal, txn(1), 5)
    with failing_disk(), pytest.raises(JournalBroken):
        journal.commit(txn(1), at(9), Pressed("x"))
    with pytest.raises(JournalBroken):
        journal.commit(txn(1), at(9), Pressed("x"))
    journal.close()
    with closing(Journal.open(path, SMALL)) as again:
        (ticket,) = again.open_tickets()
        assert len(ticket.events) == 5


def test_a_checkpoint_that_fails_breaks_the_diary(journal: Journal) -> None:
    write_sale(journal, txn(1))
    with failing_disk(), pytest.raises(JournalBroken):
        journal.checkpoint(1)


def test_a_checkpoint_without_room_is_tried_again_later(journal: Journal) -> None:
    write_sale(journal, txn(1))

    class Full:
        def execute(self, statement: str) -> object:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    base, journal._base = journal._base, Full()  # type: ignore[assignment]
    journal.checkpoint(1)
    journal._base = base
    before = journal.fsyncs
    journal.checkpoint()  # too little to be worth it
    assert journal.fsyncs == before
    journal.checkpoint(1)
    assert journal.fsyncs == before + 2
    journal.checkpoint(1)  # nothing new: nothing written
    assert journal.fsyncs == before + 2


def test_a_diary_that_is_never_idle_copies_its_log_back(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.journal.LOG_RECORDS_MAX", 5)
    before = journal.fsyncs
    write_sale(journal, txn(1))
    assert journal.fsyncs - before == 4 + 2  # at the fifth record, once


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB, where mounting is allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.privileged
def test_on_a_disk_that_is_really_full_the_open_ticket_ends_and_no_new_one_begins(small_disk: Path) -> None:
    with closing(Journal.open(small_disk / "journal.db", 512 * 1024)) as journal:
        write_sale(journal, txn(1), 5)
        with (small_disk / "rubbish").open("wb", buffering=0) as rubbish, suppress(OSError):
            while True:
                rubbish.write(bytes(4096))
        for event, answers, effects, closes in a_sale(txn(1))[5:]:  # needs the reserve
            journal.commit(txn(1), at(9), event, answers=answers, effects=effects, closes=closes)
        for _ in range(2):
            with pytest.raises(JournalFull):
                journal.commit(txn(2), at(0), opened(txn(2)))
        assert journal.verify().sound
        (small_disk / "rubbish").unlink()
        write_sale(journal, txn(2))
        assert (small_disk / "journal.db.reserve").stat().st_size == 512 * 1024
        assert journal.verify().sound


SYNC_FAILS = """
import sys
from pathlib import Path
from sync.journal import Journal, JournalBroken
journal = Journal.open(Path(sys.argv[1]))
try:
    journal.note("grant", "x")
except JournalBroken:
    sys.exit(7)
"""


@pytest.mark.privileged
def test_a_sync_that_fails_stops_everything(path: Path) -> None:
    Journal.open(path, SMALL).close()
    inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync"]
    inject += ["-e", "inject=fdatasync,fsync:error=EIO", sys.executable, "-c", SYNC_FAILS, str(path)]
    ran = subprocess.run(inject, check=False, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert ran.returncode == 7, ran.stderr


# -- files that are no diary --------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_damaged(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(JournalDamaged):
        Journal.open(path, SMALL)


def test_a_diary_of_a_later_version_is_refused(path: Path) -> None:
    Journal.open(path, SMALL).close()
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version=2")
    with pytest.raises(JournalDamaged):
        Journal.open(path, SMALL)


def test_a_diary_that_cannot_be_made_is_named(path: Path) -> None:
    with failing_disk(), pytest.raises((JournalBroken, JournalFull)):
        Journal.open(path, SMALL)


def test_errors_of_the_file_have_names() -> None:
    for code, kind in (
        (sqlite3.SQLITE_FULL, JournalFull),
        (sqlite3.SQLITE_IOERR_FSYNC, JournalBroken),
        (sqlite3.SQLITE_CORRUPT, JournalDamaged),
    ):
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode = code
        assert type(named(error)) is kind


def test_a_missing_table_is_damage(path: Path) -> None:
    Journal.open(path, SMALL).close()
    with closing(sqlite3.connect(path)) as base:
        base.execute("DROP TABLE counter")
    with pytest.raises(JournalDamaged):
        Journal.open(path, SMALL)
    with closing(sqlite3.connect(path)) as base:  # and the lock was let go
        assert base.execute("SELECT count(*) FROM record").fetchone() == (0,)
