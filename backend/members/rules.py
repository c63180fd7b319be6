"""The rules of membership: what a contact is, which code is good when. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.code import PersonalCode, day_of, handle_of, slot_of, slot_start, time_code_of
from core.moment import Moment

WINDOW: Final = (0, -1, 1)  # slots: the phone's clock may be one half minute off, exactly
LATE_SLOTS: Final = 20  # ten minutes: how long a code that was good is told from one that never was
HANDLE_MISSES_MAX: Final = 5  # blind guesses at one wallet: five in a million
HANDLE_LOCK_MS: Final = 86_400_000  # by then the handle has changed
TERMINAL_MISSES_MAX: Final = 20  # a counter with a dirty camera stays below, a guesser does not get far
TERMINAL_SPAN_MS: Final = 600_000
PRESENTATION_MS: Final = 120_000  # DESIGN: long enough to read a quote and confirm
VERIFICATION_MS: Final = 600_000
VERIFICATION_ATTEMPTS: Final = 5
VERIFICATIONS_AN_HOUR: Final = 5
# For everybody together, members or not: each message costs money, and a stranger can name any number of addresses.
ALL_VERIFICATIONS_AN_HOUR: Final = 10_000
KEYS_MAX: Final = 5  # phones of one member, beside the page

_MAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}", re.ASCII)
_MOBILE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)  # E.164
_LOCAL_MOBILE = re.compile(r"01[016789][0-9]{7,8}", re.ASCII)  # as it is written in Korea


class BadContact(ValueError):
    """Neither an e-mail address nor a mobile number."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a member is reached. `channel` ``mail`` or ``sms``; `address` in its one normal form."""

    channel: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Contact:
        """E-mail addresses in lower case, mobile numbers as E.164. Raises `BadContact`."""
        text = text.strip().lower()
        if len(text) <= 254 and _MAIL.fullmatch(text):
            return cls("mail", text)
        number = re.sub(r"[ ()./-]", "", text)
        if _LOCAL_MOBILE.fullmatch(number):
            number = "+82" + number[1:]
        if _MOBILE.fullmatch(number):
            return cls("sms", number)
        raise BadContact("neither an e-mail address nor a mobile number")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key whose handle was shown: `days` are those on which the handle is its own."""

    key: int
    member: str
    secret: bytes
    roll_ms: int
    days: frozenset[int]

    def __repr__(self) -> str:
        return f"Candidate({self.key})"


class Verdict(Enum):
    GOOD = "good"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Match:
    """What a code means. `uses` are the (key, slot) pairs it spends; `member` whose it is, when GOOD."""

    verdict: Verdict
    member: str = ""
    uses: tuple[tuple[int, int], ...] = ()


def match(code: PersonalCode, candidates: Sequence[Candidate], now: Moment) -> Match:
    """Which wallet a code names now. Good in the present slot and its two neighbours, and nowhere else."""
    current = slot_of(now)
    found = [
        (one, slot) for one in candidates for slot in (current + step for step in WINDOW) if _fits(one, slot, code)
    ]
    members = {one.member for one, _ in found}
    if len(members) > 1:
        return Match(Verdict.AMBIGUOUS)
    if found:
        return Match(Verdict.GOOD, found[0][0].member, tuple((one.key, slot) for one, slot in found))
    late = range(current - LATE_SLOTS, current - 1)
    if any(_fits(one, slot, code) for one in candidates for slot in late):
        return Match(Verdict.EXPIRED)
    return Match(Verdict.UNKNOWN)


def own_days(secret: bytes, roll_ms: int, now: Moment) -> tuple[tuple[int, int], ...]:
    """(day, handle) of yesterday, today and tomorrow: all that a code good now, or late by minutes, can carry."""
    today = day_of(roll_ms, now)
    return tuple((day, handle_of(secret, day)) for day in (today - 1, today, today + 1))


def _fits(one: Candidate, slot: int, code: PersonalCode) -> bool:
    return day_of(one.roll_ms, slot_start(slot)) in one.days and time_code_of(one.secret, slot) == code.time_code
