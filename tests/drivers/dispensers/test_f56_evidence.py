"""What a reply of an F53/F56 proves, and what its link does when the other side does not keep to the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.cash import Count, Mix
from core.dispenser import (
    Bin,
    Clear,
    Cleared,
    End,
    Look,
    Moved,
    Offer,
    Pay,
    PlaceSeen,
    Recall,
    Seen,
)
from core.faults import dispenser, hopper
from core.faults.cash import Device, page_code
from core.settings import BadSetting, fill
from core.wire.f56 import ACKED, ENQUIRY, NACKED, block
from core.wire.f56_blocks import encode_reply
from core.wire.f56_messages import Answer, AskStatus, CassetteRegister, Class, Detail, Other, Undefined
from core.wire.f56_messages import Count as CountOut
from drivers.dispenser_f56 import Host, Settings, judge, make_host
from drivers.dispenser_f56.link import QUIET_MS, REPLY_MS, STEP_MS, Failed, Link, Send

MIX = Mix(((1, 3), (2, 2)))
NONE4 = (0, 0, 0, 0)
GOOD = Answer(3, enhanced=False, dispensed=(3, 2, 0, 0), rejected=(0, 1, 0, 0))
STATUS = Answer(1, enhanced=False)
INIT = Answer(2, enhanced=False)
COUNT = CountOut((3, 2, 0, 0))


def error(code: int) -> str:
    return page_code(Device.F56, code)


JUDGED: list[tuple[str, Answer, bool | None, End, list[Count], str]] = [
    ("all", GOOD, None, End.DONE, [Count.exact(3), Count.exact(2)], ""),
    (
        "short, and seen at the exit",
        replace(GOOD, error=0x21, failed=True, dispensed=(3, 1, 0, 0)),
        True,
        End.SHORT,
        [Count.exact(3), Count.exact(1)],
        error(0x21),
    ),
    (
        "all, and yet an error",
        replace(GOOD, error=0x86, failed=True),
        True,
        End.DONE,
        [Count.exact(3), Count.exact(2)],
        error(0x86),
    ),
    (
        "short, and nothing at the exit",
        replace(GOOD, error=0x21, failed=True, dispensed=(3, 1, 0, 0)),
        False,
        End.DOUBT,
        [Count(0, 3), Count(0, 2)],
        error(0x21),
    ),
    (
        "short, and the exit cannot be asked",
        replace(GOOD, error=0x21, failed=True, dispensed=(3, 1, 0, 0)),
        None,
        End.DOUBT,
        [Count(0, 3), Count(0, 2)],
        error(0x21),
    ),
    (
        "nothing counted, something at the exit",
        replace(GOOD, error=0x11, failed=True, dispensed=NONE4),
        True,
        End.DOUBT,
        [Count(0, 3), Count(0, 2)],
        error(0x11),
    ),
    (
        "nothing",
        replace(GOOD, error=0x10, failed=True, dispensed=NONE4, rejected=NONE4),
        False,
        End.NOTHING,
        [Count.exact(0), Count.exact(0)],
        error(0x10),
    ),
    (
        "nothing but rejected notes",
        replace(GOOD, error=0x84, failed=True, dispensed=NONE4),
        False,
        End.SHORT,
        [Count.exact(0), Count.exact(0)],
        error(0x84),
    ),
    (
        "success that is short",
        replace(GOOD, dispensed=(3, 1, 0, 0)),
        None,
        End.DOUBT,
        [Count(0, 3), Count(0, 2)],
        dispenser.SENSELESS,
    ),
    ("a failure without an error", replace(GOOD, failed=True), True, End.DOUBT, [Count(0, 3), Count(0, 2)],
     dispenser.SENSELESS),
    ("digits that are none", replace(GOOD, dispensed=None), None, End.DOUBT, [Count(0, 3), Count(0, 2)], error(0xFC)),
    (
        "more than asked for",
        replace(GOOD, dispensed=(4, 2, 0, 0)),
        None,
        End.DOUBT,
        [Count(0, None), Count(0, None)],
        dispenser.OVER_DISPENSED,
    ),
    (
        "a note of a place nobody asked",
        replace(GOOD, dispensed=(3, 2, 1, 0)),
        None,
        End.DOUBT,
        [Count(0, None), Count(0, None)],
        dispenser.OVER_DISPENSED,
    ),
    ("a jam", replace(GOOD, error=0x70, failed=True), True, End.DOUBT, [Count(0, 3), Count(0, 2)], error(0x70)),
    (
        "another cassette",
        replace(GOOD, error=0x85, failed=True),
        True,
        End.DOUBT,
        [Count(0, None), Count(0, None)],
        error(0x85),
    ),
    (
        "an error nobody lists",
        replace(GOOD, error=0x99, failed=True),
        True,
        End.DOUBT,
        [Count(0, None), Count(0, None)],
        hopper.UNLISTED,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "at_exit", "end", "exited", "code"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED]
)
def test_counts_are_believed_only_when_everything_fits(
    reply: Answer, at_exit: bool | None, end: End, exited: list[Count], code: str
) -> None:
    moved = judge.after_count("a", MIX, reply, at_exit)
    assert (moved.end, [part.exited for part in moved.parts], moved.code) == (end, exited, code)


def test_what_a_status_says_of_cassettes_bin_and_path() -> None:
    seen = replace(STATUS, registers=(CassetteRegister(low=True, magnets=5), CassetteRegister(out_of_place=True)))
    assert judge.places_of(seen, 3) == (PlaceSeen(1, True, True, None, "M5"), PlaceSeen(2, False, False), PlaceSeen(3))
    assert judge.places_of(replace(STATUS, error=0x10), 1) == (PlaceSeen(1, False),)
    assert judge.places_of(replace(STATUS, error=0x21), 2) == (PlaceSeen(1), PlaceSeen(2, empty=True))
    assert judge.reject_bin(replace(STATUS, error=0xB0)) is Bin.MISSING
    assert judge.reject_bin(replace(STATUS, error=0xB5)) is Bin.FULL
    assert judge.reject_bin(replace(STATUS, details=Detail.REJECT_FULL)) is Bin.FULL
    assert judge.reject_bin(replace(STATUS, error=0x11)) is Bin.UNKNOWN
    covered = replace(STATUS, sensors=bytes([0, 2, 0, 0, 0, 0]))
    assert judge.path_clear(covered, bytes(6))
    assert not judge.path_clear(covered, bytes([0, 3, 0, 0, 0, 0]))
    assert not judge.path_clear(replace(STATUS, classes=Class.JAM), bytes(6))
    assert not judge.path_clear(replace(STATUS, details=Detail.MEDIUM_LEFT), bytes(6))
    assert not judge.path_clear(replace(STATUS, error=0xFD), bytes(6))
    assert [judge.ready(replace(STATUS, error=one)) for one in (0, 0xE1, 0x18, 0xB0, 0x70)] == [
        True, True, True, False, False,
    ]  # fmt: skip


# -- the link --------------------------------------------------------------------------------------------


def raw(reply: Answer | Undefined | Other) -> bytes:
    return block(encode_reply(reply))


def sending(send: Send) -> Link:
    """A link whose block is on the line."""
    link = Link()
    link.send(send, 0)
    assert link.say() == (ENQUIRY,)
    link.hear(ACKED, 10)
    assert len(link.say()) == 1
    return link


def test_a_missing_ack_never_brings_a_count_back_on_the_line() -> None:
    link = sending(Send(COUNT, moves=True))
    for now in range(0, STEP_MS + REPLY_MS + 1_000, 100):
        link.turn(now)
        assert link.say() == ()
    assert link.result == Failed(sent=True)


def test_three_naks_prove_that_nothing_was_done() -> None:
    link = sending(Send(COUNT, moves=True))
    for _ in range(2):
        link.hear(NACKED, 20)
        assert len(link.say()) == 1
    link.hear(NACKED, 20)
    assert link.say() == ()
    assert link.result == Failed(sent=False, refused=True)


def test_a_status_is_asked_again_when_its_reply_is_spoilt_three_times() -> None:
    link = sending(Send(AskStatus()))
    link.hear(ACKED + ENQUIRY, 20)
    assert link.say() == (ACKED,)
    spoilt = raw(STATUS)[:-1] + b"\x01"
    link.hear(spoilt, 30)
    link.hear(spoilt, 40)
    assert link.say() == (NACKED, NACKED)
    link.hear(spoilt, 50)
    assert link.say() == (ENQUIRY,), "the whole exchange again"
    link.turn(60 + QUIET_MS)  # after what was spoilt only a quiet line is believed again
    link.hear(ACKED + ACKED + ENQUIRY + raw(STATUS), 70 + QUIET_MS)
    assert link.result == STATUS


def test_a_machine_that_asks_first_is_heard_first_and_its_old_reply_kept() -> None:
    link = Link()
    link.send(Send(AskStatus()), 0)
    link.say()
    link.hear(ENQUIRY, 5)
    link.hear(raw(GOOD), 10)
    assert link.say() == (ACKED, ACKED, ENQUIRY)
    assert link.late == [GOOD]
    link.hear(ACKED + ACKED, 20)
    link.hear(raw(INIT), 30)
    assert link.late == [GOOD, INIT], "an old reply instead of ours, without an ENQ"
    link.hear(ENQUIRY + raw(STATUS), 40)
    assert link.result == STATUS


def test_a_command_that_comes_while_the_machine_is_speaking_waits() -> None:
    link = Link()
    link.hear(ENQUIRY, 0)
    link.hear(ENQUIRY, 5)
    assert link.say() == (ACKED, ACKED), "it had not heard our first word"
    link.send(Send(AskStatus()), 10)
    assert link.say() == ()
    link.turn(STEP_MS + 5)
    assert link.say() == (ENQUIRY,), "it asked and then said nothing"


def test_a_machine_that_asks_and_falls_silent_is_let_go() -> None:
    link = Link()
    link.hear(ENQUIRY, 0)
    link.turn(STEP_MS)
    link.turn(STEP_MS + QUIET_MS)
    assert link.wakes_at() is None
    link.hear(ENQUIRY, 20_000)
    for _ in range(3):
        link.hear(raw(STATUS)[:-1] + b"\x01", 20_010)
    assert link.say() == (ACKED, ACKED, NACKED, NACKED)
    assert link.wakes_at() == 20_010 + QUIET_MS


# -- the host --------------------------------------------------------------------------------------------


class Played:
    """A host, and the machine's words as the test writes them."""

    def __init__(self) -> None:
        self.host: Host = make_host(Settings("x", (136, 142)))
        self.now = 0

    def turn(self, ms: int = 10) -> tuple[bytes, ...]:
        self.now += ms
        self.host.turn(self.now)
        return self.host.say()

    def says(self, reply: Answer | Undefined | Other) -> None:
        """The whole exchange in which the machine answers with this."""
        for word in (ACKED, ACKED, ENQUIRY, raw(reply)):
            self.host.hear(word, self.now)
            self.host.say()

    def one(self) -> object:
        (news,) = self.host.news()
        return news


