"""The three commands a host gives, as the settings want them written."""

from __future__ import annotations

from core.cash import Mix
from core.wire.f56_messages import Asked, AskStatus, Count, Enhanced, EnhancedAsk, Init, lengths_of
from drivers.dispenser_f56.settings import InitForm, Set, Settings

INIT_PARAMS = 0x1A  # of the enhanced set


def status(settings: Settings) -> Asked:
    return AskStatus() if settings.command_set is Set.CONVENTIONAL else EnhancedAsk(Enhanced.STATUS)


def init(settings: Settings) -> Asked:
    """Tell the machine which notes it has to expect."""
    cassettes = settings.command_set.cassettes
    lengths = (*settings.lengths_mm, *[0] * cassettes)[:cassettes]
    sizes = tuple(lengths_of(mm) if mm else (0, 0) for mm in lengths)
    thick = (settings.thickness,) * cassettes
    if settings.command_set is Set.CONVENTIONAL:
        return Init(sizes, thick, settings.odr)
    flat = bytes(part for pair in sizes for part in pair)
    halves = (flat[:8], flat[8:]) if settings.init_form is InitForm.GROUPS else (flat,)
    params = b"".join(bytes([settings.odr]) + half + bytes(thick[: len(half) // 2]) for half in halves)
    return EnhancedAsk(Enhanced.INIT, params.ljust(INIT_PARAMS, b"\0"))


def count(settings: Settings, mix: Mix) -> Asked:
    counts = tuple(mix.from_place(place) for place in range(1, settings.command_set.cassettes + 1))
    return Count(counts, settings.rejects, settings.retries)
