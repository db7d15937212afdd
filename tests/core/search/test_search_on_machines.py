"""A search whose candidates are made on workers of a Dask scheduler: real processes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.errors import JobCancelled
from core.inference.limited import LimitedDetector
from core.jobs.runner import run_job
from core.machines import crew
from core.machines.machine import Machine
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.remarks.sentences import sentence
from core.runtime import LIMIT
from core.search.candidate_crew import MachineFailed
from core.search.elsewhere import SpreadWorkshop
from core.search.job import SearchJob
from core.search.local import LocalWorkshop
from core.search.settings import SearchSettings
from core.search.splitting import split
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.support.dask_workers import Cluster

pytest.importorskip("distributed")
pytestmark = pytest.mark.timeout(300)  # many processes, on however busy a machine
ENDED_SECONDS = 2.0
SETTINGS = SearchSettings(target="cpu_vnni")
PLAN = QuantizationPlan(target="cpu_vnni", subset_size=3)
PLANS = (
    PLAN,
    replace(PLAN, preset="mixed"),
    replace(PLAN, weight_rounding="least_error", ignored_parts=("head",)),
)
Hear = Callable[[str], None]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add(2)
        made.wait(2)
        yield made


@dataclass
class Searching:
    """Workshops of a search on this model and these images; what they said."""

    model: Path
    images: Path
    root: Path | None = None
    said: list[str] = field(default_factory=list)

    @contextmanager
    def workshop(
        self, folder: Path, machine: Machine | None = None, hear: Hear = lambda stage: None
    ) -> Iterator[LocalWorkshop]:
        """Here, or on a machine."""
        parent, dataset = load_stored(self.model), open_dataset(self.images)
        dataset = replace(dataset, root=self.root or dataset.root)
        calibrating, held_out = split(dataset, 0)
        with LimitedDetector() as limited:

            def step(stage: str, done: int, total: int | None) -> None:
                hear(stage)

            given = parent, dataset, held_out, folder, SETTINGS, step, limited
            made = LocalWorkshop(*given)
            if machine is not None:
                made = SpreadWorkshop(
                    *given,
                    machine=machine,
                    calibrating=calibrating,
                    arithmetics=("exact",),
                    scratch=folder / "scratch",
                    log=lambda told: self.said.append(sentence(told)),
                )
            try:
                yield made
            finally:
                made.close()


def candidates(workshop: LocalWorkshop, folder: Path) -> list[Any]:
    """What comes of the plans: all that is stored, and what they keep.

    But for the numbers that OpenVINO gives to nodes without a name: it counts them for each
    process, and sizes change with them.
    """
    found: list[Any] = []
    workshop.expect(lambda: PLANS)
    for number, plan in enumerate(PLANS):
        made = workshop.quantize(f"plan-{number:02}-f32", plan)
        files = {}
        for one in sorted((folder / made.model).parent.iterdir()):
            content = one.read_bytes()
            if one.suffix != ".bin":
                content = re.sub(rb'(_\d+(?="))|("size_bytes": \d+)', b"", content)
            files[one.name] = content
        found.append((made.model, workshop.accuracy_kept(made.model, "f32", "exact"), files))
    return found


@pytest.fixture
def asked(first_made: Made) -> Searching:
    return Searching(model_of(first_made.parent), first_made.images)


@pytest.fixture(scope="module")
def here(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The same on this machine alone."""
    folder = tmp_path_factory.mktemp("here")
    searching = Searching(model_of(first_made.parent), first_made.images)
    with searching.workshop(folder) as workshop:
        return candidates(workshop, folder)


def ended(cluster: Cluster, within: float) -> None:
    """Nothing works for the search any more."""
    until = monotonic() + within
    while cluster.helpers("candidates"):
        assert monotonic() < until
        sleep(0.02)


