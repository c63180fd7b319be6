"""The vault's own key in a file nobody else reads, and the keys of the exchange it believes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.fingerprint import fingerprint, vault_id
from device.vault.keys import FILE, PRIME, SMALL_ORDER, BadAuthorityKey, BadVaultKey, PinnedKeys, VaultKey
from device.vault.showing import pinned, pinned_lines

KEY = VaultKey.of_seed(bytes(32))

# Points of order 1, 2, 4, 8 and their other spellings (Bernstein and Lange, "SafeCurves"; RFC 8032, section 5.1.3).
OPEN_TO_ALL = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]


@pytest.mark.parametrize("raw", OPEN_TO_ALL)
def test_a_key_for_which_anybody_can_sign_is_refused(raw: str) -> None:
    with pytest.raises(BadAuthorityKey, match="anybody can sign"):
        PinnedKeys({"sample": base64.b64encode(bytes.fromhex(raw)).decode()})


def test_the_refused_points_are_all_there_are() -> None:
    values = {int.from_bytes(bytes.fromhex(raw), "little") % (1 << 255) % PRIME for raw in OPEN_TO_ALL}
    assert values == SMALL_ORDER


@pytest.mark.parametrize(("keys", "problem"), [({}, "no key"), ({"a": "?"}, "base64"), ({"a": "AAAA"}, "32 bytes")])
def test_what_is_no_key_of_an_exchange_is_refused_by_name(keys: dict[str, str], problem: str) -> None:
    with pytest.raises(BadAuthorityKey, match=problem) as refused:
        PinnedKeys(keys)
    assert refused.value.code == "TM-VAULT-023"


def test_only_a_pinned_key_is_believed_and_only_for_what_it_signed() -> None:
    keys = PinnedKeys({KEY.key_id: KEY.public})
    assert keys.holds(KEY.key_id, b"said", KEY.sign(b"said"))
    assert not keys.holds(KEY.key_id, b"other", KEY.sign(b"said"))
    assert not keys.holds("another", b"said", KEY.sign(b"said"))


def test_a_person_compares_fingerprints_and_sees_what_is_no_key() -> None:
    good, bad = pinned({"good": KEY.public, "zeros": base64.b64encode(bytes(32)).decode()})
    assert (good.mark, good.code) == (fingerprint(KEY.public), "")
    assert (bad.mark, bad.code) == ("", "TM-VAULT-023")
    assert list(pinned_lines({"good": KEY.public})) == [f"authority key good  {fingerprint(KEY.public)}"]
    assert list(pinned_lines({})) == ["authority key TM-VAULT-023 none is pinned"]


def test_a_saved_key_is_read_again_and_never_overwritten(tmp_path: Path) -> None:
    KEY.save(tmp_path / FILE)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    again = VaultKey.load(tmp_path / FILE)
    assert (again.key_id, again.public) == (vault_id(KEY.public), KEY.public)
    with pytest.raises(BadVaultKey, match="File exists"):
        VaultKey.of_seed(bytes([1] * 32)).save(tmp_path / FILE)
    assert VaultKey.load(tmp_path / FILE).sign(b"x") == KEY.sign(b"x")


def test_a_key_shows_nothing_of_itself() -> None:
    assert repr(KEY) == f"VaultKey({KEY.key_id})"


def test_a_key_file_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadVaultKey, match="No such file"):
        VaultKey.load(tmp_path / FILE)
    file = tmp_path / FILE
    file.write_bytes(b"rubbish")
    file.chmod(0o600)
    with pytest.raises(BadVaultKey, match="no key that can be read"):
        VaultKey.load(file)
    file.write_bytes(generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(BadVaultKey, match="another kind"):
        VaultKey.load(file)
    file.chmod(0o640)
    with pytest.raises(BadVaultKey, match="read by others") as refused:
        VaultKey.load(file)
    assert refused.value.code == "TM-VAULT-019"
