"""`tillmark receipt`: check whether a receipt is genuine, or show one as text.

Exit codes of `verify`: 0 genuine, 1 not genuine, 2 nothing could be said (bad input, keys not to be had).
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from core.codec import BadMessage, from_plain, to_plain
from core.faults import printer as faults
from core.faults.catalogue import entry
from core.messages import WireMoney
from core.money import Money
from core.proof import Kind, Opened, ReceiptFacts
from core.receipt import Receipt
from core.receipt_layout import display_width
from core.receipt_text import COLUMNS, as_text
from core.screens import say
from core.words import fault, word
from device.receipt_check import BadInput, Verdict, check, load_keys, opened, seal_text

INPUT_BYTES_MAX = 33 * 1024 * 1024
VALID, NOT_VALID, BAD_INPUT = 0, 1, 2


@click.group("receipt", epilog="Example:  tillmark receipt verify receipt.png --keys keys.json")
def command() -> None:
    """Check whether a receipt is genuine, or show one as text."""


@command.command("verify")
@click.argument("source")
@click.option("--keys", "where", help="The exchange's key set: a file, or its address (https://exchange).")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en", show_default=True)
@click.option("--utc-offset", "offset", type=click.IntRange(-720, 840), default=0, help="Minutes, for the time shown.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(source: str, where: str | None, lang: str, offset: int, as_json: bool) -> NoReturn:
    """Is this receipt genuine? SOURCE is the text of its code (TMR1:...), a file of it, a photograph, or - for stdin.

    Example:  tillmark receipt verify photo.jpg --keys https://exchange.example
    """
    seal: Opened | None = None
    try:
        seal = opened(_text_of(source))
        if where is None:
            raise BadInput(faults.KEYS_UNUSABLE, "name the exchange's keys with --keys FILE or --keys https://exchange")
        verdict = check(seal, load_keys(where))
    except BadInput as error:
        if as_json:
            facts = {"key_id": seal.key_id, "facts": _facts_json(seal.facts)} if seal else {}
            _echo_json({"valid": None, "code": error.code, "reason": error.detail, **facts})
        else:
            click.echo(
                f"{word(say('proof.not_checked'), lang)}  {error.code}  {word(fault(error.code), lang)}", err=True
            )
            click.echo(f"  {error.detail}", err=True)
            if seal is not None:
                click.echo(_claims(seal, "proof.unchecked", lang, offset))
        sys.exit(BAD_INPUT)
    if as_json:
        _echo_json(_verdict_json(verdict))
    else:
        click.echo(_verdict_text(verdict, lang, offset))
    sys.exit(VALID if verdict.valid else NOT_VALID)


@command.command("show")
@click.argument("source", type=click.File("rb"))
@click.option("--columns", type=click.IntRange(16, 96), default=COLUMNS, show_default=True)
def show(source: io.BufferedReader, columns: int) -> None:
    """A receipt as text. SOURCE is its JSON (as the journal keeps it), or - for stdin.

    Example:  tillmark receipt show receipt.json --columns 32
    """
    try:
        plain = json.loads(source.read(INPUT_BYTES_MAX))
        inner = plain.get("receipt", plain) if isinstance(plain, dict) else plain
        receipt = from_plain(Receipt, inner)
    except (ValueError, BadMessage, RecursionError) as error:
        click.echo(f"not a receipt: {error}", err=True)
        sys.exit(BAD_INPUT)
    click.echo(as_text(receipt, columns, _qr_as_blocks))


def _text_of(source: str) -> str:
    if source == "-":
        return seal_text(sys.stdin.buffer.read(INPUT_BYTES_MAX))
    if source[:3].upper() == "TMR" and ":" in source[:6]:
        return source
    try:
        with Path(source).open("rb") as file:
            return seal_text(file.read(INPUT_BYTES_MAX))
    except (OSError, ValueError) as error:
        raise BadInput(
            faults.SEAL_UNREADABLE, f"{source[:80]!r} is neither a code nor a file that can be read ({error})"
        ) from None


def _echo_json(plain: dict[str, Any]) -> None:
    click.echo(json.dumps(plain, ensure_ascii=False, indent=2))


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "valid": verdict.valid,
        "code": verdict.code,
        "reason": "" if verdict.valid else entry(verdict.code).meaning,
        "key_id": verdict.opened.key_id,
        "facts": _facts_json(verdict.opened.facts),
    }


def _facts_json(facts: ReceiptFacts) -> dict[str, Any]:
    def amount(money: Money | None) -> dict[str, Any] | None:
        if money is None:
            return None
        plain: dict[str, Any] = to_plain(WireMoney.of(money))
        return plain

    return {
        "kind": facts.kind.value,
        "rrn": facts.rrn,
        "txn": facts.txn.text,
        "sale": facts.sale.text if facts.sale else None,
        "shop": facts.shop,
        "terminal": facts.terminal,
        "at": facts.at.rfc3339(),
        "price": amount(facts.price),
        "quantity": amount(facts.quantity),
        "fee": amount(facts.fee),
        "total": amount(facts.total),
        "rate": amount(facts.rate),
        "approval_code": facts.approval,
    }


def _verdict_text(verdict: Verdict, lang: str, offset: int) -> str:
    seal = verdict.opened
    if verdict.valid:
        head = f"{word(say('proof.valid'), lang)}  {word(say('proof.signed_by', name=seal.key_id), lang)}"
        return f"{head}\n{_table(seal.facts, lang, offset)}"
    head = f"{word(say('proof.not_valid'), lang)}  {verdict.code}  {word(fault(verdict.code), lang)}"
    return f"{head}\n{_claims(seal, 'proof.claims', lang, offset)}"


def _claims(seal: Opened, key: str, lang: str, offset: int) -> str:
    return f"{word(say(key), lang)}\n{_table(seal.facts, lang, offset)}"


def _table(facts: ReceiptFacts, lang: str, offset: int) -> str:
    sign = "-" if offset < 0 else "+"
    zone = f"UTC{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}" if offset else "UTC"
    refund = facts.kind is Kind.REFUND
    returned = "proof.returned" if facts.kind is Kind.VOID else "proof.total"
    rows = [
        ("proof.kind", word(say(f"proof.kind.{facts.kind.value}"), lang)),
        ("proof.number", facts.rrn),
        ("proof.shop", facts.shop),
        ("proof.time", f"{facts.at.local(offset)} {zone}"),
        ("proof.terminal", facts.terminal),
        ("proof.refunded" if refund else "proof.price", str(facts.price)),
        ("proof.fee", "" if refund else str(facts.fee)),
        ("proof.quantity", "" if refund else str(facts.quantity)),
        ("proof.given" if refund else returned, str(facts.total)),
        ("proof.rate", f"1 {facts.quantity.asset} = {facts.rate}" if facts.rate else ""),
        ("proof.approval", facts.approval),
        ("proof.txn", facts.txn.text),
        ("proof.sale", facts.sale.text if facts.sale else ""),
    ]
    named = [(word(say(key), lang), value) for key, value in rows if value]
    wide = max(display_width(name) for name, _ in named)
    return "\n".join(f"  {name}{' ' * (wide - display_width(name))}  {value}" for name, value in named)


def _qr_as_blocks(payload: str, columns: int) -> list[str]:
    """A QR code in half blocks, black on the terminal's background turned light; as text where it is too wide."""
    import segno

    code = segno.make(payload, micro=False, error="m", boost_error=False)
    out = io.StringIO()
    code.terminal(out=out, border=2, compact=True)
    rows = out.getvalue().splitlines()
    side = len(code.matrix) + 4
    if side > max(columns, 80):
        return [payload]
    return rows
