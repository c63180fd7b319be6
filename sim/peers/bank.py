"""The far end of the bank: tells the exchange of transfers in, as a bank's webhook would.

Signed as Standard Webhooks (``webhook-id``, ``webhook-timestamp``, ``webhook-signature: v1,...``). A notice is
repeated with the same id until it is taken, at most a few times.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Final, Self

from core.messages import WireMoney
from core.moment import Moment
from core.money import Money

TRIES_MAX: Final = 5
WAIT_S: Final = 0.5
TIMEOUT_S: Final = 5.0


class NotTaken(RuntimeError):
    """The exchange did not take the notice; the text is what it said last."""


class Bank:
    """`url` the exchange's webhook, `secret` what both share. `sent` are the bodies, for a test to look at."""

    def __init__(self, url: str, *, secret: bytes) -> None:
        self._url = url
        self._secret = secret
        self.sent: list[bytes] = []

    def transfer(self, reference: str, money: Money, *, transfer: str = "") -> str:
        """A customer's transfer arrived; returns ``credited`` or ``unmatched``. Raises `NotTaken`."""
        notice = {
            "transfer": transfer or secrets.token_hex(8),
            "reference": reference,
            "amount": _plain(WireMoney.of(money)),
            "booked_at": Moment(time.time_ns() // 1_000_000).rfc3339(),
        }
        body = json.dumps(notice).encode()
        self.sent.append(body)
        return self.tell(body, id=f"msg_{notice['transfer']}")

    def tell(self, body: bytes, *, id: str) -> str:
        """Send one notice until it is taken."""
        last = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                time.sleep(WAIT_S)
            try:
                with urllib.request.urlopen(self._request(body, id), timeout=TIMEOUT_S) as reply:  # noqa: S310 - as below
                    return str(json.load(reply)["state"])
            except urllib.error.HTTPError as error:
                with error:
                    last = f"{error.code} {error.read(400).decode(errors='replace')}"
                if error.code < 500:
                    break
            except (OSError, ValueError, KeyError) as error:
                last = type(error).__name__
        raise NotTaken(last)

    def _request(self, body: bytes, id: str) -> urllib.request.Request:
        stamp = str(time.time_ns() // 1_000_000_000)
        message = f"{id}.{stamp}.".encode() + body
        signature = base64.b64encode(hmac.digest(self._secret, message, hashlib.sha256)).decode()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        return urllib.request.Request(self._url, body, headers)  # noqa: S310 - the address of our own configuration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between two notices."""


def _plain(wire: WireMoney) -> dict[str, Any]:
    return {"asset": wire.asset, "scale": wire.scale, "amount": wire.amount}
