"""What each order does, step by step: a plan asks, is told, and ends in the order's answer.

A plan is a generator: it yields an `Ask` (or a `Pause`) and gets a `Reply`; the host sends, waits and matches. Whatever
happens to the cable, a plan ends: a lost one answers every further ask with `How.GONE` at once.

Sources: CWA 17852, CashDispenser "Dispense / Present command flow", CashManagement Retract and Reset.
"""

from __future__ import annotations

from collections.abc import Generator

from core.cash import NONE, Count, Mix
from core.dispenser import (
    Binned,
    Clear,
    Cleared,
    End,
    Look,
    Moved,
    Offer,
    Offered,
    Order,
    Pay,
    PutAside,
    Recall,
    Retract,
    Test,
)
from core.faults.dispenser import LOCKED
from core.wire import xfs4iot_answers as told
from core.wire import xfs4iot_commands as wire
from core.wire.device_errors import Means
from core.wire.xfs4iot_answers import DeviceState, Dispensed, Holds, PresentState, PresentStatus, Storage
from core.wire.xfs4iot_errors import SUCCESS, meaning
from drivers.dispenser_xfs4iot.asks import Ask, Asking, How, Memory, Pause, Plan, Reply, code_of
from drivers.dispenser_xfs4iot.counts import Reading, anything, nothing, read_mark, reading, reckon
from drivers.dispenser_xfs4iot.look import seen
from drivers.dispenser_xfs4iot.settings import Settings

_MOVES = (wire.Dispense, wire.Present, wire.Reject, wire.Retract, wire.Reset)
_SPOKEN = tuple((wire.NAMES[kind], 2) for kind in _MOVES)
_HEARD = tuple((event.value, 2) for event in (told.Event.ITEMS_TAKEN, told.Event.UNIT_ERROR, told.Event.NONCE_CLEARED))
SETTLE_STEP_MS = 500  # how often a busy machine is asked whether it has come to rest


