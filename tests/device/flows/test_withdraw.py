"""A withdrawal, told as conversations with its steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.cash import Count
from core.code import compose
from core.effects import (
    Arm,
    AskApproval,
    AskLimits,
    AskWithdrawQuote,
    AuthoriseWithdrawal,
    CloseNotes,
    LookApproval,
    PayNotes,
    PrintReceipt,
    SettleNotes,
    StartTimer,
    StopTimer,
    TakeNonce,
    TellTaken,
)
from core.events import (
    ApprovalSeen,
    CodeShown,
    DeviceStateChanged,
    Event,
    Form,
    Health,
    Identified,
    LimitsKnown,
    NonceGiven,
    NotesMoved,
    NotesPaid,
    NotPrinted,
    Pressed,
    Printed,
    Refused,
    Restarted,
    Settled,
    Source,
    TapAnswered,
    TimerFired,
    Unanswered,
    WithdrawAuthorised,
    WithdrawQuoted,
)
from core.faults import Refusal
from core.ids import TxnId
from core.messages import ApprovalState, Tender, WithdrawState
from core.receipt import Line, Pair, Qr, Receipt, Total
from core.receipt_text import as_text
from core.screens import Amount, Choices, Facts, Keypad, Notice, Plain, QrCode, Say, Screen, Words, say
from core.vault_talk import CashStage
from core.words import fault
from device.flows.withdraw import WITHDRAW
from tests.device.answers import PRESENTATION, coins, won
from tests.device.cash_answers import (
    APPROVAL,
    APPROVED,
    AUTHORISATION,
    BOTH_OFFER,
    FIAT_OFFER,
    LIMITS,
    MACHINE,
    NONCE,
    OFFER,
    paid,
    reply,
    settled,
    stage,
)
from tests.device.playbook import TXN, Playbook, changed

CODE = compose(123_456_789, 4821).digits
OTHER = TxnId.of(b"\x55" * 16)
HANDS = ("camera", "nfc", "printer", "cash")
NO = Refusal("TM-SET-005")
GONE = Refusal("TM-MEM-132")


def press(book: Playbook, *actions: str) -> Playbook:
    for action in actions:
        book >> Pressed(action)
    return book


def opened(hands: tuple[str, ...] = HANDS, **fields: object) -> Playbook:
    return Playbook(WITHDRAW, **{"hands": hands, "cash": MACHINE, **fields})


def identified(**fields: object) -> Playbook:
    book = opened(**fields).shows("identify")  # type: ignore[arg-type]
    book >> CodeShown(Source.CAMERA, Form.WHOLE, CODE)
    return book >> Identified(book.awaited, PRESENTATION)


def limited(**limits: object) -> Playbook:
    book = identified()
    return book >> LimitsKnown(book.awaited, changed(LIMITS, **limits))


def asking() -> Playbook:
    return limited() >> Pressed("take:50000")


def waiting() -> Playbook:
    book = asking()
    return book >> ApprovalSeen(book.awaited, APPROVAL)


def approved() -> Playbook:
    book = waiting()
    return book >> ApprovalSeen(book.awaited, APPROVED)


def quoting(way: str = "use:coin") -> Playbook:
    return approved() >> Pressed(way)


def quoted(offer: object = OFFER) -> Playbook:
    book = quoting("use:fiat" if offer is FIAT_OFFER else "use:coin")
    return book >> WithdrawQuoted(book.awaited, offer)  # type: ignore[arg-type]


def taking_nonce() -> Playbook:
    return quoted() >> Pressed("confirm")


def authorising() -> Playbook:
    book = taking_nonce()
    return book >> NonceGiven(book.awaited, NONCE)


def paying() -> Playbook:
    book = authorising()
    return book >> WithdrawAuthorised(book.awaited, AUTHORISATION)


def settling(least: int = 50_000, highest: int | None = None, code: str = "") -> Playbook:
    book = paying()
    return book >> NotesPaid(book.awaited, paid(least, highest, code))


def done() -> Playbook:
    book = settling()
    return book >> Settled(book.awaited, reply())


def rows(screen: Screen) -> dict[Words, Words]:
    return dict(next(block for block in screen.blocks if isinstance(block, Facts)).rows)


def choices(screen: Screen) -> list[str]:
    return [option.id for block in screen.blocks if isinstance(block, Choices) for option in block.options]


def notices(screen: Screen) -> list[Words]:
    return [block.words for block in screen.blocks if isinstance(block, Notice)]


def test_fifty_thousand_won_for_coins_from_the_first_finger_to_the_paper() -> None:
    book = identified()
    book << AskLimits(TXN.key("amount", 2), TXN, "pres-1")
    book >> LimitsKnown(book.awaited, LIMITS)
    assert choices(book.shows("amount").screen) == ["take:10000", "take:30000", "take:100000", "take:300000"]
    assert rows(book.screen) == {
        say("withdraw.amount.limit", most="300,000 ₩"): say(
            "withdraw.amount.made_of", fiat="100,000 ₩", coins="199,000 ₩"
        ),
    }
    book >> Pressed("take:50000")
    book << AskApproval(TXN.key("approve", 3), TXN, "pres-1", won(50_000))
    book >> ApprovalSeen(book.awaited, APPROVAL)
    book.shows("approve") << StartTimer("look", 1_000)
    book >> TimerFired("look")
    book << LookApproval(TXN.key("approve", 3), TXN, won(50_000))
    book >> ApprovalSeen(book.awaited, APPROVAL)
    book >> ApprovalSeen(book.awaited, APPROVED)
    assert choices(book.shows("tender").screen) == ["use:fiat", "use:coin"]
    book >> Pressed("use:coin")
    book << AskWithdrawQuote(TXN.key("price", 4), TXN, "pres-1", won(50_000), Tender.COIN, "TIL")
    book >> WithdrawQuoted(book.awaited, OFFER)
    assert (
        next(block for block in book.shows("confirm").screen.blocks if isinstance(block, Amount)).amount.minor == 50_000
    )
    book >> Pressed("confirm")
    book << TakeNonce(TXN.key("nonce", 5), TXN)
    book >> NonceGiven(book.awaited, NONCE)
    book << AuthoriseWithdrawal(TXN.key("authorise", 6), TXN, 7, "pres-1", "cash-capsule", "vault-1", NONCE.nonce)
    book >> WithdrawAuthorised(book.awaited, AUTHORISATION)
    book.shows("dispense") << PayNotes(TXN.key("dispense", 7), TXN, "ca1.x.body.sig", won(50_000))
    book >> NotesMoved(book.awaited, stage(CashStage.COUNTING, 2))
    book >> NotesMoved(book.awaited, stage(CashStage.OFFERED, 5))
    book.shows("take_notes")
    book >> NotesPaid(book.awaited, paid())
    book.shows("settle") << SettleNotes(TXN.key("settle", 8), TXN, "cr1.report")
    book >> Settled(book.awaited, reply())
    book.shows("withdrawn") << TellTaken("ct1.taken")
    lines = book.one(PrintReceipt).receipt.lines
    assert Total("CASH", "50,000 KRW") in lines
    assert Pair("5 x 10,000", "") in lines
    assert Pair("Coins sold", "5.025 TIL") in lines
    assert any(isinstance(line, Qr) and line.payload == "TMR1:CASH" for line in lines)
    (book >> Printed(book.awaited)).refolded()
    (book >> Pressed("done")).ends("withdrawn")


@pytest.mark.parametrize(
    ("cash", "code"),
    [
        (None, "TM-ATM-001"),
        (changed(MACHINE, ready=False), "TM-ATM-001"),
        (changed(MACHINE, ready=False, code="TM-CASHB-034"), "TM-CASHB-034"),
    ],
)
def test_a_machine_that_cannot_pay_says_so_before_a_code_is_shown(cash: object, code: str) -> None:
    book = opened(cash=cash)
    book.ends("no_cash").shows("no_cash").wants_no(Arm)
    assert rows(book.screen)[say("common.code")] == Plain(code)


def test_a_tap_binds_to_no_amount_yet_because_the_phone_approves_it_later() -> None:
    book = opened()
    assert book.one(Arm).tap.amount == won(0)
    assert book.one(Arm).tap.mode == "withdraw"
    assert not any(isinstance(block, Amount) for block in book.screen.blocks)
    book >> TapAnswered("123456789", 1, "aa" * 16, "bb" * 16)
    (book >> Identified(book.awaited, PRESENTATION)) << AskLimits


# -- amount --------------------------------------------------------------------------------------------


def test_any_other_amount_is_typed() -> None:
    book = press(limited(), "other", "digit:1", "digit:2", "erase", "digit:1", "digit:00", "digit:00").shows(
        "amount_typed"
    )
    assert next(block for block in book.screen.blocks if isinstance(block, Keypad)).shown == "110,000"
    (book >> Pressed("take")) << AskApproval
    assert book.state.ticket.due.minor == 110_000


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        (
            ("digit:1", "digit:5", "digit:00", "digit:0"),
            say("withdraw.amount.two_near", amount="15,000 ₩", below="10,000 ₩", above="20,000 ₩"),
        ),
        ((), say("withdraw.amount.one_near", amount="0 ₩", near="10,000 ₩")),
        (("digit:9", "digit:00", "digit:00", "digit:00"), say("withdraw.amount.too_much", limit="300,000 ₩")),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused_with_the_nearest_that_can(typed: tuple[str, ...], note: Say) -> None:
    book = press(limited(), "other", *typed, "take").shows("amount_typed").wants_no(AskApproval)
    assert note in notices(book.screen)
    press(book, "back").shows("amount")


def test_only_what_the_cassettes_surely_hold_is_offered() -> None:
    cassettes = (changed(MACHINE.cassettes[0], count=Count(2, 60)), changed(MACHINE.cassettes[1], usable=False))
    book = identified(cash=changed(MACHINE, cassettes=cassettes))
    book >> LimitsKnown(book.awaited, LIMITS)
    assert choices(book.screen) == ["take:10000", "take:20000"]


def test_no_amount_that_both_can_pay_ends_the_business() -> None:
    book = identified()
    (book >> LimitsKnown(book.awaited, changed(LIMITS, limit=won(9_000)))).ends("nothing_payable").shows(
        "not_withdrawn"
    )


def test_without_a_printer_the_customer_hears_it_before_the_money() -> None:
    book = identified()
    book >> LimitsKnown(book.awaited, LIMITS)
    book >> DeviceStateChanged("printer", Health.LOST, "TM-PRN-001")
    assert say("withdraw.amount.no_paper") in notices(book.screen)


@pytest.mark.parametrize("answer", [lambda key: Refused(key, NO), lambda key: Unanswered(key, "TM-LINE-001")])
def test_limits_that_are_not_told_can_be_asked_again(answer: Callable[[str], Event]) -> None:
    book = identified()
    (book >> answer(book.awaited)).shows("limits_refused")
    book >> TimerFired("other")
    press(book, "take:50000").shows("limits_refused")
    press(book, "again") << AskLimits(TXN.key("amount", 3), TXN, "pres-1")
    book >> TimerFired("linger")
    (book >> LimitsKnown(book.awaited, LIMITS)).shows("amount")


def test_limits_in_another_currency_are_no_answer() -> None:
    book = identified()
    (book >> LimitsKnown(book.awaited, changed(LIMITS, limit=coins("3")))).shows("limits_refused")


def test_what_is_no_button_here_changes_nothing() -> None:
    book = limited()
    before = book.state
    press(book, "digit:1", "take", "take:x", "nonsense") >> TimerFired("renew")
    assert book.state == before
    press(book, "other", "nonsense").shows("amount_typed")


@pytest.mark.parametrize(
    "book_of",
    [
        identified,
        asking,
        waiting,
        quoting,
    ],
)
def test_a_code_whose_life_is_over_is_asked_for_again(book_of: Callable[[], Playbook]) -> None:
    book = book_of()
    (book >> Refused(book.awaited, GONE)).shows("identify") << Arm
    assert book.state.ticket.price is None or book.state.ticket.price.minor == 50_000
    assert say("withdraw.code_again") in notices(book.screen)


def test_a_code_whose_life_ends_at_the_last_moment_is_asked_for_again() -> None:
    book = authorising()
    (book >> Refused(book.awaited, GONE)).shows("identify") << Arm
    book >> CodeShown(Source.CAMERA, Form.WHOLE, CODE)
    (book >> Identified(book.awaited, PRESENTATION)) << AskLimits


@pytest.mark.parametrize(
    "book_of", [opened, identified, limited, asking, waiting, approved, quoting, quoted], ids=lambda made: made.__name__
)
def test_before_the_hold_everybody_may_leave_and_nothing_has_moved(book_of: Callable[[], Playbook]) -> None:
    for event, outcome in (
        (Pressed("cancel"), "cancelled"),
        (TimerFired("idle"), "cancelled"),
        (Restarted(()), "restarted"),
    ):
        book = book_of()
        if book.awaited and book.state.step.name == "identify":
            continue
        (book >> event).ends(outcome).shows("cancelled")
        assert say("common.no_money_moved") in notices(book.screen)


# -- approval ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "outcome"), [(ApprovalState.REFUSED, "refused_on_phone"), (ApprovalState.EXPIRED, "not_approved")]
)
def test_a_phone_that_says_no_or_nothing_ends_it(state: ApprovalState, outcome: str) -> None:
    book = waiting()
    (book >> ApprovalSeen(book.awaited, changed(APPROVAL, state=state))).ends(outcome).shows("not_withdrawn")
    book << StopTimer("look")


def test_the_machine_stops_waiting_by_its_own_clock() -> None:
    (waiting() >> TimerFired("approval")).ends("not_approved")


def test_a_look_that_is_not_answered_is_looked_again() -> None:
    book = waiting()
    before = book.state
    (book >> Unanswered(book.awaited, "TM-LINE-001")) << StartTimer("look", 1_000)
    assert book.state == before
    book >> TimerFired("linger")
    assert book.state == before


def test_a_look_that_is_refused_ends_it_by_name() -> None:
    book = waiting()
    (book >> Refused(book.awaited, NO)).ends("declined").shows("declined")


@pytest.mark.parametrize("answer", [lambda key: Refused(key, NO), lambda key: Unanswered(key, "TM-LINE-001")])
def test_a_phone_that_cannot_be_asked_is_asked_again(answer: Callable[[str], Event]) -> None:
    book = asking().shows("approve_asking")
    (book >> answer(book.awaited)).shows("not_asked")
    book >> TimerFired("look")
    press(book, "again") << AskApproval(TXN.key("approve", 4), TXN, "pres-1", won(50_000))


def test_a_phone_without_network_is_left_out_up_to_a_small_amount_only() -> None:
    book = waiting()
    assert "no_network" not in [action.id for action in book.screen.actions]
    before = book.state
    assert press(book, "no_network").state == before
    small = limited() >> Pressed("take:30000")
    assert "no_network" in [action.id for action in small.screen.actions]
    press(small, "no_network").shows("tender")
    assert small.state.ticket.cash.approval is None


# -- tender and price ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "ways"),
    [
        ({}, ["use:fiat", "use:coin"]),
        ({"fiat": won(20_000)}, ["use:coin", "use:both"]),
        ({"fiat": won(50_000), "fee_bp": 50}, ["use:coin", "use:both"]),
        ({"fiat": won(50_250), "fee_bp": 50}, ["use:fiat", "use:coin"]),
        ({"fiat": won(50_249), "fee_bp": 50, "coins": (changed(LIMITS.coins[0], worth=won(1)),)}, []),
        ({"coins": ()}, []),
        ({"fiat": won(0)}, []),
        ({"fiat": won(20_000), "coins": ()}, []),
        ({"fiat": won(0), "coins": ()}, []),
        ({"fiat": won(20_000), "coins": (changed(LIMITS.coins[0], worth=won(30_000)),)}, []),
    ],
)
def test_the_customer_is_asked_only_where_there_is_a_choice(limits: dict[str, object], ways: list[str]) -> None:
    book = limited(**limits) >> Pressed("take:50000")
    book >> ApprovalSeen(book.awaited, APPROVED)
    assert choices(book.screen) == ways
    if ways:
        press(book, "use:nothing", "use:xyz").shows("tender")
        book >> TimerFired("linger")
        press(book, ways[-1])
    book.shows("quote") << AskWithdrawQuote


def test_money_alone_has_no_countdown_and_no_rate() -> None:
    book = quoting("use:fiat")
    book << AskWithdrawQuote(TXN.key("price", 4), TXN, "pres-1", won(50_000), Tender.FIAT, "")
    (book >> WithdrawQuoted(book.awaited, FIAT_OFFER)).shows("confirm")
    assert [action.id for action in book.screen.actions] == ["cancel", "confirm"]
    press(book, "others").shows("confirm")
    (book >> TimerFired("renew")) << AskWithdrawQuote(TXN.key("price", 5), TXN, "pres-1", won(50_000), Tender.FIAT, "")


def test_a_new_promise_takes_the_place_of_the_old_before_it_ends() -> None:
    book = quoted()
    book << StartTimer("renew", 10_000)
    (book >> TimerFired("renew")) << AskWithdrawQuote(
        TXN.key("price", 5), TXN, "pres-1", won(50_000), Tender.COIN, "TIL"
    )
    (book >> TimerFired("renew")).wants_no(AskWithdrawQuote)
    (book >> WithdrawQuoted(book.awaited, changed(OFFER, quote="second"))) >> Pressed("confirm")
    book >> NonceGiven(book.awaited, NONCE)
    assert book.one(AuthoriseWithdrawal).quote == "second"


def test_a_renewal_that_fails_leaves_the_old_promise_with_a_word() -> None:
    book = quoted() >> TimerFired("renew")
    (book >> Refused(book.awaited, NO)).shows("confirm")
    assert fault(NO.code) in notices(book.screen)


def test_another_coin_may_be_sold() -> None:
    book = press(quoted(), "others").shows("choose_coin")
    assert choices(book.screen) == ["coin:TIL", "coin:BTC"]
    press(book, "confirm", "back", "others", "coin:BTC")
    book << AskWithdrawQuote(TXN.key("price", 5), TXN, "pres-1", won(50_000), Tender.COIN, "BTC")


@pytest.mark.parametrize(
    "answer",
    [
        lambda key: Refused(key, NO),
        lambda key: Unanswered(key, "TM-LINE-001"),
        lambda key: WithdrawQuoted(key, changed(OFFER, txn=OTHER)),
        lambda key: WithdrawQuoted(key, changed(OFFER, amount=won(60_000))),
        lambda key: WithdrawQuoted(key, changed(OFFER, rate=None)),
        lambda key: WithdrawQuoted(key, FIAT_OFFER),
    ],
)
def test_a_price_that_is_none_can_be_asked_again(answer: Callable[[str], Event]) -> None:
    book = quoting().shows("quote")
    book >> TimerFired("renew")
    (book >> answer(book.awaited)).shows("quote_refused")
    press(book, "again") << AskWithdrawQuote(TXN.key("price", 5), TXN, "pres-1", won(50_000), Tender.COIN, "TIL")


def test_both_tenders_are_shown_in_one_line() -> None:
    book = limited(fiat=won(20_000)) >> Pressed("take:50000")
    book >> ApprovalSeen(book.awaited, APPROVED) >> Pressed("use:both")
    book >> WithdrawQuoted(book.awaited, BOTH_OFFER)
    amount = next(block for block in book.screen.blocks if isinstance(block, Amount))
    assert amount.under == say("withdraw.done.cost", cost="20,000 KRW + 3.025 TIL")


# -- authorise -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [lambda key: Refused(key, Refusal("TM-CASHB-034")), lambda key: Unanswered(key, "TM-ATM-001")]
)
def test_a_cash_side_that_cannot_pay_ends_it_before_the_exchange_is_asked(answer: Callable[[str], Event]) -> None:
    book = taking_nonce().shows("authorise")
    (book >> answer(book.awaited)).ends("no_cash").shows("no_cash").wants_no(AuthoriseWithdrawal)


def test_a_nonce_of_another_business_is_no_nonce() -> None:
    book = taking_nonce()
    (book >> NonceGiven(book.awaited, changed(NONCE, txn=OTHER))).wants_no(AuthoriseWithdrawal)
    (book >> Restarted(())).ends("restarted")


def test_the_exchange_says_no_and_nothing_has_moved() -> None:
    book = authorising()
    (book >> Refused(book.awaited, NO)).ends("declined").shows("declined")


def test_a_price_that_ended_on_the_way_is_asked_again() -> None:
    book = authorising()
    (book >> Refused(book.awaited, Refusal("TM-SET-002"))).shows("quote") << AskWithdrawQuote
    book >> WithdrawQuoted(book.awaited, OFFER) >> Pressed("confirm")
    book << TakeNonce(TXN.key("nonce", 8), TXN)


@pytest.mark.parametrize(
    "event",
    [
        lambda key: Unanswered(key, "TM-LINE-001"),
        lambda key: Restarted(()),
        lambda key: WithdrawAuthorised(key, changed(AUTHORISATION, txn=OTHER)),
    ],
)
def test_an_authorisation_in_doubt_is_ended_by_the_cash_side_and_the_exchange_releases_it(
    event: Callable[[str], Event],
) -> None:
    book = authorising()
    (book >> event(book.awaited)).shows("cash_checking") << CloseNotes(TXN.key("close_out", 7), TXN)
    book >> NotesPaid(book.awaited, paid(0))
    book << SettleNotes(TXN.key("settle", 8), TXN, "cr1.report")
    (book >> Settled(book.awaited, settled(state=WithdrawState.RELEASED, given=won(0)))).ends("nothing_paid")
    book.shows("nothing_paid") << TellTaken("ct1.taken")


# -- notes ---------------------------------------------------------------------------------------------


def test_each_stage_says_what_to_do_now() -> None:
    book = paying()
    for kind, name in (
        (CashStage.COUNTING, "dispense"),
        (CashStage.OFFERED, "take_notes"),
        (CashStage.PULLING_BACK, "pulling_back"),
        (CashStage.FINISHING, "dispense"),
    ):
        (book >> NotesMoved(book.awaited, stage(kind, 2))).shows(name).wants_no(PayNotes)
        assert book.screen.actions == ()
    book >> NotesMoved(book.awaited, stage(CashStage.OFFERED)) >> NotesMoved(book.awaited, stage(CashStage.OFFERED, 5))
    book >> NotesMoved(book.awaited, changed(stage(CashStage.COUNTING), txn=OTHER))
    book.shows("take_notes")
    press(book, "cancel").shows("take_notes")


@pytest.mark.parametrize(
    "event",
    [
        lambda key: Unanswered(key, "TM-ATM-001"),
        lambda key: Refused(key, Refusal("TM-CASHB-034")),
        lambda key: NotesPaid(key, changed(paid(), txn=OTHER)),
        lambda key: Restarted(()),
    ],
)
def test_notes_in_doubt_are_never_ordered_again_but_closed(event: Callable[[str], Event]) -> None:
    book = paying()
    (book >> event(book.awaited)).shows("cash_checking") << CloseNotes(TXN.key("close_out", 8), TXN)
    book.wants_no(PayNotes)
    book >> NotesPaid(book.awaited, paid())
    (book >> Settled(book.awaited, reply())).shows("withdrawn")


@pytest.mark.parametrize(
    "event",
    [
        lambda key: Unanswered(key, "TM-ATM-001"),
        lambda key: Refused(key, Refusal("TM-ATM-003")),
        lambda key: NotesPaid(key, changed(paid(), txn=OTHER)),
    ],
)
def test_a_silent_cash_side_keeps_the_ticket_open_until_it_answers(event: Callable[[str], Event]) -> None:
    book = paying()
    book >> Unanswered(book.awaited, "TM-ATM-001")
    for _ in range(3):
        (book >> event(book.awaited)).shows("cash_silent") << StartTimer("ask_cash", 3_000)
        press(book, "cancel", "done").shows("cash_silent")
        (book >> TimerFired("ask_cash")) << CloseNotes(TXN.key("close_out", 8), TXN)
    (book >> Restarted(())) << CloseNotes(TXN.key("close_out", 8), TXN)
    book >> NotesPaid(book.awaited, paid(30_000, 50_000, "TM-CASHB-034"))
    (book >> Settled(book.awaited, settled(state=WithdrawState.SUSPENSE))).shows("withdrawn_doubt")


# -- settlement and paper ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda key: Unanswered(key, "TM-LINE-001"),
        lambda key: Refused(key, NO),
        lambda key: Settled(key, reply(number=2)),
    ],
)
def test_an_exchange_that_does_not_answer_keeps_nobody_waiting(answer: Callable[[str], Event]) -> None:
    book = settling()
    (book >> answer(book.awaited)).shows("withdrawn").wants_no(TellTaken)
    assert say("withdraw.done.follows") in notices(book.screen)
    text = as_text(book.one(PrintReceipt).receipt)
    assert "follows" in text
    assert "Coins held" in text
    assert not any(isinstance(line, Qr) for line in book.one(PrintReceipt).receipt.lines)


def test_held_money_is_named_as_money() -> None:
    book = quoted(FIAT_OFFER) >> Pressed("confirm")
    book >> NonceGiven(book.awaited, NONCE)
    book >> WithdrawAuthorised(book.awaited, AUTHORISATION)
    book >> NotesPaid(book.awaited, paid())
    book >> Unanswered(book.awaited, "TM-LINE-001")
    assert Pair("Held in your money", "50,250 KRW") in book.one(PrintReceipt).receipt.lines


def test_nothing_paid_and_an_exchange_that_does_not_answer_is_said_as_it_is() -> None:
    book = settling(0, code="TM-CASHB-034")
    (book >> Unanswered(book.awaited, "TM-LINE-001")).ends("nothing_paid_follows").shows("nothing_paid_follows")
    assert rows(book.screen)[say("common.code")] == Plain("TM-CASHB-034")


def test_an_exchange_that_never_heard_of_it_will_never_take_anything() -> None:
    book = authorising()
    book >> Unanswered(book.awaited, "TM-LINE-001")
    book >> NotesPaid(book.awaited, paid(0))
    (book >> Settled(book.awaited, reply(None))).ends("nothing_paid")
    assert rows(book.screen)[say("common.staff_number")] == Plain(TXN.text[-6:])


def test_a_restart_while_settling_carries_the_same_report_again() -> None:
    book = settling()
    (book >> Restarted(())) << SettleNotes(TXN.key("settle", 8), TXN, "cr1.report")
    (book >> TimerFired("linger")).wants_no(SettleNotes)


def test_a_part_is_paid_and_the_rest_goes_back_at_the_locked_price() -> None:
    book = settling(30_000, code="TM-CASHB-034")
    part = settled(given=won(30_000), coins=coins("3.025"), fee=won(250), back_coins=coins("2"))
    (book >> Settled(book.awaited, part)).shows("withdrawn_part")
    assert rows(book.screen)[say("withdraw.done.back")] == Plain("2 TIL")
    lines = book.one(PrintReceipt).receipt.lines
    assert Total("CASH", "30,000 KRW") in lines
    assert Pair("Asked for", "50,000 KRW") in lines
    assert Pair("Back in your wallet", "2 TIL") in lines
    assert Pair("Machine code", "TM-CASHB-034") in lines


def test_notes_in_doubt_are_claimed_with_a_number_and_nothing_more_is_said() -> None:
    book = settling(30_000, 50_000, "TM-CASHB-034")
    doubt = settled(
        state=WithdrawState.SUSPENSE, given=won(30_000), in_doubt=won(20_000), coins=None, from_fiat=won(30_250)
    )
    (book >> Settled(book.awaited, doubt)).shows("withdrawn_doubt")
    assert rows(book.screen)[say("withdraw.done.counted")] == say("common.won", amount="20,000")
    paper: Receipt = book.one(PrintReceipt).receipt
    assert Total("AT LEAST", "30,000 KRW") in paper.lines
    assert Pair("Being counted", "20,000 KRW") in paper.lines
    assert Pair("Claim number", paper.number) in paper.lines
    assert Pair("From your money", "30,250 KRW") in paper.lines
    assert any(isinstance(line, Line) and "Two people" in line.text for line in paper.lines)


def test_doubt_without_a_fault_code_has_a_dash() -> None:
    book = settling(0, 50_000)
    book >> Settled(book.awaited, settled(state=WithdrawState.SUSPENSE, given=won(0), coins=None, rate=None))
    assert Pair("Machine code", "-") in book.one(PrintReceipt).receipt.lines


def test_without_paper_the_proof_stands_on_the_screen() -> None:
    book = done()
    book >> NotPrinted(book.awaited, "TM-PRN-011")
    assert any(isinstance(block, QrCode) and block.payload == "TMR1:CASH" for block in book.screen.blocks)
    (book >> Restarted(())).ends("withdrawn")


def test_the_code_never_stands_on_the_paper() -> None:
    paper = done().one(PrintReceipt).receipt
    assert CODE not in repr(paper)
    assert "**** 4821" in repr(paper)


def test_folding_the_journal_again_gives_the_same_ticket_at_every_step() -> None:
    for book_of in (
        opened,
        identified,
        limited,
        waiting,
        approved,
        quoted,
        taking_nonce,
        authorising,
        paying,
        settling,
        done,
    ):
        book_of().refolded()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_screen_has_its_words_in_both_languages(lang: str) -> None:
    from core.words import word

    for book_of in (opened, limited, waiting, approved, quoted, authorising, paying, settling, done):
        screen = book_of().screen
        for words in (screen.heading, *notices(screen), *(action.label for action in screen.actions)):
            assert word(words, lang)


def test_a_machine_too_full_to_be_counted_is_not_offered_from() -> None:
    coins_of_one = tuple(
        changed(MACHINE.cassettes[0], place=place, face=won(1), count=Count.exact(100_000)) for place in range(1, 12)
    )
    book = identified(cash=changed(MACHINE, cassettes=coins_of_one, notes_max=2_000_000))
    (book >> LimitsKnown(book.awaited, changed(LIMITS, limit=won(2_000_000)))).ends("nothing_payable")


def test_a_machine_pays_only_in_the_currency_of_the_terminal() -> None:
    book = identified(cash=changed(MACHINE, cassettes=(changed(MACHINE.cassettes[0], face=coins("1")),)))
    (book >> LimitsKnown(book.awaited, LIMITS)).ends("nothing_payable")


def test_amounts_that_are_not_round_are_offered_where_there_are_no_others() -> None:
    cassettes = (changed(MACHINE.cassettes[0], face=won(70_000)),)
    book = identified(cash=changed(MACHINE, cassettes=cassettes))
    book >> LimitsKnown(book.awaited, LIMITS)
    assert choices(book.screen) == ["take:70000", "take:140000", "take:210000", "take:280000"]


def test_a_late_word_changes_nothing_while_the_exchange_is_asked() -> None:
    for book in (taking_nonce(), authorising(), paying(), settling()):
        before = book.state
        book >> Unanswered(TXN.key("approve", 3), "TM-LINE-001") >> Pressed("cancel")
        assert book.state == before


def test_notes_rejected_on_the_way_do_not_stand_on_the_paper() -> None:
    book = paying()
    end = paid(10_000)
    none_given = changed(end.notes[0], face=won(50_000), given=Count.exact(0), rejected=Count.exact(2))
    book >> NotesPaid(book.awaited, changed(end, notes=(*end.notes, none_given)))
    book >> Settled(book.awaited, settled(given=won(10_000)))
    text = as_text(book.one(PrintReceipt).receipt)
    assert "1 x 10,000" in text
    assert "50,000 KRW" in text
    assert "x 50,000" not in text


def test_a_cash_side_that_knows_more_than_we_do_is_believed() -> None:
    book = authorising()
    book >> Unanswered(book.awaited, "TM-LINE-001")
    book >> NotesPaid(book.awaited, paid())
    (book >> Settled(book.awaited, reply())).shows("withdrawn")
    assert "A1B2C3" not in as_text(book.one(PrintReceipt).receipt)
