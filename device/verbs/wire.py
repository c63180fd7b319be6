"""`tillmark wire`: what the bytes on a cable say.

Exit codes of `decode`: 0 every byte belongs to a whole message, 1 something is spoilt or noise, 2 the input is no hex.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import NoReturn

import click

from core.wire.explain import PROTOCOLS, Options, Said, Side, explain, good
from core.wire.lcdm50 import BothOrder

INPUT_BYTES_MAX = 4 * 1024 * 1024  # hours of a 9600 baud line as hex; more is not a dump but a mistake
_BYTE = re.compile(r"(?:0x)?([0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})*)")
WHOLE, SPOILT, BAD_INPUT = 0, 1, 2


@click.group("wire", epilog="Example:  tillmark wire decode lcdm50 04 50 02 45 31 30 03 11")
def command() -> None:
    """What the bytes on a cable say."""


@command.command("decode", epilog="Example:  tillmark wire decode lcdm30 04 30 02 44 03 71")
@click.argument("protocol", type=click.Choice(PROTOCOLS))
@click.argument("words", metavar="HEX...", nargs=-1)
@click.option("--file", "source", type=click.Path(path_type=Path, dir_okay=False), help="Read the hex from a file.")
@click.option("--from", "sender", type=click.Choice([side.value for side in Side]), help="Who sent the bytes.")
@click.option("--both-order", type=click.Choice([order.value for order in BothOrder]), default="by_place",
              show_default=True, help="lcdm50: how the reply to 56 orders its counts.")  # fmt: skip
@click.option("--plain-bits", is_flag=True, help="lcdm30: bit fields do not carry 20h.")
@click.option("--crc", is_flag=True, help="cctalk: frames carry a CRC.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message.")
def decode(
    protocol: str,
    words: tuple[str, ...],
    source: Path | None,
    sender: str | None,
    both_order: str,
    plain_bits: bool,
    crc: bool,
    as_json: bool,
) -> NoReturn:
    """What HEX says, message by message, with the verdict of its check sum. HEX is - (or absent) for stdin.

    xfs4iot takes JSON instead of hex, one message after another.
    """
    try:
        data = _text_of(words, source) if protocol == "xfs4iot" else _bytes_of(words, source)
    except (OSError, ValueError) as error:
        click.echo(f"not hex: {error}", err=True)
        sys.exit(BAD_INPUT)
    options = Options(BothOrder(both_order), not plain_bits, crc)
    said = explain(protocol, data, Side(sender) if sender else None, options)
    for one in said:
        click.echo(json.dumps(_plain(one), ensure_ascii=False) if as_json else str(one))
    if not said:
        click.echo("nothing", err=True)
    sys.exit(WHOLE if said and all(good(one) for one in said) else SPOILT)


def _bytes_of(words: tuple[str, ...], source: Path | None) -> bytes:
    """Raises `ValueError` for text that is no hex, `OSError` for a file that cannot be read."""
    text = _text_of(words, source)
    pieces = re.split(r"[\s,:]+", text.decode("ascii", "replace").strip())
    found = [_BYTE.fullmatch(piece) for piece in pieces if piece]
    bad = [piece for piece, hit in zip([piece for piece in pieces if piece], found) if hit is None]
    if bad:
        raise ValueError(f"{bad[0][:40]!r} is not a whole number of bytes in hex")
    return bytes.fromhex("".join(hit[1] for hit in found if hit))


def _text_of(words: tuple[str, ...], source: Path | None) -> bytes:
    """What was handed in, as it is. Raises `ValueError` for too much of it, `OSError` for an unreadable file."""
    if source is not None:
        with source.open("rb") as file:
            text = file.read(INPUT_BYTES_MAX + 1)
    elif words and words != ("-",):
        text = " ".join(words).encode()
    else:
        text = sys.stdin.buffer.read(INPUT_BYTES_MAX + 1)
    if len(text) > INPUT_BYTES_MAX:
        raise ValueError(f"more than {INPUT_BYTES_MAX} bytes")
    return text


def _plain(said: Said) -> dict[str, object]:
    return {
        "from": said.side.value if said.side else None,
        "hex": said.raw.hex(" "),
        "verdict": said.verdict.value,
        "name": said.name,
        "content": dict(said.content),
        "meaning": said.meaning,
    }
