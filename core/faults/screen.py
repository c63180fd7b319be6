"""Faults of the screen and of the remote panel: what stops the face from being drawn or seen."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

FAULTS: Final = (
    Entry(
        "TM-SCR-001",
        "font_missing",
        "A font file named in the settings is not there, or it is not a TrueType font.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "Install Debian's fonts-nanum, or set the font paths of the screen to a TrueType font that has Hangul.",
    ),
    Entry(
        "TM-SCR-002",
        "font_lacks_letters",
        "The font has no Hangul, no figures or no won sign: words would appear as empty boxes.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "Choose a font with Hangul, Latin and the won sign, such as NanumGothic.",
    ),
    Entry(
        "TM-SCR-003",
        "panel_too_small",
        "The panel is smaller than 800 x 480 pixels or 85 mm high, so buttons of 15 mm would not fit.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "Check size and diagonal_inch in the settings of the screen; use a panel of 7 inches or more.",
    ),
    Entry(
        "TM-SCR-004",
        "display_unavailable",
        "The window system or the display gave no screen to draw on.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        'Check the display\'s cable and that the service may open it; `mode = "headless"` runs without one.',
    ),
    Entry(
        "TM-SCR-005",
        "panel_not_local",
        "The port of a remote panel is not a loopback address; screens are private and travel unencrypted there.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "Use socket://127.0.0.1:PORT, and an SSH tunnel if the panel is on another machine.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-SCR-006",
        "panel_port_malformed",
        "The port of the remote panel is not written as socket://127.0.0.1:PORT.",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "Write it as socket://127.0.0.1:PORT with the port the panel listens on.",
        RetrySafe.NO,
    ),
    Entry(
        "TM-SCR-007",
        "screen_settings_wrong",
        "A setting of the screen is outside its limits (mode, theme, language or size).",
        "This machine is not ready yet. No money has moved.",
        "아직 준비되지 않았어요. 돈은 움직이지 않았어요.",
        "The message names the setting and what it may be; correct it and start again.",
        RetrySafe.NO,
    ),
)
