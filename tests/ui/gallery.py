"""Every sample screen as PNG: ``python -m tests.ui.gallery OUT [--langs en,ko] [--sizes 800x480] [--themes light]``.

Files are named ``SIZE-THEME-LANG-screen.png``; with ``--sheet`` also one contact sheet for each size, theme, language.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path

from core.moment import Moment
from tests.ui.samples import PLACE, counter_picture, samples
from ui.face import TillFace, open_face
from ui.settings import Settings

SIZES = ("800x480", "1024x600", "1280x800", "1920x1080")
THEMES = ("light", "dark", "contrast")
MORNING = Moment.parse("2026-03-01T09:30:00Z")


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ms = 1_000

    def now(self) -> Moment:
        return MORNING.plus(self.ms - 1_000)

    def monotonic_ms(self) -> int:
        return self.ms


def face_of(size: str, theme: str, lang: str, clock: SetClock) -> TillFace:
    width, height = (int(part) for part in size.split("x"))
    return open_face(
        Settings(width, height, mode="headless", theme=theme, lang=lang, place=PLACE[lang], reduced_motion=True), clock
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("out", type=Path)
    asked.add_argument("--langs", default="en,ko")
    asked.add_argument("--sizes", default=",".join(SIZES))
    asked.add_argument("--themes", default=",".join(THEMES))
    asked.add_argument("--only", default="")
    asked.add_argument("--sheet", action="store_true")
    told = asked.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    photo = counter_picture()
    for size, theme, lang in product(told.sizes.split(","), told.themes.split(","), told.langs.split(",")):
        clock = SetClock()
        face = face_of(size, theme, lang, clock)
        drawn = []
        for screen in samples(lang):
            if told.only and screen.name not in told.only.split(","):
                continue
            face.show(screen, lang)
            face.preview(photo)
            face.frame()
            clock.ms += 40
            path = told.out / f"{size}-{theme}-{lang}-{screen.name}.png"
            face.save_png(path)
            drawn.append(path)
        face.close()
        if told.sheet:
            contact_sheet(drawn, told.out / f"sheet-{size}-{theme}-{lang}.png")


def contact_sheet(paths: list[Path], out: Path, columns: int = 3) -> None:
    from PIL import Image

    pictures = [Image.open(path) for path in paths]
    width, height = pictures[0].size
    gap = 12
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), (120, 120, 120))
    for index, drawn in enumerate(pictures):
        row, column = divmod(index, columns)
        sheet.paste(drawn, (gap + column * (width + gap), gap + row * (height + gap)))
        drawn.close()
    sheet.save(out)


if __name__ == "__main__":
    main()
