"""The people of a simulated world: customers with a phone, and what they do before a machine.

A customer goes through the screens as somebody would who wants money: shows the code where it is asked for, presses
what is there, answers the phone, takes the notes. Whatever is odd about one (a wrong code, second thoughts, notes left
lying) is drawn from the tape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.events import CodeScanned, Pressed, Source, Symbology
from core.screens import Choices, Screen
from sim.bench.town import Person
from sim.bench.world import World
from sim.peers.cash_box import Spot

LOOK_MS: Final = 700  # until somebody has read what is new on the screen
BORED_MS: Final = 5_000  # how often somebody looks who has nothing to do
THINKING_MS: Final = 29_000  # as long as a price is good; somebody calls home
PATIENCE_MS: Final = 400_000  # then a customer has gone home, whatever the machine says
WRONG: Final = "990000000000000000"


@dataclass
class Business:
    """One customer at the machine. `begun` a ticket was opened; `left` gone home."""

    person: Person
    since_ms: int
    wrong_code: bool = False
    cancels: bool = False
    leaves_notes: int = 0  # 0 takes all, 1 takes some, 2 takes none
    big: bool = False
    hesitates: bool = False
    until_ms: int = 0
    begun: bool = False
    pressed: str = ""
    seen: int = -1
    left: bool = False
    taking: bool = False


def arrives(world: World) -> Business:
    """The next customer, with the tape's oddities."""
    tape, fate = world.tape, world.fate
    business = Business(
        world.people[tape.below("customer.who", len(world.people))],
        world.clock.now_ms,
        wrong_code=fate.strikes("wrong_code"),
        big=tape.below("customer.big", 4) == 3,
    )
    if fate.strikes("customer"):
        match tape.below("customer.odd", 4):
            case 0:
                business.cancels = True
            case 3:
                business.hesitates = True
            case odd:
                business.leaves_notes = odd
    return business


def looking(world: World, business: Business) -> Callable[[], None]:
    """Somebody stands before the machine: looks when something new is shown, and now and then."""
    turn = 0

    def look(mine: int = 0) -> None:
        nonlocal turn
        if business.left or mine != turn:
            return
        world.into("runtime", lambda: acts(world, business))
        turn += 1
        again = turn
        world.clock.after(BORED_MS, lambda: look(again))

    def sees(screen: Screen) -> None:
        nonlocal turn
        turn += 1
        again = turn
        world.clock.after(LOOK_MS, lambda: look(again))

    world.shown = sees
    return look


def acts(world: World, business: Business) -> None:
    """Look at the screen and do what comes next."""
    machine = world.runtime
    if machine is None or machine.face.screen is None:
        return
    screen, shown, now_ms = machine.face.screen, machine.face.count, world.clock.now_ms
    if now_ms < business.until_ms:
        return
    if business.hesitates and screen.name == "confirm":
        business.hesitates, business.until_ms = False, now_ms + THINKING_MS
        return
    if business.begun and machine.loop.state is None:
        business.left = True
        return
    if world.clock.now_ms - business.since_ms > PATIENCE_MS and (machine.loop.state is None or not business.begun):
        business.left = True
        return
    if machine.eyes.armed:
        shows_code(world, business)
        return
    if shown == business.seen and screen.name == business.pressed:
        return
    business.seen, business.pressed = shown, screen.name
    action = choice(world, business, screen)
    if action == "gone":
        business.left = True
    elif action:
        machine.emit(Pressed(action))
        business.begun = business.begun or machine.loop.state is not None


def choice(world: World, business: Business, screen: Screen) -> str:
    """What to press on this screen; "" for nothing, "gone" to go home."""
    ids = [action.id for action in screen.actions]
    options = [option.id for block in screen.blocks if isinstance(block, Choices) for option in block.options]
    tape = world.tape
    if screen.name == "idle_no_cash":
        return "gone"
    if business.cancels and "cancel" in ids and tape.below("customer.cancel", 3) == 1:
        world.reached("the customer gave up")
        return "cancel"
    if screen.name == "idle":
        return "withdraw"
    if options:
        at = tape.below(f"customer.{screen.name}", len(options))
        return options[-1 - at] if business.big else options[at]
    if "no_network" in ids and world.fate.strikes("phone", ".off"):
        return "no_network"
    for wanted in ("confirm", "again", "done", "receipt", "no_receipt"):
        if wanted in ids:
            if wanted == "again" and tape.below("customer.again", 4) == 3:
                return "cancel"
            return wanted
    return ""


def shows_code(world: World, business: Business) -> None:
    """Hold the phone before the camera."""
    machine = world.runtime
    assert machine is not None
    at = world.clock.true_now()
    text = business.person.code(at)
    if business.wrong_code:
        business.wrong_code = False
        world.reached("wrong code shown")
        text = WRONG if world.tape.below("wrong_code.kind", 2) else world.last_code or WRONG
    else:
        world.last_code = text
        world.witness.owners[text] = business.person.member
    machine.emit(CodeScanned(Source.CAMERA, Symbology.QR, text))


def takes(world: World, business: Business | None) -> None:
    """Notes lie at the exit: somebody takes them, or some of them, or leaves them."""
    box = world.truth.box
    lying = box.count(Spot.EXIT)
    if not lying:
        return
    if business is None or business.leaves_notes == 0:
        box.take()
    elif business.leaves_notes == 1 and lying > 1:
        box.take(lying // 2)
        world.reached("a part of the notes was taken")
        business.leaves_notes = 2
    else:
        world.reached("notes were left lying")
