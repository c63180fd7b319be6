"""The locked requirements: complete, hashed, the same versions everywhere, and nothing a runner does not need."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib import metadata

import pytest

from tests.house.sources import PACKAGES, ROOT, imports, trees

LOCKS = ("device", "backend", "run", "dev", "venues")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

# Which extras each room may import from, besides what every installation has.
ROOMS = {
    "core": [],
    "device": ["device", "zbar"],
    "drivers": ["device", "zbar"],
    "ui": ["device", "zbar"],
    "sync": ["device"],
    "backend": ["backend", "venues"],
    "sim": ["device", "zbar", "backend", "venues", "sim"],
}


def plain(requirement: str) -> str:
    """``psycopg[binary]>=3.3`` → ``psycopg``, in the one spelling the index uses."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@cache
def locked(lock: str) -> dict[str, tuple[str, int]]:
    """Name → version and count of hashes."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found = {}
    for line in lines:
        match = re.match(r"([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;]+)", line)
        assert match, f"{lock}.txt holds a line that is not name==version: {line[:60]}"
        found[plain(match[1])] = (match[2], line.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_carries_its_hashes(lock: str) -> None:
    assert [name for name, (_, hashes) in locked(lock).items() if hashes == 0] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    assert re.findall(r"https?://\S+|--index-url|--find-links", text) == []


@pytest.mark.parametrize("lock", ["device", "backend", "run"])
def test_the_tests_run_on_the_versions_people_run(lock: str) -> None:
    assert {name: version for name, version in locked(lock).items() if locked("dev").get(name) != version} == {}


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("device", ["device", "zbar"]),
        ("backend", ["backend"]),
        ("run", ["device", "zbar", "backend", "sim"]),
        ("dev", ["device", "zbar", "backend", "sim", "dev"]),
        ("venues", ["venues"]),
    ],
)
def test_a_lock_holds_what_its_extras_ask_for(lock: str, extras: list[str]) -> None:
    wanted = {plain(one) for extra in extras for one in EXTRAS[extra]} | {plain(one) for one in PROJECT["dependencies"]}
    assert sorted(wanted - locked(lock).keys()) == []


def test_the_price_venues_library_comes_beside_the_servers_and_changes_no_version_of_theirs() -> None:
    beside = locked("venues")
    assert {name: beside[name][0] for name in beside.keys() & locked("dev").keys()} == {
        name: locked("dev")[name][0] for name in beside.keys() & locked("dev").keys()
    }


def test_people_who_only_run_it_get_no_development_tools() -> None:
    brought = {"httpx", "python-barcode"}  # the servers' framework and the printer's library need them themselves
    tools = {plain(one) for one in EXTRAS["dev"]} - brought
    assert sorted(tools & locked("run").keys()) == []


def test_every_library_that_is_imported_is_declared() -> None:
    owners = metadata.packages_distributions()
    base = {plain(one) for one in PROJECT["dependencies"]}
    undeclared = set()
    for name, tree in trees().items():
        room = name.partition("/")[0]
        if room not in ROOMS:
            continue
        allowed = base | {plain(one) for extra in ROOMS[room] for one in EXTRAS[extra]} if room != "core" else set()
        # Packages that come with a declared one by contract, not by accident.
        allowed |= {"numpy"} if "opencv-python-headless" in allowed else set()
        allowed |= {"ndeflib"} if "nfcpy" in allowed else set()
        for wanted in {one.partition(".")[0] for one in imports(tree)}:
            if wanted in PACKAGES or wanted in sys.stdlib_module_names:
                continue
            if not allowed & {plain(one) for one in owners.get(wanted, [wanted])}:
                undeclared.add(f"{name} imports {wanted}")
    assert not undeclared, "\n" + "\n".join(sorted(undeclared))
