"""A machine that checks each order itself: a token for exactly the notes of one order, under a key of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.asset import KRW
from core.dispenser import Pay
from core.money import Money
from core.settings import BadSetting
from core.vault_talk import AskNonce, PaidOut, PayOut, VaultRefused
from core.wire.xfs4iot_token import check
from device.vault import codes
from device.vault.config import read
from device.vault.end_to_end import EndToEndKey
from device.vault.keys import BadVaultKey, VaultKey
from sim.peers.cash_box import Spot
from sim.peers.dispenser_xfs4iot import XfsDispenser
from tests.device.vault.room import Room, txn, won
from tests.device.vault.test_machines import LINES, Line

DIGITS = "ab" * 32
VAULT = """
[vault]
data_dir = "{0}"
socket = "{0}/vault.sock"
terminal = "T1"
[vault.authority_keys]
"k" = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
[dispenser]
{1}
[[cassette]]
place = 1
face = "50000"
currency = "KRW"
"""
XFS = 'driver = "dispenser_xfs4iot"\nurl = "ws://127.0.0.1:1/"\nunits = { unit1 = 1 }\n'


def line() -> tuple[Line, XfsDispenser]:
    made = LINES["xfs4iot-end-to-end"]()
    assert isinstance(made.peer, XfsDispenser)
    return made, made.peer


def configured(folder: Path, dispenser: str) -> None:
    file = folder / "vault.toml"
    file.write_text(VAULT.format(folder, dispenser), "utf-8")
    described = read(file)
    described.setup(VaultKey.of_seed(bytes(32)), described.host(), str(file))


def key_file(folder: Path, text: str = DIGITS, mode: int = 0o600) -> Path:
    file = folder / "e2e.key"
    file.write_text(text, "ascii")
    file.chmod(mode)
    return file


def test_a_token_lets_exactly_the_notes_of_the_order_out() -> None:
    key = EndToEndKey(bytes(range(32)))
    token = check(key.token("A1B2", Money(130_000, KRW)), "A1B2", key.mac)
    assert (token.most("KRW", 0), token.most("USD", 0)) == (130_000, 0)


def test_for_a_nonce_that_is_none_no_token_is_made_and_nothing_moves() -> None:
    assert EndToEndKey(bytes(32)).token("A1,DISPENSE1=900KRW", Money(1, KRW)) == ""


def test_the_rest_from_another_cassette_has_a_nonce_and_a_token_of_its_own() -> None:
    made, peer = line()
    authority = made.authority(5_000_00)
    peer.fault("empty")
    paid = made.get(PayOut(txn(1), authority, won(5_000_00)))
    assert isinstance(paid, PaidOut), paid
    assert paid.least == paid.highest == won(5_000_00)
    assert peer.box.worth(Spot.TAKEN) == 5_000_00
    assert peer.memory.nonces >= 2


def test_a_machine_with_another_key_gives_no_note_and_the_vault_says_so() -> None:
    made, peer = line()
    peer.making = replace(peer.making, mac=EndToEndKey(b"x" * 32).mac)
    paid = made.get(PayOut(txn(1), made.authority(1_000_00), won(1_000_00)))
    assert isinstance(paid, PaidOut), paid
    assert (paid.least, paid.highest) == (won(0), won(0))
    assert paid.code
    assert peer.box.worth(Spot.CASSETTE) == sum(face * count for face, count in made.loaded.values())


def test_a_machine_that_gives_no_nonce_is_refused_by_name() -> None:
    made, peer = line()
    peer.making = replace(peer.making, mac=None)
    made.vault.lost(made.now_ms)
    made.vault.opened(made.now_ms)
    refused = made.get(AskNonce(txn(1)))
    assert isinstance(refused, VaultRefused)
    assert refused.code == codes.END_TO_END


def test_a_machine_that_asks_for_no_token_is_given_none() -> None:
    room = Room()
    room.pay(30_000)
    (pay,) = (order for order in room.far.orders if isinstance(order, Pay))
    assert pay.token == ""


def test_a_key_file_of_hexadecimal_digits_is_read_and_never_shown(tmp_path: Path) -> None:
    key = EndToEndKey.load(key_file(tmp_path))
    assert DIGITS not in repr(key)
    configured(tmp_path, f'{XFS}end_to_end = true\ne2e_key_file = "{tmp_path / "e2e.key"}"')


@pytest.mark.parametrize(("text", "mode"), [(DIGITS, 0o640), ("no digits", 0o600), ("abcd", 0o600)])
def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path, text: str, mode: int) -> None:
    with pytest.raises(BadVaultKey) as refused:
        EndToEndKey.load(key_file(tmp_path, text, mode))
    assert text not in str(refused.value)


def test_a_key_for_a_machine_that_asks_for_no_token_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="e2e_key_file"):
        configured(tmp_path, f'{XFS}e2e_key_file = "{key_file(tmp_path)}"')
