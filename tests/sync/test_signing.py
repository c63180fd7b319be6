"""The signature profile: pinned bytes, checked by a library that is not ours, and a key nobody else can read."""

from __future__ import annotations

import base64
import datetime
import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
from http_message_signatures.algorithms import ED25519

from backend.http import signatures
from sync.signing import BadKeyFile, DeviceKey, content_digest, signed_headers

# The test key of RFC 9421 appendix B.1.4: test-key-ed25519.
SEED = bytes.fromhex("9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5")
PUBLIC = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
NONCE = bytes(range(16))
CREATED = 1_795_345_689


def headers(url: str, method: str = "POST", body: bytes = b"", key: str = "") -> dict[str, str]:
    return signed_headers(
        DeviceKey.of_seed(SEED), "T-1", method, url, body=body, idempotency_key=key, created_s=CREATED, nonce=NONCE
    )


VECTORS = [
    (
        ("http://127.0.0.1:8081/v1/authorisations", "POST", b'{"a":1}', "TXN/authorise/1"),
        '"@method" "@authority" "@path" "content-digest" "idempotency-key"',
        (
            b'"@method": POST\n"@authority": 127.0.0.1:8081\n"@path": /v1/authorisations\n'
            b'"content-digest": sha-256=:AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=:\n'
            b'"idempotency-key": TXN/authorise/1\n'
        ),
    ),
    (
        ("https://Exchange.Example:443/v1/sales/R%2F1", "GET", b"", ""),
        '"@method" "@authority" "@path"',
        b'"@method": GET\n"@authority": exchange.example\n"@path": /v1/sales/R%2F1\n',
    ),
    (
        ("http://exchange.example:80/v1/x?a=1&b=%20", "GET", b"", ""),
        '"@method" "@authority" "@path" "@query"',
        b'"@method": GET\n"@authority": exchange.example\n"@path": /v1/x\n"@query": ?a=1&b=%20\n',
    ),
]


@pytest.mark.parametrize(("request_", "names", "lines"), VECTORS)
def test_the_signature_stands_under_exactly_these_bytes(
    request_: tuple[str, str, bytes, str], names: str, lines: bytes
) -> None:
    made = headers(*request_)
    params = f'({names});created={CREATED};nonce="AAECAwQFBgcICQoLDA0ODw";keyid="T-1";alg="ed25519";tag="tillmark-1"'
    assert made["Signature-Input"] == f"sig1={params}"
    base = lines + f'"@signature-params": {params}'.encode()
    signature = DeviceKey.of_seed(SEED).sign(base)
    assert made["Signature"] == f"sig1=:{base64.b64encode(signature).decode()}:"
    Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC)).verify(signature, base)


@pytest.mark.parametrize(("request_", "names", "lines"), VECTORS)
def test_the_servers_own_code_reads_it_the_same(
    request_: tuple[str, str, bytes, str], names: str, lines: bytes
) -> None:
    url, method, body, key = request_
    made, parts = headers(*request_), urlsplit(url)
    theirs = signatures.parse(made["Signature-Input"], made["Signature"])
    target = signatures.Target(
        method,
        signatures.authority(parts.netloc, parts.scheme),
        parts.path,
        f"?{parts.query}" if parts.query else "",
        signatures.content_digest(body) if body else None,
        key or None,
    )
    base = signatures.signed_bytes(theirs, target)
    assert base.startswith(lines)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC)).verify(theirs.signature, base)


class Keys(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == "T-1"
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(PUBLIC))


@pytest.mark.parametrize("changed", ["", "method", "url", "digest", "key"])
def test_another_library_accepts_it_and_refuses_any_change(changed: str) -> None:
    url, body, key = "http://127.0.0.1:8081/v1/captures?x=1", b'{"txn":"1"}', "TXN/complete/1"
    sent = requests.Request("POST", url, data=body, headers=headers(url, "POST", body, key)).prepare()
    match changed:
        case "method":
            sent.method = "PUT"
        case "url":
            sent.url = url.replace("captures", "reversals")
        case "digest":
            sent.headers["Content-Digest"] = content_digest(b"{}")
        case "key":
            sent.headers["Idempotency-Key"] = "TXN/complete/2"
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=Keys())
    age = datetime.timedelta(days=36_500)
    if changed:
        with pytest.raises(InvalidSignature):
            verifier.verify(sent, max_age=age)
    else:
        (result,) = verifier.verify(sent, max_age=age)
        assert result.parameters["tag"] == "tillmark-1"


def test_a_key_is_written_for_its_owner_only_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    before = os.umask(0)
    try:
        DeviceKey.of_seed(SEED).save(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert DeviceKey.load(path).public == PUBLIC
    with pytest.raises(BadKeyFile):
        DeviceKey.of_seed(bytes(32)).save(path)
    assert DeviceKey.load(path).public == PUBLIC


def test_a_key_file_that_cannot_be_trusted_is_refused_by_name(tmp_path: Path) -> None:
    open_, empty, rsa = tmp_path / "open.key", tmp_path / "empty.key", tmp_path / "rsa.key"
    DeviceKey.of_seed(SEED).save(open_)
    open_.chmod(0o640)
    empty.touch(0o600)
    pem = generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    rsa.touch(0o600)
    rsa.write_bytes(pem)
    for path in (open_, empty, rsa, tmp_path / "none.key"):
        with pytest.raises(BadKeyFile) as caught:
            DeviceKey.load(path)
        assert str(path) in str(caught.value)
        assert caught.value.code == "TM-LINE-008"


def test_a_key_shows_nothing_of_itself() -> None:
    assert repr(DeviceKey.of_seed(SEED)) == "DeviceKey()"
