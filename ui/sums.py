"""Money as a person reads it on the screen: figures and their unit, in the order of the language."""

from __future__ import annotations

from core.asset import KRW
from core.money import Money, grouped


def figures_and_unit(money: Money, lang: str) -> tuple[str, str]:
    """("50,000", "₩") in English, ("50,000", "원") in Korean; coins by their code ("0.00051234", "BTC")."""
    return grouped(money), unit_text(money.asset.code, lang)


def unit_text(unit: str, lang: str) -> str:
    """How a unit is written on a screen: won by its sign or word, everything else by its code."""
    if unit in (KRW.code, "₩"):
        return "원" if lang == "ko" else "₩"
    return unit


def amount_text(money: Money, lang: str) -> str:
    """One text: "50,000 ₩", "50,000원", "0.00051234 BTC"."""
    figures, unit = figures_and_unit(money, lang)
    return f"{figures}{unit}" if unit == "원" else f"{figures} {unit}"
