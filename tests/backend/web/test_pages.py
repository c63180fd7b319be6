"""The pages over HTTP, as a browser without scripts sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from litestar.routes import HTTPRoute

from backend.http.callers import Rule
from backend.web.room import Who
from core.asset import BTC
from core.code import PersonalCode
from core.money import Money
from tests.backend.web.world import Exchange, exchange


@pytest.fixture(scope="module")
def x(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    with exchange(tmp_path_factory.mktemp("exchange")) as made:
        yield made


@dataclass
class Browser:
    """Follows links and forms; says where a form was, as browsers do."""

    x: Exchange
    client: httpx.Client

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data=fields, headers={"origin": self.x.url})

    def send(self, page: str, path: str, **fields: str) -> httpx.Response:
        """A form on `page`, with the token that stands there."""
        return self.post(path, csrf=token(self.get(page).text), **fields)

    def join(self, contact: str, door: str = "/join") -> httpx.Response:
        self.post(door, contact=contact)
        return self.post(f"{door}/code", contact=contact, digits=self.x.post.digits())


# Whoever adds a line here says in the review why nobody in particular may see it.
ANYBODY = {
    "GET /", "GET /join", "POST /join", "POST /join/code", "GET /operator/sign-in", "POST /operator/sign-in",
    "POST /operator/sign-in/code", "GET /verify", "POST /verify", "GET /faults", "GET /language", "GET /worker.js",
    "GET /static/{name:str}", "GET /tillmark.webmanifest", "GET /me/codes",
}  # fmt: skip


def pages(x: Exchange) -> dict[str, Who]:
    found: dict[str, Who] = {}
    for route in x.app.routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if handler.opt.get("rule") is Rule.PAGE:
                found |= {f"{method} {route.path}": handler.opt["who"] for method in handler.http_methods - {"OPTIONS"}}
    return found


def test_the_pages_for_anybody_are_listed_and_all_others_ask_to_sign_in(browser: Browser) -> None:
    found = pages(browser.x)
    assert {page for page, who in found.items() if who is Who.ANYBODY} == ANYBODY
    for page, who in found.items():
        method, _, path = page.partition(" ")
        if who is not Who.ANYBODY:
            path = path.replace("{txn:str}", "x").replace("{terminal:str}", "x")
            answer = browser.client.request(method, path, follow_redirects=False, headers={"origin": browser.x.url})
            assert answer.status_code == 303, page
            door = "/operator/sign-in" if who is Who.OPERATOR else "/join"
            assert answer.headers["location"].startswith(f"{door}?next="), page


def token(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


@pytest.fixture
def browser(x: Exchange) -> Iterator[Browser]:
    with httpx.Client(base_url=x.url, follow_redirects=True) as client:
        yield Browser(x, client)


def test_joining_leads_to_a_code_and_a_wallet(browser: Browser) -> None:
    home = browser.join("new@example.org")
    assert home.url.path == "/me"
    assert "Your wallet is ready." in home.text
    digits = re.search(r'id="digits"[^>]*>([\d ]+)<', home.text)
    assert digits is not None
    PersonalCode.parse(digits[1])
    assert re.search(r'id="qr" d="M\d', home.text)


def test_wrong_digits_are_told_and_counted(browser: Browser) -> None:
    browser.post("/join", contact="wrong@example.org")
    for _ in range(5):
        again = browser.post("/join/code", contact="wrong@example.org", digits="0000000")
        assert again.status_code == 422
    over = browser.post("/join/code", contact="wrong@example.org", digits=browser.x.post.digits())
    assert over.status_code == 422
    assert "tillmark_session" not in browser.client.cookies


def test_who_is_not_signed_in_is_asked_to_and_comes_back(browser: Browser) -> None:
    asked = browser.get("/me/activity")
    assert asked.url.path == "/join"
    assert 'name="next" value="/me/activity"' in asked.text
    browser.post("/join", contact="back@example.org", next="/me/activity")
    digits = browser.x.post.digits()
    done = browser.post("/join/code", contact="back@example.org", digits=digits, next="/me/activity")
    assert done.url.path == "/me/activity"


@pytest.mark.parametrize("where", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"])
def test_nobody_is_sent_to_another_site(browser: Browser, where: str) -> None:
    browser.post("/join", contact="sent@example.org")
    with httpx.Client(base_url=browser.x.url) as plain:
        fields = {"contact": "sent@example.org", "digits": browser.x.post.digits(), "next": where}
        done = plain.post("/join/code", data=fields, headers={"origin": browser.x.url})
        assert done.status_code == 303
        assert done.headers["location"].startswith("/me")
        assert plain.get("/language", params={"to": "ko", "back": where}).headers["location"] == "/"
    browser.x.room.store.write(lambda unit: unit.run("DELETE FROM member_verification"))


def test_a_form_of_another_site_is_refused(browser: Browser) -> None:
    browser.join("csrf@example.org")
    csrf = token(browser.get("/me").text)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        sent = browser.client.post("/sign-out", data={"csrf": csrf}, headers=headers)
        assert sent.status_code == 403
    assert browser.post("/sign-out", csrf="guessed").status_code == 403
    with httpx.Client(base_url=browser.x.url) as nobody:
        assert nobody.post("/join", data={"contact": "a@example.org"}).status_code == 403
    assert browser.get("/me").url.path == "/me"


def test_signing_out_ends_the_session(browser: Browser) -> None:
    browser.join("out@example.org")
    assert browser.get("/me/codes").status_code == 200
    browser.send("/me", "/sign-out")
    assert browser.get("/me/codes").status_code == 401
    assert browser.get("/me").url.path == "/join"


def test_every_page_says_what_it_may_load_and_who_may_frame_it(browser: Browser) -> None:
    browser.join("csp@example.org")
    for path in ("/", "/join", "/me", "/me/buy", "/me/add", "/verify", "/faults", "/faults/TM-LED-001"):
        page = browser.get(path, accept="text/html")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["x-content-type-options"] == "nosniff"


def test_the_code_page_weighs_less_than_100_kb_with_everything_it_loads(browser: Browser) -> None:
    browser.join("light@example.org")
    page = browser.get("/me")
    loaded = {path.replace("&amp;", "&") for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)}
    assert len(loaded) >= 5
    total = len(page.content) + sum(len(browser.get(path).content) for path in (*loaded, "/me/codes", "/worker.js"))
    assert total < 100_000, total
    print(f"the code page with all it loads: {total} bytes")


def test_the_page_that_is_kept_holds_no_code_and_no_balance(browser: Browser) -> None:
    browser.join("kept@example.org")
    member = browser.x.member("kept@example.org")
    browser.x.deposit(member, 777_000)
    kept = browser.get("/me/away").text
    assert "777,000" not in kept
    assert not re.search(r"\d{3} \d{3} \d{3}", kept)
    assert "777,000" in browser.get("/me").text


def test_thirty_codes_follow_one_another_and_no_key_is_among_them(browser: Browser) -> None:
    browser.join("thirty@example.org")
    told = browser.get("/me/codes").json()
    assert set(told) == {"server_ms", "codes"}
    assert len(told["codes"]) == 30
    starts = [one["from_ms"] for one in told["codes"]]
    assert starts == list(range(starts[0], starts[0] + 30 * 30_000, 30_000))
    assert starts[0] <= told["server_ms"] < starts[0] + 30_000
    assert all(set(one) == {"from_ms", "digits", "qr", "bars"} for one in told["codes"])


def test_pages_speak_the_language_asked_for(browser: Browser) -> None:
    assert "코인으로" in browser.get("/", **{"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"}).text
    assert "Pay at the counter" in browser.get("/", **{"accept-language": "fr-FR,en;q=0.8"}).text
    assert '<html lang="ko">' in browser.get("/language?to=ko&back=/verify").text
    assert '<html lang="ko">' in browser.get("/verify").text


def sold(browser: Browser, won: int = 12_400) -> tuple[str, str]:
    """A member with a settled sale, signed in; the sale's transaction and its proof."""
    x = browser.x
    seller, member = x.member("seller@example.org"), x.member("shopper@example.org")
    x.shop(seller, "Corner Coffee")
    x.give(member, Money(2_000_000, BTC))
    capture = x.sale(member, seller, x.paired(seller), won)
    browser.join("shopper@example.org")
    return capture.txn.text, capture.proof


