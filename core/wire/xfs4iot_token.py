"""The end-to-end token of XFS4IoT: a line of ``KEY=value`` pairs that only the holder of a key can make.

``NONCE=..,TOKENFORMAT=1,TOKENLENGTH=0164,DISPENSE1=50.00EUR,HMACSHA256=<64 hexadecimal digits>``. Source: CWA 17852,
API part, chapter "End to End Security"; form and pattern as quoted by KAL_XFS4IoT_SP-Dev (BanknoteNeutralization
SetProtection: 1024 characters at most, keys ``[A-Z0-9]+``). TOKENLENGTH is the length of the whole token in four
decimal digits: all three tokens printed there agree. That the HMAC covers every character before ``,HMACSHA256=`` is
our reading; no key is published with the printed tokens, so it could not be proven.

Making and checking need an HMAC-SHA256, which is handed in: the key never comes here.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

TOKEN_MAX: Final = 1024
_FORM: Final = re.compile(
    r"NONCE=([0-9A-F]{1,100}),TOKENFORMAT=1,TOKENLENGTH=([0-9]{4})((?:,[A-Z0-9]+=[^,=]+)*),HMACSHA256=([0-9A-F]{64})",
    re.ASCII,
)
_NONCE: Final = re.compile(r"[0-9A-F]{1,100}", re.ASCII)
_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,8}))?([A-Z]{3})", re.ASCII)

Mac = Callable[[bytes], bytes]


class BadToken(ValueError):
    """A token that does not hold. `word` is the completion code the standard has for it."""

    def __init__(self, word: str, why: str) -> None:
        super().__init__(why)
        self.word = word


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one currency: `minor` units of 10**-`scale`."""

    minor: int
    currency: str
    scale: int = 0

    def __str__(self) -> str:
        whole, part = divmod(self.minor, 10**self.scale)
        return f"{whole}" + (f".{part:0{self.scale}d}" if self.scale else "") + self.currency


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was read. `keys` its own pairs without nonce, format, length and HMAC; `mac` 64 digits."""

    nonce: str
    keys: tuple[tuple[str, str], ...]
    mac: str
    signed: str

    def value(self, key: str) -> str:
        return dict(self.keys).get(key, "")

    def most(self, currency: str, scale: int) -> int:
        """What may be dispensed of a currency, in units of 10**-`scale`; 0 when it names none. Raises `BadToken`."""
        found = 0
        for key, text in self.keys:
            if re.fullmatch(r"DISPENSE[1-9][0-9]*", key):
                amount = _AMOUNT.fullmatch(text)
                if amount is None:
                    raise BadToken("invalidTokenKeyNoValue", f"{key} is no amount")
                part = (amount[2] or "")[:scale].ljust(scale, "0")
                if amount[3] == currency:
                    found += int(amount[1]) * 10**scale + int(part or 0)
        return found


def make(nonce: str, keys: tuple[tuple[str, str], ...], mac: Mac) -> str:
    """A token over `nonce`. Raises `BadToken` for a nonce or a pair that has no place in one."""
    if not _NONCE.fullmatch(nonce):
        raise BadToken("invalidTokenNonce", "a nonce is hexadecimal digits, upper case")
    own = "".join(f",{key}={value}" for key, value in keys)
    head, tail = f"NONCE={nonce},TOKENFORMAT=1,TOKENLENGTH=", f"{own},HMACSHA256="
    length = len(head) + 4 + len(tail) + 64
    signed = f"{head}{length:04d}{own}"
    token = f"{signed},HMACSHA256={mac(signed.encode('ascii', 'replace')).hex().upper()}"
    if read(token).keys != keys:  # a value with a comma in it would become a pair of its own
        raise BadToken("invalidTokenFormat", "a pair has no place in a token")
    return token


def for_dispense(nonce: str, most: Amount, mac: Mac) -> str:
    """The token that lets at most `most` out."""
    return make(nonce, (("DISPENSE1", str(most)),), mac)


def read(text: str) -> Token:
    """What a token says; its HMAC is not checked. Raises `BadToken`."""
    whole = _FORM.fullmatch(text) if len(text) <= TOKEN_MAX and text.isascii() and text.isprintable() else None
    if whole is None:
        raise BadToken("invalidTokenFormat", "no token")
    if int(whole[2]) != len(text):
        raise BadToken("invalidTokenFormat", f"the token says {int(whole[2])} characters and has {len(text)}")
    pairs = tuple(tuple(pair.split("=", 1)) for pair in whole[3].split(",")[1:])
    keys = tuple((key, value) for key, value in pairs)
    if len({key for key, _ in keys}) != len(keys):
        raise BadToken("invalidTokenFormat", "a key stands twice")
    return Token(whole[1], keys, whole[4], text[: text.rindex(",HMACSHA256=")])


def check(text: str, nonce: str, mac: Mac) -> Token:
    """A token that holds: made with our key, over the nonce we gave. Raises `BadToken`."""
    token = read(text)
    if not nonce:
        raise BadToken("noCommandNonce", "no nonce was given out, or it is spent")
    if token.nonce != nonce:
        raise BadToken("invalidTokenNonce", "the token is over another nonce")
    if not hmac.compare_digest(mac(token.signed.encode()).hex().upper(), token.mac):
        raise BadToken("invalidTokenHMAC", "the token was not made with our key")
    return token
