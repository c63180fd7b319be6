"""One coin hopper: its disc, its exit sensor and its memory. The bus in front of it is `sim.peers.dispenser_cctalk`.

After the SCH2 manual: the event counter and the self-test's flags are forgotten without power, the registers of paid
and unpaid coins are not. What no manual says is an option of `Build` and tried both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.wire.cctalk import Message
from core.wire.cctalk_errors import HOPPER
from core.wire.cctalk_messages import (
    ENABLE_KEY,
    DispenseCoins,
    Header,
    HopperStatus,
    answer,
    flag_bytes,
    next_counter,
    three,
)
from core.wire.serial_frames import BadFrame
from sim.peers.cash_box import CashBox, Note, Spot

COIN_MS: Final = 140  # seven coins a second
GIVES_UP_MS: Final = 3_000  # no coin for so long: empty or jammed
REVERSE_MS: Final = 1_500
BOOT_MS: Final = 600
BITS: Final = {row.name: bit for bit, row in HOPPER.items()}
IDLE: Final = frozenset({"opto_blocked_idle", "opto_short_idle", "pin_on", "payout_disabled", "single_coin"})
KEPT: Final = frozenset(BITS[name] for name in BITS if name.startswith("checksum") or name in ("pin_on", "single_coin"))
DIPS: Final = frozenset({"power_up", "power_dip", "power_fail_in_write"})
PHYSICAL: Final = frozenset({"empty", "power_dip", "power_cut"})


@dataclass(frozen=True, slots=True)
class Build:
    """`cipher` 160 must be asked before each payout. `serial` the hopper wants its number in the order, None: it takes
    the NOENCRYPT form. `uncounted` coins that fall unseen when the power goes. `level` it has a low sensor."""

    cipher: bool = True
    serial: int | None = None
    uncounted: int = 0
    level: bool = False
    low_at: int = 20


class HopperUnit:
    """The machine of one place. `strikes` says which trouble comes now, after so many coins of this payout."""

    def __init__(self, box: CashBox, place: int, build: Build, strikes: Callable[[int], str | None]) -> None:
        self.box, self.place, self.build = box, place, build
        self._strikes = strikes
        self.paid = self.unpaid = 0  # kept without power
        self.kept: set[int] = set()  # flags kept without power
        self.orders = 0  # payouts accepted in all its life: no order may count twice
        self.on = True
        self._forget()

    def _forget(self) -> None:
        self.event = self.remaining = 0
        self.flags: set[int] = set()
        self.enabled = self.ciphered = False
        self.next_ms: int | None = None
        self._empty = False
        self.boot_ms: int | None = None

    # -- power -----------------------------------------------------------------------------------

    def power(self, on: bool, now_ms: int) -> None:
        if on == self.on:
            return
        self.on = on
        if not on:
            if self.remaining:
                self.unpaid = self.remaining
                for _ in range(self.build.uncounted):
                    self._drop()
            self._forget()
        else:
            self.boot_ms = now_ms + BOOT_MS
            self.flags.add(BITS["power_up"])

    def awake(self, now_ms: int) -> bool:
        return self.on and (self.boot_ms is None or now_ms >= self.boot_ms)

    def heal(self) -> None:
        self.flags.clear()
        self.kept.clear()
        self._empty = False

    # -- the disc --------------------------------------------------------------------------------

    def turn(self, now_ms: int) -> None:
        while self.next_ms is not None and now_ms >= self.next_ms:
            at, self.next_ms = self.next_ms, None
            self._step(at)

    def _step(self, at_ms: int) -> None:
        trouble = self._strikes(self.paid)
        if trouble is not None and not self.strike(trouble, at_ms):
            return
        if self._empty:
            self._stop("payout_timeout")
            return
        if self._drop() is None:
            self._empty, self.next_ms = True, at_ms + GIVES_UP_MS
            return
        self.paid += 1
        self.remaining -= 1
        self.next_ms = at_ms + COIN_MS
        if not self.remaining:
            self.next_ms = None
            last = self._strikes(self.paid)
            if last is not None:
                self.strike(last, at_ms)

    def _drop(self, spot: Spot = Spot.EXIT) -> Note | None:
        coin = self.box.pick(self.place)
        if coin is not None:
            coin.spot = spot
        return coin

    def _stop(self, flag: str) -> None:
        self.flags.add(BITS[flag])
        self.unpaid, self.remaining, self.next_ms, self._empty = self.remaining, 0, None, False

    def strike(self, name: str, at_ms: int) -> bool:
        """Trouble `name` comes now. Does the disc turn on?"""
        if name == "empty":
            self.box.remove(Spot.CASSETTE, self.place)
            return True
        if name == "motor_reversed":
            self.flags.add(BITS[name])
            self.next_ms = at_ms + REVERSE_MS if self.remaining else None
            return False
        if name == "power_cut" or name in DIPS:
            if name == "power_fail_in_write":
                self._drop()
                self.kept.add(BITS[name])
            self.power(False, at_ms)
            if name != "power_cut":
                self.power(True, at_ms)
            return False
        if name == "opto_short_payout":
            self._drop()  # it falls past a sensor that sees nothing
        if name == "opto_blocked_payout":
            self._drop(Spot.PATH)
        self._stop(name)
        if BITS[name] in KEPT:
            self.kept.add(BITS[name])
        if name == "payout_disabled":
            self.enabled = False
        return False

    # -- the words -------------------------------------------------------------------------------

    def answer(self, asked: Message, now_ms: int) -> Message | None:
        """The reply to a frame for us; None: we say nothing."""
        nak = answer(asked, header=Header.NAK)
        match asked.header:
            case Header.POLL:
                return answer(asked)
            case Header.STATUS:
                unpaid = 0 if self.remaining else self.unpaid
                return answer(asked, HopperStatus(self.event, self.remaining, self.paid, unpaid).data)
            case Header.TEST:
                found = self.flags | self.kept | (set() if self.enabled else {BITS["payout_disabled"]})
                return answer(asked, flag_bytes(frozenset(found)))
            case Header.ENABLE:
                if BITS["pin_on"] in self.kept | self.flags:
                    return nak
                self.enabled = asked.data == bytes([ENABLE_KEY])
                return answer(asked)
            case Header.SERIAL:
                return answer(asked, three(self.build.serial or 345_678))
            case Header.CIPHER_KEY:
                self.ciphered = True
                return answer(asked, bytes.fromhex("61 A2 39 42 70 E6 4C 0B"))
            case Header.LEVEL:
                low = self.box.count(Spot.CASSETTE, self.place) < self.build.low_at
                return answer(asked, bytes([0x10 | low if self.build.level else 0]))
            case Header.EMERGENCY_STOP:
                left = self.remaining
                if left:
                    self.unpaid, self.remaining, self.next_ms = left, 0, None
                self.enabled = False
                return answer(asked, bytes([left]))
            case Header.RESET:
                if self.remaining:
                    self.unpaid = self.remaining
                self._forget()
                return answer(asked)
            case Header.DISPENSE:
                return self._dispense(asked, nak, now_ms)
        return None

    def _dispense(self, asked: Message, nak: Message, now_ms: int) -> Message:
        if self.remaining:
            return answer(asked, header=Header.BUSY)
        try:
            order = DispenseCoins.of(asked.data)
        except BadFrame:
            return nak
        ready = self.enabled and (self.ciphered or not self.build.cipher) and order.serial == self.build.serial
        if not ready or not order.count or (self.kept | self.flags) & {BITS["pin_on"], BITS["opto_blocked_idle"]}:
            return nak
        self.event, self.ciphered = next_counter(self.event), False
        self.orders += 1
        self.flags.clear()
        single = BITS["single_coin"] in self.kept
        self.paid, self.unpaid, self.remaining = 0, 0, order.count
        if single and order.count > 1:
            self.remaining, self.unpaid = 1, order.count - 1
        self.next_ms = now_ms + COIN_MS
        return answer(asked, bytes([self.event]))
