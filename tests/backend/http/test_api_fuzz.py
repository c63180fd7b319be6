"""The servers called from their own description: no input makes an error of ours, and every error is a problem."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import requests.auth
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, Phase, given, settings

from backend.config import Config
from backend.http.keys import public_text
from backend.http.outgoing import signed_headers
from backend.parts import Outside
from backend.serving import running
from core.settings import fill
from tests.backend.http.world import Clock, Post, QuietLog, board, table_of


class Signed(requests.auth.AuthBase):
    """Signs whatever is about to be sent as a paired terminal would, so that the nonsense gets past the gate."""

    def __init__(self, key: Ed25519PrivateKey, keyid: str, now: Clock) -> None:
        self.key, self.keyid, self.now = key, keyid, now

    def __call__(self, request: Any) -> Any:
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode()
        host = request.url.split("/")[2]
        idempotency = secrets.token_hex(8)
        for name in ("Host", "Content-Digest", "Idempotency-Key", "Signature", "Signature-Input"):
            request.headers.pop(name, None)
        made = signed_headers(
            request.method, host, request.path_url, body, idempotency, self.keyid, self.key,
            self.now().ms // 1000, secrets.token_bytes,
        )  # fmt: skip
        request.headers.update(made)
        return request


def plausible(value: Any) -> Any:
    """Ids and amounts inside a body made well-formed, so that the rest of the nonsense gets past the first check."""
    if isinstance(value, dict):
        if value.keys() == {"text"}:
            return {"text": "0" * 25 + str(len(str(value)) % 10)}
        if {"asset", "scale", "amount"} <= value.keys():
            return {"asset": "KRW", "scale": 0, "amount": str(len(str(value)))}
        return {name: plausible(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plausible(inner) for inner in value]
    return value


def fuzz(url: str, headers: dict[str, str], examples: int, auth: Signed | None = None) -> list[str]:
    """Call every operation `examples` times; what went wrong."""
    described = requests.get(f"{url}/openapi.json", timeout=10).json()
    schema = schemathesis.openapi.from_dict(described)
    wrong: list[str] = []
    session = requests.Session()

    def one(operation: Any) -> None:
        @settings(
            max_examples=examples,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            if auth is not None:
                case.body = plausible(case.body)
            reply = case.call(base_url=url, headers=headers, session=session, timeout=10, auth=auth)
            if reply.status_code >= 500 and reply.status_code != 503:
                wrong.append(f"{case.method} {case.path}: {reply.status_code} {reply.text[:200]}")
            kind = reply.headers.get("content-type", [""])[0]
            if reply.status_code >= 400 and not kind.startswith("application/problem+json") and case.path != "/readyz":
                wrong.append(f"{case.method} {case.path}: {reply.status_code} is no problem but {kind}")

        call()

    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path not in ("/v1/me/events", "/v1/sign-out"):
            one(operation)
    session.close()
    return wrong


def exchange_wrong(folder: Path, examples: int) -> list[str]:
    post, log, clock = Post(), QuietLog(), Clock()
    config = fill(Config, table_of(folder), file="test")
    with running(config, Outside(now=clock, log=log), gateway=post, board=board) as (urls, _, _):
        httpx.post(f"{urls.exchange}/v1/join", json={"contact": "mina@example.org"})
        body = {"contact": "mina@example.org", "code": post.digits()}
        told = httpx.post(f"{urls.exchange}/v1/join/verify", json=body)
        cookie = f"tillmark_session={told.cookies['tillmark_session']}"
        headers = {"cookie": cookie, "x-csrf-token": told.json()["csrf"], "idempotency-key": "fuzz"}
        key = Ed25519PrivateKey.generate()
        signed = Signed(key, _paired(urls.exchange, headers, public_text(key.public_key())), clock)
        wrong = fuzz(urls.exchange, headers, examples) + fuzz(urls.exchange, {}, examples, signed)
        wrong += fuzz(urls.agency, {}, examples, signed)
    return wrong + [f"{event} {fields}" for event, fields in log.lines]


def _paired(url: str, headers: dict[str, str], public_key: str) -> str:
    """The id of a terminal of the fuzzing member's own shop."""
    requests.put(f"{url}/v1/shop", json={"shop": "Fuzz"}, headers=headers, timeout=10).raise_for_status()
    asked = {"public_key": public_key, "mode": "seller", "model": "m", "version": "1"}
    code = requests.post(f"{url}/v1/pairings", json=asked, timeout=10).json()["code"]
    approved = requests.post(f"{url}/v1/pairings/approve", json={"code": code}, headers=headers, timeout=10)
    return str(approved.json()["terminal"])


def test_a_few_strange_requests_to_every_route(tmp_path: Path) -> None:
    assert exchange_wrong(tmp_path, examples=3) == []


@pytest.mark.full
@pytest.mark.timeout(900)
def test_many_strange_requests_to_every_route(tmp_path: Path) -> None:
    assert exchange_wrong(tmp_path, examples=400) == []
