"""A withdrawal over HTTP, as a paired machine, its cash side, and the member's phone speak to the exchange."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.http.keys import public_key, public_text
from backend.withdraw import desk
from backend.withdraw.teller import VaultKey
from core.asset import KRW
from core.authority import AUTHORITY, Authority
from core.cash import Count
from core.cash_report import (
    PAID_REPORT,
    REPORT_TAKEN,
    SERVICE_REPORT,
    Act,
    NotesAt,
    PaidReport,
    ReportTaken,
    ServiceReport,
)
from core.fingerprint import vault_id
from core.messages import (
    ApprovalRequest,
    CashReportRequest,
    LimitsRequest,
    PresentRequest,
    Tender,
    WireMoney,
    WithdrawQuoteRequest,
    WithdrawRequest,
)
from core.money import Money
from core.proof import open_seal
from core.sealed import seal, unseal
from device.verbs.receipt import command as receipt
from tests.backend.http.world import Device, World, txn, world


class Vault:
    """A cash side's own key."""

    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = public_text(self.private.public_key())
        self.key_id = vault_id(self.public)

    def sign(self, signed: bytes) -> bytes:
        return self.private.sign(signed)


@pytest.fixture
def w(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path) as made:
        yield made


def fund(w: World, member: str, won: int) -> None:
    from backend.ledger import desk as ledger
    from backend.ledger.desk import Owner, OwnerKind, Record
    from backend.store import Unit

    def work(unit: Unit) -> None:
        bank = ledger.account(unit, Owner(OwnerKind.WORLD, "bank"), KRW)
        into = ledger.account(unit, Owner(OwnerKind.MEMBER, member, 1), KRW)
        ledger.post(
            unit, Record("deposit", secrets.token_hex(8), w.clock(), (ledger.give(bank, won), ledger.get(into, won)))
        )

    w.server.store.write(work)


def verified(source: str, keys: Path) -> str:
    """What `tillmark receipt verify` says of a genuine receipt."""
    done = CliRunner().invoke(receipt, ["verify", source, "--keys", str(keys), "--utc-offset", "540"])
    assert done.exit_code == 0, done.output
    return done.output


def test_cash_from_code_to_receipt_with_real_signatures(w: World, tmp_path: Path) -> None:
    vault = Vault()
    atm = w.cash_machine("Station ATM", vault.public)
    mina = w.person()
    fund(w, mina.member, 500_000)
    t, amount = txn(), WireMoney.of(Money(100_000, KRW))
    shown = atm.call("POST", "/v1/presentations", PresentRequest(t, "camera", mina.codes()[0]), t.key("present")).json()
    p = shown["id"]
    limits = atm.call("POST", "/v1/withdrawals/limits", LimitsRequest(t, p)).json()
    assert limits["limit"]["amount"] == "497512"
    asked = atm.call("POST", "/v1/withdrawals/approvals", ApprovalRequest(t, p, amount)).json()
    assert (asked["state"], asked["machine"], asked["ttl_ms"]) == ("waiting", "Station ATM", 90_000)
    question = mina.call("GET", "/v1/me/approvals").json()
    assert [(one["amount"]["amount"], one["machine"]) for one in question] == [("100000", "Station ATM")]
    offer = atm.call("POST", "/v1/withdrawals/quotes", WithdrawQuoteRequest(t, p, amount, Tender.FIAT)).json()
    nonce = secrets.token_hex(16)
    request = WithdrawRequest(t, 1, p, offer["quote"], vault.key_id, nonce)
    early = atm.call("POST", "/v1/withdrawals", request, t.key("authorise"))
    assert (early.status_code, early.json()["code"], early.json()["retryable"]) == (409, "TM-WDR-009", True)
    assert mina.call("POST", f"/v1/me/approvals/{t.text}", json={"approve": True}).status_code == 200
    assert atm.call("GET", f"/v1/withdrawals/approvals/{t.text}").json()["state"] == "approved"
    made = atm.call("POST", "/v1/withdrawals", request, t.key("authorise"))
    again = atm.call("POST", "/v1/withdrawals", request, t.key("authorise"))
    assert made.status_code == 200, made.text
    assert made.json() == again.json()
    key = VaultKey(atm.grant["authority_key_id"], public_key(atm.grant["authority_key"]))
    said = unseal(AUTHORITY, Authority, made.json()["authority"], key).statement
    assert (said.terminal, said.vault, said.nonce, said.most) == (atm.keyid, vault.key_id, nonce, amount)
    report = PaidReport(vault.key_id, atm.keyid, 1, t, nonce, amount, amount)
    sealed = CashReportRequest(seal(PAID_REPORT, report, vault))
    reply = atm.call("POST", "/v1/cash-reports", sealed, f"{t.text}/report/1").json()
    assert unseal(REPORT_TAKEN, ReportTaken, reply["taken"], key).statement == ReportTaken(vault.key_id, 1)
    assert (reply["withdrawal"]["state"], reply["withdrawal"]["fee"]["amount"]) == ("paid", "500")
    assert open_seal(reply["withdrawal"]["proof"]).facts.price == Money(100_000, KRW)
    assert atm.call("POST", "/v1/cash-reports", sealed).json() == reply
    assert atm.call("GET", f"/v1/withdrawals/{t.text}").json() == reply["withdrawal"]
    proof, keys, photo = reply["withdrawal"]["proof"], tmp_path / "keys.json", tmp_path / "paper.png"
    keys.write_text(w.call("GET", "/.well-known/tillmark-keys").text)
    segno.make(proof, micro=False, error="m").save(str(photo), scale=4, border=4)
    by_text = verified(proof, keys)
    for words in ("Cash withdrawal", reply["withdrawal"]["rrn"], "100,000 KRW", "500 KRW", "Station ATM", t.text):
        assert words in by_text
    assert verified(str(photo), keys) == by_text


