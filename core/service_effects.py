"""The effects of a technician's visit at a machine that pays cash (`core.effects` gathers them with the others)."""

from __future__ import annotations

from dataclasses import dataclass

from core.cash_report import Act, NotesAt
from core.effect_kinds import Asked, OnceDurable
from core.ids import TxnId
from core.secret import secret


@dataclass(frozen=True, slots=True)
class TakeChallenge(Asked):
    """Ask the cash side for a challenge, which the operator's page answers with a grant."""

    key: str
    txn: TxnId


@dataclass(frozen=True, slots=True)
class ServeNotes(OnceDurable):
    """One service act at the cash side. `txn` names the act and not the visit: again for the same one is the same act.

    Not repeatable: its grant is masked in the journal. What the cash side booked it says to the exchange itself.
    """

    key: str
    txn: TxnId
    act: Act
    notes: tuple[NotesAt, ...]
    grant: str = secret()
