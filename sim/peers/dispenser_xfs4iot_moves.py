"""How a simulated XFS4IoT machine moves its notes: each command a generator that yields the milliseconds until its next
stretch, so that anything can happen in between."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Protocol

from core.wire import xfs4iot_commands as wire
from core.wire.xfs4iot import Message
from core.wire.xfs4iot_answers import (
    Answer,
    DeviceState,
    Dispensed,
    Done,
    Event,
    PresentState,
    Retracted,
    Shutter,
    Transport,
)
from core.wire.xfs4iot_storage import Accuracy, Level, Out, UnitStatus
from sim.peers import dispenser_xfs4iot_trouble as trouble
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_xfs4iot_memory import REJECT, RETRACT, Making, Memory, unit_name
from sim.peers.dispenser_xfs4iot_trouble import Strikes, Trouble

Move = Generator[int, None, None]


@dataclass(slots=True)
class Stopped(Exception):
    """A movement ended before its end. `word` as the table has it; `name` of the trouble, "" without."""

    word: str
    answer: Answer | None = None
    name: str = ""


class Machine(Protocol):
    """What a movement needs of its machine. `garbled` what happens to the next completion, `doubles` picks of two notes
    to come, `liar` the next list of what moved is wrong by one."""

    garbled: str
    doubles: int
    liar: bool

    @property
    def box(self) -> CashBox: ...

    @property
    def memory(self) -> Memory: ...

    @property
    def making(self) -> Making: ...

    def complete(self, asked: Message, word: str, answer: Answer | None = None) -> None: ...

    def event(self, event: Event, payload: dict[str, object] | None = None) -> None: ...

    def strike(self, kind: Strikes, picked: int = 0) -> Trouble | None: ...

    def authorise(self, token: str, worth: int) -> str: ...

    def clear_nonce(self) -> None: ...


class Moves:
    """The movements of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def run(self, command: wire.Command, asked: Message) -> Move:
        machine = self._machine
        if machine.memory.device is not DeviceState.ONLINE:
            raise Stopped("deviceNotReady")
        if machine.memory.exchange:
            raise Stopped("exchangeActive")
        match command:
            case wire.Dispense(counts, token):
                answer = yield from self._dispense(counts, token)
            case wire.Present():
                answer = yield from self._present()
            case wire.Reject():
                answer = yield from self._reject()
            case wire.Retract():
                answer = yield from self._retract()
            case wire.Reset():
                answer = yield from self._reset()
            case _:
                raise Stopped("unsupportedCommand")
        machine.complete(asked, "success", answer)

    # -- dispense --------------------------------------------------------------------------------------

    def _dispense(self, counts: tuple[tuple[str, int], ...], token: str) -> Generator[int, None, Answer]:
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        mix = self._checked(counts, token)
        before = dict(memory.outs)
        if not box.count(Spot.STACKER):
            memory.last = {}
        picked = 0
        for place, asked in mix:
            stacked = 0
            while stacked < asked:
                self._strike_dispense(picked, place, before)
                yield machine.making.note_ms // 2
                if box.pick(place) is None:
                    self._unit_error("empty", place, before)
                picked += 1
                memory.count(place, transport=1)
                self._strike_dispense(picked, place, before)
                yield machine.making.note_ms // 2
                if self._double(place):
                    continue
                box.move(Spot.PATH, Spot.STACKER)
                memory.count(place, transport=-1, stacked=1)
                memory.last[place] = memory.last.get(place, 0) + 1
                memory.shown = PresentState.NOT_PRESENTED
                stacked += 1
        self._strike_dispense(picked, mix[-1][0], before)
        return self._dispensed(before)

    def _checked(self, counts: tuple[tuple[str, int], ...], token: str) -> list[tuple[int, int]]:
        """The mix by places, when it may begin."""
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        places = {unit_name(place): place for place in box.faces}
        if not counts or any(name not in places or not notes for name, notes in counts):
            raise Stopped("notDispensable" if counts else "invalidDenomination")
        mix = [(places[name], notes) for name, notes in counts]
        if sum(notes for _, notes in mix) > machine.making.notes_max:
            raise Stopped("tooManyItems")
        if memory.shutter is not Shutter.CLOSED:
            raise Stopped("shutterOpen")
        if box.count(Spot.EXIT) or box.count(Spot.PATH) or memory.transport is not Transport.OK:
            raise Stopped("itemsLeft")
        if memory.level.get(REJECT) is Level.FULL or memory.status.get(REJECT) is UnitStatus.MISSING:
            raise Stopped("cashUnitError")
        bad = [place for place, _ in mix if memory.status.get(unit_name(place), UnitStatus.OK) is not UnitStatus.OK]
        if bad:
            self._unit_error("invalid", bad[0], dict(memory.outs))
        refused = machine.authorise(token, sum(box.faces[place] * notes for place, notes in mix))
        if refused:
            raise Stopped(refused)
        return mix

    def _strike_dispense(self, picked: int, place: int, before: dict[int, Out]) -> None:
        """Trouble of a dispense, and of the connection meanwhile. `picked`: notes that have left their cassettes."""
        machine, memory = self._machine, self._machine.memory
        found = machine.strike(Strikes.DISPENSE, picked)
        if found is None:
            return
        if found.name in ("no_answer", "bad_message", "twice"):
            machine.garbled = found.name
            return
        if found.name == "double_pick":
            machine.doubles += 1
            return
        if found.name == "counts_contradict":
            machine.liar = True
            return
        if found.name == "power_cut":
            raise Stopped("", None, "power_cut")
        if found.name in trouble.FAILURE:
            self._unit_error(trouble.FAILURE[found.name], place, before)
        self._come_to_rest(found)
        if found.name in trouble.STOPS_DEAD and machine.box.count(Spot.PATH):
            memory.accuracy[place] = Accuracy.INACCURATE
            memory.transport = Transport.INOPERATIVE
        raise Stopped(found.word, self._dispensed(before))

    def _come_to_rest(self, found: Trouble) -> None:
        """A machine that can still move brings the note on the way to the stacker."""
        machine, memory = self._machine, self._machine.memory
        if found.name in trouble.STOPS_DEAD:
            return
        for note in machine.box.move(Spot.PATH, Spot.STACKER):
            memory.count(note.place, transport=-1, stacked=1)
            memory.last[note.place] = memory.last.get(note.place, 0) + 1
            memory.shown = PresentState.NOT_PRESENTED

    def _double(self, place: int) -> bool:
        """Two notes at once: both go to the reject bin."""
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        if not machine.doubles:
            return False
        machine.doubles -= 1
        if box.pick(place) is not None:
            memory.count(place, transport=1)
        moved = box.move(Spot.PATH, Spot.REJECT)
        memory.count(place, transport=-len(moved), rejected=len(moved))
        return True

    def _unit_error(self, failure: str, place: int, before: dict[int, Out]) -> None:
        machine = self._machine
        name = unit_name(place)
        if failure == "empty":
            machine.memory.level[name] = Level.EMPTY
        machine.event(Event.UNIT_ERROR, {"failure": failure, "unit": {name: {}}})
        for note in machine.box.move(Spot.PATH, Spot.STACKER):
            machine.memory.count(note.place, transport=-1, stacked=1)
            machine.memory.last[note.place] = machine.memory.last.get(note.place, 0) + 1
        raise Stopped("cashUnitError", self._dispensed(before))

    def _dispensed(self, before: dict[int, Out]) -> Dispensed:
        """What this command has moved so far."""
        memory = self._machine.memory
        outs, lie = list[tuple[str, Out]](), self._machine.liar
        self._machine.liar = False
        for place, out in sorted(memory.outs.items()):
            was = before[place]
            changed = Out(*(getattr(out, name) - getattr(was, name) for name in Out.__slots__))
            if changed != Out():
                outs.append((unit_name(place), replace(changed, stacked=changed.stacked + 1) if lie else changed))
        counts = tuple((name, out.stacked) for name, out in outs if out.stacked)
        return Dispensed(counts, tuple(outs))

    # -- the other movements ---------------------------------------------------------------------------

    def _present(self) -> Generator[int, None, Answer]:
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        if memory.shutter is not Shutter.CLOSED:
            raise Stopped("shutterOpen")
        if not box.count(Spot.STACKER):
            raise Stopped("noItems")
        found = machine.strike(Strikes.PRESENT)
        if found is not None and found.name in ("shutter_not_open", "no_items", "present_error_no_items"):
            raise Stopped(found.word)
        yield machine.making.move_ms // 2
        machine.clear_nonce()
        memory.shutter, memory.shown = Shutter.OPEN, PresentState.PRESENTED
        if found is not None:  # some came through, the rest hangs between stacker and exit
            box.move(Spot.STACKER, Spot.EXIT, max(1, box.count(Spot.STACKER) // 2))
            memory.shown = PresentState.UNKNOWN if found.name == "present_error_unknown" else PresentState.PRESENTED
            memory.shift("stacked", "presented")
            raise Stopped(found.word)
        box.move(Spot.STACKER, Spot.EXIT)
        memory.shift("stacked", "presented")
        yield machine.making.move_ms // 2
        return Done()

    def _reject(self) -> Generator[int, None, Answer]:
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        if not box.count(Spot.STACKER):
            raise Stopped("noItems")
        if memory.level.get(REJECT) is Level.FULL:
            raise Stopped("cashUnitError")
        yield machine.making.move_ms
        box.move(Spot.STACKER, Spot.REJECT)
        memory.shift("stacked", "rejected")
        return Done()

    def _retract(self) -> Generator[int, None, Answer]:
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        found = machine.strike(Strikes.RETRACT)
        if found is not None and found.name in ("invalid_retract_position", "not_retract_area"):
            raise Stopped(found.word)
        if memory.level.get(RETRACT) is Level.FULL:
            raise Stopped("cashUnitError")
        yield machine.making.move_ms // 2
        if found is not None and found.name == "items_taken":  # a hand was quicker
            box.take(max(1, box.count(Spot.EXIT) // 2))
        if not box.count(Spot.EXIT):
            memory.shutter = Shutter.CLOSED
            raise Stopped("itemsTaken" if found else "noItems")
        if found is not None and found.name == "shutter_not_closed":
            memory.shutter = Shutter.JAMMED
            raise Stopped(found.word)
        yield machine.making.move_ms // 2
        moved = len(box.move(Spot.EXIT, Spot.RETRACT))
        memory.retracts, memory.retracted = memory.retracts + 1, memory.retracted + moved
        memory.shutter = Shutter.CLOSED
        if found is not None:
            raise Stopped(found.word)
        return Retracted(((RETRACT, moved if machine.making.counts_retracts else None),))

    def _reset(self) -> Generator[int, None, Answer]:
        machine, memory, box = self._machine, self._machine.memory, self._machine.box
        found = machine.strike(Strikes.RESET)
        yield machine.making.move_ms
        if found is not None:
            raise Stopped(found.word)
        if box.move(Spot.EXIT, Spot.RETRACT):
            memory.retracts += 1
        memory.shutter = Shutter.CLOSED
        for spot in (Spot.STACKER, Spot.PATH):
            box.move(spot, Spot.REJECT)
        memory.shift("stacked", "rejected")
        memory.shift("transport", "rejected")
        memory.transport = Transport.OK
        return Done()
