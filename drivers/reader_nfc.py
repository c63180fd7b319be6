"""The NFC reader: a PN532 on a serial line, spoken to by nfcpy.

`Host` decides, without a line or a clock: whether to look, whether what lies there is a new tap, which APDU
comes next, what an answer means. `Reader` owns the chip. It calls nfcpy's `sense` and `activate` itself:
`connect` would pass over every phone that also advertises peer-to-peer (SEL_RES 60), and it turns a lost
reader into `False`.

What a card says is never trusted and its UID is never used, kept or logged: phones take a new one each tap.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from core.code import BadCode, PersonalCode
from core.effects import Arm, Disarm, Effect, TapOffer, Wanted
from core.events import CodeScanned, DeviceStateChanged, Health, Source, Symbology, TapAnswered, TapFailed
from core.faults import nfc as faults
from core.ports import DriverFault, Kit
from core.settings import limits
from core.tap import TapFacts, nonce_bytes
from core.wire import ndef
from core.wire.apdu import (
    CAN_TAP,
    SW_CLA,
    SW_DECLINED,
    SW_INS,
    SW_LOCKED,
    SW_OK,
    SW_UNSUPPORTED,
    VERSION,
    AuthoriseTap,
    BadApdu,
    CodeGiven,
    GetCode,
    Reply,
    Select,
    Selected,
    TapGiven,
)

KIND: Final = "nfc"

GONE_LOOKS: Final = 3  # one look may miss a phone that is there; three in a row do not
SILENT_FRAMES: Final = 3  # frames in a row without an answer: the card has gone, more retries only cost time
ROUGH_TURNS: Final = 3  # spoilt turns in a row: a disturbance passes, a dead chip does not
BEAT_MS: Final = 1_000  # how often an idle chip is asked for a sign of life
IDLE_REST_MS: Final = 250  # disarmed, nothing in the field: the next order is what matters, and it interrupts
_PORT = re.compile(r"/[A-Za-z0-9._/:+@-]{1,200}", re.ASCII)

Outcome = CodeScanned | TapAnswered | TapFailed


@dataclass(frozen=True, slots=True)
class Settings:
    """`port` a serial device path. `felica` also looks for Type 3 cards (5 ms more each look)."""

    port: str
    felica: bool = False
    poll_ms: int = field(default=40, metadata=limits(10, 500))
    tap_limit_ms: int = field(default=1_500, metadata=limits(300, 5_000))

    def __post_init__(self) -> None:
        if self.port.startswith("udp"):
            raise ValueError("port: udp is nfcpy's emulation, open to every host of the network; name a serial device")
        # The library hands the path to a shell to set the line speed, so it must be nothing but a path.
        if not _PORT.fullmatch(self.port):
            raise ValueError("port must be a serial device path such as /dev/ttyUSB0, /dev/ttyAMA0 or /dev/serial0")


@dataclass(frozen=True, slots=True)
class AskNdef:
    """The card does not know our application: read its NDEF message and give it to `Talk.message`."""


class Talk:
    """One tap: what to send next and what the answers come to."""

    def __init__(self, tap: TapFacts | None) -> None:
        self._tap = tap
        self._asked: Select | GetCode | AuthoriseTap = Select()

    def first(self) -> bytes:
        return self._asked.encode()

    def heard(self, raw: bytes) -> bytes | AskNdef | Outcome:
        """The answer to what was sent last, with its status word: the next command, or what it came to."""
        try:
            reply = Reply.decode(raw)
            match self._asked:
                case Select():
                    return self._selected(reply)
                case AuthoriseTap():
                    return self._answered(reply)
                case GetCode():
                    return self._given(reply)
        except BadApdu:
            return TapFailed(faults.MALFORMED)

    def _selected(self, reply: Reply) -> bytes | AskNdef | Outcome:
        if reply.sw != SW_OK:
            return AskNdef()
        selected = Selected.decode(reply.data)
        if selected.version != VERSION:
            return TapFailed(faults.TOO_NEW)
        if self._tap is not None and selected.can & CAN_TAP:
            self._asked = AuthoriseTap(self._tap)
        else:
            self._asked = GetCode()
        return self._asked.encode()

    def _answered(self, reply: Reply) -> bytes | Outcome:
        assert self._tap is not None
        if reply.sw in (SW_INS, SW_CLA, SW_UNSUPPORTED):
            self._asked = GetCode()
            return self._asked.encode()
        if reply.sw != SW_OK:
            return TapFailed(_REFUSALS.get(reply.sw, faults.MALFORMED))
        given = TapGiven.decode(reply.data)
        return TapAnswered(given.handle, given.counter, self._tap.nonce.hex(), given.mac.hex())

    def _given(self, reply: Reply) -> Outcome:
        if reply.sw != SW_OK:
            return TapFailed(_REFUSALS.get(reply.sw, faults.MALFORMED))
        return CodeScanned(Source.NFC, Symbology.APDU, CodeGiven.decode(reply.data).code.digits)

    @staticmethod
    def message(octets: bytes) -> Outcome:
        """What an NDEF message comes to: the first text that is a personal code."""
        try:
            texts = [text for record in ndef.decode(octets) if (text := ndef.text_of(record)) is not None]
        except ndef.BadNdef:
            return TapFailed(faults.NOT_A_CODE)
        for text in texts:
            try:
                return CodeScanned(Source.NFC, Symbology.NDEF, PersonalCode.parse(text.strip()).digits)
            except BadCode:
                continue
        return TapFailed(faults.NOT_A_CODE)


_REFUSALS: Final = {SW_LOCKED: faults.LOCKED, SW_DECLINED: faults.DECLINED}


class Host:
    """When to look and when to talk. After a tap nothing is read again until the field was empty."""

    def __init__(self) -> None:
        self._armed = False
        self._tap: TapFacts | None = None
        self._open = True
        self._misses = 0

    def order(self, order: Effect) -> None:
        """A tap offer that no phone could be asked with is a programmer's error: `BadTap` passes through."""
        match order:
            case Arm() if Wanted.PERSONAL in order.wanted:
                self._armed, self._tap = True, None if order.tap is None else facts_of(order.tap)
            case Arm() | Disarm():
                self._armed, self._tap = False, None
            case _:
                pass  # meant for another kind of device

    @property
    def looking(self) -> bool:
        """Whether the field matters now: something may be read, or what was read may still lie there."""
        return self._armed or not self._open

    def looked(self, occupied: bool) -> Talk | None:
        """After one look at the field: the tap to begin, if what lies there is new and wanted."""
        if not occupied:
            self._misses += 1
            if self._misses >= GONE_LOOKS:
                self._open = True
            return None
        self._misses = 0
        if not self._armed or not self._open:
            return None
        self._open = False
        return Talk(self._tap)


