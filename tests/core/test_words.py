"""Words and the catalogue of faults: complete in both languages."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import core.faults
import core.words
from core.faults.catalogue import AREAS as FAULT_AREAS
from core.faults.catalogue import catalogue, entry
from core.screens import Plain, say
from core.words import LANGS, WORDS, fault, word

ROOT = Path(__file__).parents[2]


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_say_something_with_the_same_gaps(key: str) -> None:
    english, korean = WORDS[key]
    assert english.strip()
    assert korean.strip()
    assert _gaps(english) == _gaps(korean)
    assert "!" not in english + korean


def test_words_are_filled_in_the_language_asked_for() -> None:
    assert word(say("common.reference", reference="R7"), "en") == "Number for staff: R7"
    assert word(Plain("BTC"), "ko") == "BTC"
    with pytest.raises(KeyError):
        word(say("no.such.words"), "en")


def test_every_key_used_in_the_sources_exists() -> None:
    used = set()
    for folder in ("device", "ui", "drivers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "say"
                    and node.args
                ):
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        used.add(str(first.value))
    assert used <= WORDS.keys(), sorted(used - WORDS.keys())


def test_every_file_of_words_and_faults_is_in_its_catalogue() -> None:
    for package, areas in ((core.words, len(core.words.AREAS)), (core.faults, len(FAULT_AREAS))):
        files = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__", "catalogue"}
        assert len(files) == areas, f"{package.__name__}: {sorted(files)}"


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_fault_has_a_full_page(code: str) -> None:
    page = entry(code)
    assert page.code == code
    for text in (page.name, page.meaning, page.customer, page.customer_ko, page.technician):
        assert text.strip()
    assert page.name == page.name.lower().replace(" ", "_")
    assert word(fault(code), "en") == page.customer
    assert word(fault(code), "ko") == page.customer_ko


def test_no_two_faults_share_a_name() -> None:
    names = [page.name for page in catalogue().values()]
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)


def test_a_code_nobody_knows_promises_nothing() -> None:
    assert entry("TM-ZZZ-999").name == "unknown_code"
    assert len(LANGS) == 2
