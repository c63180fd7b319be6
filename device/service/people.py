"""What is asked of the people at the machine: their grants, their yes, and their counts, each without the other's."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from core.cash_report import NotesAt
from core.faults.service import NO_GRANT, RIGHTS_SHORT
from core.grant import Grant, NoGrant, Right, claims
from core.sealed import SEAL_MAX
from core.vault_talk import VaultState
from device.flows.service_lines import questions
from device.service.lines import NOTES_MAX
from device.service.talk import SaidNo

STDIN: Final = "-"
FORGET: Final = "\x1b[3J"  # a terminal's lines that have scrolled away (xterm, "erase saved lines")


def read_grant(where: str, whose: str = "the") -> tuple[str, Grant]:
    """The sealed text and what it claims. `where` a file or "-"; "" asks for it to be pasted, and shows nothing of it.

    It never stands in the command line, where every user of the machine could read it. Raises `SaidNo`.
    """
    if where and where != STDIN:
        try:
            with Path(where).open("r", encoding="ascii", errors="replace") as file:
                text = file.read(SEAL_MAX + 2)
        except OSError as error:
            raise SaidNo(NO_GRANT, f"{where}: {error.strerror}") from None
    elif sys.stdin.isatty():
        text = click.prompt(f"Paste {whose} grant (nothing is shown)", hide_input=True)
    else:
        text = sys.stdin.readline(SEAL_MAX + 2)
    text = text.strip()
    try:
        return text, claims(text)
    except NoGrant as error:
        raise SaidNo(NO_GRANT, str(error)) from None


def must_allow(right: Right, *grants: Grant) -> None:
    """One of these grants has the right, as far as they say themselves. Raises `SaidNo` before anything is begun."""
    if not any(right in grant.rights for grant in grants):
        raise SaidNo(RIGHTS_SHORT, f"the right {right.value!r} is missing")


def sure(yes: bool, what: str) -> None:
    """What will be done is said first. Raises `click.Abort` for a no, and when nobody is there to answer."""
    click.echo(what)
    if not yes:
        click.confirm("Go on?", abort=True)


def ask_count(person: str, state: VaultState) -> tuple[NotesAt, ...]:
    """One person's figures. No figure of the book or of the other person is shown; the screen is wiped afterwards."""
    click.echo(f"\n{person} counts, alone. 0 for none.")
    rows = []
    for asked in questions(state):
        notes = click.prompt(f"  {asked.place:12} {asked.face!s:>14}", type=click.IntRange(0, NOTES_MAX))
        rows.append(asked.found(notes))
    if sys.stdout.isatty():
        click.clear()
        click.echo(FORGET, nl=False)
    return tuple(rows)
