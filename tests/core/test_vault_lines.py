"""One line of the talk between runtime and vault, there and back."""

from __future__ import annotations

import json

import pytest

from core.cash import Count
from core.codec import BadMessage
from core.ids import TxnId
from core.messages import WireMoney
from core.vault_lines import ID_MAX, Asked, Said, asked, line, said
from core.vault_talk import (
    LINE_MAX,
    AskNonce,
    AskState,
    CassetteShown,
    CloseOut,
    PayOut,
    ReportReady,
    Reports,
    VaultRefused,
    VaultState,
)

TXN = TxnId.of(bytes(16))
WON = WireMoney("KRW", 0, "10000")
STATE = VaultState(
    "v-1", "a2V5", True, False, "", "KRW", 60, False, False, (CassetteShown(1, WON, Count(40, None), True),), 2
)


@pytest.mark.parametrize("request_", [AskState(), AskNonce(TXN), PayOut(TXN, "ca1.k.b.s", WON), CloseOut(TXN)])
def test_a_question_reads_back_as_it_was_asked(request_: object) -> None:
    text = line(7, request_)  # type: ignore[arg-type]
    assert (text[-1:], text.count(b"\n")) == (b"\n", 1)
    assert asked(text) == Asked(7, request_)  # type: ignore[arg-type]


@pytest.mark.parametrize("reply", [STATE, VaultRefused("TM-VAULT-001"), ReportReady(3), Reports(("cr1.a.b.c",), 1)])
def test_an_answer_reads_back_as_it_was_said(reply: object) -> None:
    assert said(line(0, reply)) == Said(0, reply)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"[]",
        b"{",
        b"[" * 30_000,
        b"\xff\n",
        b'{"is":"AskState"}',
        b'{"id":true,"is":"AskState"}',
        b'{"id":"1","is":"AskState"}',
        b'{"id":-1,"is":"AskState"}',
        b'{"id":1}',
        b'{"id":1,"is":"Teleport"}',
        b'{"id":1,"is":"AskNonce","txn":"x"}',
        json.dumps({"id": ID_MAX + 1, "is": "AskState"}).encode(),
        b" " * (LINE_MAX + 1),
    ],
)
def test_anything_else_is_refused_by_name(text: bytes) -> None:
    with pytest.raises(BadMessage):
        asked(text)
    with pytest.raises(BadMessage):
        said(text)


def test_a_question_has_a_number_above_zero() -> None:
    with pytest.raises(BadMessage):
        asked(line(0, AskState()))


def test_a_line_that_would_be_refused_is_not_sent() -> None:
    with pytest.raises(BadMessage):
        line(1, PayOut(TXN, "x" * LINE_MAX, WON))
