"""`tillmark bench`: figures of this machine, ours beside others', measured in the same run.

Each ``sim/verbs/bench_<name>.py`` is one bench with a click command named `command`; it is found by its file name and
imported only when it is asked for.
"""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import click

PREFIX = "bench_"


class Benches(click.Group):
    """The benches that stand in this folder, by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem.removeprefix(PREFIX) for path in Path(__file__).parent.glob(f"{PREFIX}*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"sim.verbs.{PREFIX}{cmd_name}").command
        assert isinstance(found, click.Command), f"{PREFIX}{cmd_name}.py has no click command named `command`"
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in --help is read from the files' first lines: no bench is imported for it."""
        rows = [(name, _first_line(name)) for name in self.list_commands(ctx)]
        with formatter.section("Benches"):
            formatter.write_dl(rows)


def _first_line(name: str) -> str:
    source = (Path(__file__).parent / f"{PREFIX}{name}.py").read_bytes()
    text = ast.get_docstring(ast.parse(source)) or ""
    return text.partition("\n")[0].removeprefix(f"`tillmark bench {name}`: ").rstrip(".")


@click.command("bench", cls=Benches, epilog="Example:  tillmark bench qr --json")
def command() -> None:
    """Side-by-side figures of this machine. Each bench takes --json and has its own --help."""
