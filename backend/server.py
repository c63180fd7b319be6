"""One of our servers as it is served: its application, its store, and its life on an event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

from litestar import Litestar

from backend.http.door import Door
from backend.http.gate import Gate
from backend.http.keys import ServerKey
from backend.refused import Refused
from backend.store import Store
from core.ports import Log


@dataclass(frozen=True, slots=True)
class Server:
    """`door` is the ASGI application; `closing` lets go of what is not the store, after the last request."""

    name: str
    door: Door
    app: Litestar
    gate: Gate
    store: Store
    key: ServerKey
    closing: tuple[Callable[[], None], ...] = ()

    def close(self) -> None:
        for close in self.closing:
            close()
        self.store.close()


class Beating(Protocol):
    """Something that lives on the event loop between start and stop."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def alive(
    log: Log,
    turn: Callable[[], Sequence[Future[Any] | Awaitable[Any]]],
    every_s: float,
    *parts: Beating,
) -> Callable[[Litestar], contextlib.AbstractAsyncContextManager[None]]:
    """The life of a server: its parts are started, and a turn of housekeeping is done now and then."""

    async def keep_house() -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                for work in turn():
                    await (asyncio.wrap_future(work) if isinstance(work, Future) else work)
            except Refused as refused:  # a busy or closing store: the next turn does what this one did not
                log.warning("housekeeping.refused", code=refused.code)

    @contextlib.asynccontextmanager
    async def life(_: Litestar) -> AsyncIterator[None]:
        for part in parts:
            part.start()
        house = asyncio.create_task(keep_house(), name="housekeeping")
        house.add_done_callback(lambda task: _ended(task, log))
        try:
            yield
        finally:
            house.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await house
            for part in parts:
                part.stop()

    return life


def _ended(task: asyncio.Task[None], log: Log) -> None:
    """Housekeeping never ends by itself: if it does, that is a programmer's error, and it is seen at once."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("housekeeping.ended", error=repr(error))
