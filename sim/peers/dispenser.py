"""What every simulated machine that pays cash offers to the world around it: the far end's side of `core.dispenser`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from sim.peers.cash_box import CashBox


class Peer(Protocol):
    """The far end of one cable: the protocol in front of a `CashBox`. Time is handed in; nothing blocks."""

    box: CashBox

    @property
    def faults(self) -> Iterable[str]:
        """Every trouble this machine can be told to have, by name: those of its codec's table, and physical ones."""
        ...

    def fault(self, name: str, after: int = 0) -> None:
        """Strike once, when `after` notes of the next movement have been picked. An unknown name is a KeyError."""
        ...

    def heal(self) -> None:
        """A technician has mended everything: bins emptied, path cleared, cassettes in, power on."""
        ...

    def power(self, on: bool, now_ms: int) -> None:
        """Off: memory that is not kept is gone, motors stop where they are, nothing is said. The notes stay."""
        ...

    def hear(self, message: bytes, now_ms: int) -> None: ...

    def turn(self, now_ms: int) -> None: ...

    def say(self) -> tuple[bytes, ...]: ...

    def wakes_at(self) -> int | None: ...
