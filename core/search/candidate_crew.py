"""The workers of a machine that make a search's candidates: in a thread beside the search.

They get what the search waits for first, then what it may ask for next. What they made is kept
until it is asked for.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import WorkbenchError
from core.inference.processor_words import processor_name
from core.machines.connecting import Scheduler, connected
from core.machines.crew import TICK_SECONDS, Crew
from core.machines.machine import Machine
from core.machines.supply import TRIES, Supply
from core.machines.work import LeftOut
from core.models.plan import QuantizationPlan
from core.remarks.remark import Remark, remark
from core.search import on_worker
from core.search.fetching import Fetched, fetch
from core.search.machine_conversation import Begin, Failed, Made, Make, Ready
from core.values import to_json

if TYPE_CHECKING:
    from core.inference.settings import Arithmetic, Executed

_AT_ONCE = 1  # candidate that a worker has: who waits for one is not to wait for another before
_SLOW_SECONDS = 60.0  # one candidate may take several times as long as another
_MOST_KEPT = 24  # that were not asked for yet


class _Over(Exception):
    """The search needs no more."""


class MachineFailed(Exception):
    """Nothing is made on the machine any more; `error` says why. It is no candidate's failure."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True)
class Expected:
    """What a worker must say of itself so that it takes part: what this machine says."""

    deciding: str
    executed: Executed
    found: str
    arithmetics: tuple[Arithmetic, ...]


@dataclass(eq=False)
class CandidateCrew:
    """See `core.machines.work.Work`.

    Workers are told `begin_of`, are sent `files` by their hashes, and must say what is `expected`.
    Candidates are brought to `scratch`; `most_bytes` is the most that one may have.
    """

    machine: Machine
    scheduler: Scheduler
    begin_of: Begin
    files: dict[str, Path]
    expected: Expected
    scratch: Path
    most_bytes: int
    log: Callable[[Remark], None]
    error: BaseException | None = None
    made: dict[int, Fetched | Failed] = field(default_factory=dict)
    done_by: dict[str, int] = field(default_factory=dict)
    _plans: list[QuantizationPlan] = field(default_factory=list)
    _order: list[int] = field(default_factory=list)
    _spoilt: set[int] = field(default_factory=set)
    _wanted: int | None = None

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._changed = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="candidates", daemon=True)
        self._supply: Supply

    # From the search's thread

    def start(self) -> None:
        """Begin with the workers there are."""
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether there is a worker that has all that it needs; raises MachineFailed."""
        if self.error is not None:
            raise MachineFailed(self.error)
        return self._ready.is_set()

    def want(self, plan: QuantizationPlan) -> int:
        """The number of this plan, which is made next."""
        self._wanted = self._number(plan)
        self._changed.set()
        return self._wanted

    def expect(self, plans: Sequence[QuantizationPlan]) -> None:
        """Make these when there is nothing else to do, in this order."""
        self._order = [self._number(plan) for plan in plans]
        self._changed.set()

    def take(self, number: int) -> Fetched | Failed | None:
        """What came of it; None as long as it is not there. Raises MachineFailed."""
        found = self.made.pop(number, None)
        if found is None and self.error is not None:
            raise MachineFailed(self.error)
        if found is not None:
            self._wanted = None
        return found

    def close(self) -> None:
        """Have the workers end what they do for the search; that takes a moment."""
        self._over.set()
        self._thread.join()

    def _number(self, plan: QuantizationPlan) -> int:
        if plan not in self._plans:
            self._plans.append(plan)
        return self._plans.index(plan)

    # In the thread of the workers

    def _run(self) -> None:
        try:
            asyncio.run(self._all())
        except _Over:
            pass
        except BaseException as error:  # which the search raises when it needs one
            self.error = error

    async def _all(self) -> None:
        self._tick()
        async with connected(self.machine, self.scheduler) as client:
            session = self.begin_of.session
            self._supply = Supply(client, self.machine, session, self._tick)
            crew = Crew(
                *(client, self.machine, session, self, self._tick, self.log),
                at_once=_AT_ONCE,
                slow_seconds=_SLOW_SECONDS,
            )
            try:
                ready = await crew.muster()
                self._ready.set()
                self.log(remark("search_spread", machine=self.machine.name, count=len(ready)))
                keeping = asyncio.create_task(self._keep_order(crew))
                try:
                    await crew.run((), ready, more=lambda: True)
                finally:
                    keeping.cancel()
            finally:
                self.done_by = dict(crew.done_by)
                await crew.leave()

    async def _keep_order(self, crew: Crew) -> None:
        """Tell the crew what is wanted by now, whenever that has changed."""
        while True:
            if self._changed.is_set():
                self._changed.clear()
                first = () if self._wanted is None else (self._wanted,)
                room = _MOST_KEPT - len(self.made)
                ahead = [one for one in self._order if one not in self._spoilt][: max(0, room)]
                crew.pieces.want(dict.fromkeys((*first, *ahead)))
            await asyncio.sleep(TICK_SECONDS / 2)

    def _tick(self) -> None:
        if self._over.is_set():
            raise _Over

    async def begin(self, worker: str) -> Ready:
        """See `Work`."""
        for _ in range(TRIES):
            said = await self._supply.ask(worker, on_worker.take_up, to_json(self.begin_of))
            if isinstance(said, Ready):
                return said
            await self._supply.send(worker, {one: self.files[one] for one in said.hashes})
        raise LeftOut(remark("worker_forgets"))

    def join(self, worker: str, said: Ready) -> None:
        """See `Work`."""
        ours = self.expected
        if said.executed.threads != ours.executed.threads:
            theirs = said.executed.threads
            raise LeftOut(remark("runs_otherwise", threads=theirs, ours=ours.executed.threads))
        of_worker = said.deciding, said.executed, said.found, said.arithmetics
        if of_worker != (ours.deciding, ours.executed, ours.found, ours.arithmetics):
            name = processor_name(said.processor)
            raise LeftOut(remark("makes_otherwise", processor=name, openvino=said.openvino))

    async def do(self, worker: str, piece: int) -> None:
        """See `Work`."""
        try:
            asked = to_json(Make(plan=self._plans[piece]))
            made = await self._supply.ask(worker, on_worker.make, self.begin_of.session, asked)
            if isinstance(made, Made):
                at = self.scratch / f"{piece}-{os.urandom(4).hex()}"
                made = await fetch(self._supply, worker, made, at, self.most_bytes)
        except (LeftOut, WorkbenchError):
            raise
        except Exception:
            if piece != self._wanted:  # it was made ahead: nobody fails for it
                self._spoilt.add(piece)
                self._changed.set()
            raise
        self.made.setdefault(piece, made)
