"""A withdrawal: the authority is checked and counted down, notes are ordered, and each result decides what is next.

Notes move only for an authority that names this terminal, this vault, this transaction, and the one nonce that lives
here. Its nonce is used up on the disk before the first note is ordered. Never more than the authority is ordered in
all (I8); after a doubt nothing more is ordered.
"""

from __future__ import annotations

from typing import Final

from core.authority import AUTHORITY, LIFE_MAX_MS, Authority
from core.cash import Mix, NoMix
from core.cash_mix import denominate
from core.dispenser import End, Look, Moved, Pay, Progress, Recall, Seen
from core.money import Money
from core.sealed import BadSealed, unseal
from core.vault_talk import AskNonce, CashStage, Nonce, PayOut, Stage
from device.vault import closing, codes, moves, offering
from device.vault.books import Open
from device.vault.ledger import Held, cassette
from device.vault.records import Begun, Landed, Ordered, Proven
from device.vault.setup import Setup
from device.vault.standing import cassettes, why_not
from device.vault.state import Asked, Job, Live, Phase
from device.vault.turn import Turn

NONCE_BYTES: Final = 16
NO_AUTHORITY: Final = (codes.FORGED, codes.NOT_OURS, codes.NONCE_DEAD)  # will never be one for the nonce that lives


def ask_nonce(turn: Turn, asked: Asked) -> None:
    """Give a nonce if a withdrawal could begin now. Its life begins here, on the vault's own clock."""
    assert isinstance(asked.request, AskNonce)
    assert len(asked.entropy) == NONCE_BYTES
    txn = asked.request.txn
    if asked.known is not None:
        turn.refuse(asked.asker, codes.TXN_USED)
        return
    code, detail = why_not(turn.setup, turn.state)
    if code:
        turn.refuse(asked.asker, code, detail)
        return
    live = turn.state.nonce
    if live is None or live.txn != txn or turn.now_ms - live.given_ms >= LIFE_MAX_MS:
        live = Live(asked.entropy.hex(), turn.now_ms, txn)
        turn.set(nonce=live)
    left_ms = LIFE_MAX_MS - (turn.now_ms - live.given_ms)
    turn.answer(asked.asker, Nonce(txn, turn.setup.vault, live.text, left_ms))


def pay_out(turn: Turn, asked: Asked) -> None:
    """Pay under an authority, or say by name why no note moves for it. One that is refused is dead with its nonce."""
    request, state = asked.request, turn.state
    assert isinstance(request, PayOut)
    if asked.known is not None:
        if closing.is_paid(asked.known):
            turn.answer(asked.asker, closing.again(asked.known))
        else:
            turn.refuse(asked.asker, codes.TXN_USED)
        return
    if state.books.open is not None and state.books.open.txn == request.txn:
        turn.set(askers=(*state.askers, asked.asker))
        return
    said = _covering(turn, request)
    if not isinstance(said, Authority):
        code, detail = said
        if state.nonce is not None and state.nonce.txn == request.txn and code not in NO_AUTHORITY:
            turn.set(nonce=None)
        turn.refuse(asked.asker, code, detail)
        return
    mix = _plan(turn, request.amount.money(), turn.setup.most_notes, frozenset())
    turn.set(nonce=None)  # whatever comes now, this authority has had its one chance
    if mix is None:
        turn.refuse(asked.asker, codes.NO_MIX)
        return
    _begin(turn, asked.asker, request, said, mix)


