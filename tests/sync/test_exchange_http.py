"""The line to the exchange, against a real server that misbehaves."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.effects import (
    AskApproval,
    AskLimits,
    AskRefund,
    AskWithdrawQuote,
    AuthoriseWithdrawal,
    CloseBatch,
    FindSale,
    Identify,
    LineEffect,
    LookApproval,
    Reverse,
    SettleNotes,
    Void,
)
from core.events import (
    ApprovalSeen,
    Authorised,
    BatchClosed,
    Captured,
    Event,
    Identified,
    LimitsKnown,
    Quoted,
    Refunded,
    RefundOffered,
    Refused,
    Reversed,
    SaleFound,
    Settled,
    Source,
    Unanswered,
    WithdrawAuthorised,
    WithdrawQuoted,
)
from core.messages import (
    Approval,
    ApprovalState,
    Authorisation,
    BatchTotals,
    Capture,
    CashReportReply,
    Payout,
    Presentation,
    QuoteOffer,
    RefundChoice,
    RefundDone,
    RefundOffer,
    Sale,
    SaleState,
    Tender,
    Totals,
    Withdrawal,
    WithdrawAuthorisation,
    WithdrawLimits,
    WithdrawOffer,
    WithdrawState,
)
from core.moment import Moment
from sync import exchange_routes
from sync.device_clock import DeviceClock
from sync.exchange_http import Line
from sync.exchange_routes import Servers
from sync.http_ask import Asker, Deadline
from sync.signing import DeviceKey
from tests.sync import far_end as acts
from tests.sync.clocks import Lines, RealClock
from tests.sync.far_end import FarEnd, far_end, no, plain, raw
from tests.sync.tickets import CODE, COIN, WON, ask_quote, authorise, complete, identify, refund, reverse, tap, txn

ONE, OTHER = txn(1), txn(2)
WHEN = "2026-06-01T00:00:00Z"
TOTALS = Totals(1, WON, 0, WON, 0, WON)
FIND = FindSale(ONE.key("find"), ONE, "r 1")
ASK_REFUND = AskRefund(ONE.key("ask"), ONE, ONE, WON)
VOID = Void(ONE.key("void"), ONE, OTHER)
CLOSE = CloseBatch(ONE.key("close_batch"), ONE, TOTALS)

LIMITS = AskLimits(ONE.key("amount"), ONE, "p-1")
APPROVE = AskApproval(ONE.key("approve"), ONE, "p-1", WON)
LOOK = LookApproval(APPROVE.key, ONE, WON)
ASK_CASH = AskWithdrawQuote(ONE.key("price"), ONE, "p-1", WON, Tender.FIAT)
WITHDRAW = AuthoriseWithdrawal(ONE.key("authorise"), ONE, 1, "p-1", "capsule", "v-1", "ab" * 16)
SETTLE = SettleNotes(ONE.key("settle"), ONE, "cr1.report")
LIMITED = WithdrawLimits(ONE, WON, (), WON, WON, WON)
APPROVAL = Approval(ONE, ApprovalState.WAITING, WON, "ATM", 60_000)
CASH_OFFER = WithdrawOffer("capsule", "w-1", ONE, WON, Tender.FIAT, WON, WON, None, None, 0, (), WHEN, 30_000)
CASH_YES = WithdrawAuthorisation(ONE, "R-1", "A1B2C3", "ca1.x.y.z")
WITHDRAWN = Withdrawal(
    ONE, "R-1", "A1B2C3", WithdrawState.PAID, WON, WON, WON, WON, WON, None, None, WON, None, WHEN
)  # fmt: skip
TAKEN = CashReportReply(1, "ct1.x.y.z", WITHDRAWN)

PRESENTATION = Presentation("p-1", ONE, "4439", ("BTC",), WHEN, 120_000)
QUOTE = QuoteOffer("capsule", "q-1", ONE, WON, COIN, WON, COIN, COIN, WON, 50, (), WHEN, WHEN, 30_000)
AUTHORISATION = Authorisation(ONE, "R-1", "A1B2C3", WHEN)
CAPTURE = Capture(ONE, "R-1", "A", WON, COIN, WON, COIN, WON, Payout(WON, WON), WHEN, "proof")
REVERSED = Sale(ONE, "R-1", SaleState.REVERSED, WHEN)
REFUND_OFFER = RefundOffer("capsule", ONE, WON, (), WHEN, 30_000)
REFUND_DONE = RefundDone(ONE, txn(1), "R-2", RefundChoice.FIAT, WON, WON, WHEN, "proof")
BATCH = BatchTotals(ONE, 1, TOTALS, TOTALS, TOTALS, True, (), WON, WHEN)
VOIDED = Sale(OTHER, "R-0", SaleState.VOIDED, WHEN)

TABLE: list[tuple[LineEffect, str, str, object, type]] = [
    (identify(ONE), "POST", "/v1/presentations", PRESENTATION, Identified),
    (tap(ONE), "POST", "/v1/presentations", PRESENTATION, Identified),
    (ask_quote(ONE), "POST", "/v1/quotes", QUOTE, Quoted),
    (authorise(ONE), "POST", "/v1/authorisations", AUTHORISATION, Authorised),
    (complete(ONE), "POST", "/v1/captures", CAPTURE, Captured),
    (reverse(ONE), "POST", "/v1/reversals", REVERSED, Reversed),
    (FIND, "GET", "/v1/sales/r%201", REVERSED, SaleFound),
    (ASK_REFUND, "POST", "/v1/refund-offers", REFUND_OFFER, RefundOffered),
    (refund(ONE), "POST", "/v1/refunds", REFUND_DONE, Refunded),
    (VOID, "POST", "/v1/voids", VOIDED, Reversed),
    (CLOSE, "POST", "/v1/batches", BATCH, BatchClosed),
    (LIMITS, "POST", "/v1/withdrawals/limits", LIMITED, LimitsKnown),
    (APPROVE, "POST", "/v1/withdrawals/approvals", APPROVAL, ApprovalSeen),
    (LOOK, "GET", f"/v1/withdrawals/approvals/{ONE}", APPROVAL, ApprovalSeen),
    (ASK_CASH, "POST", "/v1/withdrawals/quotes", CASH_OFFER, WithdrawQuoted),
    (WITHDRAW, "POST", "/v1/withdrawals", CASH_YES, WithdrawAuthorised),
    (SETTLE, "POST", "/v1/cash-reports", TAKEN, Settled),
]
# A far end that answers has time for it on any machine; where nobody answers, the deadline is what is tested.
ENOUGH = Deadline(10_000, 10_000, 40_000)
SHORT = Deadline(10_000, 200, 1_200)
ENDED_S = 15.0  # far from the shipped deadlines and from never, and not from a busy machine's 1.2 s
NEVER_ENDS = (acts.silent, acts.drip, acts.drip_body)


@pytest.fixture
def end() -> Iterator[FarEnd]:
    with far_end() as made:
        made.answers = {path: answer for _, _, path, answer, _ in TABLE}
        yield made


class Bench:
    """A line with its clock and log."""

    def __init__(self, url: str, ahead_ms: int = 0, ca_file: str = "") -> None:
        self.log = Lines()
        self.clock = DeviceClock(RealClock(ahead_ms), self.log)
        self.asker = Asker(DeviceKey.of_seed(bytes(32)), "T-1", self.clock, bytes, ca_file)
        self.line = Line(Servers(url, url), self.asker, self.clock, lambda: 0.0, self.log)

    def perform(self, effect: LineEffect) -> Event:
        return self.line.perform(effect)


@pytest.fixture
def within(monkeypatch: pytest.MonkeyPatch) -> Callable[[Deadline], None]:
    """Every question has this deadline from now on."""

    def chosen(deadline: Deadline) -> None:
        for name in ("QUICK", "MONEY", "CLOSING"):
            monkeypatch.setattr(exchange_routes, name, deadline)

    return chosen


Within = Callable[[Deadline], None]


@pytest.fixture
def bench(end: FarEnd, within: Within, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Deadlines a test can wait for; everything else as shipped."""
    within(ENOUGH)
    monkeypatch.setattr("sync.exchange_http.FIRST_WAIT_MS", 10)
    made = Bench(end.url)
    yield made
    made.line.let_go()


