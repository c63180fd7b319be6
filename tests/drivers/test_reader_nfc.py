"""The NFC reader: nfcpy as it is, a PN532 on a serial port, and everything that may be held to it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.code import PersonalCode, derive
from core.effects import Arm, Disarm, TapOffer, Wanted
from core.events import TapAnswered
from core.faults import nfc as faults
from core.messages import WireMoney
from core.moment import Moment
from core.ports import DriverFault
from core.settings import BadSetting, fill
from core.tap import BadTap, tap_key, tap_mac, tap_message
from core.wire import ndef
from core.wire.apdu import CAN_CODE, SW_OK, Reply, Selected
from drivers import reader_nfc
from drivers.reader_nfc import AskNdef, Host, Settings, Talk, facts_of
from sim.peers.nfc_cards import Card, Foreign, Garbled, Silent, Type2, Type3, Type4
from sim.peers.nfc_phone import Member, Phone
from sim.peers.nfc_pn532 import Pn532
from tests.drivers.reader_suite import CODE, OTHER, Bench, ReaderSuite

MEMBER = Member(bytes(range(32)), 3_600_000)
NOON = Moment(1_772_000_000_000)
OFFER = TapOffer("T-0001", "00112233445566778899aabbccddeeff", WireMoney("KRW", 0, "50000"), "seller")
FACTS = facts_of(OFFER)
DIGITS = derive(MEMBER.key, MEMBER.roll_ms, NOON).digits


def noon() -> Moment:
    return NOON


def text_tag(code: PersonalCode) -> Type4:
    return Type4(ndef.encode((ndef.text_record(code.digits),)))


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Bench]:
    chip = Pn532(tmp_path / "ttyNFC0")
    settings = Settings(str(chip.pty.link), felica=True, tap_limit_ms=600)
    bench = Bench(
        opener=lambda kit: reader_nfc.open(settings, kit),
        cable=chip,
        show=lambda code: chip.field.tap(text_tag(code)),
        hide=chip.field.empty,
        role="nfc",
    )
    yield bench
    bench.close()
    chip.close()


class TestNfcAsAnyReader(ReaderSuite):
    reads = f"nfc read {CODE.digits} as ndef"
    reads_other = f"nfc read {OTHER.digits} as ndef"
    unplugged = faults.UNPLUGGED
    absent = faults.ABSENT

    @pytest.fixture
    def bench(self, reader: Bench) -> Bench:
        return reader


def tapped(bench: Bench, card: Card, tap: TapOffer | None = None, **how: int) -> list[str]:
    if bench.driver is None:
        bench.plug_in()
    assert bench.driver is not None
    bench.driver.perform(Arm((Wanted.PERSONAL,), tap))
    bench.cable.field.tap(card, **how)
    return bench.hears()


# -- phones -------------------------------------------------------------------------------------------


def test_a_phone_gives_its_code(reader: Bench) -> None:
    assert tapped(reader, Phone(MEMBER, noon)) == [f"nfc read {DIGITS} as apdu"]


@pytest.mark.parametrize("uid_length", [4, 7])
@pytest.mark.parametrize("sak", [0x20, 0x60, 0x28])
def test_a_phone_answers_bound_to_amount_terminal_and_nonce(reader: Bench, sak: int, uid_length: int) -> None:
    phone = Phone(MEMBER, noon, sak=sak, uid_length=uid_length)
    tapped(reader, phone, OFFER)
    (answer,) = reader.events
    assert isinstance(answer, TapAnswered)
    message = tap_message(OFFER.terminal, OFFER.nonce, OFFER.amount, OFFER.mode, answer.handle, answer.counter)
    assert answer.mac == tap_mac(tap_key(MEMBER.key), message).hex()
    assert answer.handle == DIGITS[2:11]
    assert (answer.counter, answer.nonce) == (1, OFFER.nonce)


def test_a_phone_whose_emulation_is_off_is_a_foreign_card(reader: Bench) -> None:
    assert tapped(reader, Phone(MEMBER, noon, sak=0x00), OFFER) == [f"a tap failed: {faults.FOREIGN}"]


@pytest.mark.parametrize("how", [{"wtx": 3}, {"slow_ms": 20}, {"fsci": 0}, {"fsci": 2, "wtx": 1}, {"fwi": 4}])
def test_phones_that_wait_or_take_small_frames_are_understood(reader: Bench, how: dict[str, int]) -> None:
    assert tapped(reader, Phone(MEMBER, noon, **how), OFFER) == ["a phone answered with its tap number 1"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        (lambda: Phone(MEMBER, noon, can=CAN_CODE), f"nfc read {DIGITS} as apdu"),
        (lambda: Phone(MEMBER, noon, application=False, fallback=True), f"nfc read {DIGITS} as ndef"),
        (lambda: Phone(MEMBER, noon, application=False, sak=0x60), f"a tap failed: {faults.FOREIGN}"),
        (lambda: Phone(MEMBER, noon, locked=True), f"a tap failed: {faults.LOCKED}"),
        (lambda: Phone(MEMBER, noon, declines=True), f"a tap failed: {faults.DECLINED}"),
        (lambda: Phone(MEMBER, noon, wtx=10**6), f"a tap failed: {faults.TOO_SLOW}"),
        (lambda: Phone(MEMBER, noon, slow_ms=150, fwi=7), f"a tap failed: {faults.FOREIGN}"),
    ],
)
def test_what_a_phone_can_or_will_not_do_is_said_by_name(reader: Bench, phone: Callable[[], Phone], said: str) -> None:
    assert tapped(reader, phone(), OFFER) == [said]


@pytest.mark.parametrize("frame", range(6))
@pytest.mark.parametrize("card", ["tap", "code", "text"])
def test_a_card_pulled_away_at_any_frame_is_named_or_was_already_read(reader: Bench, card: str, frame: int) -> None:
    laid = text_tag(CODE) if card == "text" else Phone(MEMBER, noon)
    (said,) = tapped(reader, laid, OFFER if card == "tap" else None, leaves_after=frame)
    if frame < {"tap": 3, "code": 3, "text": 6}[card]:
        assert said == f"a tap failed: {faults.PULLED_AWAY}"
    else:
        assert "failed" not in said


def test_of_two_phones_one_is_read_and_the_other_is_not_taken_for_a_second_customer(reader: Bench) -> None:
    reader.cable.field.tap(Phone(Member(bytes(32)), noon, seed=2))
    tapped(reader, Phone(MEMBER, noon, seed=1))
    reader.settles()
    assert len(reader.events) == 1


def test_a_tap_is_read_again_only_after_the_field_was_empty(reader: Bench) -> None:
    phone = Phone(MEMBER, noon)
    tapped(reader, phone, OFFER)
    assert reader.driver is not None
    reader.driver.perform(Disarm())
    reader.settles()
    reader.driver.perform(Arm((Wanted.PERSONAL,), OFFER))
    assert reader.settles() == ["a phone answered with its tap number 1"]
    reader.cable.field.empty()
    reader.settles()
    reader.cable.field.tap(phone)
    assert reader.hears(2)[1:] == ["a phone answered with its tap number 2"]


def test_a_disarmed_reader_activates_no_card(reader: Bench) -> None:
    reader.plug_in()
    reader.cable.field.tap(Phone(MEMBER, noon))
    reader.settles()
    assert (reader.cable.chip.activations, reader.cable.chip.polls) == (0, 0)


def test_readers_armed_for_products_do_not_ask_phones_for_codes(reader: Bench) -> None:
    reader.plug_in()
    assert reader.driver is not None
    reader.driver.perform(Arm((Wanted.PRODUCT,)))
    reader.cable.field.tap(Phone(MEMBER, noon))
    assert reader.settles() == []
    assert reader.cable.chip.activations == 0


# -- cards --------------------------------------------------------------------------------------------

MESSAGE = ndef.encode((ndef.uri_record("https://example.com"), ndef.text_record(f" {CODE.grouped()} ", "ko")))
NO_CODE = ndef.encode((ndef.uri_record("https://example.com"), ndef.text_record("hello")))


@pytest.mark.parametrize(
    "card",
    [
        lambda: Type2(MESSAGE),
        lambda: Type2(MESSAGE, uid=bytes.fromhex("05010203040506")),
        lambda: Type3(MESSAGE),
        lambda: Type4(MESSAGE),
        lambda: Type4(MESSAGE, slow_ms=20),
    ],
)
def test_tags_of_type_2_3_and_4_give_the_code_in_their_text(reader: Bench, card: Callable[[], Card]) -> None:
    assert tapped(reader, card(), OFFER) == [f"nfc read {CODE.digits} as ndef"]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (lambda: Type2(NO_CODE), faults.NOT_A_CODE),
        (lambda: Type3(NO_CODE), faults.NOT_A_CODE),
        (lambda: Type4(NO_CODE), faults.NOT_A_CODE),
        (lambda: Type4(b"\xd1\x01\xff"), faults.NOT_A_CODE),
        (lambda: Type4(b""), faults.NOT_A_CODE),
        (Foreign, faults.FOREIGN),
        (lambda: Foreign(sak=0x28), faults.FOREIGN),
        (Silent, faults.FOREIGN),
        (lambda: Silent(sak=0x40), faults.FOREIGN),
    ],
)
def test_cards_that_are_none_of_ours_are_said_by_name(reader: Bench, card: Callable[[], Card], code: str) -> None:
    assert tapped(reader, card(), OFFER) == [f"a tap failed: {code}"]


ATS = bytes.fromhex("0577807002")


@pytest.mark.parametrize(
    "answers",
    [
        (b"",),
        (b"\x01",),
        (b"\x05\x78",),
        (ATS, b""),
        (ATS, b"\x02"),
        (ATS, b"\x02\x90"),
        (ATS, b"\x02\x90\x00", b"\x03\x90\x00"),
        (ATS, b"\xf2"),
        (ATS, b"\xf2\x01"),
        (ATS, b"\xa2"),
        (ATS, b"\x12" + bytes(200), b"\x13" + bytes(200)),
        (ATS, b"\x02" + Selected(version=9).encode(), b"\x03\x90\x00"),
        (ATS, b"\x02" + Selected().encode(), b"\x03" + bytes(29) + b"\x90\x00"),
        (bytes(range(255)),),
    ],
)
def test_a_hostile_card_fails_by_name_and_the_reader_lives(reader: Bench, answers: tuple[bytes, ...]) -> None:
    (said,) = tapped(reader, Garbled(answers), OFFER)
    assert said.startswith("a tap failed: TM-NFC-1")
    reader.cable.field.empty()
    reader.settles()
    assert tapped(reader, text_tag(CODE))[0] == said
    assert reader.hears(2)[1] == f"nfc read {CODE.digits} as ndef"


# -- the chip and its port ----------------------------------------------------------------------------


def test_a_chip_that_hangs_is_a_fault_by_name(reader: Bench) -> None:
    reader.plug_in()
    reader.arm()
    reader.settles(2)
    reader.cable.mute = True
    with pytest.raises(DriverFault) as fault:
        reader.settles(10)
    assert fault.value.code == faults.SILENT


def test_an_idle_chip_is_asked_for_a_sign_of_life(reader: Bench) -> None:
    reader.plug_in()
    reader.settles(1)
    reader.cable.unplug()
    with pytest.raises(DriverFault) as fault:
        reader.turns(lambda: False, within_s=30)
    assert fault.value.code == faults.UNPLUGGED


def test_no_chip_on_the_port_is_a_fault_by_name(reader: Bench) -> None:
    reader.cable.mute = True
    with pytest.raises(DriverFault) as fault:
        reader.plug_in()
    assert fault.value.code == faults.ABSENT


@pytest.mark.parametrize(
    "port", ["udp:127.0.0.1:54321", "udp", "tty:USB0:pn532", "/dev/tty; reboot", "/dev/$(id)", "", "ttyUSB0"]
)
def test_ports_that_are_no_serial_device_are_refused(port: str) -> None:
    with pytest.raises(BadSetting, match="port"):
        fill(Settings, {"port": port}, file="t.toml", key="nfc")


@pytest.mark.parametrize("port", ["/dev/ttyUSB0", "/dev/ttyAMA0", "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0"])
def test_serial_devices_are_accepted(port: str) -> None:
    assert fill(Settings, {"port": port}, file="t.toml").port == port


def test_no_log_of_the_library_shows_what_a_phone_said(reader: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tapped(reader, Phone(MEMBER, noon))
    written = caplog.text + str(reader.log.kept)
    assert DIGITS not in written
    assert DIGITS.encode().hex() not in written
    assert [name for name, _ in reader.log.kept] == ["tap"]


# -- decisions, without a line ------------------------------------------------------------------------


def test_a_phone_that_is_missed_once_has_not_gone() -> None:
    host = Host()
    host.order(Arm((Wanted.PERSONAL,)))
    assert host.looked(True) is not None
    for occupied in (False, False, True, False, False, True):
        assert host.looked(occupied) is None
    for occupied in (False, False, False):
        assert host.looked(occupied) is None
    assert host.looked(True) is not None


def test_an_offer_no_phone_could_be_asked_with_is_a_programmers_error() -> None:
    with pytest.raises(BadTap):
        Host().order(Arm((Wanted.PERSONAL,), TapOffer("", OFFER.nonce, OFFER.amount, OFFER.mode)))


@pytest.mark.parametrize("raw", [b"", b"\x90", b"\x6f\x00\x90\x00", b"\x90\x00"])
def test_a_malformed_first_answer_is_named(raw: bytes) -> None:
    talk = Talk(FACTS)
    talk.first()
    assert str(talk.heard(raw)).startswith("TapFailed(code='TM-NFC-106'")


def test_an_unknown_application_leads_to_ndef() -> None:
    talk = Talk(FACTS)
    talk.first()
    assert talk.heard(Reply(b"", 0x6A82).encode()) == AskNdef()


@pytest.mark.parametrize("sw", [0x6F00, 0x6A80, 0x6700])
def test_an_unexpected_status_is_named(sw: int) -> None:
    talk = Talk(FACTS)
    talk.first()
    assert isinstance(talk.heard(Selected().encode()), bytes)
    assert str(talk.heard(Reply(b"", sw).encode())) == f"TapFailed(code='{faults.MALFORMED}')"


def test_a_phone_that_turns_out_not_to_sign_is_asked_for_its_code() -> None:
    talk = Talk(FACTS)
    talk.first()
    talk.heard(Selected().encode())
    assert talk.heard(Reply(b"", 0x6D00).encode()) == bytes.fromhex("8010000000")
    assert talk.heard(Reply(CODE.digits.encode(), SW_OK).encode()).text == CODE.digits  # type: ignore[union-attr]


def test_a_tap_is_an_event_within_a_tenth_of_a_second(reader: Bench) -> None:
    reader.plug_in()
    took = []
    for place in range(10):
        assert reader.driver is not None
        reader.driver.perform(Arm((Wanted.PERSONAL,), OFFER))
        reader.cable.field.tap(Phone(MEMBER, noon, seed=place))
        start = time.monotonic()
        reader.hears(place + 1)
        took.append(time.monotonic() - start)
        reader.cable.field.empty()
        reader.settles(4)
    assert min(took) < 0.1  # the median is `tillmark bench device`'s affair; a busy machine has one good turn in ten
