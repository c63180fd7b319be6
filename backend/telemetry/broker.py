"""Where the message broker is, and who the exchange is there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    """``[telemetry]`` of the server's configuration: how the exchange itself reaches the broker of
    ``exchange.mqtt_url``, which every terminal is told. `url` if its own address is another, its user, a file with its
    password, and the file of the authority that signed the broker's certificate."""

    url: str = ""
    user: str = ""
    password_file: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Broker:
    """`ca_file` "" trusts the system's authorities. `repr` shows no password."""

    host: str
    port: int
    tls: bool
    ca_file: str = ""
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, url: str, ca_file: str = "", user: str = "", password: str = "") -> Broker:
        """``mqtt://host[:port]`` or ``mqtts://``. Raises ValueError, also for an address with a name or a password in
        it: every terminal is told the address."""
        parts = urlsplit(url)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
            raise ValueError("the broker's address must be mqtt://host or mqtts://host")
        if "@" in parts.netloc:
            raise ValueError("no name and no password may stand in the broker's address: every terminal is told it")
        tls = parts.scheme == "mqtts"
        return cls(parts.hostname, parts.port or (8883 if tls else 1883), tls, ca_file, user, password)

    def __repr__(self) -> str:
        return f"Broker({self.host}:{self.port})"