def _covering(turn: Turn, request: PayOut) -> Authority | tuple[str, str]:
    """What the authority says, when it covers this and the machine may pay; else (code, detail) why not."""
    setup, live = turn.setup, turn.state.nonce
    code, detail = why_not(setup, turn.state)
    if code:
        return code, detail
    try:
        said = unseal(AUTHORITY, Authority, request.authority, setup.exchange).statement
    except BadSealed as error:
        return codes.FORGED, str(error)
    if (said.terminal, said.vault, said.txn) != (setup.terminal, setup.vault, request.txn):
        return codes.NOT_OURS, ""
    if live is None or live.txn != request.txn or live.text != said.nonce:
        return codes.NONCE_DEAD, ""
    if turn.now_ms - live.given_ms > min(said.life_ms, LIFE_MAX_MS):
        return codes.EXPIRED, ""
    most, amount = said.most.money(), request.amount.money()
    if most.asset != setup.asset or amount.asset != setup.asset or not 0 < amount.minor <= most.minor:
        return codes.TOO_MUCH, ""
    return said


def _plan(turn: Turn, amount: Money, notes: int, tired: frozenset[int]) -> Mix | None:
    rows = cassettes(turn.setup, turn.state, most=turn.setup.machine.place_max, without=tired)
    if notes < 1:
        return None
    try:
        return denominate(amount, rows, notes)
    except NoMix:
        return None


def _begin(turn: Turn, asker: int, request: PayOut, said: Authority, mix: Mix) -> None:
    setup, ledger = turn.setup, turn.state.books.ledger
    before = tuple(
        Held(cassette(one.place), one.face.minor, ledger.notes(cassette(one.place), one.face.minor))
        for one in setup.cassettes
    )
    turn.note(Begun(request.txn, said.nonce, request.authority, said.most, request.amount, before), durable=True)
    chunks = mix.chunks(setup.order_notes)
    turn.set(job=Job(request.txn, Phase.PAYING, total=mix.total), askers=(asker,))
    _order(turn, chunks, CashStage.COUNTING)


def _order(turn: Turn, chunks: tuple[Mix, ...], stage: CashStage) -> None:
    """Write down, then order, the first of `chunks`; keep the others."""
    opened = turn.state.books.open
    assert opened is not None
    op = f"{opened.txn.text}/{opened.moves + 1}"
    seen = turn.state.seen
    turn.note(Ordered(op, chunks[0], seen.mark if seen is not None else ""), durable=True)
    turn.set_job(phase=Phase.PAYING, rest=chunks[1:])
    turn.order(Pay(op, chunks[0], _token(turn, chunks[0])))
    _say(turn, opened, stage)


def _token(turn: Turn, mix: Mix) -> str:
    """For exactly these notes, over the machine's nonce; "" where no machine asks for one."""
    setup, seen = turn.setup, turn.state.seen
    if not setup.machine.end_to_end or setup.token is None or seen is None or not seen.nonce:
        return ""
    return setup.token(seen.nonce, setup.money(sum(setup.face(place) * notes for place, notes in mix.notes)))


def _say(turn: Turn, opened: Open, stage: CashStage, more: int = 0) -> None:
    job = turn.state.job
    assert job is not None
    notes = sum(part.exited.low for part in opened.landed) + more
    turn.stage(Stage(opened.txn, stage, notes, max(job.total, notes)))


def progressed(turn: Turn, news: Progress) -> None:
    """Proof of single notes: evidence for the books, and something to show."""
    books = turn.state.books
    if books.move is None or books.move.op != news.op:
        return
    turn.note(Proven(news.op, news.place, news.exited))
    move = turn.state.books.move
    if books.open is not None and turn.state.job is not None and move is not None:
        _say(turn, books.open, CashStage.COUNTING, sum(notes for _, notes in move.proofs))


def moved(turn: Turn, news: Moved) -> None:
    """The result of the open movement of a withdrawal."""
    move, job = turn.state.books.move, turn.state.job
    assert move is not None
    assert job is not None
    if news.end is End.DOUBT and turn.setup.machine.recovers and job.phase is Phase.PAYING:
        recall(turn, news)
        return
    record = moves.landed(turn.setup, turn.state.books.ledger, job.txn.text, move, news)
    turn.note(record, durable=True)
    _next(turn, record)


