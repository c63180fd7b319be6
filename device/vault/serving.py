"""A service act as it is asked for: once under its name, under a grant, and never beside a withdrawal."""

from __future__ import annotations

from core.cash_report import Act
from core.vault_talk import Serve, Served
from device.vault import closing, codes
from device.vault.acts import BadAct, attend, granted
from device.vault.counting import count
from device.vault.standing import shown
from device.vault.state import Asked
from device.vault.turn import Turn


def serve(turn: Turn, asked: Asked) -> None:
    """One service act; repeated under its `txn` it is the same answer."""
    request, state = asked.request, turn.state
    assert isinstance(request, Serve)
    if asked.known is not None:
        if closing.is_paid(asked.known):
            turn.refuse(asked.asker, codes.TXN_USED)
        else:
            turn.answer(asked.asker, Served(request.txn, asked.known.number, False, shown(turn.setup, state)))
        return
    if state.job is not None and state.job.txn == request.txn:
        turn.set(askers=(*state.askers, asked.asker))
        return
    turn.set(nonce=None)
    try:
        grant = granted(turn, request)
        if state.job is not None or state.books.open is not None or state.books.testing is not None:
            raise BadAct(codes.BUSY, "")
        if request.act is Act.COUNTED:
            count(turn, request, grant.person, asked.asker)
        else:
            attend(turn, request, grant.person, asked.asker)
    except BadAct as error:
        turn.refuse(asked.asker, error.code, error.detail)
