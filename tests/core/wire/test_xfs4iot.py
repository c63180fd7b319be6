"""XFS4IoT messages: written as the standard has them, read strictly where money depends on it."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire import xfs4iot_answers as told
from core.wire import xfs4iot_commands as wire
from core.wire.device_errors import Means
from core.wire.xfs4iot import MESSAGE_BYTES_MAX, BadMessage, Fields, Kind, Message, decode, encode
from core.wire.xfs4iot_answers import answer_payload, completion, error_word, event_of, failure_of, read_answer
from core.wire.xfs4iot_commands import command_message, name_of, read_command
from core.wire.xfs4iot_errors import ERRORS, SUCCESS, UNHEARD, WORDS, failure, meaning
from core.wire.xfs4iot_storage import Accuracy, Level, Out, Unit, UnitStatus, read_unit, unit_table

COMMANDS = [
    (
        wire.SetVersions((("Common.Status", 2),), (("Common.NonceClearedEvent", 2),)),
        "Common.SetVersions",
        {"commands": {"Common.Status": 2}, "events": {"Common.NonceClearedEvent": 2}},
    ),
    (wire.AskStatus(), "Common.Status", {}),
    (wire.AskCapabilities(), "Common.Capabilities", {}),
    (wire.AskStorage(), "Storage.GetStorage", {}),
    (wire.AskNonce(), "Common.GetCommandNonce", {}),
    (wire.ClearNonce(), "Common.ClearCommandNonce", {}),
    (wire.Reject(), "CashDispenser.Reject", {}),
    (
        wire.Dispense((("unit1", 2), ("unit3", 1)), "NONCE=1"),
        "CashDispenser.Dispense",
        {"denomination": {"denomination": {"app": {"counts": {"unit1": 2, "unit3": 1}}}}, "token": "NONCE=1"},
    ),
    (
        wire.Dispense((("unit1", 2),), "", wire.Release.VALUES),
        "CashDispenser.Dispense",
        {"denomination": {"denomination": {"values": {"unit1": 2}}}},
    ),
    (wire.Present(), "CashDispenser.Present", {"position": "outDefault"}),
    (
        wire.AskPresentStatus("outFront", "1414"),
        "CashDispenser.GetPresentStatus",
        {"position": "outFront", "nonce": "1414"},
    ),
    (wire.AskPresentStatus(), "CashDispenser.GetPresentStatus", {"position": "outDefault"}),
    (
        wire.Retract("outDefault", 2),
        "CashManagement.Retract",
        {"location": {"outputPosition": "outDefault", "retractArea": "retract", "index": 2}},
    ),
    (wire.Reset(), "CashManagement.Reset", {}),
    (wire.Reset(wire.Target.REJECT), "CashManagement.Reset", {"position": {"target": "reject"}}),
    (wire.TestUnits(), "CashDispenser.TestCashUnits", {}),
    (wire.TestUnits(wire.Target.REJECT), "CashDispenser.TestCashUnits", {"target": {"target": "reject"}}),
    (wire.Other("CardReader.Move"), "CardReader.Move", {}),
]


@pytest.mark.parametrize(("command", "name", "payload"), COMMANDS)
def test_a_command_has_the_standards_name_and_payload_and_is_read_back(
    command: wire.Command, name: str, payload: dict[str, object]
) -> None:
    raw = encode(command_message(command, 7, 5_000))
    assert json.loads(raw) == {
        "header": {"name": name, "type": "command", "version": "2.0", "requestId": 7, "timeout": 5_000},
        "payload": payload,
    }
    assert name_of(command) == name
    assert read_command(decode(raw)) == command


NOTES = Out(presented=1, rejected=2, distributed=3, unknown=4, stacked=5, diverted=6, transport=7)
FULL = Unit(
    "unit1",
    UnitStatus.OK,
    Level.LOW,
    Accuracy.INACCURATE,
    True,
    False,
    False,
    "C1",
    "S1",
    "EUR",
    Decimal("0.5"),
    100,
    NOTES,
    2,
    3,
    4,
)
PLAIN = Unit("unit9", accuracy=Accuracy.NOT_SAID, pays=False, rejects=True, value=Decimal(20), level=Level.FULL)
ANSWERS: list[tuple[str, told.Answer]] = [
    ("Common.Status", told.Status()),
    ("Common.Status", told.Status(told.DeviceState.BUSY, True, told.Holds.NOTES, told.Shutter.OPEN)),
    ("Common.Capabilities", told.Capabilities(40, True, True, True, False, "always")),
    ("Common.Capabilities", told.Capabilities()),
    ("Storage.GetStorage", told.Storage((FULL, PLAIN))),
    ("Common.GetCommandNonce", told.Nonce("254611E63B2531576314E86527338D61")),
    ("CashDispenser.Dispense", told.Dispensed((("unit1", 5),), (("unit1", NOTES),))),
    ("CashDispenser.Dispense", told.Dispensed()),
    ("CashDispenser.GetPresentStatus", told.PresentStatus(told.PresentState.PRESENTED, (("unit1", 5),), "NONCE=1")),
    ("CashDispenser.GetPresentStatus", told.PresentStatus()),
    ("CashManagement.Retract", told.Retracted((("unit91", 3), ("unit92", None)))),
    ("CashDispenser.Present", told.Done()),
]


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_an_answer_is_read_as_it_was_said(name: str, answer: told.Answer) -> None:
    asked = Message(name, Kind.COMMAND, 3)
    heard = decode(encode(completion(asked, "success", answer_payload(answer))))
    assert (heard.name, heard.request_id, heard.code) == (name, 3, "success")
    assert read_answer(heard) == answer


def test_units_are_found_by_their_names() -> None:
    storage = told.Storage((FULL, PLAIN))
    assert storage.unit("unit9") is PLAIN
    assert storage.unit("unit5") is None
    assert not FULL.sure
    assert PLAIN.sure
    assert NOTES.exited == 6


def test_a_service_of_another_release_is_understood() -> None:
    old = {
        "header": {"name": "CashDispenser.Present", "requestId": 4, "type": "completion"},
        "payload": {
            "completionCode": "commandErrorCode",
            "errorCode": "noItems",
            "errorDescription": "none",
            "extra": 1,
        },
    }
    heard = decode(json.dumps(old).encode())
    assert (heard.code, heard.version, heard.description) == ("commandErrorCode", "1.0", "none")
    assert error_word(heard) == "noItems"
    assert error_word(Message("x", Kind.COMPLETION, 1, code="timeOut")) == "timeOut"
    ack = {
        "header": {"name": "Common.Acknowledge", "requestId": 4, "type": "acknowledgement"},
        "payload": {"status": "ok"},
    }
    assert decode(json.dumps(ack).encode()).status == ""
    refused = {"header": {"name": "x", "requestId": 4, "type": "acknowledge", "status": "tooManyRequests"}}
    assert decode(json.dumps(refused).encode()).status == "tooManyRequests"
    older = {"header": {"name": "x", "requestId": 4, "type": "command"}, "payload": {"timeout": 30}}
    assert decode(json.dumps(older).encode()).timeout_ms == 30


def test_status_takes_the_default_position_or_the_only_one() -> None:
    def heard(*positions: dict[str, str]) -> told.Status:
        payload = {"common": {"device": "online"}, "cashDispenser": {"positions": list(positions)}}
        answer = read_answer(Message("Common.Status", Kind.COMPLETION, 1, payload))
        assert isinstance(answer, told.Status)
        return answer

    left = {"position": "outLeft", "shutter": "open"}
    assert heard(left, {"position": "outDefault", "shutter": "closed"}).shutter is told.Shutter.CLOSED
    assert heard(left).shutter is told.Shutter.OPEN
    assert heard().shutter is told.Shutter.UNKNOWN
    assert heard({"shutter": "half"}).shutter is told.Shutter.UNKNOWN


def test_unheard_of_words_are_never_good_news() -> None:
    unit = read_unit("unit1", Fields({"status": "splendid", "cash": {"status": {"accuracy": "superb"}}}))
    assert (unit.status, unit.level, unit.accuracy) == (UnitStatus.UNKNOWN, Level.UNKNOWN, Accuracy.UNKNOWN)
    assert not unit.sure
    assert not unit.pays
    assert read_unit("unit1", Fields({"cash": {"configuration": {"value": True}}})).value is None
    types = {"cash": {"capabilities": {"types": {"cashOut": True}}}}
    assert read_unit("unit1", Fields(types)).pays
    answer = read_answer(Message("CashDispenser.GetPresentStatus", Kind.COMPLETION, 1, {"presentState": "perhaps"}))
    assert answer == told.PresentStatus()
    assert meaning("splendid").means is Means.DOUBT
    assert meaning("").code == UNHEARD
    assert meaning("success") is SUCCESS
    assert error_word(Message("x", Kind.COMPLETION, 1, {}, code="commandErrorCode")) == "commandErrorCode"
    assert failure("empty").name == "unit_empty"
    assert failure("gone").means is Means.DOUBT


def test_events_are_known_by_their_names() -> None:
    assert event_of(Message("CashManagement.ItemsTakenEvent", Kind.UNSOLICITED)) is told.Event.ITEMS_TAKEN
    assert event_of(Message("Lights.Something", Kind.UNSOLICITED)) is told.Event.OTHER
    error = Message("Storage.StorageErrorEvent", Kind.UNSOLICITED, 0, {"failure": "full"})
    assert failure_of(decode(encode(error))) == "full"


def test_every_word_of_the_table_has_its_own_row() -> None:
    assert {ERRORS[code].code for code in WORDS.values()} == set(ERRORS)
    assert all(not row.name.startswith("unlisted") for row in ERRORS.values())
    assert UNHEARD not in ERRORS


HEADER = '{"header":{"name":"x","type":"completion","requestId":1},"payload":'
BAD = [
    b"",
    b"\xff\xfe",
    b"[]",
    b"3",
    b"{",
    b'{"header":3}',
    b'{"header":{"name":"x","type":"completion"}}',
    b'{"header":{"name":"x","type":"completion","requestId":0}}',
    b'{"header":{"name":"x","type":"completion","requestId":-1}}',
    b'{"header":{"name":"x","type":"completion","requestId":true}}',
    b'{"header":{"name":"x","type":"completion","requestId":1.5}}',
    b'{"header":{"name":"x","type":"completion","requestId":4294967296}}',
    b'{"header":{"name":"x","type":"wish","requestId":1}}',
    b'{"header":{"name":7,"type":"completion","requestId":1}}',
    b'{"header":{"type":"completion","requestId":1}}',
    b'{"header":{"name":"x","name":"y","type":"completion","requestId":1}}',
    (HEADER + '{"a":NaN}}').encode(),
    (HEADER + "[]}").encode(),
    b"[" * 100_000,
    b" " * (MESSAGE_BYTES_MAX + 1),
]


@pytest.mark.parametrize("raw", BAD, ids=range(len(BAD)))
def test_what_is_no_message_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(BadMessage):
        decode(raw)


BAD_PAYLOADS: list[tuple[str, dict[str, object]]] = [
    ("CashDispenser.Dispense", {"storage": {"out": {"unit1": {"stacked": {"a": {"fit": -1}}}}}}),
    ("CashDispenser.Dispense", {"storage": {"out": {"unit1": {"stacked": {"a": {"fit": Decimal("1.5")}}}}}}),
    ("CashDispenser.Dispense", {"storage": {"out": {"unit1": {"stacked": {"a": {"fit": True}}}}}}),
    ("CashDispenser.Dispense", {"storage": {"out": {"unit1": {"stacked": "many"}}}}),
    ("CashDispenser.Dispense", {"denomination": {"values": {"unit1": 200_000}}}),
    ("CashDispenser.Dispense", {"denomination": [1]}),
    ("Common.Status", {"cashDispenser": {"positions": {"a": 1}}}),
    ("Common.Capabilities", {"cashDispenser": {"intermediateStacker": "yes"}}),
]


@pytest.mark.parametrize(("name", "payload"), BAD_PAYLOADS)
def test_counts_that_cannot_be_are_refused(name: str, payload: dict[str, object]) -> None:
    with pytest.raises(BadMessage):
        read_answer(Message(name, Kind.COMPLETION, 1, payload))


def test_a_count_written_as_a_decimal_is_still_a_count() -> None:
    raw = (HEADER.replace('"x"', '"CashDispenser.Dispense"') + '{"denomination":{"values":{"unit1":3.0}}}}').encode()
    assert read_answer(decode(raw)) == told.Dispensed((("unit1", 3),))


def test_only_a_command_is_read_as_one_and_only_units_are_dispensed_from() -> None:
    with pytest.raises(BadMessage):
        read_command(Message("Common.Status", Kind.COMPLETION, 1))
    with pytest.raises(BadMessage):
        read_command(command_message(wire.Dispense((("safe door", 1),)), 1, 0))
    unknown = read_command(Message("CashManagement.Reset", Kind.COMMAND, 1, {"position": {"target": "floor"}}))
    assert unknown == wire.Reset(wire.Target.UNKNOWN)


def test_an_acknowledge_and_an_event_say_no_more_than_they_must() -> None:
    ack = Message("x", Kind.ACKNOWLEDGE, 5, status="invalidMessage", description="why")
    assert decode(encode(ack)) == ack
    event = json.loads(encode(Message("x", Kind.UNSOLICITED)))
    assert event == {"header": {"name": "x", "type": "unsolicited", "version": "2.0"}, "payload": {}}


def test_a_whole_value_is_written_whole() -> None:
    table = json.loads(json.dumps(unit_table(PLAIN, "type20EUR1")))
    assert table["cash"]["configuration"]["value"] == 20
    assert "accuracy" not in table["cash"]["status"]
    bare = json.loads(json.dumps(unit_table(Unit("unit90"), "type1")))
    assert "value" not in bare["cash"]["configuration"]


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_reader_down(raw: bytes) -> None:
    try:
        heard = decode(raw)
    except BadMessage:
        return
    assert heard.name


WORDS_OF_PAYLOADS = "storage out unit1 stacked denomination values cash status common positions".split()
_inner = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(WORDS_OF_PAYLOADS), one, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from([name for name, _ in ANSWERS]), st.dictionaries(st.sampled_from(WORDS_OF_PAYLOADS), _inner))
def test_no_payload_brings_the_reader_down(name: str, payload: dict[str, object]) -> None:
    raw = json.dumps({"header": {"name": name, "type": "completion", "requestId": 1}, "payload": payload}).encode()
    try:
        read_answer(decode(raw))
    except BadMessage:
        return
