"""`tillmark scan`: what it prints, what it never prints, and what its exit code says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from click.testing import CliRunner, Result

from core.code import compose
from device.verbs.scan import FILE_MAX, command, masked, percentile
from sim.peers.camera import CameraPeer

CODE = compose(123_456_789, 555_555).digits


def draw(path: Path, text: str) -> Path:
    segno.make(text, micro=False).save(str(path), scale=6)
    return path


def scan(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def peer() -> Iterator[CameraPeer]:
    camera = CameraPeer(seed=2, width=640, height=480, fps=60)
    yield camera
    camera.close()


def test_a_picture_is_read_and_the_exit_code_says_so(tmp_path: Path) -> None:
    done = scan(draw(tmp_path / "a.png", "https://example.com/[bold]"))
    assert done.exit_code == 0
    assert "https://example.com/[bold]" in done.stdout
    assert "1 of 1 frames read" in done.stdout


def test_json_has_a_line_for_each_frame_and_the_sum_last(tmp_path: Path) -> None:
    done = scan(draw(tmp_path / "a.png", "one"), "--json")
    frame, last = lines(done)
    assert frame["reads"][0]["text"] == "one"  # type: ignore[index]
    assert frame["reads"][0]["symbology"] == "qr"  # type: ignore[index]
    assert len(frame["reads"][0]["position"]) == 4  # type: ignore[index]
    assert frame["ms"] > 0  # type: ignore[operator]
    assert last["sum"]["frames"] == last["sum"]["read"] == 1  # type: ignore[index]


@pytest.mark.parametrize("options", [(), ("--json",), ("--all-stages",), ("--json", "--all-stages")])
def test_a_personal_code_is_masked_unless_it_is_asked_for(tmp_path: Path, options: tuple[str, ...]) -> None:
    picture = draw(tmp_path / "code.png", CODE)
    hidden = scan(picture, *options)
    assert CODE not in hidden.output
    assert "*" * 14 + CODE[-4:] in hidden.output
    assert CODE in scan(picture, *options, "--show-codes").output


def test_a_code_written_in_groups_is_masked_too() -> None:
    grouped = " ".join(CODE[place : place + 3] for place in range(0, 18, 3))
    assert masked(grouped) == "*" * 14 + CODE[-4:]
    assert masked("123456789012345678") == "123456789012345678"


def test_a_folder_and_a_pattern_are_looked_through_in_order(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "c.png"):
        draw(tmp_path / name, name)
    (tmp_path / "notes.txt").write_text("not a picture")
    for source in (tmp_path, tmp_path / "*.png"):
        found = [Path(str(line["source"])).name for line in lines(scan(source, "--json"))[:-1]]
        assert found == ["a.png", "b.png", "c.png"]


def test_a_picture_without_a_code_is_exit_code_one(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((200, 300), 90, np.uint8))
    done = scan(tmp_path / "empty.png")
    assert done.exit_code == 1
    assert "nothing read" in done.stdout


def test_what_is_not_a_picture_is_refused_by_name_and_the_rest_still_read(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG not really")
    (tmp_path / "none.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((3, 3), np.uint8))
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge.png").open("wb") as huge:
        huge.truncate(FILE_MAX + 1)
    good = draw(tmp_path / "good.png", "good")
    bad = [tmp_path / name for name in ("bad.png", "none.png", "dot.png", "folder", "huge.png", "absent.png", "x*.png")]
    done = scan(*bad, good, "--json")
    assert done.exit_code == 2
    assert done.stderr.count("TM-CAM-006") == len(bad)
    assert lines(done)[0]["reads"][0]["text"] == "good"  # type: ignore[index]
    assert len(lines(done)[-1]["sum"]["refused"]) == len(bad)  # type: ignore[index]


def test_a_stream_is_read_for_as_many_frames_as_asked(peer: CameraPeer) -> None:
    peer.show(CODE)
    done = scan(peer.url, "--frames", 5, "--json")
    assert done.exit_code == 0
    assert len(lines(done)) == 6
    assert CODE not in done.output


def test_a_stream_that_is_not_there_is_refused_by_name() -> None:
    done = scan("http://user:secret@127.0.0.1:9/stream")
    assert done.exit_code == 2
    assert "TM-CAM-001" in done.stderr
    assert "secret" not in done.output


@pytest.mark.parametrize(("share", "value"), [(50, 2), (95, 4), (100, 4), (0, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], share) == value
