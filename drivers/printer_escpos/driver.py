"""The shell of the printer's driver: moves bytes, waits, and says what came of it.

A receipt is printed at most once by an order. What is decided when:

* before: a printer that says it cannot print gets nothing (`NotPrinted` names why); one that is silent gets the
  receipt all the same, because a one-way cable prints well;
* while sending: its state is asked about five times a second, between commands; what stops it stops us, the rest of the
  receipt is dropped from its buffer, and nothing is sent again;
* after the last byte: an answer given in turn with printing makes it `Printed`; a named trouble, or no answer in
  time, makes it `NotPrinted` (nobody can say). Only a person asks for another paper, which is marked COPY.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from core.effects import Effect, PrintReceipt
from core.events import DeviceStateChanged, NotPrinted, Printed
from core.faults import printer as faults
from core.ports import Driver, DriverFault, Kit
from core.wire.escpos_status import CLEAR_BUFFER
from drivers.printer_escpos import raster
from drivers.printer_escpos.encode import BadCodePage, Encoder
from drivers.printer_escpos.host import Condition, Host
from drivers.printer_escpos.port import Port, is_network, is_usb_node, open_port
from drivers.printer_escpos.settings import Flow, Settings

REST_MS: Final = 250
ASK_WHILE_PRINTING_MS: Final = 200
TURN_MS: Final = 50
OWED_MS: Final = 100  # a pump may take about 250 ms
FAREWELL_MS: Final = 300  # a stopped printer either takes the ten bytes that clear its buffer at once or never
ANSWERS_KEPT: Final = 64  # orders whose answer is repeated instead of the paper; a day's reprints, not a day's sales
BITS_PER_BYTE: Final = 10  # start, eight, stop


class _Stopped(Exception):
    """This receipt will not come out whole; `code` names why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PrinterDriver:
    """One printer behind one port, owned by one thread."""

    rest_ms: int = REST_MS

    def __init__(self, settings: Settings, kit: Kit, port: Port, encoder: Encoder) -> None:
        self._settings = settings
        self._kit = kit
        self._port = port
        self._encoder = encoder
        self._host = Host(settings)
        self._said: Condition | None = None
        self._next_ask_ms = self._now()
        self._owed = 0
        self._answers: OrderedDict[str, Printed | NotPrinted] = OrderedDict()

    # -- the driver's three calls -------------------------------------------------------------------

    def perform(self, order: Effect) -> None:
        """Print a receipt and say what came of it. May take as long as the paper does. Raises `DriverFault`."""
        if not isinstance(order, PrintReceipt):
            return
        before = self._answers.get(order.key)
        if before is not None:
            self._kit.emit(before)
            return
        try:
            self._print(order)
            answer: Printed | NotPrinted = Printed(order.key)
        except (_Stopped, raster.Undrawable) as stopped:
            self._kit.log.warning("receipt_not_printed", key=order.key, code=stopped.code, detail=str(stopped))
            answer = NotPrinted(order.key, stopped.code)
        except DriverFault as fault:
            self._kit.emit(NotPrinted(order.key, fault.code))
            raise
        self._answers[order.key] = answer
        if len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        self._kit.emit(answer)
        self._say()

    def pump(self) -> None:
        """Listen; about every two seconds ask how the printer is; say so when it changed."""
        if self._now() >= self._next_ask_ms:
            self._next_ask_ms = self._now() + self._settings.status_every_ms
            if self._send_owed(OWED_MS):
                self._ask()
            else:
                self._host.miss()
        else:
            self._listen(0)
        self._say()

    def close(self) -> None:
        """Let go of the port. Never raises."""
        self._port.close()

    # -- one receipt ----------------------------------------------------------------------------------

    def _print(self, order: PrintReceipt) -> None:
        host, settings = self._host, self._settings
        pieces = self._encoder.encode(order.receipt)
        if not self._send_owed(settings.stall_ms):
            raise _Stopped(faults.STALLED)
        self._ask()
        self._stop_if_stopped()
        host.start_receipt()
        asked_ms = self._now()
        sent = 0
        for piece in pieces:
            if not host.asking() and self._now() - asked_ms >= ASK_WHILE_PRINTING_MS:
                asked_ms = self._now()
                self._send(host.ask(asked_ms))
            self._send(piece)
            sent += len(piece)
            self._stop_if_stopped()
        self._send(host.ask_confirmation(self._now()))
        self._await_confirmation(self._now() + settings.confirm_ms + self._wire_ms(sent))

    def _await_confirmation(self, deadline_ms: int) -> None:
        host = self._host
        asked_ms = self._now()
        while not host.confirmed:
            now_ms = self._now()
            if now_ms >= deadline_ms:
                self._clear()
                raise _Stopped(faults.UNCONFIRMED)
            if not host.asking() and now_ms - asked_ms >= ASK_WHILE_PRINTING_MS:
                asked_ms = now_ms
                self._send(host.ask(now_ms))
            self._listen(TURN_MS)
            if not host.confirmed:
                self._stop_if_stopped()

    def _stop_if_stopped(self) -> None:
        condition = self._host.condition
        if condition is not None and condition.stops:
            self._clear()
            raise _Stopped(condition.code)

    def _clear(self) -> None:
        """Ask the printer to forget what it has not printed, so that half a receipt does not follow later.

        The question behind it is answered when the printer has come that far.
        """
        if self._settings.clear_buffer and not self._owed and not self._push(CLEAR_BUFFER, FAREWELL_MS):
            self._ask()

    def _wire_ms(self, count: int) -> int:
        """How long a serial line may still be busy with bytes that it took into its own buffer."""
        if is_network(self._settings.port) or is_usb_node(self._settings.port):
            return 0
        slowest = self._settings.baud if self._settings.flow is Flow.NONE else self._settings.baud // 2
        return count * BITS_PER_BYTE * 1000 // slowest

    # -- bytes ----------------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        left = self._push(data, self._settings.stall_ms)
        if left:
            # The printer waits in the middle of a command: it gets blanks for the rest before anything else.
            self._owed = left
            condition = self._host.condition
            raise _Stopped(condition.code if condition is not None and condition.stops else faults.STALLED)

    def _push(self, data: bytes, patience_ms: int) -> int:
        """Write all of `data`, listening meanwhile; how many bytes the printer did not take in time."""
        patient_until_ms = self._now() + patience_ms
        at = 0
        while at < len(data):
            readable, writable = self._port.wait(min(TURN_MS, patience_ms), writing=True)
            if readable:
                self._host.feed(self._port.read())
            self._host.tick(self._now())
            taken = self._port.write(data[at:]) if writable else 0
            at += taken
            if taken:
                patient_until_ms = self._now() + patience_ms
            elif self._now() >= patient_until_ms:
                break
        return len(data) - at

    def _send_owed(self, patience_ms: int) -> bool:
        """Fill up a command that was cut off; False while the printer still takes nothing."""
        if self._owed:
            self._owed = self._push(bytes(self._owed), patience_ms)
            self._clear()
        return not self._owed

    def _ask(self) -> None:
        """Ask how the printer is and wait for the answer, at most `answer_ms`."""
        left = self._push(self._host.ask(self._now()), self._settings.answer_ms)
        self._owed = left
        while self._host.waiting():
            self._listen(TURN_MS)

    def _listen(self, wait_ms: int) -> None:
        readable, _ = self._port.wait(wait_ms, writing=False)
        if readable:
            self._host.feed(self._port.read())
        self._host.tick(self._now())

    def _say(self) -> None:
        """News of the printer's condition, once for each change."""
        condition = self._host.condition
        if condition is not None and condition != self._said:
            self._said = condition
            role = self._kit.role
            self._kit.emit(DeviceStateChanged(role, condition.health, condition.code, condition.detail))

    def _now(self) -> int:
        return self._kit.clock.monotonic_ms()


def open(settings: Settings, kit: Kit) -> Driver:
    """Open the port and get ready. Raises `DriverFault` (NO_PORT) naming the port."""
    try:
        encoder = Encoder(settings)
    except BadCodePage as error:
        raise DriverFault(faults.NO_PORT, f"{settings.port}: {error}") from None
    return PrinterDriver(settings, kit, open_port(settings), encoder)
