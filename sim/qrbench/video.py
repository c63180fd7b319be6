"""Ten frames of hand-held video: does the person have to try again?

A still frame tells how good a decoder is; a person holds a phone up for half a second. A clip is ten frames, 15 a
second, of one scene with a moving hand, in one of several circumstances; it counts as read when the gate delivers its
code, so a barcode needs two frames that agree.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from core.code import HANDLES, TIME_CODES, compose
from core.effects import Wanted
from drivers.kit.sight.cascade import Cascade
from drivers.kit.sight.gate import Gate, Limits
from sim.peers.camera_scene import Look, Scene
from sim.peers.camera_symbols import ean13_check
from sim.peers.camera_things import thing

FRAMES = 10
FRAME_MS = 66

# From and to of each circumstance: the strength of a clip lies between. All have an ordinary hand at least.
CIRCUMSTANCES: Final[Mapping[str, tuple[Look, Look]]] = MappingProxyType(
    {
        "ordinary": (Look(), Look(shake=1.6, fill=0.6, tilt_deg=18)),
        "unsteady": (Look(shake=2.5, exposure_ms=14), Look(shake=5.0, exposure_ms=30)),
        "glare": (Look(glare=0.4), Look(glare=1.0, shake=1.5)),
        "defocus": (Look(blur_px=1.2), Look(blur_px=4.0)),
        "dim": (Look(light=0.35, noise=8), Look(light=0.12, noise=12)),
        "far": (Look(fill=0.22), Look(fill=0.12)),
        "askew": (Look(tilt_deg=25, turn_deg=60), Look(tilt_deg=50, turn_deg=300)),
        "noise": (Look(noise=15), Look(noise=45)),
    }
)
CODES: Final = ("qr", "code128", "ean13")
FILL_MAX = 1.0  # of the frame's height; a barcode is held so that it does not leave the frame at its sides
# `fill` is of the longer side. A barcode is as long as it is, whatever its height: people bring it nearer than a QR
# code, to about half of the frame's width.
NEAR: Final = MappingProxyType({"qr": 1.0, "code128": 2.0, "ean13": 1.6})


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: which code, in what circumstance; `delivered` the gate let its code through, `frames` that read it."""

    circumstance: str
    symbology: str
    delivered: bool
    frames: int
    wrong: int


def clips(
    seed: int,
    per: int,
    cascade: Cascade,
    tell: Callable[[], None],
    circumstances: Iterable[str] = tuple(CIRCUMSTANCES),
) -> Iterator[Clip]:
    """`per` clips of each circumstance and symbology."""
    for name in circumstances:
        easy, hard = CIRCUMSTANCES[name]
        for symbology in CODES:
            for number in range(per):
                rng = np.random.default_rng(zlib.crc32(f"clip|{seed}|{name}|{symbology}|{number}".encode()))
                yield _clip(rng, name, _between(rng, easy, hard), symbology, cascade)
                tell()


def count(per: int) -> int:
    return len(CIRCUMSTANCES) * len(CODES) * per


def _between(rng: np.random.Generator, easy: Look, hard: Look) -> Look:
    share = float(rng.uniform(0, 1))
    names = Look.__dataclass_fields__
    return Look(**{name: getattr(easy, name) * (1 - share) + getattr(hard, name) * share for name in names})


def _clip(rng: np.random.Generator, name: str, look: Look, symbology: str, cascade: Cascade) -> Clip:
    if symbology == "ean13":
        twelve = "".join(map(str, rng.integers(0, 10, 12)))
        kind, text = "product", twelve + ean13_check(twelve)
    else:
        kind = "phone"
        text = compose(int(rng.integers(0, HANDLES)), int(rng.integers(0, TIME_CODES))).digits
    held = thing(kind, symbology, text, dark_mode=symbology == "qr" and bool(rng.integers(0, 4) == 0))
    width, height = ((1280, 720), (640, 480))[int(rng.integers(0, 2))]
    fill, blur_px = min(FILL_MAX, look.fill * NEAR[symbology]), look.blur_px * height / 720
    look = replace(look, fill=fill, blur_px=blur_px)
    scene = Scene(int(rng.integers(0, 2**31)), width, height)
    gate = Gate(Limits())
    gate.arm(Wanted)
    start_s = float(rng.uniform(0, 20))
    delivered, read, wrong = False, 0, 0
    for number in range(FRAMES):
        reads = cascade.look(scene.frame(start_s + number * FRAME_MS / 1000, held, look)).reads
        read += any(each.text == text for each in reads)
        for each in gate.look(reads, number * FRAME_MS):
            delivered |= each.text == text
            wrong += each.text != text
    return Clip(name, symbology, delivered, read, wrong)