@pytest.mark.parametrize(("effect", "method", "path", "answer", "event"), TABLE, ids=lambda one: type(one).__name__)
def test_each_effect_asks_its_route_and_hears_its_event(
    end: FarEnd, bench: Bench, effect: LineEffect, method: str, path: str, answer: object, event: type
) -> None:
    heard = bench.perform(effect)
    assert type(heard) is event
    assert heard.answers == effect.key  # type: ignore[union-attr]
    (asked,) = end.asked
    assert (asked.method, asked.path) == (method, path)
    assert asked.headers.get("Idempotency-Key") == (effect.key if method == "POST" else None)
    assert 'keyid="T-1"' in asked.headers["Signature-Input"]
    assert "Cookie" not in asked.headers


def test_a_prepared_line_has_its_connection_and_the_time_before_the_first_question(end: FarEnd, bench: Bench) -> None:
    end.now, end.answers["/livez"] = lambda: Moment.parse(WHEN), REVERSED
    bench.line.prepare()
    assert [asked.path for asked in end.asked] == ["/livez", "/livez"]
    assert bench.clock.healed
    bench.perform(identify(ONE))
    assert len({asked.connection for asked in end.asked}) == 1


def test_preparing_a_line_that_nobody_answers_changes_nothing() -> None:
    unanswered = Bench("http://127.0.0.1:9")
    unanswered.line.prepare()
    assert not unanswered.clock.healed
    assert unanswered.log.lines == []
    unanswered.line.let_go()


