"""Numbered pieces of work, given to the workers of a machine until all are done.

Dask connects, carries and starts; here is decided who gets what: a worker has two pieces at a time.
What one that is gone had goes to another; what takes far longer is given to a second one as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from core.causes import cause
from core.errors import WorkbenchError
from core.machines.connecting import asked, present, submitted, unreachable
from core.machines.machine import Machine
from core.machines.pieces import Pieces
from core.machines.session import HelperGone, NoSession, attend, end, renew
from core.machines.work import LeftOut, Work
from core.remarks.remark import Remark, remark
from core.remarks.sentences import sentence

if TYPE_CHECKING:
    from distributed import Client

AT_ONCE = 2  # pieces that a worker has
ALONE_SECONDS = 30.0  # without any worker, before the work is given up
START_SECONDS = 5.0  # the same at first, when there may never be one
_LOOK_SECONDS = 0.5
TICK_SECONDS = 0.1
_RENEW_SECONDS = 3.0
_MUSTER_SECONDS = 10.0  # for the slower workers, once one is ready
_END_SECONDS = 1.0
_MOST_FAILURES = 3  # of one piece
_OVER = (NoSession, HelperGone)  # the latter while it gets ready, where it has no piece yet


@dataclass(eq=False)
class Crew:
    """The workers of a machine, at work for the session of this number.

    `tick` is called ten times a second, and may raise to stop; `log` is told what happens. A worker
    has so many pieces `at_once`; `slow_seconds` see `core.machines.pieces.Pieces`.
    """

    client: Client
    machine: Machine
    session: str
    work: Work
    tick: Callable[[], None]
    log: Callable[[Remark], None]
    at_once: int = AT_ONCE
    slow_seconds: float | None = None
    _members: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _left_out: dict[str, Remark] = field(default_factory=dict)
    _failures: dict[int, int] = field(default_factory=dict)
    _begun: dict[str, int] = field(default_factory=dict)
    _slow: set[str] = field(default_factory=set)
    _stop: BaseException | None = None
    _more: Callable[[], bool] = field(default=lambda: False)

    def __post_init__(self) -> None:
        self.pieces = Pieces(self._note_slow, self.slow_seconds)

    @property
    def done_by(self) -> dict[str, int]:
        """How many pieces each worker did, by what it is called."""
        return {self._called(one): count for one, count in self.pieces.done_by.items()}

    def _called(self, worker: str) -> str:
        """What the user knows a worker as: that of a host has an address of one session."""
        return self.machine.name if self.machine.by_ssh else worker

    async def muster(self) -> dict[str, Any]:
        """What the workers that are there now say of themselves, once they are ready.

        Raises WorkbenchError where there is none.
        """
        ready: dict[str, Any] = {}
        begun: dict[str, asyncio.Task[Any]] = {}
        until, looked, seen, patience = inf, -inf, monotonic(), START_SECONDS
        renewing = asyncio.create_task(self._renew(lambda: [*begun, *ready]))
        try:
            while begun or not ready:
                self.tick()
                if ready and monotonic() > until:
                    break
                if monotonic() - looked > _LOOK_SECONDS:
                    names, looked = await self._present(), monotonic()
                    if names:
                        seen, patience = looked, ALONE_SECONDS
                    self._begin(names, begun, ready)
                    if not begun and not ready and (names or looked - seen > patience):
                        raise self._nobody()
                await asyncio.sleep(TICK_SECONDS)
                for worker in [one for one, task in begun.items() if task.done()]:
                    with _Noting(self, worker):
                        ready[worker] = begun.pop(worker).result()
                        until = min(until, monotonic() + _MUSTER_SECONDS)
                if self._stop is not None:
                    raise self._stop
        finally:
            for task in (renewing, *begun.values()):
                task.cancel()
        return ready

    def _begin(
        self, names: Iterable[str], begun: dict[str, asyncio.Task[Any]], ready: dict[str, Any]
    ) -> None:
        """Make new workers ready, and forget those that are gone."""
        for gone in [one for one in (*begun, *ready) if one not in names]:
            ready.pop(gone, None)
            if gone in begun:
                begun.pop(gone).cancel()
        for new in names:
            if new not in begun and new not in ready and new not in self._left_out:
                begun[new] = asyncio.create_task(self.work.begin(new))

    async def run(
        self,
        pieces: Iterable[int],
        ready: dict[str, Any],
        more: Callable[[], bool] = lambda: False,
    ) -> None:
        """Have all pieces done, and others while there may be `more`; raises what stopped that.

        Which others, `pieces.want` is told meanwhile.
        """
        self.pieces.want(pieces)
        self._more = more
        for worker, said in ready.items():
            self._engage(worker, said)
        renewing = self._renew(lambda: list(self._members))
        minders = [asyncio.create_task(one) for one in (self._look(), renewing)]
        try:
            while self._work_left:
                self.tick()
                if self._stop is not None:
                    raise self._stop
                for one in minders:
                    if one.done():
                        one.result()
                await asyncio.sleep(TICK_SECONDS)
            self.tick()  # of pieces that came since, perhaps all of them
        finally:
            for one in (*minders, *self._members.values()):
                one.cancel()

    async def leave(self) -> None:
        """Have the workers end what they do for this job; does not wait for those that hang."""
        with suppress(Exception):
            workers = list(await asyncio.wait_for(present(self.client), _END_SECONDS))
            await asyncio.wait_for(asked(self.client, workers, end, self.session), _END_SECONDS)

    def _engage(self, worker: str, said: Any = None) -> None:
        self._members[worker] = asyncio.create_task(self._serve(worker, said))

    async def _serve(self, worker: str, said: Any) -> None:
        """A worker's part, until nothing is left or it is gone."""
        with _Noting(self, worker):
            self.work.join(worker, said or await self.work.begin(worker))
            attended = submitted(self.client, worker, attend, self.session)
            minded = asyncio.create_task(attended)  # until this job ends, whatever ends it
            loops = [asyncio.create_task(self._pieces(worker)) for _ in range(self.at_once)]
            try:
                await asyncio.gather(*loops)
            finally:
                for one in (minded, *loops):
                    one.cancel()
                await asyncio.gather(minded, *loops, return_exceptions=True)

    @property
    def _work_left(self) -> bool:
        return self.pieces.left or self._more()

    async def _pieces(self, worker: str) -> None:
        while self._work_left:
            piece = self.pieces.next(worker)
            if piece is None:
                await asyncio.sleep(TICK_SECONDS)
                continue
            self.pieces.begun(piece, worker)
            try:
                await self.work.do(worker, piece)
            except (LeftOut, NoSession, WorkbenchError):
                raise
            except Exception as error:  # of the worker, or of what it was at
                self._count(piece, worker, error)
                if isinstance(error, HelperGone):
                    raise NoSession from error
            else:
                self.pieces.done(piece, worker)
            finally:
                self.pieces.ended(piece, worker)

    def _note_slow(self, worker: str) -> None:
        if worker not in self._slow:
            self._slow.add(worker)
            self.log(remark("worker_slow", worker=self._called(worker)))

    def _count(self, piece: int, worker: str, error: Exception) -> None:
        self._failures[piece] = self._failures.get(piece, 0) + 1
        self.log(remark("worker_failed", worker=self._called(worker), reason=cause(error)))
        if self._failures[piece] >= _MOST_FAILURES:
            raise WorkbenchError(
                f"A part of the work failed {_MOST_FAILURES} times on {self.machine.name}, "
                f"the last time because of: {cause(error)}.",
                "Look at the workers' own logs, or work on this machine.",
            )

    def ended(self, worker: str, error: BaseException | None) -> bool:
        """A worker's part is over, because of that; whether it needs no other word."""
        self._members.pop(worker, None)
        if error is None or isinstance(error, asyncio.CancelledError):
            return False
        if isinstance(error, LeftOut):
            self._leave_out(worker, error.remark)
        elif isinstance(error, _OVER) and self._again(worker):  # if it is still there
            self.log(remark("worker_again", worker=self._called(worker)))
        elif isinstance(error, _OVER):
            self._leave_out(worker, remark("worker_unsteady"))
        elif isinstance(error, WorkbenchError):
            self._stop = error
        else:
            self._leave_out(worker, remark("worker_unusable", reason=cause(error)))
        return True

    def _again(self, worker: str) -> bool:
        """Whether a worker that lost its session is begun anew."""
        self._begun[worker] = self._begun.get(worker, 0) + 1
        return self._begun[worker] <= _MOST_FAILURES

    def _leave_out(self, worker: str, why: Remark) -> None:
        self._left_out[worker] = why
        self.log(remark("worker_left_out", worker=self._called(worker), reason=sentence(why)))

    async def _look(self) -> None:
        """Notice workers that come and go."""
        alone = monotonic()
        while True:
            names = await self._present()
            for gone in [one for one in self._members if one not in names]:
                self._members.pop(gone).cancel()
                self.log(remark("worker_gone", worker=self._called(gone)))
            new = [one for one in names if one not in self._members and one not in self._left_out]
            for one in new:
                self._engage(one)
            if self._members:
                alone = monotonic()
            elif names or monotonic() - alone > ALONE_SECONDS:
                raise self._nobody()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _renew(self, workers: Callable[[], list[str]]) -> None:
        """Tell those that work for this job, or get ready for it, that it is still there."""
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(Exception):  # those that are gone are noticed elsewhere
                await asyncio.wait_for(
                    asked(self.client, workers(), renew, self.session), 2 * _RENEW_SECONDS
                )

    async def _present(self) -> dict[str, str]:
        try:
            return await asyncio.wait_for(present(self.client), 20.0)
        except Exception as error:  # the network, or the scheduler
            raise unreachable(self.machine, error) from error

    def _nobody(self) -> WorkbenchError:
        """There is no worker to go on with; why."""
        name = self.machine.name
        if not self._members and not self._left_out and not self._work_left:
            return WorkbenchError(f"{name} has no workers now.", "Start some, and start again.")
        what = f"No worker of {name} is left for the work."
        if self._left_out:
            worker, why = next(iter(self._left_out.items()))
            what = f"No worker of {name} can be used. {self._called(worker)}: {sentence(why)}"
        return WorkbenchError(
            what, "What was done is stored: start again to resume, there or on this machine."
        )


@dataclass(frozen=True, eq=False)
class _Noting:
    """Tells the crew why a worker's part ended."""

    crew: Crew
    worker: str

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            return False
        return self.crew.ended(self.worker, error)
