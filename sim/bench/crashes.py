"""The crash enumeration: a withdrawal is cut before, inside and after every commit of every store it writes.

The scenario is run once without a cut and every commit kept as bytes. What the disk may hold of each is declared
(`images`), and its number is computed beforehand from the frames of the log alone. Then the world is brought again to
each commit, the program dies there, its real recovery starts on what the disk holds, once for each distinct content,
and the scenario goes on to its end, where all books must agree with the truth. Then the same once more with a second
cut at each commit after the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sim.bench import torn
from sim.bench.crashes_files import Commit, Files
from sim.bench.crashes_scenarios import STORES, CutAt, Ran, Scenario, run

ALONE: Final = "exchange"  # it has a power of its own: killed and without power are the same to everybody else
KILLS: Final = 2  # killed before a commit, and after it, with everything that was written still there


@dataclass(frozen=True, slots=True)
class Image:
    """What the disk may hold after a cut at a commit."""

    power: bool
    left: Files


def images(commit: Commit) -> Iterator[Image]:
    """The declared space of one commit: killed before and after it; without power torn at every place with every fill,
    and back to each commit before it that was never synced."""
    yield Image(False, commit.before)
    yield Image(False, commit.after)
    for log in commit.older:
        yield Image(True, Files(commit.written.database, log))
    for variant in torn.variants(commit.written):
        yield Image(True, Files(commit.written.database, variant.log))


def computed(commits: tuple[Commit, ...]) -> int:
    """How many images these commits have, from the number of their frames and of what was unsynced."""
    return sum(KILLS + len(one.older) + torn.space(len(one.written.bounds) - 1) for one in commits)


@dataclass(frozen=True, slots=True)
class Broken:
    """A violation, and everything needed to see it again."""

    scenario: str
    cuts: tuple[CutAt, ...]
    unlucky: bool
    words: str
    trace: tuple[str, ...]

    def __str__(self) -> str:
        luck = ", unsynced lost" if self.unlucky else ""
        return f"{self.scenario}: {' then '.join(map(str, self.cuts))}{luck}: {self.words}"


@dataclass
class Told:
    """The figures of one store in one scenario."""

    scenario: str
    store: str
    commits: int = 0
    computed: int = 0
    images: int = 0
    contents: int = 0
    recoveries: int = 0
    second: int = 0
    broken: list[Broken] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.scenario:20} {self.store:9} {self.commits:3} commits  {self.images:6} images of {self.computed:6}"
            f"  {self.contents:4} contents  {self.recoveries:4} recoveries  {self.second:5} second cuts"
            f"  {len(self.broken)} violations"
        )


class Space:
    """One store of one scenario. `folder` an empty directory, best in memory. `each` thins the commits out: 1 is all
    of them."""

    def __init__(self, scenario: Scenario, store: str, folder: Path, first: Ran, each: int = 1) -> None:
        assert store in STORES
        self._scenario, self._store, self._folder = scenario, store, folder
        self._commits = first.commits[store][::each]
        self.told = Told(scenario.name, store, len(self._commits), computed(self._commits))

    def enumerate(self, *, second: bool) -> Told:
        """All of it; with `second` cuts or without."""
        for commit in self._commits:
            for cut in self.distinct(commit):
                for ran, unlucky in self._recovered((cut,)):
                    self.told.recoveries += 1
                    if second and not ran.violation:
                        self._again(cut, ran, unlucky)
        return self.told

    def distinct(self, commit: Commit) -> Iterator[CutAt]:
        """The cuts at one commit, one for each different content the disk may have. Each content must be that of
        whole commits: as it was before, as it is after, or as an older one left it."""
        whole = {self._content(files) for files in self._whole(commit)}
        seen: set[tuple[bool, bytes]] = set()
        contents: dict[bytes, bytes] = {}
        for image in images(commit):
            self.told.images += 1
            found = contents.get(image.left.log)
            if found is None:
                found = contents[image.left.log] = self._content(image.left)
            power = image.power and self._store != ALONE
            cut = CutAt(self._store, commit.number, power, image.left)
            if found not in whole:
                self.told.broken.append(Broken(self._scenario.name, (cut,), False, "half a commit is there", ()))
            if (power, found) not in seen:
                seen.add((power, found))
                self.told.contents += 1
                yield cut

    def _again(self, cut: CutAt, ran: Ran, unlucky: bool) -> None:
        """A second cut at each commit after the first: before it, after it, and back to what was synced. Another
        program of the same world is cut there as well, killed before and after, when the first was killed."""
        for store in STORES if not cut.power else (self._store,):
            power = cut.power and store != ALONE
            for commit in ran.commits[store]:
                if commit.number <= ran.since.get(store, 0):
                    continue
                ways = [commit.before, commit.after]
                if power and commit.older:
                    ways.append(Files(commit.written.database, commit.older[0]))
                for left in ways:
                    self.told.second += 1
                    self._run((cut, CutAt(store, commit.number, power, left)), unlucky=unlucky)

    def _recovered(self, cuts: tuple[CutAt, ...]) -> Iterator[tuple[Ran, bool]]:
        """Once; and once more without luck when another store had anything to lose."""
        ran = self._run(cuts, unlucky=False)
        yield ran, False
        if ran.could_lose:
            yield self._run(cuts, unlucky=True), True

    def _run(self, cuts: tuple[CutAt, ...], *, unlucky: bool) -> Ran:
        ran = run(self._scenario, self._folder, cuts, unlucky=unlucky)
        violation = ran.violation or ("" if ran.made == len(cuts) else "the cut was never reached")
        if violation:
            self.told.broken.append(Broken(self._scenario.name, cuts, unlucky, violation, ran.trace))
        return ran

    def _whole(self, commit: Commit) -> list[Files]:
        older = [Files(commit.written.database, log) for log in commit.older]
        return [commit.before, commit.after, *older]

    def _content(self, files: Files) -> bytes:
        return hashlib.blake2b(torn.content(files.database, files.log, self._folder), digest_size=16).digest()


def enumerated(
    scenario: Scenario, folder: Path, *, second: bool, each: int = 1, tell: Callable[[Told], None] = lambda _: None
) -> list[Told]:
    """Every store of one scenario."""
    first = run(scenario, folder)
    assert not first.violation, f"{scenario} without any cut: {first.violation}"
    all_told = []
    for store in STORES:
        told = Space(scenario, store, folder, first, each).enumerate(second=second)
        tell(told)
        all_told.append(told)
    return all_told


def sweep(commits: tuple[Commit, ...], folder: Path) -> tuple[int, int]:
    """The store alone, its last commit cut at every 16th byte with every fill: how many images, and how many of them
    hold anything but whole commits."""
    images = wrong = 0
    for commit in commits:
        written = commit.written
        whole = {torn.content(written.database, log, folder) for log in (written.before, written.after)}
        for variant in torn.variants(written, torn.swept(written)):
            images += 1
            wrong += torn.content(written.database, variant.log, folder) not in whole
    return images, wrong


def copied(commit: Commit, folder: Path) -> Iterator[bool]:
    """A start copies the log back into the database. It dies there, after each page and in the middle of each: the log
    is still whole, and with it the store is what it was. Whether it is, for each place."""
    before, log = commit.written.database, commit.written.after
    whole, page = torn.content(before, log, folder), commit.written.page
    grown = before + bytes(max(0, len(whole) - len(before)))
    for half in range(2 * len(whole) // page + 1):
        end = half * page // 2
        yield torn.content(whole[:end] + grown[end:], log, folder) == whole
