"""What a hopper's counters prove, answer by answer: every way a conversation with one hopper can end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat

import pytest

from core.cash import Count, Mix
from core.dispenser import Clear, Cleared, End, Look, Moved, Offer, Pay, Recall, Seen
from core.faults import dispenser, hopper
from core.faults.cash import Device, page_code
from core.settings import BadSetting, fill
from core.wire.cctalk import Message
from core.wire.cctalk_messages import Header, HopperStatus
from drivers.dispenser_cctalk import Host, Security, Settings, make_host
from drivers.dispenser_cctalk.bus import Ask
from drivers.dispenser_cctalk.hopper import Hopper, Order, Outcome, T, Talk
from drivers.dispenser_cctalk.host import marks_of

Said = bytes | Message | None
NAK = Message(1, Header.NAK, b"", 3)
OK = b""
QUIET = bytes([0x80, 0x00])  # payouts disabled: a note
PUBLISHED = bytes([0x80, 0x80])  # the same and the PIN flag, as in the manual


def st(*counters: int) -> bytes:
    return HopperStatus(*counters).data


def run(talk: Talk[T], says: Iterable[Said]) -> tuple[T, list[int]]:
    """The end of a conversation in which the hopper says this, and the headers it was asked."""
    answers: Iterator[Said] = iter(says)
    asked: list[int] = []
    reply: Message | None = None
    try:
        step = next(talk)
        while True:
            reply = None
            if isinstance(step, Ask):
                asked.append(step.message.header)
                said = next(answers)
                reply = Message(1, Header.REPLY, said, 3) if isinstance(said, bytes) else said
            step = talk.send(reply)
    except StopIteration as ended:
        return ended.value, asked


def order(before: HopperStatus | None = None, **known: object) -> Order:
    made = Order(5, lambda paid: None, before=before)
    for name, value in known.items():
        setattr(made, name, value)
    return made


def one(security: Security = Security.NOENCRYPT) -> Hopper:
    return Hopper(3, Settings("x", security=security))


STANDS = [st(7, 0, 2, 0), QUIET]
AT_7 = HopperStatus(7, 0, 2, 0)


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ([*STANDS, NAK], hopper.NOT_TAKEN),
        ([*STANDS, None], dispenser.SILENT),
        ([st(7, 0, 2, 0), PUBLISHED, NAK], page_code(Device.HOPPER, 15)),
        ([*STANDS, OK, None], dispenser.SILENT),
        ([*STANDS, OK, bytes(8), None], dispenser.SILENT),
        ([*STANDS, OK, bytes(8), b"\1\2"], dispenser.SILENT),
        ([b"\1\2\3"], dispenser.SILENT),
        ([st(7, 3, 2, 0), QUIET], hopper.BUSY),
        ([st(7, 0, 2, 0), bytes([0x80, 0x00, 0x01])], hopper.UNLISTED),
        ([st(7, 0, 2, 0), bytes([0x20, 0x00])], page_code(Device.HOPPER, 5)),
    ],
)
def test_before_the_order_a_hopper_that_does_not_go_along_is_not_asked_to_pay(says: list[Said], code: str) -> None:
    outcome, asked = run(one(Security.SERIAL).pay(order()), says)
    assert (outcome.end, outcome.exited, outcome.code) == (End.NOTHING, Count.exact(0), code)
    assert Header.DISPENSE not in asked


def twice(*statuses: bytes) -> list[Said]:
    """At rest its counters are read twice."""
    return [said for status in statuses for said in (status, status)]


def test_the_published_flags_of_a_sound_hopper_stop_nothing() -> None:
    says = [st(7, 0, 2, 0), PUBLISHED, OK, bytes(8), bytes([8]), *twice(st(8, 0, 5, 0)), PUBLISHED]
    assert run(one().pay(order()), says)[0] == Outcome(End.DONE, Count.exact(5))


WATCHED: list[tuple[str, Callable[[], Order], list[Said], Outcome]] = [
    ("all of it", lambda: order(AT_7), [*twice(st(8, 0, 5, 0)), QUIET], Outcome(End.DONE, Count.exact(5))),
    (
        "another reading is no reading",
        lambda: order(AT_7),
        [st(8, 0, 5, 0), st(8, 0, 0, 5), *twice(st(8, 0, 5, 0)), QUIET],
        Outcome(End.DONE, Count.exact(5)),
    ),
    (
        "short without a reason",
        lambda: order(AT_7),
        [*twice(st(8, 0, 4, 1)), QUIET],
        Outcome(End.SHORT, Count.exact(4), hopper.ENDED_EARLY),
    ),
    (
        "not taken",
        lambda: order(AT_7),
        [*twice(st(7, 0, 2, 0)), QUIET],
        Outcome(End.NOTHING, Count.exact(0), page_code(Device.HOPPER, 7)),
    ),
    (
        "not taken, and its flags are silent",
        lambda: order(AT_7),
        [*twice(st(7, 0, 2, 0)), None],
        Outcome(End.NOTHING, Count.exact(0), hopper.NOT_TAKEN),
    ),
    (
        "a counter that moved twice",
        lambda: order(AT_7),
        twice(st(9, 0, 5, 0)),
        Outcome(End.DOUBT, Count(0, 5), dispenser.NOT_REMEMBERED),
    ),
    (
        "a counter that moves on afterwards",
        lambda: order(AT_7),
        [st(8, 3, 2, 0), *twice(st(9, 0, 5, 0))],
        Outcome(End.DOUBT, Count(2, 5), dispenser.NOT_REMEMBERED),
    ),
    (
        "sums that do not fit",
        lambda: order(AT_7),
        twice(st(8, 0, 3, 1)),
        Outcome(End.DOUBT, Count(0, None), dispenser.SENSELESS),
    ),
    (
        "paid, and then silent about its flags",
        lambda: order(AT_7),
        [*twice(st(8, 0, 5, 0)), None],
        Outcome(End.DOUBT, Count(5, 5), dispenser.REPLY_LOST),
    ),
    (
        "a flag nobody lists",
        lambda: order(AT_7),
        [*twice(st(8, 0, 5, 0)), bytes([0, 0, 1])],
        Outcome(End.DOUBT, Count(0, None), hopper.UNLISTED),
    ),
    (
        "silence",
        lambda: order(AT_7),
        [st(8, 3, 2, 0), *[None] * 5],
        Outcome(End.DOUBT, Count(2, 5), dispenser.REPLY_LOST),
    ),
    (
        "off and on while it pays",
        lambda: order(AT_7),
        [st(8, 3, 2, 0), *twice(st(0, 0, 3, 2)), QUIET],
        Outcome(End.SHORT, Count.exact(3), hopper.POWER),
    ),
    (
        "off and on, and fewer than were seen",
        lambda: order(AT_7),
        [st(8, 3, 2, 0), *twice(st(0, 0, 1, 4)), QUIET],
        Outcome(End.DOUBT, Count(2, 5), dispenser.SENSELESS),
    ),
    (
        "off and on, and its flags are silent",
        lambda: order(AT_7),
        [*twice(st(0, 0, 3, 2)), None],
        Outcome(End.DOUBT, Count(0, None), dispenser.REPLY_LOST),
    ),
    (
        "counter 0 and still paying",
        lambda: order(AT_7),
        [st(0, 3, 2, 0)],
        Outcome(End.DOUBT, Count(0, 5), dispenser.SENSELESS),
    ),
    (
        "counter 0 before and after, and the order refused",
        lambda: order(HopperStatus(0, 0, 5, 0), refused=True),
        twice(st(0, 0, 5, 0)),
        Outcome(End.NOTHING, Count.exact(0), hopper.NOT_TAKEN),
    ),
    (
        "counter 0 before and after, and the same memory",
        lambda: order(HopperStatus(0, 0, 4, 1)),
        [*twice(st(0, 0, 4, 1)), QUIET],
        Outcome(End.DOUBT, Count(0, 4), dispenser.NOT_REMEMBERED),
    ),
    (
        "counter 0 before and after, and another memory",
        lambda: order(HopperStatus(0, 0, 2, 0)),
        [*twice(st(0, 0, 2, 0)), QUIET],
        Outcome(End.NOTHING, Count.exact(0), hopper.NOT_TAKEN),
    ),
]


@pytest.mark.parametrize(("made", "says", "outcome"), [row[1:] for row in WATCHED], ids=[row[0] for row in WATCHED])
def test_what_comes_after_the_order_is_judged_by_the_counters(
    made: Callable[[], Order], says: list[Said], outcome: Outcome
) -> None:
    assert run(one()._watch(made()), says)[0] == Outcome(outcome.end, outcome.exited, outcome.code)


def test_a_hopper_that_stands_still_is_told_to_stop() -> None:
    still = [st(8, 3, 2, 0)] * 202
    outcome, asked = run(one()._watch(order(AT_7)), [*still, b"\3", *twice(st(8, 0, 2, 3)), QUIET])
    assert outcome == Outcome(End.SHORT, Count.exact(2), hopper.STALLED)
    assert asked.count(Header.EMERGENCY_STOP) == 1


def test_one_that_does_not_stop_is_a_doubt() -> None:
    outcome, asked = run(one()._watch(order(AT_7)), chain([st(8, 3, 2, 0)], repeat(st(8, 3, 2, 0))))
    assert (outcome.end, outcome.exited, outcome.code) == (End.DOUBT, Count(2, 5), hopper.STALLED)
    assert asked.count(Header.EMERGENCY_STOP) == 1


def test_a_payout_has_an_end_even_while_coins_still_come() -> None:
    slow = Order(255, lambda paid: None, before=AT_7)
    says = (st(8, 255 - at // 10, at // 10, 0) for at in range(2_550))
    stopped = chain((said for at, said in enumerate(says) if at < 901), [b"\1"], twice(st(8, 0, 91, 164)), [QUIET])
    outcome, asked = run(one()._watch(slow), stopped)
    assert outcome == Outcome(End.SHORT, Count.exact(91), hopper.STALLED)
    assert asked.count(Header.EMERGENCY_STOP) == 1


RECALLED: list[tuple[str, HopperStatus | None, list[Said], Outcome]] = [
    ("silent", None, [None], Outcome(End.DOUBT, Count(0, 5), dispenser.SILENT)),
    ("two readings differ", None, [st(8, 0, 5, 0), st(8, 0, 0, 5)], Outcome(End.DOUBT, Count(0, 5), dispenser.SILENT)),
    (
        "it still pays, so it is this order",
        None,
        [st(8, 1, 4, 0), *twice(st(8, 0, 5, 0)), QUIET],
        Outcome(End.DONE, Count.exact(5)),
    ),
    (
        "its last order was of another size",
        None,
        twice(st(8, 0, 2, 1)),
        Outcome(End.NOTHING, Count.exact(0), hopper.NOT_TAKEN),
    ),
    (
        "its last order was of this size",
        None,
        [*twice(st(8, 0, 4, 1)), QUIET],
        Outcome(End.DOUBT, Count(0, 4), dispenser.NOT_REMEMBERED),
    ),
    (
        "its last order was of this size, and it was off",
        None,
        [*twice(st(0, 0, 4, 1)) * 2, QUIET],
        Outcome(End.DOUBT, Count(0, 4), dispenser.NOT_REMEMBERED),
    ),
    ("the mark says it was taken", AT_7, [*twice(st(8, 0, 5, 0)) * 2, QUIET], Outcome(End.DONE, Count.exact(5))),
    (
        "the mark says it was not",
        AT_7,
        [*twice(st(7, 0, 2, 0)) * 2, QUIET],
        Outcome(End.NOTHING, Count.exact(0), page_code(Device.HOPPER, 7)),
    ),
]


@pytest.mark.parametrize(("before", "says", "outcome"), [row[1:] for row in RECALLED], ids=[row[0] for row in RECALLED])
def test_another_life_of_the_host_learns_what_can_be_proven(
    before: HopperStatus | None, says: list[Said], outcome: Outcome
) -> None:
    found, asked = run(one().recall(order(before)), says)
    assert (found.end, found.exited, found.code) == (outcome.end, outcome.exited, outcome.code)
    assert not {Header.DISPENSE, Header.RESET, Header.EMERGENCY_STOP} & set(asked)


def test_a_mark_that_cannot_be_read_proves_nothing() -> None:
    assert marks_of("1:07000200;2:zz;x;3:07") == {1: AT_7}


@pytest.mark.parametrize("order_", [Look(), Clear(), Recall("a", Mix(((1, 5),))), Pay("a", Mix(((1, 5),)))], ids=str)
@pytest.mark.parametrize("late", [False, True])
def test_an_order_ends_with_its_cable_or_its_time(order_: Look | Clear | Recall | Pay, late: bool) -> None:
    host = make_host(Settings("x"))
    host.start(0)
    host.lost(0)
    assert host.news() == ()
    host.order(order_, 0)
    if late:
        host.turn(host.capabilities.answer_ms)
    else:
        host.lost(5)
    (answer,) = host.news()
    code = dispenser.OVERDUE if late else dispenser.UNPLUGGED
    assert isinstance(answer, Seen | Cleared | Moved)
    assert answer.code == code
    if isinstance(answer, Moved):
        assert answer.end is (End.DOUBT if isinstance(order_, Recall) else End.NOTHING)
    assert host.wakes_at() is None


def test_what_is_answered_at_once_is_never_cut() -> None:
    with pytest.raises(AssertionError):
        make_host(Settings("x"))._known(Offer("a"), "")


def test_a_place_of_another_machine_stays_a_doubt() -> None:
    host: Host = make_host(Settings("x"))
    host.order(Recall("a", Mix(((2, 5),))), 0)
    (answer,) = host.news()
    assert isinstance(answer, Moved)
    assert (answer.end, answer.code) == (End.DOUBT, dispenser.NOT_REMEMBERED)


def test_an_adapter_that_hides_the_echo_is_named() -> None:
    host = make_host(Settings("x"))
    host.order(Look(), 0)
    now = 0
    while not (news := host.news()):
        wakes = host.wakes_at()
        assert wakes is not None
        now = max(now + 1, wakes)
        host.turn(now)
        for _ in host.say():
            host.hear(bytes([1, 4, 3, 0, 8, 0, 5, 0, 0xEB]), now)
    (seen,) = news
    assert isinstance(seen, Seen)
    assert seen.code == hopper.ECHO


@pytest.mark.parametrize("wrong", [{"addresses": []}, {"addresses": [3, 3]}, {"addresses": [40]}, {"check": "xor"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadSetting):
        fill(Settings, {"port": "x", **wrong}, file="cash.toml")
