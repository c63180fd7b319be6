"""The gateway: how a mail or SMS leaves us. One HTTP POST to a configured address; whoever runs it delivers.

``POST URL`` ``{"channel": "mail"|"sms", "to": "...", "subject": "...", "text": "..."}``, any 2xx means taken. In a
demonstration the far end is `sim.peers.mailbox`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import requests

from backend.members.rules import Contact
from backend.refused import Refused
from core.faults.members import NOT_DELIVERED

TIMEOUT_S: Final = 5.0  # somebody is looking at "we are sending your code"


class Gateway(Protocol):
    """Sends one short text. Called outside any unit of work, in a worker thread. Raises `Refused`."""

    def send(self, contact: Contact, subject: str, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """Posts each message to `url`, with `token` as a bearer token when there is one."""

    url: str
    token: str = ""

    def send(self, contact: Contact, subject: str, text: str) -> None:
        message = {"channel": contact.channel, "to": contact.address, "subject": subject, "text": text}
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            reply = requests.post(self.url, json=message, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        except requests.RequestException as error:
            raise Refused.by(NOT_DELIVERED, type(error).__name__, status=503, retryable=True) from None
        if not 200 <= reply.status_code < 300:
            raise Refused.by(NOT_DELIVERED, f"the gateway said {reply.status_code}", status=503, retryable=True)

    def __repr__(self) -> str:
        return f"HttpGateway({self.url})"


class NoGateway:
    """No gateway is configured: nobody can join, and is told so."""

    def send(self, contact: Contact, subject: str, text: str) -> None:
        raise Refused.by(NOT_DELIVERED, "no gateway is configured", status=503)
