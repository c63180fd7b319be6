"""The command `tillmark`: finds its verbs where they live and starts one of them.

Each package of the house brings its own verbs (`device/verbs/run.py`, `backend/verbs/backend.py`, ...), registered as
entry points of the group ``tillmark.verbs`` in `pyproject.toml`; the object is a click command named `command`. This
file imports none of them before one is asked for, so that ``tillmark --help`` is quick and works when only the backend
is installed. A verb whose package or library is absent is refused by name, with exit code 2.

The file stands beside the packages, not in one: `core` is pure, and no other package is in every installation.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

GROUP = "tillmark.verbs"
ROOMS = {"device": "On a device", "backend": "Servers", "sim": "To try and to measure (in a checkout)"}
EXAMPLE = "Example:  tillmark wire decode lcdm30 04 30 02 44 03 71"


@dataclass(frozen=True, slots=True)
class Verb:
    """One registered verb: `target` is ``module:object``."""

    name: str
    target: str

    @property
    def module(self) -> str:
        return self.target.partition(":")[0]

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]

    def summary(self) -> str | None:
        """The first line of the module's docstring, read without importing it; None when it is not there."""
        try:
            spec = importlib.util.find_spec(self.module)
        except ModuleNotFoundError:
            return None
        if spec is None or spec.origin is None:
            return None
        import ast

        text = ast.get_docstring(ast.parse(Path(spec.origin).read_bytes())) or ""
        line = text.partition("\n")[0]
        return line.removeprefix(f"`tillmark {self.name}`: ").rstrip(".")

    def load(self) -> click.Command:
        """The click command. Raises `click.UsageError` when the verb's package or a library is absent."""
        try:
            module = importlib.import_module(self.module)
        except ModuleNotFoundError as error:
            raise click.UsageError(self._absence(error.name or "")) from error
        command = getattr(module, self.target.partition(":")[2])
        assert isinstance(command, click.Command), f"{self.target} is not a click command"
        return command

    def _absence(self, missing: str) -> str:
        if missing == self.room:
            checkout = " It is part of a checkout, not of the installed package." if missing == "sim" else ""
            return f"the verb {self.name!r} needs the package {missing!r}, which is not installed here.{checkout}"
        if self.module == missing or self.module.startswith(f"{missing}."):
            return f"the verb {self.name!r} is not part of this version ({missing} is absent)."
        if missing.partition(".")[0] in ROOMS.keys() | {"core", "drivers", "ui", "sync"}:
            raise AssertionError(f"{self.module} imports {missing}, which does not exist")
        extra = "backend" if self.room == "backend" else "device"
        return f"the verb {self.name!r} needs the library {missing!r}: install tillmark[{extra}]."


class Verbs(click.Group):
    """A click group that learns its commands from the entry points and imports only the one that is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(registered())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        verb = registered().get(cmd_name)
        return verb.load() if verb else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        verbs = registered()
        if name == "test":
            ctx.fail("the verb 'test' belongs to a checkout: ./tillmark test")
        if name not in verbs and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, verbs, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" The verbs are: {', '.join(verbs)}."
            ctx.fail(f"there is no verb {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        verbs = registered().values()
        for room in dict.fromkeys(verb.room for verb in verbs):
            rows = [(verb.name, verb.summary()) for verb in verbs if verb.room == room]
            with formatter.section(ROOMS.get(room, room)):
                formatter.write_dl([(name, "(not installed here)" if text is None else text) for name, text in rows])


def registered() -> dict[str, Verb]:
    """The verbs by name, in the order `pyproject.toml` gives them.

    A checkout reads its own `pyproject.toml`, so that it needs no installation and never runs another copy's verbs.
    """
    project = _checkout()
    if project is not None:
        table: dict[str, str] = project["entry-points"][GROUP]
        return {name: Verb(name, target) for name, target in table.items()}
    from importlib import metadata

    found = sorted(metadata.entry_points(group=GROUP), key=lambda point: (point.value.partition(".")[0], point.name))
    return {point.name: Verb(point.name, point.value) for point in found}


def version() -> str:
    project = _checkout()
    if project is not None:
        return str(project["version"])
    from importlib import metadata

    return metadata.version("tillmark")


def _checkout() -> dict[str, Any] | None:
    """The [project] table when this file stands in a checkout; None when it is installed."""
    try:
        text = Path(__file__).with_name("pyproject.toml").read_text("utf-8")
    except FileNotFoundError:
        return None
    import tomllib

    project: dict[str, Any] = tomllib.loads(text)["project"]
    return project if project.get("name") == "tillmark" else None


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"tillmark {version()} on Python {sys.version.split()[0]}")
        ctx.exit()


@click.command(cls=Verbs, epilog=EXAMPLE, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Version.")
def main() -> None:
    """Pay at a counter, an ATM or a kiosk with coins from an exchange wallet.

    Each verb has a --help of its own, with an example. Exit codes: 0 done, 1 refused or failed by name,
    2 the command line is wrong or the verb is not installed here.
    """


if __name__ == "__main__":
    main(prog_name="tillmark")
