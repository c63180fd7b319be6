"""The market behind the simulated price venues: one true price per pair that walks from a seed.

`Market` is the physical layer: a price moves, is set, or jumps. `Venue` is how one venue tells it: with a little noise
of its own, and with the faults that a test or the bench switches on. The servers in front (`venue_server`) speak the
shapes of public exchanges. Nothing here is reachable from an installed server: it is chosen by its address.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

STEP_BP = 3  # a quiet market: a tick moves at most this far
NOISE_BP = 2  # venues never agree to the last unit


class Trouble(Enum):
    """What is wrong with a venue. STOPPED: it answers, but its price stands still. DOWN: it hangs up on everybody.
    SPIKE: everything it says doubles. RUNAWAY: its book doubles, but it still trades at the true price."""

    NONE = "none"
    STOPPED = "stopped"
    SLOW = "slow"
    DOWN = "down"
    SPIKE = "spike"
    RUNAWAY = "runaway"
    ZERO = "zero"
    NEGATIVE = "negative"
    NAN = "nan"
    HUGE = "huge"
    GARBAGE = "garbage"
    CROSSED = "crossed"


@dataclass(frozen=True, slots=True)
class Pair:
    """`coin` and `fiat` codes; `decimals` of the prices as the venue writes them."""

    coin: str
    fiat: str
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a venue says of a pair: prices as text, the venue's own time and a running number."""

    pair: Pair
    bid: str
    ask: str
    last: str
    at_ms: int
    number: int


class Market:
    """Prices in the smallest unit the venue writes. Thread-safe; `tick` moves every pair once."""

    def __init__(self, prices: Mapping[Pair, int], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a walk that can be repeated, nothing secret
        self._prices = dict(prices)
        self._still: set[Pair] = set()
        self._number = 0
        self.changed = threading.Condition()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        return tuple(self._prices)

    def tick(self) -> None:
        """One step of the walk; a pair that was set exactly stands still, but is told anew."""
        with self.changed:
            for pair, price in self._prices.items():
                step = self._random.randint(-STEP_BP, STEP_BP)
                if pair not in self._still:
                    self._prices[pair] = max(1, price + price * step // 10_000)
            self._told()

    def put(self, coin: str, price: int, *, still: bool = True) -> None:
        """Set the true price, in the smallest unit; `still` keeps it exactly there on every venue."""
        with self.changed:
            for pair in [pair for pair in self._prices if pair.coin == coin]:
                self._prices[pair] = price
                (self._still.add if still else self._still.discard)(pair)
            self._told()

    def walk(self) -> None:
        """Let every price move again."""
        with self.changed:
            self._still.clear()

    def look(self) -> tuple[int, dict[Pair, int], frozenset[Pair]]:
        """The running number of the last change, the prices, and which of them stand still."""
        with self.changed:
            return self._number, dict(self._prices), frozenset(self._still)

    def _told(self) -> None:
        self._number += 1
        self.changed.notify_all()


class Venue:
    """How one venue tells the market. `trouble` may be changed at any time, also by another thread."""

    def __init__(self, name: str, market: Market, seed: int) -> None:
        self.name = name
        self.market = market
        self.trouble = Trouble.NONE
        self._random = random.Random(seed)  # noqa: S311 - as above
        self._before: dict[Pair, Told] = {}

    def tell(self, at_ms: int) -> list[Told]:
        """What the venue says of every pair at its own time `at_ms`."""
        number, prices, still = self.market.look()
        return [self._tell(pair, price, number, at_ms, exact=pair in still) for pair, price in prices.items()]

    def _tell(self, pair: Pair, price: int, number: int, at_ms: int, *, exact: bool) -> Told:
        if self.trouble is Trouble.STOPPED and pair in self._before:
            return self._before[pair]
        noise = 0 if exact else self._random.randint(-NOISE_BP, NOISE_BP)
        middle = price + price * noise // 10_000
        half = 0 if exact else price // 10_000
        if self.trouble in {Trouble.SPIKE, Trouble.RUNAWAY}:
            middle *= 2
        bid, ask = (_decimal(minor, pair.decimals) for minor in (max(1, middle - half), middle + half))
        match self.trouble:
            case Trouble.ZERO:
                bid = ask = "0"
            case Trouble.NEGATIVE:
                bid = ask = "-" + bid
            case Trouble.NAN:
                bid = ask = "NaN"
            case Trouble.HUGE:
                bid = ask = "1e308"
            case Trouble.CROSSED:
                bid = _decimal(middle * 2, pair.decimals)
            case _:
                pass
        traded = middle // 2 if self.trouble is Trouble.RUNAWAY else middle
        told = Told(pair, bid, ask, _decimal(traded, pair.decimals), at_ms, number)
        self._before[pair] = told
        return told


def _decimal(minor: int, decimals: int) -> str:
    digits = str(minor).rjust(decimals + 1, "0")
    return digits if decimals == 0 else f"{digits[:-decimals]}.{digits[-decimals:]}"
