"""Which notes pay an amount (XFS: DENOMINATE), and which amounts a machine can offer. Pure, exact, deterministic."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Final

from core.asset import Asset
from core.cash import PLACES_MAX, SUMS_MAX, BadCount, Cassette, Mix, NoMix
from core.money import Money

_FAR: Final = SUMS_MAX  # more notes than any mix has


def denominate(amount: Money, cassettes: Sequence[Cassette], notes_max: int) -> Mix:
    """The mix with the fewest notes; of equal ones the larger notes first, then the lower places.

    Uses only notes that are certain to be there. Raises `NoMix`; raises `BadCount` for cassettes of two currencies,
    of one place, or too many.
    """
    rows = _rows(amount.asset, cassettes)
    if amount.minor <= 0 or not rows:
        raise NoMix(f"{amount} cannot be paid")
    unit = gcd(*(face for face, _, _ in rows))
    if amount.minor % unit:
        raise NoMix(f"{amount} is no multiple of {unit}")
    rest = amount.minor // unit
    top = sum(face // unit * min(ready, notes_max) for face, ready, _ in rows)
    if rest > top:
        raise NoMix(f"there is not enough for {amount}")
    layers = _fewest([(face // unit, min(ready, notes_max)) for face, ready, _ in rows], rest)
    if layers[0][rest] > notes_max:
        raise NoMix(f"{amount} cannot be paid with {notes_max} notes from what is certain to be there")
    taken: list[tuple[int, int]] = []
    for (face, ready, place), layer, rest_layer in zip(rows, layers, layers[1:]):
        step = face // unit
        notes = next(
            count
            for count in range(min(ready, rest // step), -1, -1)
            if rest_layer[rest - count * step] + count == layer[rest]
        )
        taken.append((place, notes))
        rest -= notes * step
    return Mix.of(taken)


def payable(asset: Asset, cassettes: Sequence[Cassette], notes_max: int, at_most: Money) -> tuple[Money, ...]:
    """Every amount up to `at_most` that `denominate` can pay, ascending; nothing when there is nothing to pay with."""
    rows = _rows(asset, cassettes)
    if not rows:
        return ()
    unit = gcd(*(face for face, _, _ in rows))
    top = sum(face // unit * min(ready, notes_max) for face, ready, _ in rows)
    fewest = _fewest(
        [(face // unit, min(ready, notes_max)) for face, ready, _ in rows], min(top, at_most.minor // unit)
    )
    return tuple(Money(at * unit, asset) for at, notes in enumerate(fewest[0]) if at and notes <= notes_max)


def _rows(asset: Asset, cassettes: Sequence[Cassette]) -> list[tuple[int, int, int]]:
    """(face, notes ready, place) of the cassettes that can pay, the largest notes first, then by place."""
    places = {cassette.place for cassette in cassettes}
    if len(places) != len(cassettes) or len(cassettes) > PLACES_MAX:
        raise BadCount("a place holds one cassette, and a machine has few of them")
    if any(cassette.denomination.asset != asset for cassette in cassettes):
        raise BadCount(f"a cassette does not hold {asset}")
    rows = [(cassette.denomination.face.minor, cassette.ready, cassette.place) for cassette in cassettes]
    return sorted((row for row in rows if row[1]), key=lambda row: (-row[0], row[2]))


def _fewest(rows: Sequence[tuple[int, int]], top: int) -> list[list[int]]:
    """For each tail of `rows` (step, ready): the fewest notes of it for each sum 0..top. The last tail is empty.

    A window over each remainder class keeps every layer linear in `top`, however many notes a cassette holds.
    """
    if top > SUMS_MAX:
        raise NoMix("the amount is too large for one machine")
    layers = [[0] + [_FAR] * max(0, top)]
    for step, ready in reversed(rows):
        layers.append(_with(layers[-1], step, ready))
    return layers[::-1]


def _with(below: list[int], step: int, ready: int) -> list[int]:
    """The layer with one more cassette: the least of below[s - k*step] + k for k in 0..ready."""
    layer = [_FAR] * len(below)
    for first in range(min(step, len(below))):
        window: list[tuple[int, int]] = []  # (index in the class, below - index), the least first
        head = 0
        for index, at in enumerate(range(first, len(below), step)):
            key = below[at] - index
            while len(window) > head and window[-1][1] >= key:
                window.pop()
            window.append((index, key))
            if window[head][0] < index - ready:
                head += 1
            layer[at] = min(_FAR, window[head][1] + index)
    return layer
