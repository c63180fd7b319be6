"""Coin hoppers on one ccTalk bus: the far end of `drivers.dispenser_cctalk`, with a bus that can go wrong.

Every byte the host sends comes back to it first, unless the adapter hides that. Answers come as fast as an SCH2 gives
them (TSP016): 4 ms after the frame, at 9600 baud.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from core.wire.cctalk import SILENCE_MS, BusReader, Check, Message, encode
from core.wire.cctalk_messages import Header, answer
from sim.peers.cash_box import CashBox, Spot
from sim.peers.cctalk_hopper import BITS, IDLE, PHYSICAL, Build, HopperUnit

ANSWER_MS: Final = 4
SLOW_MS: Final = 600  # later than any host may wait

# What the bus does to the order (167), or with coins already paid, to the next question.
LINE: Final = frozenset(
    {
        "silent",  # nothing is heard or said any more
        "order_lost",  # the frame never reaches the hopper
        "answer_lost",
        "answer_spoilt",  # a wrong check sum
        "answer_cut",  # half of it
        "answer_late",
        "refused",  # NAK, and nothing done
        "busy",
        "noise",  # bytes before the answer
        "echo_wrong",  # the adapter repeats something else
        "foreign",  # an answer from an address nobody asked
    }
)
BUILD: Final = Build()


class CctalkPeer:
    """`sim.peers.dispenser.Peer` for hoppers: the first of `addresses` is place 1 of the box."""

    def __init__(
        self,
        box: CashBox,
        addresses: Sequence[int] = (3,),
        *,
        echo: bool = True,
        check: Check = Check.SUM,
        build: Build = BUILD,
    ) -> None:
        self.box = box
        self._echo, self._check = echo, check
        self.units = {
            address: HopperUnit(box, place, build, self._strikes) for place, address in enumerate(addresses, 1)
        }
        self._armed: tuple[str, int] | None = None
        self._silent = False
        self._reader = BusReader(check)
        self._heard_ms = 0
        self._busy_ms = 0  # the one wire carries one byte at a time
        self._due: list[tuple[int, bytes]] = []
        self._out: list[bytes] = []

    # -- the world's side ------------------------------------------------------------------------

    @property
    def faults(self) -> Iterable[str]:
        return sorted(set(BITS) | PHYSICAL | LINE)

    def fault(self, name: str, after: int = 0) -> None:
        if name not in BITS and name not in PHYSICAL and name not in LINE:
            raise KeyError(name)
        self._armed = (name, after)
        if not after and (name in IDLE or name.startswith("checksum")):
            self._armed = None
            for unit in self.units.values():
                (unit.flags if name.startswith("opto") else unit.kept).add(BITS[name])
                unit.enabled = False

    def heal(self) -> None:
        self._armed, self._silent = None, False
        self.box.remove(Spot.PATH)
        for unit in self.units.values():
            unit.heal()
            unit.power(True, self._heard_ms - 10_000)

    def power(self, on: bool, now_ms: int) -> None:
        for unit in self.units.values():
            unit.power(on, now_ms)
        if not on:
            self._due.clear()

    def _strikes(self, paid: int) -> str | None:
        """A trouble of the machine that comes after so many coins. Those of the line strike at the next question."""
        if self._armed is None or self._armed[1] != paid or self._armed[0] in LINE:
            return None
        name, self._armed = self._armed[0], None
        return name

    # -- the cable's side ------------------------------------------------------------------------

    def hear(self, message: bytes, now_ms: int) -> None:
        self.turn(now_ms)
        if now_ms - self._heard_ms >= SILENCE_MS:
            self._reader.quiet()
        self._heard_ms = now_ms
        frames = [event for event in self._reader.feed(message) if isinstance(event, Message)]
        trouble = self._line_trouble(frames)
        at = max(now_ms, self._busy_ms) + _time_of(message)
        if self._echo:
            echo = bytes([message[0] ^ 0x40]) + message[1:] if trouble == "echo_wrong" else message
            self._due.append((at, echo))
            self._busy_ms = at
        for frame in frames:
            self._answer(frame, trouble, at + ANSWER_MS)

    def _line_trouble(self, frames: list[Message]) -> str | None:
        """Which trouble of the line strikes now: at the order, or once the coins it waits for were paid."""
        if self._armed is None or self._armed[0] not in LINE:
            return None
        name, after = self._armed
        orders = any(frame.header == Header.DISPENSE for frame in frames)
        if not orders if after == 0 else all(unit.paid < after or not unit.orders for unit in self.units.values()):
            return None
        if after and not any(frame.header == Header.STATUS for frame in frames):
            return None
        self._armed = None
        self._silent = self._silent or name == "silent"
        return name

    def _answer(self, frame: Message, trouble: str | None, at_ms: int) -> None:
        unit = self.units.get(frame.dest)
        if unit is None or not unit.awake(at_ms) or self._silent or trouble == "order_lost":
            return
        if trouble in ("refused", "busy"):
            reply: Message | None = answer(frame, header=Header.NAK if trouble == "refused" else Header.BUSY)
        else:
            reply = unit.answer(frame, at_ms)
        if reply is None or trouble == "answer_lost":
            return
        raw = encode(reply, self._check)
        if trouble == "foreign":
            raw = encode(Message(2, reply.header, reply.data, 9), self._check) + raw
        elif trouble == "noise":
            raw = b"\x55\x00\x13" + raw
        elif trouble == "answer_spoilt":
            raw = raw[:-1] + bytes([raw[-1] ^ 0x04])
        elif trouble == "answer_cut":
            raw = raw[: len(raw) // 2]
        late = SLOW_MS if trouble == "answer_late" else 0
        self._busy_ms = max(at_ms, self._busy_ms) + late + _time_of(raw)
        self._due.append((self._busy_ms, raw))

    def turn(self, now_ms: int) -> None:
        for unit in self.units.values():
            unit.turn(now_ms)
        ready = [raw for at, raw in self._due if at <= now_ms]
        self._due = [(at, raw) for at, raw in self._due if at > now_ms]
        self._out += ready

    def say(self) -> tuple[bytes, ...]:
        out, self._out = tuple(self._out), []
        return out

    def wakes_at(self) -> int | None:
        moves = [unit.next_ms for unit in self.units.values() if unit.next_ms is not None]
        return min([*moves, *(at for at, _ in self._due)], default=None)


def _time_of(raw: bytes) -> int:
    """How long these bytes are on the wire at 9600 baud, ten bits each."""
    return -(-len(raw) * 10_000 // 9_600)
