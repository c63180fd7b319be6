"""The composition root: the only place of a device that knows the names of concrete things.

The order is the start a person sees: the screen first, then the journal, then the loop with its first picture; the
cables, the line and the broker after it, each in a thread of its own. A device that nobody has given its place yet
opens its cables before it pairs, because the printer prints the code.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from core.effects import PrintReceipt
from core.events import DeviceStateChanged, Event
from core.fingerprint import fingerprint
from core.messages import PairingRequest, TerminalGrant
from core.moment import Moment
from core.ports import Face, Log
from core.screens import Drawing, Notice, Picture, Screen, Tone, Waiting, say
from core.terms import Terms
from core.words import fault
from device.book import start_anew
from device.cash_link import ROLE as CASH
from device.cash_side import CashSide
from device.checked import Checked
from device.config import ExchangeConfig
from device.dispatch import Dispatch
from device.goods import Goods, read_goods
from device.hands import Hand
from device.inbox import Inbox
from device.line_worker import LineWorker
from device.loop import FRAME_MS, Loop, Parts
from device.modes.mode import Owed
from device.pairing_room import PairingRoom
from device.place import Place
from device.prices import PriceSlot
from device.sounds import Sounds
from device.system import SystemClock, entropy
from device.timers import Timers
from device.version import version
from device.viewfinder import Viewfinder
from device.vitals import Vitals
from device.watchdog import Watchdog
from sync.device_clock import DeviceClock
from sync.exchange_http import Line
from sync.exchange_routes import Servers
from sync.goods_list import StandingWorker, load
from sync.http_ask import Asker
from sync.journal import Journal, JournalFault
from sync.outbox import OutboxWorker
from sync.pairing import PairingWorker, device_key, forget_grant, keep_grant, kept_grant
from sync.signing import BadKeyFile, DeviceKey
from sync.telemetry import Broker, Telemetry
from ui.face import open_face

READERS = ("camera", "scanner", "nfc")
PRINTERS = ("printer",)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the device ended: `code` is the process's exit status."""

    code: int


