"""Refused: a named no of the backend, on its way to whoever asked.

A desk raises it; its unit of work is rolled back, so nothing of the attempt stays; the HTTP face turns it into
problem details (RFC 9457). It is an operating result, never a programmer's error: those assert and crash.
"""

from __future__ import annotations

from core.faults import Entry, Refusal


class Refused(Exception):
    """`refusal` the catalogue code and a sentence for logs (never a secret), `status` the HTTP status.

    `retryable`: the very same request may be sent again and may then succeed (the server was busy, a price was
    stale). A refusal that is not retryable is final for its idempotency key.
    """

    def __init__(self, refusal: Refusal, status: int = 409, *, retryable: bool = False) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
        self.status = status
        self.retryable = retryable

    @classmethod
    def by(cls, page: Entry, detail: str = "", *, status: int = 409, retryable: bool = False) -> Refused:
        """The refusal that a page of the catalogue describes."""
        return cls(Refusal(page.code, detail or page.name), status, retryable=retryable)

    @property
    def code(self) -> str:
        return self.refusal.code
