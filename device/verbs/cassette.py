"""`tillmark cassette`: a technician's visit at a machine that pays cash, from a terminal window.

Exit codes: 0 done, 1 given up by a person, 2 the configuration is wrong, 3 refused by name, 4 the cash side is silent
or nobody can say whether the act was booked.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

import click

from core.cash_report import Act, NotesAt
from core.faults.catalogue import entry
from core.faults.service import ACT_UNKNOWN
from core.grant import Right
from core.ids import TxnId
from core.settings import BadSetting
from core.vault_talk import Challenge, Served
from device.service.lines import as_text, one_note_each, places, read_lines, total
from device.service.people import must_allow, read_grant, sure
from device.service.pins import pins_of
from device.service.place import CashPlace, read_place
from device.service.rounds import CountDone, Person, count_blind
from device.service.slip import as_object, count_lines, readiness, round_slip, state_lines
from device.service.talk import SaidNo, Talk
from device.vault_line import VaultLost

WRONG, REFUSED, SILENT = 2, 3, 4
EXAMPLE: Final = "Example:  tillmark cassette {} --config /etc/tillmark/vault.toml"
BINS: Final = ("reject", "retract", "path")

_config = click.option(
    "--config", "file", required=True, type=click.Path(path_type=Path), help="The vault's TOML, or the device's."
)
_grant = click.option(
    "--grant", "grant", default="", metavar="FILE|-", help="The grant: a file, or - for stdin; asked for without it."
)
_second = click.option("--second", default="", metavar="FILE|-", help="The second person's grant; asked for without.")
_yes = click.option("--yes", is_flag=True, help="Do not ask before it is done.")
_json = click.option("--json", "as_json", is_flag=True, help="For programs.")


@dataclass(frozen=True, slots=True)
class Room:
    place: CashPlace
    talk: Talk


@click.group("cassette", epilog=EXAMPLE.format("show"))
def command() -> None:
    """Load, count, test and clear a machine that pays cash, under a grant of its operator."""


@command.command(epilog=EXAMPLE.format("show"))
@_config
@_json
def show(file: Path, as_json: bool) -> None:
    """What lies where, how surely that is known, what is suspended and what the exchange does not have yet."""
    with _room(file) as room:
        state = room.talk.state()
        if as_json:
            click.echo(json.dumps(as_object(state), ensure_ascii=False))
            return
        for line in state_lines(state):
            click.echo(line)


@command.command(epilog=EXAMPLE.format("challenge"))
@_config
@_json
def challenge(file: Path, as_json: bool) -> None:
    """Ten characters for the operator's page, which answers them with a grant."""
    with _room(file) as room:
        given = room.talk.challenge()
    if as_json:
        told = {"challenge": given.challenge, "life_ms": given.life_ms, "page": room.place.operator_page}
        click.echo(json.dumps(told))
        return
    _tell_challenge(given, room.place)


@command.command(epilog="Example:  tillmark cassette pins --config /etc/tillmark/tillmark.toml")
@click.option("--config", "file", required=True, type=click.Path(path_type=Path), help="The device's TOML.")
def pins(file: Path) -> None:
    """After the pairing: the lines that tell the cash side whose it is and whom it believes."""
    try:
        told = pins_of(file)
    except BadSetting as error:
        _end(WRONG, "TM-DEV-002", str(error))
    click.echo(told)
    click.echo("Compare the key with the operator of the exchange before you write it into vault.toml.", err=True)


@command.command(epilog="Example:  tillmark cassette load 1=200 2=100 --config /etc/tillmark/vault.toml")
@_config
@click.argument("lines", nargs=-1, required=True, metavar="PLACE=NOTES...")
@_grant
@_yes
def load(file: Path, lines: tuple[str, ...], grant: str, yes: bool) -> None:
    """Book notes that were put into cassettes, on top of what is there."""
    with _room(file) as room:
        notes = read_lines(lines, room.talk.state())
        served = _booked(room.talk, grant, yes, Act.LOADED, Right.LOAD, notes, "These notes will be booked as loaded:")
        _tell(served, "Put the cassettes in, then `tillmark cassette test`.")


@command.command(epilog="Example:  tillmark cassette remove reject:50000=3 --config /etc/tillmark/vault.toml")
@_config
@click.argument("lines", nargs=-1, required=True, metavar="PLACE=NOTES|BIN:FACE=NOTES...")
@_grant
@_yes
def remove(file: Path, lines: tuple[str, ...], grant: str, yes: bool) -> None:
    """Book notes that were taken out of cassettes or bins (reject, retract, path). They must be counted first."""
    with _room(file) as room:
        notes = read_lines(lines, room.talk.state())
        served = _booked(room.talk, grant, yes, Act.REMOVED, Right.LOAD, notes, "These notes will be booked as out:")
        _tell(served, "Lock the machine; bring the notes and the report's number to the operator.")


@command.command(epilog="Example:  tillmark cassette test 1 2 --config /etc/tillmark/vault.toml")
@_config
@click.argument("which", nargs=-1, metavar="[PLACE...]")
@_grant
@_yes
def test(file: Path, which: tuple[str, ...], grant: str, yes: bool) -> None:
    """Move one note of each cassette (or of those named) into the reject bin; nothing comes out at the exit."""
    with _room(file) as room:
        state = room.talk.state()
        notes = one_note_each(places(which, state), state)
        said = "One note of each of these moves into the reject bin. Keep hands away:"
        served = _booked(room.talk, grant, yes, Act.TESTED, Right.TEST, notes, said)
        report = room.talk.statement(served.number)
        for one in report.notes if report is not None else ():
            click.echo(f"moved from {as_text(one)}")
        _tell(served, "Notes that were tested lie in the reject bin until they are counted and taken out.")


