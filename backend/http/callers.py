"""Callers: who stands behind a request, and the rule each route demands of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.moment import Moment

Now = Callable[[], Moment]
Entropy = Callable[[int], bytes]


class Rule(Enum):
    """What a route demands. A route without a rule is closed to everybody."""

    OPEN = "open"  # nobody in particular: listed one by one in the test of the routes
    LOCAL = "local"  # this host only
    PAIRING = "pairing"  # signed by a device that is being paired
    TERMINAL = "terminal"  # signed by a paired terminal
    SERVER = "server"  # signed by the payment agency or another of our servers
    MEMBER = "member"  # a member's session
    OPERATOR = "operator"  # an operator's session
    PERSON = "person"  # either session
    PAGE = "page"  # a page of backend.web, which asks people to sign in instead of refusing them
    WEBHOOK = "webhook"  # the handler checks the sender's HMAC itself, before anything else


class Kind(Enum):
    PAIRING = "pairing"
    TERMINAL = "terminal"
    SERVER = "server"
    MEMBER = "member"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. `id` is the key id of a signer, or the member's or operator's id."""

    kind: Kind
    id: str
    csrf: str = ""

    @property
    def principal(self) -> str:
        """Whom idempotency keys belong to."""
        return f"{self.kind.value}:{self.id}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key this server knows. `revoked` keys stay known, so that their refusal has its own name."""

    kind: Kind
    id: str
    public_key: Ed25519PublicKey
    revoked: bool = False


class KeyBook(Protocol):
    """Where the public keys of signers are. Answers None for a key id nobody has."""

    async def find(self, keyid: str) -> Signer | None: ...


class NoKeys:
    """A key book for servers nobody signs to."""

    async def find(self, keyid: str) -> Signer | None:
        return None
