"""Contrast of every ink on every ground, computed as WCAG 2.2 does."""

from __future__ import annotations

import pytest

from ui.themes import PAIRS, THEMES, Hue, contrast


@pytest.mark.parametrize("name", THEMES)
def test_every_ink_reads_on_its_ground(name: str) -> None:
    table = THEMES[name].table()
    least = 7.0 if name == "contrast" else 4.5
    for ink, ground in PAIRS:
        assert contrast(table[ink], table[ground]) >= least, (name, ink, ground)


@pytest.mark.parametrize("name", THEMES)
def test_ink_on_paper_and_on_buttons_reaches_seven_to_one_in_every_theme(name: str) -> None:
    table = THEMES[name].table()
    for ink, ground in ((Hue.INK, Hue.PAPER), (Hue.INK, Hue.CARD), (Hue.ON_ACCENT, Hue.ACCENT)):
        assert contrast(table[ink], table[ground]) >= 7.0, (name, ink, ground)


@pytest.mark.parametrize("name", THEMES)
def test_a_button_s_edge_stands_out_from_its_ground(name: str) -> None:
    table = THEMES[name].table()
    assert contrast(table[Hue.EDGE], table[Hue.PAPER]) >= 3.0  # WCAG 2.2, 1.4.11


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
