"""Faults of the device's diary."""

from typing import Final

from core.faults import Entry, RetrySafe

FAULTS: Final[tuple[Entry, ...]] = (
    Entry(
        code="TM-JRNL-001",
        name="journal_full",
        meaning="The disk has no room for a new transaction. What has begun still has room kept back for it.",
        customer="No money has moved. This terminal cannot start anything new right now. Please ask the staff.",
        customer_ko="돈은 움직이지 않았어요. 지금은 새 거래를 시작할 수 없어요. 직원에게 말씀해 주세요.",
        technician="Free space on the disk that holds the journal (df), then wait for the next idle moment.",
        retry_safe=RetrySafe.YES,
    ),
    Entry(
        code="TM-JRNL-002",
        name="journal_broken",
        meaning="A write to the journal or its sync failed. What is on the disk is not known until it is read again.",
        customer="Please wait. The terminal is checking what happened and will tell you.",
        customer_ko="잠시만 기다려 주세요. 단말기가 거래 상태를 확인하고 알려 드릴게요.",
        technician="The terminal restarts and recovers by itself. If it comes back: replace the disk or SD card.",
        retry_safe=RetrySafe.ASK,
    ),
    Entry(
        code="TM-JRNL-003",
        name="journal_damaged",
        meaning="A record of the journal is not what was written: the disk lost it or somebody changed it.",
        customer="This terminal is out of service. Please ask the staff.",
        customer_ko="이 단말기는 지금 쓸 수 없어요. 직원에게 말씀해 주세요.",
        technician="Run `tillmark journal verify`, copy the file, settle open sales by the exchange's records.",
        retry_safe=RetrySafe.NO,
    ),
    Entry(
        code="TM-JRNL-004",
        name="journal_in_use",
        meaning="Another program holds this journal. Two writers would make two histories.",
        customer="This terminal is out of service. Please ask the staff.",
        customer_ko="이 단말기는 지금 쓸 수 없어요. 직원에게 말씀해 주세요.",
        technician="Only one `tillmark run` may use a journal. Find the other one (systemctl status) and stop it.",
        retry_safe=RetrySafe.YES,
    ),
    Entry(
        code="TM-JRNL-005",
        name="journal_contradiction",
        meaning="The same order was made twice with another content, or an answer fits no order: a programming error.",
        customer="Please wait. The terminal is checking what happened and will tell you.",
        customer_ko="잠시만 기다려 주세요. 단말기가 거래 상태를 확인하고 알려 드릴게요.",
        technician="Send the export of the journal (`tillmark journal export`) to the makers; the terminal restarts.",
        retry_safe=RetrySafe.NO,
    ),
)
