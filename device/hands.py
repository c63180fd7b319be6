"""Hands: one worker thread for each device, which opens its driver, keeps it going and brings it back.

A driver that fails is reported lost, closed and opened again after a bounded wait; nothing else of the
terminal stops. The driver's library is imported in its own thread, so the idle screen waits for none.
"""

from __future__ import annotations

import importlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from core.effects import Arm, Disarm, Effect, PrintReceipt
from core.events import DeviceStateChanged, Event, Health, NotPrinted
from core.ports import Clock, Driver, DriverFault, Kit, Log, Preview

ORDERS_MAX = 16  # a device has at most a few orders open: arm, disarm, one receipt
WAITS_MS = (200, 1_000, 2_000, 5_000, 10_000)  # between tries to open; a technician sees it back in 10 s
CLOSE_S = 3.0  # a pump takes at most a quarter second, a stuck library call is left to the process's end


class UnknownDriver(ValueError):
    """The configuration names a driver that is not in the drivers folder."""


@dataclass(frozen=True, slots=True)
class HandSpec:
    """One device of the configuration: its role here, its driver module, its filled settings."""

    role: str
    driver: ModuleType
    settings: object


def find_driver(name: str) -> ModuleType:
    """``drivers/<name>.py``; the driver's own library is not imported by this. Raises `UnknownDriver`."""
    if not name.isidentifier():
        raise UnknownDriver(f"{name!r} is not the name of a driver")
    try:
        module = importlib.import_module(f"drivers.{name}")
    except ModuleNotFoundError:
        raise UnknownDriver(f"there is no driver named {name!r}") from None
    if not hasattr(module, "KIND"):
        raise UnknownDriver(f"{name!r} is not a driver")
    return module


class Hand:
    """The worker of one device."""

    def __init__(
        self, spec: HandSpec, clock: Clock, log: Log, emit: Callable[[Event], None], preview: Callable[[Preview], None]
    ) -> None:
        self.role = spec.role
        self._spec = spec
        self._emit = emit
        self._log = log
        self._kit = Kit(spec.role, clock, log, emit, preview)
        self._orders: queue.Queue[Effect] = queue.Queue(ORDERS_MAX)
        self._stopping = threading.Event()
        self._reported = ""
        self._standing: Effect | None = None
        self._thread = threading.Thread(target=self._work, name=f"hand-{spec.role}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def order(self, effect: Effect) -> None:
        """Never blocks. A lost device refuses at once: nobody should wait for a cable to come back."""
        if self._reported:
            self._refuse(effect, self._reported)
            return
        try:
            self._orders.put_nowait(effect)
        except queue.Full:
            self._log.error("orders_full", role=self.role, order=type(effect).__name__)
            self._refuse(effect, "TM-DEV-001")

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        self._thread.join(CLOSE_S)

    def _work(self) -> None:
        tries = 0
        while not self._stopping.is_set():
            driver: Driver | None = None
            try:
                driver = self._spec.driver.open(self._spec.settings, self._kit)
                if self._standing is not None:
                    driver.perform(self._standing)
                tries = self._pump(driver, tries)
            except DriverFault as fault:
                self._lost(fault)
            finally:
                if driver is not None:
                    driver.close()
            self._stopping.wait(WAITS_MS[min(tries, len(WAITS_MS) - 1)] / 1000)
            tries += 1

    def _pump(self, driver: Driver, tries: int) -> int:
        while not self._stopping.is_set():
            try:
                wait_ms = driver.rest_ms
                order = self._orders.get(timeout=wait_ms / 1000) if wait_ms else self._orders.get_nowait()
            except queue.Empty:
                driver.pump()
                if self._reported:
                    self._reported = ""
                    self._log.info("device_back", role=self.role)
                    tries = 0
            else:
                self._remember(order)
                driver.perform(order)
        return tries

    def _remember(self, order: Effect) -> None:
        """What a reader is armed for outlives its cable: it is said again to a device that came back."""
        if isinstance(order, Arm | Disarm):
            self._standing = order

    def _lost(self, fault: DriverFault) -> None:
        """Log once on loss and once on return, not every try."""
        if self._reported != fault.code:
            self._reported = fault.code
            self._log.warning("device_lost", role=self.role, code=fault.code, detail=fault.detail)
            self._emit(DeviceStateChanged(self.role, Health.LOST, fault.code, fault.detail))
        while not self._orders.empty():
            self._refuse(self._orders.get_nowait(), fault.code)

    def _refuse(self, order: Effect, code: str) -> None:
        if isinstance(order, PrintReceipt):
            self._emit(NotPrinted(order.key, code))
        else:
            self._remember(order)
