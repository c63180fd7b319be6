"""The driver over a real WebSocket: bytes that travel, certificates that are checked, lines that break."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.cash import Mix
from core.dispenser import Answer, CashNews, End, Look, Moved, Offer, Offered, Order, Pay, Recall, Seen, Taken
from core.ports import DriverFault
from core.wire.xfs4iot import MESSAGE_BYTES_MAX
from drivers import dispenser_xfs4iot as driver
from drivers.dispenser_xfs4iot import Cable, Host, Settings
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_xfs4iot import XfsDispenser
from sim.peers.dispenser_xfs4iot_server import XfsServer

SPEED = 50.0
DEADLINE_S = 20.0
MIX = Mix.of([(1, 2), (2, 3)])


def machine() -> XfsDispenser:
    return XfsDispenser(CashBox({1: (50_000, 50), 2: (10_000, 50)}))


@pytest.fixture
def server() -> Iterator[XfsServer]:
    running = XfsServer(machine(), SPEED)
    yield running
    running.close()


def settings(url: str, **more: object) -> Settings:
    return Settings(**{"url": url, "units": {"unit1": 1, "unit2": 2}} | more)  # type: ignore[arg-type]


class Pump:
    """What the vault does: one thread between host and cable."""

    def __init__(self, chosen: Settings) -> None:
        self.host: Host = driver.make_host(chosen)
        self.settings = chosen
        self.news: list[CashNews] = []
        self.cable: Cable | None = None
        self.connect()

    def connect(self) -> None:
        self.cable = driver.open(self.settings)
        self.host.start(self.now())

    @staticmethod
    def now() -> int:
        return time.monotonic_ns() // 1_000_000

    def turn(self) -> None:
        if self.cable is not None:
            try:
                for message in self.host.say():
                    self.cable.send(message)
                for message in self.cable.receive(10):
                    self.host.hear(message, self.now())
            except DriverFault:
                self.close()
                self.host.lost(self.now())
        self.host.turn(self.now())
        self.news += self.host.news()

    def until(self, kind: type[CashNews]) -> CashNews:
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            self.turn()
            found = [news for news in self.news if isinstance(news, kind)]
            if found:
                self.news.remove(found[0])
                return found[0]
        raise AssertionError(f"no {kind}")

    def ask(self, order: Order) -> Answer:
        self.host.order(order, self.now())
        found = self.until(Answer)  # type: ignore[arg-type]
        assert isinstance(found, Answer)
        return found

    def close(self) -> None:
        if self.cable is not None:
            self.cable.close()
            self.cable = None


@pytest.fixture
def pump(server: XfsServer) -> Iterator[Pump]:
    running = Pump(settings(server.url))
    yield running
    running.close()


def hangs_up(cable: Cable) -> bool:
    """Does the far end let go of the line, before the deadline?"""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        try:
            cable.receive(50)
        except DriverFault:
            cable.close()
            return True
    return False


def test_notes_go_from_the_cassette_to_the_customer(server: XfsServer, pump: Pump) -> None:
    seen = pump.ask(Look())
    assert isinstance(seen, Seen)
    assert seen.ready
    moved = pump.ask(Pay("op", MIX))
    assert isinstance(moved, Moved)
    assert moved.end is End.DONE
    offered = pump.ask(Offer("op"))
    assert isinstance(offered, Offered)
    assert offered.sure
    with server.lock:
        server.peer.box.take()
    assert pump.until(Taken) == Taken("op")


@pytest.mark.parametrize("what", ["line", "power"])
def test_a_line_that_breaks_in_a_dispense_is_told_from_the_counters(server: XfsServer, pump: Pump, what: str) -> None:
    seen = pump.ask(Look())
    assert isinstance(seen, Seen)
    if what == "line":
        pump.host.order(Pay("op", MIX), pump.now())
        while not server.peer.box.count(Spot.STACKER):
            pump.turn()
        with server.lock:
            server.peer.drop()
    else:
        server.peer.fault("power_cut", 2)
        pump.host.order(Pay("op", MIX), pump.now())
    moved = pump.until(Moved)
    assert isinstance(moved, Moved)
    assert moved.end is End.DOUBT
    if what == "power":
        cable = driver.open(pump.settings)
        assert hangs_up(cable), "a machine without power does not stay on the line"
        server.power(True)
    pump.connect()
    again = pump.ask(Recall("op", MIX, seen.mark))
    assert isinstance(again, Moved)
    stacked, path = server.peer.box.count(Spot.STACKER), server.peer.box.count(Spot.PATH)
    assert sum(part.exited.low for part in again.parts) == stacked
    assert again.end is (End.DONE if what == "line" else End.DOUBT)
    assert (stacked, path) == ((5, 0) if what == "line" else (stacked, 1))


def test_nobody_there_is_a_fault_by_name() -> None:
    with pytest.raises(DriverFault) as fault:
        driver.open(settings("ws://127.0.0.1:9/xfs4iot/v1.0/CashDispenser", connect_ms=500))
    assert fault.value.code == "TM-CASHX-200"


def test_a_service_that_sends_us_elsewhere_is_not_followed(server: XfsServer) -> None:
    """Only the one configured address is ever connected to, also when it answers with a redirect."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(4_096)
                line.sendall(f"HTTP/1.1 302 Found\r\nLocation: {server.url}\r\nContent-Length: 0\r\n\r\n".encode())

        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(DriverFault):
            driver.open(settings(f"ws://127.0.0.1:{port}/xfs4iot/v1.0/CashDispenser"))
        thread.join(DEADLINE_S)
    assert server._client is None


