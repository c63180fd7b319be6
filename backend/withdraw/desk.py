"""The door of the withdrawal: everything a server may do with it, over an open unit of work.

No desk calls out or reads a clock: `at` is the backend's wall time, `board` a snapshot of prices. What a desk refuses
is `Refused`; its unit is then rolled back. `limits`, `quote`, `stands`, `find`, `waiting` only look and run on a
snapshot (`Store.read`); the others on the writer (`Store.submit`). Every writing desk may be called again with the same
transaction id or report number and gives the original result.

    Teller(terms, fiat, keys, entropy, signer, believes, seal)    what the exchange brings; `ed25519` is `believes`

    limits(unit, teller, board, *, terminal, request: LimitsRequest, at) -> WithdrawLimits
    ask(unit, teller, *, terminal, request: ApprovalRequest, at) -> Approval
    stands(unit, *, terminal, txn: str, at) -> Approval
    waiting(unit, member, at) -> Asked | None                     what the member's page shows
    decide(unit, *, member, txn: str, yes: bool, at) -> Asked     what the member answers there
    approve_gift(unit, teller, shown, *, terminal, amount, what, at) -> bool
    unapproved(unit, teller, shown, terminal, at) -> Money        what leaves without the phone
    quote(unit, teller, board, *, terminal, request: WithdrawQuoteRequest, at) -> WithdrawOffer
    authorise(unit, teller, *, terminal, request: WithdrawRequest, at) -> WithdrawAuthorisation
    find(unit, teller, *, terminal, txn: str) -> Withdrawal
    take_report(unit, teller, *, terminal, request: CashReportRequest, at) -> CashReportReply
    note_refused(unit, *, terminal, refused, at)                  after `take_report` refused, in the same unit
    machines(unit, fiat), machine(unit, terminal, fiat)           what an operator sees of them; books against reports
    grant(unit, teller, *, operator, request: GrantAsk, at) -> Granted, audit(unit, terminal)
    open_alarms(unit, doubt_ms, at), close_alarm(unit, id, operator, at)
    sweep(unit, at)                                               forget old questions; call it now and then

After a commit the store's listeners hear ``("member", MemberEvent(kind="approval"))`` when the phone is asked, and
``("member", member id)`` whenever a withdrawal changes.
"""

from backend.withdraw.alarms import Alarm, open_alarms
from backend.withdraw.alarms import close as close_alarm
from backend.withdraw.approving import Asked, approve_gift, ask, decide, stands, sweep, waiting
from backend.withdraw.authorising import authorise
from backend.withdraw.finding import WithdrawalRow, counting, find, recent, told
from backend.withdraw.granting import Audited, GrantAsk, Granted, audit, grant
from backend.withdraw.limits import limits, unapproved
from backend.withdraw.machines import Machine, machine, machines
from backend.withdraw.quoting import quote
from backend.withdraw.reporting import ALARMED, note_refused, take_report
from backend.withdraw.rules import Terms
from backend.withdraw.tables import MIGRATIONS
from backend.withdraw.teller import AuthorityKey, Teller, ed25519

__all__ = [
    "ALARMED",
    "MIGRATIONS",
    "Alarm",
    "Asked",
    "Audited",
    "AuthorityKey",
    "GrantAsk",
    "Granted",
    "Machine",
    "Teller",
    "Terms",
    "WithdrawalRow",
    "approve_gift",
    "ask",
    "audit",
    "authorise",
    "close_alarm",
    "counting",
    "decide",
    "ed25519",
    "find",
    "grant",
    "limits",
    "machine",
    "machines",
    "note_refused",
    "open_alarms",
    "quote",
    "recent",
    "stands",
    "sweep",
    "take_report",
    "told",
    "unapproved",
    "waiting",
]
