"""``tillmark bench screen``: how long a screen takes to be drawn, by size, and what a face costs."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Final

import click

from core.asset import KRW
from core.moment import Moment
from core.money import Money
from core.screens import Action, Amount, Countdown, Drawing, Picture, Plain, Role, Screen, Waiting
from ui.settings import ScreenRefused, Settings

SIZES: Final = ("800x480", "1024x600", "1280x800", "1920x1080")
ROUNDS: Final = 60  # of each figure: enough for a steady median, a second in all
ROUNDS_MAX: Final = 10_000
ROUNDS_A_START: Final = 12  # a start takes two hundred times as long as a drawing
CHILD_TIMEOUT_S: Final = 30

# What a process does until its first frame stands, in a process of its own: nothing is warm but the file cache.
START: Final = """
import time; began = time.perf_counter()
from sim.verbs.bench_screen import BenchClock, idle
from ui.face import open_face
from ui.settings import Settings
face = open_face(Settings(WIDTH, HEIGHT, mode="headless", lang="ko"), BenchClock())
face.show(idle(), "ko"); face.frame()
elapsed = time.perf_counter() - began
status = open("/proc/self/status").read()  # getrusage would count the parent's pages before exec
print(elapsed * 1000, int(status.partition("VmHWM:")[2].split()[0]) / 1024)
"""


class BenchClock:
    """The real clock; a bench stands at the edge of the program."""

    def now(self) -> Moment:
        return Moment(time.time_ns() // 1_000_000)

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000


class SetClock(BenchClock):
    """Stands where it is put, so that a second of motion takes no second."""

    def __init__(self) -> None:
        self.ms = super().monotonic_ms()

    def monotonic_ms(self) -> int:
        return self.ms


def idle() -> Screen:
    start = Action("start", Plain("새 판매"), Role.PRIMARY, "enter")
    return Screen("idle", Plain("어서 오세요"), (Drawing(Picture.SHOP),), (start,))


def quote() -> Screen:
    """A full screen: heading, amount, coin line, countdown, three buttons."""
    amount = Amount(
        Money(50_000, KRW),
        Plain("한강서점"),
        Plain("0.00051234 BTC · 1 BTC = 97,590,000원 · 수수료 250원"),
        Plain("지금 시장 가격"),
    )
    return Screen(
        "quote",
        Plain("비트코인으로 결제할까요?"),
        (amount, Countdown(30_000, 30_000, Plain("뒤에 시세가 바뀌어요"))),
        (
            Action("cancel", Plain("취소"), Role.CANCEL, "escape"),
            Action("coins", Plain("다른 코인")),
            Action("confirm", Plain("결제"), Role.PRIMARY, "enter"),
        ),
    )


def waiting() -> Screen:
    return Screen("working", Plain("시세를 확인하고 있어요"), (Waiting(Plain("잠시만 기다려 주세요.")),))


def measure(width: int, height: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds at that size: a whole new screen, the moving part alone, nothing to do; and the start."""
    from ui.face import open_face

    face = open_face(Settings(width, height, mode="headless", reduced_motion=True), BenchClock())
    screens = (quote(), waiting(), idle())
    full = []
    for number in range(rounds):
        began = time.perf_counter()
        face.show(screens[number % len(screens)], "ko")
        face.frame()
        full.append((time.perf_counter() - began) * 1_000)
    face.close()
    clock = SetClock()
    lively = open_face(Settings(width, height, mode="headless"), clock)
    lively.show(quote(), "ko")
    part = []
    for _ in range(rounds + 1):
        clock.ms += 250  # the ring has moved on, nothing else
        began = time.perf_counter()
        lively.frame()
        part.append((time.perf_counter() - began) * 1_000)
    del part[0]  # the arrival of the screen
    lively.close()
    starts = [_start(width, height) for _ in range(max(1, rounds // ROUNDS_A_START))]
    return {
        "full_ms": round(statistics.median(full), 3),
        "full_p95_ms": round(_p95(full), 3),
        "part_ms": round(statistics.median(part), 3),
        "part_p95_ms": round(_p95(part), 3),
        "first_frame_ms": round(statistics.median(start[0] for start in starts), 1),
        "resident_mb": round(max(start[1] for start in starts), 1),
    }


def _p95(values: list[float]) -> float:
    return sorted(values)[len(values) * 95 // 100]


def _start(width: int, height: int) -> tuple[float, float]:
    """Milliseconds and megabytes of a process of its own: libraries imported, fonts opened, idle screen drawn."""
    script = START.replace("WIDTH", str(width)).replace("HEIGHT", str(height))
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=CHILD_TIMEOUT_S,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    elapsed_ms, resident_mb = done.stdout.split()
    return float(elapsed_ms), float(resident_mb)


@click.command(name="screen")
@click.option("--size", "sizes", multiple=True, type=click.Choice(SIZES), help="Only this size; may be repeated.")
@click.option("--rounds", type=click.IntRange(2, ROUNDS_MAX), default=ROUNDS, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Figures for a program.")
def command(sizes: tuple[str, ...], rounds: int, as_json: bool) -> None:
    """Draw the screens of a sale in memory and say how long it takes.

    Example: tillmark bench screen --json
    """
    try:
        figures = {}
        for size in sizes or SIZES:
            width, height = (int(side) for side in size.split("x"))
            figures[size] = measure(width, height, rounds)
    except ScreenRefused as refused:
        raise click.ClickException(str(refused)) from None
    if as_json:
        click.echo(json.dumps({"sizes": figures}))
        return
    click.echo(f"{'size':>10} {'whole ms':>9} {'p95':>7} {'part ms':>8} {'p95':>7} {'start ms':>9} {'MB':>6}")
    for size, row in figures.items():
        click.echo(
            f"{size:>10} {row['full_ms']:>9} {row['full_p95_ms']:>7} {row['part_ms']:>8} {row['part_p95_ms']:>7}"
            f" {row['first_frame_ms']:>9} {row['resident_mb']:>6}"
        )


if __name__ == "__main__":
    command()
