"""The line to the exchange and the agency: one effect in, one event out, within its deadline.

Every resend carries the effect's own key and the same body, so the far side gives its first answer again. What comes
out is a yes, a named no, or *unanswered*: the outcome is unknown and the caller must undo or ask again. A no that
only the gate said (signature, address, load) is no answer to a business that may already have been done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from core.codec import BadMessage
from core.counter_effects import AskCardQuote, AskCounter, AskTradeQuote, BuyCard, Trade
from core.effects import (
    AskApproval,
    AskLimits,
    AskQuote,
    AskRefund,
    AskWithdrawQuote,
    CloseBatch,
    Complete,
    FindSale,
    Identify,
    IdentifyTap,
    LineEffect,
    LookApproval,
    Refund,
    Reverse,
    SettleNotes,
    Void,
)
from core.events import Event, Refused, Unanswered
from core.faults import Refusal
from core.ports import Log
from sync.device_clock import DeviceClock
from sync.exchange_routes import ForeignReply, NoMeaning, Servers, ask_of, deadline_of, event_of
from sync.http_ask import BROKEN_ANSWER, CLOCK_REFUSED, NO_ANSWER, Ask, Asker, Deadline, NoReply, Reply, Said

FOREIGN_ANSWER: Final = "TM-LINE-004"
ATTEMPTS_MAX: Final = 4  # a fifth try within 15 s would only add to the load that made the first four fail
FIRST_WAIT_MS: Final = 200
LONGEST_WAIT_MS: Final = 2_000
WORTH_TRYING_MS: Final = 250  # less time than this left is not enough for an answer

PREPARED_WITHIN: Final = Deadline(1_000, 1_000, 1_000)  # a first customer would rather wait for an answer

# The outcome of these must be known in the end. A refusal by the gate is not their answer.
MUST_BE_KNOWN: Final = (Complete, Reverse, Refund, Void, CloseBatch, SettleNotes, Trade, BuyCard)
# No money moves with these: a named no that may turn into a yes later is still the answer of this minute. It is asked
# for once more and then told, because the customer stands there and can ask again.
ONLY_ASKS: Final = (
    AskQuote, AskRefund, FindSale, Identify, IdentifyTap, AskLimits, AskApproval, LookApproval, AskWithdrawQuote,
    AskCounter, AskTradeQuote, AskCardQuote,
)  # fmt: skip
PATIENT_ATTEMPTS: Final = 2
GATE: Final = "TM-HTTP-"  # refusals about the request, not about the business in it


class Line:
    """Asks one thing at a time: one `Line` per worker thread.

    `jitter` gives numbers in [0, 1). The connections stay open between questions.
    """

    def __init__(
        self, servers: Servers, asker: Asker, clock: DeviceClock, jitter: Callable[[], float], log: Log
    ) -> None:
        self._servers = servers
        self._asker = asker
        self._clock = clock
        self._jitter = jitter
        self._log = log
        self._closing = threading.Event()

    def perform(self, effect: LineEffect) -> Event:
        """Always an event that answers `effect.key`; never later than the deadline of its kind."""
        ask, deadline = ask_of(effect, self._servers), deadline_of(effect)
        end_ms = self._clock.monotonic_ms() + deadline.total_ms
        code, doubtful, healed = NO_ANSWER, False, False
        attempt = 0
        while attempt < ATTEMPTS_MAX and not self._closing.is_set():
            left_ms = end_ms - self._clock.monotonic_ms()
            if left_ms < WORTH_TRYING_MS:
                break
            answer = self._asker.ask(ask, Deadline(deadline.connect_ms, deadline.read_ms, left_ms))
            wait_ms = 0
            match answer:
                case Reply():
                    event = self._meaning(effect, ask, answer)
                    if not isinstance(event, str):
                        return event
                    code, doubtful = event, True
                case Said(problem) if problem.code == CLOCK_REFUSED and not healed:
                    healed = True  # the clock is right now; this attempt does not count
                    continue
                case Said(problem, wait_ms):
                    code = problem.code
                    final = problem.status < 500 and not problem.retryable
                    if final and self._is_answer(effect, code, doubtful):
                        return Refused(effect.key, Refusal(code, problem.detail))
                    if final:
                        break
                    by_name = isinstance(effect, ONLY_ASKS) and not code.startswith(GATE)
                    if by_name and attempt + 1 >= PATIENT_ATTEMPTS:
                        return Refused(effect.key, Refusal(code, problem.detail))
                    doubtful = True
                case NoReply(code, sent):
                    doubtful = doubtful or sent
            attempt += 1
            self._rest(attempt, wait_ms, end_ms)
        self._log.warning("unanswered", key=effect.key, code=code, attempts=attempt)
        return Unanswered(effect.key, code)

    def prepare(self) -> None:
        """Before the first question: the library is imported, both connections are open and the clock is healed.

        Whether anybody answers does not matter here; the first question will tell.
        """
        for server in (self._servers.exchange, self._servers.agency):
            self._asker.ask(Ask("GET", f"{server}/livez"), PREPARED_WITHIN)

    def close(self) -> None:
        """Ends the waits between attempts and cuts what is being asked; call it from any thread.

        What was cut is unanswered: its outcome is unknown, as after a power cut.
        """
        self._closing.set()
        self._asker.cut()

    def let_go(self) -> None:
        """Close the connections; for the worker's thread, once it asks nothing more."""
        self._asker.close()

    def _meaning(self, effect: LineEffect, ask: Ask, reply: Reply) -> Event | str:
        """The event, or the code of why the reply is none; then the connection is not trusted any more."""
        try:
            if reply.key and reply.key != ask.key:
                raise ForeignReply("its idempotency key is another")
            return event_of(effect, reply.data)
        except ForeignReply as foreign:
            problem, code = str(foreign), FOREIGN_ANSWER
        except (BadMessage, NoMeaning) as error:
            problem, code = str(error), BROKEN_ANSWER
        self._log.warning("reply_discarded", key=effect.key, code=code, problem=problem)
        self._asker.close()
        return code

    def _is_answer(self, effect: LineEffect, code: str, doubtful: bool) -> bool:
        """Whether a no may be believed to be about this business."""
        return not (code.startswith(GATE) and (doubtful or isinstance(effect, MUST_BE_KNOWN)))

    def _rest(self, attempt: int, wanted_ms: int, end_ms: int) -> None:
        """Wait before the next attempt: doubling, half of it by chance, at least what the server asked for."""
        wait_ms = min(FIRST_WAIT_MS << (attempt - 1), LONGEST_WAIT_MS)
        wait_ms = max(wanted_ms, int(wait_ms * (0.5 + self._jitter() / 2)))
        left_ms = end_ms - self._clock.monotonic_ms()
        if attempt < ATTEMPTS_MAX and wait_ms < left_ms:
            self._closing.wait(wait_ms / 1000)
