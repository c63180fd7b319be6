"""A session of requests whose every exchange ends at its deadline, whatever the far end does.

The timeouts of requests bound each single read, so a far end that sends a byte now and then could hold a customer for
hours. Here a timer shuts the socket of the exchange that is under way; the read then ends as a cut connection.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests


class Cutter:
    """Knows the socket in use and can cut it from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._due = False

    def using(self, in_use: socket.socket | None) -> None:
        """A request was sent on this socket; its answer is now waited for."""
        with self._lock:
            self._socket = in_use
            if self._due:
                self._shut()

    @property
    def was_cut(self) -> bool:
        """Whether the newest exchange ran into its end. What then looks like an odd answer is half of one."""
        return self._due

    def cut(self) -> None:
        with self._lock:
            self._due = True
            self._shut()

    @contextmanager
    def after(self, seconds: float) -> Iterator[None]:
        """Cut whatever is in use when `seconds` have passed and the block is not left."""
        with self._lock:
            self._due, self._socket = False, None
        timer = threading.Timer(seconds, self.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._socket = None

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the far end was quicker
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # below TLS: no farewell that could block


def guarded_session(cutter: Cutter) -> requests.Session:
    """A session with kept-alive connections, blind to proxies, netrc and cookies, that tells `cutter` its sockets."""
    import requests
    from requests.adapters import HTTPAdapter
    from requests.cookies import RequestsCookieJar
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    class Plain(HTTPConnection):
        def getresponse(self) -> Any:
            cutter.using(self.sock)
            return super().getresponse()

    class Secure(HTTPSConnection):
        def getresponse(self) -> Any:
            cutter.using(self.sock)
            return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    class NoCookies(RequestsCookieJar):
        def extract_cookies(self, *args: Any, **kwargs: Any) -> None:
            """A terminal has a key; a cookie would be a second identity."""

    session = requests.Session()
    session.trust_env = False
    session.cookies = NoCookies()
    session.headers.clear()
    for scheme in ("http://", "https://"):
        session.mount(scheme, Adapter(pool_connections=4, pool_maxsize=1, max_retries=0))
    return session
