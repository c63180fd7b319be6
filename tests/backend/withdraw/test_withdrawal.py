"""The withdrawal at the exchange: quoted, approved, authorised, and ended by the cash side's word alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backend.refused import Refused
from backend.withdraw import books, desk
from core.asset import BTC, KRW
from core.authority import AUTHORITY, Authority
from core.cash_report import Act
from core.faults import Entry
from core.faults.members import PRESENTATION_OVER, PRICE_NOT_TAPPED
from core.faults.money import BURIED, QUOTE_BAD, QUOTE_EXPIRED, QUOTE_FOREIGN, TXN_USED
from core.faults.withdrawal import (
    APPROVAL_NEEDED,
    APPROVAL_OTHER,
    APPROVAL_OVER,
    APPROVAL_REFUSED,
    COUNT_DIFFERS,
    EVIDENCE_DIFFERS,
    FUNDS_SHORT,
    IN_DOUBT,
    MACHINE_UNFIT,
    NONCE_BAD,
    NONCE_USED,
    OVER_DAY,
    OVER_DISPENSED,
    OVER_LIMIT,
    OVER_MACHINE,
    REPORT_BAD,
    REPORT_FOREIGN,
    REPORT_MISSING,
    REPORT_OTHER,
    STRAY_NOTES,
    VAULT_FOREIGN,
)
from core.messages import ApprovalState, Tender, WithdrawState
from core.money import Money
from core.sealed import unseal
from tests.backend.withdraw.world import FREE, Mac, World, txn, won

COIN = BTC.one


@pytest.fixture
def world() -> Iterator[World]:
    made = World.open()
    made.give("ann", 1_000_000)
    yield made
    made.close()


def refused(page: Entry) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == page.code)


def test_the_authority_names_machine_vault_nonce_and_the_exact_amount(world: World) -> None:
    said = world.withdraw(1, 50_000)
    assert (said.terminal, said.vault, said.txn, said.most) == ("M1", world.m1.vault, txn(1), won(50_000))
    assert said.life_ms == world.terms.authority_ms


def test_authorising_moves_the_fiat_to_the_withdrawal_account_and_holds_it(world: World) -> None:
    world.withdraw(1, 50_000)
    assert (world.wallet(), world.held()) == (950_000, (50_000, 50_000))


def test_the_same_request_again_gives_the_same_authority(world: World) -> None:
    world.present(1)
    offer = world.quote(1, 50_000)
    assert world.authorise(offer) == world.authorise(offer)
    assert world.held() == (50_000, 50_000)


def test_what_left_the_machine_is_captured_and_nothing_else(world: World) -> None:
    world.withdraw(1, 50_000)
    reply = world.report(world.m1.paid(1, 50_000))
    assert reply.withdrawal is not None
    assert reply.withdrawal.state is WithdrawState.PAID
    assert world.cash() == (50_000, 0, 0, 0)
    assert (world.wallet(), world.held()) == (950_000, (0, 0))
    assert world.taken(reply).number == 1


def test_nothing_given_gives_everything_back(world: World) -> None:
    world.withdraw(1, 50_000)
    reply = world.report(world.m1.paid(1, 0))
    assert reply.withdrawal is not None
    assert (reply.withdrawal.state, reply.withdrawal.back_fiat) == (WithdrawState.RELEASED, won(50_000))
    assert (world.wallet(), world.held(), world.cash()) == (1_000_000, (0, 0), (0, 0, 0, 0))


def test_a_short_dispense_gives_the_rest_back_at_the_locked_price() -> None:
    world = World.open(terms=replace(FREE, fee_bp=100, spread_bp=50))
    world.give("ann", COIN, BTC)
    world.withdraw(1, 50_000, Tender.COIN)
    paid = COIN - world.wallet(BTC)
    world.prices[BTC] *= 2
    told = world.report(world.m1.paid(1, 20_000)).withdrawal
    assert told is not None
    locked = 9_950_000
    assert paid == -(-50_500 * COIN // locked)
    assert COIN - world.wallet(BTC) == -(-20_200 * COIN // locked)
    assert told.coins is not None
    assert told.back_coins is not None
    assert told.coins.money().minor + told.back_coins.money().minor == paid
    assert told.fee == won(200)
    world.close()


def test_notes_in_doubt_wait_in_suspense_until_they_are_counted(world: World) -> None:
    world.withdraw(1, 50_000)
    told = world.report(world.m1.paid(1, 20_000, 30_000)).withdrawal
    assert told is not None
    assert (told.state, told.given, told.in_doubt, told.back_fiat) == (
        WithdrawState.SUSPENSE, won(20_000), won(10_000), won(20_000),
    )  # fmt: skip
    assert (world.wallet(), world.cash()) == (970_000, (20_000, 10_000, 0, 0))
    world.report(world.m1.served(9, Act.COUNTED, closed=((1, 20_000),)))
    assert (world.find(1).state, world.find(1).back_fiat) == (WithdrawState.PAID, won(30_000))
    assert (world.wallet(), world.cash()) == (980_000, (20_000, 0, 0, 0))


def test_a_count_may_find_that_the_customer_has_the_notes(world: World) -> None:
    world.withdraw(1, 50_000)
    world.report(world.m1.paid(1, 0, 50_000))
    assert world.find(1).state is WithdrawState.SUSPENSE
    world.report(world.m1.served(9, Act.COUNTED, closed=((1, 50_000),), book=0, found=0))
    assert (world.wallet(), world.cash()) == (950_000, (50_000, 0, 0, 0))


def test_without_an_approval_only_the_small_limit_is_paid(world: World) -> None:
    world.present(1)
    with refused(APPROVAL_NEEDED):
        world.authorise(world.quote(1, 60_000))
    world.authorise(world.quote(1, 50_000))
    world.present(2)
    with refused(APPROVAL_NEEDED):
        world.authorise(world.quote(2, 10_000))


def test_an_approval_is_for_exactly_its_amount_and_is_asked_once(world: World) -> None:
    world.present(1)
    assert world.ask(1, 100_000).state is ApprovalState.WAITING
    with refused(APPROVAL_OTHER):
        world.ask(1, 200_000)
    world.decide(1)
    with refused(APPROVAL_OTHER):
        world.authorise(world.quote(1, 200_000))
    assert world.stands(1).state is ApprovalState.APPROVED
    world.authorise(world.quote(1, 100_000))


def test_a_code_shown_again_keeps_what_its_member_approved(world: World) -> None:
    world.present(1)
    world.ask(1, 100_000)
    world.decide(1)
    world.now = world.now.plus(121_000)
    with refused(PRESENTATION_OVER):
        world.quote(1, 100_000)
    world.present_again(1, "p1b")
    assert world.ask(1, 100_000, presentation="p1b").state is ApprovalState.APPROVED
    with refused(APPROVAL_OTHER):
        world.ask(1, 110_000, presentation="p1b")
    world.authorise(world.quote(1, 100_000, presentation="p1b"), presentation="p1b")
    assert world.held() == (100_000, 100_000)


def test_a_question_still_open_is_answered_for_the_code_shown_last(world: World) -> None:
    world.present(1)
    world.ask(1, 100_000)
    world.present_again(1, "p1b")
    assert world.ask(1, 100_000, presentation="p1b").state is ApprovalState.WAITING
    world.now = world.now.plus(80_000)
    world.decide(1)
    world.now = world.now.plus(100_000)
    world.authorise(world.quote(1, 100_000, presentation="p1b"), presentation="p1b")


def test_another_members_code_does_not_take_over_an_approval(world: World) -> None:
    world.give("ben", 1_000_000)
    world.present(1)
    world.ask(1, 100_000)
    world.decide(1)
    world.present_again(1, "p1b", "ben")
    with refused(APPROVAL_OTHER):
        world.ask(1, 100_000, presentation="p1b")
    with refused(APPROVAL_OTHER):
        world.authorise(world.quote(1, 100_000, presentation="p1b"), presentation="p1b")


def test_a_tap_before_the_amount_is_approved_on_the_phone(world: World) -> None:
    world.present(1, source="nfc", bound=0)
    world.ask(1, 100_000)
    world.decide(1)
    world.authorise(world.quote(1, 100_000))
    assert world.held() == (100_000, 100_000)


def test_a_tap_that_agreed_to_an_amount_pays_no_other(world: World) -> None:
    world.present(1, source="nfc", bound=50_000)
    with refused(PRICE_NOT_TAPPED):
        world.ask(1, 100_000)
    with refused(PRICE_NOT_TAPPED):
        world.quote(1, 100_000)


def test_a_member_who_refuses_is_heard_also_below_the_small_limit(world: World) -> None:
    world.present(1)
    world.ask(1, 10_000)
    world.decide(1, yes=False)
    with refused(APPROVAL_REFUSED):
        world.authorise(world.quote(1, 10_000))
    with refused(APPROVAL_OVER):
        world.decide(1)


def test_a_question_nobody_answers_ends_by_itself(world: World) -> None:
    world.present(1)
    world.ask(1, 100_000)
    world.now = world.now.plus(90_000)
    assert world.stands(1).state is ApprovalState.EXPIRED
    with refused(APPROVAL_OVER):
        world.decide(1)
    with refused(APPROVAL_OVER):
        world.authorise(world.quote(1, 100_000))


def test_an_approval_late_in_the_presentation_leaves_time_to_read_the_quote(world: World) -> None:
    world.present(1)
    world.now = world.now.plus(80_000)
    world.ask(1, 100_000)
    world.now = world.now.plus(39_000)
    world.decide(1)
    world.now = world.now.plus(60_000)
    world.authorise(world.quote(1, 100_000))


def test_nobody_answers_another_members_question(world: World) -> None:
    world.present(1)
    world.ask(1, 100_000)
    with refused(APPROVAL_OVER):
        world.decide(1, member="ben")


def test_limits_count_holds_and_only_what_was_kept_in_the_end() -> None:
    world = World.open(terms=replace(FREE, each_max=300_000, day_max=500_000, machine_each_max=300_000))
    world.give("ann", 2_000_000)
    world.withdraw(1, 300_000)
    world.present(2)
    assert (world.limits(2).day_left, world.limits(2).limit) == (won(200_000), won(200_000))
    with refused(OVER_DAY):
        world.quote(2, 210_000)
    with refused(OVER_LIMIT):
        world.quote(2, 310_000)
    world.report(world.m1.paid(1, 100_000))
    assert world.limits(2).day_left == won(400_000)
    world.now = world.now.plus(86_400_000)
    world.present(3)
    assert world.limits(3).day_left == won(500_000)
    world.close()


def test_a_machine_pays_no_more_a_day_than_its_limit() -> None:
    world = World.open(terms=replace(FREE, machine_day_max=150_000))
    for member in ("ann", "ben"):
        world.give(member, 1_000_000)
    world.withdraw(1, 100_000)
    world.present(2, "ben")
    with refused(OVER_MACHINE):
        world.quote(2, 60_000)
    world.present(3, "ben", "M2")
    world.quote(3, 60_000, terminal="M2")
    world.close()


def test_the_limit_is_fiat_and_the_best_coin_with_the_fee_off() -> None:
    world = World.open(terms=replace(FREE, fee_bp=100))
    world.give("ann", 101_000)
    world.give("ann", COIN // 100, BTC)
    world.give("ann", 1_000_000, XRP_)
    world.present(1)
    told = world.limits(1)
    assert (told.fiat, told.fee_bp) == (won(101_000), 100)
    assert [one.worth for one in told.coins] == [won(99_009), won(495)]
    assert told.limit == won(199_009)
    offer = world.quote(1, 199_009, Tender.BOTH, "BTC")
    assert (offer.from_fiat, offer.coins is not None and offer.coins.amount <= "0.01000000") == (won(101_000), True)
    world.close()


XRP_ = next(iter({asset for asset in World.__dataclass_fields__["prices"].default_factory() if asset != BTC}))  # type: ignore[misc]


def test_a_card_whose_code_never_changes_is_always_approved(world: World) -> None:
    world.present(1, source="other")
    assert world.limits(1).unapproved == won(0)
    with refused(APPROVAL_NEEDED):
        world.authorise(world.quote(1, 10_000))


def test_fiat_is_paid_while_the_price_feed_is_down(world: World) -> None:
    world.give("ann", COIN, BTC)
    world.prices.clear()
    world.present(1)
    assert world.limits(1).coins == ()
    world.authorise(world.quote(1, 50_000))
    world.present(2)
    assert world.quote(2, 50_000, Tender.BOTH).coins is None
    with pytest.raises(Refused) as error:
        world.quote(2, 50_000, Tender.COIN)
    assert error.value.code.startswith("TM-MKT-")


def test_a_wallet_with_too_little_is_refused_before_and_at_the_authorisation(world: World) -> None:
    world.present(1)
    world.present(2)
    with refused(FUNDS_SHORT):
        world.quote(1, 10_000, Tender.COIN)
    one, other = (world.ask(number, 600_000) for number in (1, 2))
    assert one.machine == other.machine == "Station ATM"
    first, second = world.quote(1, 600_000), world.quote(2, 600_000)
    world.decide(1)
    world.decide(2)
    world.authorise(first)
    with refused(FUNDS_SHORT):
        world.authorise(second)
    assert (world.wallet(), world.held()) == (400_000, (600_000, 600_000))


def test_a_machine_that_is_no_cash_machine_gets_nothing(world: World) -> None:
    world.present(1, terminal="S1")
    with refused(MACHINE_UNFIT):
        world.quote(1, 10_000, terminal="S1")
    world.machine("R1", "x", state="revoked")
    world.present(2, terminal="R1")
    with refused(MACHINE_UNFIT):
        world.limits(2, "R1")


def test_another_cash_side_a_bad_nonce_or_one_used_before_gets_no_authority(world: World) -> None:
    world.withdraw(1, 50_000)
    world.present(2)
    world.ask(2, 50_000)
    world.decide(2)
    offer = world.quote(2, 50_000)
    with refused(VAULT_FOREIGN):
        world.authorise(offer, vault=world.m2.vault)
    with refused(NONCE_BAD):
        world.authorise(offer, nonce="00")
    with refused(NONCE_USED):
        world.authorise(offer, nonce=world.request(replace(offer, txn=txn(1))).nonce)
    world.authorise(offer)


def test_a_quote_is_good_for_its_own_transaction_machine_and_time(world: World) -> None:
    world.present(1)
    world.present(2)
    offer = world.quote(1, 10_000)
    with refused(QUOTE_FOREIGN):
        world.authorise(replace(offer, txn=txn(2)))
    with refused(QUOTE_BAD):
        world.authorise(replace(offer, quote=offer.quote[:-2] + "AA"))
    world.now = world.now.plus(world.terms.quote_ms)
    with refused(QUOTE_EXPIRED):
        world.authorise(offer)
    world.authorise(world.quote(1, 10_000))
    with refused(TXN_USED):
        world.authorise(offer)


def test_a_report_about_an_unknown_transaction_makes_a_late_original_lose(world: World) -> None:
    world.present(1)
    offer = world.quote(1, 10_000)
    assert world.report(world.m1.paid(1, 0)).withdrawal is None
    with refused(BURIED):
        world.authorise(offer)
    assert (world.wallet(), world.alarms()) == (1_000_000, [])


def test_notes_nobody_authorised_are_a_loss_and_an_alarm(world: World) -> None:
    world.report(world.m1.paid(1, 30_000))
    assert (world.cash(), world.alarms()) == ((30_000, 0, 0, -30_000), [STRAY_NOTES.code])
    world.report(world.m1.served(9, Act.COUNTED, closed=((1, 20_000),)))
    assert world.cash() == (20_000, 0, 0, -20_000)


def test_the_same_number_again_gets_the_same_answer(world: World) -> None:
    world.withdraw(1, 50_000)
    said = world.m1.paid(1, 50_000)
    assert world.report(said) == world.report(said)
    assert world.cash() == (50_000, 0, 0, 0)


def test_another_statement_under_a_known_number_is_refused_and_rings(world: World) -> None:
    world.withdraw(1, 50_000)
    world.report(world.m1.paid(1, 50_000))
    with refused(REPORT_OTHER) as error:
        world.report(world.m1.paid(1, 0, numbered=1))
    world.store.write(lambda unit: desk.note_refused(unit, terminal="M1", refused=error.value, at=world.now))
    assert world.alarms() == [REPORT_OTHER.code]
    assert world.cash() == (50_000, 0, 0, 0)


def test_a_missing_number_rings_until_it_comes(world: World) -> None:
    world.withdraw(1, 50_000)
    late = world.m1.paid(1, 50_000)
    world.report(world.m1.served(9, Act.LOADED, ("cassette:1", 10_000, 100)))
    assert world.alarms() == [REPORT_MISSING.code]
    world.report(late)
    assert (world.alarms(), world.cash()) == ([], (-950_000, 0, 0, 0))


def test_a_cash_side_ends_only_its_own_withdrawals(world: World) -> None:
    world.withdraw(1, 50_000)
    with refused(REPORT_FOREIGN):
        world.report(world.m2.paid(1, 0), "M2")
    with refused(REPORT_BAD):
        world.report(world.m1.paid(1, 0), "M2")
    with refused(REPORT_BAD):
        world.report(world.m1.paid(1, 0), "S1")
    with refused(REPORT_FOREIGN):
        world.report(replace(world.m1, terminal="M2").paid(1, 0))
    assert world.held() == (50_000, 50_000)


def test_a_machine_that_was_paired_anew_still_reports_what_it_was_before(world: World) -> None:
    world.withdraw(1, 50_000)
    world.store.write(lambda unit: unit.run("UPDATE terminal SET state = 'revoked' WHERE id = 'M1'"))
    world.machine("M3", world.m1.vault_key)
    world.report(world.m1.paid(1, 50_000), "M3")
    assert world.cash() == (50_000, 0, 0, 0)


def test_a_machine_that_was_paired_anew_keeps_its_notes_its_doubts_and_its_numbers(world: World) -> None:
    world.report(world.m1.served(7, Act.LOADED, ("cassette:1", 10_000, 100)))
    world.withdraw(1, 50_000)
    world.report(world.m1.paid(1, 20_000, 40_000))
    world.store.write(lambda unit: unit.run("UPDATE terminal SET state = 'revoked' WHERE id = 'M1'"))
    world.machine("M3", world.m1.vault_key)
    anew = replace(world.m1, terminal="M3")
    world.report(
        anew.served(9, Act.COUNTED, ("cassette:1", 10_000, 97), closed=((1, 30_000),), book=970_000, found=970_000),
        "M3",
    )
    assert world.cash() == (-970_000, 0, 0, 0)
    assert world.wallet() == 970_000
    shown = world.store.read(lambda unit: desk.machines(unit, KRW))
    assert {one.terminal for one in shown} == {"M2", "M3"}
    machine = next(one for one in shown if one.terminal == "M3")
    assert (machine.book, machine.missing, machine.last, machine.agrees) == (Money(970_000, KRW), 0, 3, True)
    assert world.store.read(lambda unit: desk.machine(unit, "M1", KRW)) == replace(machine, terminal="M1", active=False)


def test_what_an_operator_has_put_in_stays_that_operators_when_another_takes_the_machine(world: World) -> None:
    world.report(world.m1.served(7, Act.LOADED, ("cassette:1", 10_000, 100)))
    world.store.write(lambda unit: unit.run("INSERT INTO seller VALUES('new', 'New ATM', 'fiat', 0, 0)"))
    world.store.write(lambda unit: unit.run("UPDATE terminal SET state = 'revoked' WHERE id = 'M1'"))
    world.machine("M3", world.m1.vault_key)
    world.store.write(lambda unit: unit.run("UPDATE terminal SET seller = 'new' WHERE id = 'M3'"))
    world.report(replace(world.m1, terminal="M3").served(8, Act.REMOVED, ("cassette:1", 10_000, 100)), "M3")
    assert world.cash() == (0, 0, 0, 0)
    assert (world.free(books.operator("op")), world.free(books.operator("new"))) == (1_000_000, -1_000_000)


def test_more_notes_than_were_held_are_the_operators_loss_and_an_alarm(world: World) -> None:
    world.withdraw(1, 50_000)
    told = world.report(world.m1.paid(1, 70_000)).withdrawal
    assert told is not None
    assert (told.state, told.given) == (WithdrawState.PAID, won(50_000))
    assert (world.wallet(), world.cash()) == (950_000, (70_000, 0, 0, -20_000))
    assert world.alarms() == [OVER_DISPENSED.code]


def test_a_count_beyond_what_was_reported_takes_nothing_back_from_the_member(world: World) -> None:
    world.withdraw(1, 50_000)
    world.report(world.m1.paid(1, 10_000, 20_000))
    world.report(world.m1.served(9, Act.COUNTED, closed=((1, 40_000),)))
    assert (world.wallet(), world.cash()) == (980_000, (40_000, 0, 0, -20_000))
    assert world.alarms() == sorted([EVIDENCE_DIFFERS.code, OVER_DISPENSED.code])


def test_a_count_that_comes_before_the_report_ends_the_withdrawal(world: World) -> None:
    world.withdraw(1, 50_000)
    late = world.m1.paid(1, 20_000, 40_000)
    world.report(world.m1.served(9, Act.COUNTED, closed=((1, 30_000),)))
    assert (world.wallet(), world.cash()) == (970_000, (30_000, 0, 0, 0))
    world.report(late)
    assert (world.wallet(), world.cash(), world.alarms()) == (970_000, (30_000, 0, 0, 0), [])


def test_a_second_report_may_only_lessen_the_doubt(world: World) -> None:
    world.withdraw(1, 50_000)
    world.report(world.m1.paid(1, 10_000, 40_000))
    world.report(world.m1.paid(1, 20_000, 30_000))
    assert (world.wallet(), world.cash()) == (970_000, (20_000, 10_000, 0, 0))
    world.report(world.m1.paid(1, 0, 0))
    assert (world.wallet(), world.cash()) == (970_000, (20_000, 10_000, 0, 0))
    assert world.alarms() == [EVIDENCE_DIFFERS.code]


def test_loads_removals_and_counts_move_the_machines_account(world: World) -> None:
    world.report(world.m1.served(7, Act.LOADED, ("cassette:1", 10_000, 100), ("cassette:2", 50_000, 10)))
    assert world.cash() == (-1_500_000, 0, 0, 0)
    world.report(world.m1.served(8, Act.REMOVED, ("cassette:2", 50_000, 4)))
    assert world.cash() == (-1_300_000, 0, 0, 0)
    world.report(world.m1.served(9, Act.TESTED, ("cassette:1", 10_000, 1)))
    world.report(world.m1.served(10, Act.CLEARED, ("path", 10_000, 1)))
    assert world.cash() == (-1_300_000, 0, 0, 0)
    world.report(world.m1.served(11, Act.COUNTED, book=1_300_000, found=1_290_000))
    assert (world.cash(), world.alarms()) == ((-1_290_000, 0, -10_000, 0), [COUNT_DIFFERS.code])


def test_a_withdrawal_without_a_report_is_an_alarm_and_is_never_released_by_time(world: World) -> None:
    world.withdraw(1, 50_000)
    world.now = world.now.plus(10 * 86_400_000)
    world.store.write(lambda unit: desk.sweep(unit, world.now))
    from backend.settle import desk as settle

    world.store.write(lambda unit: settle.expire(unit, world.now))
    assert (world.held(), world.alarms()) == ((50_000, 50_000), [IN_DOUBT.code])
    world.report(world.m1.paid(1, 0))
    assert (world.wallet(), world.alarms()) == (1_000_000, [])


def test_the_authority_is_sealed_with_the_exchanges_own_key(world: World) -> None:
    world.present(1)
    made = world.authorise(world.quote(1, 10_000))
    assert unseal(AUTHORITY, Authority, made.authority, Mac("d1")).key_id == "d1"
    assert made.rrn.startswith("W")
