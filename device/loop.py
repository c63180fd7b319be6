"""The loop: one thread decides.

Take one event from the inbox, let the step answer, put {event, done mark, new effects} on disk in one
commit, perform the effects, draw. Time, entropy and the journal come in from outside, so the simulator
drives this same loop on a virtual clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from core.counter_events import CardSold, Traded
from core.effects import Arm, Disarm, Effect, KeyedEffect, Show, Wanted
from core.events import (
    Answering,
    BatchClosed,
    CodeScanned,
    DeviceStateChanged,
    Event,
    Health,
    NotesMoved,
    NotPrinted,
    Pressed,
    Printed,
    ProductScanned,
    Refunded,
    Refused,
    Restarted,
    Reversed,
    TicketOpened,
    TimerFired,
    Unanswered,
)
from core.ids import TxnId
from core.moment import Moment
from core.ports import Clock, Face, Log
from core.screens import Screen, Words
from core.terms import Terms
from core.vault_talk import VaultState
from device.book import last_paper, remember, totals
from device.diary import Diary
from device.dispatch import Dispatch
from device.flows.flow import Moved, State, advance, start
from device.goods import Goods
from device.inbox import Inbox
from device.late_news import late_news
from device.modes.mode import Idle, Mode, Owed
from device.out_of_service import PAIR, SURE, out_of_service, pair_again
from device.recognise import CodePad, recognise
from device.recovery import refold
from device.timers import Timers
from device.viewfinder import Viewfinder

FRAME_MS = 33  # thirty pictures a second
LINGER_MS = 8_000  # how long the last screen of a business stands when nobody presses it away
PRICE_MS = 1_000  # the idle screen is drawn anew for a price no more often
LINGER_TIMER = "linger"
MUST_ARRIVE = frozenset({"reverse", "refund", "void", "close_batch", "complete", "trade_execute", "gift_buy"})
PAIRING_KEYS = "pairing/"  # `device.pairing_room` orders its paper under these; the journal knows none of them

Late = Reversed | Refunded | Traded | CardSold | BatchClosed | Refused | Printed | NotPrinted


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the loop works with; the composition root builds it."""

    clock: Clock
    log: Log
    inbox: Inbox
    face: Face
    viewfinder: Viewfinder
    timers: Timers
    dispatch: Dispatch
    diary: Diary
    entropy: Callable[[int], bytes]
    mode: Mode
    terms: Terms
    goods: Goods
    roles: tuple[str, ...]
    owed: Callable[[], Owed]
    seen: Callable[[Event], None]
    devices: Mapping[str, DeviceStateChanged] = field(default_factory=dict)
    price: Callable[[], str] = lambda: ""
    cash: Callable[[], VaultState | None] = lambda: None


