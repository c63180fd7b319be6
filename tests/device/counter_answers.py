"""What the exchange says in playbooks of the counter: a coin at 10,000 won, cards of 10,000 and 50,000 won."""

from __future__ import annotations

from core.messages import (
    CardFace,
    CardIssuer,
    CoinWorth,
    Counter,
    GiftQuote,
    GiftSold,
    Tender,
    TradeDone,
    TradeQuote,
    TradeSide,
)
from tests.device.answers import AT, RRN, coins, won
from tests.device.cash_answers import SOURCES
from tests.device.playbook import TXN, changed

TIL = CoinWorth(coins("20"), won(199_000))
FACES = (CardFace(won(10_000), True), CardFace(won(50_000), True), CardFace(won(90_000), False))
MOON = CardIssuer("moon", "Moonlight Coffee", "달빛커피", FACES)
SUN = CardIssuer("sun", "Sun Books", "해책방", (CardFace(won(10_000), True),))
GONE = CardIssuer("gone", "Gone Games", "다팔림", (CardFace(won(10_000), False),))
COUNTER = Counter(TXN, won(100_000), (TIL,), (CoinWorth(coins("1"), won(10_000)),), won(30_000), (MOON, GONE))
BUYING = TradeQuote(
    quote="trade-capsule",
    id="c1",
    txn=TXN,
    side=TradeSide.BUY,
    fiat=won(50_000),
    fee=won(250),
    coins=coins("4.975"),
    rate=won(10_000),
    spread_bp=0,
    sources=SOURCES,
    expires_at=AT,
    ttl_ms=30_000,
)
SELLING = changed(BUYING, side=TradeSide.SELL, coins=coins("5.025"))
BOUGHT = TradeDone(TXN, RRN, "K7M2QX", TradeSide.BUY, won(50_000), won(250), coins("4.975"), won(10_000), AT)
TRADED_AWAY = changed(BOUGHT, side=TradeSide.SELL, coins=coins("5.025"))
CARD = GiftQuote(
    quote="gift-capsule",
    id="g1",
    txn=TXN,
    issuer="moon",
    face=won(10_000),
    tender=Tender.FIAT,
    fee=won(0),
    from_fiat=won(10_000),
    coins=None,
    rate=None,
    spread_bp=0,
    sources=(),
    expires_at=AT,
    ttl_ms=30_000,
)
COIN_CARD = changed(
    CARD, tender=Tender.COIN, from_fiat=won(0), fee=won(50), coins=coins("1.005"), rate=won(10_000), sources=SOURCES
)
CODE = "MOON-1234-5678"
SOLD = GiftSold(
    txn=TXN,
    rrn=RRN,
    approval_code="K7M2QX",
    issuer="moon",
    name="Moonlight Coffee",
    name_ko="달빛커피",
    face=won(10_000),
    fee=won(0),
    from_fiat=won(10_000),
    coins=None,
    rate=None,
    how="Show the code.",
    how_ko="코드를 보여 주세요.",
    at=AT,
    code=CODE,
)
COIN_SOLD = changed(SOLD, from_fiat=won(0), fee=won(50), coins=coins("1.005"), rate=won(10_000))
