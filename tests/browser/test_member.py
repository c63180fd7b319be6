"""A member's day in a real browser: joining, the first coins, the code with and without a network, a sale."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.asset import BTC
from core.code import PersonalCode
from core.money import Money
from tests.backend.web.world import Exchange

Join = Callable[..., None]


def shown(page: Page) -> str:
    """The code in digits, as a person would read it aloud."""
    expect(page.locator("#digits")).to_have_text(re.compile(r"^\d{3}( \d{3}){5}$"))
    return PersonalCode.parse(page.locator("#digits").inner_text()).digits


def test_from_joining_to_the_first_coins(page: Page, join: Join, x: Exchange) -> None:
    join(page, "010 1234 5678")
    expect(page.get_by_text("Your wallet is ready.")).to_be_visible()
    member = x.member("01012345678")

    page.get_by_role("link", name="Transfer in").click()
    expect(page.get_by_text("Waiting for your transfer")).to_be_visible()
    assert re.fullmatch(r"TM[0-9A-Z]{8}", page.locator("#reference").inner_text())
    x.deposit(member, 300_000)
    expect(page.get_by_text("300,000 ₩ arrived")).to_be_visible()

    page.get_by_role("link", name="Buy coins").click()
    page.get_by_role("button", name="50,000 ₩").click()
    page.get_by_role("button", name="See what I get").click()
    expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
    expect(page.locator("#seconds")).to_have_text(re.compile(r"^1[0-5]$"))
    page.get_by_role("button", name=re.compile("^Buy 0.0005")).click()
    expect(page.get_by_role("heading", name=re.compile("You bought 0.0005"))).to_be_visible()
    page.get_by_role("link", name="To your code").click()
    expect(page.locator("#wallet")).to_contain_text("250,000 ₩")
    expect(page.locator("#wallet")).to_contain_text("BTC")
    shown(page)


def test_what_the_phone_shows_is_read_by_a_camera(page: Page, join: Join) -> None:
    join(page, "camera@example.org")
    page.wait_for_function("document.getElementById('qr').getAttribute('d').length > 500")
    digits, picture = shown(page), page.screenshot()
    if digits != shown(page):  # the half minute ended in between; the next one has just begun
        digits, picture = shown(page), page.screenshot()
    found = {
        one.format.name: one.text
        for one in zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(picture)).convert("L")))
    }
    assert found == {"QRCode": digits, "Code128": digits}
    box = page.locator(".code .qr").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844 / 2 + 8, "the code is in the upper half, where the camera is"


def test_without_a_network_the_code_goes_on_changing_until_the_codes_run_out(
    phone: BrowserContext, join: Join, x: Exchange
) -> None:
    page = phone.new_page()
    page.clock.install()
    join(page, "tunnel@example.org")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.match('/me/away').then(Boolean)")
    page.wait_for_function("caches.match('/kept/codes').then(Boolean)")
    told = page.evaluate("fetch('/me/codes').then((reply) => reply.json())")
    codes = [one["digits"] for one in told["codes"]]
    assert shown(page) in codes[:2]

    phone.set_offline(True)
    page.clock.fast_forward(31_000)
    expect(page.locator("#status")).to_contain_text("Offline. Codes for")
    later = shown(page)
    assert later in codes[1:3]

    page.goto(x.url + "/me")  # opened again in the tunnel
    expect(page.get_by_text("Your code works without it.")).to_be_visible()
    assert shown(page) in codes[1:4]
    page.clock.fast_forward(10 * 60_000)
    assert shown(page) in codes[20:25]
    page.clock.fast_forward(6 * 60_000)
    expect(page.get_by_text("The codes have run out")).to_be_visible()

    phone.set_offline(False)
    page.clock.fast_forward(6_000)
    expect(page.get_by_text("The codes have run out")).to_be_hidden()


def test_a_sale_pops_up_at_once(page: Page, join: Join, x: Exchange) -> None:
    seller, member = x.member("cafe@example.org"), x.member("guest@example.org")
    x.shop(seller, "Corner Coffee")
    x.give(member, Money(2_000_000, BTC))
    terminal = x.paired(seller)
    with page.expect_response("**/v1/me/events"):
        join(page, "guest@example.org")
    before = shown(page)
    page.wait_for_function("document.getElementById('seconds').textContent !== ''")
    x.presented(member)
    expect(page.locator("#status")).to_have_text("Code read. Look at the terminal.")
    assert shown(page) != before, "a code that was read is not shown again"
    x.sale(member, seller, terminal, 4_500)
    began = time.monotonic()
    slip = page.get_by_role("dialog")
    expect(slip).to_be_visible()
    took = time.monotonic() - began
    assert took < 10.0, f"{took:.2f} s"  # a busy machine's second; nothing on the page would ever ask by itself
    expect(slip).to_contain_text("4,500 ₩")
    expect(slip).to_contain_text("Corner Coffee")
    slip.get_by_role("link", name="Details").click()
    expect(page.get_by_text("Signed by the exchange and unchanged")).to_be_visible()
    page.get_by_role("button", name="Check it yourself").click()
    expect(page.get_by_text("This receipt is genuine")).to_be_visible()


def test_signing_out_forgets_the_kept_codes(page: Page, join: Join, x: Exchange) -> None:
    join(page, "leaves@example.org")
    page.wait_for_function("caches.match('/kept/codes').then(Boolean)")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(x.url + "/")
    # What the worker was just keeping while the person left goes as well, a moment later.
    page.wait_for_function("caches.match('/kept/codes').then((found) => !found)")
    page.wait_for_function("caches.match('/me/away').then((found) => !found)")


def test_everything_works_without_scripts(chromium: Browser, join: Join, x: Exchange) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    join(page, "plain@example.org")
    shown(page)
    x.deposit(x.member("plain@example.org"), 100_000)
    page.goto(x.url + "/me/buy")
    page.get_by_label("For how much").fill("30,000")
    page.get_by_role("button", name="See what I get").click()
    page.get_by_role("button", name=re.compile("^Buy 0.0003")).click()
    assert "You bought" in page.content()
    context.close()


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
def test_pages_fit_the_narrowest_phone_and_every_field_has_a_name(
    chromium: Browser, join: Join, x: Exchange, locale: str
) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640}, locale="en-GB")
    page = context.new_page()
    seller = x.member("narrow@example.org")
    x.shop(seller, "A shop with a name that is quite long")
    x.give(seller, Money(123_456_789_012, BTC))
    x.deposit(seller, 1_234_567_890)
    terminal = x.paired(seller)
    x.sale(seller, seller, terminal, 987_654_321)
    join(page, "narrow@example.org")
    page.goto(x.url + f"/language?to={locale[:2]}&back=/me")
    for path in (
        "/", "/me", "/me/add", "/me/buy", "/me/activity", "/shop", "/shop/terminals",
        f"/shop/terminals/{terminal}/revoke",
        "/shop/goods", "/shop/labels", "/shop/settings", "/verify", "/faults", "/faults/TM-LED-001",
    ):  # fmt: skip
        page.goto(x.url + path)
        if path == "/me/add":  # the reference is made by chance: here of the widest letters there are
            page.evaluate("document.getElementById('reference').textContent = 'TMWWWWWWWW'")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{path} is {wide} wide"
        nameless = page.evaluate(
            """[...document.querySelectorAll('input:not([type=hidden]), textarea, select')]
            .filter((one) => !one.labels.length).map((one) => one.outerHTML)"""
        )
        assert nameless == [], path
        assert page.locator("h1").count() == 1, path
    context.close()
