"""The end-to-end token: the printed ones of the standard, and every way one can fail to hold."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wire.xfs4iot_token import TOKEN_MAX, Amount, BadToken, check, for_dispense, make, read

NONCE = "254611E63B2531576314E86527338D61"
KEY = b"k" * 32
PRINTED = [
    (
        "NONCE=254611E63B2531576314E86527338D61,TOKENFORMAT=1,TOKENLENGTH=0164,DISPENSE1=50.00EUR,"
        "HMACSHA256=CB735612FD6141213C2827FB5A6A4F4846D7A7347B15434916FEA6AC16F3D2F2"
    ),
    (
        "NONCE=1414,TOKENFORMAT=1,TOKENLENGTH=0268,"
        "DISPENSEID=CB735612FD6141213C2827FB5A6A4F4846D7A7347B15434916FEA6AC16F3D2F2,DISPENSED1=50.00EUR,PRESENTED1=YES,"
        "PRESENTEDAMOUNT1=50.00EUR,RETRACTED1=NO,HMACSHA256=55D123E9EE64F0CC3D1CD4F953348B441E521BBACCD6998C6F51D645D71E6C83"
    ),
    (
        "NONCE=1234567890,TOKENFORMAT=1,TOKENLENGTH=0139,NEWSTATE=DISARM,"
        "HMACSHA256=66EDE19AEE10AFC8F1AC02A1EDA2854FBF5FD4B7EA0D2BC036DA804116689B55"
    ),
]


def mac(signed: bytes) -> bytes:
    return hmac.new(KEY, signed, hashlib.sha256).digest()


@pytest.mark.parametrize("text", PRINTED)
def test_the_printed_tokens_are_read(text: str) -> None:
    token = read(text)
    assert text == f"{token.signed},HMACSHA256={token.mac}"


def test_a_dispense_token_says_how_much_of_which_currency() -> None:
    token = read(PRINTED[0])
    assert (token.nonce, token.value("DISPENSE1"), token.value("NO")) == (NONCE, "50.00EUR", "")
    assert token.most("EUR", 2) == 5_000
    assert token.most("EUR", 0) == 50
    assert token.most("USD", 2) == 0
    assert read(PRINTED[2]).most("EUR", 2) == 0
    several = read(make("A1", (("DISPENSE1", "100.5EUR"), ("DISPENSE2", "7USD")), mac))
    assert (several.most("EUR", 2), several.most("USD", 2)) == (10_050, 700)


def test_what_is_made_holds_with_the_key_and_the_nonce_and_with_nothing_else() -> None:
    text = for_dispense(NONCE, Amount(5_000, "EUR", 2), mac)
    assert text.startswith(PRINTED[0][: PRINTED[0].index("HMAC")])
    assert check(text, NONCE, mac).most("EUR", 2) == 5_000
    for nonce, key, word in (
        ("", mac, "noCommandNonce"),
        ("1414", mac, "invalidTokenNonce"),
        (NONCE, lambda signed: bytes(32), "invalidTokenHMAC"),
    ):
        with pytest.raises(BadToken) as bad:
            check(text, nonce, key)
        assert bad.value.word == word


def test_amounts_are_written_exactly() -> None:
    assert str(Amount(12_345, "EUR", 2)) == "123.45EUR"
    assert str(Amount(5, "EUR", 2)) == "0.05EUR"
    assert str(Amount(130_000, "KRW")) == "130000KRW"


GOOD = for_dispense(NONCE, Amount(1, "KRW"), mac)


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD + " ",
        GOOD[:-1],
        GOOD.replace("TOKENFORMAT=1", "TOKENFORMAT=2"),
        GOOD.replace("TOKENLENGTH=0", "TOKENLENGTH=1"),
        GOOD.lower(),
        GOOD.replace("KRW", "\u20a9RW"),
        "NONCE=1," + "A" * TOKEN_MAX,
        make("1", (("A1", "1"), ("B1", "1")), mac).replace("B1=", "A1="),
    ],
)
def test_what_has_not_the_form_is_no_token(text: str) -> None:
    with pytest.raises(BadToken) as bad:
        read(text)
    assert bad.value.word == "invalidTokenFormat"


def test_an_amount_without_value_and_a_nonce_of_another_kind_are_refused() -> None:
    with pytest.raises(BadToken) as bad:
        read(make("1", (("DISPENSE1", "EUR"),), mac)).most("EUR", 2)
    assert bad.value.word == "invalidTokenKeyNoValue"
    for nonce in ("", "abc", "1" * 101):
        with pytest.raises(BadToken):
            make(nonce, (), mac)
    for pair in (("a", "1"), ("A", ""), ("A", "1,B=2"), ("A", "1=2")):
        with pytest.raises(BadToken):
            make("1", (pair,), mac)


@given(st.integers(0, len(GOOD) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_one_other_character_anywhere_and_it_holds_no_more(at: int, char: str) -> None:
    text = GOOD[:at] + char + GOOD[at + 1 :]
    if text != GOOD:
        with pytest.raises(BadToken):
            check(text, NONCE, mac)
