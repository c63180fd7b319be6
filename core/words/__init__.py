"""The catalogue of words people read: English and Korean side by side, so that neither can be forgotten.

Each file of this folder holds the words of one area as ``WORDS: dict[key, (english, korean)]``; gaps are
written ``{name}``. `word` fills them. A key that does not exist is a programmer's error.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from core.faults.catalogue import entry
from core.screens import Plain, Say, Words
from core.words import camera, common, counter, faces, pairing, proof, receipt, refund, sale, service, withdraw

LANGS: Final = ("en", "ko")
AREAS: Final = (
    camera.WORDS,
    common.WORDS,
    counter.WORDS,
    faces.WORDS,
    pairing.WORDS,
    proof.WORDS,
    receipt.WORDS,
    refund.WORDS,
    sale.WORDS,
    service.WORDS,
    withdraw.WORDS,
)


def _catalogue() -> MappingProxyType[str, tuple[str, str]]:
    every: dict[str, tuple[str, str]] = {}
    for words in AREAS:
        twice = every.keys() & words.keys()
        assert not twice, f"words defined twice: {sorted(twice)}"
        every.update(words)
    return MappingProxyType(every)


WORDS: Final = _catalogue()


FAULT: Final = "fault:"


def fault(code: str) -> Say:
    """What a customer is told about a refusal or fault: the words of its catalogue page."""
    return Say(FAULT + code)


def word(words: Words, lang: str) -> str:
    """The text of `words` in `lang` ("en" or "ko")."""
    match words:
        case Plain(text):
            return text
        case Say(key, _) if key.startswith(FAULT):
            page = entry(key.removeprefix(FAULT))
            return page.customer_ko if lang == "ko" else page.customer
        case Say(key, params):
            return WORDS[key][LANGS.index(lang)].format(**dict(params))