def test_candidates_are_to_the_last_bit_those_of_this_machine(
    cluster: Cluster, asked: Searching, here: list[Any], tmp_path: Path
) -> None:
    with asked.workshop(tmp_path, cluster.machine()) as workshop:
        found = candidates(workshop, tmp_path)
    assert found == here
    assert asked.said[0] == "Candidates are made on lab: 2 workers have joined."
    assert asked.said[-1].startswith("Candidates made on workers, those ahead of need included: ")
    assert not (tmp_path / "scratch").exists() or not list((tmp_path / "scratch").rglob("*.bin"))
    ended(cluster, ENDED_SECONDS)


def test_images_are_sent_a_killed_worker_is_done_without_and_who_differs_takes_no_part(
    cluster: Cluster,
    asked: Searching,
    here: list[Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(asked.images)  # a path that is another one for each process
    asked.root = Path("/proc/self/cwd")
    killed, (other,) = cluster.add(), cluster.add(variables={LIMIT: "SSE41"})
    (narrow,) = cluster.add()
    os.sched_setaffinity(cluster.pid(narrow), {min(os.sched_getaffinity(0))})
    machine = cluster.machine()

    def hear(stage: str) -> None:
        if stage == "On lab" and killed and len(cluster.helpers("candidates")) > 2:
            cluster.kill(killed.pop())

    try:
        cluster.wait(5)
        with asked.workshop(tmp_path / "made", machine, hear) as workshop:
            found = candidates(workshop, tmp_path / "made")
    finally:
        cluster.kill(other)
        cluster.kill(narrow)
    assert found == here
    assert not killed
    left = [one for one in asked.said if "takes no part" in one]
    assert any("It computes otherwise than this machine, and what it makes" in one for one in left)
    assert any("with 1 threads, and this machine with" in one for one in left)
    sent = [cluster.cache(one) / "machines" / machine.number for one in cluster.workers]
    assert any(len(list(one.iterdir())) > 2 for one in sent if one.exists())


def test_a_cancelled_search_ends_on_the_workers(
    cluster: Cluster, asked: Searching, tmp_path: Path
) -> None:
    at: list[float] = []

    def hear(stage: str) -> None:
        if cluster.helpers("candidates"):
            at.append(monotonic())
            raise JobCancelled

    with (
        pytest.raises(JobCancelled),
        asked.workshop(tmp_path, cluster.machine(), hear) as workshop,
    ):
        candidates(workshop, tmp_path)
    ended(cluster, at[0] + ENDED_SECONDS - monotonic())


def test_without_any_worker_left_the_search_ends_with_a_sentence(
    asked: Searching, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "ALONE_SECONDS", 0.5)
    with Cluster(tmp_path / "short") as short:
        (name,) = short.add()
        short.wait(1)

        def hear(stage: str) -> None:
            if asked.said and name in short.running:
                short.kill(name)

        with (
            pytest.raises(MachineFailed) as failed,
            asked.workshop(tmp_path, short.machine(), hear) as workshop,
        ):
            candidates(workshop, tmp_path)
    assert "start again to resume, there or on this machine" in str(failed.value.error)


def test_a_plan_that_cannot_be_made_says_what_it_says_here(
    cluster: Cluster, asked: Searching, tmp_path: Path
) -> None:
    plan = replace(PLAN, ignored_names=("no such operation",))
    said = []
    for machine in (None, cluster.machine()):
        with (
            asked.workshop(tmp_path, machine) as workshop,
            pytest.raises(Exception, match="no such operation") as failed,
        ):
            workshop.quantize("plan-01-f32", plan)
        said.append((type(failed.value), str(failed.value)))
    assert said[0] == said[1]


def test_nothing_is_sent_before_the_user_agrees(
    cluster: Cluster, asked: Searching, tmp_path: Path
) -> None:
    job = SearchJob(
        model=asked.model,
        dataset=DatasetSource(path=asked.images),
        folder=tmp_path / "out",
        machine=cluster.machine(agreed=False),
    )
    made = run_job(job, tmp_path / "out")
    assert made.state == "failed"
    assert "Nothing was sent" in str(made.error)
