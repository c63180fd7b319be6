"""python-escpos, imported without its traces.

Its import calls `logging.basicConfig`, parses a large YAML file in pure Python (a quarter of a second in which
nothing else moves) and leaves a folder in /tmp behind. A handler already in place makes the first a no-op; the
YAML is JSON, so we read it as that and hand it over as the pickle the library looks for; the folder is made inside
one of ours, which we remove.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import pickle
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

_PICKLE_DIR: Final = "ESCPOS_CAPABILITIES_PICKLE_DIR"


def dummy_printer() -> Any:
    """A python-escpos printer that collects bytes. Its first call imports the library."""
    if "escpos.printer" not in sys.modules:
        _import_cleanly()
    from escpos.printer import Dummy

    return Dummy()


def _import_cleanly() -> None:
    root, quiet = logging.getLogger(), logging.NullHandler()
    before, temp_before = os.environ.get(_PICKLE_DIR), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="tillmark-escpos-") as folder:
        _prepare(Path(folder))
        root.addHandler(quiet)
        os.environ[_PICKLE_DIR] = tempfile.tempdir = folder
        try:
            import escpos.printer  # noqa: F401 - imported for what it leaves in sys.modules
        finally:
            tempfile.tempdir = temp_before
            root.removeHandler(quiet)
            if before is None:
                del os.environ[_PICKLE_DIR]
            else:
                os.environ[_PICKLE_DIR] = before


def _prepare(folder: Path) -> None:
    # Found without importing the package: importing it is what we are preparing for.
    spec = importlib.util.find_spec("escpos")
    assert spec is not None, "python-escpos is part of the device's requirements"
    assert spec.origin is not None, "python-escpos is a regular package"
    text = (Path(spec.origin).parent / "capabilities.json").read_text(encoding="utf-8")
    with (folder / f"{platform.python_version()}.capabilities.pickle").open("wb") as out:
        pickle.dump(json.loads(text), out)
