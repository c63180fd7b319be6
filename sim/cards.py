"""Gift cards in the world: the file of codes an issuer sends, with its count and its checksum."""

from __future__ import annotations

import json
import random
from typing import Final

from backend.giftcards.rules import checksum

CARD_FACES: Final = (10_000, 100_000)  # one that needs no phone, and one that does


def cards_file(face: int, count: int, seed: int) -> bytes:
    """A file of codes as an issuer sends it (`backend.giftcards.rules`)."""
    chance = random.Random(f"{seed}/{face}")  # noqa: S311 - a demonstration is the same every time
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    codes = tuple("-".join("".join(chance.choices(signs, k=4)) for _ in range(4)) for _ in range(count))
    told = {
        "issuer": "moon",
        "name": ["Moonlight Coffee", "달빛커피"],
        "how": ["Show this code at the till of any branch.", "모든 매장 계산대에서 이 코드를 보여 주세요."],
        "currency": "KRW",
        "face": str(face),
        "count": count,
        "sha256": checksum(codes),
        "codes": codes,
    }
    return json.dumps(told, ensure_ascii=False).encode()
