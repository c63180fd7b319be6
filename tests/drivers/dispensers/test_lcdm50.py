"""The LCDM-1000/2000 host: what it makes of one reply, of progress, of sensors, and of having no memory to ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from core.cash import Count as Bounds
from core.cash import Mix
from core.dispenser import Clear, Cleared, End, Look, Moved, Noticed, Pay, Progress, Recall, Retract, Seen, Test
from core.faults import dispenser as faults
from core.wire import lcdm50
from core.wire.lcdm50 import Ask, Asked, Command, Count, Dispense, Dispensed, NoteDelivered, Purged, StatusReport
from core.wire.lcdm50_sensors import Model, Wiring
from drivers.dispenser_lcdm50 import Settings, make_host
from sim.cashlink import CashLink
from sim.peers.cash_box import CashBox
from sim.peers.dispenser_lcdm50 import Lcdm50Peer, troubles
from tests.drivers.dispensers.scripted import Scripted

NOTES = {1: (1_000_00, 50), 2: (5_000_00, 50)}
ONE = Settings("x")
TWO = Settings("x", model=Model.LCDM_2000)
FIVE = Mix(((1, 5),))
BOTH = Mix(((1, 3), (2, 2)))
CLEAR = StatusReport(0x30, 0x80, 0x82)
CLEAR_2000 = StatusReport(0x30, 0x80, 0x86)
NAKED = b"\x15"


@dataclass
class Machine:
    """Answers as told; the statuses are given one after the other and the last one is repeated."""

    status: list[StatusReport | None] = field(default_factory=lambda: [CLEAR])
    dispense: tuple[lcdm50.Answer | bytes, ...] = ()
    purge: Purged | bytes | None = None

    def __call__(self, asked: Asked) -> Iterable[bytes]:
        said: tuple[lcdm50.Answer | bytes | None, ...]
        match asked:
            case Ask(Command.STATUS):
                said = (self.status[0],)
                self.status = self.status[1:] or self.status
            case Ask(Command.PURGE):
                said = (self.purge,)
            case _:
                said = self.dispense
        return tuple(one if isinstance(one, bytes) else lcdm50.encode_reply(one) for one in said if one is not None)


def linked(machine: Machine, settings: Settings = ONE, *, ack: bool = True) -> CashLink:
    return CashLink(make_host(settings), Scripted(lcdm50.command_reader(), machine, ack=ack))


def moved_by(link: CashLink, order: Pay | Recall | Test) -> Moved:
    answer = link.order(order)
    assert isinstance(answer, Moved)
    return answer


def upper(picked: int, exited: int, rejected: int, error: int = 0x30) -> Dispensed:
    return Dispensed(Command.DISPENSE_UPPER, error, upper=Count(picked, exited, rejected))


@pytest.mark.parametrize(
    ("reply", "end", "code", "exited"),
    [
        (upper(5, 5, 0), End.DONE, "", Bounds.exact(5)),
        (upper(6, 5, 1, 0x31), End.DONE, "", Bounds.exact(5)),
        (upper(4, 3, 1, 0x38), End.SHORT, "TM-CASHA-056", Bounds.exact(3)),
        (upper(0, 0, 0, 0x32), End.NOTHING, "TM-CASHA-050", Bounds.exact(0)),
        (upper(1, 0, 1, 0x32), End.SHORT, "TM-CASHA-050", Bounds.exact(0)),
        (upper(0, 0, 0, 0x3F), End.NOTHING, "TM-CASHA-063", Bounds.exact(0)),
        (upper(4, 3, 0, 0x35), End.DOUBT, "TM-CASHA-053", Bounds(3, 4)),
        (upper(3, 3, 0, 0x35), End.DOUBT, "TM-CASHA-053", Bounds(3, 3)),
        (upper(4, 3, 0, 0x3C), End.DOUBT, "TM-CASHA-060", Bounds(3, None)),
        (upper(4, 3, 0, 0x5A), End.DOUBT, faults.SENSELESS, Bounds(3, None)),
        (upper(4, 4, 0), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),  # success with fewer
        (upper(6, 5, 0), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),  # success, and one on the path
        (upper(4, 3, 0, 0x38), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),  # a short count that does not add up
        (upper(2, 2, 0, 0x3F), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),
        (upper(5, 5, 1), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),  # more arrived than was picked
        (upper(3, 3, 1, 0x35), End.DOUBT, faults.SENSELESS, Bounds(0, 5)),  # refused, and yet two left
        (upper(6, 6, 0), End.DOUBT, faults.OVER_DISPENSED, Bounds.unknown()),
        (NAKED, End.NOTHING, faults.LINE_REFUSED, Bounds.exact(0)),
    ],
)
def test_a_reply_is_believed_only_if_it_can_be_true(
    reply: Dispensed | bytes, end: End, code: str, exited: Bounds
) -> None:
    moved = moved_by(linked(Machine(dispense=(reply,)), ack=reply != NAKED), Pay("a", FIVE))
    assert (moved.end, moved.code, moved.parts[0].exited) == (end, code, exited)


def test_a_machine_may_be_known_to_pick_two_notes_as_one() -> None:
    link = linked(Machine(dispense=(upper(6, 5, 2),)), Settings("x", picked_counts_rejected=False))
    moved = moved_by(link, Pay("a", FIVE))
    assert (moved.end, moved.parts[0].rejected) == (End.DONE, Bounds.exact(2))


def test_a_foreign_note_puts_the_other_cassette_in_doubt_as_well() -> None:
    moved = moved_by(linked(Machine([CLEAR_2000], (upper(4, 4, 0, 0x4F),)), TWO), Pay("a", FIVE))
    assert [(part.place, part.asked, part.exited) for part in moved.parts] == [
        (1, 5, Bounds(4, None)),
        (2, 0, Bounds(0, None)),
    ]


def test_a_lost_reply_is_bounded_by_what_was_asked_and_by_progress() -> None:
    items = (NoteDelivered(0x30),) * 3
    link = linked(Machine(dispense=items))
    moved = moved_by(link, Pay("a", FIVE))
    assert (moved.end, moved.code, moved.parts[0].exited) == (End.DOUBT, faults.REPLY_LOST, Bounds(3, 5))
    assert [news for news in link.news if isinstance(news, Progress)] == [Progress("a", 1, left) for left in (1, 2, 3)]
    again = moved_by(link, Recall("a", FIVE))
    assert (again.code, again.parts[0].exited) == (faults.NOT_REMEMBERED, Bounds(3, 5))


def test_more_progress_than_was_asked_for_has_no_upper_bound() -> None:
    link = linked(Machine(dispense=(NoteDelivered(0x30),) * 6))
    assert moved_by(link, Pay("a", FIVE)).parts[0].exited == Bounds(6, None)
    assert moved_by(link, Recall("a", FIVE)).parts[0].exited == Bounds(6, None)


def test_of_two_cassettes_progress_does_not_say_which() -> None:
    link = linked(Machine([CLEAR_2000], (NoteDelivered(0x30),)), TWO)
    moved = moved_by(link, Pay("a", BOTH))
    assert [part.exited for part in moved.parts] == [Bounds(0, 3), Bounds(0, 2)]


def test_a_note_seen_on_a_path_that_was_clear_is_from_the_cassette_that_paid() -> None:
    jammed = StatusReport(0x30, 0x88, 0x82)
    one = moved_by(linked(Machine([CLEAR, jammed])), Pay("a", FIVE))
    assert one.parts[0].on_path == Bounds(1, None)
    assert "DIV2" in one.detail
    both = moved_by(linked(Machine([CLEAR_2000, StatusReport(0x30, 0x88, 0x86)]), TWO), Pay("a", BOTH))
    assert [part.on_path for part in both.parts] == [Bounds.unknown()] * 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (StatusReport(0x30, 0xA0, 0x82), faults.EXIT_OCCUPIED),
        (StatusReport(0x30, 0x81, 0x82), faults.PATH_BLOCKED),
        (StatusReport(0x30, 0x80, 0x83), "TM-CASHA-063"),
        (StatusReport(0x30, 0x80, 0x80), "TM-CASHA-069"),
        (StatusReport(0x41, 0x80, 0x82), "TM-CASHA-065"),
        (StatusReport(0x37, 0x80, 0x82), "TM-CASHA-055"),
        (StatusReport(0x5A, 0x80, 0x82), faults.SENSELESS),
        (None, faults.SILENT),
    ],
)
def test_what_stands_in_the_way_is_named_and_nothing_is_paid(status: StatusReport | None, code: str) -> None:
    seen = linked(Machine([status])).order(Look())
    assert isinstance(seen, Seen)
    assert (seen.ready, seen.code) == (False, code)
    moved = moved_by(linked(Machine([status])), Pay("a", FIVE))
    assert (moved.end, moved.code) == (End.NOTHING, code)
    tested = moved_by(linked(Machine([status])), Test("t", 1))
    assert (tested.end, tested.code) == (End.NOTHING, code)


def test_an_empty_cassette_is_said_and_the_other_may_pay() -> None:
    seen = linked(Machine([StatusReport(0x38, 0xC0, 0x86)]), TWO).order(Look())
    assert isinstance(seen, Seen)
    assert (seen.ready, seen.places[0].empty, seen.places[0].low, seen.places[1].empty) == (True, True, True, None)


@pytest.mark.parametrize(("missing", "code"), [(1, "TM-CASHA-069"), (2, "TM-CASHA-070")])
def test_a_missing_cassette_is_refused_only_when_it_is_asked_for(missing: int, code: str) -> None:
    peer = Lcdm50Peer(CashBox(NOTES), Wiring(Model.LCDM_2000))
    peer.out.add(missing)
    link = CashLink(make_host(TWO), peer)
    refused = moved_by(link, Pay("a", BOTH))
    assert (refused.end, refused.code) == (End.NOTHING, code)
    assert moved_by(link, Pay("b", Mix(((3 - missing, 2),)))).end is End.DONE


def test_a_machine_of_another_make_is_told_from_a_silent_one() -> None:
    other = Scripted(lcdm50.command_reader(), lambda asked: (b"\x01\x30\x02\x67\x20\x25\x03\x52",))
    seen = CashLink(make_host(ONE), other).order(Look())
    assert isinstance(seen, Seen)
    assert seen.code == faults.WRONG_DIALECT
    nak = CashLink(make_host(ONE), Scripted(lcdm50.command_reader(), lambda asked: (NAKED,), ack=False)).order(Look())
    assert isinstance(nak, Seen)
    assert nak.code == faults.LINE_REFUSED


@pytest.mark.parametrize(
    ("purge", "status", "clear", "code"),
    [
        (Purged(0x30), CLEAR, True, ""),
        (Purged(0x4E), CLEAR, False, "TM-CASHA-078"),
        (Purged(0x30), StatusReport(0x30, 0x90, 0x82), False, faults.PATH_BLOCKED),
        (NAKED, CLEAR, False, faults.LINE_REFUSED),
        (None, CLEAR, False, faults.SILENT),
    ],
)
def test_clear_is_said_only_of_a_path_that_is_seen_clear(
    purge: Purged | bytes | None, status: StatusReport, clear: bool, code: str
) -> None:
    cleared = linked(Machine([status], purge=purge), ack=purge != NAKED).order(Clear())
    assert isinstance(cleared, Cleared)
    assert (cleared.clear, cleared.code) == (clear, code)


def of_test(picked: int, exited: int, rejected: int, error: int = 0x30, *, lower: bool = False) -> Dispensed:
    count = Count(picked, exited, rejected)
    if lower:
        return Dispensed(Command.TEST_LOWER, error, lower=count)
    return Dispensed(Command.TEST_UPPER, error, upper=count)


@pytest.mark.parametrize(
    ("reply", "end", "code"),
    [
        (of_test(1, 0, 1), End.DONE, ""),
        (of_test(1, 0, 0), End.DONE, ""),  # some machines leave the last count empty in a test
        (of_test(0, 0, 0, 0x32), End.NOTHING, "TM-CASHA-050"),
        (of_test(0, 0, 0), End.DOUBT, faults.SENSELESS),
        (of_test(1, 0, 0, 0x36), End.DOUBT, "TM-CASHA-054"),
        (of_test(1, 0, 0, 0x3C), End.DOUBT, "TM-CASHA-060"),
        (of_test(1, 1, 0), End.DOUBT, faults.OVER_DISPENSED),
        (NAKED, End.NOTHING, faults.LINE_REFUSED),
        (None, End.DOUBT, faults.REPLY_LOST),
    ],
)
def test_a_test_ends_as_its_reply_says(reply: Dispensed | bytes | None, end: End, code: str) -> None:
    moved = moved_by(linked(Machine(dispense=(reply,) if reply else ()), ack=reply != NAKED), Test("t", 1))
    assert (moved.end, moved.code) == (end, code)


def test_the_lower_cassette_is_tested_by_its_own_command() -> None:
    link = linked(Machine([CLEAR_2000], (of_test(1, 0, 1, lower=True),)), TWO)
    assert moved_by(link, Test("t", 2)).end is End.DONE
    assert Ask(Command.TEST_LOWER) in link.peer.asked  # type: ignore[attr-defined]


def test_a_rejected_note_is_noticed_with_its_page() -> None:
    link = CashLink(make_host(ONE), Lcdm50Peer(CashBox({1: NOTES[1]}), items=True))
    link.peer.fault("rejected_skew", 1)
    moved = moved_by(link, Pay("a", FIVE))
    assert (moved.end, moved.parts[0].rejected) == (End.DONE, Bounds.exact(1))
    assert Noticed("TM-CASHR-056", "skew") in link.news


def test_progress_between_orders_is_of_no_payment() -> None:
    link = linked(Machine())
    link.host.hear(lcdm50.encode_reply(NoteDelivered(0x30)), link.now_ms)
    link.idle(1_000)
    assert link.news == []


def test_every_code_of_the_table_reaches_its_page() -> None:
    for name, trouble in troubles().items():
        if not trouble.error:
            continue
        link = CashLink(make_host(TWO), Lcdm50Peer(CashBox(NOTES)))
        link.peer.fault(name)
        order = Clear() if name == "purge" else Pay("a", FIVE)
        answer = link.order(order)
        assert isinstance(answer, Moved | Cleared)
        own = {f"TM-CASHA-{trouble.error:03d}", faults.OVER_DISPENSED}
        assert answer.code in (own if name != "unlisted" else {faults.SENSELESS}), name


def test_a_dispense_of_60_is_one_command_and_of_61_is_none() -> None:
    link = CashLink(make_host(ONE), Lcdm50Peer(CashBox({1: (1_000_00, 100)})))
    assert moved_by(link, Pay("a", Mix(((1, 61),)))).code == faults.IMPOSSIBLE
    assert moved_by(link, Pay("b", Mix(((1, 60),)))).end is End.DONE


def test_after_a_doubt_not_even_a_test_is_made_before_it_was_cleared() -> None:
    link = CashLink(make_host(ONE), Lcdm50Peer(CashBox({1: NOTES[1]})))
    link.peer.fault("jam_div", 1)
    assert moved_by(link, Pay("a", FIVE)).end is End.DOUBT
    refused = moved_by(link, Test("t", 1))
    assert (refused.end, refused.code) == (End.NOTHING, faults.LOCKED)
    assert isinstance(cleared := link.order(Clear()), Cleared)
    assert cleared.clear
    assert moved_by(link, Test("t", 1)).end is End.DONE


# -- the promise that every order ends -----------------------------------------------------------------


def test_a_device_that_babbles_for_ever_does_not_keep_an_order_open() -> None:
    link = linked(Machine([None]))
    link.host.order(Look(), link.now_ms)
    answer, end = None, link.now_ms + link.host.capabilities.answer_ms
    while answer is None and link.now_ms <= end:
        link.host.hear(b"\x01\x50\x02\x46", link.now_ms)
        answer = link.wait(50)
    assert isinstance(answer, Seen)
    assert not answer.ready


@pytest.mark.parametrize(
    ("order", "sent", "kind"),
    [
        (Look(), False, Seen),
        (Clear(), False, Cleared),
        (Recall("a", FIVE), False, Moved),
        (Test("a", 1), False, Moved),
        (Test("a", 1), True, Moved),
        (Pay("a", FIVE), False, Moved),
        (Pay("a", FIVE), True, Moved),
    ],
)
def test_a_lost_cable_ends_any_order_at_once(
    order: Look | Clear | Recall | Test | Pay, sent: bool, kind: type[object]
) -> None:
    link = linked(Machine(status=[CLEAR if sent else None]))
    link.host.order(order, link.now_ms)
    assert link.wait(2_000) is None
    link.unplug()
    (answer,) = link.news
    assert isinstance(answer, kind)
    assert answer.code == faults.UNPLUGGED  # type: ignore[attr-defined]
    if isinstance(answer, Moved):
        assert answer.end is (End.DOUBT if sent or isinstance(order, Recall) else End.NOTHING)
    link.unplug()
    assert len(link.news) == 1


def test_an_overdue_order_is_ended_by_the_host_itself() -> None:
    link = linked(Machine())
    link.host.order(Pay("a", FIVE), link.now_ms)
    link.now_ms += link.host.capabilities.answer_ms
    link.host.turn(link.now_ms)
    (moved,) = link.host.news()
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.NOTHING, faults.OVERDUE)


def test_nothing_is_retracted_by_a_machine_that_cannot() -> None:
    answer = linked(Machine()).order(Retract("a"))
    assert (answer.code) == faults.IMPOSSIBLE  # type: ignore[union-attr]


def test_a_dispense_is_never_sent_again_without_a_nak() -> None:
    link = linked(Machine())
    moved_by(link, Pay("a", FIVE))
    asked = link.peer.asked  # type: ignore[attr-defined]
    assert sum(isinstance(one, Dispense) for one in asked) == 1
    assert asked[-1] == Ask(Command.STATUS)


def test_a_nak_after_the_acknowledgement_permits_nothing() -> None:
    link = linked(Machine(dispense=(NAKED,)))
    assert moved_by(link, Pay("a", FIVE)).code == faults.REPLY_LOST
    asked = link.peer.asked  # type: ignore[attr-defined]
    assert sum(isinstance(one, Dispense) for one in asked) == 1


@pytest.mark.parametrize("after_ms", [0, 500, 720, 5_000])
def test_a_nak_is_believed_only_while_an_acknowledgement_may_come(after_ms: int) -> None:
    link = linked(Machine(), ack=False)
    link.host.order(Pay("a", FIVE), link.now_ms)
    while not any(link.host.news()) and not any(isinstance(one, Dispense) for one in link.peer.asked):  # type: ignore[attr-defined]
        assert link.wait(1) is None
    link.wait(after_ms)
    link.host.hear(NAKED, link.now_ms)
    again = [message for message in link.host.say() if len(message) > 1]
    assert bool(again) is (after_ms <= ONE.ack_ms)
