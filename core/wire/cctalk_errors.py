"""The flags of a hopper's self-test and the events of a bill validator. Sources as in `core.wire.cctalk`."""

from __future__ import annotations

from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_N, _R, _S, _D = Means.NOTE, Means.REFUSED, Means.SHORT, Means.DOUBT
_CLEAR: Final = "Switch off, take the hopper out, clear the coins at the disc and the exit, put it back, test."
_OPTO: Final = "Clean the exit sensor with a dry brush; if the flag stays, replace the sensor board."
_SERVICE: Final = "Switch off and on. If it comes back, replace the unit."
_NOTHING: Final = "Nothing to do."
_BILL_PATH: Final = "Open the validator's path, take the bill out, count the box against the journal, close."
_BOX: Final = "Look at the bill box: full, missing or not pushed in. Two persons, counted."
_FRAUD: Final = "Somebody tried to cheat. Look at the camera's record; count the box against the journal."

# Register times 8 plus bit of the reply to TEST (163).
HOPPER: Final = table(
    DeviceError(*row)
    for row in (
        (0, "over_current", "The motor took too much current: a coin blocks the disc.", _CLEAR, _S),
        (1, "payout_timeout", "No coin came for too long: the hopper is empty or jammed.", _CLEAR, _S),
        (2, "motor_reversed", "The motor ran backwards to clear a jam.", _CLEAR, _N),
        (3, "opto_blocked_idle", "The exit sensor is covered while nothing is paid.", _OPTO, _R),
        (4, "opto_short_idle", "The exit sensor is short-circuited while nothing is paid.", _OPTO, _R),
        (5, "opto_blocked_payout", "The exit sensor stayed covered during a payout.", _OPTO, _D),
        (6, "power_up", "The hopper was switched on since it was last asked.", _NOTHING, _N),
        (7, "payout_disabled", "Payouts are disabled; they must be enabled after every reset.", _NOTHING, _N),
        (8, "opto_short_payout", "The exit sensor was short-circuited during a payout.", _OPTO, _D),
        (9, "single_coin", "The hopper is in single-coin mode.", "Change the hopper's jumper or setting.", _N),
        *((10 + at, f"checksum_{name}", f"Memory block {name.upper()} of the hopper is spoilt.", _SERVICE, _D)
          for at, name in enumerate("abcd")),
        (14, "power_fail_in_write", "The power failed while the hopper wrote its counters.", "Count the coins.", _D),
        (15, "pin_on", "The hopper's PIN protection is on.", "Set the PIN in the configuration.", _R),
    )
)  # fmt: skip

# Code B of a bill event whose A is 0.
BILL: Final = table(
    DeviceError(*row)
    for row in (
        (0, "master_inhibit", "The validator takes no bills: master inhibit is active.", _NOTHING, _N),
        (1, "returned", "A bill was returned.", _NOTHING, _R),
        (2, "invalid", "A bill was not recognised.", _NOTHING, _R),
        (3, "transport", "A bill could not be moved.", _BILL_PATH, _D),
        (4, "inhibited", "A bill of an inhibited kind was refused.", _NOTHING, _R),
        (5, "inhibited_by_switch", "A bill of a kind inhibited by the switches was refused.", _NOTHING, _R),
        (6, "unsafe_jam", "A bill is jammed where a customer can reach it.", _BILL_PATH, _D),
        (7, "stacker_jam", "A bill is jammed on the way into the box.", _BILL_PATH, _D),
        (8, "pulled_back", "A bill was pulled back.", _FRAUD, _D),
        (9, "tamper", "The validator was tampered with.", _FRAUD, _D),
        (10, "stacker_ok", "The bill box is well again.", _NOTHING, _N),
        (11, "stacker_removed", "The bill box was taken out.", _BOX, _N),
        (12, "stacker_inserted", "The bill box was put in.", _NOTHING, _N),
        (13, "stacker_faulty", "The bill box is faulty.", _BOX, _D),
        (14, "stacker_full", "The bill box is full.", _BOX, _R),
        (15, "stacker_jammed", "The bill box is jammed.", _BILL_PATH, _D),
        (16, "safe_jam", "A bill is jammed where no customer can reach it.", _BILL_PATH, _D),
        (17, "fraud_optical", "The sensors saw an attempt to cheat.", _FRAUD, _D),
        (18, "fraud_string", "A string or strip was seen on a bill.", _FRAUD, _D),
        (20, "barcode", "A ticket with a barcode was read.", _NOTHING, _N),
        (21, "unknown_stacked", "A bill nobody recognised was stacked.", _BOX, _D),
        (22, "jam_cleared", "A jam was cleared.", "Count the box against the journal.", _N),
    )
)


def hopper_flag(bit: int) -> DeviceError:
    return HOPPER.get(bit) or unknown(bit)


def bill_event(code: int) -> DeviceError:
    return BILL.get(code) or unknown(code)
