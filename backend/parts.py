"""What comes into the servers from outside: time, chance, the log, and the data folder with its keys."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from backend.http.callers import Entropy, Now
from core.moment import Moment
from core.ports import Log


def wall() -> Moment:
    """The host's wall clock."""
    return Moment(time.time_ns() // 1_000_000)


def new_log() -> Log:
    log: Log = structlog.get_logger()
    return log


@dataclass(frozen=True, slots=True)
class Outside:
    """Handed to every composition; tests hand in a clock and chance of their own, and a disk that fails when told to
    (`connection`, see `Store.open`)."""

    now: Now = wall
    entropy: Entropy = secrets.token_bytes
    log: Log = field(default_factory=new_log)
    connection: type[sqlite3.Connection] = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where one installation keeps its stores and keys.

    ``exchange.db``, ``agency.db`` the stores; ``exchange.key``, ``agency.key`` the servers' Ed25519 keys;
    ``authority.key`` seals what cash sides believe; ``codes.key`` seals the members' code keys. The folder and
    the keys are readable by their owner only.
    """

    root: Path

    def make(self) -> DataFolder:
        self.root.mkdir(parents=True, exist_ok=True)
        os.chmod(self.root, 0o700)
        return self

    def store(self, server: str) -> Path:
        return self.root / f"{server}.db"

    def key(self, name: str) -> Path:
        return self.root / f"{name}.key"


@dataclass(frozen=True, slots=True)
class Urls:
    """How the servers are reached: each with scheme and host, without a path."""

    exchange: str
    agency: str

    def authorities(self, url: str) -> frozenset[str]:
        """The hosts a signer may name for the server at `url`; a local address also by its other names."""
        host = url.partition("://")[2].rstrip("/").lower()
        name, _, port = host.partition(":")
        if name not in ("127.0.0.1", "localhost"):
            return frozenset({host})
        end = f":{port}" if port else ""
        return frozenset({f"127.0.0.1{end}", f"localhost{end}"})
