"""One world: a machine, its cash side, its exchange and its people, on one clock, from one tape.

Programs are started, cut and started again; what outlives them (pages on disks, notes, paper) lies here. Nothing
happens twice at once: each deed belongs to one program, and a cut inside it ends that program and no other, unless
the power is gone.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Final

from backend.members.events import MemberEvent
from backend.refused import Refused
from core.asset import KRW
from core.faults.market import PRICE_STALE, TOO_FEW_SOURCES
from core.faults.money import BURIED
from core.moment import Moment
from core.money import Money
from core.receipt import Receipt
from core.screens import Screen
from core.vault_talk import CashStage, Reply, Request, Stage
from device.vault.setup import CassetteSpec, Setup
from device.vault.store import BookFault
from device.vault.vault import Sent
from sim.bench.cash_side import CashSide
from sim.bench.cash_talk import CashTalk
from sim.bench.clock import FOREVER_MS, Trace, VirtualClock
from sim.bench.crash import Cut, Life
from sim.bench.disk import Disk
from sim.bench.exchange import PRICE, Exchange
from sim.bench.fate import OWNERS, Chance, Fate
from sim.bench.line import Network, path_of
from sim.bench.machines import MACHINES, Machine
from sim.bench.mishaps import Mishaps
from sim.bench.outcome import Violated
from sim.bench.runtime import Runtime, empty_journal
from sim.bench.swarm import Swarm
from sim.bench.tape import Tape
from sim.bench.town import (
    BELIEVES_EXCHANGE,
    TERMINAL,
    TERMS,
    VAULT,
    VAULT_KEY,
    Person,
    town,
)
from sim.bench.truth import Truth, WatchedBox
from sim.bench.visits import VISITOR, Visits
from sim.bench.witness import Witness
from sync.http_ask import Ask
from sync.journal_errors import JournalFault

LOOK_MS: Final = 60_000  # an idle machine is looked at more rarely than the product does: it costs and finds nothing
STALE: Final = frozenset({TOO_FEW_SOURCES.code, PRICE_STALE.code})
SAID: Final = {
    "withdrawn": "withdrawn in full",
    "withdrawn_part": "withdrawn in part",
    "withdrawn_doubt": "withdrawn with a doubt",
    "nothing_paid": "nothing was paid after the authority",
    "nothing_paid_follows": "nothing was paid after the authority",
    "cash_checking": "the outcome of an authority was unknown",
}
UP_AGAIN_MS: Final = {"runtime": 6_000, "vault": 2_000, "exchange": 3_000}
TURNS_MAX: Final = 60_000  # deeds of one run; more is a world that never comes to rest
HOUSE_MS: Final = 20_000  # how often the exchange's sweeps come round here


class World:
    """Made for one tape and one swarm; `sim.bench.torture.run` lets it run."""

    def __init__(self, tape: Tape, swarm: Swarm, fate: Fate | None = None, machine: Machine | None = None) -> None:
        self.tape, self.swarm = tape, swarm
        self.fate: Fate = fate or Chance(tape, swarm)
        self.clock = VirtualClock()
        self.trace = Trace(self.clock)
        self.seen: Counter[str] = Counter()
        self.entropy = random.Random(tape.seed("entropy"))  # noqa: S311 - a run is to be the same again
        place = town()
        self.people: tuple[Person, ...] = place.people
        self.machine = machine or MACHINES[tape.below("machine", len(MACHINES))]
        self.faces = {place: face for place, (face, _) in self.machine.loaded.items()}
        self.truth = Truth(WatchedBox({place: (face, 0) for place, face in self.faces.items()}))
        self.witness = Witness(place.people, self.reached, self._authorised_at)
        self.truth.allowed, self.truth.reached = self.witness.allowed, self.reached
        self.peer = self.machine.peer(self.truth.box)
        host = self.machine.host()
        setup = Setup(
            terminal=TERMINAL,
            vault=VAULT,
            public_key="",
            signer=VAULT_KEY,
            exchange=BELIEVES_EXCHANGE,
            machine=host.capabilities,
            cassettes=tuple(CassetteSpec(place, Money(face, KRW)) for place, face in sorted(self.faces.items())),
            look_ms=LOOK_MS,
        )
        self.side = CashSide(
            self.clock, self.trace, self.fate, tape.below, self.truth, self.peer, self.machine.host, setup,
            self.entropy.randbytes,
        )  # fmt: skip
        self.side.replied, self.side.reached = self._replied, self.reached
        self.side.noisy = self.machine.noisy
        self.mishaps = Mishaps(
            self.clock, self.trace, self.fate, tape.below, self.machine, self.side, self.truth, self.reached
        )
        self.journal = Disk("journal", empty_journal(), self.fate, tape.below)
        self.store = Disk("exchange", place.image, self.fate, tape.below)
        self.papers: dict[str, list[Receipt]] = {}
        self.runtime: Runtime | None = None
        self.exchange: Exchange | None = None
        self.epochs: Counter[str] = Counter()
        self.price = PRICE
        self.line_until_ms = 0
        self.last_code = ""
        self.shown: Callable[[Screen], None] = lambda screen: None
        self.transactions = 0
        self._direct: dict[int, Reply | None] = {}  # questions that are answered at once
        self._directly = 2 * VISITOR
        self.visits = Visits(self.clock, self.trace, self._deliver, lambda: self.epochs["vault"])

    def reached(self, state: str) -> None:
        """An interesting state (`sim.bench.sometimes`)."""
        self.seen[state] += 1

    # -- lives ----------------------------------------------------------------------------------------

    def start(self, who: str) -> None:
        """Switch a program on, if it is off."""
        if self.alive(who):
            return
        self.epochs[who] += 1
        life = Life(who, self.epochs[who])
        self.trace.tell(who, "starts", str(life.epoch))
        try:
            self._start(who, life)
        except Cut as cut:
            self.reached(f"{who} cut while it recovered")
            life.end()
            self._cut(cut)
        except (BookFault, JournalFault, Refused, sqlite3.DatabaseError) as error:
            life.end()
            self.failed(who, error)

    def alive(self, who: str) -> bool:
        match who:
            case "runtime":
                return self.runtime is not None
            case "vault":
                return self.side.vault is not None
            case _:
                return self.exchange is not None

    def _start(self, who: str, life: Life) -> None:
        match who:
            case "exchange":
                self.exchange = Exchange(self.store, life, self.clock, self.entropy)
                self.exchange.store.listen(self._told)
            case "vault":
                self.side.begin(life)
                if self.runtime is not None:
                    self.runtime.talk.connected()
            case _:
                self.runtime = Runtime(
                    life, self.clock, self.trace, self.fate, self.journal, TERMS, self.entropy, self._network,
                    self._talk, self.answer, self.papers,
                )  # fmt: skip
                self.runtime.face.shown, self.runtime.reached = self._shown, self.reached
                self.runtime.begin()
                if self.side.vault is not None:
                    self.runtime.talk.connected()

    def end(self, who: str, *, power: bool = False, again: bool = True) -> None:
        """A program is dead, and started again some seconds later."""
        self.trace.tell(who, "dies", "without power" if power else "")
        self.reached(f"{who} died without power" if power else f"{who} died")
        match who:
            case "runtime":
                if self.runtime is not None:
                    self.runtime.life.end()
                    state = self.runtime.loop.state
                    if state is not None:
                        self.reached("the runtime died in the middle of a business")
                        if state.step.name in ("authorise", "dispense"):
                            self.reached("the runtime died between authority and notes")
                self.runtime = None
                lost = self.journal.unsynced and power
                self.journal.died(power=power)
                if lost:
                    self.reached("a power cut with unsynced records")
            case "vault":
                if self.side.vault is not None and self.side.vault.state.books.move is not None:
                    self.reached("the vault died while notes moved")
                self.side.ended(power=power)
                if self.runtime is not None:
                    self.clock.after(0, self.runtime.talk.broken)
            case _:
                if self.exchange is not None:
                    self.exchange.life.end()
                self.exchange = None
                self.store.died(power=power)
        if again:
            self.clock.after(UP_AGAIN_MS[who], lambda: self.start(who))

    def failed(self, who: str, error: Exception) -> None:
        """A program gave up in order, because its disk did."""
        self.trace.tell(who, "gives up", type(error).__name__)
        self.reached(f"{who} gave up: its disk failed")
        self.end(who)

    def _cut(self, cut: Cut) -> None:
        who = OWNERS.get(cut.who, "")
        if not who:
            return  # a handle of a life that is over
        power = self.fate.power(cut.who)
        if who == "exchange" or not power:
            self.end(who, power=power)
            return
        self.reached("the power went")
        self.mishaps.power(on=False)
        for one in ("runtime", "vault"):
            self.end(one, power=True)
        self.clock.after(1_000, lambda: self.mishaps.power(on=True))

    def into(self, who: str, deed: Callable[[], None]) -> None:
        """One deed of one program, and what becomes of the program by it."""
        try:
            deed()
        except Cut as cut:
            self._cut(cut)
        except BookFault as error:
            self.failed("vault", error)
        except JournalFault as error:
            self.failed("runtime", error)

    # -- time -----------------------------------------------------------------------------------------

    def run(self, until: Callable[[], bool], limit_ms: int) -> bool:
        """Let things happen until `until` holds, or the time is over; whether it holds."""
        clock, side = self.clock, self.side
        end_ms = clock.now_ms + limit_ms
        for _ in range(TURNS_MAX):
            if until():
                return True
            heap_ms, side_ms, timer_ms = clock.next_ms(), side.next_ms(), self._timer_ms()
            now_ms = max(clock.now_ms, min(heap_ms, side_ms, timer_ms))
            if now_ms > end_ms:
                clock.now_ms = end_ms
                return until()
            clock.now_ms = now_ms
            if heap_ms <= now_ms:
                while (due := clock.due()) is not None:
                    self.into("", due[1])
            elif side_ms <= now_ms:
                self.into("vault", side.turn)
            elif self.runtime is not None:
                self.into("runtime", self.runtime.settle)
            self._look_after()
        raise Violated("L3", "the world never comes to rest")

    def _timer_ms(self) -> int:
        return self.runtime.next_ms() if self.runtime is not None else FOREVER_MS

    def _look_after(self) -> None:
        """A store that refuses everything is started again."""
        if self.exchange is not None and self.exchange.store.broken:
            self.failed("exchange", RuntimeError(self.exchange.store.broken))

    # -- the line -------------------------------------------------------------------------------------

    def _network(self, ahead: object, device_clock: object) -> Network:
        return Network(ahead, device_clock, self.fate, self.tape.below, self.reach, self._later, self._down)  # type: ignore[arg-type]

    def _down(self) -> bool:
        if self.fate.strikes("line_down"):
            self.line_until_ms = self.clock.now_ms + (1 + self.tape.below("line_down.s", 90)) * 1_000
        return self.clock.now_ms < self.line_until_ms

    def reach(self, ask: Ask) -> tuple[object] | None:
        """What the exchange does with one request. Raises `Refused`; None when it is not there."""
        if self.exchange is None:
            return None
        exchange, path = self.exchange, path_of(ask)
        try:
            if not self.fate.strikes("price"):
                exchange.price(self.price)
            data = exchange.answer(TERMINAL, ask.method, path, ask.body, ask.key)
        except Cut as cut:
            self._cut(cut)
            return None
        except Refused as refused:
            self.trace.tell("exchange", path, refused.code)
            if refused.code in STALE:
                self.reached("refused a price that is stale")
            raise
        self.trace.tell("exchange", path)
        self.witness.heard(path, ask.body, data)
        return (data,)

    def _later(self, ms: int, ask: Ask) -> None:
        """A copy of a question that wandered about arrives when nobody waits for it."""

        def arrive() -> None:
            try:
                if self.reach(ask) is not None and ask.method == "POST":
                    self.reached(f"a late copy arrived at {path_of(ask)}")
            except Refused as refused:
                if refused.code == BURIED.code and path_of(ask) == "/v1/withdrawals":
                    self.reached("a late original met its tombstone")

        self.clock.after(ms, arrive)

    def _told(self, topic: str, value: object) -> None:
        """The exchange's word to a member's page."""
        if isinstance(value, MemberEvent) and value.kind == "approval":
            txn = str(value.facts["txn"])
            if self.fate.strikes("phone"):
                kind = self.tape.below("phone.kind", 3)
                if kind == 0:
                    self.reached("the phone stayed silent")
                    return
                yes, ms = kind == 2, 60_000
            else:
                yes, ms = True, 300 + self.tape.below("phone.ms", 4) * 500
            self.clock.after(ms, lambda: self._decide(value.member, txn, yes=yes))

    def _decide(self, member: str, txn: str, *, yes: bool) -> None:
        if self.exchange is not None:
            exchange = self.exchange
            self.into("exchange", lambda: exchange.decide(member, txn, yes=yes))
            if yes:
                self.witness.approved.add(txn)
            else:
                self.reached("the phone said no")

    def _authorised_at(self, txn: str) -> Moment:
        assert self.exchange is not None
        return self.exchange.authorised_at(txn)

    # -- the cash side --------------------------------------------------------------------------------

    def _talk(self, runtime: Runtime) -> CashTalk:
        return CashTalk(
            runtime.life, self.clock, self.trace, self.fate, self._deliver, runtime.emit,
            lambda: runtime.courier.ring(),  # noqa: PLW0108 - it is made a moment later
        )  # fmt: skip

    def _deliver(self, asker: int, request: Request) -> bool:
        """A question of the runtime reaches the vault; False when nobody is there. Asker 0 only looks."""
        if self.side.vault is None:
            return False
        if asker:
            self.into("vault", lambda: self.side.ask(asker, request))
        return True

    def answer(self, request: Request) -> Reply | None:
        """A question that is answered at once, on a connection of its own."""
        self._directly += 1
        asker = self._directly
        self._direct[asker] = None
        if not self._deliver(asker, request):
            return None
        return self._direct.pop(asker, None)

    def _replied(self, sent: Sent) -> None:
        if isinstance(sent.reply, Stage) and sent.reply.stage is CashStage.FINISHING:
            self.reached("finished from another cassette")
        if sent.asker in self._direct:
            self._direct[sent.asker] = sent.reply
        elif sent.asker >= VISITOR:
            if sent.last:
                self.visits.told(sent.asker, sent.reply)
        elif self.runtime is not None:
            self.runtime.talk.heard(sent)

    def _shown(self, screen: Screen) -> None:
        """I9: no screen says more than is true."""
        self.shown(screen)
        state = SAID.get(screen.name)
        if state is None:
            return
        self.reached(state)
        ticket = self.runtime.loop.state.ticket if self.runtime is not None and self.runtime.loop.state else None
        if screen.name == "withdrawn" and ticket is not None and not self.truth.excused:
            given = self.truth.given(ticket.txn.text)
            if given != ticket.due.minor:
                raise Violated("I9", f"the screen says {ticket.due} were paid, the customer has {given}")
