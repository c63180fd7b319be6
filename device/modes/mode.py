"""What a mode says: which flows are on the menu and what stands on the screen between customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.screens import Screen, Words
from core.terms import Terms
from core.vault_talk import VaultState
from device.flows.flow import Flow


@dataclass(frozen=True, slots=True)
class Idle:
    """What the idle screen may depend on. `lost` are roles that should be there and are not; `owed` what the
    outbox still has to deliver; `full`: it must not be given more. `price` is a line for the eye, or "". `cash` how
    the cash side stands, None for a device without one or whose one is silent. `news` is what became of
    something that was owed, until the next business begins."""

    terms: Terms
    hands: tuple[str, ...]
    lost: tuple[str, ...]
    owed: int
    full: bool = False
    price: str = ""
    cash: VaultState | None = None
    news: Words | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """How much the exchange must still hear of ended tickets. `full`: no new ticket may begin before it did."""

    waiting: int
    full: bool = False


@dataclass(frozen=True, slots=True)
class Mode:
    """`menu` maps an action of the idle screen to a flow; `on_product` is the flow a product scan begins.
    `harmless` flows owe the exchange nothing, whatever becomes of them. `pays_cash`: it needs a cash side."""

    name: str
    menu: Mapping[str, Flow]
    idle: Callable[[Idle], Screen]
    on_product: str = ""
    harmless: frozenset[str] = frozenset()
    pays_cash: bool = False

    def flow(self, name: str) -> Flow:
        """The flow of that name; one that this mode does not have is a journal of another mode."""
        for flow in self.menu.values():
            if flow.name == name:
                return flow
        raise KeyError(f"mode {self.name} has no flow {name}")
