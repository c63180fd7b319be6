"""What a scanned text means, and the pad on which a code is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.asset import KRW
from core.code import compose
from core.effects import Wanted
from core.events import CodeScanned, CodeShown, Event, Form, Pressed, ProductScanned, ReceiptScanned, Source, Symbology
from core.ids import TxnId
from core.moment import Moment
from core.money import Money
from core.proof import Kind, ReceiptFacts, seal
from device.goods import BadGoods, Goods, parse_goods, read_goods
from device.recognise import CodePad, recognise
from tests.device.answers import COIN, RRN, won

CODE = compose(123_456_789, 4821)
EAN = "4006381333931"
GOODS = parse_goods(["barcode,name,price", f"{EAN},Pencil,900", "SHELF-7,Apple,1200"], KRW, "list")


def read(text: str, *wanted: Wanted, source: Source = Source.CAMERA) -> Event:
    return recognise(CodeScanned(source, Symbology.OTHER, text), wanted, GOODS)


def paper() -> str:
    price, coins = Money(50_000, KRW), Money(50_000, COIN)
    facts = ReceiptFacts(
        kind=Kind.SALE,
        rrn=RRN,
        txn=TxnId.of(bytes(16)),
        terminal="T-0001",
        shop="Corner Shop",
        at=Moment(0),
        price=price,
        quantity=coins,
        fee=Money(0, KRW),
        total=coins,
        rate=Money(10_000, KRW),
        approval="A1B2C3",
    )
    return seal(facts, "k1", bytes(64))


@pytest.mark.parametrize(
    ("text", "wanted", "meaning"),
    [
        (CODE.grouped(), Wanted.PERSONAL, CodeShown(Source.CAMERA, Form.WHOLE, CODE.grouped())),
        (CODE.digits[:-1] + "x", Wanted.PERSONAL, CodeShown(Source.CAMERA, Form.FOREIGN, CODE.digits[:-1] + "x")),
        (EAN, Wanted.PRODUCT, ProductScanned(EAN, "Pencil", won(900))),
        (EAN, Wanted.PERSONAL, ProductScanned(EAN, "Pencil", won(900))),
        ("SHELF-7", Wanted.PRODUCT, ProductScanned("SHELF-7", "Apple", won(1_200))),
        ("73513537", Wanted.PRODUCT, ProductScanned("73513537", "73513537", None)),
        ("TMP1:KRW:4500:Cake", Wanted.PRODUCT, ProductScanned("TMP1:KRW:4500:Cake", "Cake", won(4_500))),
        ("TMP1:USD:4500:Cake", Wanted.PRODUCT, ProductScanned("TMP1:USD:4500:Cake", "Cake", None)),
        ("hello", Wanted.PRODUCT, CodeShown(Source.CAMERA, Form.FOREIGN, "hello")),
        (CODE.digits, Wanted.PRODUCT, CodeShown(Source.CAMERA, Form.FOREIGN, CODE.digits)),
        (paper(), Wanted.RECEIPT, ReceiptScanned(RRN)),
        (EAN, Wanted.RECEIPT, CodeShown(Source.CAMERA, Form.FOREIGN, EAN)),
    ],
)
def test_a_text_means_what_was_wanted(text: str, wanted: Wanted, meaning: Event) -> None:
    assert read(text, wanted) == meaning


def test_one_wrong_digit_is_told_from_a_foreign_code() -> None:
    wrong = CODE.digits[:-1] + str((int(CODE.digits[-1]) + 1) % 10)
    heard = read(wrong, Wanted.PERSONAL)
    assert isinstance(heard, CodeShown)
    assert heard.form is Form.MISTYPED


def test_the_pad_keeps_the_digits_to_itself_until_they_are_whole() -> None:
    pad = CodePad()
    heard = [pad.press(Pressed(f"digit:{digit}")) for digit in CODE.digits]
    assert [shown.form for shown in heard if shown] == [Form.PARTIAL] * 17 + [Form.WHOLE]
    assert pad.press(Pressed("digit:9")) == CodeShown(Source.KEYPAD, Form.PARTIAL, "9")
    assert pad.press(Pressed("erase")) == CodeShown(Source.KEYPAD, Form.PARTIAL, "")
    assert pad.press(Pressed("cancel")) is None
    half = pad.press(Pressed("read_typed"))
    assert half is not None
    assert half.form is Form.MISTYPED


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["code,name"], "barcode,name,price"),
        ([], "barcode,name,price"),
        (["barcode,name,price", ",Apple,1"], "line 2: a barcode and a name"),
        (["barcode,name,price", "1,Apple,1.5"], "line 2: '1.5'"),
        (["barcode,name,price", "1,Apple,0"], "line 2: the price is not above zero"),
        (["barcode,name,price", "1,Apple,1", "1,Pear,1"], "line 3: 1 is listed twice"),
    ],
)
def test_a_price_list_with_a_mistake_names_its_line(lines: list[str], words: str) -> None:
    with pytest.raises(BadGoods, match="goods") as refused:
        parse_goods(lines, KRW, "goods.csv")
    assert words in str(refused.value)


def test_a_price_list_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "goods.csv"
    path.write_text("barcode,name,price\n1,사과,1200\n", "utf-8")
    assert read_goods(path, KRW).by_code["1"].name == "사과"
    with pytest.raises(BadGoods, match="No such file"):
        read_goods(tmp_path / "none.csv", KRW)
    assert Goods(KRW).by_code == {}
