"""Every screen, at every size, in both languages, with ordinary and with very long words, keeps its places."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest

from core.screens import Plain, Say, Screen
from core.words import word
from tests.ui.samples import samples
from ui.fonts import Fonts
from ui.header import HeaderWords
from ui.layout import lay_out
from ui.marks import Box, Layout, Line, Plate, Scroll
from ui.metrics import CAP_SHARE, NUMBER_MM, TARGET_MM, TEXT_MM, metrics_of
from ui.settings import ScreenRefused, Settings, check
from ui.sheet import Sheet

SIZES = [(800, 480), (1024, 600), (1280, 800), (1920, 1080)]
LONG = {
    "words": "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen and several further words that go on and on",
    "one word": "가나다라마바사아자차카타파하" * 4,
}
HEADER = HeaderWords("The Extraordinarily Long Name of a Small Shop by the River Han", "18:30", True, True)


@cache
def fonts() -> Fonts:
    return Fonts(Settings())


def laid_out(screen: Screen, size: tuple[int, int], lang: str, header: HeaderWords = HEADER) -> Layout:
    metrics = metrics_of(Settings(*size))
    return lay_out(Sheet(metrics, fonts(), lang), screen, header)


def longer(value: Any, text: str) -> Any:
    """The same screen with every text replaced by a long one."""
    if isinstance(value, (Plain, Say)):
        return Plain(text)
    if isinstance(value, tuple):
        return tuple(longer(part, text) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: longer(getattr(value, f.name), text) for f in fields(value)}
        if "rows" in changed and hasattr(value, "total"):
            changed["rows"] = tuple(replace(row, name=text) for row in value.rows)
        return replace(value, **changed)
    return value


def solid(layout: Layout) -> list[Box]:
    """The boxes that must not touch one another: everything but grounds."""
    marks = [mark.box for mark in layout.placed.marks if not isinstance(mark, Plate)]
    return marks + [target.box for target in layout.placed.targets]


def lines_of(layout: Layout) -> list[Line]:
    inside = [mark for target in layout.placed.targets for mark in target.inside]
    return [mark for mark in (*layout.placed.marks, *inside) if isinstance(mark, Line)]


def assert_in_place(layout: Layout, touch: int) -> None:
    for line in lines_of(layout):
        assert line.box.h >= line.size, f"{line} is higher than its box: it would run into its neighbour"
    boxes = solid(layout)
    for box in boxes:
        assert box.within(layout.box), f"{box} leaves the screen"
        assert min(box.w + 1, box.h) > 0, f"{box} has no room"
    for index, one in enumerate(boxes):
        for other in boxes[index + 1 :]:
            assert not one.overlaps(other), f"{one} overlaps {other}"
    targets = layout.placed.targets
    for index, target in enumerate(targets):
        assert target.hit.h >= touch, f"{target.action} is {target.hit.h} px high, {touch} are 15 mm"
        assert target.box.within(target.hit)
        assert target.hit.within(layout.box)
        for mark in target.inside:
            assert mark.box.within(target.box), f"{mark} leaves its button {target.action}"
        for line in (mark for mark in target.inside if isinstance(mark, Line)):
            assert all(not line.box.overlaps(mark.box) for mark in target.inside if mark is not line), (
                f"{line} overlaps in {target.action}"
            )
        for second in targets[index + 1 :]:
            assert not target.hit.overlaps(second.hit), f"{target.action} and {second.action} share a place"
    assert len({target.action for target in targets}) == len(targets)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_screen_keeps_its_places(size: tuple[int, int], lang: str) -> None:
    touch = metrics_of(Settings(*size)).touch
    for screen in samples(lang):
        assert_in_place(laid_out(screen, size, lang), touch)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("kind", LONG)
def test_very_long_words_keep_their_places_too(size: tuple[int, int], kind: str) -> None:
    touch = metrics_of(Settings(*size)).touch
    for screen in samples("en"):
        stretched = longer(screen, LONG[kind])
        assert_in_place(laid_out(stretched, size, "en"), touch)


def test_a_target_is_fifteen_millimetres_and_text_and_amounts_have_their_height() -> None:
    for size in SIZES:
        settings = Settings(*size)
        metrics, mm = metrics_of(settings), settings.mm_per_pixel()
        assert metrics.touch * mm >= TARGET_MM
        assert metrics.text * CAP_SHARE * mm >= TEXT_MM
        assert metrics.number * CAP_SHARE * mm >= NUMBER_MM


def test_the_seven_inch_panel_has_a_fifth_of_a_millimetre_a_pixel() -> None:
    assert round(Settings(800, 480).mm_per_pixel(), 2) == 0.19


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_amount_is_the_biggest_text_of_its_screen(lang: str) -> None:
    for screen in samples(lang):
        if not any(type(block).__name__ == "Amount" for block in screen.blocks):
            continue
        lines = [mark for mark in laid_out(screen, (800, 480), lang).placed.marks if isinstance(mark, Line)]
        biggest = max(lines, key=lambda line: line.size)
        assert biggest.text == "50,000", screen.name


def test_cancel_is_always_in_the_left_corner_and_primary_in_the_right() -> None:
    for screen in samples("en"):
        layout = laid_out(screen, (800, 480), "en")
        for target in layout.placed.targets:
            if target.look.value == "cancel":
                assert (target.box.x, target.box.bottom) == (24, 464), screen.name


def test_a_long_list_shows_its_newest_row_and_can_be_scrolled_to_its_first() -> None:
    screen = next(screen for screen in samples("en") if screen.name == "ring_up_long")
    metrics = metrics_of(Settings())
    end = lay_out(Sheet(metrics, fonts(), "en"), screen, HEADER)
    start = lay_out(Sheet(metrics, fonts(), "en", first_row=0), screen, HEADER)

    def texts(layout: Layout) -> str:
        return " ".join(mark.text for mark in layout.placed.marks if isinstance(mark, Line))

    assert "Postcard no. 14" in texts(end)
    assert "Postcard no. 14" not in texts(start)
    assert "Postcard no. 1 " in texts(start)
    assert "1,234,500 ₩" in texts(start)
    assert end.placed.scroll is not None
    assert isinstance(end.placed.scroll, Scroll)
    assert end.placed.scroll.first == end.placed.scroll.last_first


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (Settings(640, 480), "TM-SCR-003"),
        (Settings(800, 480, diagonal_inch=5), "TM-SCR-003"),
        (Settings(480, 800), "TM-SCR-003"),
        (Settings(80000, 480), "TM-SCR-007"),
        (Settings(mode="hologram"), "TM-SCR-007"),
        (Settings(theme="pink"), "TM-SCR-007"),
        (Settings(lang="fr"), "TM-SCR-007"),
        (Settings(diagonal_inch=-1), "TM-SCR-007"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(settings: Settings, code: str) -> None:
    with pytest.raises(ScreenRefused) as refused:
        check(settings)
    assert refused.value.code == code


def test_words_of_the_face_exist_in_both_languages() -> None:
    from core.words.faces import WORDS

    for key in WORDS:
        gaps = dict.fromkeys(("seconds", "number", "title", "count", "name", "amount", "shown", "labels"), "1")
        said = Say(key, tuple(gaps.items()))
        assert word(said, "en")
        assert word(said, "ko")
