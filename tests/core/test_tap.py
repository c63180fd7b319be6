"""The tap: which bytes are signed, under which key, and that no two sets of facts share them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.code import derive
from core.messages import WireMoney
from core.moment import Moment
from core.tap import BadTap, same_mac, tap_key, tap_mac, tap_message

KEY = bytes(range(32))
WON = WireMoney("KRW", 0, "50000")
NONCE = "00112233445566778899aabbccddeeff"


def test_the_signed_bytes_are_pinned() -> None:
    message = tap_message("T-0001", NONCE, WON, "seller", "123456789", 7)
    assert message.hex() == (
        "54494c4c4d41524b2d54415001"
        "0006542d30303031"
        "001000112233445566778899aabbccddeeff"
        "00034b5257"
        "000100"
        "0008000000000000c350"
        "000673656c6c6572"
        "0009313233343536373839"
        "000400000007"
    )


def test_key_and_mac_are_pinned() -> None:
    # The other side of the comparison is the `cryptography` library: HKDF and HMAC that are not ours.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.hmac import HMAC
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    expected = HKDF(SHA256(), 32, b"tillmark member secret", b"tap 1").derive(KEY)
    assert tap_key(KEY) == expected
    message = tap_message("T-0001", NONCE, WON, "seller", "123456789", 7)
    other = HMAC(expected, SHA256())
    other.update(message)
    assert tap_mac(tap_key(KEY), message) == other.finalize()[:16]


def test_an_amount_is_the_same_however_it_is_written() -> None:
    one = tap_message("T", NONCE, WireMoney("USD", 2, "5"), "seller", "123456789", 1)
    two = tap_message("T", NONCE, WireMoney("USD", 2, "5.00"), "seller", "123456789", 1)
    assert one == two


def test_the_same_number_at_another_scale_is_another_amount() -> None:
    one = tap_message("T", NONCE, WireMoney("USD", 2, "5"), "seller", "123456789", 1)
    two = tap_message("T", NONCE, WireMoney("USD", 0, "500"), "seller", "123456789", 1)
    assert one != two


FACTS = st.tuples(
    st.text("ABT-01", min_size=1, max_size=6),
    st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.builds(WireMoney, st.sampled_from(("KRW", "BTC")), st.just(0), st.integers(0, 10**12).map(str)),
    st.sampled_from(("seller", "atm", "kiosk")),
    st.integers(0, 10**9 - 1).map("{:09d}".format),
    st.integers(0, 2**32 - 1),
)


@given(FACTS, FACTS)
def test_two_different_sets_of_facts_never_give_the_same_bytes(left: tuple, right: tuple) -> None:
    assert (tap_message(*left) == tap_message(*right)) == (left == right)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("terminal", ("", NONCE, WON, "seller", "123456789", 1)),
        ("terminal", ("T" * 33, NONCE, WON, "seller", "123456789", 1)),
        ("terminal", ("한", NONCE, WON, "seller", "123456789", 1)),
        ("nonce", ("T", NONCE[:-2], WON, "seller", "123456789", 1)),
        ("nonce", ("T", "zz" + NONCE[2:], WON, "seller", "123456789", 1)),
        ("amount", ("T", NONCE, WireMoney("KRW", 0, "-1"), "seller", "123456789", 1)),
        ("mode", ("T", NONCE, WON, "", "123456789", 1)),
        ("mode", ("T", NONCE, WON, "Seller", "123456789", 1)),
        ("handle", ("T", NONCE, WON, "seller", "12345678", 1)),
        ("counter", ("T", NONCE, WON, "seller", "123456789", -1)),
        ("counter", ("T", NONCE, WON, "seller", "123456789", 2**32)),
    ],
)
def test_a_malformed_fact_is_named(field: str, facts: tuple) -> None:
    with pytest.raises(BadTap) as bad:
        tap_message(*facts)
    assert bad.value.field == field


def test_a_key_of_the_wrong_length_is_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        tap_key(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        tap_mac(b"short", b"")


def test_the_tap_key_is_not_the_code_key_and_codes_do_not_change_with_it() -> None:
    at = Moment(1_772_000_000_000)
    assert tap_key(KEY) != KEY
    assert derive(KEY, 0, at) != derive(tap_key(KEY), 0, at)


def test_macs_are_compared_by_value() -> None:
    assert same_mac(b"a" * 16, b"a" * 16)
    assert not same_mac(b"a" * 16, b"b" * 16)
