"""The cash devices' own error codes as pages: made from the tables of their codecs, so that no code can be forgotten.

The number of a page is the device's own code in decimal (`page_code`): LCDM-1000/2000 `CASHA` and its reasons for one
rejected note `CASHR`, LCDM-4000 `CASHB`, F53/F56 `CASHF`, coin hopper `COINH` (register times 8 plus bit), ccTalk bill
validator `BILLC` (event code), ID-003 acceptor `BILLJ` (state, reject reason or failing part),
XFS4IoT `CASHX` (our number of its word). Codes for success have no page. What a customer is told depends on whether
money is in doubt, not on which sensor saw it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import chain
from typing import Final

from core.faults import Entry, RetrySafe
from core.wire import cctalk_errors, f56_errors, id003_errors, lcdm30_errors, lcdm50_errors, xfs4iot_errors
from core.wire.device_errors import DeviceError, Means


class Device(Enum):
    """A kind of cash device: the area of its codes, the word in front of their names, and what people call it."""

    LCDM50 = ("CASHA", "lcdm50", "Note dispenser LCDM-1000/2000")
    LCDM50_REJECT = ("CASHR", "lcdm50_reject", "Note dispenser LCDM-2000, one rejected note")
    LCDM30 = ("CASHB", "lcdm30", "Note dispenser LCDM-4000")
    F56 = ("CASHF", "f56", "Note dispenser F53/F56")
    HOPPER = ("COINH", "hopper", "Coin hopper")
    BILL = ("BILLC", "bill", "Bill validator")
    ID003 = ("BILLJ", "id003", "Bill acceptor")
    XFS4IOT = ("CASHX", "xfs4iot", "XFS4IoT note dispenser")

    @property
    def area(self) -> str:
        return self.value[0]

    @property
    def word(self) -> str:
        return self.value[1]

    @property
    def title(self) -> str:
        return self.value[2]


TABLES: Final[Mapping[Device, Iterable[DeviceError]]] = {
    Device.LCDM50: tuple(lcdm50_errors.ERRORS.values()),
    Device.LCDM50_REJECT: tuple(lcdm50_errors.REJECTED.values()),
    Device.LCDM30: tuple(lcdm30_errors.ERRORS.values()),
    Device.F56: tuple(f56_errors.ERRORS.values()),
    Device.HOPPER: tuple(cctalk_errors.HOPPER.values()),
    Device.BILL: tuple(cctalk_errors.BILL.values()),
    Device.ID003: tuple(
        chain(id003_errors.STATES.values(), id003_errors.REJECTED.values(), id003_errors.PARTS.values())
    ),
    Device.XFS4IOT: tuple(xfs4iot_errors.ERRORS.values()),
}

# What a customer reads, by what the code says about money; notes that a machine pays, and notes it takes.
_OUT: Final[Mapping[Means, tuple[str, str]]] = {
    Means.NOTE: ("Your money is safe. There is nothing you need to do.", "돈은 안전해요. 따로 하실 일은 없어요."),
    Means.REFUSED: (
        "No cash was paid out, and nothing is charged for it. Please use another machine.",
        "현금이 나오지 않았고 출금되지도 않았어요. 다른 기기를 이용해 주세요.",
    ),
    Means.SHORT: (
        "Take the cash that came out. What did not come out is not charged.",
        "나온 현금을 가져가세요. 나오지 않은 금액은 출금되지 않아요.",
    ),
    Means.DOUBT: (
        "Take the cash that came out. We are counting the machine: what you did not get is returned to you.",
        "나온 현금을 가져가세요. 기기 안의 현금을 세어 보고 받지 못한 금액은 돌려 드려요.",
    ),
}
_TAKEN: Final[Mapping[Means, tuple[str, str]]] = {
    **_OUT,
    Means.REFUSED: (
        "This banknote was not taken. Please take it back and try another one.",
        "지폐를 받지 못했어요. 꺼낸 뒤 다른 지폐를 넣어 주세요.",
    ),
    Means.DOUBT: (
        "The machine cannot say whether it has your banknote. We are counting it: nothing is lost. Ask the staff.",
        "기기가 지폐를 받았는지 확인하지 못했어요. 세어 보고 꼭 처리할게요. 직원에게 문의해 주세요.",
    ),
}
_AGAIN: Final[Mapping[Means, RetrySafe]] = {
    Means.NOTE: RetrySafe.YES,
    Means.REFUSED: RetrySafe.YES,
    Means.SHORT: RetrySafe.ASK,
    Means.DOUBT: RetrySafe.NO,
}


def page_code(device: Device, code: int) -> str:
    """The catalogue code of a device's own code; `code` is one byte. An unlisted one has no page of its own."""
    assert 0 <= code <= 0xFF, "a device's code is one byte"
    return f"TM-{device.area}-{code:03d}"


def _page(device: Device, row: DeviceError) -> Entry:
    takes = device in (Device.BILL, Device.ID003)
    customer, customer_ko = (_TAKEN if takes else _OUT)[row.means]
    return Entry(
        page_code(device, row.code),
        f"{device.word}_{row.name}",
        f"{device.title}, code {row.code:#04x}: {row.meaning}",
        customer,
        customer_ko,
        row.technician,
        _AGAIN[row.means],
    )


FAULTS: Final[tuple[Entry, ...]] = tuple(
    _page(device, row) for device, rows in TABLES.items() for row in rows if row.means is not Means.GOOD
)
