"""The measurements: complete settlements through the desks, and plain inserts through the same writer.

A settlement is an authorisation and a capture, each a unit of work with its idempotency record and its JSON answer:
quote signature, sale row, hold; then postings, balances, event. In one act it is one unit without the hold.
`in_flight` of them are under way at once, as many as a server has open connections; the writer gathers whatever waits
into one commit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from backend.settle import desk
from backend.store import Migration, Store, Unit, idempotent
from backend.store.idempotent import Answer
from core.messages import CaptureRequest
from sim.settlebench.exchange import AT, COMMISSION_BP, Exchange, Job

RAW = Migration("raw", 1, "CREATE TABLE raw(id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;")
RAW_TEXT = "x" * 200  # bytes of a plain row, about those of one journal line


@dataclass(frozen=True, slots=True)
class Figures:
    """`per_s` completed, `p50_ms` and `p99_ms` from handing in to the durable answer, `in_flight` at once.

    `cpu_us` processor time of one, all threads: what it costs also while the machine is busy with something else.
    """

    what: str
    in_flight: int
    count: int
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


def settlements(exchange: Exchange, count: int, in_flight: int) -> Figures:
    """`count` complete settlements, driven from one thread."""
    jobs = list(exchange.jobs(count))

    def begin(place: int, done: Callable[[], None]) -> None:
        job = jobs[place]

        def authorised(future: Future[Answer]) -> None:
            _sure(future)
            exchange.store.submit(lambda unit: _capture(unit, exchange, job)).add_done_callback(captured)

        def captured(future: Future[Answer]) -> None:
            _sure(future)
            done()

        exchange.store.submit(lambda unit: _authorise(unit, exchange, job)).add_done_callback(authorised)

    return _drive("settlements", begin, count, in_flight)


def sales_at_once(exchange: Exchange, count: int, in_flight: int) -> Figures:
    """`count` sales in one act, as a shop sells that delivers at once: one unit of work each."""
    jobs = list(exchange.jobs(count))

    def begin(place: int, done: Callable[[], None]) -> None:
        job = jobs[place]

        def sold(future: Future[Answer]) -> None:
            _sure(future)
            done()

        exchange.store.submit(lambda unit: _sell(unit, exchange, job)).add_done_callback(sold)

    return _drive("in one act", begin, count, in_flight)


def raw_inserts(folder: Path, count: int, in_flight: int) -> Figures:
    """`count` single-row inserts through the same writer and group commit: what the disk and the store give at most."""
    with Store.open(folder / "raw.db", [RAW]) as store:

        def begin(_: int, done: Callable[[], None]) -> None:
            future = store.submit(lambda unit: unit.insert("INSERT INTO raw(text) VALUES(?)", (RAW_TEXT,)))
            future.add_done_callback(lambda _: done())

        return _drive("raw inserts", begin, count, in_flight)


def _authorise(unit: Unit, exchange: Exchange, job: Job) -> Answer:
    import msgspec

    def work(inner: Unit) -> str:
        answer = desk.authorise(
            inner,
            exchange.house,
            terminal=job.terminal,
            seller=job.seller,
            commission_bp=COMMISSION_BP,
            presented=job.presented,
            request=job.request,
            at=AT,
        )
        return msgspec.json.encode(answer).decode()

    return idempotent.once(unit, job.terminal, job.request.txn.key("authorise"), job.body_hash, AT, work)


def _capture(unit: Unit, exchange: Exchange, job: Job) -> Answer:
    import msgspec

    request = CaptureRequest(job.request.txn)

    def work(inner: Unit) -> str:
        answer = desk.capture(inner, exchange.house, terminal=job.terminal, request=request, at=AT)
        return msgspec.json.encode(answer).decode()

    return idempotent.once(unit, job.terminal, job.request.txn.key("capture"), job.body_hash, AT, work)


def _sell(unit: Unit, exchange: Exchange, job: Job) -> Answer:
    import msgspec

    def work(inner: Unit) -> str:
        answer = desk.sell(
            inner,
            exchange.house,
            terminal=job.terminal,
            seller=job.seller,
            commission_bp=COMMISSION_BP,
            presented=job.presented,
            request=job.request,
            at=AT,
        )
        return msgspec.json.encode(answer).decode()

    return idempotent.once(unit, job.terminal, job.request.txn.key("sale"), job.body_hash, AT, work)


def _sure(future: Future[Answer]) -> None:
    answer = future.result()
    assert answer.refused is None, answer.refused


def _drive(what: str, begin: Callable[[int, Callable[[], None]], None], count: int, in_flight: int) -> Figures:
    """Keep `in_flight` acts under way until `count` are done; time each."""
    free = threading.Semaphore(in_flight)
    took_ns: list[int] = []
    started, spent = time.perf_counter_ns(), time.process_time_ns()
    for place in range(count):
        free.acquire()
        began = time.perf_counter_ns()

        def done(began: int = began) -> None:
            took_ns.append(time.perf_counter_ns() - began)
            free.release()

        begin(place, done)
    for _ in range(in_flight):
        free.acquire()
    seconds = (time.perf_counter_ns() - started) / 1e9
    cpu_us = (time.process_time_ns() - spent) / 1000 / count
    ranked = sorted(took_ns)
    assert len(ranked) == count
    p50, p99 = (ranked[min(count - 1, count * part // 100)] / 1e6 for part in (50, 99))
    return Figures(what, in_flight, count, round(count / seconds, 1), round(p50, 3), round(p99, 3), round(cpu_us, 1))
