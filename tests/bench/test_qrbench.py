"""The bench of codes: its frames are what they say, its sums add up, the cascade reaches its bars."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from drivers.kit.sight.cascade import Cascade
from sim.qrbench import cases, measure, readers, video
from sim.verbs.bench import command as bench


def clean_case(symbology: str, number: int = 0) -> cases.Case:
    return cases._case(11, cases.SIZES[1], symbology, "clean", number)


def test_the_same_seed_draws_the_same_frames_and_another_seed_others() -> None:
    first, again, other = (next(iter(cases.cases(seed, 1))) for seed in (3, 3, 4))
    assert np.array_equal(first.frame, again.frame)
    assert first.text == again.text
    assert not np.array_equal(first.frame, other.frame)


def test_every_kind_of_every_symbology_is_drawn_at_both_sizes() -> None:
    seen = list(cases.cases(5, 1))
    assert len(seen) == cases.count(1)
    assert {case.size for case in seen} == set(cases.SIZES)
    assert {case.kind for case in seen if case.symbology == "qr"} == set(cases.QR_KINDS)
    assert {case.kind for case in seen if case.symbology == "code128"} == set(cases.BAR_KINDS)
    assert all(case.frame.shape == (case.size[1], case.size[0]) for case in seen)
    assert all((case.text is None) == (case.symbology == "none") for case in seen)


def test_clean_frames_are_read_by_every_reader() -> None:
    clean = [clean_case(symbology, number) for symbology in ("qr", "ean13", "code128") for number in range(2)]
    for reader in readers.readers():
        mine = [case for case in clean if case.symbology in reader.symbologies]
        hits = sum(case.text in reader.read(case.frame) for case in mine)
        assert hits >= len(mine) - 1, reader.name


def test_bars_that_look_like_another_valid_ean13_frame_after_frame_are_not_misread() -> None:
    # Plain, the strip of this frame says 0780072141800, whose check digit is right; sharpened it says the truth.
    case = cases._case(1006, (640, 480), "ean13", "far", 6)
    for seed in range(3):
        reads = Cascade().look(cases.noisier(case.frame, seed)).reads
        assert {read.text for read in reads} <= {case.text}


def row(reader: str, symbology: str, kind: str, hit: bool, ms: float, *, wrong: bool = False) -> measure.Row:
    return measure.Row(reader, symbology, kind, hit, wrong, ms)


def test_the_sums_are_those_of_the_rows() -> None:
    rows = [
        row("cascade", "qr", "clean", True, 1.0),
        row("cascade", "qr", "glare", False, 9.0, wrong=True),
        row("cascade", "ean13", "clean", True, 2.0),
        row("cascade", "none", "absent", False, 12.0),
        row("other", "qr", "clean", False, 99.0),
    ]
    ours = measure.figures(rows, readers.Reader("cascade", lambda _: [], readers.EVERY))
    assert (ours.qr, ours.linear, ours.wrong, ours.frames) == (50.0, 100.0, 1, 4)
    assert (ours.ms_median, ours.ms_p95, ours.absent_p95) == (2.0, 12.0, 12.0)
    assert ours.by_kind == {"clean": (100.0, 100.0), "glare": (0.0, None)}
    names = [bar.name for bar in measure.acceptance(ours, 1) if not bar.holds]
    assert names == ["QR codes read, %", "wrong reads delivered"]


@pytest.mark.parametrize(("share", "value"), [(50, 2.0), (95, 4.0), (25, 1.0), (1, 1.0)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert measure.percentile([4.0, 1.0, 3.0, 2.0], share) == value


def test_a_wrong_read_that_both_frames_share_would_be_seen() -> None:
    case = clean_case("ean13")
    lie = cases.Case(case.frame, "something else", case.symbology, case.kind, case.size)
    assert measure.delivered_wrong(Cascade(), case, 1) == ()
    assert measure.delivered_wrong(Cascade(), lie, 1) == (case.text,)


def test_clips_of_an_ordinary_hand_are_delivered() -> None:
    told: list[int] = []
    films = list(video.clips(2, 2, Cascade(), lambda: told.append(1), ("ordinary",)))
    assert len(films) == len(told) == 2 * len(video.CODES)
    assert all(clip.delivered for clip in films)
    assert sum(clip.wrong for clip in films) == 0


def folder(path: Path, items: list[dict[str, object]]) -> Path:
    case = clean_case("qr")
    cv2.imwrite(str(path / "0000.png"), case.frame)
    items.append({"file": "0000.png", "sym": "QR", "kind": "clean", "text": case.text})
    (path / "index.json").write_text(json.dumps({"items": items}))
    return path


def test_frames_of_another_generator_are_measured(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["qr", "--frames", str(folder(tmp_path, [])), "--no-alone", "--json"])
    assert done.exit_code == 0, done.output
    plain = json.loads(done.stdout)
    assert plain["readers"][0]["qr"] == 100.0
    assert {bar["name"]: bar["holds"] for bar in plain["acceptance"]}["wrong reads delivered"]


def test_a_bar_that_is_not_reached_fails_the_check(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["qr", "--frames", str(folder(tmp_path, [])), "--no-alone", "--check"])
    assert done.exit_code == 1  # there is no barcode among them, so none was read
    assert "FAILS  barcodes read" in done.stdout


@pytest.mark.parametrize("index", ["", "{}", '{"items": [{"file": 3}]}', '{"items": [{"file": "x", "sym": "QR"}]}'])
def test_a_folder_without_a_proper_index_is_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / "index.json").write_text(index)
    done = CliRunner().invoke(bench, ["qr", "--frames", str(tmp_path)])
    assert done.exit_code == 2
    assert "index.json" in done.output


def test_the_benches_are_listed_by_their_files() -> None:
    done = CliRunner().invoke(bench, ["--help"])
    assert "how many codes are read" in " ".join(done.output.split())
    assert CliRunner().invoke(bench, ["nothing"]).exit_code == 2


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_cascade_reaches_its_bars_on_frames_of_our_own() -> None:
    done = CliRunner().invoke(bench, ["qr", "--seed", "31", "--per", "12", "--no-alone", "--check", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["video"]["delivered_percent"] >= 85
