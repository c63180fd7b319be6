"""What the idle screen says of a refund or void that was delivered after its ticket had ended."""

from __future__ import annotations

from core.events import Event, Refunded, Refused, Reversed
from core.screens import Words, say

GIVES_BACK = ("refund", "void")


def late_news(event: Event) -> Words | None:
    """One sentence for the staff, who told the customer that it would be done; None for what they need not hear."""
    match event:
        case Refunded(_, refund):
            return say("sale.idle.late_refund", amount=str(refund.amount.money()), number=refund.rrn)
        case Reversed(answers) if _step(answers) == "void":
            return say("sale.idle.late_void")
        case Refused(answers, refusal) if _step(answers) in GIVES_BACK:
            return say("sale.idle.late_refused", code=refusal.code)
        case _:
            return None


def _step(key: str) -> str:
    return key.split("/")[1] if key.count("/") == 2 else ""
