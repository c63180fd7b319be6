"""Each dispenser and each of its named troubles, through the whole product: nobody makes or loses a note."""

from __future__ import annotations

import pytest

from sim.cash_models import NAMES
from tests.walks.matrix import AFTER, NOT_TAKEN, afterwards, people, play, world_with

HANDFUL = {
    "lcdm30": ("jam_ejt_exit", "swallow_ack"),
    "lcdm50": ("jam_exit", "lose_reply"),
    "f56": ("digits_unreadable", "cassette_1_empty"),
    "hopper": ("empty", "answer_lost"),
    "xfs4iot": ("jam_presenting", "connection_lost", NOT_TAKEN),
}
ROUND_MAX_S = 110.0  # no trouble keeps a customer waiting longer than the longest order and one question about it


# Two machines of opposite kinds in every run: one that presents at once, one with stacker, shutter and retract.
@pytest.mark.whole
@pytest.mark.timeout(180)
@pytest.mark.parametrize("dispenser", ["lcdm30", "xfs4iot"])
def test_a_handful_of_troubles_ends_with_everybody_agreeing(dispenser: str) -> None:
    assert wrong_with(dispenser, HANDFUL[dispenser], members=len(HANDFUL[dispenser])) == []


@pytest.mark.full
@pytest.mark.timeout(1_500)
@pytest.mark.parametrize("dispenser", NAMES)
def test_every_trouble_ends_with_everybody_agreeing(dispenser: str) -> None:
    assert wrong_with(dispenser, ()) == []


def wrong_with(dispenser: str, faults: tuple[str, ...], members: int = 10) -> list[str]:
    """Play these troubles, or all the machine knows and none; what does not fit."""
    with world_with(dispenser) as world:
        stage = people(world, members)
        assert world.cash is not None
        names = faults or ("", *world.cash.do(lambda peer, now_ms: sorted(peer.faults)))
        if not faults and world.cash.wait_ready().retracts:
            names += (NOT_TAKEN,)
        rounds, wrong = [], []
        for number, fault in enumerate(names):
            one = play(stage, fault, AFTER[number % len(AFTER)])
            print(one, flush=True)
            rounds.append(one)
            wrong += [f"{one}: {said}" for said in one.wrong]
            if one.seconds > ROUND_MAX_S:
                wrong.append(f"{one}: too long")
        wrong += afterwards(stage, rounds)
        print(f"{dispenser}: {len(names)} troubles, {sum(one.seconds for one in rounds):.0f} s")
        return wrong
