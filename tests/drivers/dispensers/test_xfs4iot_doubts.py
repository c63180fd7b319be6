"""A service that lies, stammers or changes its mind: its word is taken for no more than it proves."""

from __future__ import annotations

import pytest

from core.cash import Count, Mix
from core.dispenser import Clear, End, Look, Moved, Noticed, Offer, Offered, Order, Pay, PutAside, Recall, Seen, Test
from core.faults.dispenser import LOCKED
from core.wire.xfs4iot import Kind, Message, decode, encode
from core.wire.xfs4iot_answers import Event, Storage, answer_payload, completion
from core.wire.xfs4iot_errors import ERRORS, SUCCESS, meaning
from core.wire.xfs4iot_storage import Accuracy, Level, Out, Unit, UnitStatus
from drivers.dispenser_xfs4iot import Host, make_host
from drivers.dispenser_xfs4iot.counts import Reading, reckon
from tests.drivers.dispensers.xfs_bench import ROWS, Bench, settings

UNITS = {"unit1": 1, "unit2": 2}
MIX = Mix.of([(1, 3)])
ZERO = Reading({1: (0, 0, 0, 0), 2: (0, 0, 0, 0)})


def storage(out: Out, other: Out | None = None, accuracy: Accuracy = Accuracy.ACCURATE) -> Storage:
    return Storage((Unit("unit1", out=out, accuracy=accuracy), Unit("unit2", out=other or Out())))


@pytest.mark.parametrize(
    ("before", "after", "word", "witness", "end", "exited"),
    [
        (ZERO, storage(Out(stacked=3)), "success", None, End.DONE, Count.exact(3)),
        (ZERO, storage(Out(stacked=3)), "success", {1: Out(stacked=3)}, End.DONE, Count.exact(3)),
        (ZERO, storage(Out(stacked=2)), "success", None, End.SHORT, Count.exact(2)),
        (ZERO, storage(Out()), "hardwareError", None, End.NOTHING, Count.exact(0)),
        (ZERO, storage(Out(rejected=2)), "cashUnitError", None, End.SHORT, Count.exact(0)),
        (ZERO, storage(Out(stacked=2)), "hardwareError", None, End.DOUBT, Count(2, 3)),
        (ZERO, storage(Out(stacked=2)), "splendid", None, End.DOUBT, Count(2, 3)),
        (ZERO, storage(Out(stacked=2, transport=1)), "success", None, End.DOUBT, Count.exact(2)),
        (ZERO, storage(Out(stacked=2, unknown=1)), "success", None, End.DOUBT, Count(2, 3)),
        (ZERO, storage(Out(stacked=3)), "success", {1: Out(stacked=2)}, End.DOUBT, Count(2, 3)),
        (ZERO, storage(Out(stacked=3)), "success", {}, End.DOUBT, Count(0, 3)),
        (ZERO, storage(Out(stacked=3), accuracy=Accuracy.INACCURATE), "success", None, End.DOUBT, Count(0, 3)),
        (ZERO, storage(Out(stacked=4)), "success", None, End.DOUBT, Count(0, None)),
        (Reading({1: (5, 0, 0, 0)}), storage(Out(stacked=3)), "success", None, End.DOUBT, Count(0, 3)),
        (Reading({}), storage(Out(stacked=3)), "success", None, End.DOUBT, Count(0, 3)),
        (ZERO, Storage(()), "success", None, End.DOUBT, Count(0, 3)),
        (ZERO, storage(Out(stacked=3), Out(stacked=1)), "success", None, End.DOUBT, Count.exact(3)),
    ],
)
def test_only_what_two_readings_prove_is_said(
    before: Reading, after: Storage, word: str, witness: dict[int, Out] | None, end: End, exited: Count
) -> None:
    done = reckon(MIX, before, after, UNITS, meaning(word), witness)
    assert done.end is end
    assert done.parts[0].exited == exited
    assert (done.row is SUCCESS) <= (end is not End.DOUBT), "a doubt says why"


class Service:
    """A service of our own making: each command is answered by what `says` has for its name."""

    def __init__(self, says: dict[str, list[bytes | dict[str, object]]]) -> None:
        self.host: Host = make_host(settings())
        self.says = says
        self.asked: list[str] = []
        self.host.start(0)
        self.now_ms = 0

    def order(self, order: Order) -> object:
        self.host.order(order, self.now_ms)
        for _ in range(2_000):
            for raw in self.host.say():
                asked = decode(raw)
                self.asked.append(asked.name)
                for said in self.says.get(asked.name, []):
                    self.host.hear(said if isinstance(said, bytes) else self._completed(asked, said), self.now_ms)
            found = [news for news in self.host.news() if not isinstance(news, Noticed)]
            if found:
                return found[0]
            self.now_ms += 500
            self.host.turn(self.now_ms)
        raise AssertionError("no answer")

    @staticmethod
    def _completed(asked: Message, payload: dict[str, object]) -> bytes:
        return encode(completion(asked, str(payload.get("code", "success")), payload))


def still(out: Out | None = None) -> dict[str, object]:
    return answer_payload(storage(out or Out()))


def test_a_completion_whose_payload_cannot_be_is_a_doubt_unless_the_counters_say_that_nothing_moved() -> None:
    bad: dict[str, object] = {"denomination": {"values": {"unit1": -1}}}
    moved = Service({"Storage.GetStorage": [still()], "CashDispenser.Dispense": [bad]}).order(Pay("op", MIX))
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.NOTHING, "TM-CASHX-202")


