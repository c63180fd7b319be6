"""The files of the pages: styles, scripts, the picture. Read once, named by their content, so a browser keeps them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_PREFIX: Final = "/static/"


@dataclass(frozen=True, slots=True)
class File:
    """`mark` is the head of its SHA-256."""

    body: bytes
    media_type: str
    mark: str


@cache
def every() -> MappingProxyType[str, File]:
    """All files of `static/`, by name."""
    found = {}
    for one in files("backend.web").joinpath("static").iterdir():
        kind = one.name.rpartition(".")[2]
        if kind in TYPES:
            body = one.read_bytes()
            found[one.name] = File(body, TYPES[kind], hashlib.sha256(body).hexdigest()[:12])
    return MappingProxyType(found)


def address(name: str) -> str:
    """Where a page asks for a file: with the mark of its content, good forever."""
    return f"{_PREFIX}{name}?v={every()[name].mark}"
