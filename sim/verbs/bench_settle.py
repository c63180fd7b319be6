"""`tillmark bench settle`: settlements a second and how long one takes, beside plain inserts on the same disk."""

from __future__ import annotations

import json
import platform
import sqlite3
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.settlebench.measure import Figures

CONNECTIONS = (8, 64)  # over HTTP: a busy shop, and a whole mall
IN_FLIGHT = (1, 8, 64, 512)  # one caller alone, a shop's worth, a server's worth, a full group commit


@click.command("settle", epilog="Example:  tillmark bench settle --engine sqlite --json")
@click.option("--engine", type=click.Choice(["sqlite"]), default="sqlite", show_default=True, help="The store.")
@click.option("--count", default=4_000, show_default=True, type=click.IntRange(50, 1_000_000), help="For each row.")
@click.option("--members", default=2_000, show_default=True, type=click.IntRange(1, 1_000_000), help="With a wallet.")
@click.option("--sealed/--unsealed", default=True, help="With the signature of each receipt.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Put the stores on this disk instead of the temporary folder's.",
)
@click.option("--http/--no-http", default=True, help="Also over signed HTTP, with servers started for it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    engine: str, count: int, members: int, sealed: bool, folder: Path | None, http: bool, as_json: bool
) -> None:
    """Quote check, hold, capture, postings and idempotency record, durable, in one process."""
    with tempfile.TemporaryDirectory(prefix="tillmark-bench-", dir=folder) as made:
        rows, troubles = _measure(Path(made), count, members, sealed)
    over_http = _over_http() if http else []
    if as_json:
        click.echo(json.dumps({**_plain(engine, rows, troubles, members, sealed), "http": over_http}))
    else:
        _print(rows, troubles)
        for row in over_http:
            click.echo("signed HTTP:  " + "  ".join(f"{name} {value}" for name, value in row.items()))
    if troubles:
        raise SystemExit(1)


def _measure(folder: Path, count: int, members: int, sealed: bool) -> tuple[list[Figures], int]:
    """Plain inserts and settlements by turns, so that a busy moment of the machine hits both."""
    from sim.settlebench.exchange import Exchange
    from sim.settlebench.measure import raw_inserts, sales_at_once, settlements

    exchange = Exchange(folder / "exchange.db", members=members, sellers=max(1, members // 40), sealed=sealed)
    rows: list[Figures] = []
    try:
        for in_flight in IN_FLIGHT:
            some = max(50, count // 4) if in_flight == 1 else count
            rows.append(settlements(exchange, some, in_flight))
            rows.append(sales_at_once(exchange, some, in_flight))
            (folder / str(in_flight)).mkdir()
            rows.append(raw_inserts(folder / str(in_flight), some, in_flight))
        return rows, exchange.troubles()
    finally:
        exchange.close()


def _over_http() -> list[dict[str, object]]:
    """Settlements over signed HTTP at each of `CONNECTIONS`: rows of plain values."""
    from sim.bench_http import settle_http

    return [asdict(settle_http(connections)) for connections in CONNECTIONS]


def _plain(engine: str, rows: list[Figures], troubles: int, members: int, sealed: bool) -> dict[str, object]:
    return {
        "bench": "settle",
        "engine": engine,
        "sqlite": sqlite3.sqlite_version,
        "machine": f"{platform.machine()} {platform.python_implementation()} {platform.python_version()}",
        "members": members,
        "receipts_sealed": sealed,
        "books_in_order": troubles == 0,
        "figures": [asdict(row) for row in rows],
    }


def _print(rows: list[Figures], troubles: int) -> None:
    click.echo(f"{'':14}{'in flight':>10}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'cpu us':>9}")
    for row in rows:
        click.echo(
            f"{row.what:14}{row.in_flight:>10}{row.per_s:>12,.0f}{row.p50_ms:>9.2f}{row.p99_ms:>9.2f}{row.cpu_us:>9.0f}"
        )
    click.echo("books in order after the run" if not troubles else f"BOOKS NOT IN ORDER: {troubles} troubles")
