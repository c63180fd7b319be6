"""What a page may ask of the world, and that nothing else reaches it."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.code import compose
from sim.live.orders import obey
from sim.live.world import CannotDo
from tests.sim.live.counter import Counter

CODE = compose(123, 456).digits


@pytest.mark.parametrize(
    ("order", "done"),
    [
        ({"do": "finger", "phase": 0, "x": 3, "y": 4}, ("finger", 0, 3, 4)),
        ({"do": "key", "name": "enter"}, ("key", "enter")),
        ({"do": "hold", "code": CODE, "as": "qr"}, ("show", CODE, "qr", "phone")),
        ({"do": "hold", "code": CODE, "as": "code128"}, ("show", CODE, "code128", "phone")),
        ({"do": "away"}, ("away",)),
        ({"do": "tap", "code": CODE}, ("tap", CODE)),
        ({"do": "tap", "code": ""}, ("tap", "")),
        ({"do": "product", "id": "tea"}, ("show", "8801234567893", "ean13", "product")),
        ({"do": "price", "pair": "TIL/KRW", "price": 12_000}, ("price", "TIL/KRW", 12_000)),
        ({"do": "fault", "name": "paper_out", "on": True}, ("fault", "paper_out", True)),
        ({"do": "transfer", "reference": " TM1 ", "amount": "50,000"}, ("transfer", "TM1", "50000")),
    ],
)
def test_an_order_does_what_it_says(order: dict[str, object], done: tuple[object, ...]) -> None:
    counter = Counter()
    obey(counter, json.dumps(order))
    assert counter.done == [done]


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "[]", "{}", '{"do": "fly"}', '{"do": "finger", "phase": 3, "x": 1, "y": 1}',
        '{"do": "finger", "phase": 0, "x": -1, "y": 1}', '{"do": "finger", "phase": 0, "x": 99999, "y": 1}',
        '{"do": "key", "name": "F12"}', '{"do": "hold", "code": "123", "as": "qr"}',
        f'{{"do": "hold", "code": "{CODE}", "as": "pdf417"}}', '{"do": "product", "id": "gold"}',
        '{"do": "fault", "name": "rm -rf", "on": true}', '{"do": "price", "pair": "TIL/KRW", "price": 0}',
        '{"do": "price", "pair": "TIL/KRW", "price": 1e400}', '"' + "a" * 5_000 + '"', "[" * 500,
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_changes_nothing(text: str) -> None:
    counter = Counter()
    with pytest.raises(CannotDo):
        obey(counter, text)
    assert counter.done == []


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["do", "phase", "x", "y", "name", "code", "as", "id", "on"]) | st.text(), inner
) | st.lists(inner)))  # fmt: skip
def test_no_order_breaks_the_page(order: object) -> None:
    with contextlib.suppress(CannotDo):
        obey(Counter(), json.dumps(order))
