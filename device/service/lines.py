"""Lines of notes as people write them (``1=100``, ``reject:50000=3`` for a bin), and how they are read back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from core.cash import Count
from core.cash_report import NotesAt
from core.faults.service import NOT_NOTES
from core.money import Money
from core.vault_talk import VaultState
from device.service.talk import SaidNo

NOTES_MAX: Final = 10_000  # in one line: no cassette of any machine holds so many
_LINE: Final = re.compile(r"(?:cassette:)?(\d{1,2})=(\d{1,5})|(reject|retract|path):(\d{1,9})=(\d{1,5})", re.ASCII)


def read_lines(texts: Iterable[str], state: VaultState) -> tuple[NotesAt, ...]:
    """Each line with the face of its cassette. Raises `SaidNo` (NOT_NOTES), also for a place named twice."""
    rows: list[NotesAt] = []
    for text in texts:
        row = _row(text.strip().lower(), state)
        if row is None or any((one.place, one.face) == (row.place, row.face) for one in rows):
            raise SaidNo(NOT_NOTES, f"{text!r}: this machine has {_known(state)}")
        rows.append(row)
    if not rows:
        raise SaidNo(NOT_NOTES, f"name at least one: this machine has {_known(state)}")
    return tuple(rows)


def _row(text: str, state: VaultState) -> NotesAt | None:
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    faces = {one.place: one.face for one in state.cassettes}
    if found[1]:
        face, place, notes = faces.get(int(found[1])), f"cassette:{int(found[1])}", int(found[2])
    else:
        place, notes = found[3], int(found[5])
        face = next((one for one in faces.values() if one.money().decimal() == found[4]), None)
    if face is None or not 0 < notes <= NOTES_MAX:
        return None
    return NotesAt(place, face, Count.exact(notes))


def _known(state: VaultState) -> str:
    return ", ".join(f"{one.place}={one.face.money()}" for one in state.cassettes)


def places(texts: Iterable[str], state: VaultState) -> tuple[int, ...]:
    """Cassettes named by number; none named means all of them. Raises `SaidNo`."""
    known = [one.place for one in state.cassettes]
    named = [int(text.removeprefix("cassette:")) if _is_place(text) else 0 for text in texts]
    if any(place not in known for place in named) or len(set(named)) != len(named):
        raise SaidNo(NOT_NOTES, f"which cassettes? This machine has {_known(state)}")
    return tuple(named or known)


def _is_place(text: str) -> bool:
    number = text.removeprefix("cassette:")
    return number.isascii() and number.isdigit() and len(number) < 3


def one_note_each(chosen: Iterable[int], state: VaultState) -> tuple[NotesAt, ...]:
    faces = {one.place: one.face for one in state.cassettes}
    return tuple(NotesAt(f"cassette:{place}", faces[place], Count.exact(1)) for place in chosen)


def total(notes: Iterable[NotesAt]) -> Money | None:
    """What exact lines are worth; None for no lines."""
    worths = [one.face.money() * one.count.low for one in notes]
    return sum(worths[1:], worths[0]) if worths else None


def as_text(one: NotesAt) -> str:
    return f"{one.place:12} {one.count!s:>12} x {one.face.money()!s:>14}"
