"""The command `tillmark`: it finds its verbs, says which are absent and starts the one that is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tillmark_command
from tillmark_command import Verb

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def tillmark(*args: str) -> Result:
    return CliRunner().invoke(tillmark_command.main, args, prog_name="tillmark")


def test_help_lists_every_verb_and_an_example() -> None:
    ran = tillmark("--help")
    assert ran.exit_code == 0
    for verb in PROJECT["entry-points"]["tillmark.verbs"]:
        assert f"\n  {verb} " in ran.output
    assert "Example:" in ran.output


def test_the_version_is_the_one_of_the_project() -> None:
    ran = tillmark("--version")
    assert ran.exit_code == 0
    assert ran.output.startswith(f"tillmark {PROJECT['version']} on Python 3.")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("dmeo", "Did you mean 'demo'?"),
        ("recipt", "Did you mean 'receipt'?"),
        ("zzzz", "The verbs are: run, doctor"),
        ("test", "./tillmark test"),
    ],
)
def test_an_unknown_verb_is_refused_with_a_way_on(typed: str, said: str) -> None:
    ran = tillmark(typed)
    assert ran.exit_code == 2
    assert said in ran.output


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nosuchroom.verbs.run:command", "needs the package 'nosuchroom', which is not installed here"),
        ("core.nosuchverb:command", "is not part of this version (core.nosuchverb is absent)"),
        ("core.nosuchfolder.run:command", "is not part of this version (core.nosuchfolder is absent)"),
    ],
)
def test_a_verb_whose_package_is_absent_is_refused_by_name(
    target: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tillmark_command, "registered", lambda: {"walk": Verb("walk", target)})
    ran = tillmark("walk", "--anything")
    assert ran.exit_code == 2
    assert said in ran.output
    assert "Traceback" not in ran.output
    assert "(not installed here)" in tillmark("--help").output


def test_a_verb_whose_library_is_absent_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "oddroom.py").write_text('"""`tillmark walk`: goes for a walk."""\nimport nosuchlibrary\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tillmark_command, "registered", lambda: {"walk": Verb("walk", "oddroom:command")})
    ran = tillmark("walk")
    assert ran.exit_code == 2
    assert "needs the library 'nosuchlibrary': install tillmark[device]" in ran.output
    assert "walk  goes for a walk\n" in tillmark("--help").output


@pytest.mark.whole
def test_every_verb_that_is_there_has_help_with_an_example() -> None:
    for name, verb in tillmark_command.registered().items():
        if verb.summary() is not None:
            ran = tillmark(name, "--help")
            assert ran.exit_code == 0, ran.output
            assert "xample" in ran.output, f"tillmark {name} --help shows no example"


def test_help_imports_no_room() -> None:
    """The command must answer at once, whatever the rooms import."""
    code = (
        "import sys, tillmark_command as t\n"
        "t.main(['--help'], standalone_mode=False)\n"
        "heavy = {'cv2', 'pygame', 'litestar', 'numpy', 'requests', 'serial'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.full
def test_the_wheel_holds_the_six_packages_and_the_command_and_nothing_else(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, clone], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    info = f"tillmark-{PROJECT['version']}.dist-info"
    assert tops == {"core", "device", "drivers", "ui", "sync", "backend", "tillmark_command.py", info}

    where = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", where, wheel]
    subprocess.run(pip, check=True)
    shown = subprocess.run(
        [sys.executable, "-m", "tillmark_command", "demo"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(where)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert shown.returncode == 2
    assert "'sim', which is not installed here" in shown.stderr
