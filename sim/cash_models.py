"""The cash machines of the demo: each a far end on the cable it has in the field, and what its vault is told of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sim.peers.cash_box import CashBox
from sim.peers.dispenser import Peer
from sim.peers.pty_dispenser import DispenserOnPty

T = TypeVar("T")
REPLY_MS: Final = 60_000  # what an LCDM may take for one order, at its own pace
REPLY_LEAST_MS: Final = 5_000  # the least that its driver may be told
MOVE_MS: Final = 75_000  # the same of a full-size ATM
TWO: Final = {1: (10_000, 200), 2: (50_000, 100)}
KEY_BYTES: Final = 32


class Bench(Protocol):
    """A machine on its cable. `port` is what its driver opens."""

    port: str

    def do(self, wish: Callable[[Peer, int], T]) -> T: ...

    def close(self) -> None: ...


class DispenserOnWebSocket:
    """A full-size ATM behind the WebSocket of its service. See `DispenserOnPty`."""

    def __init__(self, peer: Peer, speed: float) -> None:
        from sim.peers.dispenser_xfs4iot import XfsDispenser
        from sim.peers.dispenser_xfs4iot_server import XfsServer

        assert isinstance(peer, XfsDispenser)
        self._peer = peer
        self._server = XfsServer(peer, speed)
        self.port = self._server.url

    def do(self, wish: Callable[[Peer, int], T]) -> T:
        with self._server.lock:
            return wish(self._peer, self._server.now_ms())

    def close(self) -> None:
        self._server.close()


@dataclass(frozen=True, slots=True)
class Model:
    """A dispenser: its driver's table for a port, the far end for a box, and notes by place (face, count)."""

    table: Callable[[str], str]
    peer: Callable[[CashBox], Peer]
    notes: Mapping[int, tuple[int, int]]
    bench: Callable[[Peer, float], Bench] = DispenserOnPty


def model(name: str, folder: Path, speed: float) -> Model:
    """By the names of ``--dispenser``. `folder` for the key of a machine that shares one with its vault; `speed` how
    many of the machine's seconds pass in one of ours: patience goes with it."""
    from sim.peers.dispenser_cctalk import CctalkPeer
    from sim.peers.dispenser_f56 import F56Peer
    from sim.peers.dispenser_lcdm30 import Lcdm30Peer
    from sim.peers.dispenser_lcdm50 import Lcdm50Peer

    patience = f"reply_ms = {max(REPLY_LEAST_MS, int(REPLY_MS / speed))}\n"
    match name:
        case "lcdm30":
            return Model(lambda port: f'driver = "dispenser_lcdm30"\nport = "{port}"\n{patience}', Lcdm30Peer, TWO)
        case "lcdm50":
            table = 'driver = "dispenser_lcdm50"\nmodel = "lcdm2000"\n' + patience
            return Model(lambda port: f'{table}port = "{port}"\n', Lcdm50Peer, TWO)
        case "f56":
            table = 'driver = "dispenser_f56"\nlengths_mm = [148, 154]\n'
            return Model(lambda port: f'{table}port = "{port}"\n', F56Peer, TWO)
        case "hopper":
            table = 'driver = "dispenser_cctalk"\naddresses = [3, 4]\n'
            coins = {1: (100, 300), 2: (500, 300)}
            return Model(lambda port: f'{table}port = "{port}"\n', lambda box: CctalkPeer(box, (3, 4)), coins)
        case "xfs4iot":
            return _full_size(folder, speed)
        case _:
            raise AssertionError(f"no cash machine {name}")


NAMES: Final = ("lcdm30", "lcdm50", "f56", "hopper", "xfs4iot")


def _full_size(folder: Path, speed: float) -> Model:
    """An ATM that checks each order itself, under a key that it shares with its vault."""
    from device.vault.end_to_end import EndToEndKey
    from sim.peers.dispenser_xfs4iot import XfsDispenser
    from sim.peers.dispenser_xfs4iot_memory import Making

    key, file = secrets.token_bytes(KEY_BYTES), folder / "vault-e2e.key"
    file.touch(0o600)
    file.write_text(key.hex(), "ascii")
    limit_ms = max(REPLY_LEAST_MS, int(MOVE_MS / speed))
    table = (
        'driver = "dispenser_xfs4iot"\nunits = { unit1 = 1, unit2 = 2 }\n'
        f'end_to_end = true\ne2e_key_file = "{file}"\n'
        f"dispense_ms = {limit_ms}\nmove_ms = {limit_ms}\nsettle_ms = {limit_ms}\n"
    )
    making = Making(mac=EndToEndKey(key).mac)
    return Model(
        lambda port: f'{table}url = "{port}"\n', lambda box: XfsDispenser(box, making), TWO, DispenserOnWebSocket
    )
