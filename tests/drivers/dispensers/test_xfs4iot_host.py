"""An XFS4IoT machine through our driver: what the answer says is what is physically true, whatever happens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cash import Count, Mix
from core.dispenser import (
    Binned,
    Clear,
    Cleared,
    End,
    Look,
    Moved,
    Offer,
    Offered,
    Pay,
    PutAside,
    Recall,
    Retract,
    Seen,
    Taken,
    Test,
)
from core.faults.cash import Device, page_code
from core.faults.catalogue import entry
from core.wire.device_errors import Means
from core.wire.xfs4iot import decode
from core.wire.xfs4iot_token import Amount, for_dispense
from sim.peers.cash_box import Spot
from sim.peers.dispenser_xfs4iot_memory import Making
from sim.peers.dispenser_xfs4iot_trouble import NAMES, STATES, Strikes, trouble
from tests.drivers.dispensers.xfs_bench import ROWS, Bench, mac


def code(name: str) -> str:
    return page_code(Device.XFS4IOT, ROWS[name].code)


def commands(bench: Bench, name: str) -> int:
    return sum(decode(raw).name == name for raw in bench.sent)


def test_notes_are_stacked_offered_and_taken() -> None:
    bench = Bench()
    seen = bench.ask(Look(), Seen)
    assert seen.ready
    assert (seen.path_clear, seen.exit_clear, seen.code) == (True, True, "")
    moved = bench.pay()
    assert moved.end is End.DONE
    assert [part.exited for part in moved.parts] == [Count.exact(2), Count.exact(3)]
    assert bench.box.count(Spot.STACKER) == 5
    assert bench.ask(Look(), Seen).path_clear is False
    assert bench.ask(Offer("op"), Offered).sure
    assert bench.box.worth(Spot.EXIT) == 130_000
    assert bench.ask(Look(), Seen).exit_clear is False
    bench.news.clear()
    bench.box.take()
    bench.later(500)
    assert Taken("op") in bench.news
    assert bench.ask(Look(), Seen).ready


def test_stacked_notes_are_put_aside_unseen() -> None:
    bench = Bench()
    bench.pay()
    binned = bench.ask(PutAside("op"), Binned)
    assert binned.sure
    assert binned.parts == ((1, Count.exact(2)), (2, Count.exact(3)))
    assert bench.box.count(Spot.REJECT) == 5
    assert not bench.ask(PutAside("op"), Binned).sure


@pytest.mark.parametrize("counted", [True, False])
def test_what_nobody_took_is_retracted(counted: bool) -> None:
    bench = Bench(Making(counts_retracts=counted), counts_retracts=True)
    bench.pay()
    bench.ask(Offer("op"), Offered)
    bench.box.take(2)
    binned = bench.ask(Retract("op"), Binned)
    assert binned.sure
    assert binned.parts == ((0, Count.exact(3) if counted else Count(0, 5)),)
    assert bench.box.count(Spot.RETRACT) == 3
    bench.news.clear()
    bench.later(1_000)
    assert Taken("op") not in bench.news


def test_a_test_note_goes_to_the_reject_bin_and_nowhere_else() -> None:
    bench = Bench()
    moved = bench.ask(Test("t", 2), Moved)
    assert moved.end is End.DONE
    (part,) = moved.parts
    assert (part.exited, part.rejected) == (Count.exact(0), Count.exact(1))
    assert bench.box.count(Spot.REJECT) == 1


def test_double_picks_are_put_aside_and_replaced() -> None:
    bench = Bench()
    bench.peer.fault("double_pick", 1)
    moved = bench.pay()
    assert moved.end is End.DONE
    bench.holds(moved)
    assert sum(part.rejected.low for part in moved.parts) == 2


def test_an_empty_cassette_ends_short_with_exact_counts() -> None:
    bench = Bench()
    for note in [note for note in bench.box.notes if note.place == 2][:48]:
        note.spot = Spot.REMOVED
    moved = bench.pay()
    assert moved.end is End.SHORT
    assert moved.code == code("unit_empty")
    assert [part.exited for part in moved.parts] == [Count.exact(2), Count.exact(2)]


@pytest.mark.parametrize("name", [name for name in NAMES if trouble(name, 0).strikes is not Strikes.STATE])
@pytest.mark.parametrize("after", [0, 1, 4])
def test_no_trouble_of_the_table_makes_an_answer_false(name: str, after: int) -> None:
    bench = Bench()
    mark = bench.ask(Look(), Seen).mark
    bench.peer.fault(name, after)
    moved = bench.pay()
    bench.holds(moved)
    assert commands(bench, "CashDispenser.Dispense") == 1
    if name == "power_cut":
        bench.peer.power(True, bench.now_ms)
    if bench.peer.dropped:
        bench.connect()
    bench.later(bench.settings.dispense_ms)
    again = bench.ask(Recall("op", Mix.of([(1, 2), (2, 3)]), mark), Moved)
    bench.holds(again)
    offered = bench.ask(Offer("op"), Offered)
    if offered.sure:
        assert bench.box.count(Spot.EXIT)
    binned = bench.ask(Retract("op"), Binned)
    assert sum(count.low for _, count in binned.parts) <= bench.box.count(Spot.RETRACT)
    cleared = bench.ask(Clear(), Cleared)
    if cleared.clear:
        assert not any(bench.box.count(spot) for spot in (Spot.PATH, Spot.STACKER, Spot.EXIT))


@pytest.mark.parametrize("name", sorted(STATES - {"status_changed", "connection_lost", "unit_low"}))
def test_a_machine_in_trouble_is_not_ready_or_names_the_place(name: str) -> None:
    bench = Bench()
    bench.peer.fault(name)
    if name == "not_fit":
        bench.connect()
    seen = bench.ask(Look(), Seen)
    assert seen.code
    if name in ("unit_missing", "unit_inoperative", "unit_manipulated", "retract_full"):
        assert seen.ready
    else:
        assert not seen.ready
        assert seen.code == code(name)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_word_of_the_table_has_its_page(name: str) -> None:
    if ROWS[name].means is not Means.GOOD:
        assert entry(code(name)).name == f"xfs4iot_{name}"


def test_a_full_retract_bin_is_said() -> None:
    bench = Bench()
    bench.peer.fault("retract_full")
    assert bench.ask(Look(), Seen).retract_bin.value == "full"


@pytest.mark.parametrize("at_ms", range(0, 1_700, 60))
@pytest.mark.parametrize("what", ["power", "cable"])
@pytest.mark.parametrize("reborn", [True, False])
def test_a_cut_anywhere_in_a_dispense_is_a_doubt_that_the_counters_narrow(at_ms: int, what: str, reborn: bool) -> None:
    bench = Bench()
    mark = bench.ask(Look(), Seen).mark
    mix = Mix.of([(1, 5), (2, 5)])
    bench.host.order(Pay("op", mix), bench.now_ms)
    bench._exchange()
    end = bench.now_ms + at_ms
    while bench.now_ms < end:
        bench.tick()
    done = [news for news in bench.news if isinstance(news, Moved)]
    if what == "power":
        bench.peer.power(False, bench.now_ms)
        bench.later(2_000)
        bench.peer.power(True, bench.now_ms)
    else:
        bench.peer.drop()
    bench._exchange()
    (first,) = done or [news for news in bench.news if isinstance(news, Moved)]
    bench.reborn() if reborn else bench.connect()
    again = bench.ask(Recall("op", mix, mark), Moved)
    bench.holds(again)
    hangs = bench.box.count(Spot.PATH) > 0
    assert (again.end is End.DOUBT) is hangs, "the counters survive, so all is known"
    assert all(part.exited.known for part in again.parts)
    if first.end is not End.DOUBT:
        bench.holds(first)
    assert commands(bench, "CashDispenser.Dispense") == 1


def test_without_a_mark_and_without_a_memory_nothing_can_be_proven() -> None:
    bench = Bench()
    bench.pay()
    bench.reborn()
    for mark in ("", "lcdm7", "xfs1;r=x", "xfs1;1=2"):
        moved = bench.ask(Recall("op", Mix.of([(1, 2), (2, 3)]), mark), Moved)
        assert moved.end is End.DOUBT
        bench.holds(moved)


def test_a_service_that_restarts_before_the_order_arrives_has_moved_nothing() -> None:
    bench = Bench()
    mark = bench.ask(Look(), Seen).mark
    bench.pay("before")
    bench.ask(Offer("before"), Offered)
    bench.box.take()
    bench.later(1_000)
    mark = bench.ask(Look(), Seen).mark
    bench.reborn()
    moved = bench.ask(Recall("never", Mix.of([(1, 2), (2, 3)]), mark), Moved)
    assert moved.end is End.NOTHING


def test_late_and_double_completions_find_nobody_waiting() -> None:
    bench = Bench()
    bench.peer.fault("twice")
    assert bench.pay().end is End.DONE
    assert bench.ask(Look(), Seen).mark
    bench = Bench(Making(note_ms=30_000), dispense_ms=10_000)
    first = bench.pay()
    assert (first.end, first.code) == (End.DOUBT, code("no_answer"))
    bench.later(200_000)
    assert not [news for news in bench.news[1:] if isinstance(news, Moved)]
    again = bench.ask(Recall("op", Mix.of([(1, 2), (2, 3)])), Moved)
    assert again.end is End.DONE


def test_notes_taken_while_the_cable_was_away_are_seen_as_taken() -> None:
    bench = Bench()
    bench.pay()
    bench.ask(Offer("op"), Offered)
    bench.peer.drop()
    bench.box.take()
    bench.later(1_000)
    bench.connect()
    bench.ask(Look(), Seen)
    assert Taken("op") in bench.news


def test_an_earlier_present_proves_nothing_of_this_one() -> None:
    bench = Bench()
    bench.pay()
    assert bench.ask(Offer("op"), Offered).sure
    bench.box.take()
    bench.later(1_000)
    again = bench.ask(Offer("again"), Offered)
    assert (again.sure, again.code) == (False, code("no_items"))


def test_what_a_reset_swept_from_the_exit_was_not_taken() -> None:
    bench = Bench()
    bench.pay()
    bench.ask(Offer("op"), Offered)
    assert bench.ask(Clear(), Cleared).clear
    bench.ask(Look(), Seen)
    bench.later(1_000)
    assert not [news for news in bench.news if isinstance(news, Taken)]
    assert bench.box.count(Spot.RETRACT) == 5


def test_garbage_and_strangers_move_nothing() -> None:
    bench = Bench()
    for raw in (b"", b"{", b"[]", b"\xff", b'{"header":{"name":"x","type":"command","requestId":3},"payload":{}}'):
        bench.host.hear(raw, bench.now_ms)
    assert bench.pay().end is End.DONE


# -- end-to-end security -------------------------------------------------------------------------------

SECURED = Making(mac=mac)


def token(nonce: str, won: int) -> str:
    return for_dispense(nonce, Amount(won, "KRW"), mac)


def test_a_token_over_the_machines_nonce_lets_its_amount_out_once() -> None:
    bench = Bench(SECURED, end_to_end=True)
    nonce = bench.ask(Look(), Seen).nonce
    assert bench.ask(Look(), Seen).nonce == nonce, "looking must not kill a token that is being made"
    assert bench.pay(token=token(nonce, 130_000)).end is End.DONE
    again = bench.pay(token=token(nonce, 130_000))
    assert (again.end, again.code) == (End.NOTHING, code("invalid_token"))
    bench.ask(Offer("op"), Offered)
    bench.box.take()
    bench.later(1_000)
    spent = bench.pay(token=token(nonce, 130_000))
    assert (spent.end, spent.code) == (End.NOTHING, code("no_command_nonce"))
    fresh = bench.ask(Look(), Seen).nonce
    assert fresh not in ("", nonce)
    assert bench.pay(token=token(nonce, 130_000)).code == code("invalid_token_nonce")
    assert bench.pay(token=token(fresh, 130_000)).end is End.DONE


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("", "authorisation_required"),
        ("short", "invalid_token"),
        ("other currency", "invalid_token"),
        ("other key", "invalid_token_hmac"),
        ("no token", "invalid_token_format"),
        ("no amount", "invalid_token_key_no_value"),
    ],
)
def test_no_other_token_moves_a_note(made: str, name: str) -> None:
    from core.wire.xfs4iot_token import make

    bench = Bench(SECURED, end_to_end=True)
    nonce = bench.ask(Look(), Seen).nonce
    forged = {
        "": "",
        "short": token(nonce, 129_999),
        "other currency": for_dispense(nonce, Amount(13_000_000, "USD", 2), mac),
        "other key": for_dispense(nonce, Amount(130_000, "KRW"), lambda signed: bytes(32)),
        "no token": "NONCE=1",
        "no amount": make(nonce, (("DISPENSE1", "much"),), mac),
    }[made]
    moved = bench.pay(token=forged)
    assert (moved.end, moved.code) == (End.NOTHING, code(name))
    assert bench.box.count(Spot.CASSETTE) == 100


def test_a_power_cut_kills_the_nonce() -> None:
    bench = Bench(SECURED, end_to_end=True)
    made = token(bench.ask(Look(), Seen).nonce, 130_000)
    bench.peer.power(False, bench.now_ms)
    bench.peer.power(True, bench.now_ms)
    bench.connect()
    assert bench.pay(token=made).code == code("no_command_nonce")
    assert bench.ask(Test("t", 1), Moved).end is End.NOTHING
    assert bench.box.count(Spot.CASSETTE) == 100


def test_a_machine_that_asks_for_tokens_nobody_makes_is_not_ready() -> None:
    seen = Bench(SECURED).ask(Look(), Seen)
    assert (seen.ready, seen.code) == (False, code("not_fit"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 8)), max_size=3),
    st.integers(0, 6),
    st.integers(1, 6),
    st.integers(0, 3_000),
)
def test_whatever_comes_together_bounds_hold_and_no_note_is_made(
    troubles: list[tuple[str, int]], one: int, two: int, cut_ms: int
) -> None:
    bench = Bench()
    mark = bench.ask(Look(), Seen).mark
    for name, after in troubles:
        bench.peer.fault(name, after)
    mix = Mix.of([(1, one), (2, two)])
    moved = bench.ask(Pay("op", mix), Moved)
    bench.holds(moved)
    bench.later(cut_ms)
    bench.peer.power(False, bench.now_ms)
    bench._exchange()
    bench.peer.power(True, bench.now_ms)
    bench.reborn()
    bench.holds(bench.ask(Recall("op", mix, mark), Moved))
    assert commands(bench, "CashDispenser.Dispense") <= 1
    assert len(bench.box.notes) == 100