def test_the_code_goes_to_the_exchange_whole_and_the_connection_is_kept(end: FarEnd, bench: Bench) -> None:
    bench.perform(identify(ONE))
    bench.perform(ask_quote(ONE))
    assert json.loads(end.asked[0].body)["code"] == CODE
    assert end.asked[0].connection == end.asked[1].connection
    assert json.loads(end.asked[1].body)["price"] == {"asset": "KRW", "scale": 0, "amount": "50000"}


# -- no answer, late answers, wrong answers -------------------------------------------------------------

BROKEN = [
    ("silent", acts.silent, "TM-LINE-001"),
    ("hangs up", acts.hang_up, "TM-LINE-001"),
    ("drips", acts.drip, "TM-LINE-001"),
    ("drips its body", acts.drip_body, "TM-LINE-001"),
    ("cut", acts.cut, "TM-LINE-001"),
    ("cut without a length", acts.cut_without_length, "TM-LINE-003"),
    ("no JSON", raw(b"<html>"), "TM-LINE-003"),
    ("a list", raw(b"[]"), "TM-LINE-003"),
    ("not a number", raw(b'{"txn": NaN}'), "TM-LINE-003"),
    ("a tower", raw(b'{"a":' * 40_000 + b"1" + b"}" * 40_000), "TM-LINE-003"),
    ("too much", raw(b'{"a":"' + b"x" * 300_000 + b'"}'), "TM-LINE-003"),
    ("a field missing", raw(json.dumps({"txn": ONE.text}).encode()), "TM-LINE-003"),
    ("a page", raw(b"<html>log in</html>", 200, "text/html"), "TM-LINE-006"),
    ("not found by a proxy", raw(b"nothing", 404, "text/plain"), "TM-LINE-006"),
    ("a problem that is none", raw(b"{}", 404, "application/problem+json"), "TM-LINE-006"),
    ("another status", raw(json.dumps({"type": "", "title": "", "status": 400, "code": "X"}).encode(), 404,
                          "application/problem+json"), "TM-LINE-006"),
    ("compressed", raw(b"{}", 200, Content_Encoding="gzip"), "TM-LINE-006"),
    ("redirected", raw(b"", 302, Location="http://127.0.0.1:1/"), "TM-LINE-006"),
    ("failed", raw(b"oops", 500, "text/plain"), "TM-LINE-005"),
    ("failed by name", no("TM-HTTP-008", 503, True, Retry_After="0"), "TM-HTTP-008"),
    ("still running", no("TM-HTTP-021", 409, True), "TM-HTTP-021"),
    ("another transaction", raw(json.dumps(plain(AUTHORISATION, txn=plain(OTHER))).encode()), "TM-LINE-004"),
    ("another key", lambda handler: handler.say(200, plain(AUTHORISATION), Idempotency_Key="x"), "TM-LINE-004"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "code"), [(act, code) for _, act, code in BROKEN], ids=[name for name, *_ in BROKEN])
def test_what_is_no_answer_is_unanswered_by_name_and_in_time(
    end: FarEnd, bench: Bench, within: Within, act: Any, code: str
) -> None:
    if act in NEVER_ENDS:
        within(SHORT)
    end.acts = [act] * 9
    began = time.monotonic()
    assert bench.perform(authorise(ONE)) == Unanswered(authorise(ONE).key, code)
    assert time.monotonic() - began < ENDED_S
    assert {asked.headers["Idempotency-Key"] for asked in end.asked} == {authorise(ONE).key}
    assert len({asked.body for asked in end.asked}) == 1
    assert len(end.asked) <= 4


