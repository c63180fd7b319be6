"""One language of colour for the device and the web, and words that can be read on every ground."""

from __future__ import annotations

import re

import pytest

from backend.web.files import every
from ui.themes import CONTRAST, DARK, LIGHT, PAIRS, Hue, Rgb, Theme, contrast

FIXED = {Hue.WHITE: (255, 255, 255), Hue.BLACK: (0, 0, 0)}


def tokens(block: str) -> dict[Hue, Rgb]:
    found = re.findall(r"--([a-z-]+): #([0-9a-f]{6});", block)
    return {Hue(name.replace("-", "_")): tuple(bytes.fromhex(value)) for name, value in found} | FIXED  # type: ignore[return-value]


def sheets() -> list[tuple[Theme, dict[Hue, Rgb]]]:
    text = every()["tokens.css"].body.decode()
    light, rest = text.split("@media (prefers-color-scheme: dark)")
    dark, more = rest.split("@media (prefers-contrast: more)")
    return [(LIGHT, tokens(light)), (DARK, tokens(dark)), (CONTRAST, tokens(more))]


def test_the_pages_have_the_colours_of_the_device() -> None:
    for theme, found in sheets():
        assert found == theme.table(), theme.name


def test_words_are_readable_in_every_theme() -> None:
    for theme, found in sheets():
        least = 7 if theme is CONTRAST else 4.5
        for ink, ground in PAIRS:
            assert contrast(found[ink], found[ground]) >= least, f"{theme.name}: {ink} on {ground}"


@pytest.mark.parametrize(("ink", "ground"), [("0c1c20", "ffffff"), ("0a5a68", "ffffff"), ("7a4a00", "ffffff")])
def test_the_white_card_of_the_code_is_readable_in_every_theme(ink: str, ground: str) -> None:
    assert f"#{ink}" in every()["code.css"].body.decode()
    assert contrast(tuple(bytes.fromhex(ink)), tuple(bytes.fromhex(ground))) >= 4.5  # type: ignore[arg-type]


def test_no_colour_is_written_outside_the_tokens_but_on_the_white_card_and_paper() -> None:
    for name in ("page.css", "home.css"):
        rules = every()[name].body.decode().split("@media print")[0]
        assert re.findall(r"#[0-9a-f]{3,6}\b", rules) == [], name