def recall(turn: Turn, news: Moved) -> None:
    """A machine with a memory is asked once what it did, before its doubt is believed."""
    move = turn.state.books.move
    assert move is not None
    proofs = tuple(Proven(move.op, part.place, part.exited.low) for part in news.parts if part.exited.low)
    if proofs:
        turn.note(*proofs)
    if turn.state.up:
        turn.set_job(phase=Phase.RECALLING, resumed=True)
        turn.order(Recall(move.op, move.mix, move.mark))
    else:
        turn.set_job(phase=Phase.AWAY, resumed=True, until_ms=turn.now_ms + turn.setup.recall_ms)


def _next(turn: Turn, record: Landed) -> None:
    """After a result that is written down: pay the rest, offer what is stacked, or end."""
    setup, opened, job = turn.setup, turn.state.books.open, turn.state.job
    assert opened is not None
    assert job is not None
    over = any(part.exited.low > part.asked for part in record.parts)
    full = record.end is End.DONE and all(part.exited.low == part.asked for part in record.parts)
    if record.end is End.DOUBT or (over and not setup.machine.stacks):
        closing.finish(turn)
        return
    if over:
        offering.put_aside(turn)
        return
    if full and job.rest and not job.resumed and turn.state.up and not setup.machine.end_to_end:
        _order(turn, job.rest, CashStage.COUNTING)
        return
    if job.resumed or not turn.state.up:
        chunks: tuple[Mix, ...] = ()
    else:  # a machine with a nonce gives a new one for each order, when it is looked at
        chunks = job.rest if full else _remainder(turn, record, opened)
    if chunks:
        turn.set_job(phase=Phase.BETWEEN, rest=chunks)
        turn.order(Look())
    else:
        _over(turn)


def looked(turn: Turn, seen: Seen) -> None:
    """Between two orders, after a short one: go on only on a machine that is fit to, with its counters as they are."""
    job = turn.state.job
    assert job is not None
    stacked = turn.setup.machine.stacks  # its path is not clear: what was paid so far lies in it
    if seen.ready and (stacked or seen.path_clear):
        _order(turn, job.rest, CashStage.FINISHING)
    else:
        _over(turn)


def cut_short(turn: Turn) -> None:
    """The cable was lost between two orders: what is paid is paid, and no more will be."""
    turn.set_job(resumed=True)
    _over(turn)


def _over(turn: Turn) -> None:
    """Nothing more is paid: offer what is stacked, or end."""
    setup, opened, job = turn.setup, turn.state.books.open, turn.state.job
    assert opened is not None
    assert job is not None
    if not setup.machine.stacks or not moves.stacked(opened.landed):
        closing.finish(turn, _short(setup, opened))
    elif job.resumed or not turn.state.up:
        offering.put_aside(turn)
    else:
        offering.offer(turn)


def _remainder(turn: Turn, record: Landed, opened: Open) -> tuple[Mix, ...]:
    """The rest of the amount from cassettes that have not just failed; nothing when the path is not clear."""
    job = turn.state.job
    assert job is not None
    if any(part.on_path.low for part in record.parts):
        return ()
    tired = job.tired | {part.place for part in record.parts if part.exited.low < part.asked}
    turn.set_job(tired=tired)
    paid = sum(turn.setup.face(part.place) * part.exited.low for part in opened.landed)
    notes = sum(part.exited.low for part in opened.landed)
    rest = opened.amount.money() - turn.setup.money(paid)
    assert rest.minor > 0, "what was asked was no more than the amount, and less than that left"
    mix = _plan(turn, rest, turn.setup.most_notes - notes, tired)
    return mix.chunks(turn.setup.order_notes) if mix is not None else ()


def _short(setup: Setup, opened: Open) -> str:
    """The report's code where the machine gave none and not all was paid."""
    paid = sum(setup.face(part.place) * part.exited.low for part in opened.landed)
    return "" if paid >= opened.amount.money().minor else opened.code or codes.SHORT
