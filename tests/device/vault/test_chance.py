"""Any order of withdrawals, faults, hands, cuts and lost cables, against the notes themselves and a little model.

The model knows only what was authorised and what lies where: I1 (the ledger adds up after every step and admits the
truth when nothing moves), I5 (what a customer has is what the report says, in its bounds), I8 (never more than the
authority, unless the machine itself sent one too many).
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.vault_talk import CloseOut, PaidOut, PayOut, VaultRefused
from device.vault.ledger import REJECT, RETRACT, TRANSPORT, cassette
from device.vault.machine import idle
from sim.peers.cash_box import Spot
from tests.device.vault.far_end import MEMORY, PLAIN, STACKER, WATCHED
from tests.device.vault.room import Room, txn, won

FAULTS = ["", "short:0", "short:2", "jam:1", "jam:3", "reject:1", "die:0", "die:2"]
ACTS = ["take", "take one", "wait", "cut", "lose", "reopen"]
SPOTS = {
    REJECT: [Spot.REJECT],
    RETRACT: [Spot.RETRACT],
    TRANSPORT: [Spot.PATH, Spot.STACKER],
}


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    machine=st.sampled_from([PLAIN, MEMORY, WATCHED, STACKER]),
    fault=st.sampled_from(FAULTS),
    amount=st.integers(1, 30),
    counts=st.booleans(),
    acts=st.lists(st.sampled_from(ACTS), max_size=6),
    kept=st.integers(0, 6),
)
def test_whatever_happens_the_report_says_what_the_customer_has(
    machine: object, fault: str, amount: int, counts: bool, acts: list[str], kept: int
) -> None:
    room = Room(machine)  # type: ignore[arg-type]
    room.far.script, room.far.counts_retracted = [fault] if fault else [], counts
    nonce = room.nonce()
    most = amount * 10_000
    request = PayOut(txn(1), room.authority(nonce, most), won(most))
    room.ask(request)
    for act in acts:
        match act:
            case "take":
                room.far.take()
                room.pump()
            case "take one":
                room.far.take(1)
                room.pump()
            case "wait":
                room.wait(31_000)
            case "cut":
                room.cut(min(kept, room.book.unsynced))
            case "lose" if room.connected:
                room.lose()
            case "reopen" if not room.connected:
                room.reopen()
            case _:
                pass
        held = room.box.worth(Spot.TAKEN) + room.box.worth(Spot.EXIT)
        assert held <= most  # I8
    if room.connected and not room.far.powered:
        room.lose()  # a real host hears nothing for so long that it gives the cable up
    room.wait(130_000)
    assert idle(room.vault.state)
    paid = room.get(PaidOut, CloseOut(txn(1)))
    has = room.box.worth(Spot.TAKEN) + room.box.worth(Spot.EXIT)
    assert paid.least.money().minor <= has <= paid.highest.money().minor  # I5
    ledger = room.vault.state.books.ledger
    for place, face in room.box.faces.items():
        assert ledger.count(cassette(place), face).admits(room.box.count(Spot.CASSETTE, place))
    for name, spots in SPOTS.items():
        for face in set(room.box.faces.values()):
            truth = sum(note.face == face and note.spot in spots for note in room.box.notes)
            assert ledger.count(name, face).admits(truth), (name, face, truth, ledger.count(name, face))
    if room.connected and not isinstance(room.replies(room.ask(request))[-1], VaultRefused):
        assert room.paid(room.ask(request)) == paid
