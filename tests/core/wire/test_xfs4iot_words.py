"""What an XFS4IoT message says, in words."""

from __future__ import annotations

import pytest

from core.wire.explain import Side, Verdict, explain, good
from core.wire.xfs4iot import Kind, Message, encode
from core.wire.xfs4iot_answers import Nonce, answer_payload, completion
from core.wire.xfs4iot_commands import Dispense, command_message
from core.wire.xfs4iot_words import split

TOKEN = "NONCE=1,TOKENFORMAT=1,TOKENLENGTH=0128,DISPENSE1=1KRW,HMACSHA256=" + "AB" * 32
DISPENSE = encode(command_message(Dispense((("unit1", 2),), TOKEN), 7, 1_000))
ASKED = Message("Common.GetCommandNonce", Kind.COMMAND, 8)

SAID = [
    (DISPENSE, Side.HOST, '> plain   CashDispenser.Dispense type=command request=7 payload={"denomination"'),
    (encode(completion(ASKED, "success", answer_payload(Nonce("12")))), Side.DEVICE, 'payload={"commandNonce":"12"}'),
    (encode(completion(ASKED, "timeOut", {})), Side.DEVICE, "code=timeOut  (time_out: The command took longer"),
    (encode(completion(ASKED, "commandErrorCode", {}, "noItems")), Side.DEVICE, "(no_items: There are no notes"),
    (encode(Message("x", Kind.ACKNOWLEDGE, 7, status="invalidMessage")), Side.DEVICE, "(invalid_message:"),
    (encode(Message("x", Kind.ACKNOWLEDGE, 7)), Side.DEVICE, "< plain   x type=acknowledge request=7"),
    (b'{"header":{"name":"y","type":"unsolicited"},"payload":{"a":1.5}}', Side.DEVICE, '"a":"1.5"'),
]


@pytest.mark.parametrize(("raw", "side", "words"), SAID)
def test_a_message_says_who_sent_it_and_what(raw: bytes, side: Side, words: str) -> None:
    (said,) = explain("xfs4iot", raw)
    assert good(said)
    assert said.side is side
    assert words in str(said)


def test_the_seal_of_a_token_is_not_shown() -> None:
    (said,) = explain("xfs4iot", DISPENSE)
    assert "ABAB" not in str(said)
    assert "HMACSHA256=*" in str(said)


@pytest.mark.parametrize(
    ("raw", "side"),
    [
        (b"hello", None),
        (b"{}", None),
        (b"[" * 100_000, None),
        (encode(Message("CashDispenser.Dispense", Kind.COMPLETION, 1, {"storage": 3}, code="success")), Side.DEVICE),
        (encode(command_message(Dispense((("door", 1),)), 1, 0)), Side.HOST),
    ],
)
def test_what_is_none_is_broken_and_says_why(raw: bytes, side: Side | None) -> None:
    (said,) = explain("xfs4iot", raw)
    assert (said.verdict, said.side) == (Verdict.BROKEN, side)
    assert dict(said.content)["reason"]


def test_messages_stand_one_after_another() -> None:
    assert split(DISPENSE + b"\n\n" + DISPENSE + DISPENSE) == (DISPENSE,) * 3
    assert split(DISPENSE + b" rest") == (DISPENSE, b"rest")
    assert split(b"  ") == ()
