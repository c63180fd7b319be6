"""The exchange's key book: terminals, devices that are being paired, and our own servers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from backend.http.callers import Kind, Signer
from backend.http.keys import public_key
from backend.store import Store, Unit
from backend.terminals.pairing import key_of_pairing
from backend.terminals.shops import CHANGED

CACHE_MAX: Final = 10_000  # keys in memory, about 1 KB each: more than the terminals of one exchange's busy hour


class TerminalKeys:
    """Answers from memory; forgets a key at once when its terminal changes (the store's note after the commit)."""

    def __init__(self, store: Store, servers: tuple[Signer, ...] = ()) -> None:
        self._store = store
        self._servers = {one.id: one for one in servers}
        self._cache: OrderedDict[str, Signer] = OrderedDict()
        self._changes = 0
        self._stop = store.listen(self._heard)

    async def find(self, keyid: str) -> Signer | None:
        known = self._servers.get(keyid) or self._cache.get(keyid)
        if known is not None:
            return known
        before = self._changes
        found = self._store.read(lambda unit: _look_up(unit, keyid))
        if found is not None and found.kind is Kind.TERMINAL:
            self._cache[keyid] = found
            if before != self._changes:  # looked at after it was put there: a change from now on takes it out itself
                self._cache.pop(keyid, None)
            if len(self._cache) > CACHE_MAX:
                self._cache.popitem(last=False)
        return found

    def close(self) -> None:
        self._stop()

    def _heard(self, topic: str, value: object) -> None:
        if topic == CHANGED:
            self._changes += 1
            self._cache.pop(str(value), None)


def _look_up(unit: Unit, keyid: str) -> Signer | None:
    row = unit.one("SELECT public_key, state FROM terminal WHERE id = ?", (keyid,))
    if row is not None:
        return Signer(Kind.TERMINAL, keyid, public_key(row[0]), revoked=row[1] != "active")
    pairing = key_of_pairing(unit, keyid)
    return None if pairing is None else Signer(Kind.PAIRING, keyid, public_key(pairing))