@pytest.mark.parametrize("act", [act for _, act, _ in BROKEN], ids=[name for name, *_ in BROKEN])
def test_after_one_bad_answer_the_next_attempt_brings_the_result(
    end: FarEnd, bench: Bench, within: Within, act: Any
) -> None:
    if act is acts.silent:
        within(replace(ENOUGH, read_ms=1_000))
    elif act in NEVER_ENDS:
        within(SHORT)
    end.acts = [act]
    event = bench.perform(authorise(ONE))
    if act in (acts.drip, acts.drip_body):  # these use up the whole deadline
        assert isinstance(event, Unanswered)
    else:
        assert event == Authorised(authorise(ONE).key, AUTHORISATION)
        assert len(end.asked) == 2


def test_a_second_answer_on_the_connection_is_not_taken_for_the_next_one(end: FarEnd, bench: Bench) -> None:
    end.acts = [acts.twice]
    assert isinstance(bench.perform(authorise(ONE)), Authorised)
    assert isinstance(bench.perform(complete(ONE)), Captured)
    end.acts = [acts.twice]
    assert isinstance(bench.perform(authorise(ONE)), Authorised)
    other = Identify(OTHER.key("identify"), OTHER, Source.CAMERA, CODE)
    end.answers["/v1/presentations"] = Presentation("p-2", OTHER, "4439", (), WHEN, 1)
    assert bench.perform(other) == Identified(other.key, end.answers["/v1/presentations"])


UNFITTING: list[tuple[LineEffect, dict[str, object], str]] = [
    (identify(ONE), plain(PRESENTATION, txn=plain(OTHER)), "TM-LINE-004"),
    (ask_quote(ONE), plain(QUOTE, price=plain(COIN)), "TM-LINE-003"),
    (LIMITS, plain(LIMITED, txn=plain(OTHER)), "TM-LINE-004"),
    (LOOK, plain(APPROVAL, amount=plain(COIN)), "TM-LINE-004"),
    (ASK_CASH, plain(CASH_OFFER, tender="coin"), "TM-LINE-003"),
    (WITHDRAW, plain(CASH_YES, txn=plain(OTHER)), "TM-LINE-004"),
    (SETTLE, plain(TAKEN, withdrawal=plain(WITHDRAWN, txn=plain(OTHER))), "TM-LINE-004"),
    (ask_quote(ONE), plain(QUOTE, txn=plain(OTHER)), "TM-LINE-004"),
    (complete(ONE), plain(CAPTURE, txn=plain(OTHER)), "TM-LINE-004"),
    (reverse(ONE), plain(REVERSED, txn=plain(OTHER)), "TM-LINE-004"),
    (reverse(ONE), plain(REVERSED, state="authorised"), "TM-LINE-003"),
    (reverse(ONE), plain(REVERSED, state="unknown"), "TM-LINE-003"),
    (reverse(ONE), plain(REVERSED, state="evaporated"), "TM-LINE-003"),
    (FIND, plain(REVERSED, rrn="R-2"), "TM-LINE-004"),
    (ASK_REFUND, plain(REFUND_OFFER, sale=plain(OTHER)), "TM-LINE-004"),
    (ASK_REFUND, plain(REFUND_OFFER, amount=plain(COIN)), "TM-LINE-004"),
    (refund(ONE), plain(REFUND_DONE, choice="coins_today"), "TM-LINE-004"),
    (VOID, plain(VOIDED, txn=plain(ONE)), "TM-LINE-004"),
    (VOID, plain(VOIDED, state="settled"), "TM-LINE-003"),
    (CLOSE, plain(BATCH, txn=plain(OTHER)), "TM-LINE-004"),
]


@pytest.mark.parametrize(("effect", "data", "code"), UNFITTING)
def test_a_whole_reply_that_does_not_fit_the_question_is_no_answer(
    end: FarEnd, bench: Bench, effect: LineEffect, data: dict[str, object], code: str
) -> None:
    end.acts = [raw(json.dumps(data).encode())] * 9
    assert bench.perform(effect) == Unanswered(effect.key, code)
    assert bench.log.named("reply_discarded")


def test_a_field_of_a_newer_server_is_passed_over(end: FarEnd, bench: Bench) -> None:
    end.acts = [raw(json.dumps(plain(AUTHORISATION, colour="green")).encode())]
    assert isinstance(bench.perform(authorise(ONE)), Authorised)


