"""Every code of every cash device has a page, and what a customer reads follows from what the code means for money."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from core.faults import RetrySafe
from core.faults.cash import FAULTS, TABLES, Device, page_code
from core.faults.catalogue import entry
from core.wire import cctalk_errors, f56_errors, id003_errors, lcdm30_errors, lcdm50_errors, xfs4iot_errors
from core.wire.device_errors import Means

EVERY = {
    Device.LCDM50: lcdm50_errors.ERRORS,
    Device.LCDM50_REJECT: lcdm50_errors.REJECTED,
    Device.LCDM30: lcdm30_errors.ERRORS,
    Device.F56: f56_errors.ERRORS,
    Device.HOPPER: cctalk_errors.HOPPER,
    Device.BILL: cctalk_errors.BILL,
    Device.ID003: {**id003_errors.STATES, **id003_errors.REJECTED, **id003_errors.PARTS},
    Device.XFS4IOT: xfs4iot_errors.ERRORS,
}


@pytest.mark.parametrize("device", list(Device))
def test_every_error_code_of_every_device_has_its_page(device: Device) -> None:
    for code, row in EVERY[device].items():
        page = entry(page_code(device, code))
        if row.means is Means.GOOD:
            assert page.name == "unknown_code"
            continue
        assert page.name == f"{device.word}_{row.name}"
        assert row.meaning in page.meaning
        assert page.technician == row.technician
        assert (page.retry_safe is RetrySafe.NO) is (row.means is Means.DOUBT)


def test_there_are_as_many_pages_as_codes_and_their_names_and_codes_are_well_formed() -> None:
    rows = list(chain.from_iterable(TABLES.values()))
    assert len(FAULTS) == len([row for row in rows if row.means is not Means.GOOD])
    assert len({page.name for page in FAULTS}) == len(FAULTS)
    assert all(re.fullmatch(r"TM-[A-Z]{2,6}-\d{3}", page.code) for page in FAULTS)
    assert all(re.fullmatch(r"[a-z0-9_]+", page.name) for page in FAULTS)


def test_a_doubt_never_says_that_nothing_came_out() -> None:
    for page in FAULTS:
        assert page.customer.endswith(".")
        assert page.customer_ko.endswith("요.")
        if page.retry_safe is RetrySafe.NO:
            assert "No cash" not in page.customer
            assert "counting" in page.customer


def test_a_code_is_one_byte() -> None:
    with pytest.raises(AssertionError):
        page_code(Device.F56, 256)


def test_an_unlisted_code_gets_the_page_that_promises_nothing() -> None:
    assert entry(page_code(Device.F56, 0x99)).name == "unknown_code"
