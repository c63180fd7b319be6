"""`tillmark bench device`: from the code in a frame to the approved screen, start, memory, on all real parts."""

from __future__ import annotations

import json
import os
import statistics
import sys
from typing import Any, Final

import click

SALES_MAX: Final = 200
PHONES_A_SALE: Final = 5  # phones of one member: so many sales of one half minute
MEMBERS_MAX: Final = 5
SALE_BAR_MS: Final = 120.0
START_BAR_MS: Final = 1_000.0
MEMORY_BAR_MB: Final = 160.0


@click.command("device", epilog="Example:  tillmark bench device --json")
@click.option("--sales", default=20, show_default=True, type=click.IntRange(1, SALES_MAX), help="Sales measured.")
@click.option("--starts", "rounds", default=5, show_default=True, type=click.IntRange(1, 50), help="Starts measured.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--check", is_flag=True, help="Exit code 1 when a bar is not reached.")
def command(sales: int, rounds: int, as_json: bool, check: bool) -> None:
    """Code visible in a frame to approved screen drawn; process start to idle screen; memory; idle processor share.

    Real servers, a real device and real wires on this machine; only the far ends of the cables are simulated.
    """
    from sim.children import ChildFailed
    from sim.peers.panel import PanelGone
    from sim.people import Unhelped

    try:
        figures = measure(sales, rounds)
    except (ChildFailed, PanelGone, Unhelped) as failed:
        raise click.ClickException(str(failed)) from None
    if as_json:
        click.echo(json.dumps(figures))
    else:
        _table(figures)
    if check and not all(figures["bars"].values()):
        sys.exit(1)


def measure(sales: int, rounds: int) -> dict[str, Any]:
    """All figures. One sale goes before those that are measured: it is `first_sale_ms`."""
    from sim.devicebench import weight, yardstick
    from sim.devicebench.crowd import Crowd
    from sim.devicebench.sales import PARTS, parts_of, sell
    from sim.world import Choices, World

    with World(Choices(), lambda line: None) as world:
        seller = world.person("seller@example.org")
        seller.open_shop(world.choices.shop, world.choices.payout)
        world.pair(seller)
        crowd = Crowd(world, min(MEMBERS_MAX, -(-sales // PHONES_A_SALE)))
        starts = weight.starts(world, rounds)
        pid = world.device.process.pid
        idle_percent = weight.idle_share(pid)
        at_first = weight.memory(pid)
        load = os.getloadavg()[0]
        sold = [sell(world, crowd, number) for number in range(sales + 1)]
        world.panel.wait_for("idle")
        after = weight.memory(pid)
        parts = parts_of(world, sold)[1:]
        yard = {
            "round_trip": spread(yardstick.round_trips(world.exchange_url)),
            "fsync": spread(yardstick.syncs(world.folder)),
        }
        world.device.stop()
        fsyncs = _last_told(world.folder / "device.log", "fsyncs") / (sales + 1)
    sale = spread([one.sale_ms for one in sold[1:]])
    start = spread(starts)
    return {
        "sales": sales,
        "sale_ms": sale,
        "first_sale_ms": round(sold[0].sale_ms, 1),
        "product_ms": spread([one.product_ms for one in sold[1:]]),
        "parts_ms": {name: spread([part[name] for part in parts]) for name in PARTS},
        "start_ms": start,
        "memory_mb": {
            "idle": {"resident": at_first.resident_mb, "share": at_first.share_mb},
            "after_sales": {"resident": after.resident_mb, "share": after.share_mb},
        },
        "idle_cpu_percent": idle_percent,
        "fsyncs_a_sale": round(fsyncs, 1),
        "yardstick_ms": yard,
        "load": round(load, 2),
        "cores": os.cpu_count(),
        "bars": {
            "sale": sale["median"] <= SALE_BAR_MS,
            "start": start["median"] <= START_BAR_MS,
            "memory": max(at_first.resident_mb, after.resident_mb) <= MEMORY_BAR_MB,
        },
    }


def spread(times: list[float]) -> dict[str, float]:
    """Median, 95th percentile (nearest rank) and the longest."""
    ordered = sorted(times)
    p95 = ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]
    return {"median": round(statistics.median(ordered), 2), "p95": round(p95, 2), "max": round(ordered[-1], 2)}


def _last_told(log: Any, name: str) -> int:
    """The newest number of that name in the device's log of JSON lines; 0 when it never told it."""
    found = 0
    for line in log.read_text("utf-8").splitlines():
        if line.startswith("{") and f'"{name}"' in line:
            found = int(json.loads(line)[name])
    return found


def _table(figures: dict[str, Any]) -> None:
    click.echo(f"{'milliseconds':24} {'median':>9} {'p95':>9} {'max':>9}")
    rows = {
        "code seen to approved": figures["sale_ms"],
        **{f"  {name}": part for name, part in figures["parts_ms"].items()},
        "product seen to basket": figures["product_ms"],
        "start to idle screen": figures["start_ms"],
        "a bare round trip": figures["yardstick_ms"]["round_trip"],
        "one fsync": figures["yardstick_ms"]["fsync"],
    }
    for name, row in rows.items():
        click.echo(f"{name:24} {row['median']:>9} {row['p95']:>9} {row['max']:>9}")
    for when, weight in figures["memory_mb"].items():
        click.echo(f"memory {when:17} {weight['resident']} MB resident, {weight['share']} MB its own share")
    click.echo(f"idle {figures['idle_cpu_percent']} % of one core; {figures['fsyncs_a_sale']} syncs a sale")
    click.echo(f"load {figures['load']} on {figures['cores']} cores; first sale {figures['first_sale_ms']} ms")
    for bar, reached in figures["bars"].items():
        click.echo(f"{bar}: {'reached' if reached else 'NOT REACHED'}")
