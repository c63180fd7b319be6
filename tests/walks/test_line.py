"""The line between terminal and servers fails in the middle of a sale: it is paid once, or not at all and so said."""

from __future__ import annotations

import pytest

from core.screens import say
from core.words import word
from sim.peers.line import Act
from sim.walks.stage import Stage
from tests.walks.counter import (
    eventually_right,
    leave,
    reads,
    sales_settled,
    to_confirm,
    to_identify,
    type_code,
    wait_until_told,
)

pytestmark = pytest.mark.whole
AUTHORISE, CAPTURE, REVERSE = "/v1/authorisations", "/v1/captures", "/v1/reversals"
UNDONE_S = 60.0  # the longest deadline of a question, and the first waits of the outbox


def paid_once(stage: Stage) -> None:
    """Confirm is pressed: the sale is settled exactly once, and its paper comes out."""
    sold, papers = sales_settled(stage), len(stage.world.printer.papers)
    stage.press("confirm")
    stage.see("approved", UNDONE_S)
    stage.world.printer.wait_for_paper(papers + 1, timeout_s=30)
    leave(stage)
    assert sales_settled(stage) == sold + 1


@pytest.mark.parametrize(
    ("act", "path"),
    [
        (Act.CUT, CAPTURE),
        (Act.TWICE, AUTHORISE),
        pytest.param(Act.CUT, AUTHORISE, marks=pytest.mark.full),
        pytest.param(Act.TWICE, CAPTURE, marks=pytest.mark.full),
    ],
)
def test_an_answer_that_is_lost_or_comes_twice_pays_once(stage: Stage, act: Act, path: str) -> None:
    to_confirm(stage)
    stage.world.agency_line.order(act, path)
    paid_once(stage)


def test_a_slow_backend_is_waited_for(stage: Stage) -> None:
    to_confirm(stage)
    stage.world.agency_line.order(Act.LATE, AUTHORISE, delay_s=1.5)
    stage.world.agency_line.order(Act.LATE, CAPTURE, delay_s=1.5)
    paid_once(stage)


@pytest.mark.parametrize(
    ("act", "path"),
    [
        (Act.CUT, "/v1/presentations"),
        pytest.param(Act.TWICE, "/v1/presentations", marks=pytest.mark.full),
        pytest.param(Act.CUT, "/v1/quotes", marks=pytest.mark.full),
        (Act.TWICE, "/v1/quotes"),
    ],
)
def test_a_question_before_any_money_is_asked_again(stage: Stage, act: Act, path: str) -> None:
    stage.next_shopper()
    to_identify(stage)
    stage.world.exchange_line.order(act, path)
    type_code(stage, stage.fresh_code().digits)
    stage.see("confirm")
    paid_once(stage)


def test_authorise_that_is_never_answered_is_undone_and_said_so(stage: Stage) -> None:
    """Every try to authorise arrives and is held; no answer comes back: the terminal takes it back by itself."""
    sold = sales_settled(stage)
    to_confirm(stage)
    stage.world.agency_line.order(Act.CUT, AUTHORISE, times=4)
    stage.press("confirm")
    stage.see("not_paid", UNDONE_S)
    leave(stage)
    assert eventually_right(stage, 2) == []
    assert sales_settled(stage) == sold


def test_an_exchange_that_is_down_while_the_code_is_shown_is_said_and_the_sale_goes_on_later(stage: Stage) -> None:
    world = stage.world
    stage.next_shopper()
    to_identify(stage)
    code = stage.fresh_code().digits
    world.backend.kill()
    type_code(stage, code)
    reads(stage, word(say("sale.identify.no_answer"), "en"))
    world.start_backend()
    wait_until_told(stage, "")
    stage.figures(code)
    stage.see("confirm")
    paid_once(stage)


def test_servers_killed_before_confirm_leave_an_undoing_that_the_outbox_delivers(stage: Stage) -> None:
    world = stage.world
    sold = sales_settled(stage)
    to_confirm(stage)
    world.backend.kill()
    stage.press("confirm")
    stage.see("undoing", UNDONE_S)
    stage.press("done")
    stage.see("idle")
    owed = word(say("sale.idle.owed"), "en")
    reads(stage, owed)
    world.start_backend()
    stage.until(lambda shown: not any(owed in line for line in shown.spoken), "an outbox that is empty", UNDONE_S)
    assert sales_settled(stage) == sold


@pytest.mark.full
def test_a_completion_that_is_swallowed_is_asked_again_until_it_is_known(stage: Stage) -> None:
    world = stage.world
    sold = sales_settled(stage)
    to_confirm(stage)
    world.agency_line.order(Act.HOLE, CAPTURE, times=2)
    stage.press("confirm")
    stage.see("checking", UNDONE_S)
    stage.see("approved", UNDONE_S)
    leave(stage)
    assert sales_settled(stage) == sold + 1


@pytest.mark.full
def test_an_answer_later_than_every_deadline_is_undone(stage: Stage) -> None:
    """The answers to authorise come after the terminal has given up: the reversal wins."""
    world = stage.world
    sold = sales_settled(stage)
    to_confirm(stage)
    world.agency_line.order(Act.LATE, AUTHORISE, times=4, delay_s=20.0)
    stage.press("confirm")
    stage.see("not_paid", UNDONE_S)
    leave(stage)
    assert eventually_right(stage, UNDONE_S) == []
    assert sales_settled(stage) == sold


@pytest.mark.full
def test_paused_servers_answer_in_the_end_and_nothing_is_lost(stage: Stage) -> None:
    world = stage.world
    sold = sales_settled(stage)
    to_confirm(stage)
    world.backend.pause()
    try:
        stage.press("confirm")
        stage.see("undoing", UNDONE_S)
    finally:
        world.backend.resume()
    leave(stage)
    assert eventually_right(stage, UNDONE_S) == []
    assert sales_settled(stage) == sold
