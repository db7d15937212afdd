"""Who gets which piece: the rules of a crew, with workers that are functions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from core.errors import WorkbenchError
from core.machines import crew as module
from core.machines import pieces
from core.machines.crew import AT_ONCE, Crew
from core.machines.machine import new_machine
from core.machines.session import HelperGone
from core.remarks.remark import Remark
from core.remarks.sentences import sentence

pytest.importorskip("distributed")
PIECES = 12
SOON = 0.2

Doing = Callable[[str, int], Coroutine[Any, Any, None]]


@dataclass
class StandIn:
    """Workers of these names, that do a piece by calling `doing`; what happened."""

    doing: Doing
    there: list[str]
    flying: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    done: list[tuple[str, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    takes: float = 0.0
    ends: int = 0  # how often its process ends while it gets ready
    renewed: set[str] = field(default_factory=set)

    async def begin(self, worker: str) -> str:
        """See `core.machines.work.Work`."""
        await asyncio.sleep(self.takes)
        self.ends -= 1
        if self.ends >= 0:
            raise HelperGone("its process ended")
        return worker

    def join(self, worker: str, said: Any) -> None:
        """See `core.machines.work.Work`."""
        assert said == worker

    async def do(self, worker: str, piece: int) -> None:
        """See `core.machines.work.Work`."""
        self.flying[worker] = self.flying.get(worker, 0) + 1
        self.most[worker] = max(self.most.get(worker, 0), self.flying[worker])
        try:
            await self.doing(worker, piece)
            self.done.append((worker, piece))
        finally:
            self.flying[worker] -= 1

    def log(self, one: Remark) -> None:
        """What the job says."""
        self.said.append(sentence(one))


@pytest.fixture
def all_done(monkeypatch: pytest.MonkeyPatch) -> Callable[[StandIn], Crew]:
    """Has all pieces done by such workers; gives the crew, whose patience is short."""

    def worked(work: StandIn) -> Crew:
        async def present(client: object) -> dict[str, str]:
            return {one: one for one in work.there}

        async def asked(client: object, workers: list[str], *given: object) -> dict[str, Any]:
            work.renewed.update(workers)
            return {}

        async def attended(*given: object) -> None:
            await asyncio.Event().wait()

        for name, function in (("present", present), ("asked", asked), ("submitted", attended)):
            monkeypatch.setattr(module, name, function)
        for name in ("ALONE_SECONDS", "_LOOK_SECONDS", "_RENEW_SECONDS"):
            monkeypatch.setattr(module, name, SOON)
        monkeypatch.setattr(pieces, "SLOW_SECONDS", SOON)
        machine = new_machine("lab", "tcp://127.0.0.1:1", agreed=True)
        crew = Crew(cast("Any", None), machine, "1", work, lambda: None, work.log)

        async def all_of_it() -> None:
            await crew.run(range(PIECES), await crew.muster())

        asyncio.run(all_of_it())
        return crew

    return worked


def test_a_worker_has_two_pieces_at_a_time(all_done: Callable[[StandIn], Crew]) -> None:
    async def doing(worker: str, piece: int) -> None:
        await asyncio.sleep(0.01)

    work = StandIn(doing, ["a", "b"])
    crew = all_done(work)
    assert work.most == {"a": AT_ONCE, "b": AT_ONCE}
    assert sorted(piece for _, piece in work.done) == list(range(PIECES)), "each once"
    assert sum(crew.done_by.values()) == PIECES
    assert not work.said


def test_a_worker_that_takes_long_to_get_ready_hears_that_the_job_is_there(
    all_done: Callable[[StandIn], Crew],
) -> None:
    """Else its session would end by itself, again and again."""

    async def doing(worker: str, piece: int) -> None:
        assert worker in work.renewed

    work = StandIn(doing, ["a", "b"], takes=3 * SOON)
    all_done(work)
    assert not work.said


def test_what_ends_while_it_gets_ready_begins_again(all_done: Callable[[StandIn], Crew]) -> None:
    """It took no part any more, and where it was alone the job failed."""

    async def doing(worker: str, piece: int) -> None:
        await asyncio.sleep(0)

    work = StandIn(doing, ["a"], ends=2)
    all_done(work)
    assert work.said == ["The worker a lost what it had, and begins again."] * 2
    with pytest.raises(WorkbenchError, match=r"a: The process that works there ended several"):
        all_done(StandIn(doing, ["a"], ends=99))


def test_what_a_straggler_has_is_given_to_another_as_well(
    all_done: Callable[[StandIn], Crew],
) -> None:
    async def doing(worker: str, piece: int) -> None:
        await asyncio.sleep(3600 if worker == "slow" else 0.01)

    work = StandIn(doing, ["slow", "fast"])
    crew = all_done(work)
    assert sorted(work.done) == [("fast", piece) for piece in range(PIECES)]
    assert crew.done_by == {"fast": PIECES}
    assert work.said == [
        "The worker slow takes far longer than usual, or stands still; others do its parts as well."
    ]


def test_what_a_straggler_ends_after_all_counts_once(all_done: Callable[[StandIn], Crew]) -> None:
    """It ends first what was given to another one: that is taken, and the other one's is late."""
    slow_has: list[int] = []
    given = asyncio.Event()

    async def doing(worker: str, piece: int) -> None:
        if worker == "slow":
            slow_has.append(piece)
            await given.wait()
        elif piece in slow_has:
            given.set()
            await asyncio.sleep(0.05)

    work = StandIn(doing, ["slow", "fast"])
    crew = all_done(work)
    assert sum(crew.done_by.values()) == PIECES
    assert crew.done_by["slow"] >= AT_ONCE
    assert {piece for _, piece in work.done} == set(range(PIECES))


def test_without_any_worker_the_work_is_given_up(all_done: Callable[[StandIn], Crew]) -> None:
    async def doing(worker: str, piece: int) -> None:
        if piece == PIECES // 2:
            work.there.clear()
            await asyncio.sleep(3600)

    work = StandIn(doing, ["only"])
    with pytest.raises(WorkbenchError, match="No worker of lab is left for the work"):
        all_done(work)
    assert work.said == ["The worker only has left; others take over what it had."]


def test_a_piece_that_fails_everywhere_ends_the_work(all_done: Callable[[StandIn], Crew]) -> None:
    async def doing(worker: str, piece: int) -> None:
        if piece == 3:
            raise ValueError("it cannot be")

    work = StandIn(doing, ["a", "b"])
    with pytest.raises(WorkbenchError, match="failed 3 times on lab"):
        all_done(work)
    assert len([one for one in work.said if "It is tried again" in one]) >= 3
