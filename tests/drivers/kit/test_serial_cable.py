"""The serial cable over real pseudo-terminals and a real TCP socket, with the unmodified pyserial."""

from __future__ import annotations

import os
import socket
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.faults import dispenser as faults
from core.ports import DriverFault
from drivers.kit.serial_cable import Parity, Port, SerialCable, look_at_parity, open_cable
from sim.peers.pipe import Pty


@pytest.fixture
def pty(tmp_path: Path) -> Iterator[Pty]:
    line = Pty(tmp_path / "cash")
    yield line
    line.close()


@pytest.fixture
def cable(pty: Pty) -> Iterator[SerialCable]:
    line = open_cable(Port(str(pty.link), parity=Parity.EVEN))
    yield line
    line.close()


def code_of(caught: pytest.ExceptionInfo[DriverFault]) -> str:
    return caught.value.code


def test_a_line_with_parity_looks_at_it() -> None:
    ours, theirs = os.openpty()
    try:
        look_at_parity(theirs)
        flags = termios.tcgetattr(theirs)[0]
        assert flags & termios.INPCK
        assert not flags & (termios.IGNPAR | termios.PARMRK)
    finally:
        os.close(ours)
        os.close(theirs)


def heard(cable: SerialCable, size: int) -> bytes:
    data, until = b"", time.monotonic() + 5
    while len(data) < size and time.monotonic() < until:
        data += b"".join(cable.receive(100))
    return data


def test_a_port_that_cannot_do_parity_is_opened_again_and_again(pty: Pty) -> None:
    for _ in range(3):
        open_cable(Port(str(pty.link), parity=Parity.EVEN)).close()


def test_bytes_arrive_in_both_directions(pty: Pty, cable: SerialCable) -> None:
    cable.send(b"\x04P\x02F\x03\x13")
    assert pty.read(2) == b"\x04P\x02F\x03\x13"
    pty.write(b"\x06\x15\x03\x11\x13\x00\xff")
    assert heard(cable, 7) == b"\x06\x15\x03\x11\x13\x00\xff"


def test_nothing_is_heard_from_a_silent_line(cable: SerialCable) -> None:
    assert cable.receive(0) == ()


def test_a_port_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DriverFault, match="nothing-here") as caught:
        open_cable(Port(str(tmp_path / "nothing-here")))
    assert code_of(caught) == faults.NO_PORT


def test_a_second_program_does_not_get_the_port(pty: Pty, cable: SerialCable) -> None:
    with pytest.raises(DriverFault) as caught:
        open_cable(Port(str(pty.link)))
    assert code_of(caught) == faults.PORT_BUSY


def test_what_was_said_before_the_port_was_opened_is_not_heard(pty: Pty) -> None:
    first = open_cable(Port(str(pty.link)))
    pty.write(b"late reply")
    first.close()
    second = open_cable(Port(str(pty.link)))
    assert second.receive(20) == ()
    second.close()


def test_a_pulled_cable_is_a_named_fault_for_listening_and_speaking(pty: Pty, cable: SerialCable) -> None:
    pty.unplug()
    with pytest.raises(DriverFault) as caught:
        heard(cable, 1)
    assert code_of(caught) == faults.UNPLUGGED
    with pytest.raises(DriverFault) as caught:
        cable.send(b"x")
    assert code_of(caught) == faults.UNPLUGGED
    cable.close()


def test_a_closed_port_says_so(cable: SerialCable) -> None:
    cable.close()
    with pytest.raises(DriverFault) as caught:
        cable.receive(0)
    assert code_of(caught) == faults.UNPLUGGED


def test_a_line_nobody_reads_stalls_with_a_name(pty: Pty, cable: SerialCable) -> None:
    cable._line.write_timeout = 0.2
    with pytest.raises(DriverFault) as caught:
        cable.send(bytes(200_000))
    assert code_of(caught) == faults.STALLED


def test_a_serial_server_is_opened_by_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        cable = open_cable(Port(f"socket://127.0.0.1:{server.getsockname()[1]}"))
        far, _ = server.accept()
        with far:
            cable.send(b"ask")
            assert far.recv(16) == b"ask"
            far.sendall(b"answer")
            assert heard(cable, 6) == b"answer"
        with pytest.raises(DriverFault) as caught:
            heard(cable, 1)
        assert code_of(caught) == faults.UNPLUGGED
        cable.close()


def test_the_parity_is_written_as_on_the_device() -> None:
    assert [Parity(text).letter for text in ("8N1", "8E1", "8O1")] == ["N", "E", "O"]