def test_a_sale_is_shown_with_a_proof_that_is_checked(browser: Browser) -> None:
    txn, proof = sold(browser)
    assert "Corner Coffee" in browser.get("/me/activity").text
    page = browser.get(f"/me/activity/{txn}").text
    assert "12,400" in page
    assert "Signed by the exchange and unchanged" in page
    checked = browser.send("/me", "/verify", text=proof).text
    assert "This receipt is genuine" in checked
    assert "Corner Coffee" in checked
    browser.send("/me", "/sign-out")
    browser.join("other@example.org")
    assert browser.get(f"/me/activity/{txn}").status_code == 404
    assert browser.get("/me/activity/" + "0" * 26).status_code == 404
    assert browser.get("/me/activity/..%2f").status_code == 404


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda proof: proof[:-20] + ("A" if proof[-20] != "A" else "B") + proof[-19:], "This receipt is not genuine"),
        (lambda proof: proof[:-30], "That is not the text of a receipt"),
        (lambda proof: "TMR2:" + proof[5:], "That is not the text of a receipt"),
        (lambda proof: "<script>alert(1)</script>", "That is not the text of a receipt"),
    ],
)  # fmt: skip
def test_a_receipt_that_was_changed_is_told_from_a_genuine_one(browser: Browser, spoil: object, said: str) -> None:
    _, proof = sold(browser)
    text = browser.send("/me", "/verify", text=spoil(proof)).text  # type: ignore[operator]
    assert said in text
    assert "<script>alert" not in text
    browser.x.room.store.write(lambda unit: unit.run("DELETE FROM member_verification"))


