"""A grant before the camera: told apart by its form; whether it holds is the cash side's to say."""

from __future__ import annotations

import pytest

from core.asset import KRW
from core.effects import Wanted
from core.events import CodeScanned, CodeShown, Form, Source, Symbology
from core.grant import GRANT, Grant, NoGrant, Right, claims
from core.sealed import seal
from core.service_events import GrantShown
from device.goods import Goods
from device.recognise import recognise
from tests.device.vault.room import EXCHANGE

SEALED = seal(GRANT, Grant("T1", "vault", "Kim", (Right.LOAD,), "ABCDE12345", 1_000), EXCHANGE)


def scanned(text: str) -> object:
    return recognise(CodeScanned(Source.CAMERA, Symbology.QR, text), (Wanted.GRANT,), Goods(KRW))


def test_a_grant_says_what_it_claims() -> None:
    assert scanned(SEALED) == GrantShown("Kim", (Right.LOAD,), "ABCDE12345", 1_000, SEALED)


@pytest.mark.parametrize("text", ["", "cg1", "한글", "ca1.a.b.c", "cg1.a.b.c", "cg1.a.e30.c", SEALED[3:], "x" * 9_000])
def test_what_is_no_grant_is_foreign(text: str) -> None:
    assert scanned(text) == CodeShown(Source.CAMERA, Form.FOREIGN, text)
    with pytest.raises(NoGrant):
        claims(text)
