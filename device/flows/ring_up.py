"""Ring up: what is being bought, by product code or keypad, until the seller asks for the money."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import Arm, StartTimer, Wanted
from core.events import CodeShown, Event, Pressed, ProductScanned, Restarted, TimerFired
from core.moment import Moment
from core.money import grouped
from core.screens import Action, Block, ItemRow, Items, Keypad, Notice, Role, Screen, Tone, say
from core.words import word
from device.flows.endings import cancelled
from device.flows.step import CANCEL, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show, typed
from device.flows.ticket import ITEMS_MAX, Item, Ticket

DIGITS_MAX = 9  # 999,999,999: more than any till takes, and far below what a ledger holds
IDLE_MS = 300_000  # a seller may be called away from a half-filled basket


@dataclass(frozen=True, slots=True)
class RingUp:
    name: str = "ring_up"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        rows = tuple(ItemRow(item.name, item.count, item.amount) for item in ticket.items)
        blocks: list[Block] = [Items(rows, ticket.total)]
        if ticket.note is not None:
            blocks.insert(0, Notice(ticket.note, Tone.WARN))
        shown = f"{int(ticket.draft):,}" if ticket.draft else "0"
        blocks.append(Keypad(shown, ticket.terms.currency, double_zero=True))
        actions = [
            CANCEL,
            Action("remove", say("sale.ring_up.remove"), Role.PLAIN),
            Action("add", say("sale.ring_up.add"), Role.PLAIN),
            Action("charge", say("sale.ring_up.charge", amount=grouped(ticket.total)), Role.PRIMARY, "enter"),
        ]
        heading = say("sale.ring_up.price_of", name=ticket.unpriced) if ticket.unpriced else say("sale.ring_up.title")
        return Screen(self.name, heading, tuple(blocks), tuple(actions))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return self._again(replace(ticket, note=None))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case ProductScanned(_, name, None):
                return self._again(replace(ticket, unpriced=name, draft="", note=say("sale.ring_up.no_price")))
            case ProductScanned(_, name, price) if price is not None:
                if price.money().asset != ticket.terms.fiat or price.money().minor <= 0:
                    return self._again(ticket.said(say("sale.ring_up.bad_price", name=name)))
                return self._again(_added(ticket, Item(name, price.money())))
            case CodeShown():
                return self._again(ticket.said(say("sale.ring_up.not_a_product")))
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Pressed("charge"):
                return self._charge(_typed_in(ticket))
            case Pressed("add"):
                return self._again(_typed_in(ticket))
            case Pressed("remove"):
                return self._again(_removed(ticket))
            case Pressed(action):
                draft = typed(ticket.draft, action, DIGITS_MAX)
                return Stay(ticket) if draft is None else self._again(replace(ticket, draft=draft, note=None))
            case Restarted():
                return self._again(ticket.said(say("sale.restarted")))
            case _:
                return Stay(ticket)

    def _charge(self, ticket: Ticket) -> Answer:
        if ticket.total.minor <= 0:
            return self._again(ticket.said(say("sale.ring_up.nothing")))
        return Go(replace(ticket, price=ticket.total, note=None), QUIET)

    def _again(self, ticket: Ticket) -> Stay:
        arm = Arm((Wanted.PRODUCT,))
        return Stay(ticket, (arm, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, ticket.opened_at)))


def _added(ticket: Ticket, item: Item) -> Ticket:
    """One more piece; the same product at the same price shares a line."""
    for place, known in enumerate(ticket.items):
        if (known.name, known.each) == (item.name, item.each):
            more = replace(known, count=known.count + 1)
            return replace(ticket, items=(*ticket.items[:place], more, *ticket.items[place + 1 :]), note=None)
    if len(ticket.items) >= ITEMS_MAX:
        return ticket.said(say("sale.ring_up.full", count=ITEMS_MAX))
    return replace(ticket, items=(*ticket.items, item), note=None)


def _typed_in(ticket: Ticket) -> Ticket:
    """What was typed becomes a line of its own, named if a product without price was waiting for one."""
    if not ticket.draft:
        return ticket
    typed_money = replace(ticket, items=()).total
    name = ticket.unpriced or word(say("sale.ring_up.item"), ticket.lang)
    return _added(replace(ticket, draft="", unpriced=""), Item(name, typed_money))


def _removed(ticket: Ticket) -> Ticket:
    """Take back the last thing: first what is being typed, then the last line, piece by piece."""
    if ticket.draft or ticket.unpriced:
        return replace(ticket, draft="", unpriced="", note=None)
    if not ticket.items:
        return ticket
    last = ticket.items[-1]
    rest = ticket.items[:-1]
    kept = (*rest, replace(last, count=last.count - 1)) if last.count > 1 else rest
    return replace(ticket, items=kept, note=None)
