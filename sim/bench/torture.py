"""The torture of one seed: a safety phase with everything that can go wrong, then a liveness phase in which it heals.

In the first, customers come one after another while faults strike. Then faults stop, everything is started again, the
technicians count, and within a bounded time every business must have come to its end (L1), the machine must serve or
say why not (L2), and all books must agree with the truth.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from typing import Final

from sim.bench import checks, people, stranger, technician
from sim.bench.fate import Fate
from sim.bench.machines import Machine
from sim.bench.outcome import Failure, Outcome, Violated
from sim.bench.swarm import Swarm, drawn
from sim.bench.tape import Tape
from sim.bench.visits import Visit
from sim.bench.world import HOUSE_MS, World

BUSINESS_MS: Final = 900_000  # one customer, with a silent cash side, a dead line and a technician
QUIET_MS: Final = 600_000  # B: until everything has come to its end once nothing goes wrong any more
JUMPS_MS: Final = (-3_600_000, 3_600_000, -86_400_000, 315_360_000_000, 1_000)
PROGRAMS: Final = ("exchange", "vault", "runtime")


class Torture:
    """One run."""

    def __init__(self, tape: Tape, swarm: Swarm, fate: Fate | None = None, machine: Machine | None = None) -> None:
        self.world = World(tape, swarm, fate, machine)

    def run(self) -> None:
        """Raises `Violated`."""
        self._open_shop()
        for _ in range(self.world.swarm.businesses):
            self._serve()
            checks.always(self.world)
        self._heal()
        checks.at_rest(self.world)

    def _open_shop(self) -> None:
        world = self.world
        for who in PROGRAMS:
            world.start(who)
        low = world.fate.strikes("low_cassettes")
        self._visit(technician.loads(world, 6 if low else 60))
        world.run(lambda: False, 1_000)
        self._beat()

    def _beat(self) -> None:
        """The exchange's own housekeeping."""
        world = self.world
        if world.exchange is not None:
            world.into("exchange", world.exchange.keep_house)
        world.clock.after(HOUSE_MS, self._beat)

    def _visit(self, visit: Visit) -> None:
        world = self.world
        world.visits.begin(visit)
        if not world.run(lambda: world.visits.nobody, BUSINESS_MS):
            raise Violated("L1", "a technician was never answered")

    def _serve(self) -> None:
        """One customer, from coming to going."""
        world = self.world
        business = people.arrives(world)
        world.mishaps.hand = lambda: people.takes(world, business)
        if world.fate.strikes("clock_jump"):
            world.clock.skew_ms = JUMPS_MS[world.tape.below("clock_jump.ms", len(JUMPS_MS))]
        world.trace.tell("customer", "comes", business.person.member)

        look = people.looking(world, business)
        look()
        world.run(lambda: business.left, BUSINESS_MS)
        business.left = True
        world.mishaps.hand = lambda: people.takes(world, None)
        world.transactions += business.begun
        world.run(lambda: False, 1_000 if world.tape.below("customer.gap", 6) else 60_000)
        self._between()

    def _between(self) -> None:
        """Somebody looks after a machine that pays no more."""
        world = self.world
        people.takes(world, None)
        vault = world.side.vault
        if vault is None or not world.visits.nobody:
            return
        stuck = world.runtime is not None and world.runtime.face.screen is not None
        off = stuck and world.runtime is not None and world.runtime.face.screen.name == "idle_no_cash"  # type: ignore[union-attr]
        if off:
            world.reached("the machine says that it has no cash")
            self._visit(technician.whole(world))
            if world.tape.below("technician.load", 2):
                self._visit(technician.loads(world, 10))
        elif world.fate.strikes("evil_runtime"):
            self._visit(stranger.tries(world, world.tape.below("evil_runtime.kind", stranger.KINDS)))
        elif world.fate.strikes("technician"):
            if world.tape.below("technician.kind", 2):
                self._visit(technician.whole(world))
            else:
                self._visit(technician.tests(world))

    def _heal(self) -> None:
        """Nothing goes wrong any more; people go on, and technicians count."""
        world = self.world
        world.fate.calm = True  # type: ignore[attr-defined]
        world.line_until_ms = 0
        world.clock.skew_ms = 0
        world.run(lambda: all(world.alive(who) for who in PROGRAMS), 60_000)
        people.takes(world, None)
        if not world.run(self._rested, QUIET_MS):
            raise Violated("L1", self._unrested())
        self._visit(technician.whole(world))
        if not world.run(self._settled, QUIET_MS):
            raise Violated("L1", self._unrested())

    def _rested(self) -> bool:
        """No ticket is open and the cash side does nothing."""
        world = self.world
        runtime, vault = world.runtime, world.side.vault
        if runtime is None or vault is None or world.exchange is None:
            return False
        people.takes(world, None)
        return runtime.loop.state is None and vault.state.job is None and vault.state.books.open is None

    def _settled(self) -> bool:
        """Everything has been told to everybody."""
        world = self.world
        vault, runtime = world.side.vault, world.runtime
        if not self._rested() or vault is None or runtime is None:
            return False
        return not vault.state.books.waiting and not runtime.journal.owed()

    def _unrested(self) -> str:
        world = self.world
        runtime, vault = world.runtime, world.side.vault
        if runtime is None or vault is None or world.exchange is None:
            return "a program did not come back"
        step = runtime.loop.state.step.name if runtime.loop.state is not None else "-"
        waiting, books = len(vault.state.books.waiting), vault.state.books
        phase = vault.state.job.phase.value if vault.state.job is not None else "-"
        return f"ticket at {step}, vault {phase}, open {books.open is not None}, {waiting} statements wait"


def run(
    tape: Tape,
    swarm: Swarm,
    *,
    seed: int | None = None,
    fate: Fate | None = None,
    machine: Machine | None = None,
    listener: Callable[[str], None] | None = None,
) -> Outcome:
    """One run, and what came of it. Nothing that goes wrong in it is raised. `listener` hears every line of it."""
    torture = Torture(tape, swarm, fate, machine)
    torture.world.trace.listener = listener
    world, failure = torture.world, None
    try:
        torture.run()
    except Violated as violated:
        failure = Failure(violated.invariant, violated.words, world.clock.now_ms, tuple(world.trace.last))
    except Exception as error:  # noqa: BLE001 - whatever crashes here crashed the product
        where = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{error} at {where.filename.rpartition('/')[2]}:{where.lineno}"
        failure = Failure(
            f"crash {type(error).__name__}", words, world.clock.now_ms,
            (*world.trace.last, *traceback.format_exception(error)),
        )  # fmt: skip
    struck = Counter(getattr(world.fate, "struck", Counter()))
    return Outcome(seed, swarm, tape.rows(), world.transactions, struck, world.seen, world.trace.hash, failure)


def run_seed(seed: int) -> Outcome:
    tape = Tape.of_seed(seed)
    return run(tape, drawn(tape), seed=seed)
