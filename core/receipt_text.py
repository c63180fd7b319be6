"""A receipt as plain text, for a terminal, a log of a demo, or a comparison in a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from core.receipt import Receipt
from core.receipt_layout import GapRow, QrRow, Row, RuleRow, display_width, lay_out

COLUMNS = 48


def payload_as_text(payload: str, columns: int) -> list[str]:
    """The text of a QR code itself, so that it can be copied to `tillmark receipt verify`."""
    return [payload[at : at + columns] for at in range(0, len(payload), columns)]


def as_text(receipt: Receipt, columns: int = COLUMNS, qr: Callable[[str, int], list[str]] = payload_as_text) -> str:
    """Rows joined by line ends, none wider than `columns`. `qr` draws a code as rows of text."""
    return "\n".join(_rows(receipt, columns, qr))


def _rows(receipt: Receipt, columns: int, qr: Callable[[str, int], list[str]]) -> list[str]:
    rows: list[str] = []
    for row in lay_out(receipt, columns):
        match row:
            case Row(inverse=True):
                band = f" {' '.join(row.left)} "
                rows.append(_centred(band, columns, "█"))
            case Row():
                rows.append(_plain(row, columns))
            case RuleRow():
                rows.append("─" * columns)
            case QrRow(payload):
                rows += ["", *qr(payload, columns), ""]
            case GapRow():
                pass
            case _:
                assert_never(row)
    return rows


def _plain(row: Row, columns: int) -> str:
    """Large rows have room to spare when they are written small: pair and title still reach both edges."""
    return Row(row.left, row.right, center=row.center).text(columns).rstrip()


def _centred(text: str, columns: int, fill: str) -> str:
    room = max(0, columns - display_width(text))
    return fill * (room // 2) + text + fill * (room - room // 2)
