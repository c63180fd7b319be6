"""What a scanned text means here and now: a personal code, a product, a receipt, a grant, or none of them."""

from __future__ import annotations

from core.code import LENGTH, BadCode, PersonalCode
from core.effects import Wanted
from core.events import CodeScanned, CodeShown, Event, Form, Pressed, ProductScanned, ReceiptScanned, Source
from core.grant import NoGrant, claims
from core.proof import BadSeal, open_seal
from core.service_events import GrantShown
from device.goods import Goods


def recognise(scanned: CodeScanned, wanted: tuple[Wanted, ...], goods: Goods) -> Event:
    """The event a flow hears instead of the bare text."""
    if Wanted.RECEIPT in wanted:
        try:
            return ReceiptScanned(open_seal(scanned.text).facts.rrn)
        except BadSeal:
            return CodeShown(scanned.source, Form.FOREIGN, scanned.text)
    if Wanted.GRANT in wanted:
        try:
            grant = claims(scanned.text)
        except NoGrant:
            return CodeShown(scanned.source, Form.FOREIGN, scanned.text)
        return GrantShown(grant.person, grant.rights, grant.challenge, grant.life_ms, scanned.text)
    product = goods.recognise(scanned)
    if isinstance(product, ProductScanned):
        return product
    form = Form.FOREIGN if Wanted.PERSONAL not in wanted else form_of(scanned.text)
    return CodeShown(scanned.source, form, scanned.text)


def form_of(text: str) -> Form:
    """A wrong digit is caught here, before anything is asked."""
    try:
        PersonalCode.parse(text)
    except BadCode as error:
        return Form.MISTYPED if error.reason == "check" else Form.FOREIGN
    return Form.WHOLE


class CodePad:
    """Digits of a personal code while they are typed. They live here and nowhere else: never on a ticket's disk."""

    def __init__(self) -> None:
        self._digits = ""

    def clear(self) -> None:
        self._digits = ""

    def press(self, pressed: Pressed) -> CodeShown | None:
        """What the flow hears of a press on the code pad; None when it was not for the pad."""
        kind, _, digit = pressed.action.partition(":")
        if pressed.action == "erase":
            self._digits = self._digits[:-1]
        elif kind == "digit" and digit.isdigit():
            self._digits = (self._digits + digit)[:LENGTH]
        elif pressed.action != "read_typed":
            return None
        digits = self._digits
        if len(digits) < LENGTH and pressed.action != "read_typed":
            return CodeShown(Source.KEYPAD, Form.PARTIAL, digits)
        self.clear()
        form = form_of(digits)
        return CodeShown(Source.KEYPAD, Form.WHOLE if form is Form.WHOLE else Form.MISTYPED, digits)
