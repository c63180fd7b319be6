"""The door of settlement: everything a server may do with sales, over an open unit of work.

No desk calls out or reads a clock: `at` is the backend's wall time, `board` a snapshot of prices. What a desk refuses
is `Refused`; its unit is then rolled back. Desks that only look (`quote`, `refund_offer`, `find_sale`, `recent`,
`totals`) run on a snapshot (`Store.read`); the others on the writer (`Store.submit`). Every writing desk may be called
again with the same transaction id and gives the original result.

    House(terms, keys, entropy, seal)            what the exchange brings: `Terms`, `QuoteKeys`, random bytes, receipts
    Seller(id, payout, shop, agency)             payout "fiat" or "coin"; `shop` for the receipt; `agency` who earns
    Presented(member, wallet, coins_order)       a redeemed presentation: codes in the order they are to be spent

    quote(unit, house, board, *, terminal, presented, request: QuoteRequest, at) -> QuoteOffer
    authorise(unit, house, *, terminal, seller, commission_bp, presented, request: AuthoriseRequest, at)
        -> Authorisation
    capture(unit, house, *, terminal, request: CaptureRequest, at) -> Capture
    sell(unit, house, *, terminal, seller, commission_bp, presented, request: AuthoriseRequest, at) -> Capture
    reverse(unit, house, *, terminal, request: ReverseRequest, at) -> Sale
    void(unit, house, *, terminal, request: VoidRequest, at) -> Sale
    expire(unit, at) -> tuple[TxnId, ...]                     sweep of holds; call it about once a second
    find_sale(unit, house, *, seller: str, reference: str, at) -> Sale         txn or rrn, of this seller only
    recent(unit, house, *, seller=None, member=None, before=None, limit=50) -> list[Listed]   newest first
    refund_offer(unit, house, board, *, terminal, seller, request: RefundAsk, at) -> RefundOffer
    refund(unit, house, *, terminal, seller, request: RefundRequest, at) -> RefundDone
    totals(unit, terminal, fiat) -> Totals                    of the open batch
    close_batch(unit, *, terminal, txn, fiat, at) -> ClosedBatch   number, totals, commission, each sale's tally

    events(unit, *, member, after, limit=100) -> list[Told]   what happened to a member, oldest first
    prune(unit, at) -> int                                    events older than 90 days are forgotten, some at a time

After a commit the store's listeners hear ``("member", member id)`` and ``("seller", seller id)``.
"""

from backend.settle.capsule import QuoteKeys
from backend.settle.closing import ClosedBatch, close_batch, totals
from backend.settle.feed import Told, events, prune
from backend.settle.finding import Listed, find_sale, recent
from backend.settle.quoting import quote
from backend.settle.refunding import refund, refund_offer
from backend.settle.rules import House, Presented, Seller, Terms
from backend.settle.seal import Sealer, unsealed
from backend.settle.selling import authorise, capture, sell
from backend.settle.tables import MIGRATIONS
from backend.settle.undoing import expire, reverse, void

__all__ = [
    "MIGRATIONS",
    "ClosedBatch",
    "House",
    "Listed",
    "Presented",
    "QuoteKeys",
    "Sealer",
    "Seller",
    "Terms",
    "Told",
    "authorise",
    "capture",
    "close_batch",
    "events",
    "expire",
    "find_sale",
    "prune",
    "quote",
    "recent",
    "refund",
    "refund_offer",
    "reverse",
    "sell",
    "totals",
    "unsealed",
    "void",
]
