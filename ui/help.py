"""The help page: opened and closed by the face itself, over any screen, on any device."""

from __future__ import annotations

from typing import Final

from core.screens import Action, Facts, Notice, Role, Screen, say

HELP_BACK: Final = "help_back"
HELP_MS: Final = 30_000  # then the screen that matters comes back by itself


def help_screen() -> Screen:
    return Screen(
        name="help",
        heading=say("faces.help.heading"),
        blocks=(
            Notice(say("faces.help.money")),
            Facts(
                (
                    (say("faces.help.cancel"), say("faces.help.cancel.how")),
                    (say("faces.help.keys"), say("faces.help.keys.how")),
                    (say("faces.help.staff"), say("faces.help.staff.how")),
                )
            ),
        ),
        actions=(Action(HELP_BACK, say("common.back"), Role.CANCEL, "escape"),),
    )
