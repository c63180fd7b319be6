"""Any screen that can be described can be laid out: nothing overlaps, nothing leaves the glass, every button counts."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from core.asset import BTC, KRW
from core.money import Money
from core.screens import (
    ACTIONS_MAX,
    Action,
    Amount,
    Block,
    Choice,
    Choices,
    Countdown,
    Drawing,
    Facts,
    ItemRow,
    Items,
    Keypad,
    Notice,
    Picture,
    Plain,
    QrCode,
    Role,
    Screen,
    Tone,
    Viewfinder,
    Waiting,
)
from tests.ui.test_layout import HEADER, assert_in_place
from ui.fonts import Fonts
from ui.layout import lay_out
from ui.metrics import metrics_of
from ui.settings import Settings
from ui.sheet import Sheet

LETTERS = "abc XYZ. 012,·₩가힣 요?:-"
texts = st.text(LETTERS, min_size=1, max_size=90).filter(lambda text: bool(text.strip())).map(Plain)
maybe = st.none() | texts
money = st.builds(Money, st.integers(0, 10**15), st.sampled_from([KRW, BTC]))
tones = st.sampled_from(Tone)
seconds = st.integers(0, 3_600_000)

blocks: dict[str, st.SearchStrategy[Block]] = {
    "amount": st.builds(Amount, money, maybe, maybe, maybe),
    "facts": st.builds(Facts, st.lists(st.tuples(texts, texts), min_size=1, max_size=8).map(tuple)),
    "items": st.builds(
        Items,
        st.lists(st.builds(ItemRow, texts.map(lambda t: t.text), st.integers(1, 999), money), max_size=30).map(tuple),
        money,
    ),
    "keypad": st.builds(Keypad, st.text("0123456789 ", max_size=30), st.sampled_from(["", "₩", "KRW"]), st.booleans()),
    "lens": st.builds(Viewfinder, maybe),
    "notice": st.builds(Notice, texts, tones),
    "second notice": st.builds(Notice, texts, tones),
    "countdown": st.builds(Countdown, seconds, seconds, maybe),
    "choices": st.builds(
        Choices,
        st.lists(
            st.builds(Choice, texts.map(str), texts, maybe, st.none() | money, st.integers(0, 3)),
            min_size=1,
            max_size=5,
        )
        .map(tuple)
        .map(
            lambda options: tuple(
                Choice(f"way:{n}", o.title, o.detail, o.amount, o.wallet) for n, o in enumerate(options)
            )
        ),
    ),
    "qr": st.builds(QrCode, st.just("https://tillmark.example/r/7F3K"), maybe),
    "waiting": st.builds(Waiting, texts),
    "drawing": st.builds(Drawing, st.sampled_from(Picture)),
}


@st.composite
def screens(draw: st.DrawFn) -> Screen:
    """At most five kinds of block, as many as a step ever needs, and up to five buttons."""
    kinds = draw(st.lists(st.sampled_from(sorted(blocks)), max_size=5, unique=True))
    # One list fills a screen: choices and a number pad, or two lists, are two screens.
    if "choices" in kinds:
        kinds = [kind for kind in kinds if kind not in ("keypad", "items", "lens", "qr", "facts")]
    roles = draw(st.lists(st.sampled_from([Role.PLAIN, Role.DANGER, Role.CANCEL, Role.PRIMARY]), max_size=ACTIONS_MAX))
    roles = [role for n, role in enumerate(roles) if role not in (Role.CANCEL, Role.PRIMARY) or role not in roles[:n]]
    labels = draw(st.lists(texts, min_size=len(roles), max_size=len(roles)))
    actions = tuple(Action(f"do:{n}", label, role) for n, (role, label) in enumerate(zip(roles, labels)))
    return Screen("any", draw(texts), tuple(draw(blocks[kind]) for kind in kinds), actions, draw(tones))


@cache
def fonts() -> Fonts:
    return Fonts(Settings())


@given(
    screens(),
    st.sampled_from([(800, 480), (1024, 600), (1280, 720), (1280, 800), (1366, 768), (1920, 1080)]),
    st.sampled_from(["en", "ko"]),
)
@settings(max_examples=150)
def test_any_screen_keeps_its_places(screen: Screen, size: tuple[int, int], lang: str) -> None:
    metrics = metrics_of(Settings(*size))
    assert_in_place(lay_out(Sheet(metrics, fonts(), lang), screen, HEADER), metrics.touch)
