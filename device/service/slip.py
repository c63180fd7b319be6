"""What a technician reads: the machine's state as a table, and the slip of a closed round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from core.cash import Count
from core.cash_report import NotesAt, ServiceReport
from core.faults.catalogue import entry
from core.money import Money
from core.vault_talk import VaultState
from device.service.lines import as_text, total

WIDTH = 42  # columns of a receipt roll, so that the same text can be printed


def state_lines(state: VaultState) -> Iterator[str]:
    """Places, faces, counts (exact, an interval or unknown), bins, what is suspended, what waits to be sent."""
    yield f"cash side {state.vault}, dispenser {state.unit}: {readiness(state)}"
    yield ""
    yield f"{'place':12} {'face':>14} {'notes':>14}  {'known':8} state"
    for one in state.cassettes:
        note = "low" if one.low and one.usable else "" if one.usable else "cannot be paid from"
        yield _row(f"cassette:{one.place}", one.face.money(), one.count, note)
    for row in state.bins:
        yield _row(row.place, row.face.money(), row.count, "")
    if not state.bins:
        yield "bins and path: empty by the book"
    yield ""
    yield f"suspended: {_suspended(state)}"
    yield f"statements the exchange does not have yet: {state.unsent}"


def _row(place: str, face: Money, count: Count, note: str) -> str:
    return f"{place:12} {face!s:>14} {count!s:>14}  {certainty(count):8} {note}".rstrip()


def certainty(count: Count) -> str:
    """How surely a count is known: exact, interval or unknown."""
    return "exact" if count.known else "unknown" if count.high is None else "interval"


def readiness(state: VaultState) -> str:
    return "ready to pay" if state.ready else f"pays nothing now, {state.code}: {entry(state.code).technician}"


def _suspended(state: VaultState) -> str:
    if not state.suspended:
        return "no"
    items = ", ".join(txn.text for txn in state.doubtful)
    return "yes, until two persons have counted" + (f"; in doubt: {items}" if items else "")


def as_object(state: VaultState) -> dict[str, object]:
    """For programs: plain values, `high` None when nobody knows the most."""

    def row(place: str, face: Money, count: Count) -> dict[str, object]:
        known = certainty(count)
        return {"place": place, "face": face.decimal(), "low": count.low, "high": count.high, "known": known}

    cassettes = [
        row(f"cassette:{one.place}", one.face.money(), one.count) | {"usable": one.usable, "low_switch": one.low}
        for one in state.cassettes
    ]
    return {
        "vault": state.vault,
        "unit": state.unit,
        "ready": state.ready,
        "code": state.code,
        "currency": state.cassettes[0].face.asset if state.cassettes else "",
        "cassettes": cassettes,
        "bins": [row(one.place, one.face.money(), one.count) for one in state.bins],
        "suspended": state.suspended,
        "doubtful": [txn.text for txn in state.doubtful],
        "unsent": state.unsent,
    }


def count_lines(said: ServiceReport) -> Iterator[str]:
    """Shown after both have agreed: what was found, what the book said, what that closed, and what is left over."""
    for one in said.notes:
        yield as_text(one)
    if said.book is not None and said.found is not None:
        book, found = said.book.money(), said.found.money()
        yield f"{'by the book':24}{book!s:>18}"
        yield f"{'found':24}{found!s:>18}"
        yield f"{'nobody can explain':24}{found - book!s:>18}"
    for closed in said.closed:
        yield f"settled: {closed.txn.text} was given {closed.given.money()}"


def round_slip(
    said: ServiceReport | None, counted: int, taken: tuple[NotesAt, ...], removed: int, state: VaultState, at: datetime
) -> str:
    """The paper of a closed round. `said` None: the exchange has the statement already, and shows it."""
    lines = ["CASH ROUND CLOSED".center(WIDTH).rstrip(), f"{at:%Y-%m-%d %H:%M %z}", f"cash side  {state.vault}"]
    if said is not None:
        lines += [f"terminal   {said.terminal}", f"persons    {', '.join(said.persons)}"]
    lines += ["-" * WIDTH, f"counted, report {counted}"]
    lines += list(count_lines(said)) if said is not None else ["figures: on the operator's page"]
    lines.append("-" * WIDTH)
    if taken:
        lines += [f"taken out of the bins, report {removed}", *map(as_text, taken), f"{'worth':24}{total(taken)!s:>18}"]
    else:
        lines.append("the bins were empty")
    left = [(one.count, one.face.money()) for one in state.cassettes]
    worth = [face * count.low for count, face in left]
    if worth:
        lines += ["-" * WIDTH, f"{'left in the cassettes':24}{sum(worth[1:], worth[0])!s:>18}"]
    return "\n".join([*lines, "", "signed  ______________  ______________"])