class Loop:
    """`turn` handles at most one event. Nothing else of the device decides anything."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._terms = parts.terms
        self._goods = parts.goods
        self._refused = ""
        self._price, self._priced_ms = "", 0
        self.wants_pairing = False
        """A person asked at the screen to pair this device again."""
        self._state: State | None = None
        self._lingering = False
        self._hands = dict(parts.devices)
        self._wanted: tuple[Wanted, ...] = ()
        self._owed = Owed(0)
        self._news: Words | None = None
        self._was_asked = False
        self._code_pad = CodePad()

    @property
    def state(self) -> State | None:
        return self._state

    @property
    def devices(self) -> Mapping[str, DeviceStateChanged]:
        """What each device said of itself last."""
        return self._hands

    def begin(self) -> None:
        """Pick up what was open when the device went down, else stand idle. Raises what the journal raises."""
        self._owed = self._parts.owed()  # the outbox works from now on, also while a picked-up basket stands open
        for ticket in self._parts.diary.open_tickets():
            self._state, lost = refold(ticket, self._parts.mode)
            self._step(Restarted(lost))
        if self._state is None and not self._lingering:
            self._stand_idle()

    def turn(self) -> bool:
        """One event or one frame. True when an event was handled."""
        parts = self._parts
        picture = parts.viewfinder.take()
        if picture is not None:
            parts.face.preview(picture)
        for pressed in parts.face.frame():
            parts.inbox.put(pressed)
        event = parts.timers.fired() or parts.inbox.take(parts.timers.wait_ms(FRAME_MS))
        if event is None:
            self._keep_price()
            return False
        self.hear(event)
        return True

    def know(self, shop: str, goods: Goods, refused: str) -> None:
        """What the exchange says of this terminal now. Only between tickets: a sale ends as it began.

        `refused` is the code by which it has no rights any more, or "".
        """
        assert self._state is None, "a ticket keeps the terms it began with"
        self._terms, self._goods = replace(self._terms, shop=shop), goods
        self._refused = refused
        if not self._lingering:
            self._stand_idle()

    def hear(self, event: Event) -> None:
        self._parts.seen(event)
        if isinstance(event, DeviceStateChanged):
            self._hands[event.role] = event
        heard = self._understood(event)
        if heard is not None:
            self._hear(heard)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Answering) and not self._is_ours(event):
            self._answered_late(event)
        elif self._state is not None:
            self._step(event)
        else:
            self._between(event)

    # -- a ticket is open ----------------------------------------------------------------------------

    def _step(self, event: Event) -> None:
        state = self._state
        assert state is not None
        at = self._parts.clock.now()
        moved = advance(state, event, at)
        kept = any(isinstance(effect, KeyedEffect) and effect.journaled for effect in moved.effects)
        if isinstance(event, NotesMoved) or (moved.state == state and not kept):
            self._state = moved.state  # folding it again would change nothing that matters: it is not written down
            self._perform(moved.effects, moved.state.ticket.lang)
            return
        self._commit(event, moved, at)

    def _commit(self, event: Event, moved: Moved, at: Moment) -> None:
        """One commit, then the deeds. What is not on disk has not happened."""
        parts, state = self._parts, moved.state
        keyed = tuple(effect for effect in moved.effects if isinstance(effect, KeyedEffect) and effect.journaled)
        parts.diary.commit(
            state.ticket.txn,
            at,
            event,
            answers=self._settles(event, {effect.key for effect in keyed}),
            effects=keyed,
            closes=state.outcome,
        )
        self._closed_batch(event)
        self._perform(moved.effects, state.ticket.lang)
        if state.outcome:
            parts.log.info("ticket_closed", txn=state.ticket.txn.text, outcome=state.outcome)
            self._ended(moved.effects)
        else:
            self._state = state
            if not state.ticket.typing:
                self._code_pad.clear()  # half a code that was given up is not the beginning of the next one

    def _settles(self, event: Event, again: set[str]) -> str:
        """Which effect this event answers for good. "Unanswered" does not, where the step asks again."""
        if not isinstance(event, Answering):
            return ""
        if isinstance(event, Unanswered):
            must_arrive = event.answers.split("/")[1] in MUST_ARRIVE
            return "" if must_arrive or event.answers in again else event.answers
        return event.answers

    def _ended(self, effects: tuple[Effect, ...]) -> None:
        """The ticket is closed on disk; its last screen may stand a while."""
        self._state = None
        self._parts.owed()
        self._parts.timers.clear()
        if any(isinstance(effect, Show) for effect in effects):
            self._lingering = True
            self._parts.timers.start(LINGER_TIMER, LINGER_MS)
        else:
            self._stand_idle()

    def _is_ours(self, event: Answering) -> bool:
        return self._state is not None and event.answers.startswith(self._state.ticket.txn.text + "/")

    def _answered_late(self, event: Answering) -> None:
        """An answer for a ticket that has ended: the outbox's, the printer's, or one that nobody waits for any more.

        The last kind is not written down: a late yes beside the undoing of its sale would be counted as a sale. Nor
        is an answer to what no ticket ordered: the paper of the pairing room may come out after the pairing.
        """
        if not isinstance(event, Late) or event.answers.startswith(PAIRING_KEYS):
            return
        self._parts.diary.done(event.answers, self._parts.clock.now(), event)
        self._closed_batch(event)
        self._news = late_news(event) or self._news
        if self._state is None and not self._lingering:
            self._stand_idle()

    def _closed_batch(self, event: Event) -> None:
        if isinstance(event, BatchClosed):
            remember(self._parts.diary, self._terms.fiat)

    # -- between customers ---------------------------------------------------------------------------

    def _between(self, event: Event) -> None:
        mode = self._parts.mode
        match event:
            case Pressed("language"):
                self._terms = replace(self._terms, lang="ko" if self._terms.lang == "en" else "en")
                self._stand_idle()
            case Pressed("done" | "cancel") | TimerFired("linger") if self._lingering:
                self._stand_idle()
            case Pressed("cancel") if self._refused:
                self._stand_idle()
            case Pressed(action) if self._refused:
                self._ask_to_pair(action)
            case Pressed(action) if action in mode.menu and not self._lingering:
                self._open(action)
            case ProductScanned() if mode.on_product and not self._refused:
                if self._open(mode.on_product):
                    self._step(event)
            case DeviceStateChanged() if not self._lingering:
                self._stand_idle()
            case _:
                return

    def _stand_idle(self) -> None:
        self._lingering = self._was_asked = False
        self._parts.timers.clear()
        self._owed = self._parts.owed()
        ready = self._parts.mode.on_product and not (self._refused or self._owed.full)
        arm: Effect = Arm((Wanted.PRODUCT,)) if ready else Disarm()
        self._perform((arm, Show(self._idle())), self._terms.lang)

    def _idle(self) -> Screen:
        if self._refused:
            return out_of_service(self._refused, self._terms.terminal, self._owed.waiting)
        parts, present = self._parts, self._present()
        lost = tuple(role for role in parts.roles if role not in present)
        self._price = parts.price()
        owed, cash = self._owed, parts.cash()
        return parts.mode.idle(Idle(self._terms, present, lost, owed.waiting, owed.full, self._price, cash, self._news))

    def _keep_price(self) -> None:
        """The price on the idle screen is a window: it changes at most once a second, and nothing is written down."""
        now_ms = self._parts.clock.monotonic_ms()
        if self._state is not None or self._lingering or self._refused or now_ms - self._priced_ms < PRICE_MS:
            return
        self._priced_ms = now_ms
        if self._parts.price() != self._price:
            self._perform((Show(self._idle()),), self._terms.lang)

    def _ask_to_pair(self, action: str) -> None:
        """Twice asked: a device that forgets who it is cannot be told again from afar."""
        if action == PAIR:
            self._perform((Show(pair_again(self._owed.waiting)),), self._terms.lang)
        self.wants_pairing = action == SURE and self._was_asked
        self._was_asked = action == PAIR

    def _open(self, action: str) -> bool:
        """A customer's business begins: its id and number are on disk before anything is asked.

        False where none may begin: what is owed to the exchange has no room for more.
        """
        parts = self._parts
        if action not in parts.mode.harmless and parts.owed().full:
            self._stand_idle()
            return False
        flow = parts.mode.menu[action]
        opened = TicketOpened(
            txn=TxnId.of(parts.entropy(16)),
            flow=flow.name,
            stan=parts.diary.next_stan(),
            nonce=parts.entropy(16).hex(),
            terms=self._terms,
            hands=self._present(),
            totals=totals(parts.diary, self._terms.fiat) if flow.name == "batch" else None,
            reprint=last_paper(parts.diary) if flow.name == "reprint" else None,
            cash=parts.cash(),
        )
        self._lingering, self._news = False, None
        self._code_pad.clear()
        parts.timers.clear()
        at = parts.clock.now()
        self._commit(opened, start(flow, opened, at), at)
        return True

    # -- common --------------------------------------------------------------------------------------

    def _present(self) -> tuple[str, ...]:
        usable = (Health.READY, Health.DEGRADED)
        return tuple(role for role in self._parts.roles if (seen := self._hands.get(role)) and seen.health in usable)

    def _understood(self, event: Event) -> Event | None:
        """Bare texts become what they mean here; digits of a personal code stay out of every ticket."""
        if isinstance(event, CodeScanned):
            return recognise(event, self._wanted, self._goods) if self._wanted else None
        if isinstance(event, Pressed) and self._state is not None and self._state.ticket.typing:
            return self._code_pad.press(event) or event
        return event

    def _perform(self, effects: tuple[Effect, ...], lang: str) -> None:
        for effect in effects:
            if isinstance(effect, Arm | Disarm):
                self._wanted = effect.wanted if isinstance(effect, Arm) else ()
            self._parts.dispatch.perform(effect, lang)
