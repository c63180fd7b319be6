"""A runtime in the wrong hands: everything that somebody can try who holds the vault's socket.

No try may move a note that nobody has authorised, nor one more than was authorised. What the vault answers is noted;
the truth says whether it kept its word.
"""

from __future__ import annotations

from collections.abc import Generator

from core.asset import KRW
from core.authority import AUTHORITY, Authority
from core.cash_report import Act
from core.grant import GRANT, Grant, Right
from core.ids import TxnId
from core.messages import WireMoney
from core.money import Money
from core.sealed import seal
from core.vault_talk import (
    Acknowledge,
    AskChallenge,
    AskNonce,
    Challenge,
    Nonce,
    PayOut,
    Reply,
    Request,
    Serve,
    VaultRefused,
)
from sim.bench.technician import found
from sim.bench.town import EXCHANGE_KEY, STRANGER_KEY, TERMINAL, VAULT
from sim.bench.visits import Visit
from sim.bench.world import World

KINDS = 7
Attempt = Generator[Request, Reply | None, Reply | None]


def _won(minor: int) -> WireMoney:
    return WireMoney.of(Money(minor, KRW))


def tries(world: World, kind: int) -> Visit:
    """One attempt; True when it was refused."""
    reply: Reply | None
    match kind:
        case 0:
            reply = yield from _forged(world, STRANGER_KEY.key_id)
        case 1:
            reply = yield from _again(world, other_txn=False)
        case 2:
            reply = yield from _again(world, other_txn=True)
        case 3:
            reply = yield from _without_nonce(world)
        case 4:
            reply = yield from _with_no_grant(world)
        case 5:
            reply = yield Acknowledge(
                seal("ct1", Authority(TERMINAL, VAULT, _txn(world), "0" * 32, _won(1), 1), STRANGER_KEY)
            )
        case _:
            reply = yield from _elsewhere(world)
    if not isinstance(reply, VaultRefused):
        return False
    world.reached(f"the vault refused a stranger: {reply.code}")
    return True


def _txn(world: World) -> TxnId:
    return TxnId.of(world.entropy.randbytes(16))


def _forged(world: World, key_id: str) -> Attempt:
    """A fresh nonce, and an authority that somebody else has signed in the exchange's name."""
    txn = _txn(world)
    given = yield AskNonce(txn)
    if not isinstance(given, Nonce):
        return given
    said = Authority(TERMINAL, VAULT, txn, given.nonce, _won(500_000), 60_000)
    return (yield PayOut(txn, seal(AUTHORITY, said, STRANGER_KEY), _won(500_000)))


def _again(world: World, *, other_txn: bool) -> Attempt:
    """An authority that has been used, for its own business or for another."""
    if not world.witness.authorities:
        return None
    txn, authority = world.witness.authorities[-1]
    amount = _won(world.witness.reference.amount(txn))
    name = _txn(world) if other_txn else TxnId(txn)
    if other_txn:
        yield AskNonce(name)
    return (yield PayOut(name, authority, amount))


def _without_nonce(world: World) -> Attempt:
    """The exchange's own signature, for a nonce the vault never gave."""
    txn = _txn(world)
    said = Authority(TERMINAL, VAULT, txn, world.entropy.randbytes(16).hex(), _won(300_000), 60_000)
    return (yield PayOut(txn, seal(AUTHORITY, said, EXCHANGE_KEY), _won(300_000)))


def _elsewhere(world: World) -> Attempt:
    """A good authority for another machine."""
    txn = _txn(world)
    given = yield AskNonce(txn)
    if not isinstance(given, Nonce):
        return given
    said = Authority("machine-2", "vault-2", txn, given.nonce, _won(100_000), 60_000)
    return (yield PayOut(txn, seal(AUTHORITY, said, EXCHANGE_KEY), _won(100_000)))


def _with_no_grant(world: World) -> Attempt:
    """A service act under a grant of one's own making."""
    given = yield AskChallenge()
    if not isinstance(given, Challenge):
        return given
    grant = seal(GRANT, Grant(TERMINAL, VAULT, "Nobody", tuple(Right), given.challenge, 60_000), STRANGER_KEY)
    return (yield Serve(_txn(world), grant, Act.REMOVED, found(world)))
