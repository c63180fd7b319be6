"""The words an XFS4IoT cash dispenser has for trouble, and our own for a cable that fails, as one table.

The standard has words, not numbers: the number of a row is ours and never changes. Below 40 the completion codes
(MessageHeader), from 40 the command's own `errorCode` (CashDispenser, CashManagement), from 90 what storage units say
(Storage.StorageErrorEvent, unit status), from 110 states of the device (Common.Status, CashDispenser.Status), from 130
the acknowledge's refusals, from 200 what we see ourselves. Source: CWA 17852 as in KAL_XFS4IoT_SP-Dev.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.wire.device_errors import DeviceError, Means, table, unknown

_G, _R, _S, _D = Means.GOOD, Means.REFUSED, Means.SHORT, Means.DOUBT
_N = Means.NOTE
_OURS: Final = "Check the configured units and the release of the service; report it: this is ours."
_SERVICE: Final = "Look at the service's own log; reset the device. If it comes back, call the service."
_COUNT: Final = "Suspend the machine and count cassettes, stacker, exit and bins before it goes back to work."
_UNIT: Final = "Look at the cassette named in the log: push it in, fill it, or swap it."
_BIN: Final = "Empty the bin: two persons, counted."
_EXCHANGE: Final = "End the cassette exchange at the machine; then look again."
_EXIT: Final = "Clear the exit and the transport, count what was found, reset."
_KEY: Final = "Compare the end-to-end keys of machine and exchange; load them anew if they differ."
_CABLE: Final = "Check the network between vault and service, and that the service runs."

_ROWS: Final[tuple[tuple[int, str, str, str, Means], ...]] = (
    (0, "success", "The command succeeded.", "Nothing to do.", _G),
    (1, "commandErrorCode", "The command failed without saying why.", _SERVICE, _D),
    (2, "canceled", "The command was cancelled.", _COUNT, _D),
    (3, "deviceNotReady", "The device is not ready.", _SERVICE, _R),
    (4, "hardwareError", "The hardware failed.", _COUNT, _D),
    (5, "internalError", "The service failed inside.", _COUNT, _D),
    (6, "invalidCommand", "The service does not know the command.", _OURS, _R),
    (7, "invalidRequestID", "The number of the command was not accepted.", _OURS, _R),
    (8, "timeOut", "The command took longer than it may.", _COUNT, _D),
    (9, "unsupportedCommand", "The device has no such command.", _OURS, _R),
    (10, "invalidData", "The command's data were not accepted.", _OURS, _R),
    (11, "userError", "A person keeps the device from working.", _COUNT, _D),
    (12, "unsupportedData", "The device cannot do what the data ask for.", _OURS, _R),
    (13, "fraudAttempt", "The device saw an attempt at fraud.", "Suspend the machine and look at the exit.", _D),
    (14, "sequenceError", "The command came out of its order.", _OURS, _R),
    (15, "authorisationRequired", "The device asks for an end-to-end token.", _KEY, _R),
    (16, "noCommandNonce", "No nonce was given out, or it is spent.", _KEY, _R),
    (17, "invalidToken", "The token does not cover the amount.", _KEY, _R),
    (18, "invalidTokenNonce", "The token is over another nonce.", _KEY, _R),
    (19, "invalidTokenHMAC", "The token was made with another key.", _KEY, _R),
    (20, "invalidTokenFormat", "The token is not well formed.", _KEY, _R),
    (21, "invalidTokenKeyNoValue", "The token names no amount.", _KEY, _R),
    (22, "notEnoughSpace", "The device has no room left.", _BIN, _R),
    (40, "invalidCurrency", "No unit holds the currency asked for.", _OURS, _R),
    (41, "invalidTellerID", "The teller is not known.", _OURS, _R),
    (42, "cashUnitError", "A storage unit caused a problem.", _UNIT, _S),
    (43, "invalidDenomination", "The denomination does not add up.", _OURS, _R),
    (44, "invalidMixNumber", "The mix is not known.", _OURS, _R),
    (45, "noCurrencyMix", "Several currencies in one command.", _OURS, _R),
    (46, "notDispensable", "The device cannot dispense this.", _UNIT, _R),
    (47, "tooManyItems", "More notes than one command may dispense.", _OURS, _R),
    (48, "exchangeActive", "A cassette exchange is under way.", _EXCHANGE, _R),
    (49, "noCashBoxPresent", "There is no cash box.", _OURS, _R),
    (50, "amountNotInMixTable", "The amount is not in the mix table.", _OURS, _R),
    (51, "unsupportedPosition", "The device has no such position.", _OURS, _R),
    (52, "itemsNotTaken", "Notes were not taken between two parts.", _COUNT, _D),
    (53, "itemsLeft", "Notes of an earlier dispense lie in transport or exit.", _EXIT, _R),
    (54, "shutterOpen", "The shutter is open.", _EXIT, _R),
    (55, "shutterNotOpen", "The shutter did not open.", _EXIT, _S),
    (56, "noItems", "There are no notes to move.", _COUNT, _S),
    (57, "presentErrorNoItems", "Presenting failed; no note was within reach.", _EXIT, _S),
    (58, "presentErrorItems", "Presenting failed; some notes were within reach.", _COUNT, _D),
    (59, "presentErrorUnknown", "Presenting failed; nobody knows where the notes are.", _COUNT, _D),
    (60, "shutterNotClosed", "The shutter did not close.", _EXIT, _D),
    (61, "itemsTaken", "Notes were taken while they were being retracted.", _COUNT, _D),
    (62, "invalidRetractPosition", "The retract bin has no such area.", _OURS, _R),
    (63, "notRetractArea", "The device cannot retract there.", _OURS, _R),
    (64, "foreignItemsDetected", "Something that is no note lies in the exit.", _EXIT, _D),
    (65, "positionNotEmpty", "The place to clear to is not empty.", _EXIT, _R),
    (66, "incompleteRetract", "Not all notes could be retracted.", _COUNT, _D),
    (67, "invalidCashUnit", "No such storage unit.", _OURS, _R),
    (90, "unitEmpty", "A cassette is empty.", _UNIT, _S),
    (91, "unitError", "A cassette failed.", _UNIT, _S),
    (92, "unitFull", "A unit is full.", _BIN, _R),
    (93, "unitLocked", "A cassette is locked.", _UNIT, _R),
    (94, "unitInvalid", "A cassette is not valid.", _UNIT, _R),
    (95, "unitConfig", "A cassette's settings do not fit.", _UNIT, _R),
    (96, "unitNotConfigured", "A cassette is not set up.", _UNIT, _R),
    (97, "unitMissing", "A cassette is missing.", _UNIT, _R),
    (98, "unitInoperative", "A cassette does not work.", _UNIT, _R),
    (99, "unitManipulated", "A cassette was changed while nobody exchanged it.", _COUNT, _R),
    (100, "unitLow", "A cassette is nearly empty.", _UNIT, _N),
    (101, "rejectFull", "The reject bin is full.", _BIN, _R),
    (103, "unitUncounted", "The machine itself does not trust the counts of a cassette.", _COUNT, _R),
    (104, "rejectMissing", "The reject bin is missing.", "Put the reject bin in.", _R),
    (102, "retractFull", "The retract bin is full.", _BIN, _R),
    (110, "offline", "The device is switched to offline.", "Switch the device to online.", _R),
    (111, "powerOff", "The device is switched off.", "Switch the device on.", _R),
    (112, "noDevice", "The service has no device.", _OURS, _R),
    (113, "deviceBusy", "The device is busy.", "Wait; if it stays busy, reset it.", _R),
    (114, "potentialFraud", "The device suspects fraud.", "Look at the exit before the machine goes on.", _R),
    (115, "transportInoperative", "Notes are jammed in the transport.", _EXIT, _D),
    (116, "shutterJammed", "The shutter is jammed.", _EXIT, _D),
    (117, "statusChanged", "The device changed its state.", "Nothing to do; the machine looks again.", _N),
    (130, "invalidMessage", "The service could not read our message.", _OURS, _R),
    (131, "tooManyRequests", "The service has too much to do.", _SERVICE, _R),
    (200, "connectionLost", "The connection to the service broke.", _CABLE, _D),
    (201, "noAnswer", "The service did not answer in time.", _CABLE, _D),
    (202, "badMessage", "The service said something that cannot be.", _SERVICE, _D),
    (203, "countsContradict", "The counts of the machine contradict each other.", _COUNT, _D),
    (204, "notFit", "The device lacks what this machine is configured to use.", _OURS, _R),
)  # fmt: skip


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()


ERRORS: Final = table(DeviceError(code, _snake(word), *rest) for code, word, *rest in _ROWS)  # type: ignore[arg-type]
WORDS: Final[Mapping[str, int]] = MappingProxyType({word: code for code, word, *_ in _ROWS})
SUCCESS: Final = ERRORS[0]
UNHEARD: Final = 255  # the number of a word no release we know has

_FAILURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "unitEmpty", "error": "unitError", "full": "unitFull", "locked": "unitLocked",
        "invalid": "unitInvalid", "config": "unitConfig", "notConfigured": "unitNotConfigured",
    }
)  # fmt: skip


def meaning(word: str) -> DeviceError:
    """The row of a word; an unheard-of one, and none at all, is a doubt and never success."""
    code = WORDS.get(word)
    return unknown(UNHEARD) if code is None else ERRORS[code]


def failure(word: str) -> DeviceError:
    """The row of a Storage.StorageErrorEvent's `failure`."""
    return meaning(_FAILURES.get(word, ""))
