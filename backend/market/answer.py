"""Asking a venue by HTTP within limits: how long an answer may take, how large it may be, and that it is one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

CONNECT_S, READ_S = 1.0, 1.5  # to connect, and between two pieces; an answer that comes later is stale on arrival
CHUNK = 64 * 1024  # bytes of one piece


class NoAnswer(OSError):
    """The venue gave no usable answer: another status than 200, too long, too slow."""


def ask(session: requests.Session, address: str, *, within_s: float, at_most: int) -> str:
    """The body of a GET. Redirects are not followed: a venue's address is what the configuration says.

    Raises `NoAnswer`, or what `requests` and urllib3 raise for a line that is down (turned into `OSError` here).
    """
    from urllib3.exceptions import HTTPError

    ends = time.monotonic() + within_s
    with session.get(address, timeout=(CONNECT_S, READ_S), stream=True, allow_redirects=False) as answer:
        if answer.status_code != 200:
            raise NoAnswer(f"status {answer.status_code}")
        body = bytearray()
        try:
            while piece := answer.raw.read1(CHUNK, decode_content=True):
                body += piece
                if len(body) > at_most:
                    raise NoAnswer(f"an answer of more than {at_most} bytes")
                if time.monotonic() > ends:
                    raise NoAnswer(f"no whole answer within {within_s} s")
        except HTTPError as error:
            raise NoAnswer(str(error)) from error
    return body.decode("utf-8", "replace")
