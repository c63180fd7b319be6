"""`tillmark demo`: the whole world on this machine, no hardware."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import click

EXAMPLE = """\b
Example:
  tillmark demo
  tillmark demo --script sale --pay nfc --lang ko --shots pictures
  tillmark demo --script withdraw --dispenser f56 --fault jam"""

AT_A_MACHINE = ("withdraw", "technician", "buy", "sell", "giftcard")


@click.command(epilog=EXAMPLE)
@click.option(
    "--script",
    type=click.Choice(["sale", "refund", "batch", "all", "withdraw", "technician", "buy", "sell", "giftcard"]),
    help="Walk by itself, without a browser.",
)
@click.option(
    "--pay", type=click.Choice(["qr", "barcode", "nfc", "typed"]), default="qr", help="How the code is shown."
)
@click.option(
    "--dispenser",
    type=click.Choice(["lcdm30", "lcdm50", "f56", "hopper", "xfs4iot"]),
    default="lcdm30",
    help="The cash machine of --script withdraw and technician.",
)
@click.option("--fault", default="", help="A trouble of that machine by name; an unknown name lists them all.")
@click.option("--payout", type=click.Choice(["fiat", "coin"]), default="fiat", help="What the seller is paid in.")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", help="The terminal's language.")
@click.option("--shots", type=click.Path(path_type=Path), help="Keep each screen and each paper as PNG here.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(
    script: str | None,
    pay: str,
    dispenser: str,
    fault: str,
    payout: str,
    lang: str,
    shots: Path | None,
    as_json: bool,
) -> None:
    """The whole world on this machine: servers, broker, a shop's terminal and a phone; prints one URL."""
    from sim.broker import free_port
    from sim.cash_machine import NoCash
    from sim.children import ChildFailed
    from sim.peers.panel import PanelGone
    from sim.people import Unhelped
    from sim.walks.stage import WalkFailed
    from sim.world import Choices, World

    port = free_port() if script is None else 0
    page = f"http://127.0.0.1:{port}" if port else ""
    machine = dispenser if script in AT_A_MACHINE else ""
    choices = Choices(lang=lang, payout=payout, still=script is not None, page=page, dispenser=machine,
                      cards=10 if script == "giftcard" else 0)  # fmt: skip
    say = (lambda line: None) if as_json else (lambda line: click.echo(f"... {line}", err=True))
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop is told to stop, by whatever signal
    try:
        with World(choices, say) as world:
            if script is None:
                _live(world, port)
                return
            sys.exit(_walk(world, script, pay, fault, shots, as_json, started))
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)
    except (ChildFailed, Unhelped, PanelGone, WalkFailed, NoCash, TimeoutError) as failed:
        click.echo(f"the demo failed: {failed}", err=True)
        sys.exit(1)


def _walk(world: object, script: str, pay: str, fault: str, shots: Path | None, as_json: bool, started: float) -> int:
    from sim.walks.script import play
    from sim.world import World

    assert isinstance(world, World)
    played = play(world, script, pay, shots, fault)
    seconds = time.monotonic() - started
    if as_json:
        entries = [[entry.account, str(entry.money)] for entry in played.books.entries]
        outcome = {"ok": not played.wrong, "wrong": played.wrong, "txn": played.txn, "receipt": played.papers[0]}
        outcome |= {"papers": played.papers, "postings": entries, "seconds": round(seconds, 2)}
        click.echo(json.dumps(outcome, ensure_ascii=False))
        return 1 if played.wrong else 0
    click.echo("\n\n".join(played.papers))
    click.echo("\npostings" if script in ("sale", *AT_A_MACHINE) else "\npostings of the first sale")
    for entry in played.books.entries:
        click.echo(f"  {entry.account:32} {entry.money!s:>22}")
    total = ", ".join(str(money) for money in played.books.sums)
    click.echo(f"all assets sum to zero: {total}" if played.books.balanced else f"NOT BALANCED: {total}")
    for line in played.wrong:
        click.echo(f"WRONG: {line}", err=True)
    click.echo(f"{seconds:.1f} s, {script}, paid by {pay}", err=True)
    return 1 if played.wrong else 0


def _live(world: object, port: int) -> None:
    """Everything stands still until somebody opens the page, and until Ctrl-C."""
    from sim.live.server import LivePage
    from sim.showroom import Showroom
    from sim.walks.stage import gather
    from sim.world import World

    assert isinstance(world, World)
    with LivePage(Showroom(world, gather(world)), port) as page:
        click.echo(page.url)
        click.echo("Open it in a browser. Ctrl-C stops everything that was started.", err=True)
        try:
            while world.device.alive and world.backend.alive:
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
        ended = world.backend if world.device.alive else world.device
        raise click.ClickException(f"{ended.name} has ended:\n{ended.tail()}")
