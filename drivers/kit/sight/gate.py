"""The gate: which of the reads become news. Pure: reads and `now_ms` in, deliveries out.

A camera sees the same code 5 to 60 times a second. As in UnifiedPOS (chapter *Scanner*, `DataEventEnabled`), nothing
is delivered unless somebody has asked for it; beyond that

* a code is delivered once within its life: a personal code for its half minute, anything else until it has been gone,
* *gone* needs several looks without it and some time, because a hand shakes and a reflection wanders,
* a barcode needs two looks that agree, because its checksum is weak; a QR code corrects and checks itself,
* what can only be of a kind nobody asked for is not delivered: the can on the counter while the wallet is awaited.

The gate keeps its memory while disarmed, so that arming again does not deliver the code that is still in view. Only
when personal codes are asked for after something else was, another business has begun: a code of the one before is
then delivered anew, so that its shopper is told by name that it has been used instead of being ignored. And when the
question about a code got no answer, the same code may be asked about again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.code import SLOT_MS, BadCode, PersonalCode
from core.effects import Wanted
from core.events import Symbology
from drivers.kit.sight.reads import Family, Read

SIGHTS_MAX = 64  # a camera sees a handful of codes; a page full of them must not grow without end
RETAIL = frozenset({Symbology.EAN13, Symbology.EAN8, Symbology.UPCA})


@dataclass(frozen=True, slots=True)
class Limits:
    """`personal_life_ms` between two deliveries of one personal code; `gone_looks` and `gone_ms` until any other code
    counts as gone; `agree_ms` within which two looks at a barcode must agree; `forget_ms` after which a code that
    nobody looked for, because the camera was disarmed, counts as gone as well."""

    personal_life_ms: int = SLOT_MS
    gone_looks: int = 3
    gone_ms: int = 1_500
    agree_ms: int = 600
    forget_ms: int = 5_000


@dataclass(frozen=True, slots=True)
class _Sight:
    """One text in view: looks that agreed, when it was last seen, looks since without it, when it was delivered."""

    agreed: int
    seen_ms: int
    missed: int = 0
    delivered_ms: int | None = None


def kind_of(read: Read) -> Wanted | None:
    """What a code can only be: a personal code, a product; None for a text that may be anything."""
    if read.symbology in RETAIL:
        return Wanted.PRODUCT
    try:
        PersonalCode.parse(read.text)
    except BadCode:
        return None
    return Wanted.PERSONAL


class Gate:
    """Starts disarmed. Owned by one thread, like its driver."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._wanted: frozenset[Wanted] = frozenset()
        self._asked: frozenset[Wanted] = frozenset()  # as `_wanted`, but remembered while disarmed
        self._sights: dict[str, _Sight] = {}

    @property
    def armed(self) -> bool:
        return bool(self._wanted)

    @property
    def wanted(self) -> frozenset[Wanted]:
        return self._wanted

    def arm(self, wanted: Iterable[Wanted], again: bool = False) -> None:
        """Deliver codes of these kinds from the next look on; `again` also the personal code that was delivered."""
        self._wanted = frozenset(wanted)
        if Wanted.PERSONAL in self._wanted and (again or Wanted.PERSONAL not in self._asked):
            self._sights = {text: sight for text, sight in self._sights.items() if not _is_personal(text)}
        self._asked = self._wanted

    def disarm(self) -> None:
        self._wanted = frozenset()

    def wants(self, read: Read) -> bool:
        """May this read be delivered, now or after one more look that agrees? Ends the search in a frame."""
        kind = kind_of(read)
        return self.armed and (kind is None or kind in self._wanted)

    def look(self, reads: Iterable[Read], now_ms: int) -> tuple[Read, ...]:
        """The reads of one frame, taken at `now_ms`; returns those to deliver. None while disarmed."""
        if not self.armed:
            return ()
        seen = {read.text: read for read in reads if self.wants(read)}
        for text, sight in list(self._sights.items()):
            if self._is_over(text, sight, now_ms):
                del self._sights[text]
            elif text not in seen:
                self._sights[text] = replace(sight, missed=sight.missed + 1)
        delivered: list[Read] = []
        for text, read in seen.items():
            sight = self._agree(self._sights.pop(text, None), now_ms)
            if sight.delivered_ms is None and sight.agreed >= _looks_needed(read):
                sight = replace(sight, delivered_ms=now_ms)
                delivered.append(read)
            self._sights[text] = sight  # popped and put back: the dictionary is in order of last sight
        while len(self._sights) > SIGHTS_MAX:
            del self._sights[next(iter(self._sights))]
        return tuple(delivered)

    def _agree(self, sight: _Sight | None, now_ms: int) -> _Sight:
        if sight is None:
            return _Sight(1, now_ms)
        agreed = sight.agreed + 1 if now_ms - sight.seen_ms <= self._limits.agree_ms else 1
        return replace(sight, agreed=agreed, seen_ms=now_ms, missed=0)

    def _is_over(self, text: str, sight: _Sight, now_ms: int) -> bool:
        """Has it been gone, and for a personal code: has its life passed as well?"""
        unseen_ms = now_ms - sight.seen_ms
        gone = sight.missed >= self._limits.gone_looks and unseen_ms >= self._limits.gone_ms
        gone = gone or unseen_ms >= self._limits.forget_ms
        if sight.delivered_ms is None or not _is_personal(text):
            return gone
        return gone and now_ms - sight.delivered_ms >= self._limits.personal_life_ms


def _is_personal(text: str) -> bool:
    try:
        PersonalCode.parse(text)
    except BadCode:
        return False
    return True


def _looks_needed(read: Read) -> int:
    return 1 if read.family is Family.QR else 2
