"""The kinds of effects: four facts on each class, which journal and outbox go by (see `core.effects`)."""

from __future__ import annotations

from typing import ClassVar


class Passing:
    """What is shown, played or timed: kept in no journal, drawn again from the ticket."""

    __slots__ = ()
    durable_before: ClassVar[bool] = False
    repeatable: ClassVar[bool] = True
    journaled: ClassVar[bool] = False
    must_arrive: ClassVar[bool] = False


class Asked(Passing):
    """A question or order with an answer."""

    __slots__ = ()
    journaled: ClassVar[bool] = True


class Once(Asked):
    """Asked, and lost with a restart: what it carries is masked on disk."""

    __slots__ = ()
    repeatable: ClassVar[bool] = False


class Durable(Asked):
    """Asked only when the order is synced to disk."""

    __slots__ = ()
    durable_before: ClassVar[bool] = True


class OnceDurable(Durable):
    """Durable, and lost with a restart: what it carries is masked on disk."""

    __slots__ = ()
    repeatable: ClassVar[bool] = False


class Owed(Durable):
    """Durable, and delivered in the end even when nobody waits for it any more."""

    __slots__ = ()
    must_arrive: ClassVar[bool] = True
