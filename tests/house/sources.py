"""What the house tests read: the committed files, and the Python sources as trees."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "device", "drivers", "ui", "sync", "sim", "backend")


@cache
def committed() -> tuple[str, ...]:
    """Every file git keeps, and those that would be committed next, as paths below the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return tuple(sorted(name for name in set(listed.stdout.splitlines()) if (ROOT / name).is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """Path and text of every committed file that is text."""
    for name in committed():
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw[:8192]:
            yield name, raw.decode("utf-8", "replace")


@cache
def trees() -> dict[str, ast.Module]:
    """Every committed Python file, parsed."""
    return {name: ast.parse((ROOT / name).read_bytes(), name) for name in committed() if name.endswith(".py")}


def is_source(name: str) -> bool:
    return name.partition("/")[0] in PACKAGES or name == "tillmark_command.py"


def module_of(name: str) -> str:
    """``sim/peers/__init__.py`` → ``sim.peers``."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(tree: ast.Module) -> Iterator[str]:
    """Every dotted name a file imports; ``from a import b`` gives both ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)


def strings(tree: ast.Module) -> Iterator[str]:
    """Every text constant of a file that is not a docstring."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value
