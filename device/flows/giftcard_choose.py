"""Choose a gift card: whose, of which value, and what pays for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import StartTimer
from core.events import Event, Pressed, Restarted, TimerFired
from core.messages import CardIssuer, CoinWorth, Tender
from core.moment import Moment
from core.money import Money
from core.screens import CHOICES_MAX, Action, Amount, Choice, Choices, Notice, Plain, Screen, Tone, say
from device.flows.approve import ApproveOnPhone
from device.flows.endings import cancelled
from device.flows.figures import figure, told
from device.flows.step import CANCEL, IDLE_MS, IDLE_TIMER, QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket


@dataclass(frozen=True, slots=True)
class ChooseCard:
    """What is sold out is not offered; the exchange says so again should the last one go meanwhile."""

    name: str = "gift_choose"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        notes = (Notice(ticket.note, Tone.WARN),) if ticket.note else ()
        if not notes and "printer" not in ticket.hands:
            notes = (Notice(say("gift.no_paper"), Tone.WARN),)
        if not ticket.counter.issuer:
            options = tuple(Choice(f"issuer:{one.issuer}", Plain(name_of(ticket, one))) for one in _issuers(ticket))
            return Screen("gift_issuer", say("gift.which"), (*notes, Choices(options)), (CANCEL,))
        cards = ticket.counter.cards
        faces = tuple(Choice(f"face:{face.minor}", figure(face)) for face in _faces(cards))
        back = (Action("back", say("common.back")),) if len(_issuers(ticket)) > 1 else ()
        heading = say("gift.face", name=name_of(ticket, cards))
        return Screen("gift_face", heading, (*notes, Choices(faces)), (CANCEL, *back))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        issuers = _issuers(ticket)
        only = issuers[0].issuer if len(issuers) == 1 else ""
        return self._shown(replace(ticket, counter=replace(ticket.counter, issuer=only), price=None), at)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        issuer = ticket.counter.issuer
        match event:
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case Pressed(action) if not issuer and action in {f"issuer:{one.issuer}" for one in _issuers(ticket)}:
                chosen = replace(ticket.counter, issuer=action.removeprefix("issuer:"))
                return self._shown(replace(ticket, counter=chosen, note=None), at)
            case Pressed("back") if issuer and len(_issuers(ticket)) > 1:
                return self._shown(replace(ticket, counter=replace(ticket.counter, issuer="")), at)
            case Pressed(action) if issuer:
                face = next((one for one in _faces(ticket.counter.cards) if action == f"face:{one.minor}"), None)
                return Stay(ticket) if face is None else Go(replace(ticket, price=face, note=None), QUIET)
            case _:
                return Stay(ticket)

    def _shown(self, ticket: Ticket, at: Moment) -> Stay:
        return Stay(ticket, (StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))


@dataclass(frozen=True, slots=True)
class ChooseCardTender:
    """Money or a coin sold on the spot; asked only where both would do."""

    name: str = "gift_tender"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        held = say("withdraw.tender.fiat_detail", fiat=told(ticket, ticket.counter.told.fiat.money()))
        fiat = Choice("use:fiat", say("gift.pay.fiat"), held)
        coin = _coin(ticket)
        assert coin is not None, "there is something to choose"
        worth = say("withdraw.tender.coin_detail", worth=told(ticket, coin.worth.money()))
        sell = Choice("use:coin", say("withdraw.tender.coin", coin=coin.quantity.asset), worth)
        return Screen("gift_tender", say("gift.pay.title"), (Amount(ticket.due), Choices((fiat, sell))), (CANCEL,))

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        enough, coin = ticket.counter.told.fiat.money() >= ticket.due, _coin(ticket)
        if enough and coin is not None:
            return Stay(ticket, (*QUIET, StartTimer(IDLE_TIMER, IDLE_MS), show(self, ticket, at)))
        return _paid_by(ticket, Tender.FIAT if enough or coin is None else Tender.COIN)

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        match event:
            case Pressed("use:fiat"):
                return _paid_by(ticket, Tender.FIAT)
            case Pressed("use:coin"):
                return _paid_by(ticket, Tender.COIN)
            case Pressed("cancel") | TimerFired("idle"):
                return leave(ticket, "cancelled", cancelled())
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)


@dataclass(frozen=True, slots=True)
class ApproveCard(ApproveOnPhone):
    """Above the small limit the phone is asked for amount, machine and issuer; below it nobody is."""

    def free(self, ticket: Ticket) -> bool:
        return ticket.due <= ticket.counter.told.unapproved.money()

    def what(self, ticket: Ticket) -> str:
        return ticket.counter.cards.name

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        return Go(ticket) if self.free(ticket) else ApproveOnPhone.enter(self, ticket, at)


def name_of(ticket: Ticket, cards: CardIssuer) -> str:
    return cards.name_ko if ticket.lang == "ko" else cards.name


def in_stock(issuers: tuple[CardIssuer, ...]) -> tuple[CardIssuer, ...]:
    return tuple(one for one in issuers if any(face.in_stock for face in one.faces))


def _issuers(ticket: Ticket) -> tuple[CardIssuer, ...]:
    return in_stock(ticket.counter.told.cards)[:CHOICES_MAX]


def _faces(cards: CardIssuer) -> tuple[Money, ...]:
    return tuple(one.face.money() for one in cards.faces if one.in_stock)[:CHOICES_MAX]


def _coin(ticket: Ticket) -> CoinWorth | None:
    """The first coin that is worth the card; without a believed price there is none."""
    return next((one for one in ticket.counter.told.coins if one.worth.money() >= ticket.due), None)


def _paid_by(ticket: Ticket, tender: Tender) -> Go:
    return Go(replace(ticket, counter=replace(ticket.counter, tender=tender)), QUIET)