def paying(*says: Answer | Undefined | Other) -> Played:
    played = Played()
    played.host.order(Pay("a", MIX), 0)
    played.host.say()
    for reply in says:
        played.says(reply)
    return played


@pytest.mark.parametrize(
    ("says", "end", "code"),
    [
        ((Other(b"\x01\x02"), Other(b"\x01\x02")), End.NOTHING, ""),
        ((Undefined(0xE0, 0),), End.NOTHING, dispenser.WRONG_DIALECT),
        ((replace(STATUS, error=0x70),), End.NOTHING, error(0x70)),
        ((STATUS, Undefined(0xE5, 0)), End.NOTHING, error(0xE5)),
        ((STATUS, replace(INIT, failed=True)), End.NOTHING, dispenser.SENSELESS),
        ((STATUS, INIT, Undefined(0xEF, 0)), End.NOTHING, error(0xEF)),
        ((STATUS, INIT, Undefined(0, 0)), End.NOTHING, dispenser.SENSELESS),
        ((STATUS, INIT, replace(GOOD, error=0x21, failed=True, dispensed=(3, 1, 0, 0)), Undefined(0xE0, 0)),
         End.DOUBT, error(0x21)),
    ],
)  # fmt: skip
def test_a_machine_that_answers_otherwise_is_named(says: tuple[Answer | Undefined, ...], end: End, code: str) -> None:
    played = paying(*says)
    moved = played.host.news()
    if not code:
        assert moved == (), "a reply of no known layout is not the answer"
        return
    assert isinstance(moved[0], Moved)
    assert (moved[0].end, moved[0].code) == (end, code)


