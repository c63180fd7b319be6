"""Authorise: the cash side says that it can pay, then the exchange holds the amount and signs the dispense authority.

Until the exchange is asked, nothing can have happened. From there on an answer that does not come is *unknown*, and
only the cash side ends it: `device.flows.close_out` asks for its signed word that nothing moved and nothing will.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.effects import AuthoriseWithdrawal, TakeNonce
from core.events import Event, NonceGiven, Refused, Restarted, Unanswered, WithdrawAuthorised
from core.moment import Moment
from core.screens import Amount, Notice, Screen, Waiting, say
from device.flows.authorise import REQUOTE
from device.flows.endings import cancelled, declined
from device.flows.step import QUIET, Answer, Go, Stay, leave, show
from device.flows.ticket import Ticket
from device.flows.withdraw_amount import NOT_SHOWN
from device.flows.withdraw_endings import no_cash_here, reference


@dataclass(frozen=True, slots=True)
class AuthoriseCash:
    name: str = "authorise"

    def screen(self, ticket: Ticket, at: Moment) -> Screen:
        doing = "withdraw.authorise.exchange" if ticket.cash.nonce else "withdraw.authorise.machine"
        blocks = (Notice(say("withdraw.authorise.money")), Amount(ticket.due), Waiting(say(doing)))
        return Screen(self.name, say("sale.authorise.title"), blocks)

    def enter(self, ticket: Ticket, at: Moment) -> Answer:
        asking = replace(ticket, cash=replace(ticket.cash, nonce=None)).ask("nonce")
        return Stay(asking, (*QUIET, TakeNonce(asking.awaited, ticket.txn), show(self, asking, at)))

    def on(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        if ticket.cash.nonce is None:
            return self._before(ticket, event, at)
        match event:
            case WithdrawAuthorised(answers, authorisation) if answers == ticket.awaited:
                if authorisation.txn != ticket.txn:
                    return Go(ticket.answered(), to="close_out")
                return Go(replace(ticket.answered(), cash=replace(ticket.cash, authorisation=authorisation)))
            case Refused(answers, refusal) if answers == ticket.awaited:
                if refusal.code in REQUOTE:
                    return Go(ticket.answered(), to="price")
                if refusal.code in NOT_SHOWN:
                    return Go(ticket.answered().said(say("withdraw.code_again")), to="identify")
                return leave(ticket, "declined", declined(refusal.code, reference(ticket)))
            case Unanswered(answers, _) if answers == ticket.awaited:
                return Go(ticket.answered(), to="close_out")
            case Restarted():
                return Go(ticket.answered(), to="close_out")
            case _:
                return Stay(ticket)

    def _before(self, ticket: Ticket, event: Event, at: Moment) -> Answer:
        """The exchange has not been asked: whatever happens, nothing has moved."""
        match event:
            case NonceGiven(answers, nonce) if answers == ticket.awaited and nonce.txn == ticket.txn:
                return self._ask(replace(ticket, cash=replace(ticket.cash, nonce=nonce)), at)
            case Refused(answers, refusal) if answers == ticket.awaited:
                return leave(ticket, "no_cash", no_cash_here(refusal.code))
            case Unanswered(answers, code) if answers == ticket.awaited:
                return leave(ticket, "no_cash", no_cash_here(code))
            case Restarted():
                return leave(ticket, "restarted", cancelled())
            case _:
                return Stay(ticket)

    def _ask(self, ticket: Ticket, at: Moment) -> Stay:
        presentation, nonce = ticket.presentation, ticket.cash.nonce
        assert presentation is not None
        assert nonce is not None
        asking, quote = ticket.ask(self.name), ticket.cash.known_offer.quote
        key, txn, stan = asking.awaited, ticket.txn, ticket.stan
        effect = AuthoriseWithdrawal(key, txn, stan, presentation.id, quote, nonce.vault, nonce.nonce)
        return Stay(asking, (effect, show(self, asking, at)))
