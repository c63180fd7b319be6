"""The cash side of a simulated ATM: a machine with notes at the end of a real cable, and the vault that owns it.

The vault is the real program in a process of its own, with its own files; it is initialised, pinned and loaded as a
technician would do it. Only the machine is simulated (`sim.peers`): its notes are things, and whoever wants to know
what is true asks them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, TypeVar

from backend.http.keys import server_key
from backend.withdraw import desk as withdraw
from core.asset import KRW
from core.cash import Count
from core.cash_report import Act, NotesAt
from core.grant import GRANT, Grant, Right
from core.ids import TxnId
from core.messages import TerminalGrant, WireMoney
from core.money import Money
from core.sealed import seal
from core.vault_talk import AskChallenge, AskState, Challenge, Reply, Request, Serve, Served, VaultRefused, VaultState
from device.vault.book import read_only
from device.vault.showing import as_object
from device.vault.store import BookFault
from device.vault_line import VaultLine, VaultLost
from sim.cash_models import Bench, model
from sim.children import Child
from sim.peers.cash_box import CashBox, Spot
from sim.peers.dispenser import Peer

T = TypeVar("T")
W = TypeVar("W", bound=Reply)
ANSWER_S: Final = 15.0
SPEED: Final = 4.0  # machine seconds in one of ours: mechanics are slow, and nobody learns from waiting for them
HAND_S: Final = 0.4  # a customer takes the notes this long after they are within reach
PERSON: Final = "technician"


class NoCash(RuntimeError):
    """The cash side refused a technician or did not answer. The text says what."""


class CashMachine:
    """Made before the terminal is paired; `start` after it, because the vault is told whose it is."""

    def __init__(self, folder: Path, dispenser: str, speed: float = SPEED) -> None:
        self._folder = folder / "cash"
        self._folder.mkdir()
        self._speed = speed
        self.model = model(dispenser, self._folder, speed)
        self.box = CashBox({})
        self.config = self._folder / "vault.toml"
        self.socket = self._folder / "vault.sock"
        self._bench: Bench | None = None
        self._child: Child | None = None
        self._authority = folder / "servers" / "authority.key"
        self._terminal = ""
        self.displaced: set[int] = set()
        """Notes that a trouble moved by itself, while nobody looked: no ledger can know of them before a count."""
        self.lost: set[int] = set()
        """Of those, what no count could find any more."""
        self.carried: set[int] = set()
        """Notes that technicians took out, and the ledger knows of it."""

    # -- as a technician does it ---------------------------------------------------------------------------

    def plug_in(self) -> str:
        """The machine stands on its cable and the vault has made its key. The key, as the terminal is told it."""
        for place, (face, _) in self.model.notes.items():
            self.box.load(place, face, 0)
        self._bench = self.model.bench(self.model.peer(self.box), self._speed)
        self._write("unpaired", {})
        maker = Child.tillmark("vault-init", "vault", "init", "--config", str(self.config))
        if maker.process.wait(ANSWER_S) != 0:
            raise NoCash(f"the vault made no key: {maker.tail()}")
        maker.stop()
        for line in maker.tail().splitlines():
            if line.startswith("public key"):
                return line.rpartition(" ")[2]
        raise NoCash(f"the vault told no key: {maker.tail()}")

    def start(self, grant: TerminalGrant) -> None:
        """The vault is told whose it is and whom it believes, and runs."""
        self._terminal = grant.terminal
        self._write(grant.terminal, {grant.authority_key_id: grant.authority_key})
        self.run()

    def run(self) -> None:
        """Start the vault (again, after it was stopped or killed)."""
        keep = self._folder / "vault.log"
        self._child = Child.tillmark("vault", "vault", "run", "--config", str(self.config), keep=keep)

    def load(self) -> None:
        """The cassettes are filled up and the vault is told so, under a grant of the exchange."""
        for place, (face, full) in self.model.notes.items():
            count = full - self.do(lambda peer, now_ms, place=place: peer.box.count(Spot.CASSETTE, place))  # type: ignore[misc]
            if count:
                self.do(lambda peer, now_ms, place=place, face=face, count=count: peer.box.load(place, face, count))  # type: ignore[misc]
                notes = (NotesAt(f"cassette:{place}", WireMoney.of(Money(face, KRW)), Count.exact(count)),)
                self.serve(Act.LOADED, Right.LOAD, notes)

    def mend(self) -> None:
        """Everything but the cassettes is emptied and mended; whoever does this has counted before. What a trouble had
        made away with is lost now: no count can explain it."""

        def wish(peer: Peer, now_ms: int) -> None:
            inside = (Spot.REJECT, Spot.RETRACT, Spot.PATH, Spot.STACKER, Spot.EXIT)
            away = {note.number for note in peer.box.notes if note.spot is Spot.REMOVED}
            self.lost |= (away - self.carried) | {
                number for number in self.displaced if peer.box.notes[number].spot is Spot.TAKEN
            }
            self.displaced.clear()
            for spot in inside:
                self.carried |= {note.number for note in peer.box.remove(spot)}
            peer.heal()

        self.do(wish)

    def serve(self, act: Act, right: Right, notes: tuple[NotesAt, ...] = (), person: str = PERSON) -> Served:
        """One service act, as a technician with a fresh grant. Raises `NoCash`."""
        with self._talk() as line:
            state = _told(line, AskState(), VaultState)
            challenge = _told(line, AskChallenge(), Challenge)
            signer = withdraw.AuthorityKey(server_key(self._authority, "d"))
            grant = Grant(self._terminal, state.vault, person, (right,), challenge.challenge, challenge.life_ms)
            return _told(line, Serve(TxnId.of(secrets.token_bytes(16)), seal(GRANT, grant, signer), act, notes), Served)

    def wait_ready(self, *, whole: bool = False) -> VaultState:
        """Until it could pay; `whole`: from every cassette. Raises `NoCash`."""
        deadline = time.monotonic() + ANSWER_S
        told = "it is not there"
        while time.monotonic() < deadline:
            try:
                with self._talk() as line:
                    state = _told(line, AskState(), VaultState)
                    if state.ready and (not whole or all(one.usable for one in state.cassettes)):
                        return state
                    told = state.code or "a cassette cannot be paid from"
            except (VaultLost, NoCash) as error:
                told = str(error)
            time.sleep(0.05)
        raise NoCash(f"the cash side is not ready: {told}\n{self.tail()}")

    def wait_known(self) -> None:
        """Until the vault answers at all: an empty one cannot pay, and can be loaded."""
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            try:
                with self._talk() as line:
                    _told(line, AskState(), VaultState)
                    return
            except (VaultLost, NoCash):
                time.sleep(0.05)
        raise NoCash(f"the vault does not answer\n{self.tail()}")

    # -- the world -----------------------------------------------------------------------------------------

    def do(self, wish: Callable[[Peer, int], T]) -> T:
        """Something at the machine itself: trouble, the power, a hand, a look at its notes."""
        assert self._bench is not None
        return self._bench.do(wish)

    def strike(self, fault: str, after: int = 0) -> None:
        """The machine will have this trouble. Raises `NoCash` for a name it does not know."""

        def wish(peer: Peer, now_ms: int) -> str:
            if fault not in peer.faults:
                return ", ".join(sorted(peer.faults))
            before = {note.number: note.spot for note in peer.box.notes}
            peer.fault(fault, after)
            self.displaced |= {note.number for note in peer.box.notes if note.spot is not before[note.number]}
            return ""

        known = self.do(wish)
        if known:
            raise NoCash(f"this machine has no trouble named {fault!r}; it knows {known}")

    def take(self) -> int:
        """The customer's hand takes what lies at the exit; what it was worth."""
        return sum(note.face for note in self.do(lambda peer, now_ms: peer.box.take()))

    def worth(self, spot: Spot) -> int:
        return self.do(lambda peer, now_ms: peer.box.worth(spot))

    def census(self) -> dict[tuple[Spot, int], int]:
        return self.do(lambda peer, now_ms: peer.box.census())

    def shown(self) -> dict[str, Any]:
        """What the vault's own ledger says, every record counted again."""
        try:
            books, records = read_only(self._folder / "vault")
        except BookFault as error:
            raise NoCash(f"the cash ledger does not hold: {error}") from None
        return as_object(books, records, KRW)

    def kill(self) -> None:
        assert self._child is not None
        self._child.kill()

    def tail(self) -> str:
        return self._child.tail() if self._child else ""

    def close(self) -> None:
        if self._child is not None:
            self._child.stop()
        if self._bench is not None:
            self._bench.close()

    # -- inside --------------------------------------------------------------------------------------------

    def _write(self, terminal: str, keys: Mapping[str, str]) -> None:
        assert self._bench is not None
        pinned = "".join(f'"{key_id}" = "{key}"\n' for key_id, key in keys.items())
        cassettes = "".join(
            f'[[cassette]]\nplace = {place}\nface = "{face}"\ncurrency = "KRW"\n'
            for place, (face, _) in self.model.notes.items()
        )
        self.config.write_text(
            f'[vault]\ndata_dir = "{self._folder / "vault"}"\nsocket = "{self.socket}"\nterminal = "{terminal}"\n'
            f"take_ms = 5000\nlook_ms = 1000\nrecall_ms = 10000\n[vault.authority_keys]\n{pinned}[dispenser]\n"
            + self.model.table(self._bench.port)
            + cassettes,
            "utf-8",
        )

    def _talk(self) -> AbstractContextManager[VaultLine]:
        from contextlib import closing

        return closing(VaultLine(self.socket))


def _told(line: VaultLine, request: Request, form: type[W]) -> W:
    """Its answer. Raises `NoCash` for another one."""
    number, deadline = line.ask(request), time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        heard = line.hear(int(ANSWER_S * 1000))
        if heard is None or heard.id != number:
            continue
        if isinstance(heard.reply, form):
            return heard.reply
        said = heard.reply.code if isinstance(heard.reply, VaultRefused) else type(heard.reply).__name__
        raise NoCash(f"{type(request).__name__}: {said}")
    raise NoCash(f"{type(request).__name__} stayed unanswered")
