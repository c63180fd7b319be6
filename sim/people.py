"""People who use the exchange from outside: they join by a code from their mailbox, and speak only HTTP."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

import requests

from core.asset import Asset
from core.code import PersonalCode, derive
from core.messages import WireMoney
from core.moment import Moment
from core.money import Money

TIMEOUT_S: Final = 10.0
ARRIVES_S: Final = 5.0  # a transfer or payment is on the page within a second; five is a broken one


class Unhelped(RuntimeError):
    """The exchange said no to a person. The text is the problem's code and detail."""


class Person:
    """One browser: a cookie, a CSRF value, and a face in nobody's memory but the exchange's."""

    def __init__(self, exchange: str, contact: str) -> None:
        self.exchange = exchange
        self.contact = contact
        self.member = ""
        self._session = requests.Session()
        self._session.trust_env = False
        self._csrf = ""

    def join(self, read_code: Callable[[str], str]) -> Person:
        """Join or sign in; `read_code` looks into the mailbox of a contact."""
        self.call("POST", "/v1/join", {"contact": self.contact})
        code = read_code(self.contact)
        signed_in = self.call("POST", "/v1/join/verify", {"contact": self.contact, "code": code})
        self.member, self._csrf = signed_in["member"], signed_in["csrf"]
        return self

    def sign_in_operator(self, read_code: Callable[[str], str]) -> Person:
        """As an operator, who was named on the host; otherwise as `join`."""
        self.call("POST", "/v1/join", {"contact": self.contact})
        code = read_code(self.contact)
        signed_in = self.call("POST", "/v1/operators/sign-in", {"contact": self.contact, "code": code})
        self._csrf = signed_in["csrf"]
        return self

    def call(self, method: str, path: str, body: object = None, *, key: str = "") -> Any:
        """One request; JSON in and out. Raises `Unhelped` for a refusal."""
        headers = {"X-CSRF-Token": self._csrf} if self._csrf and method != "GET" else {}
        if key:
            headers["Idempotency-Key"] = key
        reply = self._session.request(
            method, self.exchange + path, json=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
        if reply.status_code >= 400:
            problem = reply.json() if "json" in reply.headers.get("content-type", "") else {}
            raise Unhelped(
                f"{method} {path}: {reply.status_code} {problem.get('code', '')} {problem.get('detail', '')}"
            )
        return reply.json() if reply.content else None

    def cookies(self) -> dict[str, str]:
        """What a browser would keep, so that a page can be opened as this person."""
        return {str(cookie.name): str(cookie.value) for cookie in self._session.cookies}

    def close(self) -> None:
        self._session.close()

    # -- a member ------------------------------------------------------------------------------------

    def me(self) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", "/v1/me")
        return found

    def holds(self, asset: Asset) -> Money:
        """What the wallet holds of an asset, over all its classes."""
        amounts = [held["available"] for held in self.me()["holdings"]]
        texts = [Money.parse(one["amount"], asset) for one in amounts if one["asset"] == asset.code]
        return sum(texts, Money.zero(asset))

    def wait_for(self, asset: Asset, least: Money) -> None:
        """Until at least that much is there. Raises `Unhelped`."""
        deadline = time.monotonic() + ARRIVES_S
        while self.holds(asset) < least:
            if time.monotonic() > deadline:
                raise Unhelped(f"{least} did not arrive, {self.holds(asset)} is there")
            time.sleep(0.05)

    def buy(self, coin: Asset, spend: Money) -> dict[str, Any]:
        """Buy `coin` for exactly `spend`, fee included, at the price of this second."""
        ask = {"side": "buy", "asset": coin.code, "amount": _wire(spend)}
        offer = self.call("POST", "/v1/me/trade-offers", ask)
        traded: dict[str, Any] = self.call(
            "POST", "/v1/me/trades", {"offer": offer["offer"]}, key=f"buy/{secrets.token_hex(8)}"
        )
        return traded

    def enrol_phone(self, label: str) -> PhoneSecret:
        """What the phone's app keeps in its secure element."""
        told = self.call("POST", "/v1/me/devices", {"label": label})
        return PhoneSecret(base64.b64decode(told["key"]), int(told["roll_ms"]))

    # -- a seller ------------------------------------------------------------------------------------

    def open_shop(self, shop: str, payout: str) -> None:
        self.call("PUT", "/v1/shop", {"shop": shop, "payout": payout})

    def approve(self, code: str) -> str:
        """The terminal's id."""
        return str(self.call("POST", "/v1/pairings/approve", {"code": code})["terminal"])


class PhoneSecret:
    """A phone's key; it shows the code of any moment, also with no network."""

    def __init__(self, key: bytes, roll_ms: int) -> None:
        self.key = key
        self.roll_ms = roll_ms

    def code(self, at: Moment) -> PersonalCode:
        return derive(self.key, self.roll_ms, at)


def _wire(money: Money) -> dict[str, Any]:
    wire = WireMoney.of(money)
    return {"asset": wire.asset, "scale": wire.scale, "amount": wire.amount}
