"""The words of the pages, English and Korean side by side, in the form of `core.words`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal

from backend.web.words import approve, buy, code, common, giftcards, joining, machines, operator, public, shop, wallet

Lang = Literal["en", "ko"]
AREAS: Final = (
    common.WORDS,
    joining.WORDS,
    code.WORDS,
    wallet.WORDS,
    buy.WORDS,
    approve.WORDS,
    shop.WORDS,
    operator.WORDS,
    machines.WORDS,
    giftcards.WORDS,
    public.WORDS,
)


def _catalogue() -> MappingProxyType[str, tuple[str, str]]:
    every: dict[str, tuple[str, str]] = {}
    for words in AREAS:
        twice = every.keys() & words.keys()
        assert not twice, f"words defined twice: {sorted(twice)}"
        every.update(words)
    return MappingProxyType(every)


WORDS: Final = _catalogue()


def word(key: str, lang: Lang, **gaps: object) -> str:
    """The text of a key. A key that does not exist is a programmer's error."""
    return WORDS[key][1 if lang == "ko" else 0].format(**gaps)
