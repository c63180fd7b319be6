"""Pairing: a new device asks for a code, a person approves it, and the device learns its place in the world.

`Pairing` decides what to do next, purely; `PairingWorker` asks over the line and tells the screen. The device's key is
made here, once, and stays; the grant is kept in the journal. A code is good once and for minutes; when it runs out
the device asks for a new one by itself.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, assert_never

from core.codec import BadMessage, from_plain, to_plain
from core.messages import PairingOpened, PairingRequest, PairingState, PairingStatus, TerminalGrant
from core.ports import Clock, Log
from sync.http_ask import Ask, Asker, Deadline, NoReply, Reply
from sync.journal import Journal
from sync.signing import DeviceKey

T = TypeVar("T")
POLL_MS: Final = 500  # a person presses a button and looks up: half a second is at once; one question costs 1 ms
RETRY_MS: Final = 1_000
RETRY_MAX_MS: Final = 30_000
LIFE_MAX_MS: Final = 60 * 60_000  # a code that claims to live longer than an hour is asked anew all the same
DEADLINE: Final = Deadline(connect_ms=2_000, read_ms=4_000, total_ms=5_000)
GRANT: Final = "pairing.grant"
KEY_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)  # what may stand in a signature as its key's id


@dataclass(frozen=True, slots=True)
class Opening:
    """Ask for a code."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Show `opened.code`; ask about it until `ends_ms` (monotonic)."""

    opened: PairingOpened
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Paired:
    grant: TerminalGrant


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """The operator said no (TM-LINE-012). Only a person at the device starts again."""


Stage = Opening | Waiting | Paired | TurnedDown


@dataclass(frozen=True, slots=True)
class Pairing:
    """Where the pairing stands. `due_ms`: nothing is asked before; `failures` in a row; `codes` shown so far."""

    stage: Stage = Opening()
    due_ms: int = 0
    failures: int = 0
    codes: int = 0

    def now_due(self, now_ms: int) -> Pairing:
        """As it stands now: a code that ran out makes room for a new one."""
        if isinstance(self.stage, Waiting) and now_ms >= self.stage.ends_ms:
            return Pairing(Opening(), now_ms, 0, self.codes)
        return self

    def opened(self, opened: PairingOpened, now_ms: int) -> Pairing:
        life_ms = min(max(opened.ttl_ms, POLL_MS), LIFE_MAX_MS)
        return Pairing(Waiting(opened, now_ms + life_ms), now_ms + POLL_MS, 0, self.codes + 1)

    def told(self, status: PairingStatus, now_ms: int) -> Pairing:
        """What the exchange says of our code. Approved without a grant is no approval."""
        match status.state:
            case PairingState.APPROVED if status.grant is not None:
                return Pairing(Paired(status.grant), now_ms, 0, self.codes)
            case PairingState.APPROVED | PairingState.PENDING:
                return Pairing(self.stage, now_ms + POLL_MS, 0, self.codes)
            case PairingState.EXPIRED:
                return Pairing(Opening(), now_ms, 0, self.codes)
            case PairingState.REFUSED:
                return Pairing(TurnedDown(), now_ms, 0, self.codes)
            case _:
                assert_never(status.state)

    def failed(self, now_ms: int) -> Pairing:
        """No usable answer: the same again, later and later."""
        wait_ms = min(RETRY_MS << min(self.failures, 8), RETRY_MAX_MS)
        return Pairing(self.stage, now_ms + wait_ms, self.failures + 1, self.codes)

    @property
    def ended(self) -> bool:
        return isinstance(self.stage, Paired | TurnedDown)


# -- what is kept --------------------------------------------------------------------------------------


def device_key(path: Path, entropy: Callable[[int], bytes]) -> DeviceKey:
    """The device's key, made at the first start. Raises `BadKeyFile`; a bad file is never replaced by a new key."""
    if not path.exists():
        DeviceKey.of_seed(entropy(KEY_BYTES)).save(path)
    return DeviceKey.load(path)


def keep_grant(journal: Journal, grant: TerminalGrant) -> None:
    """Durable when it returns."""
    journal.note(GRANT, json.dumps(to_plain(grant), separators=(",", ":")))


def kept_grant(journal: Journal) -> TerminalGrant | None:
    """The grant of an earlier pairing; None for a device that is not paired (or whose grant nobody can read)."""
    try:
        return from_plain(TerminalGrant, json.loads(journal.noted(GRANT)))
    except (BadMessage, ValueError):
        return None


def forget_grant(journal: Journal) -> None:
    """The device is nobody's again: revoked, or given away."""
    journal.note(GRANT, "")


# -- the thin shell ------------------------------------------------------------------------------------


class PairingWorker:
    """Walks one pairing in a thread. `changed` is told every new stage, from that thread."""

    def __init__(
        self,
        exchange: str,
        request: PairingRequest,
        asker: Asker,
        clock: Clock,
        changed: Callable[[Stage], None],
        log: Log,
    ) -> None:
        self._url = f"{exchange.rstrip('/')}/v1/pairings"
        self._request = request
        self._asker = asker
        self._clock = clock
        self._changed = changed
        self._log = log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="pairing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(DEADLINE.total_ms / 1000 + 1)

    def _work(self) -> None:
        pairing = Pairing()
        while not (pairing.ended or self._stopping.is_set()):
            before = pairing.stage
            pairing = self.step(pairing)
            if pairing.stage != before:
                self._changed(pairing.stage)
            self._stopping.wait(max(0, pairing.due_ms - self._clock.monotonic_ms()) / 1000)
        self._asker.close()

    def step(self, pairing: Pairing) -> Pairing:
        """One question, or none when a code has just run out."""
        pairing = pairing.now_due(self._clock.monotonic_ms())
        match pairing.stage:
            case Opening():
                body = json.dumps(to_plain(self._request), separators=(",", ":")).encode()
                self._asker.keyid = ""  # the device is not known yet: this one request is not signed
                opened = self._ask(Ask("POST", self._url, body), PairingOpened)
                now_ms = self._clock.monotonic_ms()
                good = opened is not None and _ID.fullmatch(opened.id)
                return pairing.opened(opened, now_ms) if opened and good else pairing.failed(now_ms)
            case Waiting(opened):
                self._asker.keyid = opened.id
                status = self._ask(Ask("GET", f"{self._url}/{opened.id}"), PairingStatus)
                now_ms = self._clock.monotonic_ms()
                return pairing.told(status, now_ms) if status else pairing.failed(now_ms)
            case Paired() | TurnedDown():
                return pairing
            case _:
                assert_never(pairing.stage)

    def _ask(self, ask: Ask, kind: type[T]) -> T | None:
        """The reply, or None for anything that is none."""
        answer = self._asker.ask(ask, DEADLINE)
        if isinstance(answer, Reply):
            try:
                return from_plain(kind, answer.data)
            except BadMessage as error:
                self._log.warning("pairing_reply_discarded", problem=str(error))
                return None
        code = answer.code if isinstance(answer, NoReply) else answer.problem.code
        self._log.info("pairing_unanswered", code=code)
        return None