def test_a_cable_lost_between_reply_and_proof_is_a_doubt() -> None:
    played = paying(STATUS, INIT, replace(GOOD, error=0x21, failed=True, dispensed=(3, 1, 0, 0)))
    played.host.lost(0)
    moved = played.one()
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.DOUBT, dispenser.UNPLUGGED)


def test_a_reply_that_comes_too_late_is_remembered() -> None:
    played = paying(STATUS, INIT)
    for word in (ACKED, ACKED):
        played.host.hear(word, played.now)
        played.host.say()
    played.turn(REPLY_MS)
    moved = played.one()
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.DOUBT, dispenser.REPLY_LOST)
    for word in (ENQUIRY, raw(STATUS), ENQUIRY, raw(GOOD)):
        played.host.hear(word, played.now)
    for _ in range(2):
        played.host.order(Recall("a", MIX), played.now)
        if not (answers := played.host.news()):
            played.host.say()
            played.says(replace(STATUS, sensors=bytes([0, 0, 0x10, 0, 0, 0])))
            answers = played.host.news()
        recalled = answers[0]
        assert isinstance(recalled, Moved)
        assert recalled.end is End.DONE


@pytest.mark.parametrize("order", [Look(), Clear(), Recall("a", MIX), Pay("a", MIX)], ids=str)
@pytest.mark.parametrize("late", [False, True])
def test_an_order_ends_with_its_cable_or_its_time(order: Look | Clear | Recall | Pay, late: bool) -> None:
    played = Played()
    played.host.lost(0)
    assert played.host.news() == ()
    played.host.order(order, 0)
    if late:
        played.host.turn(played.host.capabilities.answer_ms)
    else:
        played.host.lost(5)
    answer = played.one()
    assert isinstance(answer, Seen | Cleared | Moved)
    assert answer.code == (dispenser.OVERDUE if late else dispenser.UNPLUGGED)
    if isinstance(answer, Moved):
        assert answer.end is (End.DOUBT if isinstance(order, Recall) else End.NOTHING)


