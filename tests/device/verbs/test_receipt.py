"""`tillmark receipt`: genuine, changed and foreign receipts, photographs of them, and every input that says nothing."""

from __future__ import annotations

import base64
import http.server
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from core.codec import tagged, to_plain
from core.effects import PrintReceipt
from core.proof import encode, seal
from device.verbs.receipt import command
from tests.drivers.printer_samples import COPY_KO, FACTS, REFUND_FACTS, SALE_EN

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY_ID = "exchange-2026-1"
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
KEY_SET = json.dumps({"keys": [{"id": KEY_ID, "ed25519": PUBLIC, "later": "field"}]})
GENUINE = seal(FACTS, KEY_ID, KEY.sign(encode(FACTS)))
CHANGED = seal(replace(FACTS, rrn="512600000043"), KEY_ID, KEY.sign(encode(FACTS)))
FOREIGN = seal(FACTS, "somebody-else", KEY.sign(encode(FACTS)))


def run(*words: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, list(words), input=stdin)


@pytest.fixture
def keys(tmp_path: Path) -> str:
    (tmp_path / "keys.json").write_text(KEY_SET)
    return str(tmp_path / "keys.json")


def test_a_genuine_receipt_says_what_it_is_and_exits_0(keys: str) -> None:
    done = run("verify", GENUINE, "--keys", keys, "--utc-offset", "540")
    assert done.exit_code == 0
    for words in ("VALID", KEY_ID, "50,000 KRW", "0.00052344 BTC", "2026-03-02 18:14:05 UTC+09:00", "512600000042"):
        assert words in done.output
    assert "NOT VALID" not in done.output


def test_it_says_so_in_korean(keys: str) -> None:
    done = run("verify", GENUINE, "--keys", keys, "--lang", "ko")
    assert done.exit_code == 0
    assert "진짜 영수증이에요" in done.output
    assert "모퉁이 커피" in done.output


def test_a_refund_says_refund(keys: str) -> None:
    done = run("verify", seal(REFUND_FACTS, KEY_ID, KEY.sign(encode(REFUND_FACTS))), "--keys", keys)
    assert done.exit_code == 0
    assert "Refund" in done.output
    assert REFUND_FACTS.sale is not None
    assert REFUND_FACTS.sale.text in done.output


@pytest.mark.parametrize(("text", "code"), [(CHANGED, "TM-RCP-003"), (FOREIGN, "TM-RCP-002")])
def test_a_receipt_that_is_not_genuine_is_named_and_exits_1(keys: str, text: str, code: str) -> None:
    done = run("verify", text, "--keys", keys)
    assert done.exit_code == 1
    assert done.output.startswith(f"NOT VALID  {code}")


def test_programs_read_json(keys: str) -> None:
    plain = json.loads(run("verify", GENUINE, "--keys", keys, "--json").output)
    assert (plain["valid"], plain["code"], plain["facts"]["price"]["amount"]) == (True, "", "50000")
    plain = json.loads(run("verify", CHANGED, "--keys", keys, "--json").output)
    assert (plain["valid"], plain["code"]) == (False, "TM-RCP-003")
    plain = json.loads(run("verify", "TMR1:AA", "--keys", keys, "--json").output)
    assert (plain["valid"], plain["code"]) == (None, "TM-RCP-001")


def picture(text: str, form: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(text, micro=False, error="m").save(drawn, kind="png", scale=6)
    drawn.seek(0)
    with Image.open(drawn) as code:
        photo = Image.new("RGB", (900, 900), (120, 110, 100))
        photo.paste(code.convert("RGB").rotate(7, expand=True, fillcolor=(255, 255, 255)), (90, 120))
    out = io.BytesIO()
    photo.save(out, form, quality=60)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_photograph_is_read(keys: str, tmp_path: Path, form: str) -> None:
    (tmp_path / "photo").write_bytes(picture(GENUINE, form))
    assert run("verify", str(tmp_path / "photo"), "--keys", keys).exit_code == 0


def test_text_and_pictures_come_by_stdin_too(keys: str) -> None:
    assert run("verify", "-", "--keys", keys, stdin=GENUINE.lower().encode() + b"\n").exit_code == 0
    assert run("verify", "-", "--keys", keys, stdin=picture(CHANGED, "PNG")).exit_code == 1


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"hello", "TM-RCP-001"),
        (b"", "TM-RCP-001"),
        (b"\x00\xff\xfe", "TM-RCP-001"),
        (b"TMR2:AAAA", "TM-RCP-001"),
        (b"\x89PNG\r\n\x1a\nnot really", "TM-RCP-004"),
        (picture("https://example.com/", "PNG"), "TM-RCP-004"),
    ],
)
def test_input_that_is_no_receipt_is_named_and_exits_2(keys: str, raw: bytes, code: str) -> None:
    done = run("verify", "-", "--keys", keys, stdin=raw)
    assert done.exit_code == 2
    assert code in done.output


def test_a_file_that_is_not_there_exits_2(keys: str) -> None:
    done = run("verify", "/no/such/file.png", "--keys", keys)
    assert done.exit_code == 2
    assert "TM-RCP-001" in done.output


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"keys": []}', '{"keys": [{"id": "a", "ed25519": "AAAA"}]}', '{"keys": [1]}', "x" * 70_000],
)
def test_keys_that_cannot_be_used_leave_the_receipt_unchecked(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    done = run("verify", GENUINE, "--keys", str(tmp_path / "keys.json"))
    assert done.exit_code == 2
    assert "NOT CHECKED  TM-RCP-005" in done.output
    assert "512600000042" in done.output


def test_without_keys_nothing_is_claimed() -> None:
    done = run("verify", GENUINE)
    assert done.exit_code == 2
    assert "not checked" in done.output


class _Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/.well-known/tillmark-keys"
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(KEY_SET.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def exchange() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_keys_are_fetched_from_the_exchange(exchange: str) -> None:
    assert run("verify", GENUINE, "--keys", exchange).exit_code == 0
    assert run("verify", GENUINE, "--keys", exchange + "/.well-known/tillmark-keys").exit_code == 0
    assert run("verify", GENUINE, "--keys", exchange + "/elsewhere").exit_code == 2
    assert run("verify", GENUINE, "--keys", "http://127.0.0.1:1").exit_code == 2


def test_keys_that_anybody_could_swap_are_not_fetched() -> None:
    done = run("verify", GENUINE, "--keys", "http://exchange.example")
    assert done.exit_code == 2
    assert "https" in done.output


def test_a_receipt_is_shown_as_text(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps(to_plain(COPY_KO)))
    done = run("show", str(tmp_path / "r.json"), "--columns", "32")
    assert done.exit_code == 0
    assert "사 본" in done.output
    done = run("show", "-", stdin=json.dumps(tagged(PrintReceipt("k", SALE_EN))).encode())
    assert "TOTAL                                 50,000 KRW" in done.output


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b'{"number": "1", "lines": [{"is": "Banner"}]}'])
def test_what_is_no_receipt_is_not_shown(raw: bytes) -> None:
    done = run("show", "-", stdin=raw)
    assert done.exit_code == 2
    assert "not a receipt" in done.output
