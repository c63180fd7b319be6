"""A seller in a real browser: opens a shop, pairs a terminal after comparing the fingerprint, revokes it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.fingerprint import fingerprint
from tests.backend.web.world import Exchange

Join = Callable[..., None]


def test_a_shop_is_opened_and_a_terminal_paired_and_revoked(page: Page, join: Join, x: Exchange) -> None:
    join(page, "owner@example.org")
    page.get_by_role("link", name="Shop").click()
    page.get_by_label("Shop name").fill("Corner Coffee")
    page.get_by_role("radio", name="The coin itself").check()
    page.get_by_role("button", name="Open the shop").click()

    code, public = x.device()
    page.get_by_label("Pairing code").fill(f"{code[:3]} {code[3:]}".lower())
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("heading", name="Is this your terminal?")).to_be_visible()
    expect(page.get_by_text(fingerprint(public))).to_be_visible()
    page.get_by_role("button", name="It is mine, approve").click()
    expect(page.get_by_text("The terminal is yours.")).to_be_visible()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()

    page.get_by_role("link", name="Revoke").click()
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()


def test_a_price_list_becomes_labels_to_print(page: Page, join: Join, x: Exchange) -> None:
    join(page, "printer@example.org")
    page.goto(x.url + "/shop/begin")
    page.get_by_label("Shop name").fill("Paper shop")
    page.get_by_role("button", name="Open the shop").click()
    page.get_by_role("link", name="Price list").click()
    csv = "barcode,name,price\n4006381333931,Pencil,900\n8801234567893,녹차,3500\n"
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": csv.encode()}
    page.get_by_label("A CSV file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Replace the list").click()
    expect(page.get_by_text("2 goods are on the list.")).to_be_visible()
    page.get_by_role("link", name="Labels").click()
    expect(page.locator(".labels li")).to_have_count(2)
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.get_by_text("녹차")).to_be_visible()
