"""The door of gift cards: everything a server may do with them, over an open unit of work.

    Clerk(terms, teller, sealer)                                  what the exchange brings; `CardSealer(key, entropy)`

    counter(unit, house, clerk, board, *, terminal, request, at) -> Counter
    quote(unit, clerk, board, *, terminal, request: GiftQuoteRequest, at) -> GiftQuote
    sell(unit, clerk, *, terminal, request: GiftRequest, at) -> GiftSold      again: the same code
    find(unit, clerk, *, terminal, txn) -> GiftSold
    of_member(unit, clerk, member)                                the member's own cards, with their codes
    load(unit, sealer, raw, fiat, at) -> Loaded                   a whole file of codes, or nothing of it
    shelves(unit, fiat), recent(unit)                             the operator's stock and sales, without any code

A code is never logged, never in an exception and never in a stored answer. After a sale the store's listeners hear
``("member", MemberEvent(kind="giftcard"))``.
"""

from backend.giftcards.finding import Clerk, SaleRow, card_of, find, of_member, recent
from backend.giftcards.looking import counter
from backend.giftcards.quoting import quote
from backend.giftcards.rules import Terms
from backend.giftcards.selling import issuer_account, sell
from backend.giftcards.stock import KEY_BYTES, CardSealer, Loaded, Shelf, load, shelves
from backend.giftcards.tables import MIGRATIONS

__all__ = [
    "KEY_BYTES",
    "MIGRATIONS",
    "CardSealer",
    "Clerk",
    "Loaded",
    "SaleRow",
    "Shelf",
    "Terms",
    "card_of",
    "counter",
    "find",
    "issuer_account",
    "load",
    "of_member",
    "quote",
    "recent",
    "sell",
    "shelves",
]
