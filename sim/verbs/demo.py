"""`tillmark demo`: the whole world on this machine, no hardware."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

EXAMPLE = """\b
Example:
  tillmark demo
  tillmark demo --script sale --pay nfc --lang ko --shots pictures"""


@click.command(epilog=EXAMPLE)
@click.option("--script", type=click.Choice(["sale", "refund", "all"]), help="Walk by itself, without a browser.")
@click.option(
    "--pay", type=click.Choice(["qr", "barcode", "nfc", "typed"]), default="qr", help="How the code is shown."
)
@click.option("--payout", type=click.Choice(["fiat", "coin"]), default="fiat", help="What the seller is paid in.")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", help="The terminal's language.")
@click.option("--shots", type=click.Path(path_type=Path), help="Keep each screen and the receipt as PNG here.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def command(script: str | None, pay: str, payout: str, lang: str, shots: Path | None, as_json: bool) -> None:
    """The whole world on this machine: servers, broker, a shop's terminal and a phone; prints one URL."""
    from sim.children import ChildFailed
    from sim.peers.panel import PanelGone
    from sim.people import Unhelped
    from sim.walks.sale import WalkFailed
    from sim.world import Choices, World

    choices = Choices(lang=lang, payout=payout, still=script is not None)
    say = (lambda line: None) if as_json else (lambda line: click.echo(f"... {line}", err=True))
    started = time.monotonic()
    try:
        with World(choices, say) as world:
            if script is None:
                _live(world)
                return
            sys.exit(_walk(world, script, pay, shots, as_json, started))
    except (ChildFailed, Unhelped, PanelGone, WalkFailed) as failed:
        click.echo(f"the demo failed: {failed}", err=True)
        sys.exit(1)


def _walk(world: object, script: str, pay: str, shots: Path | None, as_json: bool, started: float) -> int:
    from sim.walks.sale import Walk, gather, printed_text, wrong_with
    from sim.world import World

    assert isinstance(world, World)
    walked = Walk(world, gather(world), pay, shots).run()
    wrong = wrong_with(walked, world.exchange_url)
    world.device.stop()
    text = printed_text(world.device_journal)
    seconds = time.monotonic() - started
    if as_json:
        entries = [[entry.account, str(entry.money)] for entry in walked.books.entries]
        outcome = {"ok": not wrong, "wrong": wrong, "txn": walked.txn, "receipt": text, "postings": entries}
        click.echo(json.dumps({**outcome, "seconds": round(seconds, 2)}, ensure_ascii=False))
        return 1 if wrong else 0
    click.echo(text)
    click.echo("\npostings")
    for entry in walked.books.entries:
        click.echo(f"  {entry.account:32} {entry.money!s:>22}")
    total = ", ".join(str(money) for money in walked.books.sums)
    click.echo(f"all assets sum to zero: {total}" if walked.books.balanced else f"NOT BALANCED: {total}")
    for line in wrong:
        click.echo(f"WRONG: {line}", err=True)
    click.echo(f"{seconds:.1f} s, {script}, paid by {pay}", err=True)
    return 1 if wrong else 0


def _live(world: object) -> None:
    raise click.ClickException("the live page is not in this version yet; use --script sale")
