"""The simulated cable: whole, byte by byte, lossy, noisy, out."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from sim.peers.pipe import SINGLE, Pty, Unplugged, Weather


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    cable = Pty(tmp_path / "ttyTEST0")
    yield cable
    cable.close()


def test_bytes_pass_whole_both_ways(pty: Pty) -> None:
    with serial.Serial(str(pty.link), 115200, timeout=1) as port:
        port.write(b"\x00\x11\x13\r\n\xff")
        assert pty.read(1) == b"\x00\x11\x13\r\n\xff"
        pty.write(b"\x00\x03\x04\r\n\xff")
        assert port.read(6) == b"\x00\x03\x04\r\n\xff"


def test_a_byte_at_a_time_is_not_one_read(pty: Pty) -> None:
    pty.weather = SINGLE
    with serial.Serial(str(pty.link), 115200, timeout=1) as port:
        sender = threading.Thread(target=pty.write, args=(b"abcdef" * 10,))
        sender.start()
        reads: list[bytes] = []
        while sum(map(len, reads)) < 60:
            reads.append(port.read(max(1, port.in_waiting)))
        sender.join()
    assert b"".join(reads) == b"abcdef" * 10
    assert len(reads) >= 10  # a busy machine may still join a few bytes; it may not join them all


def test_loss_and_noise_come_from_the_seed() -> None:
    bad = Weather(loss=0.2, noise=0.2)
    once = bad.spoil(bytes(1000), random.Random(3))
    assert once == bad.spoil(bytes(1000), random.Random(3))
    assert 700 < len(once) < 900
    assert any(once)


def test_a_pulled_cable_is_an_error_on_both_sides_and_comes_back_under_its_name(pty: Pty) -> None:
    with serial.Serial(str(pty.link), 115200, timeout=0.2) as port:
        pty.unplug()
        with pytest.raises(serial.SerialException):
            port.read(1)
        with pytest.raises(Unplugged):
            pty.read(0)
        with pytest.raises(Unplugged):
            pty.write(b"x")
        assert not pty.link.exists()
    pty.plug()
    with serial.Serial(str(pty.link), 115200, timeout=1) as port:
        pty.write(b"back")
        assert port.read(4) == b"back"


def test_a_waiting_read_is_woken(pty: Pty) -> None:
    threading.Timer(0.05, pty.wake).start()
    assert pty.read(5) == b""


def test_the_driver_may_close_and_open_the_port_again(pty: Pty) -> None:
    for _ in range(2):
        with serial.Serial(str(pty.link), 115200, timeout=1) as port:
            port.write(b"x")
            assert pty.read(1) == b"x"
