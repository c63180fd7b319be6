"""What the diary remembers of its open tickets and owed effects, and what one more record changes in the indexes.

Pure: it decides, `sync.journal` writes. It changes only after the commit, so a failed write leaves it as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from core.effects import KeyedEffect
from core.events import TicketOpened
from sync.journal_errors import JournalContradiction
from sync.journal_record import ANSWERED, DROPPED, NOTE, PLACES, UNDONE, Content, as_text, note_of_body

Row = tuple[str, tuple[object, ...]]


@dataclass(slots=True)
class Known:
    """An effect of an open ticket, or one still owed. `place` its row id, `text` as it stands on disk."""

    place: int
    txn: str
    effect: KeyedEffect
    text: str
    state: int


class Memory:
    """`tickets`: open transaction -> its first record. `effects`: key -> what is known of it."""

    def __init__(self) -> None:
        self.tickets: dict[str, int] = {}
        self.effects: dict[str, Known] = {}

    def check(self, txn: str, *, opens: bool, answers: str) -> None:
        """Raises `JournalContradiction` unless this ticket may have such a record now."""
        if opens == (txn in self.tickets):
            raise JournalContradiction(f"{txn} is {'already' if opens else 'not'} open")
        if answers and (answers not in self.effects or self.effects[answers].txn != txn):
            raise JournalContradiction(f"{answers} was never ordered by {txn}")

    def news(self, txn: str, effects: tuple[KeyedEffect, ...]) -> tuple[KeyedEffect, ...]:
        """The effects not ordered before. Raises `JournalContradiction` for a known key with another content."""
        assert len(effects) <= PLACES, "one event orders a handful of effects"
        new: dict[str, tuple[KeyedEffect, str]] = {}
        for effect in effects:
            if not effect.key.startswith(f"{txn}/"):
                raise JournalContradiction(f"{effect.key} is not a key of {txn}")
            text, known = as_text(effect), self.effects.get(effect.key)
            before = known.text if known else new.get(effect.key, (effect, text))[1]
            if before != text:
                raise JournalContradiction(f"{effect.key} was ordered before with another content")
            if known is None:
                new[effect.key] = (effect, text)
        return tuple(effect for effect, _ in new.values())

    def rows(self, seq: int, content: Content, new: tuple[KeyedEffect, ...], answered: int) -> list[Row]:
        """What record `seq` changes in the indexes. `answered` is the row id of the effect it answers, 0 for none."""
        rows: list[Row] = []
        if content.kind == TicketOpened.__name__:
            rows.append(("INSERT INTO ticket VALUES (?, ?, '')", (seq, content.txn)))
        if content.kind == NOTE:
            statement = "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
            rows.append((statement, (note_of_body(content.body)[0], seq)))
        if answered:
            rows.append(("UPDATE effect SET state = ? WHERE id = ?", (ANSWERED, answered)))
        for place, effect in enumerate(new, seq * PLACES):
            state = DROPPED if content.closes and not effect.must_arrive else UNDONE
            rows.append(("INSERT INTO effect VALUES (?, ?, ?, ?)", (place, effect.key, type(effect).__name__, state)))
        if content.closes:
            first = self.tickets.get(content.txn, seq)
            rows.append(("UPDATE ticket SET outcome = ? WHERE first_seq = ?", (content.closes, first)))
            rows.extend(
                ("UPDATE effect SET state = ? WHERE id = ?", (DROPPED, one.place))
                for one in self.effects.values()
                if one.txn == content.txn and one.place != answered and _interests_nobody(one)
            )
        return rows

    def committed(self, seq: int, content: Content, new: tuple[KeyedEffect, ...]) -> None:
        """The record is written: remember it."""
        if content.kind == TicketOpened.__name__:
            self.tickets[content.txn] = seq
        for place, effect in enumerate(new, seq * PLACES):
            self.effects[effect.key] = Known(place, content.txn, effect, as_text(effect), UNDONE)
        if content.answers in self.effects:
            self.effects[content.answers].state = ANSWERED
        if content.closes:
            del self.tickets[content.txn]
        if content.closes or content.answers:
            ended = [key for key, one in self.effects.items() if one.txn not in self.tickets and not _is_owed(one)]
            for key in ended:
                del self.effects[key]

    def undone(self, txn: str) -> tuple[KeyedEffect, ...]:
        return tuple(one.effect for one in self._in_order() if one.txn == txn and one.state == UNDONE)

    def owed(self) -> tuple[KeyedEffect, ...]:
        return tuple(one.effect for one in self._in_order() if one.txn not in self.tickets)

    def oldest_owed(self) -> int:
        """Its row id; 0 when nothing is owed."""
        return min((one.place for one in self.effects.values() if one.txn not in self.tickets), default=0)

    def _in_order(self) -> list[Known]:
        return sorted(self.effects.values(), key=lambda one: one.place)


def has_secret(effect: KeyedEffect) -> bool:
    """Whether what was written of it is not all of it."""
    return any(item.metadata.get("secret") for item in fields(effect))


def _is_owed(one: Known) -> bool:
    return one.state == UNDONE and one.effect.must_arrive


def _interests_nobody(one: Known) -> bool:
    """Nobody waits for it once its ticket has ended. An undone `Authorise` or `Complete` is settled by the `Reverse`
    its ticket left behind; asking it again could only do what is being undone."""
    return one.state == UNDONE and not one.effect.must_arrive
