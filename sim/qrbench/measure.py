"""Run readers over cases and sum up: rates by distortion, CPU milliseconds, wrong reads raw and delivered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time_ns
from typing import Any, Final

from core.effects import Wanted
from drivers.kit.sight.cascade import Cascade
from drivers.kit.sight.gate import Gate, Limits
from sim.peers.camera_things import Grey
from sim.qrbench.cases import Case, noisier
from sim.qrbench.readers import OURS, Reader

BARCODES: Final = frozenset({"ean13", "code128"})
FRAME_MS = 33  # between the two frames of one scene
WARM_UP = 3  # first looks pay for tables and pages that later ones find ready

QR_MIN, LINEAR_MIN = 84.0, 67.0
MEDIAN_MAX_MS, P95_MAX_MS = 3.0, 26.0
WRONG_MAX = 2


class BadFrames(Exception):
    """A folder without an index of frames that we know how to read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One reader at one case. `ms` CPU of the whole program, so that a library's own threads count too."""

    reader: str
    symbology: str
    kind: str
    hit: bool
    wrong: bool
    ms: float


def from_folder(folder: Path) -> Iterator[Case]:
    """Cases of any generator that writes ``index.json``: items with `file`, `sym`, `kind` and `text`.

    Raises `BadFrames`.
    """
    import cv2
    import numpy as np

    for item in index_of(folder):
        picture = cv2.imread(str(folder / item["file"]), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise BadFrames(f"{item['file']} is not a picture")
        size = (picture.shape[1], picture.shape[0])
        yield Case(picture.astype(np.uint8), item["text"], item["sym"].lower(), item["kind"], size)


def index_of(folder: Path) -> list[dict[str, Any]]:
    """The items of the folder's index. Raises `BadFrames`."""
    try:
        items = json.loads((folder / "index.json").read_bytes())["items"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadFrames(f"{folder} has no readable index.json: {type(error).__name__}") from None
    fields = {"file": str, "sym": str, "kind": str}
    for item in items:
        if not all(isinstance(item.get(name), kind) for name, kind in fields.items()) or "text" not in item:
            raise BadFrames("an item of index.json lacks file, sym, kind or text")
    return list(items)


def run(readers: Iterable[Reader], cases: Iterable[Case], after: Callable[[int, Case], None]) -> list[Row]:
    """Every reader at every case; `after` is called with each case and its number, so that none needs to be kept."""
    rows: list[Row] = []
    readers = tuple(readers)
    for number, case in enumerate(cases):
        for reader in readers:
            if number == 0:
                for _ in range(WARM_UP):
                    reader.read(case.frame)
            began = process_time_ns()
            texts = reader.read(case.frame)
            ms = (process_time_ns() - began) / 1e6
            wrong = any(text != case.text for text in texts)
            rows.append(Row(reader.name, case.symbology, case.kind, case.text in texts, wrong, ms))
        after(number, case)
    return rows


def delivered_wrong(cascade: Cascade, case: Case, seed: int) -> tuple[str, ...]:
    """What the gate delivers, and is not in the scene, when the scene comes as two frames with fresh noise."""
    gate = Gate(Limits())
    gate.arm(Wanted)
    wrong: list[str] = []
    for turn in range(2):
        frame: Grey = noisier(case.frame, seed * 2 + turn)
        reads = gate.look(cascade.look(frame).reads, turn * FRAME_MS)
        wrong += [read.text for read in reads if read.text != case.text]
    return tuple(wrong)


@dataclass(frozen=True, slots=True)
class Figures:
    """One reader's sums. Rates in percent, None where it cannot read such codes; `by_kind` QR rate, 1-D rate."""

    reader: str
    frames: int
    qr: float | None
    linear: float | None
    ms_median: float
    ms_p95: float
    absent_p95: float
    wrong: int
    by_kind: dict[str, tuple[float | None, float | None]]


def figures(rows: Iterable[Row], reader: Reader) -> Figures:
    mine = [row for row in rows if row.reader == reader.name]
    kinds = list(dict.fromkeys(row.kind for row in mine if row.symbology != "none"))
    reads_bars = bool(BARCODES & reader.symbologies)

    def rates(part: list[Row]) -> tuple[float | None, float | None]:
        linear = _rate([row for row in part if row.symbology in BARCODES]) if reads_bars else None
        return _rate([row for row in part if row.symbology == "qr"]), linear

    qr, linear = rates(mine)
    return Figures(
        reader.name,
        len(mine),
        qr,
        linear,
        percentile([row.ms for row in mine], 50),
        percentile([row.ms for row in mine], 95),
        percentile([row.ms for row in mine if row.symbology == "none"], 95),
        sum(row.wrong for row in mine),
        {kind: rates([row for row in mine if row.kind == kind]) for kind in kinds},
    )


def _rate(rows: list[Row]) -> float | None:
    return 100 * sum(row.hit for row in rows) / len(rows) if rows else None


def percentile(values: list[float], share: float) -> float:
    """Nearest rank; 0 for no values."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 100) - 1)] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the acceptance: what is asked, what was measured."""

    name: str
    asked: str
    measured: float
    holds: bool


def acceptance(ours: Figures, wrong_delivered: int) -> tuple[Bar, ...]:
    """What the cascade must reach on the frames it was given."""
    assert ours.reader == OURS, "only the cascade is accepted or not"
    qr, linear = ours.qr or 0.0, ours.linear or 0.0
    return (
        Bar("QR codes read, %", f">= {QR_MIN:g}", qr, qr >= QR_MIN),
        Bar("barcodes read, %", f">= {LINEAR_MIN:g}", linear, linear >= LINEAR_MIN),
        Bar("CPU ms, median of all frames", f"<= {MEDIAN_MAX_MS:g}", ours.ms_median, ours.ms_median <= MEDIAN_MAX_MS),
        Bar("CPU ms, p95 of all frames", f"<= {P95_MAX_MS:g}", ours.ms_p95, ours.ms_p95 <= P95_MAX_MS),
        Bar("frames with a wrong read", f"<= {WRONG_MAX}", ours.wrong, ours.wrong <= WRONG_MAX),
        Bar("wrong reads delivered", "0", wrong_delivered, wrong_delivered == 0),
    )
