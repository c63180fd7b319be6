"""The face every server shares: rules of routes, problems, limits, time on every reply, sessions."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar import Litestar, Request, get
from litestar.routes import HTTPRoute

from backend.http.callers import Rule
from tests.backend.http.world import World, world

# Whoever adds a line here says in the review why nobody in particular may call it.
OPEN = {
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "GET /.well-known/tillmark-keys",
    "GET /faults/{code:str}",
    "POST /v1/join",
    "POST /v1/join/verify",
    "POST /v1/operators/sign-in",
    "POST /v1/pairings",
}
WEBHOOKS = {"POST /v1/bank-notices"}


def rules(app: Litestar) -> dict[str, object]:
    found: dict[str, object] = {}
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in handler.http_methods - {"OPTIONS"}:
                found[f"{method} {route.path}"] = handler.opt.get("rule")
    return found


def test_every_route_has_a_rule_and_the_open_ones_are_listed(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        found = rules(all_.server.app)
        own = {route: rule for route, rule in found.items() if not route.startswith("GET /openapi")}
        assert all(isinstance(rule, Rule) for rule in own.values())
        assert {route for route, rule in own.items() if rule is Rule.OPEN} == OPEN - {"GET /openapi.json"}
        assert found["GET /openapi.json"] is Rule.OPEN
        assert {route for route, rule in own.items() if rule is Rule.WEBHOOK} == WEBHOOKS


def test_nobody_in_particular_reaches_any_route_that_is_not_open(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        for route, rule in rules(all_.server.app).items():
            method, _, path = route.partition(" ")
            path = path.replace("{code:str}", "x").replace("{phone:int}", "1")
            if rule in (Rule.OPEN, Rule.LOCAL, Rule.PAGE) or method == "HEAD":
                continue
            reply = all_.call(method, path)
            assert reply.status_code in (401, 403), f"{route}: {reply.status_code} {reply.text}"


def test_a_broken_gate_lets_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(tmp_path) as all_:
        person, device = all_.person(), all_.device()

        def broken(*_: object) -> None:
            raise RuntimeError("the database is on fire")

        monkeypatch.setattr(all_.server.gate, "_store", None)
        monkeypatch.setattr(all_.server.gate, "_keys", None)
        for reply in (person.call("GET", "/v1/me"), device.call("GET", "/v1/terminals/self")):
            assert (reply.status_code, reply.json()["code"]) == (500, "TM-HTTP-005")
            assert "Traceback" not in reply.text
            assert "NoneType" not in reply.text
        assert [event for event, _ in all_.log.lines] == ["http.unforeseen", "http.unforeseen"]


def problem(all_: World, method: str, path: str, status: int, code: str, **more: object) -> None:
    reply = all_.call(method, path, **more)
    assert (reply.status_code, reply.json()["code"]) == (status, code), reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["type"] == f"/faults/{code}"
    assert all_.call("GET", reply.json()["type"]).json()["code"] == code


def test_every_error_is_a_problem_with_a_code(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        problem(all_, "GET", "/v1/nowhere", 404, "TM-HTTP-001")
        problem(all_, "GET", "/faults/TM-NOT-000", 404, "TM-HTTP-001")
        problem(all_, "DELETE", "/livez", 405, "TM-HTTP-002")
        problem(all_, "POST", "/v1/join", 400, "TM-HTTP-003", content=b"{")
        problem(all_, "POST", "/v1/join", 400, "TM-HTTP-003", json={"contact": 5})
        problem(all_, "POST", "/v1/join", 400, "TM-HTTP-003", json={})
        problem(all_, "POST", "/v1/join", 413, "TM-HTTP-004", content=b"x" * 65_537)
        problem(all_, "POST", "/v1/join", 422, "TM-MEM-001", json={"contact": "nobody"})
        problem(all_, "GET", "/v1/me", 401, "TM-HTTP-017")


def test_every_reply_says_the_time_and_has_an_id(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        for path in ("/livez", "/v1/nowhere", "/v1/me"):
            reply = all_.call("GET", path)
            assert reply.headers["tillmark-time"] == all_.clock().rfc3339()
            assert reply.headers["request-id"]


def test_an_error_nobody_foresaw_says_nothing_of_our_inside(tmp_path: Path) -> None:
    @get("/broken", opt={"rule": Rule.OPEN}, sync_to_thread=False)
    def broken(request: Request[object, object, object]) -> None:
        raise RuntimeError("secret inside")

    with world(tmp_path) as all_:
        all_.server.app.register(broken)
        reply = all_.call("GET", "/broken")
        assert (reply.status_code, reply.json()["code"], reply.json()["retryable"]) == (500, "TM-HTTP-005", True)
        assert "secret" not in reply.text
        event, fields = all_.log.lines[0]
        assert event == "http.unforeseen"
        assert fields["request"] == reply.headers["request-id"]
        assert "secret inside" in str(fields["error"])


def test_a_change_by_a_session_needs_its_csrf_token(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = all_.person()
        reply = person.call("PUT", "/v1/shop", json={"shop": "x"}, headers={"x-csrf-token": "guess"})
        assert (reply.status_code, reply.json()["code"]) == (403, "TM-HTTP-018")
        assert person.call("PUT", "/v1/shop", json={"shop": "x"}).status_code == 200


def test_a_session_ends_when_its_person_signs_out_or_after_its_life(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person, other = all_.person(), all_.person("joon@example.org")
        assert person.call("POST", "/v1/sign-out").status_code == 204
        assert person.call("GET", "/v1/me").status_code == 401
        assert other.call("GET", "/v1/me").status_code == 200
        all_.clock.forward(12 * 3_600_000)
        assert other.call("GET", "/v1/me").status_code == 401


def test_a_session_cookie_is_out_of_reach_of_scripts_and_foreign_pages(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        all_.call("POST", "/v1/join", json={"contact": "mina@example.org"})
        told = all_.call("POST", "/v1/join/verify", json={"contact": "mina@example.org", "code": all_.post.digits()})
        cookie = told.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        stored = all_.server.store.read(lambda unit: unit.all("SELECT * FROM http_session"))
        assert told.cookies["tillmark_session"] not in str(stored)


def test_the_keys_of_the_server_are_published_and_its_key_file_is_its_own(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        told = all_.call("GET", "/.well-known/tillmark-keys").json()
        assert told == {"keys": [{"id": all_.server.key.id, "ed25519": all_.server.key.public}]}
        assert (tmp_path / "data" / "exchange.key").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "data" / "codes.key").stat().st_mode & 0o777 == 0o600


def test_the_description_names_every_route(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        told = all_.call("GET", "/openapi.json").json()
        assert told["openapi"].startswith("3.1")
        assert {"/v1/presentations", "/v1/pairings", "/v1/me"} <= told["paths"].keys()


def test_figures_count_requests_and_name_nobody(tmp_path: Path) -> None:
    with world(tmp_path) as all_:
        person = all_.person()
        person.call("GET", "/v1/me")
        all_.call("GET", "/v1/nowhere/else")
        text = all_.call("GET", "/metrics").text
        assert 'tillmark_http_requests_total{method="GET",route="/v1/me",status="200"} 1.0' in text
        assert 'route="other",status="404"' in text
        assert person.member not in text
