"""The codec: what is written reads back, secrets are masked, and the unknown is never success."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

from core.codec import MASK, BadMessage, UnknownValue, from_plain, from_tagged, tagged, to_plain
from core.effects import Identify, KeyedEffect, PrintReceipt
from core.events import CodeScanned, Event, Identified, Refused, Source, Symbology, TapAnswered, TicketOpened
from core.faults import Refusal
from core.ids import TxnId
from core.messages import Presentation, PresentRequest, Sale, SaleState, WireMoney
from core.receipt import Pair, Receipt, Title
from core.terms import Terms

TXN = TxnId.of(bytes(16))


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    number: int


@dataclass(frozen=True)
class Outer:
    inner: Inner
    names: tuple[str, ...]
    pair: tuple[int, str]
    colour: Colour = Colour.RED
    maybe: Inner | None = None
    yes: bool = False


OUTER: dict[str, Any] = {"inner": {"number": 1}, "names": ["a"], "pair": [1, "x"]}


def test_what_is_written_reads_back() -> None:
    value = Outer(Inner(1), ("a", "b"), (2, "y"), Colour.RED, Inner(3), True)
    assert from_plain(Outer, to_plain(value)) == value
    assert from_plain(Outer, OUTER) == Outer(Inner(1), ("a",), (1, "x"))


def test_unknown_fields_are_ignored() -> None:
    assert from_plain(Inner, {"number": 1, "new_in_version_2": [1, 2]}) == Inner(1)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"inner": None}, "inner"),
        ({"inner": {}}, "inner.number"),
        ({"inner": {"number": "1"}}, "inner.number"),
        ({"inner": {"number": True}}, "inner.number"),
        ({"inner": {"number": 1.0}}, "inner.number"),
        ({"names": "a"}, "names"),
        ({"names": [1]}, "names[0]"),
        ({"pair": [1]}, "pair"),
        ({"colour": "blue"}, "colour"),
        ({"yes": 1}, "yes"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    with pytest.raises(BadMessage) as refused:
        from_plain(Outer, OUTER | change)
    assert refused.value.path == path


@pytest.mark.parametrize("data", [None, [], "text", 5, {}])
def test_something_else_than_an_object_is_refused(data: object) -> None:
    with pytest.raises(BadMessage):
        from_plain(Outer, data)


def test_a_state_we_do_not_know_is_not_success() -> None:
    sale = to_plain(Sale(TXN, "1", SaleState.SETTLED, "2026-03-01T00:00:00Z"))
    with pytest.raises(UnknownValue):
        from_plain(Sale, sale | {"state": "settled_later"})


def test_a_value_that_its_own_class_refuses_is_a_bad_message() -> None:
    with pytest.raises(BadMessage, match="decimal"):
        from_plain(WireMoney, {"asset": "KRW", "scale": 0, "amount": "1e3"})
    with pytest.raises(BadMessage, match="code or a tap"):
        from_plain(PresentRequest, {"txn": {"text": TXN.text}, "source": "camera"})


@pytest.mark.parametrize(
    "event",
    [
        TicketOpened(TXN, "sale", 1, "aa", Terms("T", "Shop", "KRW", 0, 540)),
        Identified("k", Presentation("p", TXN, "1234", ("BTC",), "2026-03-01T00:00:00Z", 1)),
        Refused("k", Refusal("TM-GEN-000", "x")),
    ],
)
def test_events_read_back_by_their_name(event: Event) -> None:
    assert from_tagged(Event, tagged(event)) == event


def test_effects_read_back_with_what_is_inside_them() -> None:
    effect = PrintReceipt("k", Receipt("1", (Title("Shop"), Pair("a", "b"))))
    assert from_tagged(KeyedEffect, tagged(effect)) == effect


@pytest.mark.parametrize("data", [{"is": "NoSuchEvent"}, {}, [], None])
def test_an_event_nobody_knows_is_refused(data: object) -> None:
    with pytest.raises(BadMessage):
        from_tagged(Event, data)


def test_secrets_are_masked_and_never_shown() -> None:
    scanned = CodeScanned(Source.CAMERA, Symbology.QR, "270000000000000000")
    asked = Identify("k", TXN, Source.CAMERA, "270000000000000000")
    tapped = TapAnswered("123456789", 1, "aa", "bb")
    assert tagged(scanned, mask=True)["text"] == MASK
    assert tagged(asked, mask=True)["code"] == MASK
    assert tagged(tapped, mask=True)["mac"] == MASK
    assert "2700000" not in f"{scanned!r}{asked!r}"
    assert "123456789" not in repr(tapped)


def test_deep_nesting_is_refused_before_the_stack_is() -> None:
    @dataclass(frozen=True)
    class Deep:
        more: tuple[Any, ...] = ()

    kind: Any = int
    data: Any = 1
    for _ in range(20):
        kind, data = tuple[kind, ...], [data]
    with pytest.raises(BadMessage, match="deeper"):
        from_tagged(kind, data)
    assert Deep() == Deep()


def test_what_has_no_plain_form_is_a_programmers_error() -> None:
    with pytest.raises(TypeError):
        to_plain(1.5)
    with pytest.raises(TypeError):
        from_plain(float, 1.5)
