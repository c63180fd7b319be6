"""Problem details (RFC 9457): every no of the backend in one shape, with our code, and nothing of our inside.

A refusal becomes its catalogue code; a body that does not fit names the field; an error nobody foresaw becomes
`SERVER_FAULT` with a request id, and its traceback goes to the log only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from backend.refused import Refused
from core.faults import Refusal
from core.faults.catalogue import catalogue
from core.faults.http import BAD_BODY, NO_SUCH_METHOD, NO_SUCH_ROUTE, NOT_PERMITTED, SERVER_FAULT, WRONG_MEDIA_TYPE
from core.messages import Problem
from core.moment import Moment

MEDIA_TYPE: Final = "application/problem+json"
DETAIL_MAX: Final = 300  # characters: a sentence for a log line, not a page
RETRY_AFTER_S: Final = 1  # a queue drains within it; a client that waits less only makes it longer


def problem(refusal: Refusal, status: int, retryable: bool, now: Moment) -> Problem:
    """The problem details of a refusal. `type` is the address of the code's page on this server."""
    page = catalogue().get(refusal.code)
    return Problem(
        type=f"/faults/{refusal.code}",
        title=page.meaning if page else refusal.code,
        status=status,
        code=refusal.code,
        detail=refusal.detail[:DETAIL_MAX],
        retryable=retryable,
        customer_message_key=page.name if page else "",
        server_time=now.rfc3339(),
    )


def headers_of(status: int, retryable: bool) -> Mapping[str, str]:
    """Headers every problem carries: never cached, and when to come back if coming back may help."""
    headers = {"cache-control": "no-store"}
    if retryable and status in (409, 429, 503, 504, 507):
        headers["retry-after"] = str(RETRY_AFTER_S)
    return headers


def refused_of(error: BaseException) -> Refused:
    """Any error of a request as a refusal; what we do not know becomes `SERVER_FAULT` and says nothing more."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, msgspec.DecodeError):  # also ValidationError: names the field, never its value
        return Refused.by(BAD_BODY, str(error), status=400)
    status = getattr(error, "status_code", 500)
    detail = str(getattr(error, "detail", ""))
    match status:
        case 400:
            return Refused.by(BAD_BODY, detail, status=400)
        case 401 | 403:
            return Refused.by(NOT_PERMITTED, status=403)
        case 404:
            return Refused.by(NO_SUCH_ROUTE, status=404)
        case 405:
            return Refused.by(NO_SUCH_METHOD, status=405)
        case 415:
            return Refused.by(WRONG_MEDIA_TYPE, status=415)
        case _:
            return Refused.by(SERVER_FAULT, status=500, retryable=True)
