"""The pairing room: what an unpaired device shows and prints until a person has approved it."""

from __future__ import annotations

from collections.abc import Callable

from core.effects import PrintReceipt
from core.events import DeviceStateChanged, Event, Health, Pressed
from core.messages import PairingOpened, TerminalGrant
from core.ports import Clock, Face
from core.receipt import Line, Pair, Receipt, Title, Total
from core.screens import (
    Action,
    Countdown,
    Drawing,
    Facts,
    Notice,
    Picture,
    Plain,
    Role,
    Screen,
    Tone,
    Waiting,
    say,
)
from core.words import word
from device.inbox import Inbox
from device.loop import PAIRING_KEYS
from sync.pairing import Opening, Paired, Stage, TurnedDown
from sync.pairing import Waiting as WaitingForApproval

FRAME_MS = 33


class PairingRoom:
    """`told` is called by the pairing worker; `run` by the main thread until there is a grant or `stopping`."""

    def __init__(
        self, face: Face, clock: Clock, inbox: Inbox, order: Callable[[PrintReceipt], None], fingerprint: str, lang: str
    ) -> None:
        self._face = face
        self._clock = clock
        self._inbox = inbox
        self._order = order
        self._fingerprint = fingerprint
        self._lang = lang
        self._stage: Stage = Opening()
        self._printed = ""
        self.devices: dict[str, DeviceStateChanged] = {}
        """What each device said of itself meanwhile; the loop begins with it."""

    def told(self, stage: Stage) -> None:
        """From the worker's thread: one assignment, read by the next frame."""
        self._stage = stage

    def run(self, stopping: Callable[[], bool], again: Callable[[], None]) -> TerminalGrant | None:
        """The grant, or None when the device is stopped first. `again` asks anew after a refusal."""
        shown: tuple[Stage, str] | None = None
        while not stopping():
            stage = self._stage
            if isinstance(stage, Paired):
                return stage.grant
            if shown != (stage, self._lang):
                shown = (stage, self._lang)
                self._face.show(self._screen(stage), self._lang)
            self._print(stage)
            for event in (*self._face.frame(), *self._waiting()):
                self._hear(event, stage, again)
        return None

    def _waiting(self) -> tuple[Event, ...]:
        event = self._inbox.take(FRAME_MS)
        return () if event is None else (event,)

    def _hear(self, event: Event, stage: Stage, again: Callable[[], None]) -> None:
        match event:
            case Pressed("language"):
                self._lang = "ko" if self._lang == "en" else "en"
            case Pressed("again") if isinstance(stage, TurnedDown):
                self._stage = Opening()
                again()
            case DeviceStateChanged(role):
                self.devices[role] = event
            case _:
                return

    def _screen(self, stage: Stage) -> Screen:
        match stage:
            case WaitingForApproval(opened):
                blocks = (
                    Notice(say("pairing.code", code=_spaced(opened.code)), Tone.GOOD),
                    Facts(
                        (
                            (say("pairing.where"), Plain(opened.approve_at)),
                            (say("pairing.fingerprint"), Plain(self._fingerprint)),
                        )
                    ),
                    Countdown(opened.ttl_ms, opened.ttl_ms, say("pairing.good_for")),
                )
                return Screen("pairing", say("pairing.title"), blocks)
            case TurnedDown():
                again = Action("again", say("common.again"), Role.PRIMARY, "enter")
                return Screen("pairing_refused", say("pairing.refused"), (Drawing(Picture.CROSS),), (again,), Tone.WARN)
            case _:
                return Screen("pairing_opening", say("pairing.title"), (Waiting(say("pairing.asking")),))

    def _print(self, stage: Stage) -> None:
        """The code once on paper, so that whoever set the terminal up can carry it to the office."""
        printer = self.devices.get("printer")
        if not isinstance(stage, WaitingForApproval) or printer is None or printer.health is Health.LOST:
            return
        opened = stage.opened
        if self._printed != opened.code:
            self._printed = opened.code
            self._order(PrintReceipt(f"{PAIRING_KEYS}{opened.id}", self._paper(opened)))

    def _paper(self, opened: PairingOpened) -> Receipt:
        def text(key: str) -> str:
            return word(say(key), self._lang)

        lines = (
            Title("Tillmark"),
            Line(text("pairing.title")),
            Total(text("pairing.paper_code"), _spaced(opened.code)),
            Line(opened.approve_at),
            Pair(text("pairing.fingerprint"), self._fingerprint),
        )
        return Receipt(opened.code, lines)


def _spaced(code: str) -> str:
    return f"{code[:3]} {code[3:]}"
