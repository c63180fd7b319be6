"""An ATM in the world: notes, cash ledger, exchange and screen agree, with the machine well and with it in trouble."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.asset import KRW
from core.money import Money
from sim.cash_machine import CashMachine, NoCash
from sim.peers.cash_box import Spot
from sim.walks.stage import Stage, gather
from sim.walks.withdraw import told, withdraw, wrong_with
from sim.world import Choices, World


@pytest.fixture(scope="module")
def atm() -> Iterator[Stage]:
    with World(Choices(dispenser="lcdm30")) as world:
        yield Stage(world, gather(world))


def cash_of(stage: Stage) -> CashMachine:
    assert stage.world.cash is not None
    return stage.world.cash


def test_notes_ledger_exchange_and_screen_agree_and_then_a_jam_is_told_as_it_is(atm: Stage) -> None:
    """One world for both, since it takes seconds to fill a machine; the jam suspends it."""
    cash = cash_of(atm)
    done = withdraw(atm, Money(110_000, KRW), "typed")
    assert done.screen == "withdrawn"
    assert wrong_with(atm, done, Money(110_000, KRW)) == []
    assert cash.worth(Spot.TAKEN) == 110_000
    with pytest.raises(NoCash, match="no trouble named 'teleport'"):
        cash.strike("teleport")
    jam = withdraw(atm, Money(150_000, KRW), tender="fiat", fault="jam_ejt_exit")
    assert jam.screen == "withdrawn_doubt"
    assert wrong_with(atm, jam, Money(150_000, KRW), before=110_000) == []
    exchange = told(atm, jam.txn)
    assert exchange is not None
    assert (exchange.state, exchange.least) == ("suspense", 100_000)
    atm.see("idle_no_cash")
