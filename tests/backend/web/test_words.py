"""Every word a page asks for exists in both languages, with the same gaps."""

from __future__ import annotations

import re
from importlib.resources import files
from string import Formatter

from backend.web.words import WORDS

KEY = re.compile(r"\bt\('([a-z_.]+)'(?=[,)])")
STEMS = re.compile(r"\bt\('([a-z_.]+)' \+")


def templates() -> list[tuple[str, str]]:
    folder = files("backend.web").joinpath("templates")
    return [(one.name, one.read_text("utf-8")) for one in folder.iterdir()]


def gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_word_of_the_templates_exists() -> None:
    asked = {(name, key) for name, text in templates() for key in KEY.findall(text)}
    assert asked
    assert sorted(f"{name}: {key}" for name, key in asked if key not in WORDS) == []


def test_every_stem_that_is_completed_has_words() -> None:
    stems = {(name, stem) for name, text in templates() for stem in STEMS.findall(text)}
    assert [one for one in sorted(stems) if not any(key.startswith(one[1]) for key in WORDS)] == []


def test_both_languages_have_the_same_gaps() -> None:
    assert [key for key, (english, korean) in WORDS.items() if english and gaps(english) != gaps(korean)] == []


def test_korean_speaks_in_the_polite_form_without_marks_of_shouting() -> None:
    for key, both in WORDS.items():
        assert "!" not in "".join(both), key
        assert not re.search(r"(습니다|하십시오|입니까)", both[1]), key


def test_no_template_writes_script_or_style_into_the_page() -> None:
    for name, text in templates():
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), name
