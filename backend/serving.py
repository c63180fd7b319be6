"""Serving: our servers on real sockets, in one program or one alone, until they are told to stop.

The sockets are bound first, so that a port of 0 is a known port before anything is built, and a taken port is refused
before a store is opened. Both servers share one event loop; they still speak HTTP to one another.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import uvicorn
import uvloop

from backend.config import Config, address
from backend.market.rules import Board
from backend.members.gateway import Gateway
from backend.parts import Outside, Urls
from backend.server import Server
from core.settings import BadSetting

NAMES: Final = ("exchange", "agency")
BACKLOG: Final = 1024  # connections the kernel keeps waiting; more than a shop's whole fleet at once
KEEP_S: Final = 75  # longer than a terminal's pause between two customers' steps
GRACE_S: Final = 3  # open pages of live events are cut after it; no request of ours takes longer
START_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Bound:
    """A server's socket, and how others reach it."""

    name: str
    socket: socket.socket
    url: str


class _Quiet(uvicorn.Server):
    """uvicorn without signal handlers of its own: two of them share one program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(config: Config, only: Sequence[str] = NAMES) -> dict[str, Bound]:
    """Bind what will be served. Raises `BadSetting`: an address that cannot be had, the other server's missing."""
    _other_known(config, only)
    found: dict[str, Bound] = {}
    told = {
        "exchange": (config.exchange.listen, config.exchange.url),
        "agency": (config.agency.listen, config.agency.url),
    }
    for name in only:
        listen, url = told[name]
        host, port = address(listen)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError as error:
            bound.close()
            for one in found.values():
                one.socket.close()
            raise BadSetting("(configuration)", f"{name}.listen", f"{listen}: {error.strerror}") from None
        real = bound.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        found[name] = Bound(name, bound, url or f"http://{shown}:{real}")
    return found


def _other_known(config: Config, only: Sequence[str]) -> None:
    """A server that runs alone must be told where the other one is."""
    if "agency" not in only and not config.exchange.agency_url:
        raise BadSetting("(configuration)", "exchange.agency_url", "is needed when the exchange runs alone")
    if "exchange" not in only and not config.agency.exchange_url:
        raise BadSetting("(configuration)", "agency.exchange_url", "is needed when the agency runs alone")


def urls_of(config: Config, bound: dict[str, Bound]) -> Urls:
    """Where both servers are, also the one that does not run here."""
    exchange = bound["exchange"].url if "exchange" in bound else config.agency.exchange_url
    agency = bound["agency"].url if "agency" in bound else config.exchange.agency_url
    return Urls(exchange, agency)


async def serve(servers: Sequence[tuple[Server, Bound]], stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve until `stop`; `ready` is called once, when every server answers."""
    running = [(_Quiet(_settings(server)), bound) for server, bound in servers]
    tasks = [asyncio.create_task(one.serve(sockets=[bound.socket])) for one, bound in running]

    async def end() -> None:
        await stop.wait()
        for one, _ in running:
            one.should_exit = True

    ending = asyncio.create_task(end())
    try:
        async with asyncio.timeout(START_S):
            while not all(one.started for one, _ in running) and not any(task.done() for task in tasks):
                await asyncio.sleep(0.005)
        if all(one.started for one, _ in running):
            ready()
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        ending.cancel()


def build(
    config: Config,
    bound: dict[str, Bound],
    outside: Outside,
    *,
    gateway: Gateway | None = None,
    board: Callable[[], Board] | None = None,
) -> list[tuple[Server, Bound]]:
    """Build what was bound; if one cannot be built, those before it are closed again."""
    from backend.assemble import exchange
    from backend.assemble_agency import agency

    urls = urls_of(config, bound)
    made: list[tuple[Server, Bound]] = []
    try:
        if "exchange" in bound:
            made.append((exchange(config, urls, outside, gateway=gateway, board=board), bound["exchange"]))
        if "agency" in bound:
            made.append((agency(config, urls, outside), bound["agency"]))
    except BaseException:
        for server, _ in made:
            server.close()
        for one in bound.values():
            one.socket.close()
        raise
    return made


def calm_collector() -> None:
    """For a program that only serves: what it has built by now lives as long as it does, so the collector need not look
    at it again. Afterwards a request leaves nothing circular behind (its objects die with it), so the young ones are
    looked at every 10,000 instead of every 700: a full look stopped every answer for tens of milliseconds."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def run(servers: Sequence[tuple[Server, Bound]], ready: Callable[[], None]) -> None:
    """Serve on this thread until SIGTERM or SIGINT, then close everything."""

    async def until_told() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        calm_collector()
        await serve(servers, stop, ready)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_told())
    finally:
        _close(servers)


@contextlib.contextmanager
def running(
    config: Config,
    outside: Outside,
    *,
    only: Sequence[str] = NAMES,
    gateway: Gateway | None = None,
    board: Callable[[], Board] | None = None,
) -> Iterator[tuple[Urls, dict[str, Server], dict[str, int]]]:
    """Servers on a thread of their own, for a demonstration or a test that lives in the same program: where they are
    reached, the servers, and the ports they really listen on."""
    bound = bind(config, only)
    servers = build(config, bound, outside, gateway=gateway, board=board)
    started = threading.Event()
    stop: list[Callable[[], object]] = []

    async def until_stopped() -> None:
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(event.set))
        await serve(servers, event, started.set)

    def go() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_stopped())

    thread = threading.Thread(target=go, name="servers")
    thread.start()
    try:
        assert started.wait(START_S), "the servers did not start"
        yield urls_of(config, bound), {server.name: server for server, _ in servers}, _ports(bound)
    finally:
        for one in stop:
            one()
        thread.join()
        _close(servers)


def _ports(bound: dict[str, Bound]) -> dict[str, int]:
    return {name: int(one.socket.getsockname()[1]) for name, one in bound.items()}


def _close(servers: Sequence[tuple[Server, Bound]]) -> None:
    for server, bound in reversed(servers):
        server.close()
        bound.socket.close()


def _settings(server: Server) -> uvicorn.Config:
    return uvicorn.Config(
        server.door,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_S,
        timeout_graceful_shutdown=GRACE_S,
    )
