"""What every incremental reader of a cable must stand: any split, any flipped bit, any noise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from core.wire.serial_frames import Broken, Noise, Reader

Make = Callable[[], Reader[Any]]


def bits(raw: bytes) -> Iterable[bytes]:
    """`raw` with each single bit flipped, one after the other."""
    for at in range(len(raw) * 8):
        spoilt = bytearray(raw)
        spoilt[at // 8] ^= 1 << at % 8
        yield bytes(spoilt)


def heard(make: Make, raw: bytes) -> tuple[Any, ...]:
    """Everything said about `raw`, to the silence after it."""
    reader = make()
    return reader.feed(raw) + reader.quiet()


def frames(events: Iterable[Any]) -> list[Any]:
    """The events without noise and broken pieces."""
    return [event for event in events if not isinstance(event, Noise | Broken)]


def check_split(make: Make, raw: bytes, cuts: Sequence[int]) -> None:
    """The same events, whole, byte by byte, and cut as `cuts` say."""
    whole = make().feed(raw)
    single, reader, out, at = make(), make(), [], 0
    for cut in cuts:
        out += reader.feed(raw[at : at + cut])
        at += cut
    out += reader.feed(raw[at:])
    assert tuple(out) == whole
    assert tuple(event for byte in raw for event in single.feed(bytes([byte]))) == whole


def check_flips(make: Make, raw: bytes) -> None:
    """No flipped bit makes another frame, nor a control byte out of the inside of one."""
    for spoilt in bits(raw):
        assert not frames(heard(make, spoilt)), spoilt.hex(" ")


def check_noise(make: Make, noise: bytes, held_max: int) -> None:
    """Noise raises nothing, is accounted for byte by byte, and leaves at most one unfinished frame behind."""
    reader = make()
    for at in range(0, len(noise), 7):
        reader.feed(noise[at : at + 7])
        assert reader.waiting <= held_max
    reader.quiet()
    assert reader.waiting == 0


def check_found_after(make: Make, noise: bytes, raw: bytes, event: Any) -> None:
    """After any noise and a silence, a frame is read."""
    reader = make()
    reader.feed(noise)
    reader.quiet()
    assert reader.feed(raw) == (event,)