@pytest.mark.parametrize("state", ["reversed", "expired", "declined", "voided"])
def test_a_reversal_is_done_when_nothing_is_held_any_more(end: FarEnd, bench: Bench, state: str) -> None:
    end.acts = [raw(json.dumps(plain(REVERSED, state=state)).encode())]
    assert bench.perform(reverse(ONE)) == Reversed(reverse(ONE).key)


def test_a_reversal_that_came_too_late_is_refused_by_name(end: FarEnd, bench: Bench) -> None:
    end.acts = [raw(json.dumps(plain(REVERSED, state="settled")).encode())]
    event = bench.perform(reverse(ONE))
    assert isinstance(event, Refused)
    assert event.refusal.code == "TM-LINE-007"


# -- refusals -------------------------------------------------------------------------------------------


def test_a_refusal_by_name_is_final_and_asked_once(end: FarEnd, bench: Bench) -> None:
    for effect in (authorise(ONE), reverse(ONE)):
        end.acts = [no("TM-SALE-003", 409)]
        event = bench.perform(effect)
        assert isinstance(event, Refused)
        assert (event.answers, event.refusal.code, event.refusal.detail) == (effect.key, "TM-SALE-003", "because")
    assert len(end.asked) == 2


def test_a_refusal_of_the_gate_is_no_answer_where_the_outcome_must_be_known(end: FarEnd, bench: Bench) -> None:
    end.acts = [no("TM-HTTP-015", 403)] * 2
    assert bench.perform(reverse(ONE)) == Unanswered(reverse(ONE).key, "TM-HTTP-015")
    assert isinstance(bench.perform(authorise(ONE)), Refused)
    assert len(end.asked) == 2


def test_a_refusal_of_the_gate_after_a_lost_answer_leaves_the_outcome_in_doubt(end: FarEnd, bench: Bench) -> None:
    end.acts = [acts.hang_up, no("TM-HTTP-015", 403)]
    assert bench.perform(authorise(ONE)) == Unanswered(authorise(ONE).key, "TM-HTTP-015")


def test_a_no_that_may_change_is_told_by_its_name_after_one_more_try(end: FarEnd, bench: Bench) -> None:
    for question in (ask_quote(ONE), identify(ONE)):
        end.asked.clear()
        end.acts = [no("TM-MKT-001", 503, True)] * 2
        event = bench.perform(question)
        assert isinstance(event, Refused)
        assert (event.refusal.code, len(end.asked)) == ("TM-MKT-001", 2)
    end.acts = [no("TM-HTTP-021", 503, True)] * 4
    assert bench.perform(ask_quote(ONE)) == Unanswered(ask_quote(ONE).key, "TM-HTTP-021")
    end.acts = [no("TM-MKT-001", 503, True)] * 4
    assert bench.perform(authorise(ONE)) == Unanswered(authorise(ONE).key, "TM-MKT-001")


def test_retry_after_is_waited_for_but_never_past_the_deadline(end: FarEnd, bench: Bench, within: Within) -> None:
    end.acts = [no("TM-HTTP-021", 409, True, Retry_After="1")]
    began = time.monotonic()
    assert isinstance(bench.perform(authorise(ONE)), Authorised)
    assert time.monotonic() - began > 0.9
    within(SHORT)
    end.acts = [no("TM-HTTP-021", 409, True, Retry_After="3600")] * 9
    began = time.monotonic()
    assert isinstance(bench.perform(authorise(ONE)), Unanswered)
    assert time.monotonic() - began < ENDED_S


def test_a_closing_line_ends_its_waiting(end: FarEnd, bench: Bench) -> None:
    end.acts = [no("TM-HTTP-021", 409, True, Retry_After="30")] * 9
    threading.Timer(0.05, bench.line.close).start()
    began = time.monotonic()
    assert isinstance(bench.perform(authorise(ONE)), Unanswered)
    assert time.monotonic() - began < ENDED_S


# -- time -----------------------------------------------------------------------------------------------


def created(asked: acts.Asked) -> int:
    return int(asked.headers["Signature-Input"].partition("created=")[2].partition(";")[0])


