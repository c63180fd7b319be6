"""Receipts as the counter prints them, for tests and for looking at: a sale, a refund and a copy, in both languages."""

from __future__ import annotations

from dataclasses import replace

from core.asset import BTC, KRW
from core.ids import TxnId
from core.moment import Moment
from core.money import Money
from core.proof import Kind, ReceiptFacts, seal
from core.receipt import Line, Pair, Qr, Receipt, Rule, Title, Total

TXN = TxnId.of(bytes.fromhex("0192f3a4b5c6d7e8f90a1b2c3d4e5f60"))
FACTS = ReceiptFacts(
    kind=Kind.SALE,
    rrn="512600000042",
    txn=TXN,
    terminal="T-1001",
    at=Moment.parse("2026-03-02T09:14:05Z"),
    price=Money(50_000, KRW),
    quantity=Money(52_083, BTC),
    fee=Money(250, KRW),
    total=Money(52_344, BTC),
    rate=Money(96_000_000, KRW),
    approval="7KD2QF",
    shop="모퉁이 커피",
)
SEAL = seal(FACTS, "exchange-2026-1", bytes(range(64)))
REFUND_FACTS = replace(FACTS, kind=Kind.REFUND, sale=TXN, rrn="512600000057", fee=Money(0, KRW), rate=None, approval="")
REFUND_SEAL = seal(REFUND_FACTS, "exchange-2026-1", bytes(64))

SALE_EN = Receipt(
    "512600000042",
    (
        Title("Corner Coffee"),
        Line("12 Sejong-daero, Jung-gu, Seoul"),
        Rule(),
        Pair("2026-03-02 18:14:05", "T-1001"),
        Pair("Receipt", "512600000042"),
        Rule(),
        Pair("Flat white 2 x 5,500", "11,000 KRW"),
        Pair("House blend beans, whole, washed, 500 g bag 1 x 39,000", "39,000 KRW"),
        Rule(),
        Total("TOTAL", "50,000 KRW"),
        Rule(),
        Pair("Paid in", "Bitcoin (BTC)"),
        Pair("Coins for the price", "0.00052083 BTC"),
        Pair("Fee 250 KRW", "0.00000261 BTC"),
        Pair("Coins paid", "0.00052344 BTC"),
        Pair("Rate", "1 BTC = 96,000,000 KRW"),
        Pair("Prices from", "Venue A, Venue B at 18:14:03"),
        Pair("Code shown", "**** 4821"),
        Pair("Approval", "7KD2QF"),
        Rule(),
        Line("Refund within 14 days with this receipt: coins at that day's price, or won."),
        Qr(SEAL, "Scan to check this receipt"),
        Line("Thank you. See you again."),
    ),
)

SALE_KO = Receipt(
    "512600000042",
    (
        Title("모퉁이 커피"),
        Line("서울 중구 세종대로 12"),
        Rule(),
        Pair("2026-03-02 18:14:05", "T-1001"),
        Pair("영수증 번호", "512600000042"),
        Rule(),
        Pair("플랫 화이트 2 x 5,500", "11,000원"),
        Pair("하우스 블렌드 원두 홀빈 워시드 500 g 1 x 39,000", "39,000원"),
        Rule(),
        Total("합계", "50,000원"),
        Rule(),
        Pair("결제 수단", "비트코인 (BTC)"),
        Pair("결제 수량", "0.00052083 BTC"),
        Pair("수수료 250원", "0.00000261 BTC"),
        Pair("총 수량", "0.00052344 BTC"),
        Pair("적용 시세", "1 BTC = ₩96,000,000"),
        Pair("시세 출처", "Venue A, Venue B 18:14:03"),
        Pair("식별 코드", "**** 4821"),
        Pair("승인 번호", "7KD2QF"),
        Rule(),
        Line("14일 안에 이 영수증으로 환불할 수 있어요. 그날 시세의 코인이나 원화 중에서 골라요."),
        Qr(SEAL, "영수증이 진짜인지 확인해 보세요"),
        Line("이용해 주셔서 고마워요."),
    ),
)

REFUND_EN = Receipt(
    "512600000057",
    (
        Title("Corner Coffee"),
        Title("REFUND"),
        Rule(),
        Pair("2026-03-03 10:02:41", "T-1001"),
        Pair("Receipt", "512600000057"),
        Pair("For sale", "512600000042"),
        Rule(),
        Total("REFUNDED", "39,000 KRW"),
        Rule(),
        Pair("Given back in", "Bitcoin (BTC)"),
        Pair("Coins given", "0.00040206 BTC"),
        Pair("Rate today", "1 BTC = 97,000,000 KRW"),
        Rule(),
        Qr(REFUND_SEAL, "Scan to check this receipt"),
    ),
)

COPY_EN = SALE_EN.as_copy("COPY")
COPY_KO = SALE_KO.as_copy("사본")
ALL = {"sale-en": SALE_EN, "sale-ko": SALE_KO, "refund-en": REFUND_EN, "copy-en": COPY_EN, "copy-ko": COPY_KO}
