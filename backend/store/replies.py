"""Replies: who waits for a work, and how the answers of one commit reach them.

A caller on a thread waits on a `concurrent.futures.Future`, one on an event loop on that loop's own future. All answers
of a commit for one loop go there in a single call: waking a loop for each of them costs more than the answers.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

Waiting = Future[Any] | asyncio.Future[Any]
Answered = tuple[Waiting, Any, BaseException | None]  # who waits, the value, or the error instead of it


def begun(waiting: Waiting) -> bool:
    """Mark the work as begun; false when its caller has given up. Afterwards it is too late to give up."""
    if isinstance(waiting, Future):
        return waiting.set_running_or_notify_cancel()
    return not waiting.cancelled()


def hand_out(answers: Sequence[Answered]) -> None:
    """Tell everybody, from the writer's thread."""
    loops: dict[asyncio.AbstractEventLoop, list[Answered]] = {}
    for one in answers:
        if isinstance(one[0], Future):
            _tell(*one)
        else:
            loops.setdefault(one[0].get_loop(), []).append(one)
    for loop, theirs in loops.items():
        # A loop that is closed has nobody left to be told; whoever asks again under the same key finds the answer.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_on_loop, theirs)


def _on_loop(answers: list[Answered]) -> None:
    for one in answers:
        if not one[0].cancelled():  # given up while the work ran
            _tell(*one)


def _tell(waiting: Waiting, value: Any, error: BaseException | None) -> None:
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(value)
