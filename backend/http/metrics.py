"""Figures for the operator (Prometheus text format). No label ever names a person or a terminal."""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# From what a busy 2-core machine does in one commit to what a terminal's deadline allows.
SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
MEDIA_TYPE: Final = "text/plain; version=0.0.4"


class Figures:
    """Counters of one server, in a registry of its own."""

    def __init__(self, server: str, version: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "tillmark_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "tillmark_http_request_seconds", "Time to answer.", ("route",), buckets=SECONDS, registry=self.registry
        )
        build = Gauge("tillmark_build", "What is running.", ("server", "version"), registry=self.registry)
        build.labels(server, version).set(1)

    def start(self) -> float:
        return time.perf_counter()

    def served(self, method: str, route: str, status: int, started: float) -> None:
        """One request was answered; an unknown route counts as ``other``, so that no scan makes new labels."""
        route = route or "other"
        known = method if method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD") else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(time.perf_counter() - started)

    def text(self) -> bytes:
        return generate_latest(self.registry)
