"""Words of the sale screens, English and Korean."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {}
