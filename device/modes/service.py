"""Service mode: what a machine's idle screen offers a technician. Openly: a grant lets in, not a hidden gesture."""

from __future__ import annotations

from typing import Final

from core.screens import Action, Role, say

NAME: Final = "service"
OPEN: Final = Action(NAME, say("service.open"), Role.PLAIN, "4")
