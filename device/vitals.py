"""Vitals: what a heartbeat tells of this device. Put together by the loop's thread, told by telemetry's."""

from __future__ import annotations

from collections.abc import Mapping

from core.events import DeviceStateChanged, Event
from core.moment import Moment
from device.modes.mode import Owed
from device.version import version
from sync.device_clock import DeviceClock

HASH_SIGNS = 16  # of the diary's head: enough to tell two diaries apart


class Vitals:
    """Each field is replaced whole, so that the other thread reads the old or the new and nothing between."""

    def __init__(self, clock: DeviceClock, mode: str, devices: Mapping[str, DeviceStateChanged]) -> None:
        self._clock = clock
        self._mode = mode
        self._devices = {role: event.health.value for role, event in devices.items()}
        self._head = (0, "")
        self._owed = Owed(0)
        self._oldest: Moment | None = None
        self._turn_ms = clock.monotonic_ms()

    def turned(self, head: tuple[int, str]) -> None:
        """The loop has gone round; `head` of the diary."""
        self._head, self._turn_ms = head, self._clock.monotonic_ms()

    def owing(self, owed: Owed, oldest: Moment | None) -> None:
        self._owed, self._oldest = owed, oldest

    def seen(self, event: Event) -> None:
        if isinstance(event, DeviceStateChanged):
            self._devices = {**self._devices, event.role: event.health.value}

    def fields(self) -> dict[str, str | int | bool]:
        seq, head = self._head
        owed, oldest, clock = self._owed, self._oldest, self._clock
        told: dict[str, str | int | bool] = {
            "version": version(),
            "mode": self._mode,
            "journal": seq,
            "head": head[:HASH_SIGNS],
            "owed": owed.waiting,
            "full": owed.full,
            "oldest_s": max(0, clock.now().since(oldest)) // 1000 if oldest else 0,
            "skew_ms": clock.skew_ms,
            "healed": clock.healed,
            "turn_ms": clock.monotonic_ms() - self._turn_ms,
        }
        return told | {f"dev_{role}": health for role, health in self._devices.items()}
