"""Live events: what happens to a member's wallet reaches the member's open pages right after its commit.

The store passes notes on from the writer's thread; the hub hands them to the event loop, and there to each open page
of that member. A page that does not keep up loses the oldest events and is told to load its history again: the
history is the truth, an event is only the doorbell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from backend.refused import Refused
from core.faults.http import TOO_OFTEN

TOPIC: Final = "member"  # `unit.tell(TOPIC, MemberEvent(...))` by any desk
WAITING_MAX: Final = 32  # events of one page nobody reads; beyond it the page loads its history instead
PAGES_MAX: Final = 8  # open pages of one member
ALL_PAGES_MAX: Final = 10_000  # open connections of one server; each costs a few kilobytes
HEARTBEAT_S: Final = 15.0  # below the minute after which middle boxes drop a silent connection
LOST: Final = "lost"
CHANGED: Final = "changed"  # settlement tells only whose feed has grown; the page then asks for the feed


@dataclass(frozen=True, slots=True)
class MemberEvent:
    """Something happened to `member`. `kind` deposit, presented, paid, bought, refunded, ...; `facts` for the page."""

    member: str
    kind: str
    facts: dict[str, str] = field(default_factory=dict)


class Hub:
    """The open pages of all members. Belongs to one event loop; `heard` alone may be called from another thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pages: dict[str, set[asyncio.Queue[MemberEvent | None]]] = {}
        self._count = 0

    def start(self) -> None:
        """Called on the event loop before the first page opens."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """End every open page."""
        for pages in self._pages.values():
            for page in pages:
                _offer(page, None)
        self._loop = None

    def heard(self, topic: str, value: object) -> None:
        """The store's listener: called on the writer's thread after a commit, and never waits."""
        loop = self._loop
        if topic != TOPIC or loop is None:
            return
        event = value if isinstance(value, MemberEvent) else MemberEvent(str(value), CHANGED)
        loop.call_soon_threadsafe(self._publish, event)

    async def follow(self, member: str) -> AsyncIterator[MemberEvent | None]:
        """Events of one member as they come; None when there was nothing for `HEARTBEAT_S`."""
        pages = self._pages.setdefault(member, set())
        if len(pages) >= PAGES_MAX or self._count >= ALL_PAGES_MAX:
            raise Refused.by(TOO_OFTEN, f"at most {PAGES_MAX} open pages", status=429, retryable=True)
        page: asyncio.Queue[MemberEvent | None] = asyncio.Queue(WAITING_MAX)
        pages.add(page)
        self._count += 1
        try:
            while True:
                try:
                    event = await asyncio.wait_for(page.get(), HEARTBEAT_S)
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._count -= 1
            pages.discard(page)
            if not pages:
                self._pages.pop(member, None)

    def _publish(self, event: MemberEvent) -> None:
        for page in self._pages.get(event.member, ()):
            _offer(page, event)


def _offer(page: asyncio.Queue[MemberEvent | None], event: MemberEvent | None) -> None:
    if page.full():
        while not page.empty():
            page.get_nowait()
        if event is not None:
            page.put_nowait(MemberEvent(event.member, LOST))
    page.put_nowait(event)
