"""Cash reports: what the cash side has signed ends withdrawals, and nothing else does.

Each cash side numbers its statements without gaps. The same number again gets the same answer; another statement under
a known number is refused. Everything that can be refused is refused before anything is written.
"""

from __future__ import annotations

from typing import Final

from backend.refused import Refused
from backend.store import Unit
from backend.terminals import shops
from backend.terminals.shops import CashSide
from backend.withdraw import alarms, ending
from backend.withdraw.counting import serve
from backend.withdraw.finding import WithdrawalRow, load, told
from backend.withdraw.rules import Evidence
from backend.withdraw.teller import Teller
from core.cash_report import PAID_REPORT, REPORT_TAKEN, SERVICE_REPORT, PaidReport, ReportTaken, ServiceReport
from core.faults.withdrawal import EVIDENCE_DIFFERS, REPORT_ASSET, REPORT_BAD, REPORT_FOREIGN, REPORT_OTHER
from core.messages import CashReportReply, CashReportRequest, WithdrawState
from core.moment import Moment
from core.sealed import BadSealed, Verifier, seal, unseal

ALARMED: Final = frozenset({REPORT_BAD.code, REPORT_OTHER.code, REPORT_FOREIGN.code, REPORT_ASSET.code})
Statement = PaidReport | ServiceReport


def take_report(
    unit: Unit, teller: Teller, *, terminal: str, request: CashReportRequest, at: Moment
) -> CashReportReply:
    """Believe one signed statement, once, and answer that it is on disk.

    Raises `Refused` before anything is written: REPORT_BAD, REPORT_OTHER, REPORT_FOREIGN, REPORT_ASSET, MACHINE_UNFIT;
    the caller then lets `note_refused` keep the alarm in the same unit.
    """
    side = shops.cash_side(unit, terminal)
    statement = _opened(teller, side, request.report)
    before = unit.one(
        "SELECT body FROM cash_report WHERE vault = ? AND number = ?", (statement.vault, statement.number)
    )
    if before is not None:
        if _signed(before[0]) != _signed(request.report):
            raise Refused.by(REPORT_OTHER, f"{statement.vault} {statement.number}", status=409)
        return _reply(unit, teller, statement)
    if statement.terminal != terminal:
        side = _same_side(unit, side, statement.terminal)
    row = load(unit, statement.txn) if isinstance(statement, PaidReport) else None
    _fits(teller, statement, row)
    unit.run(
        "INSERT INTO cash_report VALUES(?, ?, ?, ?, ?, ?, ?)",
        (
            statement.vault,
            statement.number,
            statement.terminal,
            "paid" if isinstance(statement, PaidReport) else statement.act.value,
            statement.txn.text,
            request.report,
            at.ms,
        ),
    )
    match statement:
        case PaidReport():
            if row is None:
                ending.stray(unit, teller, side, statement.txn, statement.least.money().minor, "paid", at)
            else:
                row = _paid(unit, row, statement, at)
        case ServiceReport():
            serve(unit, teller, side, statement, at)
    return _reply(unit, teller, statement, row)


def note_refused(unit: Unit, *, terminal: str, refused: Refused, at: Moment) -> None:
    """Remember on the operator's page that somebody sent a report that cannot be believed."""
    if refused.code in ALARMED:
        alarms.ring(unit, terminal, refused.code, refused.refusal.detail[:80], 0, at)


def _opened(teller: Teller, side: CashSide, text: str) -> Statement:
    if not side.vault_key:
        raise Refused.by(REPORT_BAD, "paired without a cash side", status=403)
    name, verifier = teller.believes(side.vault_key)
    kind = text.partition(".")[0]
    try:
        statement = _unsealed(kind, text, verifier)
    except BadSealed as error:
        raise Refused.by(REPORT_BAD, str(error)[:60], status=403) from None
    if statement.vault != name:
        raise Refused.by(REPORT_BAD, "signed for another cash side", status=403)
    return statement


def _unsealed(kind: str, text: str, verifier: Verifier) -> Statement:
    if kind == SERVICE_REPORT:
        return unseal(SERVICE_REPORT, ServiceReport, text, verifier).statement
    return unseal(PAID_REPORT, PaidReport, text, verifier).statement


def _signed(text: str) -> str:
    """All but the signature: an algorithm may sign the same statement twice in two ways."""
    return text.rpartition(".")[0]


def _same_side(unit: Unit, side: CashSide, terminal: str) -> CashSide:
    """A cash side keeps reporting about the terminal it was before its machine was paired anew."""
    other = unit.one("SELECT 1 FROM terminal WHERE id = ? AND vault_key = ?", (terminal, side.vault_key))
    if other is None:
        raise Refused.by(REPORT_FOREIGN, f"about {terminal[:26]}", status=403)
    return shops.cash_side(unit, terminal)


def _fits(teller: Teller, statement: Statement, row: WithdrawalRow | None) -> None:
    """Refuse what must not be booked, while nothing is written."""
    if isinstance(statement, PaidReport):
        if row is not None and row.vault != statement.vault:
            raise Refused.by(REPORT_FOREIGN, f"about {row.txn}", status=403)
        assets = {statement.least.money().asset}
    else:
        told_of = [one.face for one in statement.notes] + [one.given for one in statement.closed]
        assets = {one.money().asset for one in (*told_of, statement.book, statement.found) if one is not None}
    if assets - {teller.fiat}:
        raise Refused.by(REPORT_ASSET, f"{statement.vault} {statement.number}", status=422)


def _paid(unit: Unit, row: WithdrawalRow, said: PaidReport, at: Moment) -> WithdrawalRow:
    """The end of a withdrawal, as far as it is known. Who reports twice must say the same, or less doubt."""
    seen, act = Evidence(said.least.money().minor, said.highest.money().minor), f"paid/{said.number}"
    if row.state == WithdrawState.AUTHORISED.value:
        return ending.end(unit, row, seen, act, at)
    if (seen.least, seen.highest) == (row.least, row.highest):
        return row
    if row.counted_at is None and row.least <= seen.least and seen.highest <= row.highest:
        return ending.learn(unit, row, seen, act, at)
    if not (seen.least <= row.least and row.highest <= seen.highest):
        alarms.ring(unit, row.terminal, EVIDENCE_DIFFERS.code, row.txn, seen.highest - row.highest, at)
    return row


def _reply(unit: Unit, teller: Teller, said: Statement, row: WithdrawalRow | None = None) -> CashReportReply:
    found = load(unit, said.txn) if row is None and isinstance(said, PaidReport) else row
    taken = seal(REPORT_TAKEN, ReportTaken(said.vault, said.number), teller.signer)
    return CashReportReply(said.number, taken, None if found is None else told(teller, found))
