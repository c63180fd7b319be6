"""Driver of ESC/POS receipt printers: USB (`/dev/usb/lp0`), serial (`/dev/ttyUSB0`), network (`socket://host:9100`).

python-escpos encodes; the cable, the status and the answer whether paper came out are ours. The parts:
`settings`, `port` (bytes to and from a cable), `host` (the conversation, without a cable), `encode` and `raster`
(a receipt to bytes), `driver` (the shell that ties them together).
"""

from drivers.printer_escpos.driver import PrinterDriver, open
from drivers.printer_escpos.host import Host
from drivers.printer_escpos.settings import KIND, Confirm, Flow, HangulBy, QrBy, Settings

__all__ = ["KIND", "Confirm", "Flow", "HangulBy", "Host", "PrinterDriver", "QrBy", "Settings", "open"]