def test_storage_that_cannot_be_read_lets_no_note_move() -> None:
    service = Service({"Storage.GetStorage": [{"storage": {"unit1": {"cash": {"status": {"initial": -1}}}}}]})
    moved = service.order(Pay("op", MIX))
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.NOTHING, "TM-CASHX-202")
    assert "CashDispenser.Dispense" not in service.asked
    seen = service.order(Look())
    assert isinstance(seen, Seen)
    assert not seen.ready


def test_a_success_whose_counts_cannot_be_read_afterwards_is_a_doubt_and_locks() -> None:
    service = Service({"Storage.GetStorage": [still()], "CashDispenser.Dispense": [{}]})
    service.host.order(Pay("op", MIX), 0)
    service.says["Storage.GetStorage"] = [still()]
    heard = service.host.say()
    assert heard
    moved = None
    for raw in heard:
        asked = decode(raw)
        service.host.hear(service._completed(asked, still()), 0)
    for _ in range(400):
        for raw in service.host.say():
            asked = decode(raw)
            if asked.name == "CashDispenser.Dispense":
                service.says["Storage.GetStorage"] = []
                service.host.hear(service._completed(asked, {}), service.now_ms)
            elif asked.name == "Storage.GetStorage" and service.says["Storage.GetStorage"]:
                service.host.hear(service._completed(asked, still()), service.now_ms)
        found = [news for news in service.host.news() if isinstance(news, Moved)]
        if found:
            moved = found[0]
            break
        service.now_ms += 500
        service.host.turn(service.now_ms)
    assert moved is not None
    assert (moved.end, moved.parts[0].exited) == (End.DOUBT, Count(0, 3))
    service.says["Storage.GetStorage"] = [still()]
    again = service.order(Pay("op2", MIX))
    assert isinstance(again, Moved)
    assert (again.end, again.code) == (End.NOTHING, LOCKED)
    refused = service.order(Test("t", 1))
    assert isinstance(refused, Moved)
    assert refused.code == LOCKED


def test_a_stranger_to_the_conversation_is_not_believed() -> None:
    other = encode(Message("CashDispenser.Present", Kind.COMPLETION, 3, {}, code="success"))
    service = Service({"Storage.GetStorage": [other, still(Out(stacked=7))], "CashDispenser.Present": []})
    offered = service.order(Offer("op"))
    assert isinstance(offered, Offered)
    assert not offered.sure
    put = service.order(PutAside("op"))
    assert put is not None


def test_a_present_status_that_knows_less_than_the_counters_makes_a_doubt() -> None:
    said = {"presentState": "notPresented", "denomination": {"values": {"unit1": 1}}}
    status: dict[str, object] = {"common": {"device": "online"}}
    service = Service(
        {
            "Storage.GetStorage": [still(Out(stacked=3))],
            "Common.Status": [status],
            "CashDispenser.GetPresentStatus": [said],
        }
    )
    moved = service.order(Recall("op", MIX, ZERO.mark()))
    assert isinstance(moved, Moved)
    assert (moved.end, moved.code) == (End.DOUBT, "TM-CASHX-203")


def test_a_machine_that_never_comes_to_rest_is_a_doubt_in_time() -> None:
    busy: dict[str, object] = {"common": {"device": "deviceBusy"}}
    service = Service({"Common.Status": [busy]})
    moved = service.order(Recall("op", MIX, ZERO.mark()))
    assert isinstance(moved, Moved)
    assert moved.end is End.DOUBT
    assert service.now_ms <= service.host.capabilities.answer_ms


@pytest.mark.parametrize(
    ("event", "payload", "name"),
    [
        (Event.THRESHOLD, {}, "unit_low"),
        (Event.SHUTTER, {}, "status_changed"),
        (Event.ERROR, {}, "hardware_error"),
        (Event.UNIT_ERROR, {"failure": "full"}, "unit_full"),
    ],
)
def test_what_happens_on_the_machines_own_account_is_worth_a_look(
    event: Event, payload: dict[str, object], name: str
) -> None:
    bench = Bench()
    bench.host.news()
    bench.host.hear(encode(Message(event.value, Kind.UNSOLICITED, 0, payload)), bench.now_ms)
    (news,) = bench.host.news()
    assert isinstance(news, Noticed)
    assert news.code.endswith(f"{ROWS[name].code:03d}")
    for quiet in (Event.STARTED, Event.DELAYED):
        bench.host.hear(encode(Message(quiet.value, Kind.EVENT, 9)), bench.now_ms)
    assert bench.host.news() == ()


def test_a_flood_of_events_is_bounded_and_loses_no_answer() -> None:
    bench = Bench()
    for _ in range(2_000):
        bench.host.hear(encode(Message(Event.STATUS_CHANGED.value, Kind.UNSOLICITED)), bench.now_ms)
    assert len(bench.host.news()) <= 256


def test_an_empty_status_is_no_good_news() -> None:
    units = answer_payload(Storage((Unit("unit1", UnitStatus.UNKNOWN, Level.UNKNOWN), Unit("unit7", rejects=True))))
    seen = Service({"Common.Status": [{}], "Storage.GetStorage": [units]}).order(Look())
    assert isinstance(seen, Seen)
    assert not seen.ready
    assert (seen.path_clear, seen.exit_clear) == (None, None)
    first, second = seen.places
    assert (first.present, first.low, first.empty) == (None, None, None)
    assert second.present is False


def test_clearing_without_an_answer_is_not_clear() -> None:
    cleared = Service({}).order(Clear())
    assert getattr(cleared, "clear", True) is False


def test_the_table_is_what_this_file_says() -> None:
    assert (ERRORS[202].name, ERRORS[203].name) == ("bad_message", "counts_contradict")