class Plans:
    """The plans of one machine."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.memory = Memory()
        self._unit_of = {place: name for name, place in settings.units.items()}

    def plan(self, order: Order) -> Plan:
        match order:
            case Look():
                return self._look()
            case Pay(op, mix, token):
                return self._guarded(self._pay(op, mix, token))
            case Test(op, place):
                return self._guarded(self._test(op, place))
            case Recall(op, mix, mark):
                return self._guarded(self._recall(op, mix, mark), settles=True)
            case Offer(op):
                return self._offer(op)
            case PutAside(op):
                return self._put_aside(op)
            case Retract(op):
                return self._retract(op)
            case Clear():
                return self._clear()

    def learn(self) -> Plan:
        """After each connecting: is the machine what it is configured to be?"""
        if self.settings.release is wire.Release.COUNTS:
            yield Ask(
                wire.SetVersions(_SPOKEN, _HEARD), self.settings.read_ms
            )  # a service with one version has no such
        reply = yield Ask(wire.AskCapabilities(), self.settings.read_ms)
        self.memory.nonce = ""
        self.memory.unfit = ""
        if isinstance(reply.answer, told.Capabilities) and reply.good:
            able = reply.answer
            asks = able.secured == "always" and not self.settings.end_to_end
            small = 0 < able.notes_max < self.settings.notes_max
            if not (able.stacker and able.sees_taken and able.retracts and able.shutter_by_itself) or asks or small:
                self.memory.unfit = repr(able)[:200]
        return None

    def _guarded(self, plan: Plan, settles: bool = False) -> Plan:
        """A doubt locks the machine, until it is cleared or the counters settle it."""
        answer = yield from plan
        assert isinstance(answer, Moved)
        self.memory.locked = answer.end is End.DOUBT or (self.memory.locked and not settles)
        return answer

    def _storage(self) -> Asking:
        return (yield Ask(wire.AskStorage(), self.settings.read_ms))

    def _look(self) -> Plan:
        status = yield Ask(wire.AskStatus(), self.settings.read_ms)
        storage = yield from self._storage()
        if self.settings.end_to_end and not self.memory.nonce and storage.good:
            given = yield Ask(wire.AskNonce(), self.settings.read_ms)
            self.memory.nonce = given.answer.text if isinstance(given.answer, told.Nonce) and given.good else ""
        shown = seen(status, storage, self.settings, self.memory)
        retracts = (
            reading(storage.answer, self.settings.units).retracts if isinstance(storage.answer, Storage) else None
        )
        if shown.exit_clear and self.memory.offered and retracts == self.memory.offered_retracts:
            self.memory.taken.append(self.memory.offered)  # taken while nobody listened
            self.memory.offered = ""
        return shown

    def _counts(self, mix: Mix) -> tuple[tuple[str, int], ...] | str:
        """The units of a mix, or the word that refuses it."""
        if any(place not in self._unit_of for place, _ in mix.notes) or not mix.notes:
            return "invalidCashUnit"
        if mix.total > self.settings.notes_max or any(notes > self.settings.place_max for _, notes in mix.notes):
            return "tooManyItems"
        return tuple((self._unit_of[place], notes) for place, notes in mix.notes)

    def _dispense(self, op: str, mix: Mix, token: str) -> Generator[Ask | Pause, Reply, Moved]:
        counts = self._counts(mix)
        if self.memory.locked:
            return Moved(op, End.NOTHING, nothing(mix), LOCKED)
        if self.settings.end_to_end and not token:
            counts = "authorisationRequired"
        if isinstance(counts, str):
            return Moved(op, End.NOTHING, nothing(mix), code_of(meaning(counts)))
        start = yield from self._storage()
        if not start.good or not isinstance(start.answer, Storage):
            row = meaning("badMessage") if start.row is SUCCESS else start.row
            return Moved(op, End.NOTHING, nothing(mix), code_of(row), start.detail)
        before = reading(start.answer, self.settings.units)
        self.memory.op, self.memory.before = op, before
        self.memory.nonce = ""  # one nonce, one order: the next look asks for another
        reply = yield Ask(wire.Dispense(counts, token, self.settings.release), self.settings.dispense_ms)
        if reply.unmoved:
            return Moved(op, End.NOTHING, nothing(mix), code_of(reply.row), reply.detail)
        if reply.how is not How.TOLD:
            return Moved(op, End.DOUBT, anything(mix), code_of(reply.row), reply.detail)
        return (yield from self._reckon(op, mix, before, reply))

    def _reckon(self, op: str, mix: Mix, before: Reading, reply: Reply) -> Generator[Ask | Pause, Reply, Moved]:
        """What the counters say now, beside what the completion said."""
        row = self.memory.failure if reply.row.name == "cash_unit_error" and self.memory.failure else reply.row
        row = meaning("badMessage") if reply.how is How.TOLD and reply.answer is None and row is SUCCESS else row
        after = yield from self._storage()
        if not after.good or not isinstance(after.answer, Storage):
            worse = row if row is not SUCCESS else after.row
            return Moved(op, End.DOUBT, anything(mix), code_of(worse), after.detail)
        witness = None
        if isinstance(reply.answer, Dispensed) and reply.answer.out is not None:
            units = self.settings.units
            witness = {units[name]: out for name, out in reply.answer.out if name in units}
        done = reckon(mix, before, after.answer, self.settings.units, row, witness)
        return Moved(op, done.end, done.parts, code_of(done.row), reply.detail)

    def _pay(self, op: str, mix: Mix, token: str) -> Plan:
        return (yield from self._dispense(op, mix, token))

    def _recall(self, op: str, mix: Mix, mark: str) -> Plan:
        before = self.memory.before if self.memory.op == op else None
        before = before or read_mark(mark)
        until_ms = self.memory.now_ms + self.settings.settle_ms
        while True:  # a machine that is still at it would be read in the middle of a note
            status = yield Ask(wire.AskStatus(), self.settings.read_ms)
            known = status.answer if status.good and isinstance(status.answer, told.Status) else None
            if known is None or known.device is not DeviceState.BUSY:
                break
            if self.memory.now_ms >= until_ms:
                return Moved(op, End.DOUBT, anything(mix), code_of(meaning("deviceBusy")))
            yield Pause(SETTLE_STEP_MS)
        if known is None or before is None:
            row = meaning("countsContradict") if known else status.row
            return Moved(op, End.DOUBT, anything(mix), code_of(row), status.detail)
        moved = yield from self._reckon(op, mix, before, Reply(How.TOLD, SUCCESS, told.Done()))
        if moved.end is End.DONE or moved.end is End.SHORT:
            asked = yield Ask(wire.AskPresentStatus(self.settings.position), self.settings.read_ms)
            if not _agrees(moved, asked, self.settings.units):
                return Moved(op, End.DOUBT, anything(mix), code_of(meaning("countsContradict")), asked.detail)
        return moved

    def _test(self, op: str, place: int) -> Plan:
        mix = Mix.of([(place, 1)])
        if self.settings.end_to_end:  # a note without a token never leaves such a machine, not even into its own bin
            return Moved(op, End.NOTHING, nothing(mix), code_of(meaning("authorisationRequired")))
        first = yield from self._dispense(op, mix, "")
        before = self.memory.before
        if first.end is not End.DONE or before is None:
            return first
        aside = yield Ask(wire.Reject(), self.settings.move_ms)
        after = yield from self._storage()
        if not after.good or not isinstance(after.answer, Storage):
            return Moved(op, End.DOUBT, anything(mix), code_of(aside.row if aside.row is not SUCCESS else after.row))
        now = reckon(mix, before, after.answer, self.settings.units, aside.row)
        (part,) = now.parts
        if part.exited == NONE and part.rejected == Count.exact(1) and part.on_path == NONE:
            return Moved(op, End.DONE, now.parts, code_of(aside.row))
        return Moved(op, End.DOUBT, anything(mix), code_of(now.row))

    def _offer(self, op: str) -> Plan:
        start = yield from self._storage()
        self.memory.offered_count = None
        if isinstance(start.answer, Storage):
            self.memory.offered_retracts = reading(start.answer, self.settings.units).retracts
            self.memory.offered_count = sum(unit.out.stacked for unit in start.answer.units)
        self.memory.offered = op
        reply = yield Ask(wire.Present(self.settings.position), self.settings.move_ms)
        self.memory.nonce = ""  # CashDispenser.Dispense, token: presenting clears the nonce
        if reply.good:
            return Offered(op, True)
        asked = yield Ask(wire.AskPresentStatus(self.settings.position), self.settings.read_ms)
        state = asked.answer.state if asked.good and isinstance(asked.answer, PresentStatus) else PresentState.UNKNOWN
        if state is PresentState.NOT_PRESENTED and reply.how is How.TOLD and reply.row.means is not Means.DOUBT:
            self.memory.offered = ""
        # With nothing stacked before, the state is that of an earlier dispense and proves nothing of this one. After
        # trouble in presenting something was presented, and whether that was all, nobody knows.
        torn = reply.how is How.TOLD and reply.row.means is Means.DOUBT
        sure = state is PresentState.PRESENTED and bool(self.memory.offered_count) and not torn
        return Offered(op, sure, code_of(reply.row))

    def _put_aside(self, op: str) -> Plan:
        start = yield from self._storage()
        reply = yield Ask(wire.Reject(), self.settings.move_ms)
        after = yield from self._storage()
        parts = list[tuple[int, Count]]()
        if isinstance(start.answer, Storage):
            was = {
                self.settings.units[unit.name]: unit for unit in start.answer.units if unit.name in self.settings.units
            }
            now = after.answer if isinstance(after.answer, Storage) else Storage()
            for place, unit in sorted(was.items()):
                if unit.out.stacked:
                    later = now.unit(unit.name)
                    moved = later.out.rejected - unit.out.rejected if later and later.sure else -1
                    exact = reply.good and moved == unit.out.stacked
                    parts.append((place, Count.exact(moved) if exact else Count(0, unit.out.stacked)))
        sure = reply.good and bool(parts) and all(count.known for _, count in parts)
        return Binned(op, tuple(parts), sure, code_of(reply.row))

    def _retract(self, op: str) -> Plan:
        most = self.memory.offered_count
        ask = wire.Retract(self.settings.position, self.settings.retract_index)
        reply = yield Ask(ask, self.settings.move_ms)
        if reply.good:
            self.memory.offered = ""
        counted = None
        if self.settings.counts_retracts and reply.good and isinstance(reply.answer, told.Retracted):
            said = [count for _, count in reply.answer.units]
            counted = sum(count for count in said if count is not None) if said and None not in said else None
        if counted is not None and (most is None or counted <= most):
            return Binned(op, ((0, Count.exact(counted)),), True, "")
        return Binned(op, ((0, Count(0, most)),), reply.good, code_of(reply.row))

    def _clear(self) -> Plan:
        self.memory.op, self.memory.before = "", None
        self.memory.offered = ""  # a reset sweeps the exit: an empty one no longer says that a customer took anything
        reply = yield Ask(wire.Reset(self.settings.clear_to.target), self.settings.move_ms)
        if self.memory.unfit:  # what was mended may be what was lacking
            yield from self.learn()
        status = yield Ask(wire.AskStatus(), self.settings.read_ms)
        now = status.answer if status.good and isinstance(status.answer, told.Status) else None
        self.memory.locked = self.memory.locked and not reply.good
        empty = now is not None and all(place is Holds.EMPTY for place in (now.stacker, now.path, now.exit))
        return Cleared(reply.good and empty, code_of(reply.row), reply.detail)


def _agrees(moved: Moved, asked: Reply, units: dict[str, int]) -> bool:
    """Does the present status, where there is one, say the same of the last dispense?"""
    if not asked.good or not isinstance(asked.answer, PresentStatus):
        return True  # the counters alone are the evidence
    said = {units[name]: count for name, count in asked.answer.counts if name in units}
    return all(said.get(part.place, 0) >= part.exited.low for part in moved.parts)
