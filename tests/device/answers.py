"""What the far side says in playbooks: a price of 50,000 won, a coin at 10,000 won, a fee of 250 won."""

from __future__ import annotations

from core.asset import KRW, Asset
from core.messages import (
    Authorisation,
    Capture,
    Payout,
    Presentation,
    QuoteOffer,
    RefundChoice,
    RefundDone,
    RefundOffer,
    RefundOption,
    Sale,
    SaleState,
    SourcePrice,
    WireMoney,
)
from core.money import Money
from tests.device.playbook import TXN

COIN = Asset("TIL", 4)
AT = "2026-03-01T00:00:00.000Z"
RRN = "606000000017"


def won(amount: int) -> WireMoney:
    return WireMoney.of(Money(amount, KRW))


def coins(text: str) -> WireMoney:
    return WireMoney.of(Money.parse(text, COIN))


PRESENTATION = Presentation("pres-1", TXN, "4821", ("TIL", "BTC"), AT, 120_000)
OFFER = QuoteOffer(
    quote="capsule-1",
    id="q1",
    txn=TXN,
    price=won(50_000),
    quantity=coins("5"),
    fee=won(250),
    fee_quantity=coins("0.025"),
    total=coins("5.025"),
    rate=won(10_000),
    spread_bp=0,
    sources=(SourcePrice("Upper", won(10_000), AT), SourcePrice("Binary", won(10_000), AT)),
    priced_at=AT,
    expires_at=AT,
    ttl_ms=15_000,
    others=("BTC",),
)
AUTHORISATION = Authorisation(TXN, RRN, "A1B2C3", AT)
CAPTURE = Capture(
    txn=TXN,
    rrn=RRN,
    approval_code="A1B2C3",
    price=won(50_000),
    quantity=coins("5"),
    fee=won(250),
    total=coins("5.025"),
    rate=won(10_000),
    payout=Payout(won(49_500), won(500)),
    settled_at=AT,
    proof="TMR1:PROOF",
)
SALE_FOUND = Sale(TXN, RRN, SaleState.SETTLED, AT, won(50_000), won(50_000), True, CAPTURE)
REFUND_OFFER = RefundOffer(
    "refund-capsule",
    TXN,
    won(50_000),
    (
        RefundOption(RefundChoice.COINS_TODAY, coins("4.8"), won(10_416)),
        RefundOption(RefundChoice.FIAT, won(50_000)),
    ),
    AT,
    15_000,
)
REFUND_DONE = RefundDone(TXN, TXN, "606000000018", RefundChoice.FIAT, won(50_000), won(50_000), AT, "TMR1:REFUND")
