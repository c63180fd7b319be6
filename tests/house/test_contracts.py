"""The arrows between the folders: they hold as the code stands, and each contract can fail.

One graph of the real sources is read once. For each contract a wrong import is planted in a copy of that graph, and
exactly that contract must break: a contract that cannot break protects nothing.
"""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import api
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

from tests.house.contract_types import BlindTo, SeesOnly

ROOT = Path(__file__).parents[2]
TYPES = {
    "layers": LayersContract,
    "independence": IndependenceContract,
    "acyclic_siblings": AcyclicSiblingsContract,
    "blind_to": BlindTo,
    "sees_only": SeesOnly,
}
CONFIG = api.read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS = {options["id"]: options for options in CONFIG["contracts_options"]}

# contract, then the imports that break it and it alone: "importer -> imported", several joined by ";"
WRONG = [
    ("layers", "ui.planted -> drivers.planted"),
    ("layers", "drivers.planted -> device.planted"),
    ("backend", "backend.settle.planted -> serial"),
    ("backend", "backend.settle.planted -> sync.planted"),
    ("device", "device.planted -> backend.planted"),
    ("core", "core.planted -> requests"),
    ("core", "core.planted -> time"),
    ("core", "core.planted -> socket"),
    ("flows", "device.flows.planted -> random"),
    ("flows", "device.flows.planted -> drivers.planted"),
    ("rules", "backend.settle.rules -> time"),
    ("rules", "backend.settle.rules -> backend.settle.planted; backend.settle.planted -> sqlite3"),
    ("peers", "sim.peers.planted -> drivers.planted"),
    ("peers", "sim.peers.planted -> sim.planted"),
    ("drivers", "drivers.planted_a -> drivers.planted_b"),
    ("vault", "device.vault.planted -> sync.planted"),
    ("vault", "device.vault.planted -> device.planted; device.planted -> requests"),
    ("agency", "backend.agency.planted -> backend.settle.planted"),
    ("mall", "backend.mall.planted -> backend.members.planted"),
    ("exchange", "backend.terminals.planted -> backend.agency.planted"),
    ("exchange", "backend.giftcards.planted -> backend.mall.planted"),
    ("agency", "backend.agency.planted -> backend.giftcards.planted"),
    ("base", "backend.ledger.planted -> backend.planted"),
    ("circles", "core.planted_a -> core.planted_b; core.planted_b -> core.planted_a"),
]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    roots = CONFIG["session_options"]["root_packages"]
    return grimp.build_graph(*roots, include_external_packages=True, cache_dir=None)


def broken(graph: grimp.ImportGraph) -> list[str]:
    """The ids of the contracts this graph breaks."""
    found = []
    for name, options in CONTRACTS.items():
        own: dict[str, Any] = {key: value for key, value in options.items() if key not in ("id", "name", "type")}
        contract = TYPES[options["type"]](options["name"], CONFIG["session_options"], own)
        if not contract.check(copy.deepcopy(graph), verbose=False).kept:
            found.append(name)
    return found


def plant(graph: grimp.ImportGraph, imports: str) -> grimp.ImportGraph:
    """A copy of `graph` with these imports, and the modules they need."""
    planted = copy.deepcopy(graph)
    for one in imports.split(";"):
        importer, imported = (side.strip() for side in one.split("->"))
        for module in (importer, imported):
            ours = module.partition(".")[0] in CONFIG["session_options"]["root_packages"]
            parts = module.split(".")
            for length in range(1, len(parts) + 1):
                name = ".".join(parts[:length])
                if name not in planted.modules:
                    planted.add_module(name, is_squashed=not ours)
        planted.add_import(importer=importer, imported=imported, line_number=1, line_contents=one)
    return planted


def test_every_arrow_points_down(graph: grimp.ImportGraph) -> None:
    assert broken(graph) == []


@pytest.mark.parametrize(("contract", "imports"), WRONG)
def test_a_wrong_import_breaks_its_contract_and_no_other(graph: grimp.ImportGraph, contract: str, imports: str) -> None:
    assert broken(plant(graph, imports)) == [contract]


def test_each_contract_is_shown_to_fail() -> None:
    assert {contract for contract, _ in WRONG} == set(CONTRACTS)


def test_the_command_itself_refuses_a_wrong_import(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "tests/__init__.py", "tests/house/__init__.py", "tests/house/contract_types.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for package in CONFIG["session_options"]["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "core" / "planted.py").write_text("import time\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ran = subprocess.run(
        command, check=False, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"COLUMNS": "200"}
    )
    assert ran.returncode == 1
    assert "core.planted may not import time (line 1)" in ran.stdout
    assert "13 kept, 1 broken" in ran.stdout
