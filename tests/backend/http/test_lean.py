"""Lean routes answer as the framework's own do: the same rule, the same body, the same refusals."""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.http.keys import server_key
from tests.backend.http.test_app import rules
from tests.backend.http.world import Device, world

PATHS = ["/v1/agency/authorisations", "/v1/agency/captures", "/v1/agency/sales"]


def test_each_lean_route_stands_in_the_framework_with_the_same_rule(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        lean = all_.server.door._lean.routes
        found = rules(all_.server.app)
        described = all_.call("GET", "/openapi.json").json()
        assert list(lean) == PATHS
        for path, route in lean.items():
            assert found[f"POST {path}"] is route.rule
            told = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            assert told.rpartition("_")[2].endswith(route.body.__name__)


def test_a_lean_route_refuses_what_every_route_refuses(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        agency = server_key(tmp_path / "data" / "agency.key", "a")
        server, terminal = Device(all_, agency.private, agency.id), all_.device()
        for path in PATHS:
            assert all_.call("POST", path, content=b"{}").json()["code"] == "TM-HTTP-010"
            headers = terminal.signed("POST", path, b"{}", "K")
            assert all_.call("POST", path, content=b"{}", headers=headers).json()["code"] == "TM-HTTP-019"
            headers = server.signed("POST", path, b"{}", "K")
            bad = all_.call("POST", path, content=b"{}", headers=headers)
            assert (bad.status_code, bad.json()["code"]) == (400, "TM-HTTP-003")
            stranger = Device(all_, Ed25519PrivateKey.generate(), "nobody")
            headers = stranger.signed("POST", path, b"{}", "K")
            assert all_.call("POST", path, content=b"{}", headers=headers).json()["code"] == "TM-HTTP-014"


def test_a_lean_route_needs_a_key_and_says_the_time(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        agency = server_key(tmp_path / "data" / "agency.key", "a")
        server = Device(all_, agency.private, agency.id)
        body = msgspec.json.encode({"terminal": "x", "request": {"txn": {"text": "0" * 26}}})
        headers = server.signed("POST", "/v1/agency/captures", body)
        reply = all_.call("POST", "/v1/agency/captures", content=body, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (400, "TM-HTTP-020")
        headers = server.signed("POST", "/v1/agency/captures", body, "K")
        reply = all_.call("POST", "/v1/agency/captures", content=body, headers=headers)
        assert reply.status_code == 404
        assert reply.headers["tillmark-time"] == all_.clock().rfc3339()
        assert 'route="/v1/agency/captures",status="404"' in all_.call("GET", "/metrics").text
