"""What people do at the counter, whatever stands on the screen: they go on, wait, and press done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

from core.effects import Authorise, Complete, LineEffect, Refund, Reverse, Void
from core.events import CodeScanned, Source, Symbology
from core.proof import Kind, open_seal
from core.receipt import Qr
from tests.crash.till import LOST_ANSWER, LOST_QUESTION, Cut, Machine, Till

GOODS: Final = "TMP1:KRW:50000:Umbrella"
TURNS_MAX: Final = 60  # screens a person sees before we say that the terminal goes in a circle
WAIT_MS: Final = 3_000

Act = Callable[[Machine], None]


def _press(action: str) -> Act:
    return lambda machine: machine.press(action)


def _scan(machine: Machine, text: str) -> None:
    machine.hear(CodeScanned(Source.CAMERA, Symbology.QR, text))


def _ring_up(machine: Machine) -> None:
    assert machine.loop.state is not None
    if machine.loop.state.ticket.total.minor:
        machine.press("charge")
    else:
        _scan(machine, GOODS)


def _show_code(machine: Machine) -> None:
    _scan(machine, machine.till.town.code())


def _show_receipt(machine: Machine) -> None:
    """The newest receipt of a sale on the floor."""
    papers = [paper for papers in machine.till.floor.papers.values() for paper in papers]
    proofs = [line.payload for paper in papers for line in paper.lines if isinstance(line, Qr)]
    _scan(machine, next(text for text in reversed(proofs) if open_seal(text).facts.kind is Kind.SALE))


def _wait(machine: Machine) -> None:
    machine.pass_time(WAIT_MS)


def _renew(machine: Machine) -> None:
    """Look at the price until it is renewed once, then say yes."""
    state = machine.loop.state
    assert state is not None
    assert state.ticket.offer is not None
    if state.ticket.decisions == 2:
        machine.pass_time(state.ticket.offer.ttl_ms - 5_000)
    else:
        machine.press("confirm")


USUAL: Final[dict[str, Act]] = {
    "ring_up": _ring_up,
    "identify": _show_code,
    "quote_refused": _press("again"),
    "confirm": _press("confirm"),
    "checking": _wait,
    "refund_checking": _wait,
    "find_sale": _show_receipt,
    "choose_refund": _press("offer"),
    "refund_outcomes": _press("give:fiat"),
    "refund_confirm": _press("confirm"),
    "close_batch": _press("close"),
}
ENDED: Final = dict.fromkeys(
    (
        "approved", "cancelled", "declined", "not_paid", "undoing", "refunded", "voided", "refund_owed",
        "batch_closed", "batch_differs",
    ),
    _press("done"),
)  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """One business. `before` is done first, uncut; `deaf` what the line loses; `acts` where people act otherwise."""

    name: str
    start: str
    before: str = ""
    deaf: dict[type[LineEffect], str] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)


def _all() -> tuple[Scenario, ...]:
    void = {"choose_refund": _press("void")}
    return (
        Scenario("sale", "sale"),
        Scenario("sale with a renewed quote", "sale", acts={"confirm": _renew}),
        Scenario("sale whose authorisation is lost", "sale", deaf={Authorise: LOST_ANSWER}),
        Scenario("sale whose question is lost", "sale", deaf={Authorise: LOST_QUESTION}),
        Scenario("sale whose undoing is lost too", "sale", deaf={Authorise: LOST_ANSWER, Reverse: LOST_ANSWER}),
        Scenario("sale whose completion is lost", "sale", deaf={Complete: LOST_ANSWER}),
        Scenario("sale the seller gives up", "sale", deaf={Complete: LOST_ANSWER}, acts={"checking": _press("undo")}),
        Scenario(
            "sale the seller gives up unheard",
            "sale",
            deaf={Complete: LOST_QUESTION, Reverse: LOST_QUESTION},
            acts={"checking": _press("undo")},
        ),
        Scenario("refund in fiat", "refund", before="sale"),
        Scenario("refund whose answer is lost", "refund", before="sale", deaf={Refund: LOST_ANSWER}),
        Scenario("refund in coins", "refund", before="sale", acts={"refund_outcomes": _press("give:coins_today")}),
        Scenario("void", "refund", before="sale", acts=void),
        Scenario("void whose answer is lost", "refund", before="sale", deaf={Void: LOST_ANSWER}, acts=void),
        Scenario("batch close", "batch", before="sale"),
    )


def whims(chance: Random) -> dict[str, Act]:
    """Somebody who cannot make up their mind: at each screen one of the things it offers, the usual one mostly."""

    def some(*actions: Act) -> Act:
        def act(machine: Machine) -> None:
            chance.choice(actions)(machine)

        return act

    def later(action: str) -> Act:
        def leave(machine: Machine) -> None:
            assert machine.loop.state is not None
            machine.till.floor.later.add(machine.loop.state.ticket.txn.text)
            machine.press(action)

        return leave

    def again(machine: Machine) -> None:
        """What came out of the printer was not whole: new paper, or none."""
        machine.till.floor.paper = chance.random() < 0.7
        machine.press("print_again")

    yes, cancel = _press("confirm"), _press("cancel")
    return {
        "confirm": some(yes, yes, yes, _renew, cancel),
        "checking": some(_wait, _wait, _press("undo")),
        "refund_checking": some(_wait, _wait, later("later")),
        "choose_refund": some(_press("offer"), _press("offer"), _press("void"), cancel),
        "refund_outcomes": some(_press("give:fiat"), _press("give:coins_today"), cancel),
        "refund_confirm": some(yes, yes, cancel),
        "find_sale": some(_show_receipt, _show_receipt, cancel),
        "close_batch": some(_press("close"), _press("close"), _press("close"), later("cancel")),
        "approved": some(_press("done"), again),
        "refunded": some(_press("done"), again),
        "voided": some(_press("done"), again),
        "reprint": some(_press("print"), _press("done"), cancel),
    }


SCENARIOS: Final = {one.name: one for one in _all()}


def serve(till: Till, scenario: Scenario) -> None:
    """Until the terminal stands idle and owes nothing. It may be cut on the way; then somebody switches it on again."""
    till.floor.deaf = dict(scenario.deaf)
    begun = False
    turns = 0
    while True:
        try:
            machine = till.machine or till.start()
            while turns < TURNS_MAX:
                turns += 1
                shown = machine.shown
                if shown == "idle" and not begun:
                    begun = True
                    machine.press(scenario.start)
                elif shown == "idle" and not machine.journal.owed():
                    return
                elif shown == "idle":
                    _wait(machine)
                else:
                    (scenario.acts.get(shown) or USUAL.get(shown) or ENDED[shown])(machine)
            raise AssertionError(f"the terminal never came to an end: {machine.shown}")
        except Cut:
            till.cut()
