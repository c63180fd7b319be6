"""Refusals of the servers' HTTP face: form, signature, session, idempotency key. See `docs/signing.md`."""

from __future__ import annotations

from typing import Final

from core.faults import Entry, RetrySafe

_SORRY = "Nothing was charged. The terminal and the exchange do not understand one another."
_SORRY_KO = "결제되지 않았어요. 단말기와 거래소가 서로 이해하지 못했어요."
_AGAIN = "Nothing was charged. Please try again in a moment."
_AGAIN_KO = "결제되지 않았어요. 잠시 후 다시 시도해 주세요."
_LOGIN = "Please sign in again."
_LOGIN_KO = "다시 로그인해 주세요."
_UPDATE = "Bring the terminal and the server to versions that belong together."

NO_SUCH_ROUTE: Final = Entry(
    "TM-HTTP-001", "no_such_route", "The address asked for does not exist.", _SORRY, _SORRY_KO, _UPDATE, RetrySafe.NO
)
NO_SUCH_METHOD: Final = Entry(
    "TM-HTTP-002",
    "no_such_method",
    "The address exists, but not for this method.",
    _SORRY,
    _SORRY_KO,
    _UPDATE,
    RetrySafe.NO,
)
BAD_BODY: Final = Entry(
    "TM-HTTP-003",
    "bad_body",
    "The body or a parameter is not what the route takes; the detail names the field.",
    _SORRY,
    _SORRY_KO,
    _UPDATE,
    RetrySafe.NO,
)
BODY_TOO_LARGE: Final = Entry(
    "TM-HTTP-004",
    "body_too_large",
    "The body is larger than 64 KiB.",
    _SORRY,
    _SORRY_KO,
    "Split a price list into several uploads; anything else is a programming error.",
    RetrySafe.NO,
)
SERVER_FAULT: Final = Entry(
    "TM-HTTP-005",
    "backend_fault",
    "The server met an error of its own. The outcome of the request is unknown.",
    "We do not know yet whether this went through. Nothing will be charged twice.",
    "처리되었는지 아직 확인 중이에요. 두 번 결제되지 않아요.",
    "Find the request id of the reply in the server's log; the same key may be sent again.",
)
WRONG_MEDIA_TYPE: Final = Entry(
    "TM-HTTP-006",
    "wrong_media_type",
    "The body is not of a type the route takes.",
    _SORRY,
    _SORRY_KO,
    "Send application/json (price lists: also text/csv).",
    RetrySafe.NO,
)
BUSY: Final = Entry(
    "TM-HTTP-007",
    "server_busy",
    "The server has more to do than it may queue.",
    _AGAIN,
    _AGAIN_KO,
    "Wait for Retry-After. If it stays, look at the queue's figure in /metrics.",
)
TOO_OFTEN: Final = Entry(
    "TM-HTTP-008",
    "too_often",
    "The same thing was asked for more often than is allowed.",
    _AGAIN,
    _AGAIN_KO,
    "Wait for Retry-After.",
)
NOT_SIGNED: Final = Entry(
    "TM-HTTP-010",
    "not_signed",
    "The request carries no signature, or one that does not follow the profile.",
    _SORRY,
    _SORRY_KO,
    "Compare with docs/signing.md.",
    RetrySafe.NO,
)
WRONG_SIGNATURE: Final = Entry(
    "TM-HTTP-011",
    "wrong_signature",
    "The signature does not fit the request and the key.",
    _SORRY,
    _SORRY_KO,
    "Something between terminal and server changes requests, or the terminal's key was replaced: pair it again.",
    RetrySafe.NO,
)
CLOCK_OFF: Final = Entry(
    "TM-HTTP-012",
    "clock_off",
    "The signature's time is more than 60 s from the server's.",
    _AGAIN,
    _AGAIN_KO,
    "The terminal sets its clock from the reply and signs again; if this repeats, look at its clock.",
)
NONCE_SEEN: Final = Entry(
    "TM-HTTP-013",
    "nonce_seen",
    "This very signature was used before.",
    _SORRY,
    _SORRY_KO,
    "Sign every send with a fresh nonce. If nobody sent twice, somebody replays recorded requests.",
)
UNKNOWN_KEY: Final = Entry(
    "TM-HTTP-014", "unknown_key", "Nobody here knows the signing key.", _SORRY, _SORRY_KO, "Pair the terminal."
)
REVOKED_KEY: Final = Entry(
    "TM-HTTP-015",
    "revoked_key",
    "The signing key belongs to a terminal that was revoked.",
    "This terminal is out of service. Nothing was charged.",
    "이 단말기는 사용할 수 없어요. 결제되지 않았어요.",
    "Ask the owner why it was revoked; pair it again if it may serve.",
    RetrySafe.NO,
)
WRONG_AUTHORITY: Final = Entry(
    "TM-HTTP-016",
    "wrong_authority",
    "The host the request was signed for is not this server.",
    _SORRY,
    _SORRY_KO,
    "Correct the address, or add the public address to the server's configuration.",
    RetrySafe.NO,
)
NO_SESSION: Final = Entry(
    "TM-HTTP-017", "no_session", "Not signed in, or signed out since.", _LOGIN, _LOGIN_KO, "Sign in."
)
NO_CSRF: Final = Entry(
    "TM-HTTP-018",
    "no_csrf",
    "The request lacks the page's own proof that it comes from our page.",
    _LOGIN,
    _LOGIN_KO,
    "Send the header X-CSRF-Token that the session was given.",
    RetrySafe.NO,
)
NOT_PERMITTED: Final = Entry(
    "TM-HTTP-019",
    "not_permitted",
    "Known, but not allowed to do this.",
    "This is not allowed. Nothing was charged.",
    "허용되지 않은 요청이에요. 결제되지 않았어요.",
    "Ask the owner of the shop or machine.",
    RetrySafe.NO,
)
NO_IDEMPOTENCY_KEY: Final = Entry(
    "TM-HTTP-020",
    "no_idempotency_key",
    "A request that moves money needs an Idempotency-Key of 1 to 128 visible characters.",
    _SORRY,
    _SORRY_KO,
    "Send the key of the step, txn/step/n.",
    RetrySafe.NO,
)
STILL_RUNNING: Final = Entry(
    "TM-HTTP-021",
    "still_running",
    "The same request is still being worked on.",
    "One moment, we are still working on it.",
    "잠시만요, 아직 처리 중이에요.",
    "Send it again after Retry-After, with the same key.",
)
KEY_REUSED: Final = Entry(
    "TM-HTTP-022",
    "key_reused",
    "This idempotency key was used for another request.",
    _SORRY,
    _SORRY_KO,
    "A programming error of the sender: a key belongs to one request for ever.",
    RetrySafe.NO,
)

FAULTS: Final = (
    NO_SUCH_ROUTE,
    NO_SUCH_METHOD,
    BAD_BODY,
    BODY_TOO_LARGE,
    SERVER_FAULT,
    WRONG_MEDIA_TYPE,
    BUSY,
    TOO_OFTEN,
    NOT_SIGNED,
    WRONG_SIGNATURE,
    CLOCK_OFF,
    NONCE_SEEN,
    UNKNOWN_KEY,
    REVOKED_KEY,
    WRONG_AUTHORITY,
    NO_SESSION,
    NO_CSRF,
    NOT_PERMITTED,
    NO_IDEMPOTENCY_KEY,
    STILL_RUNNING,
    KEY_REUSED,
)
