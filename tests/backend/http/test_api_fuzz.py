"""The servers called from their own description: no input makes an error of ours, and every error is a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from backend.config import Config
from backend.parts import Outside
from backend.serving import running
from core.settings import fill
from tests.backend.http.world import Clock, Post, QuietLog, board, table_of


def fuzz(url: str, headers: dict[str, str], examples: int) -> list[str]:
    """Call every operation `examples` times; what went wrong."""
    import requests

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
            reply = case.call(base_url=url, headers=headers, session=session, timeout=10)
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
    import httpx

    post, log = Post(), QuietLog()
    config = fill(Config, table_of(folder), file="test")
    with running(config, Outside(now=Clock(), log=log), gateway=post, board=board) as (urls, _, _):
        httpx.post(f"{urls.exchange}/v1/join", json={"contact": "mina@example.org"})
        body = {"contact": "mina@example.org", "code": post.digits()}
        told = httpx.post(f"{urls.exchange}/v1/join/verify", json=body)
        cookie = f"tillmark_session={told.cookies['tillmark_session']}"
        headers = {"cookie": cookie, "x-csrf-token": told.json()["csrf"], "idempotency-key": "fuzz"}
        wrong = fuzz(urls.exchange, headers, examples) + fuzz(urls.agency, {}, examples)
    return wrong + [f"{event} {fields}" for event, fields in log.lines]


def test_a_few_strange_requests_to_every_route(tmp_path: Path) -> None:
    assert exchange_wrong(tmp_path, examples=3) == []


@pytest.mark.full
@pytest.mark.timeout(900)
def test_many_strange_requests_to_every_route(tmp_path: Path) -> None:
    assert exchange_wrong(tmp_path, examples=400) == []
