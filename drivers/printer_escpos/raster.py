"""Lines a printer has no letters for, drawn as dots: Hangul, the won sign, a QR code.

Only such lines are drawn, because dots are slow on a wire (0.6 ms for each KB at 115,200 baud is 90 ms a KB at 9,600).
Blank dot rows become feeds and the blank right end is not sent, which saves about a third.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.faults import printer as faults
from core.glyphs import BadFont, characters
from core.receipt_layout import Row

if TYPE_CHECKING:
    from PIL import Image, ImageFont

LETTER_DOTS: Final = 24  # height of the printer's font A
ROW_DOTS: Final = 30  # its line spacing, 1/6 inch
BASELINE_DOTS: Final = 21
INVERSE_DOTS: Final = 2  # lower, to stand in the middle of its black band
CHUNK_ROWS: Final = 255  # several printers garble a taller GS v 0
FEED_MAX: Final = 255
_INK: Final = 1
_THRESHOLD: Final = 120  # of 255; a little below the middle keeps thin strokes of Hangul whole
MODULE_DOTS_MAX: Final = 6
MODULE_DOTS_MIN: Final = 3  # 0.375 mm, the smallest a phone reads from thermal paper without trouble
QUIET_MODULES: Final = 4


class Undrawable(Exception):
    """A row that cannot be put on this paper. `code` is a catalogue code."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class _Face:
    path: str
    known: frozenset[int]


class Fonts:
    """The configured fonts that exist, in order. Files are read on first need and kept."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths
        self._faces: list[_Face] | None = None
        self._sized: dict[tuple[str, int], ImageFont.FreeTypeFont] = {}

    def _all(self) -> list[_Face]:
        if self._faces is None:
            self._faces = []
            for path in self._paths:
                try:
                    self._faces.append(_Face(path, characters(Path(path).read_bytes())))
                except (OSError, BadFont):
                    continue  # an absent font is named when a line needs it
        return self._faces

    def draws(self, char: str) -> bool:
        return any(ord(char) in face.known for face in self._all())

    def for_text(self, text: str, size: int) -> ImageFont.FreeTypeFont:
        """The first font with every character of `text`. Raises `Undrawable` (NO_GLYPH)."""
        from PIL import ImageFont

        wanted = {ord(char) for char in text if char != " "}
        for face in self._all():
            if wanted <= face.known:
                if (face.path, size) not in self._sized:
                    self._sized[face.path, size] = ImageFont.truetype(face.path, size)
                return self._sized[face.path, size]
        missing = " ".join(sorted(f"U+{ord(char):04X}" for char in set(text) if not (char == " " or self.draws(char))))
        raise Undrawable(
            faults.NO_GLYPH, f"no font of {list(self._paths)} has {missing or 'all characters of one line'}"
        )


def draw_row(row: Row, dots: int, fonts: Fonts) -> Image.Image:
    """A row as a 1-bit picture, `dots` wide, ink is 1."""
    from PIL import Image, ImageDraw

    font = fonts.for_text(row.left + row.right, LETTER_DOTS * row.tall)
    stretch = row.tall // row.wide  # drawn too wide, then pressed together
    canvas = Image.new("L", (dots * stretch, ROW_DOTS * row.tall), 0)
    pen = ImageDraw.Draw(canvas)
    base = (BASELINE_DOTS + (INVERSE_DOTS if row.inverse else 0)) * row.tall
    left = (canvas.width - font.getlength(row.left)) / 2 if row.center else 0
    pen.text((left, base), row.left, fill=255, font=font, anchor="ls")
    if row.right:
        pen.text((canvas.width, base), row.right, fill=255, font=font, anchor="rs")
    if stretch > 1:
        canvas = canvas.resize((dots, canvas.height), Image.Resampling.BOX)
    ink, blank = (0, _INK) if row.inverse else (_INK, 0)
    return canvas.point([ink if grey > _THRESHOLD else blank for grey in range(256)], "1")


def draw_qr(payload: str, dots: int) -> Image.Image:
    """A QR code of level M in the middle of `dots`. Raises `Undrawable` (NO_ROOM)."""
    import segno
    from PIL import Image

    matrix = segno.make(payload, micro=False, error="m", boost_error=False).matrix
    module = module_dots(len(matrix), dots)
    code = Image.new("1", (len(matrix), len(matrix)), 0)
    code.putdata([_INK if dark else 0 for line in matrix for dark in line])
    code = code.resize((len(matrix) * module, len(matrix) * module), Image.Resampling.NEAREST)
    canvas = Image.new("1", (dots, code.height + 2 * ROW_DOTS), 0)
    canvas.paste(code, ((dots - code.width) // 2, ROW_DOTS))
    return canvas


def module_dots(modules: int, dots: int) -> int:
    """Side of one module, as large as the paper allows up to `MODULE_DOTS_MAX`. Raises `Undrawable` (NO_ROOM)."""
    side = min(MODULE_DOTS_MAX, dots // (modules + 2 * QUIET_MODULES))
    if side < MODULE_DOTS_MIN:
        raise Undrawable(faults.NO_ROOM, f"a QR code of {modules} modules does not fit {dots} dots")
    return side


def qr_modules(payload: str) -> int:
    """Modules across of the code that `draw_qr` or the printer makes of this text."""
    import segno

    # The mask does not change the size, and choosing the best one is nearly all the work.
    return len(segno.make(payload, micro=False, error="m", boost_error=False, mask=0).matrix)


def feed(dots: int) -> bytes:
    """ESC J, as often as it takes."""
    return b"".join(b"\x1bJ" + bytes([min(FEED_MAX, dots - done)]) for done in range(0, dots, FEED_MAX))


def commands(picture: Image.Image) -> list[bytes]:
    """A 1-bit picture as commands: feeds for its blank head and foot, GS v 0 of at most 255 rows between."""
    box = picture.getbbox()
    if box is None:
        return [feed(picture.height)]
    _, top, right, bottom = box
    width_bytes = -(-right // 8)
    out = [feed(top)] if top else []
    for first in range(top, bottom, CHUNK_ROWS):
        last = min(first + CHUNK_ROWS, bottom)
        dots = picture.crop((0, first, width_bytes * 8, last)).tobytes()
        out.append(b"\x1dv0\x00" + width_bytes.to_bytes(2, "little") + (last - first).to_bytes(2, "little") + dots)
    if bottom < picture.height:
        out.append(feed(picture.height - bottom))
    return out