class Worker(Protocol):
    """A thread with a part of the work."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Service:
    """What works between a pairing and its end."""

    loop: Loop
    place: Place
    vitals: Vitals
    workers: tuple[Worker, ...]


STOPPED = Outcome(0)
OUT_OF_SERVICE = Outcome(75)  # EX_TEMPFAIL of sysexits.h: systemd starts it again


class Device:
    """One run of one device, from the first picture to the last."""

    def __init__(self, checked: Checked, log: Log) -> None:
        self._checked = checked
        self._log = log
        self._clock = DeviceClock(SystemClock(), log)
        self._inbox = Inbox(log)
        self._stopping = threading.Event()
        self._closers: list[Callable[[], None]] = []
        self._watchdog = Watchdog()
        self._viewfinder = Viewfinder()
        self._devices: Mapping[str, DeviceStateChanged] = {}
        self._asleep: list[Hand] = []
        socket = checked.config.vault.socket
        self._cash = CashSide(socket, self._clock, log, self._inbox.put) if socket else None
        chance = random.SystemRandom()
        self._jitter = chance.random

    def stop(self) -> None:
        """From any thread or a signal: end after the current turn. An open ticket stays open on disk."""
        self._stopping.set()

    def run(self) -> Outcome:
        face = open_face(self._checked.screen, self._clock)
        self._closers.append(face.close)
        self._inbox.listen(face.lines)
        try:
            self._say(face, Screen("starting", say("device.starting"), (Waiting(say("device.starting")),)))
            return self._in_service(face)
        except (JournalFault, BadKeyFile) as broken:
            self._log.error("out_of_service", code=broken.code, detail=str(broken))
            self._out_of_service(face, broken.code)
            return OUT_OF_SERVICE
        finally:
            self._watchdog.stopping()
            for close in reversed(self._closers):
                close()

    # -- the stages of a start -------------------------------------------------------------------------

    def _in_service(self, face: Face) -> Outcome:
        folder = Path(self._checked.config.data_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        journal = Journal.open(folder / "journal.db")
        self._closers.append(journal.close)
        key = device_key(folder / "device.key", entropy)
        hands = self._hands()
        while not self._stopping.is_set():
            grant = kept_grant(journal) or self._paired(face, hands, key, journal)
            if grant is not None:
                self._serve(face, hands, grant, key, journal)
        self._log.info("stopped", fsyncs=journal.fsyncs)
        return STOPPED

    def _serve(
        self, face: Face, hands: dict[str, Hand], grant: TerminalGrant, key: DeviceKey, journal: Journal
    ) -> None:
        """Until it is stopped, or a person pairs it again. Whatever works in a thread starts behind the first picture:
        the libraries they import would take the processor from it."""
        face.stand_in(grant.shop, grant.utc_offset_minutes)
        with ExitStack() as closing:
            service = self._service(face, hands, grant, key, journal, closing)
            loop = service.loop
            loop.begin()
            loop.turn()
            self._wake_hands()
            for worker in service.workers:
                worker.start()
                closing.callback(worker.stop)
            self._watchdog.ready("in service")
            self._log.info("in_service", terminal=grant.terminal, mode=self._checked.mode.name)
            while not (self._stopping.is_set() or loop.wants_pairing):
                self._watchdog.turn(self._clock.monotonic_ms())
                if not loop.turn() and loop.state is None:
                    journal.checkpoint()
                service.vitals.turned(journal.head)
                service.place.look(loop, face)
        if loop.wants_pairing:
            self._devices = loop.devices
            part(journal, grant, self._clock.now(), self._log)

    def _paired(self, face: Face, hands: dict[str, Hand], key: DeviceKey, journal: Journal) -> TerminalGrant | None:
        self._wake_hands()
        config = self._checked.config
        asker = Asker(key, "", self._clock, entropy)
        vault_key = config.vault.key
        if self._cash and not vault_key:
            vault_key = self._cash.key(face, config.lang, lambda: not self._stopping.is_set())
        request = PairingRequest(key.public, config.mode, "tillmark", version(), vault_key)

        def order(effect: PrintReceipt) -> None:
            for role in PRINTERS:
                if role in hands:
                    hands[role].order(effect)

        room = PairingRoom(face, self._clock, self._inbox, order, fingerprint(key.public), config.lang)
        workers: list[PairingWorker] = []

        def ask() -> None:
            worker = PairingWorker(config.exchange.url, request, asker, self._clock, room.told, self._log)
            workers.append(worker)
            worker.start()

        room.devices.update(self._devices)
        ask()
        try:
            grant = room.run(self._stopping.is_set, ask)
        finally:
            for worker in workers:
                worker.stop()
        self._devices = room.devices
        if grant is not None:
            keep_grant(journal, grant)
            self._log.info("paired", terminal=grant.terminal)
        return grant

    def _service(
        self, face: Face, hands: dict[str, Hand], grant: TerminalGrant, key: DeviceKey, journal: Journal,
        closing: ExitStack,
    ) -> Service:  # fmt: skip
        checked = self._checked
        terms = terms_of(grant, checked.config.lang)
        servers = Servers(checked.config.exchange.url.rstrip("/"), grant.agency_url.rstrip("/"))
        line = self._line(servers, key, grant.terminal)
        worker = LineWorker(line, self._inbox.put, line.prepare)
        outbox = OutboxWorker(
            self._line(servers, key, grant.terminal), self._clock, self._inbox.put, self._jitter, self._log
        )
        sounds = Sounds(checked.config.sound)
        closing.callback(sounds.close)
        timers = Timers(self._clock)
        dispatch = Dispatch(
            face,
            timers,
            worker,
            [hand for role, hand in hands.items() if role in READERS],
            [hand for role, hand in hands.items() if role in PRINTERS],
            self._inbox.put,
            sounds.play,
            self._cash.link if self._cash else None,
        )
        vitals = Vitals(self._clock, checked.mode.name, self._devices)

        def owed() -> Owed:
            state = outbox.keep(journal.owed())
            told = Owed(state.waiting, state.full)
            vitals.owing(told, journal.owed_since() if state.waiting else None)
            return told

        local = read_goods(Path(checked.config.goods), terms.fiat) if checked.config.goods else Goods(terms.fiat)
        place, standing = self._place(grant, key, journal, local)
        prices = PriceSlot(terms.fiat, self._clock)
        telemetry = self._telemetry(grant, vitals, prices, standing)
        workers: tuple[Worker, ...] = (worker, outbox, standing, *((telemetry,) if telemetry else ()))
        cash = self._cash
        if cash is not None:
            workers = (*workers, cash.courier(self._line(servers, key, grant.terminal)))

        def seen(event: Event) -> None:
            vitals.seen(event)
            if telemetry is not None:
                telemetry.seen(event)

        parts = Parts(
            clock=self._clock,
            log=self._log,
            inbox=self._inbox,
            face=face,
            viewfinder=self._viewfinder,
            timers=timers,
            dispatch=dispatch,
            diary=journal,
            entropy=entropy,
            mode=checked.mode,
            terms=terms,
            goods=place.goods,
            roles=(*hands, *((CASH,) if cash else ())),
            owed=owed,
            seen=seen,
            devices=self._devices,
            price=prices.line,
            cash=lambda: cash.link.state if cash else None,
        )
        return Service(Loop(parts), place, vitals, workers)

    # -- parts -----------------------------------------------------------------------------------------

    def _hands(self) -> dict[str, Hand]:
        hands = {
            spec.role: Hand(spec, self._clock, self._log, self._inbox.put, self._viewfinder.put)
            for spec in self._checked.hands
        }
        self._asleep = list(hands.values())
        return hands

    def _wake_hands(self) -> None:
        """Start them, once."""
        hands, self._asleep = self._asleep, []
        if self._cash is not None and not self._cash.link.started:
            self._cash.link.start()
            self._closers.append(self._cash.link.stop)
        if not hands:
            return
        for hand in hands:
            hand.start()

        def close() -> None:
            for hand in hands:
                hand.stop()
            for hand in hands:
                hand.join()

        self._closers.append(close)

    def _line(self, servers: Servers, key: DeviceKey, terminal: str) -> Line:
        return Line(servers, Asker(key, terminal, self._clock, entropy), self._clock, self._jitter, self._log)

    def _place(
        self, grant: TerminalGrant, key: DeviceKey, journal: Journal, local: Goods
    ) -> tuple[Place, StandingWorker]:
        """What the exchange says of this terminal, and the thread that asks it."""
        config = self._checked.config
        folder = Path(config.data_dir)
        kept = load(folder, grant.terminal, self._log)
        place = Place(grant, local, kept, journal, self._log)
        asker = Asker(key, grant.terminal, self._clock, entropy)
        url = config.exchange.url
        return place, StandingWorker(url, asker, folder, kept, self._clock, place.told, self._log, self._jitter)

    def _telemetry(
        self, grant: TerminalGrant, vitals: Vitals, prices: PriceSlot, standing: StandingWorker
    ) -> Telemetry | None:
        broker = broker_of(self._checked.config.exchange, grant, self._log)
        if broker is None:
            return None
        telemetry = Telemetry(broker, grant.terminal, self._clock, self._log, vitals.fields, prices.put, standing.ring)
        for event in self._devices.values():
            telemetry.seen(event)
        return telemetry

    def _out_of_service(self, face: Face, code: str) -> None:
        """Say it and stand still until somebody stops us: a terminal that cannot write must not sell."""
        blocks = (Drawing(Picture.CROSS), Notice(fault(code), Tone.STOP))
        self._say(face, Screen("out_of_service", say("device.out_of_service"), blocks, (), Tone.STOP))
        while not self._stopping.wait(FRAME_MS / 1000):
            self._watchdog.turn(self._clock.monotonic_ms())
            face.frame()

    def _say(self, face: Face, screen: Screen) -> None:
        face.show(screen, self._checked.config.lang)
        face.frame()


def terms_of(grant: TerminalGrant, lang: str) -> Terms:
    return Terms(
        grant.terminal, grant.shop, grant.currency, grant.currency_scale, grant.utc_offset_minutes, lang
    )  # fmt: skip


def broker_of(config: ExchangeConfig, grant: TerminalGrant, log: Log) -> Broker | None:
    """The broker of the configuration or of the grant; None for none. A window that cannot open stops nothing."""
    url = config.mqtt or grant.mqtt_url
    if not url:
        return None
    try:
        broker = Broker.of(url, config.mqtt_ca_file)
        if config.mqtt_password_file:
            password = Path(config.mqtt_password_file).read_text("utf-8").strip()
            broker = replace(broker, user=grant.terminal, password=password)
    except (ValueError, OSError) as error:
        log.warning("broker_unusable", code="TM-MQTT-002", problem=str(error))
        return None
    return broker


def part(journal: Journal, grant: TerminalGrant, at: Moment, log: Log) -> None:
    """The device is nobody's again. What it owed as the terminal it was, nobody can deliver any more: holds of coins
    end by themselves at the exchange, and what was given up stands in the journal and the log."""
    for effect in journal.owed():
        log.warning("given_up", key=effect.key, terminal=grant.terminal)
        journal.done(effect.key, at)
    start_anew(journal, terms_of(grant, "en").fiat)
    forget_grant(journal)
    log.info("parted", terminal=grant.terminal)
