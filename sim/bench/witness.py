"""The witness: hears what the exchange says yes to, in the messages' own words, and knows what may not be said.

Feeds the reference. What it checks at once: a code is good for one business (S-I2), nobody is paid without the phone's
yes (S-I1), a price is alive when it is taken (I10).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from core.codec import from_plain
from core.messages import Tender, WithdrawOffer
from core.moment import Moment
from sim.bench.outcome import Violated
from sim.bench.reference import Reference
from sim.bench.town import CONDITIONS, WALLETS, Person

TENDERS: Final = {
    Tender.FIAT: "fiat alone paid",
    Tender.COIN: "coins were sold",
    Tender.BOTH: "coins and fiat paid together",
}


class Witness:
    """`authorised_at` asks the exchange when it said yes: its answer may be heard much later."""

    def __init__(
        self, people: tuple[Person, ...], reached: Callable[[str], None], authorised_at: Callable[[str], Moment]
    ) -> None:
        self.reference = Reference(CONDITIONS.fee_bp)
        for person, wallet in zip(people, WALLETS, strict=True):
            for asset, minor in wallet.items():
                self.reference.deposited(person.member, asset.code, minor)
        self.authorities: list[tuple[str, str]] = []  # (transaction, sealed authority)
        self.approved: set[str] = set()
        self.owners: dict[str, str] = {}  # a code that was shown -> whose it is
        self._reached, self._authorised_at = reached, authorised_at
        self._presented: dict[str, str] = {}
        self._redeemed: dict[str, str] = {}
        self._reported: set[str] = set()

    def heard(self, path: str, body: bytes, data: object) -> None:
        """The exchange has answered this request with this yes."""
        assert isinstance(data, dict)
        if path == "/v1/withdrawals/quotes":
            member = self._presented[json.loads(body)["presentation"]]
            self.reference.offered(member, from_plain(WithdrawOffer, data))
        elif path == "/v1/withdrawals":
            asked = json.loads(body)
            txn = str(asked["txn"]["text"])
            if txn not in self.reference.withdrawals:
                self._authorised(txn, str(asked["quote"]), str(data["authority"]))
        elif path == "/v1/presentations":
            asked = json.loads(body)
            code, txn = str(asked["code"]), str(asked["txn"]["text"])
            if self._redeemed.setdefault(code, txn) != txn:
                raise Violated("S-I2", "one personal code was good for two businesses")
            self._presented[str(data["id"])] = self.owners[code]
        elif path == "/v1/cash-reports":
            report = json.loads(body)["report"]
            if report in self._reported:
                self._reached("a report was told again")
            self._reported.add(report)

    def allowed(self, txn: str) -> int:
        """What the exchange has authorised for it; nothing for a transaction it never heard of."""
        return self.reference.amount(txn) if txn in self.reference.withdrawals else 0

    def _authorised(self, txn: str, quote: str, authority: str) -> None:
        """The exchange has said yes for the first time."""
        self.reference.said_yes(txn, quote)
        self.authorities.append((txn, authority))
        self._reached("authorised")
        offer = self.reference.offer(quote)
        if self._authorised_at(txn) >= Moment.parse(offer.expires_at):
            raise Violated("I10", f"{txn} was authorised at a price that had expired")
        self._reached(TENDERS[offer.tender])
        if txn in self.approved:
            return
        if offer.amount.money().minor > CONDITIONS.unapproved_max:
            raise Violated("S-I1", f"{txn} of {offer.amount.amount} was authorised, and the phone has not said yes")
        self._reached("approved without the phone")
