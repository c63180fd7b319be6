"""What the person is told while the camera cannot read."""

from __future__ import annotations

import dataclasses

import pytest

from core.words import WORDS
from drivers.kit.sight.hints import BACK, CLOSER, DARK, GLARE, STEADY, STILL, Hints, preview_of
from sim.peers.camera_scene import Look, Scene
from sim.peers.camera_things import thing

PHONE = thing("phone", "qr", "271234567895555554")
STAND = Look(shake=0.0, exposure_ms=0.0, glare=0.0)
QUICK_HAND = 30.0


def hint(look: Look, *, held: bool = True, read: bool = False) -> str:
    """The hint after a few frames of a film that begins with the empty counter."""
    scene, hints = Scene(6), Hints()
    hints.rest(preview_of(scene.frame(0.0, None, look)))
    said = ""
    for turn in range(STEADY + 2):
        frame = scene.frame(1 + turn / 30, PHONE if held else None, look)
        said = hints.hint(frame, preview_of(frame), read)
    return said


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({}, ""),
        ({"fill": 0.10}, CLOSER),
        ({"fill": 0.75, "blur_px": 9.0}, BACK),
        ({"glare": 1.0}, GLARE),
        ({"light": 0.08}, DARK),
        ({"shake": QUICK_HAND, "exposure_ms": 30.0}, STILL),
    ],
)
def test_the_hint_says_what_would_help(look: dict[str, float], said: str) -> None:
    assert hint(dataclasses.replace(STAND, **look)) == said  # type: ignore[arg-type]


def test_an_empty_counter_needs_no_hint() -> None:
    assert hint(STAND, held=False) == ""


def test_it_is_known_whether_anything_is_there() -> None:
    scene, hints = Scene(6), Hints()
    hints.rest(preview_of(scene.frame(0.0, None, STAND)))
    for held in (None, PHONE, None):
        frame = scene.frame(1.0, held, STAND)
        hints.hint(frame, preview_of(frame), False)
        assert hints.present is (held is not None)
    black = scene.frame(1.0, None, dataclasses.replace(STAND, light=0.05))
    hints.hint(black, preview_of(black), False)
    assert hints.present


def test_a_code_that_was_read_needs_no_hint() -> None:
    assert hint(dataclasses.replace(STAND, fill=0.10), read=True) == ""


def test_a_finding_is_said_only_when_it_lasts() -> None:
    scene, hints = Scene(6), Hints()
    hints.rest(preview_of(scene.frame(0.0, None, STAND)))
    far = dataclasses.replace(STAND, fill=0.10)
    frames = [scene.frame(1 + turn / 30, PHONE, far) for turn in range(STEADY)]
    assert [hints.hint(frame, preview_of(frame), False) for frame in frames] == ["", "", CLOSER]


def test_a_parcel_left_on_the_counter_is_part_of_it_after_a_while() -> None:
    scene, hints = Scene(6), Hints()
    hints.rest(preview_of(scene.frame(0.0, None, STAND)))
    frame = scene.frame(1.0, PHONE, dataclasses.replace(STAND, fill=0.10))
    said = [hints.hint(frame, preview_of(frame), False) for _ in range(15 * 60)]
    assert said[STEADY] == CLOSER
    assert said[-1] == ""


def test_every_hint_has_its_words() -> None:
    assert {CLOSER, BACK, GLARE, DARK, STILL} <= WORDS.keys()
