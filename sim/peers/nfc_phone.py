"""A member's phone at the reader: the application that gives codes and signs taps, from the member's one key.

It is the far end of `core.wire.apdu`: an Android phone in card emulation. It takes a random UID at every
tap, may also advertise peer-to-peer (SEL_RES 60), may ask for more time, be locked, or say no.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from core.code import day_of, derive, handle_of
from core.moment import Moment
from core.tap import tap_key, tap_mac, tap_message
from core.wire import ndef
from core.wire.apdu import (
    AID,
    CAN_CODE,
    CAN_TAP,
    SW_CLA,
    SW_DATA,
    SW_DECLINED,
    SW_INS,
    SW_LENGTH,
    SW_LOCKED,
    SW_NOT_FOUND,
    AuthoriseTap,
    BadApdu,
    CodeGiven,
    GetCode,
    Reply,
    Select,
    Selected,
    TapGiven,
    decode_ask,
)
from sim.peers.nfc_cards import IsoDep, NdefFiles

_SW = {"class": SW_CLA, "instruction": SW_INS, "length": SW_LENGTH, "version": SW_DATA, "facts": SW_DATA}


@dataclass(frozen=True, slots=True)
class Member:
    """Whose phone it is: the 32-byte code key and when in the day the handle rolls."""

    key: bytes
    roll_ms: int = 0


class Phone(IsoDep):
    """One phone. `now` is its clock. `can`: what its version does (`CAN_CODE`, `CAN_TAP`).

    `sak` as chips report it: 20 card emulation only, 60 also peer-to-peer, 28 also MIFARE, 00 emulation off.
    `fallback` serves the code as an NDEF text too, for readers that know no application. `locked` and
    `declines` make it refuse AUTHORISE. The counter is kept over taps and never goes back.
    """

    def __init__(
        self,
        member: Member,
        now: Callable[[], Moment],
        *,
        seed: int = 1,
        sak: int = 0x20,
        uid_length: int = 4,
        can: int = CAN_CODE | CAN_TAP,
        application: bool = True,
        fallback: bool = False,
        locked: bool = False,
        declines: bool = False,
        fsci: int = 8,
        fwi: int = 7,
        wtx: int = 0,
        slow_ms: int = 0,
    ) -> None:
        chance = random.Random(seed)  # noqa: S311 - UIDs of a simulated phone
        super().__init__(sak=sak, uid=bytes(uid_length), chance=chance, fsci=fsci, fwi=fwi, wtx=wtx, slow_ms=slow_ms)
        self.member, self.now = member, now
        self.can, self.locked, self.declines = can, locked, declines
        self._application, self._fallback = application, fallback
        self.counter = 0
        self._chosen: bytes | None = None
        self._files: NdefFiles | None = None

    def power_up(self) -> None:
        super().power_up()
        self._chosen = None
        self._files = None

    def apdu(self, raw: bytes) -> bytes:
        if raw[:4] == bytes.fromhex("00A40400"):
            return self._select(raw)
        if self._files is not None:
            return self._files.apdu(raw)
        if self._chosen != AID:
            return Reply(b"", SW_NOT_FOUND).encode()
        try:
            ask = decode_ask(raw)
        except BadApdu as bad:
            return Reply(b"", _SW[bad.reason]).encode()
        match ask:
            case GetCode():
                return CodeGiven(derive(self.member.key, self.member.roll_ms, self.now())).encode()
            case AuthoriseTap():
                return self._authorise(ask)
            case Select():
                return Reply(b"", SW_NOT_FOUND).encode()

    def _select(self, raw: bytes) -> bytes:
        ask = decode_ask(raw)
        assert isinstance(ask, Select)
        self._chosen, self._files = ask.aid, None
        if ask.aid == AID and self._application:
            return Selected(can=self.can).encode()
        if ask.aid == ndef.AID_TYPE4 and self._fallback:
            code = derive(self.member.key, self.member.roll_ms, self.now())
            self._files = NdefFiles(ndef.encode((ndef.text_record(code.digits),)))
            return self._files.apdu(raw)
        return Reply(b"", SW_NOT_FOUND).encode()

    def _authorise(self, ask: AuthoriseTap) -> bytes:
        if not self.can & CAN_TAP:
            return Reply(b"", SW_INS).encode()
        if self.locked:
            return Reply(b"", SW_LOCKED).encode()
        if self.declines:
            return Reply(b"", SW_DECLINED).encode()
        self.counter += 1
        facts = ask.facts
        handle = f"{handle_of(self.member.key, day_of(self.member.roll_ms, self.now())):09d}"
        message = tap_message(facts.terminal, facts.nonce.hex(), facts.amount, facts.mode, handle, self.counter)
        return TapGiven(handle, self.counter, tap_mac(tap_key(self.member.key), message)).encode()
