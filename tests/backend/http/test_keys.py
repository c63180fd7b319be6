"""Key files: made once, whole, and one for all who ask for it in the same moment."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.http.keys import BadKeyFile, read_secret, server_key, write_secret


def test_two_servers_that_start_over_an_empty_folder_end_with_one_key(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"agency-{number}.key"
        with ThreadPoolExecutor(8) as pool:
            found = {key.public for key in pool.map(lambda _, path=path: server_key(path, "a"), range(8))}
        assert len(found) == 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {file.suffix for file in tmp_path.iterdir()} == {".key"}


def test_a_key_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    write_secret(path, bytes(32))
    write_secret(path, bytes([1]) * 32)
    assert read_secret(path, 32) == bytes(32)


def test_a_key_others_may_read_or_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    write_secret(path, bytes(31))
    with pytest.raises(BadKeyFile):
        server_key(path, "a")
    path.chmod(0o644)
    with pytest.raises(BadKeyFile):
        read_secret(path, 31)
