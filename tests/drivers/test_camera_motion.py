"""What a camera at rest reads: little while nothing moves, everything as soon as something does."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from drivers.kit.sight.motion import CALM_LOOK_MS, LIVELY_MS, Motion

FRAME_MS = 33
Frame = npt.NDArray[np.uint8]


def counter(seed: int, level: int = 120) -> Frame:
    """An empty counter with a sensor's noise: another one for each seed."""
    noise = np.random.default_rng(seed).normal(level, 6, (720, 1280))
    return noise.clip(0, 255).astype(np.uint8)


def looks(motion: Motion, frames: list[Frame], from_ms: int = 0) -> list[int]:
    """When it looked, in milliseconds."""
    return [
        now
        for now, frame in zip(range(from_ms, from_ms + len(frames) * FRAME_MS, FRAME_MS), frames, strict=True)
        if motion.worth_a_look(frame, now)
    ]


def calmed() -> tuple[Motion, int]:
    motion, count = Motion(0), LIVELY_MS // FRAME_MS + 2
    looks(motion, [counter(seed) for seed in range(count)])
    assert motion.calm
    return motion, count * FRAME_MS


def test_noise_alone_is_no_movement_and_an_empty_counter_is_read_twice_a_second() -> None:
    motion, now = calmed()
    seen = looks(motion, [counter(seed) for seed in range(100, 160)], now)
    assert 3 <= len(seen) <= 60 * FRAME_MS // CALM_LOOK_MS + 1
    assert motion.calm


def test_a_thing_that_comes_into_view_is_read_in_its_first_frame_and_for_a_while() -> None:
    motion, now = calmed()
    frames = [counter(seed) for seed in range(200, 220)]
    for frame in frames:
        cv2.rectangle(frame, (600, 300), (680, 380), 255, -1)  # a label of 80 pixels, far away
    assert looks(motion, frames, now) == list(range(now, now + len(frames) * FRAME_MS, FRAME_MS))
    assert not motion.calm


def test_what_creeps_into_the_picture_is_seen_as_well() -> None:
    motion, now = calmed()
    frames = []
    for step in range(60):
        frame = counter(300 + step)
        frame[:, : step * 2] = 255  # two columns a frame: never enough to tell from the frame before
        frames.append(frame)
    looks(motion, frames, now)
    assert not motion.calm


def test_who_wants_to_know_anew_gets_every_frame() -> None:
    motion, now = calmed()
    motion.wake(now)
    assert len(looks(motion, [counter(seed) for seed in range(400, 410)], now)) == 10
