"""The live page's server: the page, the pictures, the hands, and who is kept out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sim.live.server import LivePage
from tests.sim.live.counter import Counter


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def page(counter: Counter) -> Iterator[LivePage]:
    with LivePage(counter) as made:
        yield made


def get(page: LivePage, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    line = HTTPConnection("127.0.0.1", int(page.origin.rpartition(":")[2]), timeout=5)
    try:
        line.request("GET", path, headers=headers)
        reply = line.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
    finally:
        line.close()


def word(page: LivePage) -> str:
    return page.url.removeprefix(page.origin)


def talk(page: LivePage, origin: str | None = None) -> ClientConnection:
    address = page.url.replace("http", "ws", 1) + "socket"
    return connect(address, origin=origin or page.origin, open_timeout=5, proxy=None)  # type: ignore[arg-type]


def until(line: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message = line.recv(timeout=5)
        if isinstance(message, str):
            told: dict[str, Any] = json.loads(message)
            if told["kind"] == kind:
                return told


def test_the_page_and_its_files_are_there_in_both_languages(page: LivePage) -> None:
    status, headers, body = get(page, word(page))
    assert status == 200
    assert "{{" not in body.decode()
    assert "Hold the phone to the camera" in body.decode()
    assert "frame-src http://127.0.0.1:9;" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "휴대폰을 카메라에 대기" in get(page, word(page), **{"Accept-Language": "ko-KR"})[2].decode()
    for name, kind in (("live.js", "text/javascript"), ("live.css", "text/css"), ("tokens.css", "text/css")):
        status, headers, body = get(page, word(page) + name)
        assert (status, headers["content-type"].partition(";")[0]) == (200, kind)
        assert body
    status, headers, body = get(page, word(page) + "paper/1")
    assert (status, headers["content-type"], body[:4]) == (200, "image/png", b"\x89PNG")


@pytest.mark.parametrize("name", ["paper/2", "paper/0", "paper/x", "live.html", "../server.py", "nothing.js"])
def test_what_is_not_there_is_not_found(page: LivePage, name: str) -> None:
    assert get(page, word(page) + name)[0] == 404


def test_without_the_word_there_is_nothing(page: LivePage) -> None:
    for path in ("/", "/live.js", "/guess/", "/guess/socket"):
        assert get(page, path)[0] == 404


def test_another_name_for_this_machine_is_refused(page: LivePage) -> None:
    assert get(page, word(page), Host="evil.example")[0] == 403


def test_a_page_of_another_origin_gets_no_line(page: LivePage) -> None:
    with pytest.raises(InvalidStatus) as refused:
        talk(page, "http://evil.example")
    assert refused.value.response.status_code == 403


def test_it_listens_on_this_machine_only(page: LivePage) -> None:
    port = int(page.origin.rpartition(":")[2])
    with socket.socket() as line:
        line.settimeout(1)
        assert line.connect_ex(("127.0.0.2", port)) != 0


def test_pictures_come_in_and_hands_go_out(page: LivePage, counter: Counter) -> None:
    with talk(page) as line:
        screen = until(line, "screen")
        assert (screen["width"], screen["height"], screen["name"]) == (800, 480, "idle")
        assert isinstance(line.recv(timeout=5), bytes)
        line.send(json.dumps({"do": "finger", "phase": 0, "x": 10, "y": 20}))
        counter.wait_for(("finger", 0, 10, 20))
        assert until(line, "screen")["spoken"] == "Ready screen 2"


def test_news_is_told_when_it_changes(page: LivePage, counter: Counter) -> None:
    with talk(page) as line:
        first = until(line, "state")
        assert (first["papers"], len(first["products"]), first["knobs"][0]["price"]) == (1, 2, 10_000)
        line.send(json.dumps({"do": "price", "pair": "TIL/KRW", "price": 12_500}))
        counter.papers.append(counter.papers[0])
        while (told := until(line, "state"))["papers"] < 2 or told["knobs"][0]["price"] != 12_500:
            pass


def test_what_cannot_be_done_is_told_and_the_page_goes_on(page: LivePage, counter: Counter) -> None:
    with talk(page) as line:
        line.send("nonsense")
        assert until(line, "no")["text"] == "an order is a JSON object"
        line.send(json.dumps({"do": "fault", "name": "camera_unplugged", "on": True}))
        line.send(json.dumps({"do": "product", "id": "tea"}))
        assert until(line, "no")["text"] == "the camera is unplugged"
        line.send(json.dumps({"do": "key", "name": "enter"}))
        counter.wait_for(("key", "enter"))


def test_a_page_that_leaves_makes_room_for_another(page: LivePage) -> None:
    for _ in range(6):
        with talk(page) as line:
            until(line, "state")


def test_closing_ends_open_pages(counter: Counter) -> None:
    page = LivePage(counter).start()
    with talk(page) as line:
        until(line, "state")
        page.close()
        with pytest.raises(ConnectionClosed) as closed:
            until(line, "nothing more")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
