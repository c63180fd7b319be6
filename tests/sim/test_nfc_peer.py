"""The simulated PN532: the chip's own behaviour, on the wire and in the field, without any driver of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from core.wire import ndef
from core.wire.pn532 import ACK, ERROR, NACK, Command, Data, Errored, Parser, command, response
from sim.peers.nfc_cards import Foreign, Type2, Type4
from sim.peers.nfc_field import Field
from sim.peers.nfc_pn532 import FIRMWARE, Chip, Pn532, crc_a

EMPTY = ndef.encode((ndef.text_record("1"),))


@pytest.fixture
def chip(tmp_path: Path) -> Iterator[Pn532]:
    peer = Pn532(tmp_path / "ttyNFC0")
    yield peer
    peer.close()


def ask(port: serial.Serial, raw: bytes) -> bytes:
    port.write(raw)
    port.timeout = 0.1
    return port.read(300)


def test_a_command_is_acknowledged_and_answered(chip: Pn532) -> None:
    with serial.Serial(str(chip.pty.link), 115200) as port:
        assert ask(port, command(Command.GET_FIRMWARE_VERSION)) == ACK + response(0x02, FIRMWARE)


def test_a_spoilt_command_is_not_answered(chip: Pn532) -> None:
    raw = bytearray(command(Command.GET_FIRMWARE_VERSION))
    raw[6] ^= 1
    with serial.Serial(str(chip.pty.link), 115200) as port:
        assert ask(port, bytes(raw)) == b""


def test_the_last_answer_comes_again_after_a_nack(chip: Pn532) -> None:
    with serial.Serial(str(chip.pty.link), 115200) as port:
        ask(port, command(Command.GET_FIRMWARE_VERSION))
        assert ask(port, NACK) == response(0x02, FIRMWARE)


def test_an_ack_of_the_host_cancels_a_command(chip: Pn532) -> None:
    with serial.Serial(str(chip.pty.link), 115200) as port:
        ask(port, command(Command.RF_CONFIGURATION, bytes([0x02, 10, 11, 13])))
        chip.field.tap(Foreign())
        ask(port, command(Command.IN_LIST_PASSIVE_TARGET, b"\x01\x00"))
        chip.field.empty()
        # The card has gone: its time-out would take 410 ms.
        port.write(command(Command.IN_COMMUNICATE_THRU, b"\xe0\x80") + ACK)
        port.timeout = 0.6
        assert port.read(300) == ACK


@pytest.mark.parametrize("code", [Command.IN_DATA_EXCHANGE, 0x8C, 0x56, 0xFE])
def test_what_is_not_built_is_answered_with_the_error_frame(code: int) -> None:
    assert Chip(Field()).obey(code, b"\x01").raw == ERROR
    assert Parser().feed(ERROR) == (Errored(),)


def test_an_empty_field_has_no_card_and_costs_a_look() -> None:
    due = Chip(Field(), miss_ms=5).obey(Command.IN_LIST_PASSIVE_TARGET, b"\x01\x00")
    assert (due.raw, due.after_ms) == (response(0x4A, b"\x00"), 5)


def test_a_card_is_listed_with_its_uid() -> None:
    field = Field()
    field.tap(Type2(EMPTY))
    due = Chip(field).obey(Command.IN_LIST_PASSIVE_TARGET, b"\x01\x00")
    assert due.raw == response(0x4A, bytes.fromhex("01010044000704a1b2c3d4e5f6"))


def test_a_card_sought_by_its_uid_is_found_among_others() -> None:
    field = Field()
    field.tap(Type2(EMPTY))
    field.tap(Foreign(uid=bytes.fromhex("04112233445566")))
    due = Chip(field).obey(Command.IN_LIST_PASSIVE_TARGET, bytes.fromhex("01008804112233445566"))
    assert b"\x11\x22\x33" in due.raw


def test_the_cards_checksum_is_passed_on_when_the_host_asked_for_it() -> None:
    field = Field()
    field.tap(Type2(EMPTY))
    chip = Chip(field)
    chip.obey(Command.IN_LIST_PASSIVE_TARGET, b"\x01\x00")
    chip.obey(Command.WRITE_REGISTER, bytes.fromhex("630300"))
    (frame,) = Parser().feed(chip.obey(Command.IN_COMMUNICATE_THRU, b"\x30\x00").raw)
    assert isinstance(frame, Data)
    assert len(frame.body) == 2 + 16 + 2
    assert frame.body[-2:] == crc_a(frame.body[2:-2])


def test_crc_a_is_that_of_the_standard() -> None:
    # ISO/IEC 14443-3 annex B.2.
    assert crc_a(bytes(2)).hex() == "a01e"
    assert crc_a(bytes.fromhex("1234")).hex() == "26cf"


def test_a_silent_card_costs_the_time_out_the_host_has_set() -> None:
    field = Field()
    chip = Chip(field)
    chip.obey(Command.RF_CONFIGURATION, bytes([0x02, 10, 11, 10]))
    due = chip.obey(Command.IN_COMMUNICATE_THRU, b"\xe0\x80")
    assert (due.raw, due.after_ms) == (response(0x42, b"\x01"), pytest.approx(51.2))


def test_a_tap_ends_by_time_by_frames_or_by_hand() -> None:
    now = [0.0]
    field = Field(lambda: now[0])
    field.tap(Type4(EMPTY), 100)
    assert field.occupied
    now[0] = 100
    assert not field.occupied
    field.tap(Type4(EMPTY), leaves_after=1)
    field.power(True)
    assert field.select_a(b"") is not None
    assert field.exchange(b"\xe0\x80") is not None
    assert field.exchange(b"\x02\x00\xa4\x04\x00") is None
    assert not field.occupied
    field.tap(Type4(EMPTY))
    field.empty()
    assert not field.occupied


def test_a_card_forgets_everything_when_the_field_goes_off() -> None:
    field = Field()
    field.tap(Type4(EMPTY))
    field.power(True)
    field.select_a(b"")
    field.exchange(b"\xe0\x80")
    field.power(False)
    assert field.exchange(b"\x02\x00") is None
    field.power(True)
    field.select_a(b"")
    assert field.exchange(b"\x02\x00") is None
