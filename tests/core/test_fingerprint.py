"""The fingerprint two people compare: short, and of this key alone."""

from __future__ import annotations

import base64

import pytest

from core.fingerprint import BadKeyText, fingerprint, vault_id


def test_a_fingerprint_is_sixteen_digits_in_groups_of_four() -> None:
    one, other = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    assert [len(group) for group in fingerprint(one).split()] == [4, 4, 4, 4]
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", "\u00e9"])
def test_what_is_no_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(BadKeyText):
        fingerprint(text)


def test_the_id_of_a_cash_side_is_made_from_its_key() -> None:
    key = base64.b64encode(bytes(32)).decode()
    assert vault_id(key) == "v" + fingerprint(key).replace(" ", "").lower()
    with pytest.raises(BadKeyText):
        vault_id("")
