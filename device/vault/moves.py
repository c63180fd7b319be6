"""A movement's result as the ledger's entries: what is certain is moved, what may have moved besides is in doubt."""

from __future__ import annotations

from dataclasses import replace

from core.cash import NONE, BadCount, Count
from core.dispenser import End, Moved, PlaceMoved
from device.vault import codes
from device.vault.books import Move
from device.vault.ledger import EXIT, REJECT, TAKEN, TRANSPORT, Doubt, Entry, Ledger, cassette
from device.vault.records import BackAt, Landed
from device.vault.setup import Setup


def landed(setup: Setup, ledger: Ledger, txn: str, move: Move, moved: Moved) -> Landed:
    """The record of one result. Proofs narrow an interval; a proof that contradicts an exact count makes it a doubt."""
    proofs = dict(move.proofs)
    places = {spec.place for spec in setup.cassettes}
    ours = [part for part in moved.parts if part.place in places]
    parts = tuple(_true(setup, ledger, part, proofs.get(part.place, 0)) for part in ours)
    stray = any(part.exited.high != 0 for part in moved.parts if part.place not in places)
    entries: list[Entry] = []
    doubts: list[Doubt] = []
    for part in parts:
        face, source = setup.face(part.place), cassette(part.place)
        for target, count in ((_out(setup), part.exited), (REJECT, part.rejected), (TRANSPORT, part.on_path)):
            _book(txn, face, source, target, count, entries, doubts)
    end, suspends = moved.end, ""
    if doubts or end is End.DOUBT:
        end, suspends = End.DOUBT, codes.IN_DOUBT
    elif any(part.exited.low > part.asked for part in parts) and not setup.machine.stacks:
        suspends = codes.OVERPAID
    if stray:  # notes of a place that by our configuration holds none: no book of ours can say what they are worth
        end, suspends = End.DOUBT, codes.CONTRADICTION
    code = moved.code or suspends
    return Landed(move.op, end, parts, code, tuple(entries), tuple(doubts), suspends)


def lost(move: Move) -> Moved:
    """Nobody can be asked any more: at least what was proven, at most what was asked."""
    proofs = dict(move.proofs)
    parts = tuple(
        PlaceMoved(
            place,
            asked,
            Count(proofs.get(place, 0), max(asked, proofs.get(place, 0))),
            Count.unknown(),
            Count.unknown(),
        )
        for place, asked in move.mix.notes
    )
    return Moved(move.op, End.DOUBT, parts, codes.AWAY)


def _out(setup: Setup) -> str:
    """Where notes lie after `Pay`."""
    if setup.machine.stacks:
        return TRANSPORT
    return EXIT if setup.machine.sees_taken else TAKEN


def _true(setup: Setup, ledger: Ledger, part: PlaceMoved, proof: int) -> PlaceMoved:
    """The part with every bound closed by what its cassette can have held, and no lower than what was proven."""
    held = ledger.count(cassette(part.place), setup.face(part.place)).high or 0
    exited = part.exited
    try:
        exited = exited.narrowed(Count(proof, None))
    except BadCount:
        exited = Count(exited.low, proof)
    return replace(
        part,
        exited=_closed(exited, max(held, part.asked)),
        rejected=_closed(part.rejected, held),
        on_path=_closed(part.on_path, held),
    )


def _closed(count: Count, most: int) -> Count:
    return count if count.high is not None else Count(count.low, max(count.low, most))


def _book(
    txn: str, face: int, source: str, target: str, count: Count, entries: list[Entry], doubts: list[Doubt]
) -> None:
    assert count.high is not None, "bounds are closed before they are booked"
    if count.low:
        entries.append(Entry(face, source, target, count.low))
    if count.high > count.low:
        doubts.append(Doubt(txn, face, source, target, count.high - count.low))


def stacked(landed_parts: tuple[PlaceMoved, ...]) -> dict[int, int]:
    """Notes of each place that went out for certain."""
    sums: dict[int, int] = {}
    for part in landed_parts:
        sums[part.place] = sums.get(part.place, 0) + part.exited.low
    return {place: notes for place, notes in sums.items() if notes}


def back_at(
    out: dict[int, int], parts: tuple[tuple[int, Count], ...], *, sure: bool
) -> tuple[tuple[BackAt, ...], bool]:
    """What of `out` (place -> notes) came back into a bin, and whether the machine's figures fit what was out.

    One total for all, with place 0, is shared out as far as it can be.
    """
    if not sure:
        return tuple(BackAt(place, Count(0, notes)) for place, notes in sorted(out.items())), True
    told = dict(parts)
    total = told.pop(0, None)
    rows, fits = [], not (told.keys() - out.keys() - {place for place, count in told.items() if count == NONE})
    for place, notes in sorted(out.items()):
        said = told.get(place, NONE) if total is None else _share(out, place, total)
        high = notes if said.high is None else min(said.high, notes)
        fits = fits and said.low <= notes and (said.high is None or said.high <= notes or total is not None)
        rows.append(BackAt(place, Count(min(said.low, high), high)))
    if total is not None and total.low > sum(out.values()):
        fits = False
    return tuple(rows), fits


def _share(out: dict[int, int], place: int, total: Count) -> Count:
    """What a total says about one place: all others may have come back first, or last."""
    others = sum(out.values()) - out[place]
    high = out[place] if total.high is None else min(out[place], total.high)
    return Count(min(max(0, total.low - others), high), high)


def returned(
    setup: Setup, txn: str, rows: tuple[BackAt, ...], out: dict[int, int], source: str, target: str, *, offered: bool
) -> tuple[tuple[Entry, ...], tuple[Doubt, ...]]:
    """Entries for notes that came back. What did not come back for certain was taken (I5), and the rest is in doubt.

    Notes that were never offered cannot have been taken: those not in the bin for certain are still on the way.
    """
    entries: list[Entry] = []
    doubts: list[Doubt] = []
    for row in rows:
        face = setup.face(row.place)
        assert row.count.high is not None
        if row.count.low:
            entries.append(Entry(face, source, target, row.count.low))
        kept = out[row.place] - row.count.low
        open_notes = row.count.high - row.count.low
        if kept and offered:
            entries.append(Entry(face, source, TAKEN, kept))
            if open_notes:
                doubts.append(Doubt(txn, face, TAKEN, target, open_notes))
        elif open_notes:
            doubts.append(Doubt(txn, face, source, target, open_notes))
    return tuple(entries), tuple(doubts)
