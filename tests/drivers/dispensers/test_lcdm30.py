"""The LCDM-4000 host: what it makes of a memory that may be another payment's, and of replies that cannot be true."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from core.cash import Count, Mix
from core.dispenser import Answer, Clear, Cleared, End, Look, Moved, Pay, Recall, Seen, Test
from core.faults import dispenser as faults
from core.wire import lcdm30
from core.wire.lcdm30_messages import (
    Ask,
    Asked,
    Command,
    Dispense,
    Dispensed,
    Done,
    Paid,
    Place,
    Reply,
    Serial,
    StatusReport,
    Unknown,
)
from core.wire.puloon_frames import NAK
from drivers.dispenser_lcdm30 import Form, Host, Settings, make_host, serial_of
from sim.cashlink import CashLink
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_lcdm30 import Habits, Lcdm30Peer
from tests.drivers.dispensers.scripted import Scripted

MIX = Mix(((1, 3), (2, 2)))
NOTES = {1: (1_000_00, 50), 2: (5_000_00, 50)}
STANDS = StatusReport(0, (), (Place(present=True, kind=0x31), Place(present=True, kind=0x32), Place(), Place()))
NAKED = b"\x15"
VOLATILE = Habits()


def paid(*exited: int, rejected: int = 0) -> tuple[Paid, ...]:
    every = (*exited, *(0,) * (4 - len(exited)))
    return tuple(
        Paid(count, rejected if at == 0 else 0, 0x31 + at if at < 2 else 0x30) for at, count in enumerate(every)
    )


def last(code: int, error: int = 0, counts: tuple[Paid, ...] = paid()) -> Dispensed:
    return Dispensed(Command.LAST_STATUS, error, counts, last=code)


@dataclass
class Machine:
    """Answers as told; each field may be a list, whose last one is repeated, and None is silence."""

    status: list[Reply | None] = field(default_factory=lambda: [STANDS])
    memory: list[Reply | None] = field(default_factory=lambda: [last(Command.RESET)])
    dispense: list[Reply | bytes | None] = field(default_factory=lambda: [None])
    serial: list[Reply | None] = field(default_factory=lambda: [Serial(0, 7)])
    purge: list[Reply | bytes | None] = field(default_factory=lambda: [Done(Command.PURGE, 0)])

    def __call__(self, asked: Asked) -> Iterable[bytes]:
        match asked:
            case Dispense():
                said = self.dispense
            case Ask(Command.STATUS):
                said = [*self.status]
                self.status = self.status[1:] or self.status
            case Ask(Command.LAST_STATUS):
                said = [*self.memory]
                self.memory = self.memory[1:] or self.memory
            case Ask(Command.GET_SERIAL):
                said = [*self.serial]
            case Ask(Command.PURGE):
                said = self.purge
            case _:
                said = [Done(Command.RESET, 0)]
        reply = said[0]
        if reply is None:
            return ()
        return (reply,) if isinstance(reply, bytes) else (lcdm30.encode_reply(reply),)


def linked(
    machine: Callable[[Asked], Iterable[bytes]], settings: Settings | None = None, *, ack: bool = True
) -> CashLink:
    return CashLink(make_host(settings or Settings("x")), Scripted(lcdm30.command_reader(), machine, ack=ack))


def moved_by(link: CashLink, order: Pay | Recall | Test) -> Moved:
    answer = link.order(order)
    assert isinstance(answer, Moved)
    return answer


def seen_by(link: CashLink) -> Seen:
    answer: Answer = link.order(Look())
    assert isinstance(answer, Seen)
    return answer


def real(habits: Habits = VOLATILE, settings: Settings | None = None) -> CashLink:
    return CashLink(make_host(settings or Settings("x")), Lcdm30Peer(CashBox(NOTES), habits=habits))


def exits(moved: Moved) -> list[Count]:
    return [part.exited for part in moved.parts]


# -- the machine's memory ------------------------------------------------------------------------------


@pytest.mark.parametrize("keeps", [True, False])
def test_a_lost_reply_is_read_from_the_machines_memory(keeps: bool) -> None:
    link = real(Habits(keeps_last=keeps))
    link.peer.fault("lose_replies")
    moved = moved_by(link, Pay("a", MIX))
    assert (moved.end, exits(moved)) == (End.DONE, [Count.exact(3), Count.exact(2)])


def test_a_payment_whose_host_died_is_recalled_exactly() -> None:
    link = real()
    link.host.order(Pay("a", MIX), link.now_ms)
    link.wait(900)
    link.restart(make_host(Settings("x")))
    link.idle(5_000)
    moved = moved_by(link, Recall("a", MIX))
    assert (moved.end, exits(moved)) == (End.DONE, [Count.exact(3), Count.exact(2)])
    assert seen_by(link).ready
    assert moved_by(link, Pay("b", MIX)).end is End.DONE


def test_a_payment_is_never_taken_for_the_next() -> None:
    link = real(Habits(keeps_last=True))
    assert moved_by(link, Pay("a", MIX)).end is End.DONE
    link.restart(make_host(Settings("x")))
    assert moved_by(link, Recall("never sent", MIX)).end is End.DOUBT


def test_a_machine_that_does_not_forget_is_refused_until_it_is_configured() -> None:
    link = real(Habits(reset_forgets=False))
    assert moved_by(link, Pay("a", MIX)).end is End.DONE
    seen = seen_by(link)
    assert (seen.ready, seen.code) == (False, faults.MEMORY_HELD)
    second = moved_by(link, Pay("b", MIX))
    assert (second.end, second.code) == (End.NOTHING, faults.MEMORY_HELD)


def test_an_unknown_memory_is_kept_until_somebody_asks_for_it() -> None:
    link = real()
    link.host.order(Pay("a", MIX), link.now_ms)
    link.wait(900)
    link.restart(make_host(Settings("x")))
    link.idle(5_000)
    assert (seen_by(link).ready, seen_by(link).code) == (False, faults.MEMORY_HELD)
    refused = moved_by(link, Pay("b", MIX))
    assert (refused.end, refused.code) == (End.NOTHING, faults.MEMORY_HELD)
    assert moved_by(link, Recall("a", MIX)).end is End.DONE
    assert seen_by(link).ready


def test_a_payment_without_a_look_finds_the_unknown_memory_too() -> None:
    link = linked(Machine(memory=[last(Command.DISPENSE, counts=paid(1))]))
    refused = moved_by(link, Pay("b", MIX))
    assert (refused.end, refused.code) == (End.NOTHING, faults.MEMORY_HELD)


def test_clearing_makes_the_machine_forget_by_reset_where_purging_does_not() -> None:
    memory: list[Reply | None] = [last(Command.DISPENSE), last(Command.RESET)]
    link = linked(Machine(memory=memory))
    cleared = link.order(Clear())
    assert isinstance(cleared, Cleared)
    assert cleared.clear
    assert Ask(Command.RESET) in link.peer.asked  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("serial", "end"),
    [(Serial(0, serial_of("a")), End.DONE), (Serial(0, serial_of("a") + 1), End.DOUBT), (None, End.DOUBT)],
)
def test_in_the_old_form_the_serial_says_whose_memory_it_is(serial: Reply | None, end: End) -> None:
    old = Settings("x", form=Form.OLD, places=2, reset_forgets=False)
    link = linked(Machine(memory=[last(Command.DISPENSE, counts=paid(3, 2))], serial=[serial]), old)
    assert moved_by(link, Recall("a", MIX)).end is end


@pytest.mark.parametrize(("serial", "code"), [(Serial(0, serial_of("a")), faults.MEMORY_HELD), (None, faults.SILENT)])
def test_in_the_old_form_a_serial_that_cannot_be_told_apart_is_not_used(serial: Reply | None, code: str) -> None:
    old = Settings("x", form=Form.OLD, places=2, reset_forgets=False)
    moved = moved_by(linked(Machine(serial=[serial]), old), Pay("a", MIX))
    assert (moved.end, moved.code) == (End.NOTHING, code)


def test_a_memory_that_did_not_change_while_we_watched_is_another_payments() -> None:
    same: Reply = last(Command.DISPENSE, counts=paid(3, 2))
    moved = moved_by(linked(Machine(memory=[same]), Settings("x", reset_forgets=False)), Pay("a", MIX))
    assert (moved.end, moved.code) == (End.DOUBT, faults.REPLY_LOST)


def test_a_silent_memory_pays_nothing_before_and_proves_nothing_after() -> None:
    before = moved_by(linked(Machine(memory=[None])), Pay("a", MIX))
    assert (before.end, before.code) == (End.NOTHING, faults.SILENT)
    after = moved_by(linked(Machine(memory=[last(Command.RESET), None])), Pay("a", MIX))
    assert (after.end, exits(after)) == (End.DOUBT, [Count(0, 3), Count(0, 2)])


def test_a_memory_of_more_than_was_asked_locks_the_machine() -> None:
    link = linked(Machine(memory=[last(Command.DISPENSE, counts=paid(9, 2))]))
    moved = moved_by(link, Recall("a", MIX))
    assert (moved.end, moved.code, exits(moved)) == (End.DOUBT, faults.OVER_DISPENSED, [Count.unknown()] * 2)


# -- replies -------------------------------------------------------------------------------------------


def dispensed(error: int = 0, counts: tuple[Paid, ...] = paid(3, 2), command: int = Command.DISPENSE) -> Dispensed:
    return Dispensed(Command(command), error, counts)


@pytest.mark.parametrize(
    ("remembered", "end", "code"),
    [
        ([last(Command.DISPENSE, counts=paid(3, 2))], End.DONE, ""),
        ([None], End.DONE, ""),
        ([last(Command.STATUS)], End.DONE, ""),
        ([last(Command.DISPENSE, counts=paid(3, 1)), last(Command.DISPENSE, counts=paid(3, 2))], End.DONE, ""),
        ([last(Command.DISPENSE, 1, paid(3, 1))] * 2, End.SHORT, "TM-CASHB-001"),
        ([last(Command.DISPENSE, counts=paid(3, 1)), last(Command.DISPENSE, counts=paid(2, 1))], End.DOUBT,
         faults.SENSELESS),
        ([last(Command.DISPENSE, counts=paid(4, 1))] * 2, End.DOUBT, faults.SENSELESS),
        ([last(Command.DISPENSE, counts=paid(3, 1)), None], End.DOUBT, faults.SENSELESS),
    ],
)  # fmt: skip
def test_counts_are_read_twice_because_the_check_sum_is_weak(
    remembered: list[Reply | None], end: End, code: str
) -> None:
    memory: list[Reply | None] = [last(Command.RESET), *remembered, last(Command.RESET)]
    moved = moved_by(linked(Machine(memory=memory, dispense=[dispensed()])), Pay("a", MIX))
    assert (moved.end, moved.code) == (end, code)


@pytest.mark.parametrize(
    ("reply", "end", "code"),
    [
        (dispensed(0, paid(3, 1)), End.DOUBT, faults.SENSELESS),  # success with fewer
        (dispensed(0x26, paid(1)), End.DOUBT, faults.SENSELESS),  # refused, and yet one left
        (dispensed(0x29, paid(3, 2)), End.DOUBT, "TM-CASHB-041"),
        (dispensed(0x7E, paid(3, 2)), End.DOUBT, faults.SENSELESS),  # a code nobody lists
        (dispensed(0x30, paid()), End.NOTHING, faults.WRONG_DIALECT),
        (dispensed(0x25, paid(3, 2)), End.DONE, "TM-CASHB-037"),
        (dispensed(0, paid(3, 3)), End.DOUBT, faults.OVER_DISPENSED),
        (dispensed(0, paid(3, 2, 1)), End.DOUBT, faults.OVER_DISPENSED),
        (NAKED, End.NOTHING, faults.LINE_REFUSED),
        (dispensed(0, (Paid(3, 0, 0x34), *paid(3, 2)[1:])), End.DOUBT, faults.CASSETTE_CHANGED),
    ],
)
def test_a_reply_is_believed_only_if_it_can_be_true(reply: Dispensed | bytes, end: End, code: str) -> None:
    machine = Machine(dispense=[reply])
    moved = moved_by(linked(machine, ack=reply != NAKED), Pay("a", MIX))
    assert (moved.end, moved.code) == (end, code)


def test_a_reply_without_an_acknowledgement_is_a_reply() -> None:
    assert moved_by(linked(Machine(dispense=[dispensed()]), ack=False), Pay("a", MIX)).end is End.DONE


@pytest.mark.parametrize(
    ("reply", "end", "code"),
    [
        (dispensed(0, paid(rejected=1), Command.TEST), End.DONE, ""),
        (dispensed(1, paid(), Command.TEST), End.NOTHING, "TM-CASHB-001"),
        (dispensed(0, paid(), Command.TEST), End.DOUBT, faults.SENSELESS),
        (dispensed(2, paid(rejected=1), Command.TEST), End.DOUBT, "TM-CASHB-002"),
        (dispensed(0, paid(1), Command.TEST), End.DOUBT, faults.OVER_DISPENSED),
        (NAKED, End.NOTHING, faults.LINE_REFUSED),
        (None, End.DOUBT, faults.REPLY_LOST),
    ],
)
def test_a_test_ends_as_its_reply_says(reply: Dispensed | bytes | None, end: End, code: str) -> None:
    moved = moved_by(linked(Machine(dispense=[reply]), ack=reply != NAKED), Test("t", 1))
    assert (moved.end, moved.code) == (end, code)


# -- how it stands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "bin_missing"),
    [
        (StatusReport(0, ("EXIT",), STANDS.places), faults.EXIT_OCCUPIED, False),
        (StatusReport(0, ("DVTL",), STANDS.places), faults.PATH_BLOCKED, False),
        (StatusReport(0, (), (Place(check_right=True, present=True), *STANDS.places[1:])), faults.PATH_BLOCKED, False),
        (StatusReport(0, ("RJT",), STANDS.places), "TM-CASHB-038", True),
        (StatusReport(0, (), (Place(),) * 4), "TM-CASHB-036", False),
        (StatusReport(0x22, (), STANDS.places), "TM-CASHB-034", False),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_paid(
    status: StatusReport, code: str, bin_missing: bool
) -> None:
    seen = seen_by(linked(Machine(status=[status])))
    assert (seen.ready, seen.code, seen.reject_bin.value == "missing") == (False, code, bin_missing)
    moved = moved_by(linked(Machine(status=[status])), Pay("a", MIX))
    assert (moved.end, moved.code) == (End.NOTHING, code)
    tested = moved_by(linked(Machine(status=[status])), Test("t", 1))
    assert (tested.end, tested.code) == (End.NOTHING, code)


def test_a_missing_cassette_is_refused_only_when_it_is_asked_for() -> None:
    one = StatusReport(0, (), (STANDS.places[0], Place(), Place(), Place()))
    link = linked(Machine(status=[one], dispense=[dispensed(0, paid(2))]))
    assert moved_by(link, Pay("a", MIX)).code == faults.CASSETTE_MISSING
    assert moved_by(link, Pay("b", Mix(((1, 2),)))).end is End.DONE


def test_a_machine_of_another_make_is_told_from_a_silent_one() -> None:
    assert seen_by(linked(lambda asked: ())).code == faults.SILENT
    assert seen_by(linked(lambda asked: (b"\x01\x50\x02\x46\x30\x30\x80\x82\x03\x14",))).code == faults.WRONG_DIALECT
    unknown = lcdm30.encode_reply(Unknown(b"\x51\x20\x20"))
    assert seen_by(linked(lambda asked: (unknown,))).code == faults.WRONG_DIALECT
    assert seen_by(linked(lambda asked: (bytes([NAK]),), ack=False)).code == faults.LINE_REFUSED


@pytest.mark.parametrize(
    ("purge", "status", "code"),
    [
        (Done(Command.PURGE, 0x0E), STANDS, "TM-CASHB-014"),
        (Done(Command.PURGE, 0), StatusReport(0, ("EJT",), STANDS.places), faults.PATH_BLOCKED),
        (NAKED, STANDS, faults.LINE_REFUSED),
        (None, STANDS, faults.SILENT),
    ],
)
def test_clear_is_said_only_of_a_path_that_is_seen_clear(
    purge: Done | bytes | None, status: StatusReport, code: str
) -> None:
    cleared = linked(Machine(purge=[purge], status=[status]), ack=purge != NAKED).order(Clear())
    assert isinstance(cleared, Cleared)
    assert (cleared.clear, cleared.code) == (False, code)


def test_every_code_of_the_table_reaches_its_page() -> None:
    for name, trouble in Lcdm30Peer(CashBox(NOTES))._troubles().items():
        link = real()
        link.peer.fault(name)
        moved = link.order(Clear() if name == "purge" else Pay("a", MIX))
        assert isinstance(moved, Moved | Cleared)
        own = {f"TM-CASHB-{trouble.error:03d}", faults.WRONG_DIALECT, faults.OVER_DISPENSED, faults.SENSELESS}
        assert moved.code in own, name
        assert link.peer.box.count(Spot.REMOVED) == 0


def test_the_capabilities_say_what_one_order_may_ask_for() -> None:
    can = Host(Settings("x")).capabilities
    assert (can.places, can.notes_max, can.recovers, can.stacks) == (4, 100, True, False)
