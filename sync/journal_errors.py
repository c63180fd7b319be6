"""What can be wrong with the diary, by name. Each carries its catalogue code (`core.faults.journal`)."""

from __future__ import annotations

from typing import ClassVar


class JournalFault(Exception):
    """The diary cannot be kept or believed. Never carries a secret: only places, counts and system errors."""

    code: ClassVar[str] = ""


class JournalFull(JournalFault):
    """No room for a new ticket. Open tickets still have the reserve; nothing was written."""

    code: ClassVar[str] = "TM-JRNL-001"


class JournalBroken(JournalFault):
    """A write or its sync failed: what is on the disk is unknown. Fatal: stop selling, start again, verify."""

    code: ClassVar[str] = "TM-JRNL-002"


class JournalDamaged(JournalFault):
    """A record is not what was written. `seq` is the first wrong record, 0 when the file cannot be read at all."""

    code: ClassVar[str] = "TM-JRNL-003"

    def __init__(self, seq: int, problem: str) -> None:
        super().__init__(f"record {seq}: {problem}" if seq else problem)
        self.seq = seq
        self.problem = problem


class JournalInUse(JournalFault):
    """Another program holds this diary. Two writers would make two histories."""

    code: ClassVar[str] = "TM-JRNL-004"


class JournalContradiction(JournalFault):
    """The same key was ordered twice with another content, or an answer names nothing that was ordered.

    A programmer's error: the steps did not decide the same from the same events. Refused, never papered over.
    """

    code: ClassVar[str] = "TM-JRNL-005"
