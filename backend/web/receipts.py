"""Receipts on a page: what a seal claims, and whether it is true."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature

from backend.http.keys import public_key
from backend.web.room import Room
from backend.web.symbols import any_qr
from core.proof import BadSeal, ReceiptFacts, open_seal


@dataclass(frozen=True, slots=True)
class Checked:
    """`verdict` genuine, forged, foreign (a key we do not know) or unreadable; `facts` when there are any."""

    verdict: str
    facts: ReceiptFacts | None = None


def check(room: Room, text: str) -> Checked:
    """Is this the text of a receipt that this exchange signed?"""
    try:
        opened = open_seal(text)
    except BadSeal:
        return Checked("unreadable")
    if opened.key_id != room.key.id:
        return Checked("foreign", opened.facts)
    try:
        public_key(room.key.public).verify(opened.signature, opened.signed)
    except InvalidSignature:
        return Checked("forged", opened.facts)
    return Checked("genuine", opened.facts)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof for its page: the verdict, and path data and side of the QR code on the paper."""

    verdict: str
    path: str
    side: int


def shown(room: Room, proof: str) -> Proof | None:
    """None while a sale has no proof."""
    return Proof(check(room, proof).verdict, *any_qr(proof)) if proof else None
