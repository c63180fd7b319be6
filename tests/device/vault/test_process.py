"""The real program: a real socket, a real serial driver on a pseudo-terminal, SIGTERM, and SIGKILL at any moment."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.authority import AUTHORITY, Authority
from core.cash_report import PAID_REPORT, Act, PaidReport
from core.fingerprint import fingerprint
from core.grant import GRANT, Grant, Right
from core.ids import TxnId
from core.sealed import seal, unseal
from core.vault_lines import line, said
from core.vault_talk import (
    AskChallenge,
    AskNonce,
    AskState,
    Challenge,
    CloseOut,
    Nonce,
    PaidOut,
    PayOut,
    Reply,
    Request,
    Serve,
    Served,
    Stage,
    VaultRefused,
    VaultState,
)
from device.vault.book import read_only
from device.vault.keys import FILE, PinnedKeys, VaultKey
from device.vault.ledger import TAKEN, wrong_with
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser_lcdm30 import Lcdm30Peer
from sim.peers.pty_dispenser import DispenserOnPty
from tests.device.vault.room import at, txn, won

ROOT = Path(__file__).parents[3]
EXCHANGE = VaultKey.of_seed(bytes(32))
PATIENCE_S = 20.0
SPEED = 40.0


class Caller:
    """A blocking client of the socket: one question, its last answer."""

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.settimeout(PATIENCE_S)
        try:
            self._line.connect(str(path))
        except OSError:
            self._line.close()
            raise
        self._file = self._line.makefile("rb")
        self._number = 0

    def send(self, raw: bytes) -> None:
        self._line.sendall(raw)

    def hear(self) -> tuple[int, Reply]:
        text = self._file.readline()
        if not text:
            raise ConnectionError("the cash side has gone")
        heard = said(text)
        return heard.id, heard.reply

    def hear_out(self) -> list[Reply]:
        """Everything until the other side closes."""
        return [said(text).reply for text in self._file]

    def get(self, request: Request) -> Reply:
        self._number += 1
        self.send(line(self._number, request))
        while True:
            number, reply = self.hear()
            if number == self._number and not isinstance(reply, Stage):
                return reply

    def close(self) -> None:
        self._file.close()
        self._line.close()


class Side:
    """One cash side: its folder, its configuration, its far end, and the program while it runs."""

    def __init__(self, folder: Path, machine: DispenserOnPty) -> None:
        self.folder = folder
        self.machine = machine
        self.socket = folder / "s"
        self.config = folder / "vault.toml"
        self.config.write_text(
            f'[vault]\ndata_dir = "{folder}"\nsocket = "{self.socket}"\nterminal = "T1"\n'
            f'[vault.authority_keys]\n"{EXCHANGE.key_id}" = "{EXCHANGE.public}"\n'
            f'[dispenser]\ndriver = "dispenser_lcdm30"\nport = "{machine.port}"\nplaces = 2\n'
            '[[cassette]]\nplace = 1\nface = "10000"\ncurrency = "KRW"\n'
            '[[cassette]]\nplace = 2\nface = "50000"\ncurrency = "KRW"\n'
        )
        self.key = VaultKey.of_seed(bytes([1] * 32))
        self.key.save(folder / FILE)
        self.program: subprocess.Popen[bytes] | None = None

    def verb(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tillmark_command", "vault", *words, "--config", str(self.config)]

    def start(self) -> Caller:
        self.program = subprocess.Popen(
            self.verb("run"),
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                caller = Caller(self.socket)
            except OSError:
                assert self.program.poll() is None, "the cash side ended at once"
                time.sleep(0.01)
                continue
            return caller
        raise AssertionError("the cash side does not listen")

    def until_up(self, caller: Caller) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            state = caller.get(AskState())
            assert isinstance(state, VaultState)
            if state.code not in ("TM-CASH-002", "TM-VAULT-008"):
                return
            time.sleep(0.01)
        raise AssertionError("the cable never opens")

    def stop(self, number: int) -> int:
        assert self.program is not None
        self.program.send_signal(number)
        code = self.program.wait(PATIENCE_S)
        self.program = None
        return code

    def load(self, caller: Caller) -> None:
        challenge = caller.get(AskChallenge())
        assert isinstance(challenge, Challenge)
        grant = Grant("T1", self.key.key_id, "Kim", tuple(Right), challenge.challenge, 60_000)
        notes = (at("cassette:1", 10_000, 500), at("cassette:2", 50_000, 500))
        assert isinstance(
            caller.get(Serve(TxnId.of(bytes([7] * 16)), seal(GRANT, grant, EXCHANGE), Act.LOADED, notes)), Served
        )

    def authority(self, caller: Caller, number: int, amount: int) -> str | None:
        nonce = caller.get(AskNonce(txn(number)))
        if not isinstance(nonce, Nonce):
            return None
        return seal(AUTHORITY, Authority("T1", nonce.vault, txn(number), nonce.nonce, won(amount), 60_000), EXCHANGE)


@contextmanager
def side(tmp_path: Path) -> Iterator[Side]:
    peer = Lcdm30Peer(CashBox({1: (10_000, 500), 2: (50_000, 500)}))
    with DispenserOnPty(peer, speed=SPEED) as machine:
        one = Side(tmp_path, machine)
        try:
            yield one
        finally:
            if one.program is not None:
                one.stop(signal.SIGKILL)


def test_the_program_pays_over_its_socket_and_stops_cleanly(tmp_path: Path) -> None:
    with side(tmp_path) as one:
        caller = one.start()
        one.load(caller)
        one.until_up(caller)
        authority = one.authority(caller, 1, 130_000)
        assert authority is not None
        paid = caller.get(PayOut(txn(1), authority, won(130_000)))
        assert isinstance(paid, PaidOut)
        report = unseal(PAID_REPORT, PaidReport, paid.report, PinnedKeys({one.key.key_id: one.key.public}))
        assert report.statement.least == won(130_000)
        assert (tmp_path / "s").stat().st_mode & 0o777 == 0o660
        caller.close()
        assert one.stop(signal.SIGTERM) == 0
        assert not one.socket.exists()
        shown = subprocess.run(
            one.verb("show", "--json"), cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
        )
        plain = json.loads(shown.stdout)
        assert (plain["sound"], plain["terminal"]) == (True, "T1")
        mark = fingerprint(EXCHANGE.public)
        assert plain["authority_keys"] == [{"id": EXCHANGE.key_id, "fingerprint": mark, "code": ""}]


def test_a_cash_side_that_believes_nobody_does_not_start_and_says_why(tmp_path: Path) -> None:
    with side(tmp_path) as one:
        zeros = base64.b64encode(bytes(32)).decode()
        for pinned in ("", f'"sample" = "{zeros}"\n'):
            whole = one.config.read_text()
            one.config.write_text(whole.replace(f'"{EXCHANGE.key_id}" = "{EXCHANGE.public}"\n', pinned))
            ran = subprocess.run(one.verb("run"), cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
            assert (ran.returncode, ran.stderr[:12]) == (2, "TM-VAULT-023")
            one.config.write_text(whole)
        caller = one.start()
        shown = subprocess.run(one.verb("show"), cwd=ROOT, capture_output=True, text=True, check=True, timeout=20)
        assert f"authority key {EXCHANGE.key_id}  {fingerprint(EXCHANGE.public)}" in shown.stdout
        caller.close()


def test_a_bad_line_is_refused_by_name_and_its_connection_ends(tmp_path: Path) -> None:
    with side(tmp_path) as one:
        caller = one.start()
        for raw in (b"hello\n", b'{"id": 1, "is": "OpenTheSafe"}\n', b"x" * 40_000):
            caller.send(raw)
            heard = caller.hear_out()
            assert [reply.code for reply in heard if isinstance(reply, VaultRefused)] == ["TM-VAULT-002"]
            caller.close()
            caller = Caller(one.socket)
        assert isinstance(caller.get(AskState()), VaultState)
        caller.close()


def killed(one: Side, times: int, seed: int) -> None:
    """SIGKILL somewhere in each of so many withdrawals; every report must admit the truth."""
    chance = random.Random(seed)
    caller = one.start()
    one.load(caller)
    sure = 0
    for number in range(1, times + 1):
        one.machine.do(lambda peer, now_ms: peer.box.take())
        one.until_up(caller)
        before = one.machine.do(_given)
        authority = one.authority(caller, number, 60_000)
        if authority is None:
            break  # suspended by a doubt: nothing more is paid until somebody counts
        caller.send(line(9_999, PayOut(txn(number), authority, won(60_000))))
        time.sleep(chance.uniform(0, 0.25))
        one.stop(signal.SIGKILL)
        caller.close()
        caller = one.start()
        paid = caller.get(CloseOut(txn(number)))
        assert isinstance(paid, PaidOut)
        given = one.machine.do(_given) - before
        assert paid.least.money().minor <= given <= paid.highest.money().minor, (number, given, paid)
        assert given in (0, 60_000)
        sure += paid.least == paid.highest
    caller.close()
    one.stop(signal.SIGTERM)
    books, _ = read_only(one.folder)
    assert wrong_with(books.ledger) == ""
    if not books.suspended:
        assert sum(books.ledger.notes(TAKEN, face) * face for face in (10_000, 50_000)) == one.machine.do(_given)
    assert sure or books.suspended


def _given(peer: object, now_ms: int) -> int:
    assert isinstance(peer, Lcdm30Peer)
    return peer.box.worth(Spot.EXIT) + peer.box.worth(Spot.TAKEN)


def test_killed_at_any_moment_it_says_what_the_customer_has(tmp_path: Path) -> None:
    with side(tmp_path) as one:
        killed(one, 5, 1)


@pytest.mark.full
@pytest.mark.timeout(300)
def test_killed_a_hundred_times_it_says_what_the_customer_has(tmp_path: Path) -> None:
    with side(tmp_path) as one:
        killed(one, 100, 2)
