"""`tillmark scan`: what the camera cascade reads in pictures, folders and streams, with CPU milliseconds per frame.

Exit codes: 0 at least one code was read, 1 none was, 2 a source could not be looked at (the others still are).
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from core.code import BadCode, PersonalCode
from core.faults import Refusal
from core.faults.camera import NO_LIBRARY, NO_PICTURE, NOT_OPENED

if TYPE_CHECKING:
    from rich.table import Table

    from drivers.kit.sight.cascade import Cascade
    from drivers.kit.sight.readers import Luma
    from drivers.kit.sight.reads import Look, Read

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm"})
FILE_MAX = 64_000_000  # bytes; the largest frame of any camera here, uncompressed, is a third of it
PIXELS_MAX = 100_000_000  # a picture that unpacks to more is an attack on memory, not a frame
SIDE_MIN = 16
OPEN_MS, READ_MS = 3_000, 3_000  # a stream that says nothing for this long is not there
SHOWN_MAX = 40  # rows of the table; a folder of a thousand frames is summed up, not scrolled past


class Unreadable(Exception):
    """A source that cannot be looked at."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} {detail}")
        self.refusal = Refusal(code, detail)


@dataclass(slots=True)
class _Sum:
    """What all frames together came to."""

    frames: int = 0
    read: int = 0
    ms: list[float] = field(default_factory=list)
    stages: Counter[str] = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)

    def add(self, look: Look) -> None:
        self.frames += 1
        self.read += bool(look.reads)
        self.ms.append(look.ms)
        self.stages.update(read.stage for read in look.reads)

    def plain(self) -> dict[str, object]:
        return {
            "frames": self.frames,
            "read": self.read,
            "ms_median": round(statistics.median(self.ms), 3) if self.ms else None,
            "ms_p95": round(percentile(self.ms, 95), 3) if self.ms else None,
            "reads_by_stage": dict(self.stages),
            "refused": [str(each) for each in self.refused],
        }

    def exit_code(self) -> int:
        return 2 if self.refused else 0 if self.read else 1


@click.command(
    "scan",
    epilog="Examples:  tillmark scan receipt.png    tillmark scan 'frames/*.png' --json    "
    "tillmark scan http://127.0.0.1:8081/stream --frames 100",
)
@click.argument("sources", nargs=-1, required=True, metavar="FILE|DIR|GLOB|URL...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per frame, the sum last.")
@click.option("--show-codes", is_flag=True, help="Print personal codes in full, not only their last four digits.")
@click.option("--frames", default=30, show_default=True, type=click.IntRange(1), help="Frames taken off a stream.")
@click.option("--all-stages", is_flag=True, help="Go on after the first read: which stages would read it?")
@click.option("--no-zbar", is_flag=True, help="Leave the second barcode decoder out.")
@click.pass_context
def command(
    ctx: click.Context,
    sources: tuple[str, ...],
    as_json: bool,
    show_codes: bool,
    frames: int,
    all_stages: bool,
    no_zbar: bool,
) -> None:
    """Read the codes in pictures, folders of pictures, camera streams or a camera (/dev/video0).

    Exit code 0: at least one code was read; 1: none; 2: a source could not be looked at.
    """
    try:
        from drivers.kit.sight.cascade import Cascade
    except ImportError as error:
        raise click.UsageError(f"{NO_LIBRARY} {error.name} is not installed") from None

    cascade = Cascade(zbar=not no_zbar)
    total = _Sum()
    table = _table()
    for source in sources:
        try:
            for name, luma in _frames(source, frames):
                look = _look(cascade, luma, all_stages)
                total.add(look)
                if as_json:
                    click.echo(json.dumps(_line(name, luma, look, show_codes)))
                elif total.frames <= SHOWN_MAX:
                    _row(table, name, look, show_codes)
        except Unreadable as error:
            total.refused.append(error.refusal)
            click.echo(str(error), err=True)
    if as_json:
        click.echo(json.dumps({"sum": total.plain()}))
    else:
        _print(table, total)
    ctx.exit(total.exit_code())


def masked(text: str, show: bool = False) -> str:
    """The text as it may be printed: of a personal code only the last four digits, unless `show`."""
    try:
        code = PersonalCode.parse(text)
    except BadCode:
        return text
    return text if show else "*" * (len(code.digits) - 4) + code.digits[-4:]


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 100) - 1)]


# -- frames -------------------------------------------------------------------------------------------


def _frames(source: str, most: int) -> Iterator[tuple[str, Luma]]:
    """The frames of one source by their names. Raises `Unreadable`."""
    if "://" in source or source.startswith("/dev/"):
        yield from _stream(source, most)
        return
    for path in _paths(source):
        yield str(path), _picture(path)


