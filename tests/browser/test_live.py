"""The live page in a real browser, with a member's real page as its phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.code import PersonalCode
from sim.live.server import LivePage
from sim.live.world import Letter
from tests.backend.web.world import Exchange
from tests.sim.live.counter import Counter

Join = Callable[..., None]


@pytest.fixture
def bench(chromium: Browser, x: Exchange, counter: Counter, live: LivePage) -> Iterator[Page]:
    counter.phone = f"{x.url}/me"
    if not live.serving:
        live.start()
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(5_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(live.url)
    yield page
    context.close()
    assert wrong == []


def test_the_phone_beside_the_terminal_joins_and_is_held_to_the_camera(
    bench: Page, x: Exchange, counter: Counter
) -> None:
    bench.get_by_role("button", name="Hold the phone to the camera").click()
    expect(bench.get_by_text("Join on the phone first")).to_be_visible()
    phone = bench.frame_locator("iframe")
    phone.get_by_label("E-mail or mobile number").fill("live@example.org")
    phone.get_by_role("button", name="Send me the digits").click()
    phone.get_by_label("Six digits").wait_for()
    phone.get_by_label("Six digits").fill(x.post.digits())
    phone.get_by_role("button", name="Continue").click()
    expect(phone.locator("#digits")).to_be_visible()
    expect(bench.locator("#phone")).to_have_attribute("data-shows", "code")
    bench.get_by_role("button", name="Hold the phone to the camera").click()
    assert counter.wait_for_act("show")[2:] == ("qr", "phone")
    x.presented(x.member("live@example.org"))
    expect(bench.get_by_role("button", name="Hold the phone to the camera")).to_be_visible()
    counter.wait_for(("away",))
    counter.done.clear()
    bench.get_by_role("button", name="Hold the phone to the camera").click()
    bench.get_by_label("Barcode", exact=True).check()
    bench.get_by_role("button", name="Take the phone away").click()
    counter.wait_for(("away",))
    bench.get_by_role("button", name="Tap the phone").click()
    tapped = counter.wait_for_act("tap")[1]
    held = [one for one in counter.done if one[0] == "show" and one[3] == "phone"]
    assert held[-1][2] == "code128"
    # The half minute may end at any moment of this test, once; then the next one is shown.
    after = PersonalCode.parse(phone.locator("#digits").inner_text()).digits
    seen = list(dict.fromkeys([*(one[1] for one in held), tapped, after]))
    assert len(seen) <= 2, seen


def test_the_screen_is_touched_where_the_person_clicks(bench: Page, counter: Counter) -> None:
    screen = bench.locator("#screen")
    expect(bench.get_by_text("The terminal is starting")).to_be_hidden()
    box = screen.bounding_box()
    assert box is not None
    screen.click(position={"x": box["width"] / 2, "y": box["height"] / 4})
    up = counter.wait_for_act("finger")
    assert abs(int(str(up[2])) - 400) <= 2
    assert abs(int(str(up[3])) - 120) <= 2
    screen.press("Enter")
    counter.wait_for(("key", "enter"))


def test_shelf_faults_price_mailbox_and_bank(bench: Page, counter: Counter) -> None:
    bench.get_by_role("button", name="Green tea").click()
    counter.wait_for(("show", "8801234567893", "ean13", "product"))
    bench.get_by_label("Paper is out").check()
    counter.wait_for(("fault", "paper_out", True))
    slider = bench.get_by_label("TIL/KRW")
    slider.fill("12500")
    slider.dispatch_event("change")
    counter.wait_for(("price", "TIL/KRW", 12_500))
    counter.mail.append(Letter("live@example.org", "123456 is your code", ""))
    expect(bench.locator("#letters")).to_contain_text("123456 is your code")
    expect(bench.locator("#toast")).to_contain_text("123456 is your code")
    bench.get_by_label("Reference").fill("TM12345678")
    bench.get_by_label("Amount").fill("70,000")
    bench.get_by_role("button", name="Send").click()
    counter.wait_for(("transfer", "TM12345678", "70000"))
    expect(bench.locator("#papers img")).to_have_count(1)
