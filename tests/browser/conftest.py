"""Debian's Chromium, and an exchange for it to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sim.live.server import LivePage
from tests.backend.web.world import Exchange, exchange
from tests.sim.live.counter import Counter

CHROMIUM = "/usr/bin/chromium"
ARGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
WAIT_MS = 30_000  # far beyond what anything here takes; a page that needs longer is broken


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a file: while it is open an event loop stands in this thread, which tests of servers cannot have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


# A file's servers end with the file: their threads must not stand behind the tests that follow on the same worker.
@pytest.fixture(scope="module")
def counter() -> Counter:
    return Counter()


@pytest.fixture(scope="module")
def live(counter: Counter) -> Iterator[LivePage]:
    made = LivePage(counter)
    yield made
    made.close()


@pytest.fixture(scope="module")
def x(tmp_path_factory: pytest.TempPathFactory, live: LivePage) -> Iterator[Exchange]:
    """One exchange a file, which lets the live page show its pages."""
    with exchange(tmp_path_factory.mktemp("exchange"), embedded_by=live.origin) as made:
        yield made


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone of its own for each test: no cookie, nothing kept."""
    context = chromium.new_context(viewport=PHONE, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type]
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """Its page; an error in a script, or something the policy refuses, fails the test."""
    made = phone.new_page()
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
    yield made
    assert wrong == []


@pytest.fixture
def join(x: Exchange) -> Callable[[Page, str], None]:
    def sign_in(page: Page, contact: str, door: str = "/join") -> None:
        """Join or sign in, with the digits from the mailbox."""
        page.goto(x.url + door)
        page.get_by_label("E-mail or mobile number").fill(contact)
        page.get_by_role("button", name="Send me the digits").click()
        page.get_by_label("Six digits").wait_for()
        page.get_by_label("Six digits").fill(x.post.digits())
        page.get_by_role("button", name="Continue").click()

    return sign_in
