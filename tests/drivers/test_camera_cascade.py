"""The cascade reads what a till camera sees. Codes are drawn by libraries that are not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import barcode
import cv2
import numpy as np
import numpy.typing as npt
import pytest
import segno

from core.events import Symbology
from drivers.kit.sight.cascade import STAGES, Cascade
from drivers.kit.sight.reads import Family, Read

Grey = npt.NDArray[np.uint8]
CODE = "271234567895555554"


def qr(text: str, module: int = 5) -> Grey:
    bits = np.array([list(row) for row in segno.make(text, micro=False, error="m").matrix_iter(border=4)], np.uint8)
    return np.kron(np.where(bits, 20, 235), np.ones((module, module))).astype(np.uint8)


def bars(kind: str, text: str, module: int = 3) -> Grey:
    bits = barcode.get_barcode_class(kind)(text).build()[0].replace("G", "1")
    row = np.array([int(bit) for bit in "0" * 10 + bits + "0" * 10], np.uint8)
    wide = np.repeat(np.where(row, 25, 230), module)
    return np.tile(wide, (90, 1)).astype(np.uint8)


def counter(code: Grey, *, turn_deg: float = 0.0, size: tuple[int, int] = (1280, 720)) -> Grey:
    """The code on a grey counter, turned about its middle."""
    frame = np.full((size[1], size[0]), 110, np.uint8)
    height, width = code.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 1.0)
    turn[:, 2] += (size[0] / 2 - width / 2, size[1] / 2 - height / 2)
    cv2.warpAffine(code, turn, size, dst=frame, borderMode=cv2.BORDER_TRANSPARENT)
    return frame


def noisy(frame: Grey, sigma: float, seed: int = 5) -> Grey:
    rng = np.random.default_rng(seed)
    return np.clip(frame + rng.normal(0, sigma, frame.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade()


def only(reads: tuple[Read, ...]) -> Read:
    assert len(reads) == 1
    return reads[0]


def test_a_clean_qr_code_is_read_by_the_first_stage_and_found_where_it_is(cascade: Cascade) -> None:
    look = cascade.look(counter(qr("TM1:hello")))
    read = only(look.reads)
    assert (read.symbology, read.text, read.stage) == (Symbology.QR, "TM1:hello", "half")
    assert [stage.stage for stage in look.stages] == ["half"]
    xs, ys = [x for x, _ in read.position], [y for _, y in read.position]
    side = 21 * 5
    assert abs(min(xs) - (640 - side / 2)) <= 6
    assert abs(max(xs) - (640 + side / 2)) <= 6
    assert abs(min(ys) - (360 - side / 2)) <= 6
    assert 0 < read.ms <= look.ms


@pytest.mark.parametrize("text", ["8801234567893", "0036000291452"])
def test_an_ean13_is_read_with_its_check_digit(cascade: Cascade, text: str) -> None:
    read = only(cascade.look(counter(bars("ean13", text))).reads)
    assert (read.symbology, read.text) == (Symbology.EAN13, text)


def test_an_ean13_whose_check_digit_is_wrong_is_not_read(cascade: Cascade) -> None:
    good, bad = bars("ean13", "8801234567893"), bars("ean13", "8801234567803")
    spliced = good.copy()
    digit = slice((10 + 3 + 42 + 5 + 4 * 7) * 3, (10 + 3 + 42 + 5 + 5 * 7) * 3)
    assert not np.array_equal(good[:, digit], bad[:, digit])
    spliced[:, digit] = bad[:, digit]
    assert cascade.look(counter(spliced)).reads == ()


@pytest.mark.parametrize("turn_deg", [0, 17, 45, 90, 133, 180, 271])
def test_a_personal_code_as_a_barcode_is_read_at_any_angle(cascade: Cascade, turn_deg: int) -> None:
    read = only(cascade.look(counter(bars("code128", CODE), turn_deg=turn_deg)).reads)
    assert (read.symbology, read.text) == (Symbology.CODE128, CODE)
    centre = np.mean(np.array(read.position), axis=0)
    assert np.abs(centre - [640, 360]).max() < 30


def test_a_barcode_is_read_through_noise_that_no_scan_line_survives(cascade: Cascade) -> None:
    frame = noisy(counter(bars("code128", CODE), turn_deg=20), 55)
    assert only(cascade.look(frame).reads).stage == "strip"


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("dark mode", lambda frame: 255 - frame),
        ("faint", lambda frame: (frame * 0.06 + 120).astype(np.uint8)),
        ("noise", lambda frame: noisy(frame, 40)),
        ("out of focus", lambda frame: cv2.GaussianBlur(frame, (0, 0), 3.6)),
        ("half as large", lambda frame: cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)),
    ],
)
def test_a_spoilt_qr_code_is_read_by_a_later_stage(cascade: Cascade, name: str, spoil: object) -> None:
    assert callable(spoil)
    frame = spoil(counter(qr("TM1:" + "abcdefgh" * 5)))
    assert [read.text for read in cascade.look(frame).reads] == ["TM1:" + "abcdefgh" * 5], name


def test_a_qr_code_out_of_focus_needs_the_filter(cascade: Cascade) -> None:
    frame = noisy(cv2.GaussianBlur(counter(qr("TM1:" + "abcdefgh" * 5, 6)), (0, 0), 4.2).astype(np.uint8), 1.5)
    assert only(cascade.look(frame).reads).stage == "focus"


def test_a_frame_larger_than_any_camera_of_ours_keeps_its_coordinates(cascade: Cascade) -> None:
    read = only(cascade.look(counter(qr("large", 16), size=(3840, 2160))).reads)
    assert np.abs(np.mean(np.array(read.position), axis=0) - [1920, 1080]).max() < 25


@pytest.mark.parametrize("side", [1, 2])
def test_a_cropped_code_with_pixels_for_modules_is_read(cascade: Cascade, side: int) -> None:
    assert only(cascade.look(qr("123456789012345678", side)).reads).text == "123456789012345678"


@pytest.mark.parametrize("shape", [(16, 16), (16, 900), (300, 20), (241, 241)])
def test_a_frame_of_any_shape_is_looked_at(cascade: Cascade, shape: tuple[int, int]) -> None:
    assert cascade.look(np.zeros(shape, np.uint8)).reads == ()


def test_the_search_goes_on_past_a_code_that_is_not_wanted(cascade: Cascade) -> None:
    frame = counter(bars("ean13", "8801234567893"))
    soft = cv2.GaussianBlur(qr("TM1:wanted", 7), (0, 0), 4.6)
    frame[20 : 20 + soft.shape[0], 20 : 20 + soft.shape[1]] = soft
    look = cascade.look(frame, enough=lambda read: read.symbology is Symbology.QR)
    assert {read.text for read in look.reads} == {"8801234567893", "TM1:wanted"}


def test_only_the_families_asked_for_are_looked_for(cascade: Cascade) -> None:
    frame = counter(qr("TM1:hello"))
    assert cascade.look(frame, families=frozenset({Family.LINEAR})).reads == ()


def test_no_stage_is_begun_after_the_budget(cascade: Cascade) -> None:
    look = cascade.look(noisy(counter(np.full((4, 4), 0, np.uint8)), 30), budget_ms=0.0)
    assert len(look.stages) == 1


def test_zbar_is_the_last_stage_and_says_nothing_on_standard_error() -> None:
    assert Cascade().stages[-1].name == "zbar"
    assert len(Cascade(zbar=False).stages) == len(STAGES) - 1
    program = (
        "import numpy as np\n"
        "from drivers.kit.sight.readers import zbar\n"
        "rng = np.random.default_rng(3)\n"
        "for k in range(12):\n"
        "    zbar(np.kron(rng.integers(0, 255, (40, 160)), np.ones((4, 1 + k % 4))).astype(np.uint8))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ},
        timeout=30,
    )
    assert done.stderr == b""