def test_a_service_that_says_too_much_is_cut_off(server: XfsServer) -> None:
    cable = driver.open(settings(server.url))
    with server.lock:
        client = server._client
    end = time.monotonic() + DEADLINE_S
    while client is None and time.monotonic() < end:
        client = server._client
    assert client is not None
    client.send("x" * (MESSAGE_BYTES_MAX + 1))
    assert hangs_up(cable)
    with pytest.raises(DriverFault):
        cable.send(b"{}")


def test_another_path_is_not_served(server: XfsServer) -> None:
    cable = driver.open(settings(server.url.replace("CashDispenser", "CardReader")))
    assert hangs_up(cable)


# -- certificates --------------------------------------------------------------------------------------


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of our own for localhost, and the server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "service.pem", folder / "service.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_only_the_trusted_certificate_opens_the_cable(tmp_path: Path) -> None:
    public, context = certificate(tmp_path)
    server = XfsServer(machine(), SPEED, context)
    try:
        with pytest.raises(DriverFault):
            driver.open(settings(server.url))
        pump = Pump(settings(server.url, authority=str(public)))
        seen = pump.ask(Look())
        pump.close()
        assert isinstance(seen, Seen)
        assert seen.ready
    finally:
        server.close()
    with pytest.raises(DriverFault):
        driver.open(settings(server.url, authority=str(tmp_path / "none.pem"), connect_ms=500))


# -- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "wss://me:secret@host/"}, "url"),
        ({"url": "ws://10.0.0.7:5846/xfs4iot/v1.0/CashDispenser"}, "wss"),
        ({"url": "ws://atm.example/xfs4iot/v1.0/CashDispenser"}, "wss"),
        ({"units": {}}, "units"),
        ({"units": {"cassette": 1}}, "units"),
        ({"units": {"unit1": 0}}, "place"),
        ({"units": {"unit1": 1, "unit2": 1}}, "place"),
        ({"position": "inDefault"}, "position"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        settings(**{"url": "ws://localhost:1/x"} | wrong)  # type: ignore[arg-type]


def test_a_cable_inside_the_safe_may_be_plain() -> None:
    chosen = settings("ws://10.0.0.7:5846/xfs4iot/v1.0/CashDispenser", plain_network=True)
    assert driver.make_host(chosen).capabilities.stacks
