"""The blind count as a command: person by person, until both agree or have tried often enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import click

from core.cash_report import Act, NotesAt, ServiceReport
from core.faults.service import COUNTS_GIVEN_UP
from core.grant import Grant, Right
from core.ids import TxnId
from core.vault_talk import Served
from device.service.people import ask_count, must_allow
from device.service.talk import SaidNo, Talk

ROUNDS_MAX: Final = 3  # figures that never meet are not a slip of the finger any more
SAME_PERSON: Final = "TM-VAULT-012"
DIFFER: Final = "TM-VAULT-013"


@dataclass(frozen=True, slots=True)
class Person:
    sealed: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class CountDone:
    """`said` None when the statement had gone to the exchange before it could be read. `notes` what was found."""

    served: Served
    said: ServiceReport | None
    notes: tuple[NotesAt, ...]


def count_blind(talk: Talk, first: Person, second: Callable[[], Person], fresh: Callable[[], TxnId]) -> CountDone:
    """Both count; `second` reads the other's grant when it is their turn. Raises `SaidNo`."""
    must_allow(Right.COUNT, first.grant)
    other: Person | None = None
    for _ in range(ROUNDS_MAX):
        done = _first(talk, first, fresh())
        if done is not None:
            return done
        if other is None:
            click.echo("Now the second person, with a grant of their own.")
            other = second()
            must_allow(Right.COUNT, other.grant)
        try:
            return _second(talk, other, fresh())
        except SaidNo as no:
            if no.code != DIFFER:
                raise
            click.echo(f"{DIFFER} The two counts do not agree. Both count again, each alone.", err=True)
    raise SaidNo(COUNTS_GIVEN_UP)


def _first(talk: Talk, person: Person, txn: TxnId) -> CountDone | None:
    """None when the second person's turn has come; a count that another began before is ended by this one."""
    notes = ask_count(person.grant.person, talk.state())
    try:
        served = talk.serve(txn, person.sealed, Act.COUNTED, notes)
    except SaidNo as no:
        if no.code != SAME_PERSON:
            raise
        click.echo(f"A count of {person.grant.person} was kept from before and stands; this one was not needed.")
        return None
    return None if served.waits_for_second else _done(talk, served, notes)


def _second(talk: Talk, person: Person, txn: TxnId) -> CountDone:
    notes = ask_count(person.grant.person, talk.state())
    return _done(talk, talk.serve(txn, person.sealed, Act.COUNTED, notes), notes)


def _done(talk: Talk, served: Served, notes: tuple[NotesAt, ...]) -> CountDone:
    return CountDone(served, talk.statement(served.number), tuple(one for one in notes if one.count.low))
