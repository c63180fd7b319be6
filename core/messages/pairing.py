"""Pairing on the wire: a device gets its place in the world by a short code a person approves.

``POST E/v1/pairings`` `PairingRequest` -> `PairingOpened` (unsigned: the device is not known yet), then
``GET E/v1/pairings/{id}`` -> `PairingStatus`, signed with the key that asked, until it is approved,
refused or expired. The code is used once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """`public_key`: the device's raw Ed25519 key, base64. `mode` seller, atm or kiosk. `vault_key`: that of its cash
    side, whose reports the exchange will believe; "" for a device without one."""

    public_key: str
    mode: str
    model: str
    version: str
    vault_key: str = ""


@dataclass(frozen=True, slots=True)
class PairingOpened:
    """`code` is shown and printed, six characters; `id` is what the device polls."""

    id: str
    code: str
    approve_at: str
    expires_at: str
    ttl_ms: int


class PairingState(Enum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TerminalGrant:
    """What an approved device knows from then on.

    `terminal` its id; `shop` the name on screen and paper; `exchange_key` the exchange's raw Ed25519
    public key (base64) and `exchange_key_id`; `agency_url` where authorisations go; `currency` of prices;
    `utc_offset_minutes` for times on paper. `authority_key` (raw, base64) and its id are what the cash side
    believes: it seals dispense authorities, grants and `ReportTaken`; "" where the exchange pays no cash.
    """

    terminal: str
    shop: str
    agency_url: str
    exchange_key: str
    exchange_key_id: str
    currency: str
    currency_scale: int
    utc_offset_minutes: int
    mqtt_url: str = ""
    authority_key: str = ""
    authority_key_id: str = ""


@dataclass(frozen=True, slots=True)
class PairingStatus:
    state: PairingState
    grant: TerminalGrant | None = None
