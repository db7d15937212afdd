"""The kills of a run, drawn from its seed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.search.job import SearchJob
from tests.kills.cases import Case
from tests.kills.killing import Outcome, Usual, drawn, strike, usual
from tests.kills.room import Room, make_room, make_shared
from tests.support.catalogue_server import Server

_AGAIN = 5  # of so many kills, one starts its job once more
_WITH_HELPERS = ("export pdf", "tutorial")
_IN_A_ROW = 4  # tries that may come too late before a case is given up for its turn


class Suite:
    """Rooms and durations of one run, in a folder of its own."""

    def __init__(self, folder: Path, server: Server, seed: int) -> None:
        self._folder = folder
        self._shared = make_shared(folder / "shared", server)
        self._chance = random.Random(seed)
        self._usual: dict[str, Usual] = {}
        self._rooms = 0
        self.last = Room(folder, folder)
        """The room of the last kill."""

    def kills(self, cases: Sequence[Case], count: int) -> Iterator[Outcome]:
        """So many kills, each case in its turn; what came of each."""
        done = 0
        while done < count:
            order = list(cases)
            self._chance.shuffle(order)
            for case in order[: count - done]:
                yield self.one(case, again=done % _AGAIN == 0)
                done += 1

    def one(self, case: Case, *, again: bool = False) -> Outcome:
        """One kill that is not too late."""
        if case.title not in self._usual:
            self._usual[case.title] = usual(case, self._room())
        for _ in range(_IN_A_ROW):
            helpers = case.job in (BenchmarkJob, SearchJob) or case.name in _WITH_HELPERS
            blow = drawn(self._chance, case.face, helpers)
            outcome = strike(case, self._room(), blow, self._usual[case.title], again=again)
            if outcome.struck or outcome.faults:
                break
        return outcome

    def _room(self) -> Room:
        if self._rooms:
            shutil.rmtree(self.last.root, ignore_errors=True)
        self._rooms += 1
        self.last = make_room(self._folder / f"room {self._rooms}", self._shared)
        return self.last
