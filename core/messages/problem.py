"""Problem details (RFC 9457): how every refusal of the backend travels, as ``application/problem+json``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is the catalogue code, `type` its page. `retryable`: the same request may be sent again.

    `customer_message_key` names the entry's customer words. `server_time` lets a device without a
    battery-backed clock heal itself.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    retryable: bool = False
    customer_message_key: str = ""
    server_time: str = ""