def test_what_is_answered_at_once_is_never_cut() -> None:
    host = make_host(Settings("x", (136,)))
    host._order = Offer("a")
    with pytest.raises(AssertionError):
        host.lost(0)


AT_EXIT = replace(STATUS, sensors=bytes([0, 0, 0x10, 0, 0, 0]))


@pytest.mark.parametrize(
    ("says", "cleared"),
    [
        ((Undefined(0xE0, 0),), Cleared(False, dispenser.WRONG_DIALECT)),
        ((AT_EXIT,), Cleared(False, dispenser.EXIT_OCCUPIED)),
        ((STATUS, Undefined(0xE5, 0)), Cleared(False, error(0xE5))),
        ((STATUS, INIT, Undefined(0xE0, 0)), Cleared(False, dispenser.WRONG_DIALECT)),
        ((STATUS, INIT, AT_EXIT), Cleared(True)),
        ((STATUS, INIT, replace(STATUS, error=0x70)), Cleared(False, error(0x70))),
        ((STATUS, INIT, STATUS), Cleared(True)),
    ],
)
def test_clearing_says_what_came_of_it(says: tuple[Answer | Undefined, ...], cleared: Cleared) -> None:
    played = Played()
    played.host.order(Clear(), 0)
    played.host.say()
    for reply in says:
        played.says(reply)
    found = played.host.news()[0]
    assert isinstance(found, Cleared)
    assert (found.clear, found.code) == (cleared.clear, cleared.code)


@pytest.mark.parametrize(
    "wrong",
    [{"lengths_mm": []}, {"lengths_mm": [0]}, {"lengths_mm": [148] * 5}, {"lengths_mm": [20]}, {"path_sensors": "00"},
     {"path_sensors": "no hex"}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadSetting):
        fill(Settings, {"port": "x", "lengths_mm": [148], **wrong}, file="cash.toml")
