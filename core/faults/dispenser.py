"""Faults of machines that pay notes or coins (DISP), as our half of the conversation sees them.

What a device says about itself has its own pages (`core.faults.cash`); these are about the cable, about replies that
cannot be true, and about what nobody can know any more. Whatever leaves money in doubt says so and is not retried.
"""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

NO_PORT: Final = "TM-DISP-001"
PORT_BUSY: Final = "TM-DISP-002"
UNPLUGGED: Final = "TM-DISP-003"
SILENT: Final = "TM-DISP-004"
SENSELESS: Final = "TM-DISP-005"
OVER_DISPENSED: Final = "TM-DISP-006"
WRONG_DIALECT: Final = "TM-DISP-007"
LINE_REFUSED: Final = "TM-DISP-008"
LOCKED: Final = "TM-DISP-009"
IMPOSSIBLE: Final = "TM-DISP-010"
PATH_BLOCKED: Final = "TM-DISP-011"
EXIT_OCCUPIED: Final = "TM-DISP-012"
CASSETTE_CHANGED: Final = "TM-DISP-013"
MEMORY_HELD: Final = "TM-DISP-014"
REPLY_LOST: Final = "TM-DISP-015"
NOT_REMEMBERED: Final = "TM-DISP-016"
STALLED: Final = "TM-DISP-017"
OVERDUE: Final = "TM-DISP-018"
CASSETTE_MISSING: Final = "TM-DISP-019"

_NONE = "No cash was paid out, and nothing is charged for it. Please use another machine."
_NONE_KO = "현금이 나오지 않았고 출금되지도 않았어요. 다른 기기를 이용해 주세요."
_DOUBT = "Take the cash that came out. We are counting the machine: what you did not get is returned to you."
_DOUBT_KO = "나온 현금을 가져가세요. 기기 안의 현금을 세어 보고 받지 못한 금액은 돌려 드려요."
_COUNT = "Count the cassettes, the path and the reject bin before the machine goes back to work."

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        NO_PORT,
        "dispenser_no_port",
        "The dispenser's port could not be opened: it is not there, or this program may not use it.",
        _NONE,
        _NONE_KO,
        "Look at the cable and the port's name in the configuration (a name under /dev/serial/by-id stays the same). "
        "The program's user must be in the group dialout.",
    ),
    Entry(
        PORT_BUSY,
        "dispenser_port_busy",
        "Another program holds the dispenser's port.",
        _NONE,
        _NONE_KO,
        "Close the other program. `fuser PORT` names it. Two programs on one dispenser is also what an attack looks "
        "like: find out which it was.",
    ),
    Entry(
        UNPLUGGED,
        "dispenser_unplugged",
        "The cable to the dispenser was lost while the port was open.",
        _DOUBT,
        _DOUBT_KO,
        "Plug the cable in. If a payment was running, the machine stays suspended: " + _COUNT,
        RetrySafe.NO,
    ),
    Entry(
        SILENT,
        "dispenser_silent",
        "The dispenser does not answer; nothing was asked of it that moves money.",
        _NONE,
        _NONE_KO,
        "Look at its power lamp, the cable, and at baud and parity in the configuration (8N1 and 8E1 both occur).",
    ),
    Entry(
        SENSELESS,
        "dispenser_senseless",
        "The dispenser's reply contradicts itself or the order, so its counts are not believed.",
        _DOUBT,
        _DOUBT_KO,
        _COUNT + " If it comes back, check the configured model and the settings marked as unknown for it.",
        RetrySafe.NO,
    ),
    Entry(
        OVER_DISPENSED,
        "dispenser_over_dispensed",
        "The dispenser says that more left than was asked for. It is locked until it was counted and cleared.",
        _DOUBT,
        _DOUBT_KO,
        _COUNT + " Look for worn pick rollers and wrong note lengths; clear the path afterwards.",
        RetrySafe.NO,
    ),
    Entry(
        WRONG_DIALECT,
        "dispenser_wrong_dialect",
        "The device on this cable answers, but not as the configured model does.",
        _NONE,
        _NONE_KO,
        "Set the driver of the model that is built in; `tillmark wire decode` says whose bytes they are.",
    ),
    Entry(
        LINE_REFUSED,
        "dispenser_line_refused",
        "The dispenser refused every sending of an order as spoilt. Nothing has moved.",
        _NONE,
        _NONE_KO,
        "Look at the cable, its shield and the plug; keep it away from motors. Check baud and parity.",
    ),
    Entry(
        LOCKED,
        "dispenser_locked",
        "An earlier movement is in doubt: the dispenser pays nothing until it was counted and cleared.",
        _NONE,
        _NONE_KO,
        _COUNT + " Then clear the path from the technician's menu.",
    ),
    Entry(
        IMPOSSIBLE,
        "dispenser_order_impossible",
        "The order names a place this machine does not have, or more than one order may ask for. Nothing was sent.",
        _NONE,
        _NONE_KO,
        "Compare the cassettes in the configuration with the machine. If they agree, report it: this is ours.",
    ),
    Entry(
        PATH_BLOCKED,
        "dispenser_path_blocked",
        "Something lies on the path of the notes. Nothing was paid.",
        _NONE,
        _NONE_KO,
        "Open the transport, take out every note, count them, close, clear the path from the technician's menu.",
    ),
    Entry(
        EXIT_OCCUPIED,
        "dispenser_exit_occupied",
        "Notes of an earlier customer lie at the exit. Nothing was paid.",
        _NONE,
        _NONE_KO,
        "Take the notes from the exit, count them, and enter them as found.",
    ),
    Entry(
        CASSETTE_CHANGED,
        "dispenser_cassette_changed",
        "A cassette is not the one that was there before: its identity changed.",
        _DOUBT,
        _DOUBT_KO,
        "Check which cassette stands in which place, and enter its denomination and count by two persons.",
        RetrySafe.NO,
    ),
    Entry(
        MEMORY_HELD,
        "dispenser_memory_held",
        "The dispenser does not forget its last payment when it is reset, so the next could not be told from it.",
        _NONE,
        _NONE_KO,
        "Set reset_forgets = false for this machine: what it remembers is then not trusted after a restart.",
    ),
    Entry(
        REPLY_LOST,
        "dispenser_reply_lost",
        "The order to pay was sent and its result never arrived whole. Notes may have left.",
        _DOUBT,
        _DOUBT_KO,
        _COUNT,
        RetrySafe.NO,
    ),
    Entry(
        NOT_REMEMBERED,
        "dispenser_not_remembered",
        "After a restart the dispenser cannot prove what became of the payment that was running.",
        _DOUBT,
        _DOUBT_KO,
        _COUNT,
        RetrySafe.NO,
    ),
    Entry(
        STALLED,
        "dispenser_stalled",
        "The port takes no bytes any more, as if a flow control line were held.",
        _DOUBT,
        _DOUBT_KO,
        "Look at the cable and switch the dispenser off and on. " + _COUNT,
        RetrySafe.NO,
    ),
    Entry(
        OVERDUE,
        "dispenser_overdue",
        "The conversation with the dispenser took longer than an order may take.",
        _DOUBT,
        _DOUBT_KO,
        "Look at the cable for disturbance. " + _COUNT,
        RetrySafe.NO,
    ),
    Entry(
        CASSETTE_MISSING,
        "dispenser_cassette_missing",
        "A cassette the order asks for is not in its place. Nothing was paid.",
        _NONE,
        _NONE_KO,
        "Push the cassette in until it clicks. If it stays, clean its sensor and contacts.",
    ),
)
