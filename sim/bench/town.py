"""The town around a simulated machine: its members, its operator, and the exchange's books before anybody has come.

Made once and copied for each run, so that a run costs what its own business costs.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from backend.assemble import EXCHANGE_MIGRATIONS
from backend.ledger import desk as ledger
from backend.ledger.desk import Owner, OwnerKind, Posting, Record
from backend.members import desk as members
from backend.members.rules import Contact
from backend.settle.capsule import QuoteKeys
from backend.store import Unit
from backend.withdraw import desk as withdraw
from core.asset import BTC, KRW, Asset, AssetKind
from core.code import derive
from core.moment import Moment
from core.terms import Terms
from sim.bench.clock import START_MS
from sim.bench.crash import Life
from sim.bench.disk import Disk
from sim.bench.fate import Plan
from sim.bench.seals import FastSigner, FastVerifier
from sim.bench.store_in_turn import StoreInTurn

TERMINAL: Final = "machine-1"
VAULT: Final = "vault-1"
OPERATOR: Final = "operator-1"
SHOP: Final = "Corner cash"
TERMS: Final = Terms(TERMINAL, SHOP, KRW.code, KRW.scale, 540)
CONDITIONS: Final = withdraw.Terms(fee_bp=50, spread_bp=30, unapproved_max=50_000)
EXCHANGE_KEY: Final = FastSigner("exchange-1", b"x" * 32)
VAULT_KEY: Final = FastSigner(VAULT, b"v" * 32)
STRANGER_KEY: Final = FastSigner("exchange-1", b"s" * 32)  # somebody who says he is the exchange
BELIEVES_EXCHANGE: Final = FastVerifier({"exchange-1": b"x" * 32})
BELIEVES_VAULT: Final = FastVerifier({VAULT: b"v" * 32})
SEALING: Final = b"k" * 32
WALLETS: Final[tuple[Mapping[Asset, int], ...]] = (
    {KRW: 2_500_000},
    {KRW: 60_000, BTC: 4_000_000},
    {BTC: 9_000_000},
    {KRW: 700_000, BTC: 2_000_000},
    {KRW: 15_000},
)


@dataclass(frozen=True, slots=True)
class Person:
    """A member, and the secret in their phone."""

    member: str
    secret: bytes
    roll_ms: int

    def code(self, at: Moment) -> str:
        return derive(self.secret, self.roll_ms, at).digits

    def __repr__(self) -> str:
        return f"Person({self.member})"


@dataclass(frozen=True, slots=True)
class Town:
    """`image` the exchange's store; `people` whom it knows."""

    image: bytes
    people: tuple[Person, ...]


def _nobody(site: str, bound: int) -> int:
    return 0


@cache
def town() -> Town:
    """The same in every run."""
    entropy = random.Random(20_26).randbytes  # noqa: S311 - the same people every time
    disk = Disk("exchange", b"", Plan(), _nobody)
    store = StoreInTurn.on(disk, Life("exchange", 0), EXCHANGE_MIGRATIONS)
    sealer = members.Sealer(SEALING, entropy)
    at = Moment(START_MS - 1_000)
    people: list[Person] = []

    def settle_down(unit: Unit) -> None:
        people.clear()  # a work may be run twice before it counts once
        ledger.enrol(unit, KRW, AssetKind.FIAT)
        ledger.enrol(unit, BTC, AssetKind.COIN)
        unit.run("INSERT INTO seller VALUES(?, ?, 'fiat', ?, 0)", (OPERATOR, SHOP, at.ms))
        unit.run(
            "INSERT INTO terminal VALUES(?, ?, ?, '', 'atm', 'torture', '1', 'active', ?, ?, NULL, ?)",
            (TERMINAL, OPERATOR, SHOP, at.ms, at.ms, VAULT),
        )
        for number, wallet in enumerate(WALLETS):
            member, _ = members.join(unit, Contact.parse(f"member{number}@example.org"), KRW, at, sealer, entropy)
            phone = members.enrol(unit, sealer, member.id, "phone", at, entropy)
            people.append(Person(member.id, phone.secret, phone.roll_ms))
            for asset, minor in wallet.items():
                _deposit(unit, member.id, asset, minor, at)
        while members.roll(unit, sealer, at):
            pass

    store.write(settle_down)
    disk.died(power=False)
    return Town(disk.image, tuple(people))


def _deposit(unit: Unit, member: str, asset: Asset, minor: int, at: Moment) -> None:
    postings = (
        Posting(ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), asset), -minor),
        Posting(ledger.account(unit, members.wallet_of(member), asset), minor),
    )
    ledger.post(unit, Record("deposit", f"begin/{member}/{asset.code}", at, postings))


def teller(entropy: random.Random) -> withdraw.Teller:
    """What the exchange brings to a withdrawal, with fast signatures."""
    keys = QuoteKeys("q1", {"q1": hashlib.sha256(b"quotes").digest()})
    return withdraw.Teller(
        CONDITIONS, KRW, keys, entropy.randbytes, EXCHANGE_KEY, lambda vault_key: (vault_key, BELIEVES_VAULT)
    )
