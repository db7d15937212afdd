"""A stored model of which a file was removed or cut short: whatever is asked of it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.benchmark.service import plan_benchmark
from core.deployment.service import plan_package
from core.jobs.planned import PlannedJob
from core.models.stored import read_network
from core.profiling.service import plan_profile
from core.reports.service import plan_report
from core.transfer.model_export import plan_export_model
from core.values import MAKE_AGAIN
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made as Project
from tests.support.jobs import run

Plan = Callable[[Workspace, int, Path], PlannedJob]
JOBS: dict[str, Plan] = {
    "benchmark": lambda workspace, number, _: plan_benchmark(workspace, number, seconds=0.5),
    "profile": lambda workspace, number, _: plan_profile(workspace, number),
    "report": lambda workspace, number, _: plan_report(workspace, number, "tensor-distance"),
    "package": lambda workspace, number, folder: plan_package(workspace, number, folder / "a.zip"),
    "export": lambda workspace, number, folder: plan_export_model(workspace, number, folder / "a"),
}


@pytest.mark.parametrize("job", JOBS)
def test_missing_weights_are_named_with_what_to_do(made: Project, tmp_path: Path, job: str) -> None:
    """Not OpenVINO's own words, and not as an unexpected error."""
    model = model_of(made.optimized)
    weights = model.with_suffix(".bin")
    weights.unlink()
    failed = run(made.workspace, JOBS[job](made.workspace, made.optimized.id, tmp_path))
    assert failed.sentence.endswith(f"{weights} is missing. {MAKE_AGAIN}")


@pytest.mark.parametrize(
    ("suffix", "said"),
    [
        (".xml", "cannot be read: the .xml file is damaged"),
        (".bin", "cannot be read: the .bin file does not belong to the .xml file"),
    ],
)
def test_a_file_that_was_cut_short_is_told(made: Project, suffix: str, said: str) -> None:
    model = model_of(made.optimized)
    assert read_network(model).get_ops()
    damaged = model.with_suffix(suffix)
    damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
    for job in (JOBS["profile"], JOBS["export"]):
        failed = run(made.workspace, job(made.workspace, made.optimized.id, made.root.parent))
        assert failed.sentence == f"{model} {said}. {MAKE_AGAIN}"