@command.command(epilog=EXAMPLE.format("clear"))
@_config
@_grant
@_yes
def clear(file: Path, grant: str, yes: bool) -> None:
    """Clear the path into the reject bin. Where its notes went is known only after a count."""
    with _room(file) as room:
        said = "The machine clears its path. Notes of it are in doubt until two persons have counted. Keep hands away."
        served = _booked(room.talk, grant, yes, Act.CLEARED, Right.CLEAR, (), said)
        _tell(served, "If notes were on the path: `tillmark cassette count` with two persons.")


@command.command(epilog=EXAMPLE.format("count"))
@_config
@_grant
@_second
@_yes
def count(file: Path, grant: str, second: str, yes: bool) -> None:
    """The blind count by two persons. It ends every doubt; no figure of the book is shown before both agree."""
    with _room(file) as room:
        done, _ = _counted(room.talk, grant, second, yes, Right.COUNT)
        _tell_count(done)
        _tell(done.served, "What was in doubt is settled; members see it on their pages.")


@command.command(epilog=EXAMPLE.format("close"))
@_config
@_grant
@_second
@_yes
@click.option("--out", type=click.Path(path_type=Path), help="Keep the slip in this file as well.")
def close(file: Path, grant: str, second: str, yes: bool, out: Path | None) -> None:
    """End of a round: two persons count everything, the bins are emptied, and the slip says whether it agrees."""
    with _room(file) as room:
        done, people = _counted(room.talk, grant, second, yes, Right.COUNT, Right.LOAD)
        taken, served = tuple(one for one in done.notes if one.place in BINS), done.served
        if taken:
            click.echo("Take these notes out of the bins now:")
            for one in taken:
                click.echo(f"  {as_text(one)}")
            sure(yes, "They will be booked as taken out.")
            able = next(one for one in people if Right.LOAD in one.grant.rights)
            served = room.talk.serve(_fresh(), able.sealed, Act.REMOVED, taken)
        at = datetime.now(UTC).astimezone()
        slip = round_slip(done.said, done.served.number, taken, served.number, served.state, at)
        if out is not None:
            out.write_text(slip + "\n", "utf-8")
        click.echo(slip)
        _tell(served, "Load what the next round needs: `tillmark cassette load`.")


# -- common to the acts --------------------------------------------------------------------------------


@contextmanager
def _room(file: Path) -> Iterator[Room]:
    """The talk with the cash side; every error of it ends the program by name, with the next step."""
    try:
        place = read_place(file)
    except BadSetting as error:
        _end(WRONG, "TM-DEV-002", str(error))
    try:
        with Talk(place.socket) as talk:
            yield Room(place, talk)
    except SaidNo as no:
        _end(SILENT if no.code == ACT_UNKNOWN else REFUSED, no.code, no.detail)
    except VaultLost as lost:
        _end(SILENT, lost.code, lost.detail)


def _end(code: int, fault: str, detail: str) -> NoReturn:
    page = entry(fault)
    click.echo(f"{fault} {page.meaning}", err=True)
    if detail:
        click.echo(f"  {detail}", err=True)
    click.echo(f"  next: {page.technician}", err=True)
    sys.exit(code)


def _fresh() -> TxnId:
    return TxnId.of(os.urandom(16))


def _booked(talk: Talk, where: str, yes: bool, act: Act, right: Right, notes: tuple[NotesAt, ...], said: str) -> Served:
    sealed, grant = read_grant(where)
    must_allow(right, grant)
    rows = [f"  {as_text(one)}" for one in notes]
    worth = total(notes) if act in (Act.LOADED, Act.REMOVED) else None
    sums = [f"  {'together':12} {worth}"] if worth is not None else []
    sure(yes, "\n".join([f"{grant.person} at {grant.terminal}. {said}", *rows, *sums]))
    return talk.serve(_fresh(), sealed, act, notes)


def _counted(talk: Talk, first: str, second: str, yes: bool, *needed: Right) -> tuple[CountDone, tuple[Person, ...]]:
    """Grants are looked at as far as they are at hand before anybody begins to count."""
    one = Person(*read_grant(first, "the first person's"))
    people = [one]

    def read_second() -> Person:
        if len(people) == 1:
            people.append(Person(*read_grant(second, "the second person's")))
        return people[1]

    if second or len(needed) > 1:
        read_second()
        for right in needed:
            must_allow(right, *(person.grant for person in people))
    sure(yes, "Both count every cassette, both bins and the path. Nothing is booked until their figures agree.")
    return count_blind(talk, one, read_second, _fresh), tuple(people)


def _tell_count(done: CountDone) -> None:
    if done.said is None:
        click.echo("The exchange has the statement already: its figures stand on the operator's page.")
        return
    for line in count_lines(done.said):
        click.echo(line)


def _tell(served: Served, following: str) -> None:
    click.echo(f"booked as report {served.number}; {served.state.unsent} reports wait for the exchange")
    click.echo(readiness(served.state))
    click.echo(f"next: {following}")


def _tell_challenge(given: Challenge, place: CashPlace) -> None:
    text = given.challenge
    click.echo(f"challenge   {text[:5]} {text[5:]}")
    click.echo(f"good for    {given.life_ms // 3_600_000} h, until the cash side restarts")
    click.echo(f"type it at  {place.operator_page or 'the operator page of this machine (Cash machines)'}")
    click.echo("The page answers with a grant: keep its text in a file, or paste it when a command asks for it.")
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        import segno

        segno.make(text, error="m", micro=False).terminal(compact=True)
