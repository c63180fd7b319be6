"""What a screen's pixels mean, for a glass that passes it on to a panel far away."""

from __future__ import annotations

from dataclasses import dataclass

from core.wire.panel import Button


@dataclass(frozen=True, slots=True)
class Caption:
    """What the pixels mean (see `core.wire.panel.Shown`)."""

    name: str
    revision: int
    lang: str
    spoken: tuple[str, ...]
    buttons: tuple[Button, ...]
    settled: bool
