"""What a linter does not know: lengths, leftovers, dead files, words, codes, and what no committed file may name."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise

import pytest

import tillmark_command
from core.faults.catalogue import catalogue
from tests.house.sources import ROOT, committed, imports, is_source, module_of, strings, texts, trees

MODULE_LINES_MAX = 400  # a file that passes this is two things
FUNCTION_LINES_MAX = 70  # what fits on one screen

# The words are put together here so that this file does not contain them.
MARKERS = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "Not" + "ImplementedError"]
SKIPPED = [
    "pytest." + "skip",
    "pytest.mark." + "skip",
    "pytest.mark." + "skipif",
    "x" + "fail(",
    "import" + "orskip",
    "unittest." + "mock",
]
REGISTRIES = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "deb." + "debian", "crates" + ".io"]
MACHINE = re.compile(r"(?<![\w.~/-])/(?:ro" + r"ot|ho" + r"me|wo" + r"rk|Use" + r"rs)/[\w.-]+|/tmp/ba" + "sh_jobs")
CODE = re.compile(r"\bTM-[A-Z]{2,6}-\d{3}\b")

# Words of the glossary's last line that can be told apart by a program; the rest needs a reader.
WORDS_NOT_USED = {"manager", "util", "utils", "helper", "helpers", "info", "payment", "payments"}
PAIRS_NOT_USED = {("handle", "data"), ("cash", "in"), ("cash", "out")}
AMERICAN = {"authorize", "authorized", "authorization", "canceled", "color"}


def nothing(wrong: list[str]) -> None:
    """Every finding on a line of its own, so that one run shows all there is to mend."""
    assert not wrong, "\n" + "\n".join(wrong)


def below(limit: int, lengths: dict[str, int]) -> list[str]:
    return [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > limit]


def test_a_source_file_is_one_thing() -> None:
    lengths = {name: text.count("\n") for name, text in texts() if name.endswith(".py") and is_source(name)}
    assert lengths
    nothing(below(MODULE_LINES_MAX, lengths))


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{name}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    nothing(below(FUNCTION_LINES_MAX, lengths))


def found(words: list[str], *, only_python: bool = False) -> list[str]:
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    return [
        f"{name}: {hit[0]}"
        for name, text in texts()
        if name != "LICENSE" and (name.endswith(".py") or not only_python)
        for hit in pattern.finditer(text)
    ]


def test_nothing_is_left_open() -> None:
    nothing(found(MARKERS))


@pytest.mark.whole
def test_no_test_is_skipped_and_no_class_of_ours_is_mocked() -> None:
    nothing(found(SKIPPED, only_python=True))


def test_no_file_names_a_package_registry() -> None:
    nothing([f"{name}: {host}" for name, text in texts() for host in REGISTRIES if host in text])


def test_no_file_names_a_path_of_one_machine() -> None:
    nothing([f"{name}: {hit[0]}" for name, text in texts() for hit in MACHINE.finditer(text)])


@pytest.mark.whole
def test_every_code_that_is_used_stands_in_the_catalogue() -> None:
    used = {
        (code, name)
        for name, tree in trees().items()
        if is_source(name)
        for text in strings(tree)
        for code in CODE.findall(text)
    }
    known = catalogue()
    nothing(sorted(f"{code} in {name}" for code, name in used if code not in known))


@pytest.mark.whole
def test_every_source_file_is_used() -> None:
    """A file is alive when a module or a test imports it, when it is a verb, or when its folder loads it by name."""
    alive = {wanted for tree in trees().values() for wanted in imports(tree)}
    alive |= {verb.module for verb in tillmark_command.registered().values()}
    for name, tree in trees().items():
        if name.endswith("/__init__.py") and is_source(name):
            alive |= {f"{module_of(name)}.{text}" for text in strings(tree)}
    alive |= {module_of(name) for name in trees() if name.startswith("sim/verbs/bench_")}
    alive |= {"tillmark_command"}
    files = [name for name in trees() if is_source(name)]
    files = [name for name in files if not name.endswith(("__init__.py", "__main__.py"))]
    nothing([name for name in files if module_of(name) not in alive])


def test_every_folder_of_sources_is_a_package() -> None:
    """The import contracts do not see a folder without `__init__.py`."""
    folders = {name.rpartition("/")[0] for name in trees() if is_source(name) and "/" in name}
    nothing(sorted(folder for folder in folders if f"{folder}/__init__.py" not in trees()))


def test_every_module_says_what_it_is() -> None:
    nothing([name for name, tree in trees().items() if is_source(name) and not ast.get_docstring(tree)])


def identifiers(tree: ast.Module) -> Iterator[str]:
    """The names a file gives: its classes, functions and their parameters."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.FunctionDef(name=name, args=arguments) | ast.AsyncFunctionDef(name=name, args=arguments):
                yield name
                yield from (one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def parts(identifier: str) -> list[str]:
    """``HandleData`` and ``handle_data`` → handle, data."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def unwanted(identifier: str) -> bool:
    if identifier == "info":
        return False  # the level of a log line, which has this name everywhere
    words = parts(identifier)
    return bool((WORDS_NOT_USED | AMERICAN) & set(words)) or bool(PAIRS_NOT_USED & set(pairwise(words)))


@pytest.mark.parametrize(
    ("identifier", "refused"),
    [
        ("SaleManager", True), ("handle_data", True), ("cash_in", True), ("payment_id", True), ("authorize", True),
        ("authorise", False), ("cash_interval", False), ("information_ms", False), ("HTTPInfo", True),
    ],
)  # fmt: skip
def test_the_glossary_check_knows_its_words(identifier: str, refused: bool) -> None:
    assert unwanted(identifier) is refused


def test_no_name_uses_a_word_the_glossary_refuses() -> None:
    names = [f"{file}: {name}" for file, tree in trees().items() if is_source(file) for name in identifiers(tree)]
    files = [name for name in trees() if is_source(name)]
    nothing([one for one in names if unwanted(one.rpartition(" ")[2])])
    nothing([name for name in files if any(unwanted(part) for part in module_of(name).split("."))])


@pytest.mark.whole
def test_every_command_the_documents_show_exists() -> None:
    verbs = {*tillmark_command.registered(), "test", "VERB"}
    shown = [
        (name, hit[1])
        for name in committed()
        if name.endswith(".md")
        for block in re.findall(r"```.*?```|`[^`\n]+`", (ROOT / name).read_text("utf-8"), re.DOTALL)
        for hit in re.finditer(r"(?:^|[\n`$ ])(?:\./)?tillmark +([a-z]+)", block)
    ]
    nothing([f"{name}: tillmark {verb}" for name, verb in shown if verb not in verbs])


def test_every_script_can_be_started_and_read_by_a_plain_shell() -> None:
    scripts = [name for name, text in texts() if text.startswith("#!/bin/sh")]
    assert "tillmark" in scripts
    for name in scripts:
        assert os.access(ROOT / name, os.X_OK), f"{name} is not executable"
        subprocess.run(["sh", "-n", ROOT / name], check=True)
    assert os.access(ROOT / ".ci/run", os.X_OK)
