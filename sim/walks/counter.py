"""The counter of an ATM, walked by a customer: buy coins, sell coins, gift cards - and everybody must agree on it."""

from __future__ import annotations

import io
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.asset import KRW, Asset
from core.messages import TradeSide
from core.money import Money
from sim.books import Books
from sim.peers.printer_paper import Sheet
from sim.walks.sale import present
from sim.walks.stage import Stage, WalkFailed
from sim.walks.verdict import member_got
from sim.walks.withdraw import approve
from sim.world import COIN

SCRIPTS: Final = ("buy", "sell", "giftcard")
AMOUNT: Final = Money(50_000, KRW)
BUYS: Final = Money.parse("4.975", COIN)  # 50,000 won less the fee of 250, at 10,000 won
SELLS: Final = Money.parse("5.025", COIN)  # what brings 50,000 won with the fee of 250
SMALL, LARGE = Money(10_000, KRW), Money(100_000, KRW)
LARGE_COINS: Final = Money.parse("10.05", COIN)  # 100,000 won and the fee of 500


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it, and every way in which somebody disagrees."""

    txn: str
    wrong: tuple[str, ...]
    codes: tuple[str, ...] = field(default=(), repr=False)


def trade(stage: Stage, side: TradeSide, pay: str = "qr") -> Done:
    """Buy or sell coins for 50,000 won, from the idle screen to the idle screen."""
    papers, before = len(stage.world.printer.papers), _begin(stage, side.value, pay)
    if side is TradeSide.BUY:
        stage.see("trade_coin")
        stage.press(f"coin:{COIN.code}")
    stage.see("trade_amount")
    stage.press(f"take:{AMOUNT.minor}")
    _agree(stage, "traded")
    stage.paper(papers, side.value)
    _end(stage)
    txn = newest(stage, "counter_trade")
    fiat, coins = (-AMOUNT, BUYS) if side is TradeSide.BUY else (AMOUNT, -SELLS)
    return Done(txn, tuple(_moved_wrong(stage, txn, before, fiat, coins)))


def giftcard(stage: Stage, pay: str = "qr") -> Done:
    """A small card for money, then a large one for coins sold on the spot, which the phone must approve."""
    small = card(stage, SMALL, pay)
    stage.world.camera.clear()
    large = card(stage, LARGE, pay, tender="coin")
    wrong = [*small.wrong, *large.wrong]
    if small.codes == large.codes:
        wrong.append("two sales got one code")
    return Done(large.txn, tuple(wrong), (*small.codes, *large.codes))


def card(stage: Stage, face: Money, pay: str = "qr", *, tender: str = "fiat") -> Done:
    """One card, from the idle screen to the idle screen; the phone approves the large one."""
    papers, before = len(stage.world.printer.papers), _begin(stage, "giftcard", pay)
    stage.see("gift_face")
    stage.press(f"face:{face.minor}")
    if face == LARGE:
        stage.see("approve")
        approve(stage.cast.shopper.member, face, stage.world.choices.shop)
    stage.see("gift_tender")
    stage.press(f"use:{tender}")
    _agree(stage, "card_sold")
    paper = stage.paper(papers, f"giftcard-{tender}")
    _end(stage)
    txn = newest(stage, "gift_sale")
    moved = (-face, Money.zero(COIN)) if tender == "fiat" else (Money.zero(KRW), -LARGE_COINS)
    wrong = _moved_wrong(stage, txn, before, *moved)
    owed = _on(stage.books(txn), "house:gift..moon", KRW)
    code, mine = code_on(paper), _told(stage, txn)
    if owed != face:
        wrong.append(f"the issuer is owed {owed} for a card of {face}")
    if not code or code != mine:
        wrong.append("the code on the paper is not the one on the member's page")
    return Done(txn, tuple(wrong), (code,))


def leaked(stage: Stage, codes: tuple[str, ...]) -> list[str]:
    """Files of terminal and exchange in which a code stands readably: there must be none."""
    folder = stage.world.folder
    files = [file for name in ("till", "servers") for file in (folder / name).rglob("*") if file.is_file()]
    files += list(folder.glob("*.log"))
    return [
        f"a code stands readably in {_name(file, folder)}"
        for file in files
        if any(code.encode() in file.read_bytes() for code in codes)
    ]


def code_on(paper: Sheet) -> str:
    """What the QR code of a paper says, as a phone reads it."""
    import zxingcpp
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(paper.png())).convert("L"))
    return found[0].text if len(found) == 1 else ""


def newest(stage: Stage, table: str) -> str:
    """The newest transaction of that table at the exchange."""
    assert table in ("counter_trade", "gift_sale"), "a table of ours"
    base = sqlite3.connect(f"file:{stage.world.exchange_store}?mode=ro", uri=True, timeout=5)
    try:
        row = base.execute(f"SELECT txn FROM {table} ORDER BY id DESC LIMIT 1").fetchone()  # noqa: S608
    finally:
        base.close()
    if row is None:
        raise WalkFailed(f"the exchange has no {table}")
    return str(row[0])


def _begin(stage: Stage, action: str, pay: str) -> dict[str, Money]:
    stage.next_shopper()
    stage.see("idle")
    before = held(stage)
    stage.press(action)
    stage.see("identify")
    present(stage, pay)
    return before


def _agree(stage: Stage, ends: str) -> None:
    stage.see("confirm")
    stage.world.camera.clear()
    stage.press("confirm")
    stage.see(ends)


def _end(stage: Stage) -> None:
    stage.press("done")
    stage.see("idle")
    time.sleep(0.1)


def held(stage: Stage) -> dict[str, Money]:
    """The member's wallet as the page shows it."""
    holdings = stage.cast.shopper.member.me()["holdings"]
    return {one["asset"]: _money(one["total"]) for one in holdings}


def _moved_wrong(stage: Stage, txn: str, before: dict[str, Money], fiat: Money, coins: Money) -> list[str]:
    """The wallet and the books moved by exactly that."""
    after, books = held(stage), stage.books(txn)
    wrong = []
    for wanted in (fiat, coins):
        nothing = Money.zero(wanted.asset)
        moved = after.get(wanted.asset.code, nothing) - before.get(wanted.asset.code, nothing)
        if moved != wanted or member_got(books, wanted.asset) != wanted:
            wrong.append(f"the wallet moved by {moved}, the books by {member_got(books, wanted.asset)}, not {wanted}")
    return wrong


def _told(stage: Stage, txn: str) -> str:
    """The code of that transaction on the member's own page."""
    for one in stage.cast.shopper.member.call("GET", "/v1/me/gift-cards"):
        told = one["txn"]
        if (told["text"] if isinstance(told, dict) else told) == txn:
            return str(one["code"])
    return ""


def _on(books: Books, account: str, asset: Asset) -> Money:
    moved = [entry.money for entry in books.entries if entry.account == account and entry.money.asset == asset]
    return sum(moved, Money.zero(asset))


def _money(told: dict[str, Any]) -> Money:
    return Money.parse(told["amount"], Asset(told["asset"], told["scale"]))


def _name(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder))
