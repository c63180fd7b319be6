"""The composition of a machine's business: conditions and keys, from the configuration and the data folder."""

from __future__ import annotations

from pathlib import Path

from backend.config import Config
from backend.giftcards import desk as giftcards
from backend.http.keys import secret_file, server_key
from backend.parts import DataFolder, Outside
from backend.settle import desk as settle
from backend.withdraw import desk as withdraw
from core.money import BadAmount, Money
from core.settings import BadSetting


def teller(config: Config, data: DataFolder, outside: Outside, house: settle.House) -> withdraw.Teller:
    """What the exchange brings to a withdrawal. Raises `BadSetting` for limits that contradict one another.

    The authority key is its own: whoever steals the key of receipts and signed answers cannot move a note with it.
    """
    told = config.withdraw
    key = server_key(Path(told.key_file) if told.key_file else data.key("authority"), "d")
    signer = withdraw.AuthorityKey(key)
    return withdraw.Teller(
        terms(config), config.currency, house.keys, outside.entropy, signer, withdraw.ed25519, signer.public, house.seal
    )


def clerk(data: DataFolder, outside: Outside, house: settle.House, teller: withdraw.Teller) -> giftcards.Clerk:
    """What the exchange brings to gift cards. A coin sold for a card costs what it costs in a shop."""
    terms = giftcards.Terms(coin_fee_bp=house.terms.fee_bp, spread_bp=house.terms.spread_bp)
    return giftcards.Clerk(terms, teller, card_sealer(data, outside))


def card_sealer(data: DataFolder, outside: Outside) -> giftcards.CardSealer:
    """The key of the codes lies beside the other keys; without it no code in the database can be read."""
    key = secret_file(data.key("giftcards"), giftcards.KEY_BYTES, outside.entropy)
    return giftcards.CardSealer(key, outside.entropy)


def terms(config: Config) -> withdraw.Terms:
    told = config.withdraw

    def minor(name: str, text: str) -> int:
        try:
            return Money.parse(text, config.currency).minor
        except BadAmount as error:
            raise BadSetting("(configuration)", f"withdraw.{name}", str(error)) from None

    try:
        return withdraw.Terms(
            fee_bp=told.fee_bp,
            spread_bp=told.spread_bp,
            quote_ms=told.quote_ms,
            authority_ms=told.authority_ms,
            each_max=minor("each_limit", told.each_limit),
            day_max=minor("day_limit", told.day_limit),
            machine_each_max=minor("machine_limit", told.machine_limit),
            machine_day_max=minor("machine_day_limit", told.machine_day_limit),
            unapproved_max=minor("unapproved_limit", told.unapproved_limit),
            doubt_ms=told.doubt_ms,
        )
    except BadSetting:
        raise
    except ValueError as error:
        raise BadSetting("(configuration)", "withdraw", str(error)) from None
