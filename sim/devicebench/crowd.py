"""A crowd of shoppers, so that every sale has a fresh code.

A personal code is good once, and a phone shows a new one every half minute. A bench that sells every two seconds
therefore needs as many phones as a busy shop has customers: members with coins, each with as many phones as one may
have. No rule is weaker for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from core.asset import KRW
from core.code import SLOT_MS
from core.moment import Moment
from core.money import Money
from sim.people import Person, PhoneSecret
from sim.world import World, now

PHONES_EACH: Final = 5  # as many as the exchange lets one member have
FRESH_MS: Final = 2_000  # a code is shown with at least this much of its half minute left
FIAT: Final = Money(1_000_000, KRW)
COINS_FOR: Final = Money(600_000, KRW)


class Crowd:
    """`members` members with `PHONES_EACH` phones each. `code` gives one that nobody has shown yet."""

    def __init__(self, world: World, members: int) -> None:
        self._phones: list[PhoneSecret] = []
        self._shown: set[tuple[int, int]] = set()
        for number in range(members):
            member: Person = world.person(f"shopper{number}@example.org")
            self._phones += [member.enrol_phone(f"phone {place}") for place in range(PHONES_EACH)]
            world.fill(member, FIAT, COINS_FOR)

    def code(self) -> str:
        """Waits for the next half minute when every phone's code of this one was shown."""
        while True:
            at = now()
            left_ms = SLOT_MS - at.ms % SLOT_MS
            if left_ms >= FRESH_MS:
                for place in self._fresh(at):
                    self._shown.add((place, at.ms // SLOT_MS))
                    return self._phones[place].code(at).digits
            time.sleep(left_ms / 1000)

    def _fresh(self, at: Moment) -> Iterator[int]:
        slot = at.ms // SLOT_MS
        return (place for place in range(len(self._phones)) if (place, slot) not in self._shown)
