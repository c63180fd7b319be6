"""Asking a venue by HTTP: an answer is whole, in time and of a bounded size, or it is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from backend.market.answer import NoAnswer, ask

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"


@contextmanager
def venue(pieces: list[bytes], pause_s: float = 0.0) -> Iterator[str]:
    """A venue that says `pieces` to one caller, with a pause between them; its address."""
    ending = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5.0)

        def serve() -> None:
            try:
                line, _ = server.accept()
                with line:
                    line.recv(4096)
                    for piece in pieces:
                        line.sendall(piece)
                        ending.wait(pause_s)
            except OSError:
                return  # the caller has heard enough

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            ending.set()
            thread.join()


def asked(address: str, within_s: float = 2.0, at_most: int = 1_000) -> str:
    with requests.Session() as session:
        return ask(session, address, within_s=within_s, at_most=at_most)


def test_a_whole_answer_is_read() -> None:
    with venue([HEAD % 4, b"12", b"34"]) as address:
        assert asked(address) == "1234"


REFUSED = [
    ("a redirect", [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"], "status 302"),
    ("an error", [b"HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\n{}"], "status 429"),
    ("one byte too many", [HEAD % 1_001, b"x" * 1_001], "more than 1000 bytes"),
    ("half of it", [HEAD % 4, b"12"], "whole|IncompleteRead"),
]


@pytest.mark.parametrize(("what", "pieces", "said"), REFUSED, ids=[what for what, *_ in REFUSED])
def test_anything_else_is_no_answer(what: str, pieces: list[bytes], said: str) -> None:
    with venue(pieces) as address, pytest.raises(NoAnswer, match=said):
        asked(address)


def test_a_venue_that_drips_is_left_when_the_time_is_over() -> None:
    with venue([HEAD % 900, *[b"x"] * 900], pause_s=0.02) as address, pytest.raises(NoAnswer, match="within"):
        asked(address, within_s=0.2)


def test_a_line_that_is_down_is_an_os_error() -> None:
    with pytest.raises(OSError, match="refused"):
        asked("http://127.0.0.1:1/")
