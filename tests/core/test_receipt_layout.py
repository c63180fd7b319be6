"""Receipt lines to rows: widths of East Asian letters, names that wrap, values that are never cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.receipt import CopyMark, Line, Pair, Qr, Receipt, ReceiptLine, Rule, Title, Total
from core.receipt_layout import GapRow, PaperRow, QrRow, Row, RuleRow, display_width, lay_out, spelled, wrap
from core.receipt_text import as_text

WIDTHS = [("abc", 3), ("한국어", 6), ("₩1,000", 6), ("전각Ａ", 6), ("é", 1), ("é", 1), ("", 0), ("가\u200b", 2)]


@pytest.mark.parametrize(("text", "columns"), WIDTHS)
def test_a_text_takes_these_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns


LINES: list[tuple[ReceiptLine, int, list[PaperRow]]] = [
    (Line("one two three"), 7, [Row("one two"), Row("three")]),
    (Line("abcdefghij"), 4, [Row("abcd"), Row("efgh"), Row("ij")]),
    (Line("가나다라"), 5, [Row("가나"), Row("다라")]),
    (Line(""), 5, [Row("")]),
    (Rule(), 5, [RuleRow()]),
    (Pair("Fee", "10"), 10, [Row("Fee", "10")]),
    (Pair("A long name", "12,345 KRW"), 20, [Row("A long name"), Row("", "12,345 KRW")]),
    (Pair("A long name", "12,345,678 KRW"), 16, [Row("A long name"), Row("", "12,345,678 KRW")]),
    (Pair("A very long name of goods 2 x 5", "10,000"), 20, [Row("A very long name of"), Row("goods 2 x 5", "10,000")]),
    (Pair("Name", "0123456789"), 6, [Row("Name"), Row("", "012345"), Row("", "6789")]),
    (Pair("", "10"), 10, [Row("", "10")]),
    (Pair("Name", ""), 10, [Row("Name")]),
    (Total("TOTAL", "10 KRW"), 24, [Row("TOTAL", "10 KRW", 2, 2)]),
    (Total("TOTAL", "10 KRW"), 20, [Row("TOTAL", "", 2, 2), Row("", "10 KRW", 2, 2)]),
    (Total("TOTAL", "1,000,000 KRW"), 20, [Row("TOTAL", "1,000,000 KRW", 1, 2)]),
    (Title("My Shop"), 10, [Row("My", wide=2, tall=2, center=True), Row("Shop", wide=2, tall=2, center=True)]),
    (Qr("x", "scan me"), 10, [QrRow("x"), Row("scan me", center=True)]),
    (Qr("x", ""), 10, [QrRow("x")]),
    (CopyMark("COPY"), 10, [RuleRow(), Row("COPY", wide=2, tall=2, center=True, inverse=True), RuleRow()]),
]


@pytest.mark.parametrize(("line", "columns", "rows"), LINES)
def test_a_line_becomes_these_rows(line: ReceiptLine, columns: int, rows: list[PaperRow]) -> None:
    assert list(lay_out(Receipt("1", (line,)), columns)) == rows


_texts = st.text(st.sampled_from("ab c1,.가나 다₩日"), max_size=60)


@given(_texts, _texts, st.sampled_from([32, 48]), st.sampled_from([Pair, Total]))
def test_nothing_is_lost_and_no_row_is_too_wide(left: str, right: str, columns: int, kind: type[Pair]) -> None:
    rows = lay_out(Receipt("1", (kind(left, right),)), columns)
    laid = [row for row in rows if isinstance(row, Row)]
    assert "".join("".join(row.left for row in laid).split()) == "".join(left.split())
    assert "".join("".join(row.right for row in laid).split()) == "".join(right.split())
    assert all(display_width(row.text(columns)) * row.wide <= columns for row in laid)
    if display_width(" ".join(right.split())) <= columns:
        assert sum(bool(row.right) for row in laid) <= 1, "a value that fits a row is never broken"


@given(_texts, st.integers(2, 50))
def test_wrapping_keeps_every_character(text: str, columns: int) -> None:
    rows = wrap(text, columns)
    assert all(display_width(row) <= columns for row in rows)
    assert "".join("".join(rows).split()) == "".join(text.split())


def test_large_things_do_not_touch_small_ones() -> None:
    receipt = Receipt("1", (Title("A"), Line("b"), Qr("x", "c"), Line("d"))).as_copy("COPY")
    rows = lay_out(receipt, 32)
    assert [index for index, row in enumerate(rows) if isinstance(row, GapRow)] == [3, 5, 9, 11]


def test_text_is_spelled_for_the_printer() -> None:
    odd = Receipt("1", (Pair("\u1112\u1161\u11ab ₿", "1\u00a0000\t₿"), Line("a\nb"), Rule(), Qr("₿ stays", "₿")))
    assert spelled(odd, lambda char: char != "₿").lines == (
        Pair("한 BTC ", "1 000 BTC "),
        Line("a b"),
        Rule(),
        Qr("₿ stays", "BTC "),
    )
    assert spelled(odd, lambda char: True).lines[0] == Pair("한 ₿", "1 000 ₿")


def test_a_name_shows_a_sign_for_what_no_font_has_and_keeps_the_rest() -> None:
    smiling = Receipt(
        "1", (Title("차 ☕\ufe0f가게"), Pair("Tea \U0001f468\u200d\U0001f467 2", "1,000 ₿"), Line("\U0001f600"))
    )

    def draws(char: str) -> bool:
        return char not in "☕\ufe0f\u200d" and ord(char) < 0x10000

    assert spelled(smiling, draws).lines == (Title("차 □가게"), Pair("Tea □ 2", "1,000 ₿"), Line("\U0001f600"))
    assert spelled(smiling, lambda char: char.isascii()).lines[1] == Pair("Tea * 2", "1,000 BTC ")


def test_a_receipt_reads_as_text() -> None:
    receipt = Receipt("1", (Title("모퉁이"), Rule(), Total("합계", "10원"), Qr("TMR1:ABCDEFGHIJKLMNOPQRSTUV", "scan")))
    assert as_text(receipt.as_copy("COPY"), 20).splitlines() == [
        "─" * 20,
        "█████ C O P Y ██████",
        "─" * 20,
        "       모퉁이",
        "─" * 20,
        "합계            10원",
        "",
        "TMR1:ABCDEFGHIJKLMNO",
        "PQRSTUV",
        "",
        "        scan",
        "─" * 20,
        "█████ C O P Y ██████",
        "─" * 20,
    ]
