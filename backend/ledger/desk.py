"""The door of the ledger: everything other systems may do with it, over an open unit of work.

enrol(unit, asset, kind)                 keep an asset
account(unit, owner, asset)              open or find an account; `find` only finds
balance(unit, account), of_owner(...), available(...), statement(...)
post(unit, record)                       book one balanced record, once per business key
reverse(unit, key, kind=, at=)           take a record back; an unknown key is buried
hold(...), capture(...), release(...), expire(unit, at), bind(...)
check(unit), sums(unit)                  the books, checked
"""

from backend.ledger.accounts import (
    account,
    assets,
    available,
    balance,
    by_id,
    enrol,
    find,
    of_owner,
    several,
    statement,
)
from backend.ledger.audit import Trouble, check, sums
from backend.ledger.holds import bind, capture, expire, hold, release
from backend.ledger.holds import find as find_hold
from backend.ledger.journal import Posted, bury, get, give, is_buried, post, postings_of, reverse
from backend.ledger.rules import (
    Account,
    Balance,
    Hold,
    HoldState,
    Owner,
    OwnerKind,
    Posting,
    Record,
    mirrored,
)
from backend.ledger.tables import MIGRATIONS

__all__ = [
    "MIGRATIONS",
    "Account",
    "Balance",
    "Hold",
    "HoldState",
    "Owner",
    "OwnerKind",
    "Posted",
    "Posting",
    "Record",
    "Trouble",
    "account",
    "assets",
    "available",
    "balance",
    "bind",
    "bury",
    "by_id",
    "capture",
    "check",
    "enrol",
    "expire",
    "find",
    "find_hold",
    "get",
    "give",
    "hold",
    "is_buried",
    "mirrored",
    "of_owner",
    "post",
    "postings_of",
    "release",
    "reverse",
    "several",
    "statement",
    "sums",
]
