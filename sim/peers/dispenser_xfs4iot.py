"""The far end of an XFS4IoT cable: the service of a full-size ATM's dispenser, in front of the notes themselves.

A stacker, a shutter, an exit, a reject and a retract bin. Reads are answered at once; movements are queued and take
their time, note by note, so that a power cut or a lost connection finds the notes wherever they are just then. What a
real machine keeps over a power cut (counters, the last dispense) is in `Memory`; the nonce is not (CWA 17852, chapter
"End to End Security": it is gone after a power failure).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterable

from core.wire import xfs4iot_commands as wire
from core.wire.xfs4iot import BadMessage, Kind, Message, decode, encode
from core.wire.xfs4iot_answers import (
    Answer,
    Capabilities,
    Done,
    Event,
    Nonce,
    PresentState,
    PresentStatus,
    Shutter,
    Transport,
    answer_payload,
    completion,
)
from core.wire.xfs4iot_storage import Accuracy, Level, Out, UnitStatus
from core.wire.xfs4iot_token import Amount, BadToken, check, make, read
from sim.peers import dispenser_xfs4iot_trouble as trouble
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_xfs4iot_memory import REJECT, RETRACT, Making, Memory, unit_name
from sim.peers.dispenser_xfs4iot_moves import Moves, Stopped
from sim.peers.dispenser_xfs4iot_trouble import Strikes, Trouble

QUEUE_MAX = 4  # commands a service holds at once
LOOK_MS = 100  # how often the exit is looked at while notes lie there


class XfsDispenser:
    """See `sim.peers.dispenser.Peer`. `dropped`: the connection is broken until somebody connects anew."""

    def __init__(self, box: CashBox, making: Making | None = None) -> None:
        self.box, self.making = box, making or Making()
        counts = {place: box.count(Spot.CASSETTE, place) for place in box.faces}
        self.memory = Memory(dict.fromkeys(box.faces, Out()), counts)
        self.dropped = False
        self._on = True
        self._queue: deque[Message] = deque()
        self._run: Generator[int, None, None] | None = None
        self._running: Message | None = None
        self._due_ms: int | None = None
        self._look_ms: int | None = None
        self._out: list[bytes] = []
        self._waiting: list[Trouble] = []
        self._nonce, self._token, self._used = "", "", 0
        self._moves = Moves(self)
        self.garbled = ""  # what happens to the next completion
        self.doubles = 0  # double picks to come
        self.liar = False  # the next list of what moved is wrong by one

    @property
    def on(self) -> bool:
        """Has it power?"""
        return self._on

    @property
    def faults(self) -> Iterable[str]:
        return trouble.NAMES

    # -- the world's side ------------------------------------------------------------------------------

    def fault(self, name: str, after: int = 0) -> None:
        found, memory = trouble.trouble(name, after), self.memory
        if found.strikes is not Strikes.STATE:
            self._waiting.append(found)
            return
        first = min(self.box.faces)
        if name in trouble.DEVICE:
            memory.device = trouble.DEVICE[name]
        elif name in trouble.UNIT:
            memory.status[unit_name(first)] = trouble.UNIT[name]
        elif name == "unit_low":
            memory.level[unit_name(first)] = Level.LOW
        elif name == "unit_uncounted":
            memory.accuracy[first] = Accuracy.INACCURATE
        elif name in ("reject_full", "retract_full"):
            memory.level[REJECT if name == "reject_full" else RETRACT] = Level.FULL
        elif name == "reject_missing":
            memory.status[REJECT] = UnitStatus.MISSING
        elif name == "not_fit":
            memory.fit = False
        elif name == "shutter_jammed":
            memory.shutter = Shutter.JAMMED
        elif name == "transport_inoperative":
            memory.transport = Transport.INOPERATIVE
        elif name == "connection_lost":
            self.drop()
        self.event(Event.STATUS_CHANGED)

    def drop(self) -> None:
        """The connection breaks: what was not sent is never sent, what waits in the queue is forgotten; a movement that
        is under way goes on."""
        self.dropped = True
        self._out.clear()
        self._queue.clear()

    def connect(self) -> None:
        """Somebody connects (again)."""
        self.dropped = False
        self._out.clear()

    def heal(self) -> None:
        self._waiting.clear()
        self.garbled, self.doubles, self.liar = "", 0, False
        for spot in (Spot.PATH, Spot.STACKER, Spot.EXIT, Spot.REJECT, Spot.RETRACT):
            self.box.remove(spot)
        self.memory.mend(self.box)
        self.dropped, self._on = False, True

    def power(self, on: bool, now_ms: int) -> None:
        if not on:
            if self._run is not None:
                self._run.close()
            self._run, self._running, self._due_ms, self._look_ms = None, None, None, None
            self._queue.clear()
            self._out.clear()
            self._nonce, self._token, self._used = "", "", 0
        elif not self._on:
            self._look_ms = now_ms if self.box.count(Spot.EXIT) else None
        self._on = on

    # -- the cable's side ------------------------------------------------------------------------------

    def hear(self, message: bytes, now_ms: int) -> None:
        if not self._on or self.dropped:
            return
        try:
            asked = decode(message)
            command = wire.read_command(asked)
        except BadMessage:
            return  # without a request number there is nobody to answer
        if not isinstance(command, wire.Dispense | wire.Present | wire.Reject | wire.Retract | wire.Reset):
            self._acknowledge(asked)
            self._read(asked, command)
            return
        refused = self.strike(Strikes.QUEUE)
        if refused is not None or len(self._queue) >= QUEUE_MAX:
            self._acknowledge(asked, "tooManyRequests" if refused is None else trouble.QUEUE[refused.name])
            return
        self._acknowledge(asked)
        self._queue.append(asked)
        self._begin(now_ms)

    def turn(self, now_ms: int) -> None:
        if not self._on:
            return
        while self._run is not None and self._due_ms is not None and now_ms >= self._due_ms:
            self._go_on(self._due_ms)
        self._begin(now_ms)
        if self._look_ms is not None and now_ms >= self._look_ms:
            self._watch(now_ms)

    def say(self) -> tuple[bytes, ...]:
        said, self._out = tuple(self._out), []
        return () if self.dropped or not self._on else said

    def wakes_at(self) -> int | None:
        if not self._on:
            return None
        return min((at for at in (self._due_ms, self._look_ms) if at is not None), default=None)

    # -- movements -------------------------------------------------------------------------------------

    def _begin(self, now_ms: int) -> None:
        if self._run is not None or not self._queue:
            return
        self._running = self._queue.popleft()
        self._run = self._moves.run(wire.read_command(self._running), self._running)
        self._due_ms = now_ms
        self._go_on(now_ms)

    def _go_on(self, at_ms: int) -> None:
        """The next stretch of the movement under way, begun at `at_ms`."""
        assert self._run is not None
        asked = self._running
        try:
            self._due_ms = at_ms + next(self._run)
            return
        except StopIteration:
            pass
        except Stopped as stopped:
            assert asked is not None
            if stopped.name == "power_cut":
                self.power(False, at_ms)
                return
            self.complete(asked, stopped.word, stopped.answer)
        self._run, self._running, self._due_ms = None, None, None
        self._look_ms = at_ms + LOOK_MS if self.box.count(Spot.EXIT) else None

    def _watch(self, now_ms: int) -> None:
        """Somebody may have taken the notes."""
        self._look_ms = now_ms + LOOK_MS
        if not self.box.count(Spot.EXIT) and self._run is None:
            self._look_ms = None
            if self.memory.shutter is Shutter.OPEN:
                self.memory.shutter = Shutter.CLOSED
                self.event(Event.ITEMS_TAKEN, {"position": wire.OUT})

    def strike(self, kind: Strikes, picked: int = 0) -> Trouble | None:
        """The trouble that strikes now, if one does; it strikes once. Only a dispense moves notes one by one."""
        for waiting in self._waiting:
            if waiting.strikes is kind and (picked >= waiting.after or kind is not Strikes.DISPENSE):
                self._waiting.remove(waiting)
                return waiting
        return None

    # -- answers ---------------------------------------------------------------------------------------

    def _read(self, asked: Message, command: wire.Command) -> None:
        making = self.making
        answer: Answer
        match command:
            case wire.AskStatus():
                answer = self.memory.sensed(self.box, self._run is not None)
            case wire.AskCapabilities():
                secured = "always" if making.mac else ""
                answer = Capabilities(making.notes_max, self.memory.fit, True, True, True, secured)
            case wire.AskStorage():
                answer = self.memory.storage(self.box, making.currency, making.scale)
            case wire.SetVersions():
                answer = Done()
            case wire.AskNonce() if making.mac is not None:
                answer = Nonce(self._new_nonce())
            case wire.ClearNonce() if making.mac is not None:
                self.clear_nonce()
                answer = Done()
            case wire.AskPresentStatus(_, nonce):
                answer = self._present_status(nonce)
            case _:
                self.complete(asked, "unsupportedCommand")
                return
        self.complete(asked, "success", answer)

    def complete(self, asked: Message, word: str, answer: Answer | None = None) -> None:
        """The completion of a command; `word` as the table has it."""
        garbled = self.garbled
        self.garbled = ""
        if garbled == "no_answer":
            return
        if garbled == "bad_message":
            self._out.append(b'{"header":{"name":"CashDispenser.Dispense","type":"completion",')
            return
        code, error = (word, "") if _snake(word) in trouble.COMPLETIONS | {"success"} else ("commandErrorCode", word)
        items = {unit_name(place): f"type{face}{self.making.currency}1" for place, face in self.box.faces.items()}
        raw = encode(completion(asked, code, answer_payload(answer or Done(), items), error))
        self._out += [raw, raw] if garbled == "twice" else [raw]

    def _acknowledge(self, asked: Message, status: str = "") -> None:
        self._out.append(encode(Message(asked.name, Kind.ACKNOWLEDGE, asked.request_id, status=status)))

    def event(self, event: Event, payload: dict[str, object] | None = None) -> None:
        self._out.append(encode(Message(event.value, Kind.UNSOLICITED, 0, payload or {})))

    # -- end-to-end security ---------------------------------------------------------------------------

    def _new_nonce(self) -> str:
        self.memory.nonces += 1
        raw = hashlib.sha256(f"{self.making.seed}/{self.memory.nonces}".encode()).digest()[:16]
        self._nonce, self._token, self._used = raw.hex().upper(), "", 0
        return self._nonce

    def clear_nonce(self) -> None:
        if self._nonce:
            self._nonce, self._token, self._used = "", "", 0
            self.event(Event.NONCE_CLEARED, {"reasonDescription": "presented"})

    def authorise(self, token: str, worth: int) -> str:
        """ "" when a dispense of so much may begin, else the completion code that refuses it."""
        making = self.making
        if making.mac is None:
            return ""
        if not token:
            return "authorisationRequired"
        try:
            most = check(token, self._nonce, making.mac).most(making.currency, making.scale)
        except BadToken as error:
            return error.word
        if (self._token and token != self._token) or self._used + worth > most:
            return "invalidToken"
        self._token, self._used = token, self._used + worth
        self.memory.last_token = read(token).mac
        return ""

    def _present_status(self, nonce: str) -> PresentStatus:
        memory, making = self.memory, self.making
        counts = tuple((unit_name(place), count) for place, count in sorted(memory.last.items()) if count)
        token = ""
        if nonce and making.mac is not None and memory.last:
            worth = sum(self.box.faces[place] * count for place, count in memory.last.items())
            shown = "YES" if memory.shown is not PresentState.NOT_PRESENTED else "NO"
            amount = str(Amount(worth, making.currency, making.scale))
            ident = (("DISPENSEID", memory.last_token),) if memory.last_token else ()
            token = make(nonce, (*ident, ("DISPENSED1", amount), ("PRESENTED1", shown)), making.mac)
        return PresentStatus(memory.shown, counts, token)


def _snake(word: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() and before.islower() else char.lower()
                   for before, char in zip(" " + word, word))  # fmt: skip