def facts_of(offer: TapOffer) -> TapFacts:
    """The offer, checked and in bytes. Raises `BadTap`."""
    return TapFacts(offer.terminal, nonce_bytes(offer.nonce), offer.amount, offer.mode)


class Reader:
    """The chip and its thread's turns. Opens the port; raises `DriverFault`."""

    def __init__(self, settings: Settings, kit: Kit) -> None:
        import logging
        import termios

        import nfc.clf
        import nfc.clf.pn532
        import nfc.clf.transport
        import nfc.tag
        import nfc.tag.tt4
        import serial

        # The library writes every frame to its debug log: personal codes, UIDs. It also takes warnings over.
        logging.getLogger("nfc").setLevel(logging.CRITICAL)
        logging.captureWarnings(False)

        self.rest_ms = settings.poll_ms
        self._settings, self._kit = settings, kit
        self._host = Host()
        self._nfc: Any = nfc
        self._gone: tuple[type[Exception], ...] = (termios.error, serial.SerialException)
        # A short read makes the library index past the end; an error frame raises its own chip error.
        self._spoilt: tuple[type[Exception], ...] = (OSError, LookupError, nfc.clf.pn532.Chipset.Error)
        # Card bytes reach the library's parsers unchecked, so a hostile card can raise any of these there.
        self._card: tuple[type[Exception], ...] = (
            *(nfc.tag.TagCommandError, nfc.clf.CommunicationError, struct.error, LookupError, ValueError, TypeError),
            *(AttributeError, AssertionError, RuntimeError),
        )
        self._targets = [nfc.clf.RemoteTarget(brty) for brty in ("106A", "212F")[: 1 + settings.felica]]
        self._rough = 0
        self._beat_ms = 0
        self._until_ms = 0
        self._line: Any = None
        self._clf: Any = nfc.clf.ContactlessFrontend()
        try:
            self._line = nfc.clf.transport.TTY(settings.port)
            self._clf.device = nfc.clf.pn532.init(self._line)
        except (*self._gone, *self._spoilt) as error:
            self.close()
            raise DriverFault(faults.ABSENT, f"{settings.port} {_vendor(error)}") from error
        self._clf.exchange = self._bounded(self._clf.exchange)
        kit.emit(DeviceStateChanged(kit.role, Health.READY))

    def perform(self, order: Effect) -> None:
        self._host.order(order)
        self.rest_ms = self._settings.poll_ms if self._host.looking else IDLE_REST_MS

    def pump(self) -> None:
        try:
            self._turn()
        except self._gone as error:
            raise DriverFault(faults.UNPLUGGED, f"{self._settings.port} {_vendor(error)}") from error
        except self._spoilt as error:
            self._rough += 1
            if self._rough >= ROUGH_TURNS:
                raise DriverFault(faults.SILENT, f"{self._settings.port} {_vendor(error)}") from error
        else:
            self._rough = 0

    def close(self) -> None:
        """Let go of the port whatever state it is in: the library leaves it open when the cable is out."""
        device, self._clf.device = self._clf.device, None
        port = self._line.tty if self._line is not None else None
        try:
            if device is not None:
                device.close()
        except (*self._gone, *self._spoilt):
            pass  # the port is gone or the chip is; what is left to do is below
        finally:
            if port is not None:
                port.close()

    def _turn(self) -> None:
        now = self._kit.clock.monotonic_ms()
        if not self._host.looking:
            self.rest_ms = IDLE_REST_MS
            if now - self._beat_ms >= BEAT_MS:
                self._clf.device.mute()
                self._beat_ms = now
            return
        self._beat_ms = now
        self._until_ms = now + self._settings.tap_limit_ms
        target = self._look()
        talk = self._host.looked(target is not None)
        if talk is None:
            return
        outcome = self._tapped(target, talk)
        self._clf.device.mute()
        said = outcome.code if isinstance(outcome, TapFailed) else "read"
        self._kit.log.info("tap", role=self._kit.role, outcome=said, ms=self._kit.clock.monotonic_ms() - now)
        self._kit.emit(outcome)

    def _look(self) -> Any:
        return self._clf.sense(*self._targets, iterations=1)

    def _tapped(self, target: Any, talk: Talk) -> Outcome:
        """One tap, from activation to what it came to. Only a lost reader raises."""
        try:
            outcome = self._talked(target, talk)
            return self._missing() if outcome is None else outcome
        except self._gone:
            raise
        except self._spoilt:
            self._rough += 1
            return TapFailed(faults.LINE)

    def _talked(self, target: Any, talk: Talk) -> Outcome | None:
        """Activate what lies there and talk to it; None when it did not say enough to tell."""
        try:
            tag = self._nfc.tag.activate(self._clf, target)
            if isinstance(tag, self._nfc.tag.tt4.Type4Tag):
                step: bytes | AskNdef | Outcome = talk.first()
                while isinstance(step, bytes):
                    step = talk.heard(bytes(tag.transceive(step)))
                if not isinstance(step, AskNdef):
                    return step
            message = tag.ndef if tag is not None else None
            return talk.message(message.octets) if message is not None else None
        except self._card:
            return None

    def _missing(self) -> TapFailed:
        """Why there was no answer: it took too long, it has been taken away, or it is none of ours."""
        if self._kit.clock.monotonic_ms() >= self._until_ms:
            return TapFailed(faults.TOO_SLOW)
        return TapFailed(faults.FOREIGN if self._look() is not None else faults.PULLED_AWAY)

    def _bounded(self, exchange: Callable[..., Any]) -> Callable[..., Any]:
        """`exchange` with an end: the library itself would follow waiting time extensions for ever."""
        silent = 0

        def within(data: bytes, timeout: float) -> Any:
            nonlocal silent
            left_ms = self._until_ms - self._kit.clock.monotonic_ms()
            if left_ms <= 0 or silent >= SILENT_FRAMES:
                silent = 0
                raise self._nfc.clf.ProtocolError("the tap has lasted too long")
            try:
                answer = exchange(data, min(timeout, left_ms / 1000))
            except self._nfc.clf.TimeoutError:
                silent += 1
                raise
            silent = 0
            return answer

        return within


def open(settings: Settings, kit: Kit) -> Reader:
    """The reader on its port. Raises `DriverFault` (TM-NFC-001)."""
    return Reader(settings, kit)


def _vendor(error: Exception) -> str:
    """What kind of trouble, without any bytes of the line."""
    number = getattr(error, "errno", None)
    return f"{type(error).__name__} {number}" if number is not None else type(error).__name__
