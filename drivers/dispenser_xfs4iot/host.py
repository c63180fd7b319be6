"""Our half of the conversation with an XFS4IoT service: sends, waits, matches, and gives each order its one answer.

A command is sent once. Its completion is known by its request number; numbers are never used twice in the life of a
host, so a completion that comes late or twice finds nobody waiting and is dropped.
"""

from __future__ import annotations

from core.dispenser import (
    Binned,
    Capabilities,
    CashNews,
    Cleared,
    Moved,
    Noticed,
    Offered,
    Order,
    Seen,
    Taken,
)
from core.wire.xfs4iot import BadMessage, Kind, Message, decode, encode
from core.wire.xfs4iot_answers import Event, error_word, event_of, failure_of, read_answer
from core.wire.xfs4iot_commands import command_message
from core.wire.xfs4iot_errors import failure, meaning
from drivers.dispenser_xfs4iot.asks import Ask, How, Pause, Plan, Reply, code_of
from drivers.dispenser_xfs4iot.plans import Plans
from drivers.dispenser_xfs4iot.settings import Settings

_NEWS_MAX = 256  # an order makes one answer; a service that chatters more than that is not worth remembering

_WORTH_A_LOOK = {
    Event.SHUTTER: "statusChanged",
    Event.MEDIA_DETECTED: "itemsLeft",
    Event.INCOMPLETE_RETRACT: "incompleteRetract",
    Event.THRESHOLD: "unitLow",
    Event.UNIT_CHANGED: "statusChanged",
    Event.STATUS_CHANGED: "statusChanged",
    Event.ERROR: "hardwareError",
}


