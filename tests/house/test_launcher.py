"""The launcher on machines that lack something: it names what, asks nobody, and leaves nothing half-made behind.

Each test runs the real `./tillmark` in a scratch checkout, with a PATH of its own and a `/usr` of its own, so that
nothing is installed on the machine the tests run on. The one locked package is a wheel made here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
TOOLS = "sh readlink id cmp grep tail rm ls mkdir mv cp sleep flock mktemp env cat true"
SYSTEM = {
    "libzbar0": "lib/any-linux-gnu/libzbar.so.0",
    "mosquitto": "sbin/mosquitto",
    "fonts-nanum": "share/fonts/truetype/nanum/NanumGothic.ttf",
}


@dataclass(frozen=True, slots=True)
class Scratch:
    """A checkout of its own on a machine of its own: `bin` is its whole PATH, `usr` its /usr."""

    top: Path

    @property
    def bin(self) -> Path:
        return self.top / "bin"

    @property
    def usr(self) -> Path:
        return self.top / "usr"

    @property
    def venv(self) -> Path:
        return self.top / "till" / ".venv"

    def program(self, name: str, script: str) -> None:
        """Put a program on the PATH in place of the machine's own."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self, *packages: str) -> None:
        for package in packages:
            path = self.usr / SYSTEM[package]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def start(self, *args: str, **environment: str) -> subprocess.Popen[str]:
        clean = {"PATH": str(self.bin), "HOME": str(self.top), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.top)}
        return subprocess.Popen(
            [self.top / "till" / "tillmark", *args],
            cwd=self.top,
            env=clean | {"PIP_CONFIG_FILE": os.devnull} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *args: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        with self.start(*args, **environment) as child:
            out, err = child.communicate(timeout=50)
        return child.returncode, out, err


Prepared = tuple[Scratch, list[tuple[int, str, str]]]  # the machine, and what each of two starts said


def scratch(top: Path) -> Scratch:
    """A root user's machine with Python and apt, and none of the Debian packages."""
    made = Scratch(top)
    made.bin.mkdir(parents=True)
    made.usr.mkdir()
    for tool in TOOLS.split():
        found = shutil.which(tool)
        assert found, f"{tool} is on every Debian machine"
        (made.bin / tool).symlink_to(found)
    made.program("python3", f'exec {PYTHON} "$@"')
    made.program("id", "echo 0")
    made.program("apt-get", f'echo "$@" >>{top}/apt.log')
    till = top / "till"
    (till / "requirements").mkdir(parents=True)
    launcher = (ROOT / "tillmark").read_text("utf-8")
    assert "\nusr=/usr\n" in launcher
    (till / "tillmark").write_text(launcher.replace("\nusr=/usr\n", f"\nusr={made.usr}\n"))
    (till / "tillmark").chmod(0o755)
    (till / "tillmark_command.py").write_text("import sys\nimport tiny\nprint('verb', *sys.argv[1:])\n")
    digest = tiny_wheel(top)
    (till / "requirements" / "run.txt").write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    return made


def tiny_wheel(folder: Path) -> str:
    """A package of one empty module; returns the SHA-256 of its file."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    info = {
        "tiny.py": "",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny-1.0.dist-info/RECORD": "tiny.py,,\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in info.items():
            wheel.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def machine(tmp_path: Path) -> Scratch:
    return scratch(tmp_path / "m")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two starts at the same moment on a machine with half an environment; the machine and what both said."""
    made = scratch(tmp_path_factory.mktemp("prepared") / "m")
    made.install(*SYSTEM)
    (made.venv / "bin").mkdir(parents=True)
    (made.venv / "pyvenv.cfg").write_text("home = /nowhere\n")
    (made.venv / "bin" / "python").symlink_to("/nowhere/python3")
    both = [made.start("demo", "--lang", "ko"), made.start("demo", "--lang", "en")]
    said = []
    for child in both:
        with child:
            out, err = child.communicate(timeout=50)
        said.append((child.returncode, out, err))
    return made, said


def test_without_root_or_sudo_it_prints_one_apt_line_and_stops(machine: Scratch) -> None:
    machine.program("id", "echo 1000")
    code, out, err = machine.run("demo")
    assert (code, out) == (3, "")
    lines = [line for line in err.splitlines() if line.startswith("apt-get")]
    wanted = "libzbar0 mosquitto fonts-nanum"
    assert lines == [f"apt-get update && apt-get install -y --no-install-recommends {wanted}"]
    assert not machine.venv.exists()
    assert not (machine.top / "apt.log").exists()


def test_a_sudo_that_would_ask_is_not_used_but_named(machine: Scratch) -> None:
    machine.program("id", "echo 1000")
    machine.program("sudo", "exit 1")
    code, _, err = machine.run("scan", "code.png")
    assert code == 3
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends libzbar0\n" in err


def test_a_sudo_that_asks_nothing_installs(machine: Scratch) -> None:
    machine.program("id", "echo 1000")
    machine.program("sudo", f'[ "$1" != -n ] || shift; echo "sudo $@" >>{machine.top}/sudo.log; exec "$@"')
    machine.program("python3", "exit 1")
    machine.run("scan", "code.png")
    assert "apt-get -qq update" in (machine.top / "sudo.log").read_text()
    assert "install -y --no-install-recommends" in (machine.top / "apt.log").read_text()


def test_an_apt_that_fails_is_told_and_stops(machine: Scratch) -> None:
    machine.program("apt-get", "echo 'E: no route to the mirror' >&2; exit 100")
    code, out, err = machine.run("demo")
    assert (code, out) == (3, "")
    assert "E: no route to the mirror" in err
    assert "apt-get could not install: libzbar0 mosquitto fonts-nanum" in err


def test_a_verb_that_needs_no_debian_package_asks_for_none(machine: Scratch) -> None:
    machine.program("id", "echo 1000")
    machine.program("python3", f'case "$*" in *ensurepip*) exit 1;; esac; exec {PYTHON} "$@"')
    code, _, err = machine.run("wire", "decode")
    assert code == 3
    assert "this machine lacks: python3-venv\n" in err.replace(" \n", "\n")
    assert not machine.venv.exists()


@pytest.mark.parametrize(
    ("version", "said"), [("3.9.2", "python3 is 3.9.2;"), ("3.11.2 (32 bit)", "python3 is 3.11.2 (32 bit);")]
)
def test_a_python_too_old_or_32_bit_is_refused_by_name(machine: Scratch, version: str, said: str) -> None:
    machine.program("python3", f"echo '{version}'; exit 1")
    code, out, err = machine.run("wire", "decode")
    assert (code, out) == (3, "")
    assert "Python 3.11 or newer, 64 bit, is needed: " + said in err


def test_a_folder_that_is_no_environment_is_never_removed(machine: Scratch) -> None:
    photos = machine.top / "photos"
    photos.mkdir()
    (photos / "one.jpg").write_text("dear")
    code, _, err = machine.run("wire", "decode", TILLMARK_VENV="photos")
    assert code == 3
    assert f"{photos} is not a Python environment and not empty" in err
    assert (photos / "one.jpg").read_text() == "dear"


def test_two_starts_at_once_make_one_environment_and_both_run(
    prepared: Prepared,
) -> None:
    _, said = prepared
    assert [(code, out) for code, out, _ in said] == [(0, "verb demo --lang ko\n"), (0, "verb demo --lang en\n")]
    assert sum(err.count("making a Python environment") for _, _, err in said) == 1
    assert sum("waiting for it" in err for _, _, err in said) == 1


def test_a_half_made_environment_is_made_again(prepared: Prepared) -> None:
    made, _ = prepared
    assert "nowhere" not in (made.venv / "pyvenv.cfg").read_text()


def test_the_second_start_does_nothing_but_start(prepared: Prepared) -> None:
    made, _ = prepared
    made.program("python3", "exit 1")  # nothing may look for a Python now
    stamp = (made.venv / "tillmark-run.txt").stat().st_mtime_ns
    began = monotonic()
    assert made.run("demo", "a b") == (0, "verb demo a b\n", "")
    assert monotonic() - began < 15.0, "a start of a prepared checkout takes under 0.1 s; 15 s is a very busy machine"
    assert (made.venv / "tillmark-run.txt").stat().st_mtime_ns == stamp


def test_it_starts_through_a_link_and_from_another_folder(prepared: Prepared, tmp_path: Path) -> None:
    made, _ = prepared
    link = tmp_path / "tillmark"
    link.symlink_to(made.top / "till" / "tillmark")
    ran = subprocess.run([link, "demo"], cwd=tmp_path, check=True, capture_output=True, env={"PATH": str(made.bin)})
    assert ran.stdout == b"verb demo\n"


def test_packages_that_do_not_match_their_hash_are_refused_and_tried_again(
    prepared: Prepared,
) -> None:
    made, _ = prepared
    locked = made.top / "till" / "requirements" / "run.txt"
    good = locked.read_text()
    locked.write_text(f"tiny==1.0 \\\n    --hash=sha256:{'0' * 64}\nother==2.0 --hash=sha256:{'0' * 64}\n")
    made.program("python3", f'exec {PYTHON} "$@"')
    code, out, err = made.run("demo")
    assert (code, out) == (3, "")
    assert "could not be installed; the whole story is in" in err
    locked.write_text(good)
    assert made.run("demo")[:2] == (0, "verb demo\n")


def test_the_long_tier_alone_installs_the_price_venues_library_and_leaves_the_rest_as_it_is(prepared: Prepared) -> None:
    made, _ = prepared
    requirements = made.top / "till" / "requirements"
    for tier in ("dev", "venues"):
        (requirements / f"{tier}.txt").write_text((requirements / "run.txt").read_text())
    made.program("python3", f'exec {PYTHON} "$@"')
    made.run("test")  # red: this machine has no tools to check with
    assert not (made.venv / "tillmark-venues.txt").exists()
    stamp = (made.venv / "tillmark-dev.txt").stat().st_mtime_ns
    made.run("test", "--full")
    assert (made.venv / "tillmark-venues.txt").exists()
    assert (made.venv / "tillmark-dev.txt").stat().st_mtime_ns == stamp
