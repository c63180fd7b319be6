"""The agency's key book: it asks the exchange for a terminal's key and forgets the answer after some seconds."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import msgspec

from backend.agency.line import ExchangeLine
from backend.agency.rules import No, Yes
from backend.http.callers import Kind, Now, Signer
from backend.http.keys import public_key
from backend.refused import Refused
from backend.relay import TerminalRecord
from core.faults.agency import BAD_REPLY, EXCHANGE_SILENT

KEPT_MS: Final = 20_000  # a revoked terminal is refused here within this time, and at the exchange at once
CACHE_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A terminal as the exchange told of it, until `until_ms`."""

    record: TerminalRecord
    signer: Signer
    until_ms: int


class ExchangeKeys:
    """Belongs to the agency's event loop."""

    def __init__(self, line: ExchangeLine, now: Now) -> None:
        self._line = line
        self._now = now
        self._known: OrderedDict[str, Known] = OrderedDict()

    async def find(self, keyid: str) -> Signer | None:
        known = await self.terminal(keyid)
        return None if known is None else known.signer

    async def terminal(self, keyid: str) -> Known | None:
        """Raises `Refused` when the exchange does not answer: a key nobody vouches for opens nothing."""
        now_ms = self._now().ms
        known = self._known.get(keyid)
        if known is not None and now_ms < known.until_ms:
            return known
        if not (keyid.isascii() and keyid.isalnum()):
            return None
        told = await self._line.get(f"/v1/agency/terminals/{keyid}")
        if isinstance(told, No) and told.status == 404:
            return None
        if not isinstance(told, Yes):
            raise Refused.by(EXCHANGE_SILENT, "the exchange does not vouch for the key", status=504, retryable=True)
        try:
            record = msgspec.json.decode(told.body, type=TerminalRecord)
            signer = Signer(Kind.TERMINAL, record.id, public_key(record.public_key), revoked=record.state != "active")
        except ValueError:
            raise Refused.by(BAD_REPLY, "a terminal's record", status=502, retryable=True) from None
        known = Known(record, signer, now_ms + KEPT_MS)
        self._known[keyid] = known
        if len(self._known) > CACHE_MAX:
            self._known.popitem(last=False)
        return known
