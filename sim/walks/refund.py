"""Refunds and a void: both outcomes are seen before one is chosen, and every paper says what the books say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.asset import KRW, Asset
from core.messages import RefundChoice
from core.money import Money
from core.proof import Kind
from core.rate import Rate
from sim.peers.printer_paper import Sheet
from sim.walks.sale import PRICE, TAKES, Sold
from sim.walks.stage import Stage, WalkFailed
from sim.walks.verdict import facts_on, member_got, proof_wrong, seller_got
from sim.world import COIN

BEFORE: Final = 10_000  # won for one coin when the goods were bought
TODAY: Final = 10_800  # and when they came back
IN_COINS: Final = Money(20_000, KRW)
IN_FIAT: Final = PRICE - IN_COINS


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What came of one refund: what the shopper was promised on the screen, and the paper."""

    amount: Money
    choice: RefundChoice
    given: Money
    paper: Sheet


def give_back(stage: Stage, sold: Sold, amount: Money, choice: RefundChoice, *, scan: bool) -> GivenBack:
    """Give `amount` of a sale back; the sale is found by the QR on its paper, or by its number typed in."""
    papers = len(stage.world.printer.papers)
    find(stage, sold, scan=scan)
    stage.figures(str(amount.minor))
    stage.read(f"{amount.minor:,}")
    stage.keep_screen("choose_refund-amount")
    stage.press("offer")
    shown = stage.see("refund_outcomes")
    offered = {button.action for button in shown.buttons}
    missing = {f"give:{one.value}" for one in RefundChoice} - offered
    if missing:
        raise WalkFailed(f"the shopper was not shown {sorted(missing)} before choosing")
    stage.press(f"give:{choice.value}")
    stage.see("refund_confirm")
    stage.press("confirm")
    stage.see("refunded")
    paper = stage.paper(papers, f"refund-{choice.value}")
    stage.press("done")
    stage.see("idle")
    return GivenBack(amount, choice, facts_on(paper).total, paper)


def void(stage: Stage, sold: Sold) -> Sheet:
    """Take a whole sale back before the batch is closed."""
    papers = len(stage.world.printer.papers)
    find(stage, sold, scan=True)
    stage.press("void")
    stage.see("refund_confirm")
    stage.press("confirm")
    stage.see("voided")
    paper = stage.paper(papers, "void")
    stage.press("done")
    stage.see("idle")
    return paper


def find(stage: Stage, sold: Sold, *, scan: bool) -> None:
    """From idle to the screen that asks how much."""
    from device.receipt_check import seal_text

    stage.press("refund")
    stage.see("find_sale")
    if scan:
        stage.world.camera.show(seal_text(sold.paper.png()), "qr", "paper", fill=0.8)
        stage.see("choose_refund")
        stage.world.camera.clear()
        return
    stage.figures(sold.rrn)
    stage.press("find")
    stage.see("choose_refund")


def refund_walk(stage: Stage, first: Sold, second: Sold) -> list[str]:
    """A part in coins at today's price, the rest in fiat, nothing more; another sale is voided. What went wrong."""
    stage.world.tell(f"the market moves from {BEFORE:,} to {TODAY:,} won; the goods come back")
    stage.market_goes(COIN, BEFORE, TODAY)
    coins = give_back(stage, first, IN_COINS, RefundChoice.COINS_TODAY, scan=True)
    fiat = give_back(stage, first, IN_FIAT, RefundChoice.FIAT, scan=False)
    wrong = wrong_with(stage, first, coins, fiat)
    wrong += _nothing_left(stage, first)
    stage.market_goes(COIN, TODAY, BEFORE)
    paper = void(stage, second)
    return wrong + proof_wrong(paper, stage.world.exchange_url) + wrong_with_void(stage, second)


def wrong_with(stage: Stage, sold: Sold, coins: GivenBack, fiat: GivenBack) -> list[str]:
    """Every way in which screens, papers, proofs and books of the two refunds disagree."""
    bought = Rate(COIN, Money(TODAY, KRW)).quantity_down(IN_COINS)
    books = stage.books(sold.txn)
    wrong = [] if books.balanced else [f"the books do not balance: {books}"]
    expected = {COIN: bought - TAKES, KRW: IN_FIAT}
    wrong += [
        f"the member got {member_got(books, asset)}, not {money}"
        for asset, money in expected.items()
        if member_got(books, asset) != money
    ]
    if seller_got(books, KRW) != Money(-400, KRW) and stage.world.choices.payout == "fiat":
        wrong.append(f"the seller is at {seller_got(books, KRW)}, and should have lost only the commission")
    for part, given in ((coins, bought), (fiat, IN_FIAT)):
        wrong += proof_wrong(part.paper, stage.world.exchange_url) + _paper_wrong(part, sold, given)
    return wrong


def _paper_wrong(part: GivenBack, sold: Sold, given: Money) -> list[str]:
    facts = facts_on(part.paper)
    sale = facts.sale.text if facts.sale else ""
    said = (facts.kind, sale, facts.price, facts.total)
    meant = (Kind.REFUND, sold.txn, part.amount, given)
    return [] if said == meant else [f"the refund's paper says {said}, not {meant}"]


def _nothing_left(stage: Stage, sold: Sold) -> list[str]:
    """A third refund of the same sale is refused on the screen, and no paper comes."""
    papers = len(stage.world.printer.papers)
    stage.press("refund")
    stage.see("find_sale")
    stage.figures(sold.rrn)
    stage.press("find")
    words = "Nothing of this sale" if stage.world.choices.lang == "en" else "돌려줄 수 있는 금액이 없어요"
    stage.read(words)
    stage.keep_screen("find_sale-nothing-left")
    stage.press("cancel")
    stage.see("cancelled")
    stage.press("done")
    stage.see("idle")
    return [] if len(stage.world.printer.papers) == papers else ["a refused refund printed a paper"]


def wrong_with_void(stage: Stage, sold: Sold) -> list[str]:
    """After a void everybody has what they had before the sale; what a seller owes instead of having counts as gone."""
    books = stage.books(sold.txn)
    wrong = [] if books.balanced else [f"the books do not balance: {books}"]
    totals: dict[tuple[str, Asset], int] = {}
    for entry in books.entries:
        place = (entry.account.replace("receivable:", "seller:"), entry.money.asset)
        totals[place] = totals.get(place, 0) + entry.money.minor
    left = {f"{account} {asset.code}": minor for (account, asset), minor in totals.items() if minor}
    return wrong + ([f"a voided sale left {left}"] if left else [])
