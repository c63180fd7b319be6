"""The device's line against our real servers on real sockets: pairing, a sale, its undoing, and the close of a day."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.effects import (
    AskQuote,
    AskRefund,
    Authorise,
    CloseBatch,
    Complete,
    FindSale,
    Identify,
    LineEffect,
    Refund,
    Reverse,
    Void,
)
from core.events import (
    Authorised,
    BatchClosed,
    Captured,
    Event,
    Identified,
    Quoted,
    Refunded,
    RefundOffered,
    Refused,
    Reversed,
    SaleFound,
    Source,
)
from core.ids import TxnId
from core.messages import PairingRequest, RefundChoice, SaleState, Totals
from core.proof import open_seal
from sync.device_clock import DeviceClock
from sync.exchange_http import Line
from sync.exchange_routes import Servers
from sync.http_ask import Asker
from sync.journal import Journal
from sync.pairing import Paired, PairingWorker, Stage, Waiting, device_key, keep_grant, kept_grant
from tests.backend.agency.running import KRW_0, Town, town, won
from tests.sync.clocks import Lines, RealClock


class Terminal:
    """A device that has nothing but the exchange's address, and a clock that is years off."""

    def __init__(self, all_: Town, folder: Path) -> None:
        self.town = all_
        self.log = Lines()
        self.clock = DeviceClock(RealClock(-3 * 365 * 86_400_000), self.log)
        self.key = device_key(folder / "device.key", secrets.token_bytes)
        self.journal = Journal.open(folder / "journal.db", 4096)
        self.stan = 0
        self._pair(folder)
        grant = kept_grant(self.journal)
        assert grant is not None
        asker = Asker(self.key, grant.terminal, self.clock, secrets.token_bytes)
        servers = Servers(all_.urls.exchange, grant.agency_url)
        self.line = Line(servers, asker, self.clock, lambda: 0.5, self.log)

    def _pair(self, folder: Path) -> None:
        heard: list[Stage] = []
        shown, ended = threading.Event(), threading.Event()

        def changed(stage: Stage) -> None:
            heard.append(stage)
            (shown if isinstance(stage, Waiting) else ended).set()

        exchange = self.town.urls.exchange
        request = PairingRequest(self.key.public, "seller", "pi", "0.1.0")
        asker = Asker(self.key, "", self.clock, secrets.token_bytes)
        worker = PairingWorker(exchange, request, asker, self.clock, changed, self.log)
        worker.start()
        assert shown.wait(10)
        assert isinstance(heard[0], Waiting)
        _, session = self.town.join("seller@example.org")
        client = self.town.client
        client.put(f"{exchange}/v1/shop", json={"shop": "Corner", "payout": "fiat"}, headers=session)
        code = heard[0].opened.code
        told = client.post(f"{exchange}/v1/pairings/approve", json={"code": code}, headers=session)
        assert told.status_code == 200, told.text
        assert ended.wait(10)
        worker.stop()
        assert isinstance(heard[-1], Paired)
        keep_grant(self.journal, heard[-1].grant)

    def ask(self, effect: LineEffect) -> Event:
        return self.line.perform(effect)

    def authorised(self, txn: TxnId) -> Authorise:
        """Identify, quote and authorise; the order to authorise, for asking again."""
        self.stan += 1
        shown = self.ask(Identify(txn.key("identify"), txn, Source.KEYPAD, self.town.next_code()))
        assert isinstance(shown, Identified), shown
        quoted = self.ask(AskQuote(txn.key("quote"), txn, shown.presentation.id, won(50_000)))
        assert isinstance(quoted, Quoted), quoted
        effect = Authorise(txn.key("authorise"), txn, self.stan, shown.presentation.id, quoted.offer.quote)
        event = self.ask(effect)
        assert isinstance(event, Authorised), event
        assert self.ask(effect) == event  # the same key, the same answer
        return effect

    def sold(self) -> Captured:
        txn = new()
        self.authorised(txn)
        event = self.ask(Complete(txn.key("complete"), txn))
        assert isinstance(event, Captured), event
        return event


def new() -> TxnId:
    return TxnId.of(secrets.token_bytes(16))


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with town(tmp_path_factory.mktemp("town")) as all_:
        made = Terminal(all_, tmp_path_factory.mktemp("device"))
        with closing(made.journal):
            yield made
            made.line.let_go()


def test_a_clock_years_off_was_healed_on_the_way(terminal: Terminal) -> None:
    terminal.sold()
    assert terminal.clock.healed
    assert terminal.log.named("clock_skew")


def test_a_sale_is_settled_once_and_found_again(terminal: Terminal) -> None:
    sold = terminal.sold()
    txn = sold.capture.txn
    assert terminal.ask(Complete(txn.key("complete"), txn)) == sold
    for reference in (sold.capture.rrn, txn.text):
        look = new()
        found = terminal.ask(FindSale(look.key("find"), look, reference))
        assert isinstance(found, SaleFound), found
        assert (found.sale.txn, found.sale.state) == (txn, SaleState.SETTLED)


def test_what_was_authorised_and_what_never_arrived_is_reversed(terminal: Terminal) -> None:
    txn = new()
    terminal.authorised(txn)
    for one in (txn, new()):
        effect = Reverse(one.key("reverse"), one, "no answer to authorise")
        assert terminal.ask(effect) == Reversed(effect.key)
        assert terminal.ask(effect) == Reversed(effect.key)
    assert isinstance(terminal.ask(Complete(txn.key("complete"), txn)), Refused)


def test_a_wrong_code_and_an_unknown_sale_are_refused_by_name(terminal: Terminal) -> None:
    txn = new()
    for effect in (
        Identify(txn.key("identify"), txn, Source.KEYPAD, "0" * 18),
        FindSale(txn.key("find"), txn, "nothing like it"),
    ):
        event = terminal.ask(effect)
        assert isinstance(event, Refused), event
        assert event.refusal.code.startswith("TM-")
        assert not event.refusal.code.startswith("TM-LINE")


def test_a_sale_is_refunded_or_voided_and_the_day_is_closed(terminal: Terminal) -> None:
    sale, void, ask, close = terminal.sold().capture.txn, terminal.sold().capture.txn, new(), new()
    offered = terminal.ask(AskRefund(ask.key("ask"), ask, sale, won(50_000)))
    assert isinstance(offered, RefundOffered), offered
    refund = Refund(ask.key("refund"), ask, sale, RefundChoice.FIAT, offered.offer.offer)
    event = terminal.ask(refund)
    assert isinstance(event, Refunded), event
    assert terminal.ask(refund) == event
    effect = Void(close.key("void"), close, void)
    undone = terminal.ask(effect)
    assert isinstance(undone, Reversed), undone
    assert (undone.answers, open_seal(undone.proof).facts.sale) == (effect.key, void)
    totals = Totals(0, KRW_0, 0, KRW_0, 0, KRW_0)  # not what was sold: the close says so and changes nothing
    closed = terminal.ask(CloseBatch(close.key("close_batch"), close, totals))
    assert isinstance(closed, BatchClosed), closed
    assert not closed.totals.agrees
    assert closed.totals.exchange.refunds == 1
