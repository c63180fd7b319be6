"""The seal of a receipt: bytes to the bit, a text that fits its QR code, and every damaged text named."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from core.asset import BTC, KRW, Asset
from core.ids import TxnId
from core.moment import Moment
from core.money import MINOR_MAX, Money
from core.proof import (
    DOMAIN,
    SEAL_CHARS_MAX,
    BadFacts,
    BadSeal,
    Kind,
    ReceiptFacts,
    encode,
    fitted,
    open_seal,
    seal,
    shop_name,
)

SIGNATURE = bytes(range(64))
SALE = ReceiptFacts(
    kind=Kind.SALE,
    rrn="512600000042",
    txn=TxnId.of(bytes(range(16))),
    terminal="T-1001",
    at=Moment(1_772_357_400_000),
    price=Money(50_000, KRW),
    quantity=Money(500_000_000, BTC),
    fee=Money(250, KRW),
    total=Money(502_500_000, BTC),
    rate=Money(10_000, KRW),
    approval="A1B2C3",
    shop="모퉁이 가게",
)
REFUND = replace(SALE, kind=Kind.REFUND, sale=TxnId.of(bytes(16)), fee=Money(0, KRW), rate=None, approval="")

_ascii = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
_assets = st.builds(Asset, st.from_regex(r"[A-Z][A-Z0-9]{1,9}", fullmatch=True), st.integers(0, 8))
_minor = st.integers(0, MINOR_MAX)


@st.composite
def facts(draw: st.DrawFn) -> ReceiptFacts:
    kind = draw(st.sampled_from(Kind))
    fiat, coin = draw(_assets), draw(_assets)
    txns = st.builds(TxnId.of, st.binary(min_size=16, max_size=16))
    return ReceiptFacts(
        kind,
        draw(st.text(_ascii, min_size=1, max_size=16)),
        draw(txns),
        draw(st.text(_ascii, min_size=1, max_size=26)),
        Moment(draw(st.integers(0, 253_402_300_799_999))),
        Money(draw(_minor), fiat),
        Money(draw(_minor), coin),
        Money(draw(_minor), fiat),
        Money(draw(_minor), coin),
        draw(st.none() | st.builds(Money, st.integers(1, MINOR_MAX), st.just(fiat))),
        draw(st.text(_ascii, max_size=8)),
        draw(st.text(st.sampled_from("가나 다라ABC"), max_size=13)),
        None if kind in (Kind.SALE, Kind.WITHDRAWAL) else draw(txns),
    )


def test_the_signed_bytes_of_a_sale_are_these_and_never_change() -> None:
    assert encode(SALE).hex() == (
        DOMAIN.hex() + "01" + "000102030405060708090a0b0c0d0e0f" + "019ca8bbb5c0"
        "0c353132363030303030303432"
        + "06542d31303031"
        + "06413142324333"
        + "10"
        + "모퉁이 가게".encode().hex()
        + "034b525700"
        + "0342544308"
        + "d08603"
        + "80cab5ee01"
        + "fa01"
        + "a095ceef01"
        + "904e"
    )


def test_a_refund_names_its_sale_and_has_no_rate() -> None:
    body = encode(REFUND)[len(DOMAIN) :]
    assert body[0] == 2
    assert body[17:33] == bytes(16)
    assert body[-1:] == b"\x00"


@given(facts())
def test_any_facts_that_fit_come_back_from_their_seal_and_fit_the_code(any_facts: ReceiptFacts) -> None:
    some = fitted(any_facts)
    text = seal(some, "k" * 16, SIGNATURE)
    assert len(text) <= SEAL_CHARS_MAX
    opened = open_seal(text)
    assert (opened.facts, opened.key_id, opened.signature) == (some, "k" * 16, SIGNATURE)
    assert opened.signed == encode(some)


def test_the_longest_seal_is_a_qr_code_of_version_12_at_most() -> None:
    long = fitted(replace(SALE, terminal="T" * 26, rrn="R" * 16, approval="A" * 8, shop="가" * 13))
    code = segno.make(seal(long, "k" * 16, SIGNATURE), micro=False, error="m", boost_error=False)
    assert (code.mode, int(code.version) <= 12) == ("alphanumeric", True)


def test_the_shop_is_cut_at_a_character_when_there_is_no_room() -> None:
    huge = Money(MINOR_MAX, Asset("ABCDEFGHIJ", 8))
    full = replace(
        SALE, terminal="T" * 26, rrn="R" * 16, approval="A" * 8, shop="가" * 13,
        price=huge, quantity=huge, fee=huge, total=huge, rate=huge,
    )  # fmt: skip
    with pytest.raises(BadFacts, match="shorten the shop"):
        encode(full)
    assert 3 <= len(fitted(full).shop) < 13


@given(st.text(max_size=60))
def test_any_name_of_a_shop_can_be_stated(name: str) -> None:
    assert replace(SALE, shop=shop_name(name)).shop == shop_name(name)


def test_a_long_name_of_a_shop_is_cut_at_a_character() -> None:
    assert shop_name(" 가나\n" + "다" * 20) == "가나 " + "다" * 10


def test_case_spaces_and_line_ends_do_not_matter() -> None:
    text = seal(SALE, "x1", SIGNATURE)
    spread = "\n".join(text[i : i + 32].lower() + " " for i in range(0, len(text), 32))
    assert open_seal(spread) == open_seal(text)


WRONG = [
    ("", "prefix"),
    ("https://example.com/", "prefix"),
    ("TMR2:AAAA", "version"),
    ("TMR1:", "short"),
    ("TMR1:A1", "alphabet"),
    ("TMR1:AAA", "alphabet"),
    ("TMR1:" + "A" * 500, "long"),
    ("TMR1:" + "A" * 160, "layout"),
]


@pytest.mark.parametrize(("text", "reason"), WRONG)
def test_a_text_that_is_no_seal_is_refused_by_its_name(text: str, reason: str) -> None:
    with pytest.raises(BadSeal) as caught:
        open_seal(text)
    assert caught.value.reason == reason


def _resealed(raw: bytes) -> str:
    return "TMR1:" + base64.b32encode(raw).decode().rstrip("=")


def _raw() -> bytes:
    text = seal(SALE, "x1", SIGNATURE).removeprefix("TMR1:")
    return base64.b32decode(text + "=" * (-len(text) % 8))


@pytest.mark.parametrize(
    "damaged",
    [
        _raw()[:-65] + _raw()[-64:],  # an amount missing
        _raw()[:-64] + b"\x00" + _raw()[-64:],  # something left over
        _raw()[:-66] + b"\x90\xce\x00" + _raw()[-64:],  # an amount in a longer form
        b"\x02x1\x09" + _raw()[4:],  # a kind we do not know
        b"\x00" + _raw()[3:],  # no key id
        b"\x02\xff\xfe" + _raw()[3:],  # a key id that is not text
    ],
)
def test_damaged_facts_are_refused_as_layout(damaged: bytes) -> None:
    with pytest.raises(BadSeal) as caught:
        open_seal(_resealed(damaged))
    assert caught.value.reason == "layout"


@given(st.binary(max_size=255))
def test_no_bytes_make_the_reader_fail_in_another_way(raw: bytes) -> None:
    with pytest.raises(BadSeal):
        open_seal(_resealed(raw + b"\xff"))


def test_bits_that_mean_nothing_cannot_hide_in_the_last_character() -> None:
    lengths = {len(text := seal(replace(SALE, rrn="R" * n), "x1", SIGNATURE)) % 8: text for n in range(1, 6)}
    text = next(text for text in lengths.values() if (len(text) - 5) % 8)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(text[-1])
    with pytest.raises(BadSeal) as caught:
        open_seal(text[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last | 1])
    assert caught.value.reason == "alphabet"


@pytest.mark.parametrize(
    "change",
    [
        {"rrn": ""},
        {"rrn": "x" * 17},
        {"terminal": "가게"},
        {"approval": "123456789"},
        {"shop": "가" * 14},
        {"shop": "a\nb"},
        {"shop": "\ud800"},
        {"sale": TxnId.of(bytes(16))},
        {"fee": Money(1, BTC)},
        {"total": Money(1, KRW)},
        {"rate": Money(0, KRW)},
        {"price": Money(-1, KRW)},
    ],
)
def test_facts_no_receipt_can_state_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadFacts):
        replace(SALE, **change)  # type: ignore[arg-type]


def test_a_signature_of_another_length_is_not_sealed() -> None:
    with pytest.raises(BadFacts):
        seal(SALE, "x1", b"short")
