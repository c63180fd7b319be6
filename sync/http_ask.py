"""One question over HTTP: signed, bounded in time and size, answered by a reply or by what went wrong.

No retries here and no meaning: `sync.exchange_http` decides, `sync.exchange_routes` understands. Every reply that
carries the server's time heals the device's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.codec import BadMessage, from_plain
from core.messages import Problem
from core.moment import BadMoment, Moment
from sync.device_clock import DeviceClock
from sync.http_guard import Cutter, guarded_session
from sync.signing import NONCE_BYTES, DeviceKey, signed_headers

if TYPE_CHECKING:
    import requests

REPLY_BYTES_MAX: Final = 256 * 1024  # our longest reply is a batch with a few hundred names; more is not for us
CHUNK_BYTES: Final = 16 * 1024
TIME_HEADER: Final = "Tillmark-Time"
CLOCK_REFUSED: Final = "TM-HTTP-012"

NO_ANSWER: Final = "TM-LINE-001"
NO_CONNECTION: Final = "TM-LINE-002"
BROKEN_ANSWER: Final = "TM-LINE-003"
SERVER_FAULT: Final = "TM-LINE-005"
NOT_OUR_SERVER: Final = "TM-LINE-006"


@dataclass(frozen=True, slots=True)
class Ask:
    """`url` whole; `body` the JSON bytes, empty for GET; `key` the idempotency key or "".

    `etag` of what is known already, or "": the reply may then say that it has not changed. `longest` reply in bytes.
    """

    method: str
    url: str
    body: bytes = b""
    key: str = ""
    etag: str = ""
    longest: int = REPLY_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Deadline:
    """Milliseconds for connecting, for one read, and for everything with all its repeats."""

    connect_ms: int
    read_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A 2xx with JSON in it. `key` is the idempotency key the server says it answers, "" when it does not say.

    `data` is None for "not changed" (304), said only to an `Ask` with an `etag`.
    """

    data: object
    key: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The server's named no, whole."""

    problem: Problem
    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing that can be believed. `sent`: the question may have arrived, so its outcome is in doubt."""

    code: str
    sent: bool


class Asker:
    """Asks one question at a time. `keyid` "" sends unsigned (only the opening of a pairing)."""

    def __init__(
        self, key: DeviceKey, keyid: str, clock: DeviceClock, entropy: Callable[[int], bytes], ca_file: str = ""
    ) -> None:
        self._key = key
        self.keyid = keyid
        self._clock = clock
        self._entropy = entropy
        self._verify: str | bool = ca_file or True
        self._cutter = Cutter()
        self._session: requests.Session | None = None

    def ask(self, ask: Ask, deadline: Deadline) -> Reply | Said | NoReply:
        """Never raises for what the network or the server does, and never takes longer than the deadline's total."""
        import requests

        if self._session is None:
            self._session = guarded_session(self._cutter)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "tillmark"}
        if ask.body:
            headers["Content-Type"] = "application/json"
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if self.keyid:
            headers |= signed_headers(
                self._key,
                self.keyid,
                ask.method,
                ask.url,
                body=ask.body,
                idempotency_key=ask.key,
                created_s=self._clock.now().ms // 1000,
                nonce=self._entropy(NONCE_BYTES),
            )
        asked_ms = self._clock.monotonic_ms()
        try:
            with self._cutter.after(deadline.total_ms / 1000):
                response = self._session.request(
                    ask.method,
                    ask.url,
                    data=ask.body or None,
                    headers=headers,
                    timeout=(
                        min(deadline.connect_ms, deadline.total_ms) / 1000,
                        min(deadline.read_ms, deadline.total_ms) / 1000,
                    ),
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                )
                with response:
                    answered_ms = self._clock.monotonic_ms()
                    understood = self._understood(ask, response, asked_ms, answered_ms)
                if isinstance(understood, NoReply) and self._cutter.was_cut:
                    return NoReply(NO_ANSWER, sent=True)
                return understood
        except requests.exceptions.ConnectTimeout:
            return self._failed(NO_CONNECTION, sent=False)
        except requests.exceptions.SSLError:
            return self._failed(NO_CONNECTION, sent=True)  # the handshake, or a record long after it
        except requests.exceptions.ConnectionError as error:
            refused = _never_connected(error)
            return self._failed(NO_CONNECTION if refused else NO_ANSWER, sent=not refused)
        except requests.exceptions.RequestException:
            return self._failed(NO_ANSWER, sent=True)

    def cut(self) -> None:
        """From any thread: end what is being asked now."""
        self._cutter.cut()

    def close(self) -> None:
        """Let go of the connections. A later question opens new ones."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _understood(
        self, ask: Ask, response: requests.Response, asked_ms: int, answered_ms: int
    ) -> Reply | Said | NoReply:
        told = _moment(response.headers.get(TIME_HEADER, ""))
        if told is not None:
            self._clock.heal(told, asked_ms, answered_ms)
        status = response.status_code
        if status == 304 and ask.etag:
            return Reply(None, etag=ask.etag)
        if 300 <= status < 400 or response.headers.get("Content-Encoding", "identity") != "identity":
            return self._failed(NOT_OUR_SERVER, sent=True)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        body = _read(response, ask.longest)
        if body is None:
            return self._failed(BROKEN_ANSWER, sent=True)
        if 200 <= status < 300 and kind == "application/json":
            data = _json(body)
            key = response.headers.get("Idempotency-Key", "")
            return (
                self._failed(BROKEN_ANSWER, sent=True)
                if data is None
                else Reply(data, key, response.headers.get("ETag", ""))
            )
        problem = _problem(body, status) if kind == "application/problem+json" and status >= 400 else None
        if problem is None:
            return self._failed(SERVER_FAULT if status >= 500 else NOT_OUR_SERVER, sent=True)
        if problem.code == CLOCK_REFUSED:
            told = _moment(problem.server_time) or told
            if told is not None:
                self._clock.heal(told, asked_ms, answered_ms, refused=True)
        return Said(problem, _retry_after_ms(response.headers.get("Retry-After", "")))

    def _failed(self, code: str, *, sent: bool) -> NoReply:
        """After a failure nobody knows what is still on its way on this connection: it is not used again."""
        self.close()
        return NoReply(code, sent)


def _never_connected(error: BaseException) -> bool:
    """Whether the connection was refused or the name unknown: then nothing was sent."""
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    reason: Any = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _read(response: requests.Response, longest: int) -> bytes | None:
    """The whole body; None when it is longer than allowed or shorter than it said."""
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > longest:
            return None
    said = response.headers.get("Content-Length", "")
    return None if said.isdecimal() and int(said) != len(body) else bytes(body)


def _json(body: bytes) -> object:
    """The value, or None: not JSON, not an object, numbers or nesting beyond reason, NaN."""
    try:
        data = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _problem(body: bytes, status: int) -> Problem | None:
    try:
        problem = from_plain(Problem, _json(body))
    except BadMessage:
        return None
    return problem if problem.status == status and problem.code else None


def _moment(text: str) -> Moment | None:
    try:
        return Moment.parse(text)
    except BadMoment:
        return None


def _retry_after_ms(text: str) -> int:
    """RFC 9110 10.2.3 in seconds; the date form is not used by our servers. Bounded by whoever waits."""
    return int(text) * 1000 if text.isdecimal() and len(text) < 6 else 0
