"""Sealed statements: what the exchange and the cash side tell one another past everybody in between.

A seal is text that any carrier may hold and none can change: ``KIND.KEY.BODY.SIGNATURE``, body and signature in
base64url without padding. What is signed is everything before the last dot. The body is JSON of one frozen dataclass in
its one form (compact, fields in their order), so no second text says the same. Which algorithm signs is the caller's:
Ed25519 (RFC 8032) in the product. Kinds: ``ca1`` dispense authority, ``cr1`` report of a withdrawal, ``cc1`` report of
a service act, ``cg1`` technician's grant, ``ct1`` the exchange has a report.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from core.codec import BadMessage, from_plain, to_plain

T = TypeVar("T")
SEAL_MAX: Final = 8_192  # characters; a report of sixteen places stays below 4,000
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class BadSealed(ValueError):
    """A text that is no sealed statement of this kind, or whose signature nobody we trust has made."""


class Signer(Protocol):
    """A private key with the name under which the other side knows its public half."""

    @property
    def key_id(self) -> str: ...

    def sign(self, signed: bytes) -> bytes: ...


class Verifier(Protocol):
    """The public keys one side trusts for one kind of statement."""

    def holds(self, key_id: str, signed: bytes, signature: bytes) -> bool:
        """Did the owner of `key_id` sign exactly this? False for an unknown key."""
        ...


@dataclass(frozen=True, slots=True)
class Opened(Generic[T]):
    """A statement whose signature held, and the key that made it."""

    key_id: str
    statement: T


def seal(kind: str, statement: object, signer: Signer) -> str:
    """`statement` is a frozen dataclass that `core.codec` can write."""
    head = f"{kind}.{signer.key_id}.{_text(_body(statement))}"
    sealed = f"{head}.{_text(signer.sign(head.encode()))}"
    assert len(sealed) <= SEAL_MAX, "a statement is short"
    return sealed


def unseal(kind: str, form: type[T], text: str, verifier: Verifier) -> Opened[T]:
    """The statement, if it is of this kind and form and its signature holds. Raises `BadSealed` and nothing else."""
    parts = text.split(".") if len(text) <= SEAL_MAX and text.isascii() else []
    if len(parts) != 4 or parts[0] != kind or not _KEY.fullmatch(parts[1]):
        raise BadSealed(f"not a {kind} statement")
    try:
        body, signature = _bytes(parts[2]), _bytes(parts[3])
    except (binascii.Error, ValueError) as error:
        raise BadSealed(str(error)) from None
    if not verifier.holds(parts[1], text.rpartition(".")[0].encode(), signature):
        raise BadSealed("the signature does not hold")
    try:
        statement = from_plain(form, json.loads(body))
    except (BadMessage, ValueError, RecursionError) as error:
        raise BadSealed(f"signed, and not to be understood: {error}") from None
    if _body(statement) != body:
        raise BadSealed("not written in its one form")
    return Opened(parts[1], statement)


def _body(statement: object) -> bytes:
    return json.dumps(to_plain(statement), separators=(",", ":"), ensure_ascii=True).encode()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(raw) != text:
        raise ValueError("not written in its one form")
    return raw
