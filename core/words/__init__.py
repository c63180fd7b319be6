"""The catalogue of words people read: English and Korean side by side, so that neither can be forgotten.

Each file of this folder holds the words of one area as ``WORDS: dict[key, (english, korean)]``; gaps are
written ``{name}``. `word` fills them. A key that does not exist is a programmer's error.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Final

from core.screens import Plain, Say, Words

LANGS: Final = ("en", "ko")
AREAS: Final = ("common", "sale", "refund", "receipt", "faces")


def _catalogue() -> MappingProxyType[str, tuple[str, str]]:
    every: dict[str, tuple[str, str]] = {}
    for area in AREAS:
        words: dict[str, tuple[str, str]] = import_module(f"core.words.{area}").WORDS
        twice = every.keys() & words.keys()
        assert not twice, f"words defined twice: {sorted(twice)}"
        every.update(words)
    return MappingProxyType(every)


WORDS: Final = _catalogue()


def word(words: Words, lang: str) -> str:
    """The text of `words` in `lang` ("en" or "ko")."""
    match words:
        case Plain(text):
            return text
        case Say(key, params):
            return WORDS[key][LANGS.index(lang)].format(**dict(params))