@pytest.mark.parametrize("ahead_ms", [-5 * 365 * 86_400_000, 3 * 86_400_000])
def test_a_refusal_for_the_wrong_time_heals_the_clock_and_asks_once_more(end: FarEnd, ahead_ms: int) -> None:
    bench = Bench(end.url, ahead_ms)
    now = Moment(time.time_ns() // 1_000_000)
    end.acts = [no("TM-HTTP-012", 401, server_time=now.rfc3339())]
    assert isinstance(bench.perform(authorise(ONE)), Authorised)
    assert abs(created(end.asked[1]) - now.ms // 1000) <= 60  # a busy machine
    assert abs(created(end.asked[0]) - now.ms // 1000) > 86_400
    assert bench.clock.healed
    assert bench.log.named("clock_skew")
    bench.line.let_go()


def test_a_second_refusal_for_the_time_is_final(end: FarEnd, bench: Bench) -> None:
    now = Moment(time.time_ns() // 1_000_000).rfc3339()
    end.acts = [no("TM-HTTP-012", 401, server_time=now)] * 9
    event = bench.perform(authorise(ONE))
    assert isinstance(event, Refused)
    assert len(end.asked) == 2


def test_every_reply_tells_the_time(end: FarEnd) -> None:
    bench = Bench(end.url, 30_000)
    end.now = lambda: Moment(time.time_ns() // 1_000_000)
    assert isinstance(bench.perform(authorise(ONE)), Authorised)
    assert abs(bench.clock.skew_ms - 30_000) < 15_000
    bench.line.let_go()


# -- connecting -----------------------------------------------------------------------------------------


def test_nobody_listening_is_named_and_nothing_was_sent(bench: Bench) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        alone = Bench(f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert alone.perform(Reverse(reverse(ONE).key, ONE, "x")) == Unanswered(reverse(ONE).key, "TM-LINE-002")
        alone.line.let_go()


def test_a_name_nobody_knows_is_no_connection() -> None:
    alone = Bench("http://nowhere.invalid")
    assert alone.perform(ask_quote(ONE)) == Unanswered(ask_quote(ONE).key, "TM-LINE-002")
    alone.line.let_go()


def test_a_server_without_tls_is_no_connection(end: FarEnd) -> None:
    alone = Bench(end.url.replace("http://", "https://"))
    assert alone.perform(ask_quote(ONE)) == Unanswered(ask_quote(ONE).key, "TM-LINE-002")
    alone.line.let_go()


class Trickle:
    """A TLS server that answers a byte now and then, for ever."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start.replace(year=2120))
        made = builder.add_extension(names, False).sign(key, SHA256())
        self.file = folder / "tls.pem"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.file.write_bytes(pem + made.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, args=(context,))
        self.thread.start()

    def _serve(self, context: ssl.SSLContext) -> None:
        with suppress(OSError), self.socket, context.wrap_socket(self.socket.accept()[0], server_side=True) as line:
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                line.sendall(b"a")
                time.sleep(0.02)


def test_a_trickle_under_tls_ends_at_the_deadline_too(tmp_path: Path, bench: Bench, within: Within) -> None:
    within(SHORT)
    trickle = Trickle(tmp_path)
    alone = Bench(trickle.url, ca_file=str(trickle.file))
    began = time.monotonic()
    assert alone.perform(authorise(ONE)) == Unanswered(authorise(ONE).key, "TM-LINE-001")
    assert time.monotonic() - began < ENDED_S
    alone.line.let_go()
    trickle.thread.join()


def test_a_certificate_nobody_vouches_for_is_no_connection(tmp_path: Path, bench: Bench) -> None:
    trickle = Trickle(tmp_path)
    alone = Bench(trickle.url)
    assert alone.perform(ask_quote(ONE)) == Unanswered(ask_quote(ONE).key, "TM-LINE-002")
    alone.line.let_go()
    trickle.thread.join()


def test_an_odd_header_is_no_answer(end: FarEnd, bench: Bench) -> None:
    end.acts = [raw(b"{}", 200, X="a"), no("TM-HTTP-012", 401)]
    assert bench.perform(authorise(ONE)) == Authorised(authorise(ONE).key, AUTHORISATION)


def test_proxies_of_the_environment_are_not_used(end: FarEnd, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(bench.perform(authorise(ONE)), Authorised)


def test_a_cookie_is_not_kept(end: FarEnd, bench: Bench) -> None:
    end.acts = [lambda handler: handler.say(200, plain(AUTHORISATION), Set_Cookie="a=b")]
    bench.perform(authorise(ONE))
    bench.perform(authorise(ONE))
    assert "Cookie" not in end.asked[1].headers


@pytest.mark.parametrize("url", ["ftp://x", "", "x"])
def test_an_address_of_another_form_is_a_mistake(url: str) -> None:
    with pytest.raises(ValueError):
        Servers("http://x", url)
    assert Servers("http://x/", "https://y:1//") == Servers("http://x", "https://y:1")
