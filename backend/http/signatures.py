"""HTTP Message Signatures (RFC 9421) with Ed25519, in exactly the profile of `docs/signing.md`.

Our own and not a library's because it stands on the path of every sale: building and parsing is a tenth of what the
general library takes (it supports every component and algorithm of the RFC), and a profile that accepts one form only
has fewer ways to be fooled. It is pinned by the RFC's vectors and tested against the library.

Pure: keys, time and nonces come from outside.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TAG: Final = "tillmark-1"
WINDOW_S: Final = 60  # either way; the longest a healed clock is off, and the longest a nonce must be remembered twice
HEADER_MAX: Final = 1024  # our longest is under 400 characters
_LABEL = re.compile(r"([a-z*][a-z0-9_.*-]{0,31})=", re.ASCII)
_INNER = re.compile(
    r"\((\"[a-z0-9@-]{1,40}\"(?: \"[a-z0-9@-]{1,40}\"){0,7})\)((?:;[a-z]+=(?:\d{1,15}|\"[ -!#-\[\]-~]{0,128}\"))+)"
)
_PARAM = re.compile(r";([a-z]+)=(?:(\d{1,15})|\"([ -!#-\[\]-~]{0,128})\")")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_KEYID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_BYTES = re.compile(r":([A-Za-z0-9+/]{86}==):", re.ASCII)


class BadSignature(ValueError):
    """The headers are not a signature of our profile. The text says what is wrong, never the value."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is signed of a request. `query` with its ``?`` or empty; `digest` and `key` None where not sent."""

    method: str
    authority: str
    path: str
    query: str = ""
    digest: str | None = None
    key: str | None = None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The components this request must cover, in the profile's order."""
        pairs = [("@method", self.method), ("@authority", self.authority), ("@path", self.path)]
        if self.query:
            pairs.append(("@query", self.query))
        if self.digest is not None:
            pairs.append(("content-digest", self.digest))
        if self.key is not None:
            pairs.append(("idempotency-key", self.key))
        return tuple(pairs)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it came: `params` is the text of ``Signature-Input`` after the label."""

    params: str
    names: tuple[str, ...]
    created: int
    nonce: str
    keyid: str
    signature: bytes


def base(pairs: Iterable[tuple[str, str]], params: str) -> bytes:
    """The signature base (RFC 9421 section 2.5)."""
    lines = [f'"{name}": {value}' for name, value in pairs]
    lines.append(f'"@signature-params": {params}')
    return "\n".join(lines).encode()


def params_of(names: Iterable[str], created: int, nonce: str, keyid: str) -> str:
    """The signature parameters (section 2.3), in the order we write them."""
    inner = " ".join(f'"{name}"' for name in names)
    return f'({inner});created={created};nonce="{nonce}";keyid="{keyid}";alg="ed25519";tag="{TAG}"'


def parse(signature_input: str, signature: str) -> Signature:
    """Read both headers. Raises `BadSignature`; nothing has been verified afterwards."""
    if max(len(signature_input), len(signature)) > HEADER_MAX:
        raise BadSignature("a signature header is too long")
    label = _LABEL.match(signature_input)
    if label is None or not signature.startswith(label[0]):
        raise BadSignature("Signature and Signature-Input must carry one signature with the same label")
    params = signature_input[label.end() :]
    inner = _INNER.fullmatch(params)
    value = _BYTES.fullmatch(signature[label.end() :])
    if inner is None or value is None:
        raise BadSignature("a signature header has another form than the profile's")
    found: dict[str, str] = {}
    for name, number, text in _PARAM.findall(inner[2]):
        if name in found:
            raise BadSignature(f"the parameter {name} stands twice")
        found[name] = number or text
    if found.keys() != {"created", "nonce", "keyid", "alg", "tag"}:
        raise BadSignature("the parameters must be created, nonce, keyid, alg and tag")
    if found["alg"] != "ed25519" or found["tag"] != TAG or not found["created"].isdigit():
        raise BadSignature(f"alg must be ed25519, tag {TAG}, created a number")
    if not (_NONCE.fullmatch(found["nonce"]) and _KEYID.fullmatch(found["keyid"])):
        raise BadSignature("nonce or keyid has characters or a length the profile does not allow")
    names = tuple(name[1:-1] for name in inner[1].split(" "))
    return Signature(params, names, int(found["created"]), found["nonce"], found["keyid"], base64.b64decode(value[1]))


def signed_bytes(signature: Signature, target: Target) -> bytes:
    """The bytes under `signature` if it covers what it must. Raises `BadSignature` when it covers anything else."""
    pairs = target.pairs()
    if sorted(signature.names) != sorted(name for name, _ in pairs) or len(set(signature.names)) != len(pairs):
        raise BadSignature("the signature must cover exactly: " + " ".join(name for name, _ in pairs))
    values = dict(pairs)
    return base(((name, values[name]) for name in signature.names), signature.params)


def content_digest(body: bytes) -> str:
    """The header of RFC 9530 for a body."""
    return f"sha-256=:{binascii.b2a_base64(hashlib.sha256(body).digest(), newline=False).decode()}:"


def authority(host: str, scheme: str) -> str:
    """``@authority`` (RFC 9421 section 2.2.3): the host in lower case without the scheme's default port."""
    host = host.lower()
    return host.removesuffix(":443" if scheme == "https" else ":80")
