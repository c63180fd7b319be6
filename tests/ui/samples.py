"""Screens a sale is made of, in both languages, for pictures and for layout tests.

The words stand here and not in the catalogue, so that a picture shows the longest thing a step might say.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sin

from core.asset import BTC, KRW
from core.money import Money
from core.ports import Preview
from core.screens import (
    Action,
    Amount,
    Choice,
    Choices,
    Countdown,
    Drawing,
    Facts,
    ItemRow,
    Items,
    Keypad,
    Notice,
    Picture,
    Plain,
    QrCode,
    Role,
    Screen,
    Tone,
    Viewfinder,
    Waiting,
    Words,
)

Pick = Callable[[str, str], Words]
"""English and Korean in; the words of one language out."""

PLACE = {"en": "Hangang Books", "ko": "한강서점"}


def in_lang(lang: str) -> Pick:
    return lambda en, ko: Plain(ko if lang == "ko" else en)


def won(value: int) -> Money:
    return Money(value, KRW)


def samples(lang: str) -> tuple[Screen, ...]:
    """Every sample screen in that language; names are unique."""
    t = in_lang(lang)
    parts = (_selling, _identifying, _refused_codes, _quoting, _coins, _confirming, _ending, _paper, _refunds, _batches)
    return (*(screen for part in parts for screen in part(t)), *_service(t))


def _cancel(t: Pick) -> Action:
    return Action("cancel", t("Cancel", "취소"), Role.CANCEL, "escape")


def _back(t: Pick) -> Action:
    return Action("back", t("Back", "뒤로"), Role.CANCEL, "escape")


def _selling(t: Pick) -> tuple[Screen, ...]:
    rows = (
        ItemRow("A History of Korean Paper Making", 1, won(28_000)),
        ItemRow("연필 HB", 3, won(3_600)),
        ItemRow("Notebook, dotted, A5", 2, won(18_400)),
    )
    many = tuple(ItemRow(f"Postcard no. {n}", n % 3 + 1, won(1_500 * (n % 3 + 1))) for n in range(1, 15))
    pay = Action("charge", t("Charge", "결제하기"), Role.PRIMARY, "enter")
    return (
        Screen(
            "idle",
            t("Welcome", "어서 오세요"),
            (
                Notice(t("Ready. Scan goods, or press New sale.", "준비됐어요. 상품을 스캔하거나 새 판매를 누르세요.")),
                Drawing(Picture.SHOP),
            ),
            (
                Action("service", t("More", "더 보기")),
                Action("new_sale", t("New sale", "새 판매"), Role.PRIMARY, "enter"),
            ),
        ),
        Screen(
            "ring_up",
            t("Scan or type a price", "스캔하거나 금액을 입력하세요"),
            (Items(rows, won(50_000)), Keypad("12,500", "₩", double_zero=True)),
            (_cancel(t), Action("remove", t("Remove", "빼기")), Action("add", t("Add", "담기")), pay),
        ),
        Screen(
            "ring_up_long",
            t("Scan or type a price", "스캔하거나 금액을 입력하세요"),
            (Items(many, won(1_234_500)),),
            (_cancel(t), Action("remove", t("Remove last", "마지막 빼기"), Role.DANGER), pay),
        ),
        Screen(
            "price_of_product",
            t("Type the price", "가격을 입력하세요"),
            (
                Notice(t("Canvas bag has no price yet.", "에코백의 가격이 아직 없어요.")),
                Keypad("", "₩", double_zero=True),
            ),
            (_cancel(t), Action("add", t("Add", "담기"), Role.PRIMARY, "enter")),
        ),
    )


def _identifying(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "show_code",
            t("Show your code", "코드를 보여 주세요"),
            (
                Amount(won(50_000)),
                Viewfinder(t("Hold your phone here", "휴대폰을 여기에 대 주세요")),
            ),
            (_cancel(t), Action("type", t("Type the code", "코드 직접 입력"))),
        ),
        Screen(
            "tap_phone",
            t("Tap your phone", "휴대폰을 대 주세요"),
            (
                Amount(won(50_000)),
                Notice(t("No money has moved.", "돈은 움직이지 않았어요.")),
                Drawing(Picture.TAP),
            ),
            (_cancel(t), Action("type", t("Type the code", "코드 직접 입력"))),
        ),
        Screen(
            "camera_lost",
            t("The camera is not working", "카메라를 쓸 수 없어요"),
            (
                Notice(
                    t(
                        "Tap your phone or type the code. No money has moved.",
                        "휴대폰을 대거나 코드를 입력해 주세요. 돈은 움직이지 않았어요.",
                    ),
                    Tone.WARN,
                ),
                Drawing(Picture.PHONE),
            ),
            (_cancel(t), Action("type", t("Type the code", "코드 직접 입력"), Role.PRIMARY, "enter")),
            Tone.WARN,
        ),
    )


def _refused_codes(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "type_code",
            t("Type the 18 digits", "18자리 코드를 입력하세요"),
            (Keypad("271 829 103 447 11"),),
            (_back(t), Action("enter", t("Continue", "계속"), Role.PRIMARY, "enter")),
        ),
        Screen(
            "code_refused",
            t("This code has expired", "시간이 지난 코드예요"),
            (
                Notice(
                    t("No money has moved. Show the new code.", "돈은 움직이지 않았어요. 새 코드를 보여 주세요."),
                    Tone.WARN,
                ),
                Drawing(Picture.CLOCK),
            ),
            (_cancel(t), Action("again", t("Try again", "다시 시도"), Role.PRIMARY, "enter")),
            Tone.WARN,
        ),
    )


def _quoting(t: Pick) -> tuple[Screen, ...]:
    under = t(
        "0.00051234 BTC · 1 BTC = 97,590,000 ₩ · fee 250 ₩",
        "0.00051234 BTC · 1 BTC = 97,590,000원 · 수수료 250원",
    )
    return (
        Screen(
            "working",
            t("Asking for the price", "시세를 확인하고 있어요"),
            (
                Waiting(t("This takes a moment.", "잠시만 기다려 주세요.")),
                Notice(t("No money has moved.", "돈은 움직이지 않았어요.")),
            ),
            (_cancel(t),),
        ),
        Screen(
            "quote",
            t("Pay with Bitcoin?", "비트코인으로 결제할까요?"),
            (
                Amount(
                    won(50_000),
                    t("Hangang Books", "한강서점"),
                    under,
                    t("Market price now, two sources", "지금 시장 가격 · 시세 출처 2곳"),
                ),
                Countdown(24_000, 30_000, t("until a new price", "뒤에 시세가 바뀌어요")),
            ),
            (
                _cancel(t),
                Action("coins", t("Other coins", "다른 코인")),
                Action("confirm", t("Pay", "결제"), Role.PRIMARY, "enter"),
            ),
        ),
    )


def _coins(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "coins",
            t("Choose a coin", "코인을 고르세요"),
            (
                Amount(won(50_000)),
                Choices(
                    (
                        Choice("coin:BTC", t("Bitcoin", "비트코인"), t("0.00051234 BTC", "0.00051234 BTC"), wallet=1),
                        Choice("coin:ETH", t("Ether", "이더리움"), t("0.00912 ETH", "0.00912 ETH"), wallet=2),
                        Choice("coin:XRP", t("XRP", "리플"), t("14.25 XRP", "14.25 XRP"), wallet=3),
                    )
                ),
            ),
            (_back(t),),
        ),
        Screen(
            "coins_five",
            t("Choose a coin", "코인을 고르세요"),
            (
                Choices(
                    tuple(
                        Choice(f"coin:{code}", t(en, ko), t(f"{much} {code}", f"{much} {code}"), wallet=n)
                        for n, (code, en, ko, much) in enumerate(
                            (
                                ("BTC", "Bitcoin", "비트코인", "0.00051234"),
                                ("ETH", "Ether", "이더리움", "0.00912"),
                                ("XRP", "XRP", "리플", "14.25"),
                                ("SOL", "Solana", "솔라나", "0.2214"),
                                ("DOT", "Polkadot", "폴카닷", "5"),
                            ),
                            1,
                        )
                    )
                ),
            ),
            (_back(t),),
        ),
    )


def _confirming(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "confirm",
            t("Is this right?", "이대로 결제할까요?"),
            (
                Amount(won(50_000)),
                Facts(
                    (
                        (t("You give", "보내는 코인"), Plain("0.00051234 BTC")),
                        (t("Market price now", "지금 시세"), t("97,590,000 ₩", "97,590,000원")),
                        (t("Fee", "수수료"), t("250 ₩", "250원")),
                    )
                ),
                Countdown(8_000, 30_000),
            ),
            (_cancel(t), Action("confirm", t("Confirm", "확인"), Role.PRIMARY, "enter")),
        ),
        Screen(
            "authorising",
            t("Paying 50,000 ₩", "50,000원을 결제하고 있어요"),
            (
                Waiting(t("Please leave your phone on.", "휴대폰을 켜 두세요.")),
                Notice(
                    t(
                        "We are asking the exchange. Nothing is taken twice.",
                        "거래소에 확인하고 있어요. 두 번 결제되지 않아요.",
                    )
                ),
            ),
        ),
    )


def _ending(t: Pick) -> tuple[Screen, ...]:
    done = Action("done", t("Done", "완료"), Role.PRIMARY, "enter")
    return (
        Screen(
            "approved",
            t("Paid", "결제됐어요"),
            (
                Drawing(Picture.TICK),
                Amount(won(50_000), None, Plain("0.00051234 BTC"), t("Approval 418 207", "승인번호 418 207")),
                Notice(t("Take your receipt.", "영수증을 받아 가세요."), Tone.GOOD),
            ),
            (done,),
            Tone.GOOD,
        ),
        Screen(
            "declined",
            t("Not enough coins", "코인이 부족해요"),
            (
                Drawing(Picture.CROSS),
                Notice(t("No money has moved.", "돈은 움직이지 않았어요."), Tone.STOP),
                Facts(
                    (
                        (t("Price", "금액"), t("50,000 ₩", "50,000원")),
                        (t("In this wallet", "지갑 잔액"), t("31,200 ₩", "31,200원")),
                    )
                ),
            ),
            (_cancel(t), Action("coins", t("Other coins", "다른 코인"), Role.PRIMARY, "enter")),
            Tone.STOP,
        ),
        Screen(
            "checking",
            t("We are checking", "확인하고 있어요"),
            (
                Notice(
                    t(
                        "We are checking with the exchange. Your money is safe; keep this number: R7-4412.",
                        "거래소에 확인하고 있어요. 돈은 안전해요. 이 번호를 기억해 주세요: R7-4412",
                    ),
                    Tone.WARN,
                ),
                Waiting(t("Asking again in a moment.", "잠시 뒤에 다시 물어볼게요.")),
            ),
            (Action("slip", t("Print the number", "번호 출력")),),
            Tone.WARN,
        ),
    )


def _paper(t: Pick) -> tuple[Screen, ...]:
    done = Action("done", t("Done", "완료"), Role.PRIMARY, "enter")
    return (
        Screen(
            "no_paper",
            t("Paid. Scan your receipt", "결제됐어요. 영수증을 찍어 주세요"),
            (
                Drawing(Picture.TICK),
                Amount(won(50_000), None, Plain("0.00051234 BTC")),
                Facts(((t("Number for staff", "직원 확인 번호"), Plain("606000000017")),)),
                Notice(t("The printer is out of paper.", "프린터 용지가 떨어졌어요."), Tone.WARN),
                QrCode("https://tillmark.example/r/7F3K-9QXM-2D4T?s=MEUCIQDv5w", t("Your receipt", "영수증")),
            ),
            (done,),
            Tone.GOOD,
        ),
        Screen(
            "paper_low",
            t("Change the paper", "용지를 갈아 주세요"),
            (
                Notice(t("The sale is settled. The receipt prints next.", "결제는 끝났어요. 영수증은 곧 나와요.")),
                Drawing(Picture.PAPER),
            ),
            (_cancel(t), Action("again", t("Print again", "다시 출력"), Role.PRIMARY, "enter")),
        ),
    )


def _refunds(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "find_sale",
            t("Scan the receipt", "영수증을 스캔하세요"),
            (
                Notice(t("Or type the number printed on it.", "또는 영수증의 번호를 입력하세요.")),
                Viewfinder(t("Hold the receipt's code here", "영수증 QR을 여기에 대 주세요")),
            ),
            (_back(t), Action("type", t("Type the number", "번호 입력"))),
        ),
        Screen(
            "find_sale_typing",
            t("Scan the receipt or type its number", "영수증을 스캔하거나 번호를 입력하세요"),
            (
                Notice(t("That is not a receipt of ours.", "틸마크 영수증이 아니에요."), Tone.WARN),
                Viewfinder(),
                Keypad("606000000017"),
            ),
            (_cancel(t), Action("find", t("Find", "찾기"), Role.PRIMARY, "enter")),
        ),
        Screen(
            "refund_choose",
            t("How should the refund be made?", "어떻게 환불할까요?"),
            (
                Amount(won(50_000), t("Giving back", "돌려드릴 금액")),
                Countdown(24_000, 30_000, t("this price holds", "동안 이 시세를 유지해요")),
                Choices(
                    (
                        Choice(
                            "refund:fiat",
                            t("Back in won", "원화로 환불"),
                            t("The price paid, to the wallet's won balance", "결제한 금액을 원화 잔액으로"),
                            won(50_000),
                        ),
                        Choice(
                            "refund:coin",
                            t("Back in coin", "코인으로 환불"),
                            t("The same coins; worth 48,730 ₩ now", "같은 수량 · 지금 가치 48,730원"),
                            Money(51_234, BTC),
                        ),
                    )
                ),
            ),
            (_back(t),),
        ),
    )


def _batches(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "batch_agrees",
            t("The day agrees", "마감이 일치해요"),
            (
                Drawing(Picture.TICK),
                Facts(
                    (
                        (t("Sales", "판매"), t("42 · 1,874,500 ₩", "42건 · 1,874,500원")),
                        (t("Refunds", "환불"), t("1 · 50,000 ₩", "1건 · 50,000원")),
                        (t("Commission", "수수료"), t("14,996 ₩", "14,996원")),
                        (t("To be paid out", "정산 금액"), t("1,809,504 ₩", "1,809,504원")),
                    )
                ),
            ),
            (Action("done", t("Done", "완료"), Role.PRIMARY, "enter"),),
            Tone.GOOD,
        ),
        Screen(
            "batch_differs",
            t("The totals differ", "합계가 달라요"),
            (
                Notice(
                    t(
                        "Difference 12,500 ₩. Nothing is lost: the list shows each sale.",
                        "12,500원 차이가 나요. 사라진 돈은 없어요. 목록에서 확인하세요.",
                    ),
                    Tone.WARN,
                ),
                Facts(
                    (
                        (t("This terminal", "이 단말기"), t("42 · 1,874,500 ₩", "42건 · 1,874,500원")),
                        (t("Exchange", "거래소"), t("43 · 1,887,000 ₩", "43건 · 1,887,000원")),
                    )
                ),
            ),
            (_back(t), Action("list", t("Show the list", "목록 보기"), Role.PRIMARY, "enter")),
            Tone.WARN,
        ),
    )


def _service(t: Pick) -> tuple[Screen, ...]:
    return (
        Screen(
            "out_of_service",
            t("Out of service", "잠시 쓸 수 없어요"),
            (
                Notice(
                    t(
                        "No line to the exchange since 18:04. No money has moved.",
                        "18:04부터 거래소와 연결이 끊겼어요. 돈은 움직이지 않았어요.",
                    ),
                    Tone.STOP,
                ),
                Drawing(Picture.LINE),
            ),
            (),
            Tone.STOP,
        ),
        Screen(
            "pairing",
            t("Pair this terminal", "단말기를 연결하세요"),
            (
                Facts(((t("Code", "코드"), Plain("K7M4-29QX")), (t("Fingerprint", "지문"), Plain("4f:a2:91:0c")))),
                Countdown(840_000, 900_000, t("seconds left for this code", "초 동안 쓸 수 있어요")),
                QrCode("https://tillmark.example/pair/K7M429QX", t("Scan as operator", "운영자 페이지에서 스캔")),
            ),
            (_cancel(t),),
        ),
        Screen(
            "menu",
            t("More", "더 보기"),
            (
                Choices(
                    (
                        Choice("refund", t("Refund", "환불")),
                        Choice("close", t("Close the day", "마감")),
                        Choice("copy", t("Receipt copy", "영수증 재출력")),
                        Choice("doctor", t("Devices", "장치 점검")),
                    )
                ),
            ),
            (_back(t),),
        ),
    )


def counter_picture(width: int = 640, height: int = 480) -> Preview:
    """A camera picture made by arithmetic: a dark counter, a bright phone, a code on it."""
    rows = bytearray(width * height)
    for y in range(height):
        for x in range(width):
            level = 70 + int(18 * sin(x / 37) + 14 * sin(y / 23 + x / 91))
            px, py = (x - width * 0.52) / (width * 0.17), (y - height * 0.5) / (height * 0.4)
            if abs(px) < 1 and abs(py) < 1:
                level = 225
                cx, cy = int((px + 0.75) / 1.5 * 21), int((py + 0.45) / 0.62 * 21)
                if 0 <= cx < 21 and 0 <= cy < 21 and (cx * 7 + cy * 13 + cx * cy) % 3 == 0:
                    level = 30
            rows[y * width + x] = max(0, min(255, level))
    return Preview(width, height, bytes(rows), "")
