"""A technician's visit as conversations: let in, menu by rights, load, blind count, test, clear, and every way out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cash import Count
from core.cash_report import Act, NotesAt
from core.effects import AuthoriseWithdrawal, PayNotes, Show, StartTimer, TakeNonce
from core.events import CodeShown, Event, Form, Pressed, Refused, Restarted, Source, TimerFired, Unanswered
from core.faults import Refusal
from core.grant import Right
from core.screens import Choices, Facts, Keypad, Notice, Plain, say
from core.service_effects import ServeNotes, TakeChallenge
from core.service_events import ChallengeGiven, GrantShown, ServiceDone
from core.vault_talk import CassetteShown, Challenge, Served
from core.words import LANGS, word
from device.flows.service import SERVICE
from device.flows.service_lines import questions
from tests.device.answers import won
from tests.device.cash_answers import MACHINE
from tests.device.playbook import TXN, Playbook, changed

ALL = tuple(Right)
HOUR_MS = 3_600_000
MANY = changed(
    MACHINE,
    retracts=True,
    cassettes=tuple(CassetteShown(place, won(10_000), Count.exact(5), True) for place in range(1, 8)),
)


def challenge(book: Playbook, text: str = "ABCDE12345") -> ChallengeGiven:
    return ChallengeGiven(book.awaited, Challenge(text, HOUR_MS))


def grant(person: str = "Kim", rights: tuple[Right, ...] = ALL, text: str = "ABCDE12345") -> GrantShown:
    return GrantShown(person, rights, text, HOUR_MS, f"cg1.{person}")


def begun(machine: Any = MACHINE, rights: tuple[Right, ...] = ALL) -> Playbook:
    """On the menu, as Kim."""
    book = Playbook(SERVICE, cash=machine)
    book << TakeChallenge(book.awaited, TXN)
    book.shows("service_asking")
    book >> challenge(book)
    book.shows("service_challenge") >> Pressed("scan")
    book.shows("service_grant") >> grant(rights=rights)
    return book.shows("service_menu") << StartTimer("visit", HOUR_MS - 200)


def served(book: Playbook, *, waits: bool = False, **state: Any) -> ServiceDone:
    return ServiceDone(book.awaited, Served(TXN, 7, waits, changed(MACHINE, **state)))


def typed(book: Playbook, digits: str) -> Playbook:
    for digit in digits:
        book >> Pressed(f"digit:{digit}")
    return book >> Pressed("enough")


def counted(book: Playbook, figures: str = "5") -> Playbook:
    for _ in questions(book.state.ticket.service.known):
        book.shows("service_count")
        typed(book, figures)
    return book.shows("service_act")


def options(book: Playbook) -> list[str]:
    return [one.id for block in book.screen.blocks if isinstance(block, Choices) for one in block.options]


# -- let in --------------------------------------------------------------------------------------------


def test_the_challenge_stands_as_text_and_as_a_code() -> None:
    book = Playbook(SERVICE, cash=MACHINE)
    book >> challenge(book)
    assert Plain("ABCDE 12345") in [
        value for block in book.screen.blocks if isinstance(block, Facts) for _, value in block.rows
    ]
    assert any(getattr(block, "payload", "") == "ABCDE12345" for block in book.screen.blocks)


def test_a_machine_without_a_cash_side_lets_nobody_in() -> None:
    Playbook(SERVICE, cash=None).ends("silent").shows("service_stopped")


@pytest.mark.parametrize(
    "answer", [lambda key: Refused(key, Refusal("TM-VAULT-008")), lambda key: Unanswered(key, "TM-ATM-001")]
)
def test_a_challenge_that_was_not_given_can_be_asked_for_again(answer: Any) -> None:
    book = Playbook(SERVICE, cash=MACHINE)
    book >> Pressed("scan")  # while nothing has been answered
    book >> answer(book.awaited)
    book.shows("service_refused") >> Pressed("scan")
    book >> Pressed("again")
    book << TakeChallenge
    book >> challenge(book)
    book.shows("service_challenge").refolded()


def test_another_code_and_an_old_grant_are_not_taken() -> None:
    book = Playbook(SERVICE, cash=MACHINE)
    book >> challenge(book)
    book >> grant()  # nobody has asked for it yet
    book.shows("service_challenge") >> Pressed("scan")
    book >> CodeShown(Source.CAMERA, Form.FOREIGN, "x")
    assert Notice in [type(block) for block in book.screen.blocks]
    book >> grant(text="ZZZZZ00000")
    book.shows("service_grant") >> Pressed("back")
    book.shows("service_challenge") >> Pressed("nothing")
    book.shows("service_challenge").refolded()


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (Pressed("cancel"), "left"),
        (TimerFired("idle"), "left"),
        (Restarted(()), "restarted"),
        (TimerFired("visit"), "visit_over"),
    ],
)
def test_nobody_has_to_be_let_in(event: Event, outcome: str) -> None:
    book = Playbook(SERVICE, cash=MACHINE)
    book >> challenge(book)
    book >> event
    book.shows("service_over").ends(outcome)


# -- the menu ------------------------------------------------------------------------------------------


def test_the_menu_offers_what_the_grant_allows() -> None:
    assert options(begun()) == ["load", "count", "test", "clear", "state"]
    book = begun(rights=(Right.LOAD,))
    assert options(book) == ["load", "state"]
    book >> Pressed("clear")
    book.shows("service_menu")


def test_the_machine_is_shown_with_what_is_known_of_it() -> None:
    told = changed(
        MACHINE,
        ready=False,
        code="TM-CASH-001",
        bins=(
            NotesAt("reject", won(10_000), Count(0, 2)),
            NotesAt("path", won(10_000), Count.unknown()),
        ),
    )
    book = begun(told) >> Pressed("state")
    rows = [
        value
        for block in book.shows("service_state").screen.blocks
        if isinstance(block, Facts)
        for _, value in block.rows
    ]
    assert Plain("TM-CASH-001") in rows
    assert say("service.count.interval", low=0, high=2, face=str(won(10_000).money())) in rows
    assert say("service.count.least", low=0, face=str(won(10_000).money())) in rows
    book >> Pressed("load")
    book.shows("service_state") >> Pressed("back")
    book.shows("service_menu")
    begun() >> Pressed("state")


def test_every_screen_of_a_visit_says_who_and_how_long_and_a_minute_draws_it_anew() -> None:
    for way in ([], ["load"], ["load", "place:1"], ["count"], ["test"], ["clear"]):
        book = begun()
        for press in way:
            book >> Pressed(press)
        before = book.state
        book >> TimerFired("minute")
        book << StartTimer("minute", 60_000)
        assert book.state == before, "a minute is written down nowhere"
        rows = [row for block in book.screen.blocks if isinstance(block, Facts) for row in block.rows]
        assert (say("service.person"), Plain("Kim")) in rows, way
        assert (say("service.left"), say("service.minutes", minutes=60)) in rows, way


@pytest.mark.parametrize("way", [(), ("load",), ("load", "place:1"), ("count",), ("test",)])
@pytest.mark.parametrize(("event", "outcome"), [(TimerFired("visit"), "visit_over"), (Restarted(()), "restarted")])
def test_time_and_a_restart_end_a_visit_anywhere(way: tuple[str, ...], event: Event, outcome: str) -> None:
    book = begun()
    for press in way:
        book >> Pressed(press)
    book >> event
    book.shows("service_over").ends(outcome)


def test_leaving_ends_the_visit() -> None:
    (begun() >> Pressed("leave")).shows("service_over").ends("left")


# -- acts ----------------------------------------------------------------------------------------------


def test_notes_are_loaded_after_a_yes_to_what_will_be_booked() -> None:
    book = begun() >> Pressed("load")
    book.shows("service_load") >> Pressed("digit:1")
    face = MACHINE.cassettes[0].face
    book >> Pressed("place:1")
    assert Keypad in [type(block) for block in book.shows("service_load_notes").screen.blocks]
    book >> Pressed("enough")
    book >> Pressed("nothing")
    typed(book.shows("service_load_notes"), "20").shows("service_act")
    book >> Pressed("nothing")
    book >> Pressed("do")
    act = book.one(ServeNotes)
    assert (act.act, act.notes, act.grant) == (Act.LOADED, (NotesAt("cassette:1", face, Count.exact(20)),), "cg1.Kim")
    book.shows("service_working") >> Pressed("back")
    book >> served(book)
    book.shows("service_menu").refolded()


def test_a_step_back_leads_to_the_step_before() -> None:
    book = begun() >> Pressed("load")
    book >> Pressed("place:1")
    book >> Pressed("back")
    book.shows("service_load") >> Pressed("back")
    book.shows("service_menu") >> Pressed("test")
    book.shows("service_act") >> Pressed("back")
    book.shows("service_menu") >> Pressed("count")
    typed(book, "1") >> Pressed("back")
    assert book.state.ticket.service.figures == ()
    book >> Pressed("nothing")
    book >> Pressed("back")
    book.shows("service_menu")


def test_more_cassettes_than_fit_are_on_further_pages() -> None:
    book = begun(MANY) >> Pressed("load")
    assert options(book) == [f"place:{place}" for place in range(1, 6)]
    book >> Pressed("more")
    assert options(book) == ["place:6", "place:7"]
    book >> Pressed("place:1")
    book.shows("service_load") >> Pressed("more")
    assert options(book)[0] == "place:1"
    assert any(one.place == "retract" for one in questions(MANY))


def test_a_test_moves_one_note_of_each_cassette_and_a_clearing_none() -> None:
    book = begun() >> Pressed("test")
    book >> Pressed("do")
    assert [(one.place, one.count) for one in book.one(ServeNotes).notes] == [
        (f"cassette:{one.place}", Count.exact(1)) for one in MACHINE.cassettes
    ]
    first = book.one(ServeNotes).txn
    book >> served(book)
    book >> Pressed("clear")
    book >> Pressed("do")
    assert (book.one(ServeNotes).act, book.one(ServeNotes).notes) == (Act.CLEARED, ())
    assert book.one(ServeNotes).txn != first, "each act has a name of its own"


@pytest.mark.parametrize("code", ["TM-VAULT-011", "TM-VAULT-021"])
def test_a_refused_act_says_why_with_its_code(code: str) -> None:
    book = begun() >> Pressed("clear")
    book >> Pressed("do")
    book >> Refused(book.awaited, Refusal(code))
    rows = [
        row
        for block in book.shows("service_act_refused").screen.blocks
        if isinstance(block, Facts)
        for row in block.rows
    ]
    assert (say("common.code"), Plain(code)) in rows
    book >> Pressed("do")
    book.wants_no(ServeNotes).shows("service_act_refused") >> Pressed("menu")
    book.shows("service_menu")


def test_an_act_without_an_answer_is_unknown_and_never_asked_for_again() -> None:
    book = begun() >> Pressed("test")
    book >> Pressed("do")
    book >> Unanswered(book.awaited, "TM-ATM-001")
    book.wants_no(ServeNotes).shows("service_act_refused")
    assert Notice(say("service.no.unknown"), book.screen.tone) in book.screen.blocks


def test_time_that_runs_out_during_an_act_ends_the_visit_after_it() -> None:
    book = begun() >> Pressed("test")
    book >> Pressed("do")
    book >> TimerFired("visit")
    book >> TimerFired("minute")
    book >> served(book)
    book.shows("service_over").ends("visit_over")


def test_a_restart_during_an_act_ends_the_visit() -> None:
    book = begun() >> Pressed("test")
    book >> Pressed("do")
    (book >> Restarted(())).ends("restarted")


# -- the blind count -----------------------------------------------------------------------------------


def first_counted() -> Playbook:
    book = counted(begun() >> Pressed("count")) >> Pressed("do")
    assert book.one(ServeNotes).act is Act.COUNTED
    book >> served(book, waits=True)
    book << TakeChallenge
    book >> challenge(book, "FFFFF00000")
    return book.shows("service_challenge")


def test_two_persons_count_one_after_the_other_and_no_screen_shows_a_figure_that_is_not_their_own() -> None:
    book = first_counted() >> Pressed("scan")
    book >> grant("Lee", (Right.COUNT,), "FFFFF00000")
    book.shows("service_count")
    assert book.state.ticket.service.figures == ()
    shown = [word(block.words, "en") for block in book.screen.blocks if isinstance(block, Notice)]
    assert shown == []
    counted(book) >> Pressed("do")
    assert book.one(ServeNotes).grant == "cg1.Lee"
    book >> served(book)
    book.shows("service_menu").refolded()
    assert book.state.ticket.service.second is None


def test_the_second_person_is_another_one_with_the_right_to_count() -> None:
    book = first_counted() >> Pressed("scan")
    book >> grant("Kim", ALL, "FFFFF00000")
    book.shows("service_grant") >> grant("Lee", (Right.LOAD,), "FFFFF00000")
    book.shows("service_grant") >> TimerFired("minute")
    book.shows("service_grant") >> TimerFired("visit")
    book.ends("visit_over")


def test_a_second_person_who_does_not_come_leaves_the_first_count_standing() -> None:
    book = first_counted() >> Pressed("cancel")
    assert Notice(say("service.count.half")) in book.shows("service_menu").screen.blocks


def test_counts_that_differ_begin_anew() -> None:
    book = first_counted() >> Pressed("scan")
    book >> grant("Lee", (Right.COUNT,), "FFFFF00000")
    counted(book, "6") >> Pressed("do")
    book >> Refused(book.awaited, Refusal("TM-VAULT-013"))
    assert Notice(say("service.no.differ"), book.screen.tone) in book.screen.blocks
    book >> Pressed("menu")
    assert book.state.ticket.service.here.person == "Kim"


def test_no_screen_of_a_count_shows_what_the_book_says() -> None:
    figure = 7_777
    secret = changed(MACHINE, cassettes=tuple(changed(one, count=Count.exact(figure)) for one in MACHINE.cassettes))
    book = begun(secret) >> Pressed("count")
    for _ in questions(secret):
        assert "7777" not in repr(book.screen)
        typed(book, "5")
    assert "7777" not in repr(book.screen)


# -- always --------------------------------------------------------------------------------------------

PRESSES = (
    "load", "count", "test", "clear", "state", "back", "leave", "place:1", "place:9", "more", "enough", "do", "menu",
    "digit:1", "digit:00", "erase", "scan", "again", "cancel",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PRESSES).map(Pressed), st.integers(0, 6)), max_size=60))
def test_nothing_of_a_visit_asks_for_notes_to_come_out(script: list[Pressed | int]) -> None:
    book = begun()
    for one in script:
        if book.state.outcome:
            break
        key = book.awaited or "none"
        events: list[Event] = [
            ServiceDone(key, Served(TXN, 3, False, MACHINE)),
            ServiceDone(key, Served(TXN, 3, True, MACHINE)),
            Refused(key, Refusal("TM-VAULT-013")),
            Unanswered(key, "TM-ATM-001"),
            ChallengeGiven(key, Challenge("GGGGG00000", HOUR_MS)),
            grant("Lee", ALL, "GGGGG00000"),
            TimerFired("visit"),
        ]
        book >> (one if isinstance(one, Pressed) else events[one])
        for kind in (PayNotes, TakeNonce, AuthoriseWithdrawal):
            book.wants_no(kind)
        for effect in book.effects:
            if isinstance(effect, ServeNotes):
                assert effect.act in (Act.LOADED, Act.COUNTED, Act.TESTED, Act.CLEARED)
                assert all(row.place != "exit" for row in effect.notes)
            if isinstance(effect, Show):
                for lang in LANGS:
                    assert word(effect.screen.heading, lang)
    book.refolded()


def test_a_grant_is_never_shown_and_never_written_down() -> None:
    from core.codec import tagged

    book = begun() >> Pressed("test")
    book >> Pressed("do")
    assert "cg1" not in str(tagged(book.one(ServeNotes), mask=True))
    assert "cg1" not in str(tagged(grant(), mask=True))
    assert "cg1" not in repr(book.state.ticket)
