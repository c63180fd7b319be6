"""`tillmark bench qr`: how many codes are read, how fast, how wrongly: our cascade beside the libraries alone.

Frames are drawn from a seed, or taken from any folder with an ``index.json``. All times are CPU times of this program.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sim.qrbench.cases import Case
    from sim.qrbench.measure import Bar, Figures
    from sim.qrbench.video import Clip


@click.command("qr", epilog="Examples:  tillmark bench qr    tillmark bench qr --frames D --json --check")
@click.option("--seed", default=7, show_default=True, help="Another seed draws other frames.")
@click.option("--per", default=8, show_default=True, type=click.IntRange(1, 64), help="Frames of each distortion.")
@click.option("--clips", default=4, show_default=True, type=click.IntRange(0, 64), help="Clips of each circumstance.")
@click.option(
    "--frames",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Measure the frames of this folder (index.json: file, sym, kind, text) instead of drawing some.",
)
@click.option("--alone/--no-alone", default=True, help="The libraries by themselves in the same run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--check", is_flag=True, help="Exit code 1 when a bar is not reached.")
@click.pass_context
def command(
    ctx: click.Context,
    seed: int,
    per: int,
    clips: int,
    folder: Path | None,
    alone: bool,
    as_json: bool,
    check: bool,
) -> None:
    """Rates by distortion, CPU milliseconds and wrong reads of the cascade, zxing-cpp, pyzbar and OpenCV."""
    from drivers.kit.sight.cascade import Cascade
    from sim.qrbench import cases, measure, readers, video

    cascade = Cascade()
    wrong: list[str] = []
    try:
        found: Iterable[Case] = measure.from_folder(folder) if folder else cases.cases(seed, per)
        total = len(measure.index_of(folder)) if folder else cases.count(per)
        compared = readers.readers(alone=alone)
        with _progress(total, "frames", as_json) as tell:

            def look_twice(number: int, case: Case) -> None:
                wrong.extend(measure.delivered_wrong(cascade, case, number))
                tell()

            rows = measure.run(compared, found, look_twice)
    except measure.BadFrames as error:
        raise click.UsageError(str(error)) from None
    films: list[Clip] = []
    if clips and not folder:
        with _progress(video.count(clips), "clips of ten frames", as_json) as tell:
            films = list(video.clips(seed, clips, cascade, tell))
    sums = [measure.figures(rows, reader) for reader in compared]
    bars = measure.acceptance(sums[0], len(wrong))
    if as_json:
        click.echo(json.dumps(_plain(str(folder or f"seed {seed}"), sums, bars, films)))
    else:
        _print(sums, bars, films)
    ctx.exit(1 if check and not all(bar.holds for bar in bars) else 0)


def _progress(total: int, words: str, quiet: bool) -> AbstractContextManager[Callable[[], None]]:
    """A bar on standard error while people watch; yields what is to be called after each piece."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        return nullcontext(lambda: None)

    @contextmanager
    def shown():  # type: ignore[no-untyped-def]
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(words, total=total)
            yield lambda: progress.advance(task)

    return shown()


def _shares(films: list[Clip], group: Callable[[Clip], str]) -> dict[str, float]:
    """Percent of clips delivered, by group."""
    names = dict.fromkeys(group(clip) for clip in films)
    of = {name: [clip.delivered for clip in films if group(clip) == name] for name in names}
    return {name: 100 * sum(each) / len(each) for name, each in of.items()}


def _plain(source: str, sums: list[Figures], bars: tuple[Bar, ...], films: list[Clip]) -> dict[str, object]:
    import cv2

    plain: dict[str, object] = {
        "bench": "qr",
        "frames_from": source,
        "machine": f"{platform.machine()} {platform.python_implementation()} {platform.python_version()}",
        "opencv": cv2.__version__,
        "readers": [asdict(each) for each in sums],
        "acceptance": [asdict(bar) for bar in bars],
    }
    if films:
        plain["video"] = {
            "clips": len(films),
            "delivered_percent": _shares(films, lambda _: "all")["all"],
            "by_circumstance": _shares(films, lambda clip: clip.circumstance),
            "by_symbology": _shares(films, lambda clip: clip.symbology),
            "frames_read_percent": 100 * sum(clip.frames for clip in films) / (10 * len(films)),
            "wrong_delivered": sum(clip.wrong for clip in films),
        }
    return plain


def _print(sums: list[Figures], bars: tuple[Bar, ...], films: list[Clip]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, title="read, % (QR / 1-D)")
    table.add_column("")
    for each in sums:
        table.add_column(each.reader, justify="right")
    for kind in sums[0].by_kind:
        table.add_row(kind, *(_pair(each.by_kind[kind]) for each in sums))
    table.add_section()
    table.add_row("all", *(_pair((each.qr, each.linear)) for each in sums))
    table.add_row("CPU ms median / p95", *(f"{each.ms_median:.1f} / {each.ms_p95:.1f}" for each in sums))
    table.add_row("CPU ms p95, no code", *(f"{each.absent_p95:.1f}" for each in sums))
    table.add_row("frames with a wrong read", *(str(each.wrong) for each in sums))
    console.print(table)
    if films:
        shares = _shares(films, lambda clip: clip.circumstance)
        by_code = _shares(films, lambda clip: clip.symbology)
        words = ", ".join(f"{name} {share:.0f}" for name, share in (*shares.items(), *by_code.items()))
        everything = _shares(films, lambda _: "all")["all"]
        console.print(f"ten frames of hand-held video: {everything:.1f} % of {len(films)} clips delivered ({words})")
    for bar in bars:
        console.print(f"{'holds' if bar.holds else 'FAILS'}  {bar.name}: {bar.measured:.1f} (asked {bar.asked})")


def _pair(rates: tuple[float | None, float | None]) -> str:
    qr, linear = ("-" if rate is None else f"{rate:.0f}" for rate in rates)
    return f"{qr} / {linear}"