class Host:
    """See `core.dispenser.Host`; one WebSocket message is one call of `hear`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._plans = Plans(settings)
        self._plan: Plan | None = None
        self._answering = False  # the running plan answers an order, not our own question
        self._next: Order | None = None
        self._up = False
        self._request = 0
        self._waiting: Message | None = None
        self._deadline_ms: int | None = None
        self._out: list[bytes] = []
        self._news: list[CashNews] = []

    @property
    def capabilities(self) -> Capabilities:
        settings = self._settings
        return Capabilities(
            unit="notes",
            places=len(settings.units),
            notes_max=settings.notes_max,
            place_max=settings.place_max,
            recovers=True,
            stacks=True,
            rejects=True,
            retracts=True,
            sees_taken=True,
            tests=not settings.end_to_end,
            end_to_end=settings.end_to_end,
            answer_ms=settings.answer_ms,
        )

    def start(self, now_ms: int) -> None:
        assert self._plan is None, "lost() ends whatever was under way"
        self._up = True
        self._begin(self._plans.learn(), False, now_ms)

    def order(self, order: Order, now_ms: int) -> None:
        assert self._next is None, "one order at a time"
        assert not self._answering, "one order at a time"
        self._plans.memory.failure = None
        if self._plan is not None:
            self._next = order
        else:
            self._begin(self._plans.plan(order), True, now_ms)

    def hear(self, message: bytes, now_ms: int) -> None:
        try:
            heard = decode(message)
        except BadMessage as error:
            self._tell(Noticed(code_of(meaning("badMessage")), str(error)[:200]))
            return
        match heard.kind:
            case Kind.UNSOLICITED | Kind.EVENT:
                self._event(heard)
            case Kind.ACKNOWLEDGE | Kind.COMPLETION:
                self._answered(heard, now_ms)
            case Kind.COMMAND:
                pass  # a service has nothing to ask of us

    def turn(self, now_ms: int) -> None:
        if self._deadline_ms is None or now_ms < self._deadline_ms:
            return
        if self._waiting is None:
            self._go_on(Reply(How.TOLD, meaning("success")), now_ms)  # a pause is over
        else:
            detail = f"{self._waiting.name} {self._waiting.request_id}"
            self._go_on(Reply(How.SILENT, meaning("noAnswer"), None, detail), now_ms)

    def lost(self, now_ms: int) -> None:
        self._up = False
        self._out.clear()
        self._plans.memory.nonce = ""
        if self._plan is not None:
            self._go_on(self._gone(), now_ms)

    def say(self) -> tuple[bytes, ...]:
        said, self._out = tuple(self._out), []
        return said

    def news(self) -> tuple[CashNews, ...]:
        told, self._news = tuple(self._news), []
        return told

    def wakes_at(self) -> int | None:
        return self._deadline_ms

    # -- a plan and its asks ---------------------------------------------------------------------------

    def _begin(self, plan: Plan, answering: bool, now_ms: int) -> None:
        self._plan, self._answering = plan, answering
        self._step(None, now_ms)

    def _go_on(self, reply: Reply, now_ms: int) -> None:
        self._waiting, self._deadline_ms = None, None
        self._step(reply, now_ms)

    def _step(self, reply: Reply | None, now_ms: int) -> None:
        """Run the plan until it waits for somebody, or is done; then the order that came meanwhile."""
        self._plans.memory.now_ms = now_ms
        while self._plan is not None:
            try:
                ask = next(self._plan) if reply is None else self._plan.send(reply)
            except StopIteration as done:
                self._finish(done.value)
                if self._next is None:
                    return
                order, self._next = self._next, None
                self._plan, self._answering, reply = self._plans.plan(order), True, None
                continue
            if not self._up:
                reply = self._gone()
                continue
            self._wait_for(ask, now_ms)
            return

    def _wait_for(self, ask: Ask | Pause, now_ms: int) -> None:
        if isinstance(ask, Pause):
            self._deadline_ms = now_ms + ask.wait_ms
            return
        self._request += 1
        self._waiting = command_message(ask.command, self._request, ask.limit_ms)
        self._deadline_ms = now_ms + ask.limit_ms
        self._out.append(encode(self._waiting))

    def _finish(self, answer: Seen | Moved | Offered | Binned | Cleared | None) -> None:
        self._plan, self._answering = None, False
        if answer is not None:
            self._tell(answer)
        taken, self._plans.memory.taken = self._plans.memory.taken, []
        for op in taken:
            self._tell(Taken(op))

    @staticmethod
    def _gone() -> Reply:
        return Reply(How.GONE, meaning("connectionLost"))

    # -- what comes in ---------------------------------------------------------------------------------

    def _answered(self, heard: Message, now_ms: int) -> None:
        asked = self._waiting
        if asked is None or heard.request_id != asked.request_id:
            return  # late, twice, or somebody else's
        if heard.kind is Kind.ACKNOWLEDGE:
            if heard.status:
                self._go_on(Reply(How.REFUSED, meaning(heard.status), None, heard.description), now_ms)
            return
        if heard.name != asked.name:
            return
        try:
            row, answer = meaning(error_word(heard)), read_answer(heard)
        except BadMessage as error:
            self._go_on(Reply(How.TOLD, meaning("badMessage"), None, str(error)[:200]), now_ms)
            return
        detail = " ".join(word for word in (error_word(heard), heard.description) if word and word != "success")
        self._go_on(Reply(How.TOLD, row, answer, detail[:200]), now_ms)

    def _event(self, heard: Message) -> None:
        memory, event = self._plans.memory, event_of(heard)
        if event is Event.NONCE_CLEARED:
            memory.nonce = ""
        elif event is Event.ITEMS_TAKEN:
            op, memory.offered = memory.offered, ""
            if self._answering:
                memory.taken.append(op)  # the answer that offers them comes first
            else:
                self._tell(Taken(op))
        elif event is Event.UNIT_ERROR:
            memory.failure = failure(failure_of(heard))
            self._tell(Noticed(code_of(memory.failure), heard.name))
        elif event in _WORTH_A_LOOK:
            self._tell(Noticed(code_of(meaning(_WORTH_A_LOOK[event])), heard.name))

    def _tell(self, news: CashNews) -> None:
        if len(self._news) >= _NEWS_MAX and isinstance(news, Noticed):
            return
        self._news.append(news)