def test_a_forged_report_is_refused_and_its_alarm_stays(w: World) -> None:
    vault, forger = Vault(), Vault()
    atm = w.cash_machine("Station ATM", vault.public)
    nothing = WireMoney.of(Money(0, KRW))
    forger.key_id = vault.key_id
    report = PaidReport(vault.key_id, atm.keyid, 1, txn(), "", nothing, nothing)
    refused = atm.call("POST", "/v1/cash-reports", CashReportRequest(seal(PAID_REPORT, report, forger)))
    assert (refused.status_code, refused.json()["code"]) == (403, "TM-WDR-014")
    rung = w.server.store.read(lambda unit: unit.all("SELECT terminal, code FROM cash_alarm"))
    assert rung == [(atm.keyid, "TM-WDR-014")]
    assert atm.call("POST", "/v1/cash-reports", CashReportRequest(seal(PAID_REPORT, report, vault))).status_code == 200


def test_a_revoked_terminal_reports_nothing_and_its_cash_side_does_through_the_next_one(w: World) -> None:
    vault = Vault()
    old = w.cash_machine("Station ATM", vault.public)
    owner = w.person("Station.ATM@example.org")
    ten = NotesAt("cassette:1", WireMoney.of(Money(10_000, KRW)), Count.exact(100))
    loaded = ServiceReport(vault.key_id, old.keyid, 1, txn(), Act.LOADED, (ten,), ("Kim",))
    sealed = CashReportRequest(seal(SERVICE_REPORT, loaded, vault))
    assert owner.call("POST", f"/v1/shop/terminals/{old.keyid}/revoke").status_code == 200
    refused = old.call("POST", "/v1/cash-reports", sealed)
    assert (refused.status_code, refused.json()["code"]) == (403, "TM-HTTP-015")
    stranger = w.cash_machine("Other ATM", Vault().public)
    assert stranger.call("POST", "/v1/cash-reports", sealed).json()["code"] == "TM-WDR-014"
    new = Device(w, Ed25519PrivateKey.generate())
    new.pair(owner, "atm", vault.public)
    assert new.call("POST", "/v1/cash-reports", sealed).json()["number"] == 1
    machine = w.server.store.read(lambda unit: desk.machine(unit, new.keyid, KRW))
    assert machine is not None
    assert (machine.book, machine.agrees, machine.missing) == (Money(1_000_000, KRW), True, 0)


def test_a_machine_sees_no_other_machines_withdrawals(w: World) -> None:
    one, other = (w.cash_machine(name, Vault().public) for name in ("one", "two"))
    for atm in (one, other):
        assert atm.call("GET", f"/v1/withdrawals/{txn().text}").json()["code"] == "TM-WDR-013"
        assert atm.call("GET", "/v1/withdrawals/approvals/x").json()["code"] == "TM-WDR-013"
