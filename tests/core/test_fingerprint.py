"""The fingerprint that a person compares between a device's screen and the page that approves it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from core.fingerprint import BadKeyText, fingerprint
from device import assemble

KEYS = [base64.b64encode(hashlib.sha256(bytes([seed])).digest()).decode() for seed in range(8)]


def test_device_and_page_show_the_same() -> None:
    assert [fingerprint(key) for key in KEYS] == [assemble.fingerprint(key) for key in KEYS]


def test_another_key_has_another_fingerprint() -> None:
    assert len({fingerprint(key) for key in KEYS}) == len(KEYS)
    assert all(len(fingerprint(key)) == 9 for key in KEYS)


@pytest.mark.parametrize("text", ["", "abc", "a" * 44, base64.b64encode(b"k" * 31).decode(), "키" * 10])
def test_what_is_no_key_has_none(text: str) -> None:
    with pytest.raises(BadKeyText):
        fingerprint(text)
