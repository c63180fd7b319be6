"""The WebSocket to one XFS4IoT service: one address, certificates checked, whole messages of bounded size."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.faults.cash import Device, page_code
from core.ports import DriverFault
from core.wire.xfs4iot import MESSAGE_BYTES_MAX
from core.wire.xfs4iot_errors import WORDS
from drivers.dispenser_xfs4iot.settings import Settings

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

LOST = page_code(Device.XFS4IOT, WORDS["connectionLost"])
MESSAGES_MAX = 64  # taken in one call: a service that floods must not keep the thread
CLOSE_S = 0.5  # a service that does not say goodbye is left


class Cable:
    """See `core.dispenser.Cable`."""

    def __init__(self, connection: ClientConnection, held: ExitStack) -> None:
        self._connection, self._held = connection, held

    def send(self, message: bytes) -> None:
        from websockets.exceptions import WebSocketException

        try:
            self._connection.send(message, text=True)
        except (OSError, WebSocketException) as error:
            raise DriverFault(LOST, f"send: {type(error).__name__}") from None

    def receive(self, wait_ms: int) -> tuple[bytes, ...]:
        from websockets.exceptions import WebSocketException

        heard, wait_s = list[bytes](), wait_ms / 1000
        while len(heard) < MESSAGES_MAX:
            try:
                heard.append(self._connection.recv(timeout=wait_s, decode=False))
            except TimeoutError:
                break
            except (OSError, WebSocketException) as error:
                if heard:  # the next call finds out again
                    break
                raise DriverFault(LOST, f"receive: {type(error).__name__}") from None
            wait_s = 0
        return tuple(heard)

    def close(self) -> None:
        self._held.close()


def open(settings: Settings) -> Cable:
    """Raises `DriverFault` when the service cannot be reached or is not who it says."""
    import socket
    import ssl

    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    where = urlsplit(settings.url)
    secure = None
    limit_s = settings.connect_ms / 1000
    port = where.port or (443 if where.scheme == "wss" else 80)
    try:
        if where.scheme == "wss":
            secure = ssl.create_default_context(cafile=settings.authority or None)
            secure.minimum_version = ssl.TLSVersion.TLSv1_2
        # A socket of our own: the library would otherwise follow a proxy of the environment, or a redirect elsewhere.
        line = socket.create_connection((where.hostname or "", port), timeout=limit_s)
    except (OSError, ssl.SSLError) as error:
        raise DriverFault(LOST, f"connect: {type(error).__name__} {error}"[:200]) from None
    held = ExitStack()
    try:
        opening = connect(
            settings.url,
            sock=line,
            ssl=secure,
            compression=None,
            proxy=None,
            open_timeout=limit_s,
            close_timeout=CLOSE_S,
            max_size=MESSAGE_BYTES_MAX,
        )
        connection = held.enter_context(opening)
    except (OSError, WebSocketException, ValueError) as error:  # ValueError: it sent us elsewhere
        line.close()
        raise DriverFault(LOST, f"connect: {type(error).__name__} {error}"[:200]) from None
    return Cable(connection, held)
