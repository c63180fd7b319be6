"""Sounds: three short tones, made here and played by ALSA's `aplay` where a loudspeaker is configured."""

from __future__ import annotations

import math
import queue
import shutil
import struct
import subprocess
import threading
from typing import Final

from core.effects import Sound

RATE: Final = 16_000
VOLUME: Final = 9_000  # of 32,767: heard across a counter, not across a shop
WAITING_MAX: Final = 2  # an old tick is worth nothing
PLAY_S: Final = 2.0  # the longest tone takes 0.4 s; a busy sound card must not hold the next
NOTES: Final = {
    Sound.TICK: ((1_320, 60),),
    Sound.DONE: ((880, 120), (1_320, 220)),
    Sound.NO: ((330, 180), (262, 220)),
}


class Sounds:
    """Plays in a thread of its own; a terminal without a loudspeaker is a quiet terminal, not a broken one."""

    def __init__(self, wanted: bool) -> None:
        self._player = shutil.which("aplay") if wanted else None
        self._waiting: queue.Queue[Sound | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._work, name="sounds", daemon=True)
        if self._player:
            self._thread.start()

    def play(self, sound: Sound) -> None:
        if self._player and not self._waiting.full():
            self._waiting.put_nowait(sound)

    def close(self) -> None:
        if self._player:
            self._waiting.put(None)
            self._thread.join(PLAY_S)

    def _work(self) -> None:
        while (sound := self._waiting.get()) is not None:
            command = [str(self._player), "-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"]
            try:
                subprocess.run(command, input=samples(sound), timeout=PLAY_S, check=False, stderr=subprocess.DEVNULL)
            except (OSError, subprocess.TimeoutExpired):
                continue  # the next tone may find the card free again


def samples(sound: Sound) -> bytes:
    """16-bit little-endian mono at 16 kHz, each note fading in and out so that it does not click."""
    values: list[int] = []
    for hertz, ms in NOTES[sound]:
        count = RATE * ms // 1000
        for place in range(count):
            fade = min(1.0, place / 80, (count - place) / 160)
            values.append(int(VOLUME * fade * math.sin(2 * math.pi * hertz * place / RATE)))
    return struct.pack(f"<{len(values)}h", *values)