def test_the_page_of_a_code_is_html_for_people_and_json_for_programs(browser: Browser) -> None:
    page = browser.get("/faults/TM-LED-001", accept="text/html")
    assert page.headers["content-type"].startswith("text/html")
    assert "There is not enough in this wallet." in page.text
    assert browser.get("/faults/TM-LED-001", accept="application/json").json()["name"] == "not_enough"
    assert browser.get("/faults/TM-NIL-999", accept="text/html").status_code == 404
    assert "TM-LED-001" in browser.get("/faults").text


def test_a_seller_compares_the_fingerprint_before_approving(browser: Browser) -> None:
    x = browser.x
    browser.join("pairs@example.org")
    assert browser.get("/shop").url.path == "/shop/begin"
    browser.send("/shop/begin", "/shop/settings", name="Tea house", payout="coin")
    code, public = x.device()
    from core.fingerprint import fingerprint

    seen = browser.send("/shop/terminals", "/shop/terminals", code=code.lower())
    assert fingerprint(public) in seen.text
    assert "No terminal yet" in browser.get("/shop/terminals").text
    done = browser.send("/shop/terminals", "/shop/terminals/approve", code=code)
    assert "The terminal is yours" in done.text
    again = browser.send("/shop/terminals", "/shop/terminals/approve", code=code)
    assert again.status_code == 422
    terminal = re.search(r"/shop/terminals/(\w{26})/revoke", done.text)
    assert terminal is not None
    where = f"/shop/terminals/{terminal[1]}/revoke"
    assert "This cannot be undone" in browser.get(where).text
    assert "Revoked" in browser.send(where, where).text


def test_a_foreign_terminal_is_not_known(browser: Browser) -> None:
    x = browser.x
    owner = x.member("owner@example.org")
    x.shop(owner, "Book shop")
    terminal = x.paired(owner)
    browser.join("stranger@example.org")
    browser.send("/shop/begin", "/shop/settings", name="Stranger", payout="fiat")
    where = f"/shop/terminals/{terminal}/revoke"
    assert browser.get(where).status_code == 404
    assert browser.send("/shop/settings", where).status_code == 404


def test_a_price_list_is_taken_whole_or_not_at_all(browser: Browser) -> None:
    browser.join("list@example.org")
    browser.send("/shop/begin", "/shop/settings", name="List shop", payout="fiat")

    def upload(text: str) -> httpx.Response:
        csrf = token(browser.get("/shop/goods").text)
        files = {"file": ("list.csv", text.encode(), "text/csv")}
        return browser.client.post("/shop/goods", data={"csrf": csrf}, files=files, headers={"origin": browser.x.url})

    good = upload("barcode,name,price\n8801043014830,<b>Ramyun</b>,1200\n")
    assert "&lt;b&gt;Ramyun&lt;/b&gt;" in good.text
    bad = upload("8801043014830,Ramyun,1300\n1,Free,0\n")
    assert bad.status_code == 422
    assert "Nothing was changed" in bad.text
    assert "1,200" in browser.get("/shop/goods").text
    assert browser.get("/shop/labels").text.count("<li><svg") == 1


def test_sales_of_the_day_add_up(browser: Browser) -> None:
    x = browser.x
    seller, member = x.member("day@example.org"), x.member("buyer@example.org")
    x.shop(seller, "Day shop")
    x.give(member, Money(2_000_000, BTC))
    terminal = x.paired(seller)
    for won in (4_500, 12_000):
        x.sale(member, seller, terminal, won)
    x.sale(member, seller, terminal, 99_000, settled_ago_ms=3 * 86_400_000)
    browser.join("day@example.org")
    page = browser.get("/shop").text
    assert "16,500" in page
    assert "114,576" in page, "what is in the account is what the agency left: 0.8 percent less, each rounded up"
    assert "115,500" in browser.get("/shop?days=7").text


def test_only_operators_see_the_overview(browser: Browser) -> None:
    x = browser.x
    browser.join("curious@example.org")
    assert browser.get("/operator").status_code == 403
    browser.send("/me", "/sign-out")
    assert browser.join("curious@example.org", "/operator/sign-in").status_code == 403
    x.operator("ops@example.org")
    seen = browser.join("ops@example.org", "/operator/sign-in")
    assert seen.url.path == "/operator"
    assert "All assets sum to zero" in seen.text
    assert browser.get("/me").status_code == 403


def test_a_page_that_fails_says_so_without_its_inside(browser: Browser) -> None:
    long = browser.post("/join", contact="x" * 5_000)
    assert long.status_code == 413
    assert long.headers["content-type"].startswith("text/html")
    assert "Traceback" not in long.text
