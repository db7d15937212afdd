"""How long parts would take on so many machines, event by event, by the rules of `Crew`.

Machines are alike, or differ by chance; each does one part after the other, and is given the next
one ahead. What all share is one at a time: this machine's program, the scheduler, and each way
of this machine's network.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from core.machines import crew, pieces

Then = Callable[[], None]


@dataclass(frozen=True)
class Costs:
    """What a part costs beside its computing: seconds of this machine and of the scheduler, bytes.

    `network` is in bytes per second each way, `latency` in seconds one way.
    """

    home: float
    scheduler: float
    out: float
    back: float
    network: float
    latency: float


@dataclass(frozen=True)
class Simulated:
    """Seconds until all parts are done; the busier way's share of them, and machines' idle share.

    `twice` counts parts that were given to a second machine.
    """

    seconds: float
    network_share: float
    waiting_share: float
    home_share: float
    twice: int


@dataclass
class Line:
    """What serves one after the other, in the order in which they come."""

    free: float = 0.0
    busy: float = 0.0

    def take(self, now: float, seconds: float) -> float:
        """When it is through with that."""
        self.free = max(self.free, now) + seconds
        self.busy += seconds
        return self.free


@dataclass
class _Simulation:
    seconds: Sequence[float]  # of computing each part, on the usual machine
    slower: Sequence[float]  # of each machine, times
    costs: Costs
    now: float = 0.0
    twice: int = 0
    _events: list[tuple[float, int, Then]] = field(default_factory=list)
    _number: int = 0
    _took: list[float] = field(default_factory=list)

    def all(self) -> Simulated:
        """Until nothing is left."""
        self._waiting = list(range(len(self.seconds)))[::-1]
        self._undone = set(self._waiting)
        self._flying: dict[int, dict[int, float]] = {}
        self._home, self._scheduler, self._out, self._back = Line(), Line(), Line(), Line()
        self._machines = [Line() for _ in self.slower]
        for _ in range(crew.AT_ONCE):
            for machine in range(len(self.slower)):
                self._at(0.0, partial(self._next, machine))
        while self._undone:
            self.now, _, then = heapq.heappop(self._events)
            then()
        busy = sum(min(one.busy, self.now) for one in self._machines)
        return Simulated(
            self.now,
            max(self._out.busy, self._back.busy) / self.now,
            1 - busy / self.now / len(self._machines),
            self._home.busy / self.now,
            self.twice,
        )

    def _at(self, when: float, then: Then) -> None:
        self._number += 1
        heapq.heappush(self._events, (when, self._number, then))

    def _next(self, machine: int) -> None:
        piece = self._waiting.pop() if self._waiting else self._slow(machine)
        if piece is None:
            self._at(self.now + crew.TICK_SECONDS, partial(self._next, machine))
            return
        self._flying.setdefault(piece, {})[machine] = self.now
        self._steps(self._way(machine, piece), partial(self._done, machine, piece, self.now))

    def _slow(self, machine: int) -> int | None:
        usual = self._took[len(self._took) // 2] if self._took else 0.0
        before = self.now - max(pieces.SLOW_SECONDS, pieces.SLOW * usual)
        for piece in self._undone:
            others = self._flying[piece]
            if len(others) == 1 and machine not in others and max(others.values()) < before:
                self.twice += 1
                return piece
        return None

    def _way(self, machine: int, piece: int) -> list[tuple[Line, float, float]]:
        """Through what a part goes: how long each has it, and how long it is on its way then."""
        costs, half = self.costs, 0.5
        return [
            (self._home, half * costs.home, 0.0),
            (self._scheduler, half * costs.scheduler, 0.0),
            (self._out, costs.out / costs.network, costs.latency),
            (self._machines[machine], self.seconds[piece] * self.slower[machine], 0.0),
            (self._back, costs.back / costs.network, costs.latency),
            (self._scheduler, half * costs.scheduler, 0.0),
            (self._home, half * costs.home, 0.0),
        ]

    def _steps(self, way: list[tuple[Line, float, float]], then: Then) -> None:
        if not way:
            then()
            return
        (line, seconds, after), *rest = way
        self._at(line.take(self.now, seconds) + after, partial(self._steps, rest, then))

    def _done(self, machine: int, piece: int, begun: float) -> None:
        self._flying[piece].pop(machine)
        if piece in self._undone:
            self._undone.discard(piece)
            insort(self._took, self.now - begun)
        self._next(machine)


def simulated(seconds: Sequence[float], slower: Sequence[float], costs: Costs) -> Simulated:
    """Parts that take so many seconds each, on machines so many times slower than the usual."""
    return _Simulation(seconds, slower, costs).all()