def _paths(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix.lower() in PICTURES)
        if not found:
            raise Unreadable(NO_PICTURE, f"{source}: no pictures in this folder")
        return found
    if not path.exists() and has_magic(source):
        found = sorted(Path(each) for each in glob(source, recursive=True))
        if not found:
            raise Unreadable(NO_PICTURE, f"{source}: nothing has such a name")
        return found
    return [path]


def _picture(path: Path) -> Luma:
    import cv2
    import numpy as np

    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= FILE_MAX else b""
    except OSError as error:
        raise Unreadable(NO_PICTURE, f"{path}: {error.strerror}") from None
    if size > FILE_MAX:
        raise Unreadable(NO_PICTURE, f"{path}: {size} bytes is more than a frame has ({FILE_MAX})")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong is said once, by name, below
    try:
        grey = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
    except cv2.error:
        grey = None  # OpenCV raises for a header that promises more pixels than it allows
    if grey is None:
        raise Unreadable(NO_PICTURE, f"{path}: not a picture")
    if min(grey.shape) < SIDE_MIN or grey.size > PIXELS_MAX:
        raise Unreadable(NO_PICTURE, f"{path}: {grey.shape[1]} x {grey.shape[0]} pixels is not the size of a frame")
    return grey.astype(np.uint8, copy=False)


def _stream(source: str, most: int) -> Iterator[tuple[str, Luma]]:
    import cv2
    import numpy as np

    from drivers.camera_qr import Settings
    from drivers.kit.sight.eye import open_capture

    name = Settings(port=source).name()
    capture = open_capture(source, width=1280, height=720, fps=30, open_timeout_ms=OPEN_MS, read_timeout_ms=READ_MS)
    try:
        if not capture.isOpened():
            raise Unreadable(NOT_OPENED, f"{name}: nothing there that gives frames")
        for number in range(most):
            good, picture = capture.read()
            if not good:
                if number == 0:
                    raise Unreadable(NOT_OPENED, f"{name}: opened, and gave no frame")
                return
            grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
            yield f"{name}#{number}", grey.astype(np.uint8, copy=False)
    finally:
        capture.release()


def _look(cascade: Cascade, luma: Luma, all_stages: bool) -> Look:
    return cascade.look(luma, enough=lambda _: not all_stages)


# -- output -------------------------------------------------------------------------------------------


def _line(name: str, luma: Luma, look: Look, show_codes: bool) -> dict[str, object]:
    return {
        "source": name,
        "width": luma.shape[1],
        "height": luma.shape[0],
        "ms": round(look.ms, 3),
        "stages": [{"stage": stage.stage, "ms": round(stage.ms, 3)} for stage in look.stages],
        "reads": [_read(read, show_codes) for read in look.reads],
    }


def _read(read: Read, show_codes: bool) -> dict[str, object]:
    text = masked(read.text, show_codes)
    return {
        "symbology": read.symbology.value,
        "text": text,
        "masked": text != read.text,
        "stage": read.stage,
        "ms": round(read.ms, 3),
        "position": read.position,
    }


def _table() -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("frame", overflow="fold")
    table.add_column("code")
    table.add_column("text", overflow="fold")
    table.add_column("stage")
    table.add_column("ms", justify="right")
    return table


def _row(table: Table, name: str, look: Look, show_codes: bool) -> None:
    from rich.text import Text

    label, ms = Path(name).name, f"{look.ms:.1f}"
    if not look.reads:
        table.add_row(Text(label), "-", "nothing read", f"{len(look.stages)} tried", ms)
    for read in look.reads:
        text = Text(masked(read.text, show_codes))  # Text: a code may hold what rich takes for a style
        table.add_row(Text(label), read.symbology.value, text, read.stage, ms)
        label, ms = "", ""


def _print(table: Table, total: _Sum) -> None:
    from rich.console import Console

    if not total.frames:
        return
    console = Console()
    console.print(table)
    if total.frames > SHOWN_MAX:
        console.print(f"... and {total.frames - SHOWN_MAX} more frames")
    by_stage = ", ".join(f"{stage} {count}" for stage, count in total.stages.most_common())
    median, p95 = statistics.median(total.ms), percentile(total.ms, 95)
    console.print(
        f"{total.read} of {total.frames} frames read; CPU {median:.1f} ms median, {p95:.1f} ms p95"
        + (f"; by stage: {by_stage}" if by_stage else ""),
        highlight=False,
    )
