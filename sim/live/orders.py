"""What the page asks for, checked: one JSON object each, ``{"do": ...}``, and nothing else reaches the world."""

from __future__ import annotations

import json
from typing import Any, Final

from core.code import BadCode, PersonalCode
from sim.live.world import CannotDo, World
from ui.inputs import KEYS

ORDER_MAX: Final = 500  # characters: the longest is a transfer
PIXEL_MAX: Final = 8_192
PRICE_MAX: Final = 10**12
SYMBOLOGIES: Final = ("qr", "code128")


def obey(world: World, text: str) -> None:
    """Do one order. Raises `CannotDo` for one that is not understood or cannot be done."""
    try:
        order: Any = json.loads(text) if len(text) <= ORDER_MAX else None
    except (ValueError, RecursionError):  # also brackets within brackets within brackets
        order = None
    if not isinstance(order, dict):
        raise CannotDo("an order is a JSON object")
    match order:
        case {"do": "finger", "phase": 0 | 1 | 2 as phase, "x": int(x), "y": int(y)}:
            if not (0 <= x < PIXEL_MAX and 0 <= y < PIXEL_MAX):
                raise CannotDo("the finger is beside the screen")
            world.finger(phase, x, y)
        case {"do": "key", "name": str(name)} if name in KEYS:
            world.key(name)
        case {"do": "hold", "code": str(code), "as": str(symbology)} if symbology in SYMBOLOGIES:
            world.show_code(_code(code), symbology, "phone")
        case {"do": "away"}:
            world.take_away()
        case {"do": "tap", "code": str(code)}:
            world.tap(_code(code) if code else "")
        case {"do": "product", "id": str(wanted)}:
            found = next((one for one in world.products() if one.id == wanted), None)
            if found is None:
                raise CannotDo("there is no such product on the shelf")
            world.show_code(found.text, found.symbology, "product")
        case {"do": "price", "pair": str(pair), "price": int(price)} if 0 < price < PRICE_MAX:
            world.set_price(pair, price)
        case {"do": "fault", "name": str(name), "on": bool(on)}:
            if name not in {one.name for one in world.switches()}:
                raise CannotDo("there is no such switch")
            world.set_fault(name, on)
        case {"do": "transfer", "reference": str(reference), "amount": str(amount)}:
            world.transfer(reference.strip()[:140], amount.replace(",", "").strip()[:32])
        case _:
            raise CannotDo("the order is not understood")


def _code(text: str) -> str:
    try:
        return PersonalCode.parse(text).digits
    except BadCode:
        raise CannotDo("the phone shows no personal code") from None
