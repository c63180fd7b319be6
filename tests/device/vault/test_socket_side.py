"""The socket of the cash side: a real unix socket, other users, other people's bytes, and readers that do not read."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.vault_lines import line, said
from core.vault_talk import LINE_MAX, AskState, Reply, VaultRefused
from device.vault import codes
from device.vault.socket_side import CONNECTIONS_MAX, UNSENT_MAX, Question, SocketSide

PATIENCE_S = 10.0
NOBODY = 65_534
BUSY = VaultRefused(codes.BUSY, "x" * 4_000)


@pytest.fixture
def side(tmp_path: Path) -> Iterator[SocketSide]:
    made = SocketSide(tmp_path / "s", frozenset({os.getuid()}))
    made.listen()
    yield made
    made.close()


def call(side: SocketSide) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(PATIENCE_S)
    caller.connect(str(side.path))
    return caller


def question(side: SocketSide) -> Question:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for one in side.questions(50):
            return one
    raise AssertionError("nothing was asked")


def settle(side: SocketSide) -> list[Question]:
    """Everything that has come by now."""
    return [one for _ in range(4) for one in side.questions(0)]


def rest_of(caller: socket.socket) -> list[Reply]:
    with caller, caller.makefile("rb") as file:
        return [said(text).reply for text in file]


def test_a_question_is_answered_to_whom_it_belongs_and_news_go_to_everybody(side: SocketSide) -> None:
    with call(side) as one, call(side) as other:
        one.sendall(line(7, AskState())[:9])
        assert settle(side) == []
        one.sendall(line(7, AskState())[9:])
        asked = question(side)
        assert (asked.number, asked.request) == (7, AskState())
        side.say(asked.connection, 7, BUSY)
        side.tell(BUSY)
        with one.makefile("rb") as mine, other.makefile("rb") as theirs:
            assert [said(mine.readline()).id for _ in range(2)] == [7, 0]
            assert said(theirs.readline()).id == 0


def test_questions_that_come_together_are_all_heard_in_order(side: SocketSide) -> None:
    with call(side) as caller:
        caller.sendall(b"".join(line(number, AskState()) for number in range(1, 6)))
        assert [one.number for one in settle(side)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("raw", [b"hello\n", b'{"id": 1, "is": "OpenTheSafe"}\n', b"x" * (LINE_MAX + 1), b"\xff\n"])
def test_what_says_nothing_we_know_is_refused_by_name_and_the_connection_ends(side: SocketSide, raw: bytes) -> None:
    caller = call(side)
    settle(side)
    caller.sendall(raw + line(1, AskState()))
    assert settle(side) == []
    refused = rest_of(caller)
    assert [one.code for one in refused if isinstance(one, VaultRefused)] == [codes.LINE_BAD]


def test_who_asks_after_a_bad_line_of_the_same_packet_is_not_heard(side: SocketSide) -> None:
    caller = call(side)
    caller.sendall(line(1, AskState()) + b"rubbish\n" + line(2, AskState()))
    assert [one.number for one in settle(side)] == [1]
    caller.close()


def test_an_answer_for_somebody_who_has_gone_is_dropped(side: SocketSide) -> None:
    with call(side) as caller:
        caller.sendall(line(1, AskState()))
        asked = question(side)
    settle(side)
    side.say(asked.connection, 1, BUSY)
    side.tell(BUSY)


def test_a_reader_that_does_not_read_is_dropped_and_holds_nobody_up(side: SocketSide) -> None:
    lazy, other = call(side), call(side)
    settle(side)
    for _ in range(UNSENT_MAX // 4_000 + 200):
        side.tell(BUSY)
        other.recv(1 << 16)
    other.sendall(line(3, AskState()))
    asked = question(side)
    side.say(asked.connection, 3, BUSY)
    assert len(rest_of(lazy)) < UNSENT_MAX // 4_000 + 200
    other.close()


def test_a_slow_reader_gets_everything_in_the_end(side: SocketSide) -> None:
    caller = call(side)
    settle(side)
    for _ in range(100):  # more than the kernel keeps for a socket, less than we do
        side.tell(BUSY)
    with caller.makefile("rb") as file:
        for _ in range(100):
            settle(side)
            assert said(file.readline()).reply == BUSY
    caller.close()


def test_more_connections_than_there_are_askers_are_closed(side: SocketSide) -> None:
    callers = [call(side) for _ in range(CONNECTIONS_MAX)]
    for _ in range(CONNECTIONS_MAX):
        settle(side)
    late = call(side)
    settle(side)
    assert late.recv(1) == b""
    callers[0].close()
    settle(side)
    with call(side) as again:
        again.sendall(line(1, AskState()))
        assert question(side).number == 1
    for one in (late, *callers):
        one.close()


def test_a_caller_that_is_gone_before_it_is_taken_in_hurts_nobody(side: SocketSide) -> None:
    call(side).close()
    settle(side)
    with call(side) as caller:
        caller.sendall(line(1, AskState()))
        assert question(side).number == 1


def test_a_connection_cut_off_with_unread_answers_is_let_go(side: SocketSide) -> None:
    caller = call(side)
    caller.sendall(line(1, AskState()))
    asked = question(side)
    for _ in range(100):
        side.say(asked.connection, 1, BUSY)
    caller.close()
    settle(side)
    side.say(asked.connection, 1, BUSY)


def test_a_socket_left_behind_is_replaced_and_taken_away_at_the_end(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "s"))
    left.close()
    side = SocketSide(tmp_path / "s", frozenset({os.getuid()}))
    side.listen()
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o660
    side.stop_listening()
    assert not (tmp_path / "s").exists()
    side.close()


STRANGER = """
import os, socket, sys
os.setgid(65534)
os.setuid(65534)
line = socket.socket(socket.AF_UNIX)
line.settimeout(10)
line.connect(sys.argv[1])
try:
    line.sendall(b'{"id": 1, "is": "AskState"}\\n')
    print(len(line.recv(1)))
except OSError:  # closed before it could ask
    print(0)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize("allowed", [False, True])
def test_another_user_is_asked_for_nothing_and_told_nothing(allowed: bool) -> None:
    """The folder and the socket let everybody in here: the kernel's word about the other end is what decides."""
    folder = Path(f"/tmp/tillmark-vault-{os.getpid()}")
    folder.mkdir(mode=0o755)
    side = SocketSide(folder / "s", frozenset({NOBODY if allowed else os.getuid()}))
    side.listen()
    side.path.chmod(0o666)
    child = subprocess.Popen([sys.executable, "-I", "-c", STRANGER, str(side.path)], stdout=subprocess.PIPE, text=True)
    heard: list[Question] = []
    until = time.monotonic() + PATIENCE_S
    while child.poll() is None and time.monotonic() < until:
        for one in side.questions(20):
            heard.append(one)
            side.say(one.connection, one.number, BUSY)
    out, _ = child.communicate(timeout=PATIENCE_S)
    side.close()
    folder.rmdir()
    assert (len(heard), out.strip()) == ((1, "1") if allowed else (0, "0"))
