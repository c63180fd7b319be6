"""The window and a device's telemetry over TLS: a real broker with a certificate by an authority of the test's own."""

from __future__ import annotations

import datetime
import gc
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sync.telemetry import Broker, Telemetry
from tests.backend.telemetry.test_window import state, town, until
from tests.sync.clocks import Lines, RealClock
from tests.sync.conftest import Mosquitto, free_port

START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


class Authority:
    """A certificate authority in a folder: `file` is what whoever trusts it is given."""

    def __init__(self, folder: Path, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.folder = folder
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._signed(self.name, self.key.public_key(), authority=True))

    def server(self, address: str) -> tuple[Path, Path]:
        """A certificate and its key for a server at that address."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
        held, secret = self.folder / "broker.pem", self.folder / "broker.key"
        held.write_bytes(self._signed(name, key.public_key(), address=address))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return held, secret

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, authority: bool = False, address: str = ""
    ) -> bytes:
        serial = x509.random_serial_number()
        made = x509.CertificateBuilder(self.name, name, key, serial, START, START.replace(year=2120))
        made = made.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        if address:
            at = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
            made = made.add_extension(at, critical=False)
        return made.sign(self.key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def trusted(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "trusted")


@pytest.fixture
def broker(tmp_path: Path, trusted: Authority) -> Iterator[Mosquitto]:
    held, secret = trusted.server("127.0.0.1")
    port, config = free_port(), tmp_path / "mosquitto-tls.conf"
    # As root mosquitto would become a user of its own, who may not read a test's folder.
    config.write_text(
        f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
        f"certfile {held}\nkeyfile {secret}\n"
    )
    made = Mosquitto(port, config)
    made.start()
    yield made
    made.kill()


@contextmanager
def telemetry(broker: Mosquitto, terminal: str, ca_file: Path, log: Lines) -> Iterator[Telemetry]:
    made = Telemetry(
        Broker.of(f"mqtts://127.0.0.1:{broker.port}", str(ca_file)), terminal, RealClock(), log, heartbeat_s=0.2
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


def test_a_terminal_is_seen_through_a_broker_whose_authority_both_sides_trust(
    tmp_path: Path, broker: Mosquitto, trusted: Authority
) -> None:
    url = f"mqtts://127.0.0.1:{broker.port}"
    with town(tmp_path, url, ca_file=str(trusted.file)) as all_:
        till = all_.till()
        with telemetry(broker, till.id, trusted.file, Lines()) as told:
            until(lambda: state(all_) == "online")
            assert told.connected
        until(lambda: state(all_) == "offline")


# After a handshake that failed the library leaves its socket to the garbage collector, which says so aloud.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_nobody_vouches_for_is_told_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    log, folder = Lines(), tmp_path / "other"
    folder.mkdir()
    with telemetry(broker, "T-1", Authority(folder, "other").file, log) as told:
        until(lambda: log.named("broker_unreachable"))
        assert not told.connected
    gc.collect()
