"""The numbered pieces of a work: which are wanted, who is at which, and who takes too long."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median
from time import monotonic

SLOW = 3.0  # times the usual, and at least
SLOW_SECONDS = 10.0


@dataclass(eq=False)
class Pieces:
    """What nobody does is given first; then what one worker is slow at, to a second one.

    `slow` is told of workers that are. They are slow after so many `slow_seconds`, at least.
    """

    slow: Callable[[str], None]
    slow_seconds: float | None = None
    done_by: dict[str, int] = field(default_factory=dict)
    _wanted: set[int] = field(default_factory=set)
    _waiting: list[int] = field(default_factory=list)
    _done: set[int] = field(default_factory=set)
    _flying: dict[int, dict[str, float]] = field(default_factory=dict)
    _took: list[float] = field(default_factory=list)

    def want(self, pieces: Iterable[int]) -> None:
        """From now on these are wanted, in this order, and no others; what is done stays done."""
        order = [one for one in pieces if one not in self._done]
        self._wanted = set(order)
        self._waiting = [one for one in reversed(order) if not self._flying.get(one)]

    @property
    def left(self) -> bool:
        """Whether any wanted piece is not done yet."""
        return bool(self._wanted)

    def next(self, worker: str) -> int | None:
        """What this worker is to do now: what nobody does, or what another one is slow at."""
        while self._waiting:
            piece = self._waiting.pop()
            if piece in self._wanted:
                return piece
        usual = median(self._took) if self._took else 0.0
        least = SLOW_SECONDS if self.slow_seconds is None else self.slow_seconds
        before = monotonic() - max(least, SLOW * usual)
        for piece in self._wanted:
            others = self._flying.get(piece, {})
            if len(others) == 1 and worker not in others and max(others.values()) < before:
                self.slow(*others)
                return piece
        return None

    def begun(self, piece: int, worker: str) -> None:
        """That worker is at it."""
        self._flying.setdefault(piece, {})[worker] = monotonic()

    def done(self, piece: int, worker: str) -> None:
        """It is done, by that worker first or by another one before."""
        if piece not in self._done:
            self._done.add(piece)
            self._wanted.discard(piece)
            self._took.append(monotonic() - self._flying[piece][worker])
            self.done_by[worker] = self.done_by.get(worker, 0) + 1

    def ended(self, piece: int, worker: str) -> None:
        """That worker is at it no more; if nobody is, and it is wanted, it waits again."""
        self._flying[piece].pop(worker, None)
        if piece in self._wanted and not self._flying[piece]:
            self._waiting.append(piece)
