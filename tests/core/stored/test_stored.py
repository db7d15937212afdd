"""What 0.2.0 stored is read by this version. `tests.core.stored.write` made the files.

Detections, figures and imports that are only kept to save time are named by the version that made
them, too: another one looks for other names. What the window remembers is read in
`tests/app/shell/test_remembered.py`.
"""

from __future__ import annotations

import pkgutil
import shutil
import zipfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import core
from core.benchmark.result import BenchmarkResult
from core.benchmark.samples import SAMPLES_FILE, load_samples
from core.benchmark.service import benchmark_result
from core.check.limits import read_limits
from core.datasets.dataset import Dataset
from core.importing.job import ImportResult
from core.models.plan import QuantizationPlan
from core.models.stored import ModelCard, load_stored
from core.optimize.recipe import StoredIngredients
from core.profiling.result import ProfileResult
from core.profiling.service import profile_result
from core.reports.kind import ReportResult
from core.reports.kinds import KINDS, head_of, kind_of
from core.reports.service import reports_of
from core.search.candidates import SearchState
from core.search.resuming import search_state
from core.transfer.bundle import MANIFEST, Bundle
from core.transfer.service import plan_unpack
from core.values import Stored, read_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.stored.alone import ALONE, LIMITS, LIMITS_FILE
from tests.core.stored.write import PLAN
from tests.support.jobs import run

STORED = Path(__file__).parent / "0.2.0"
IN_WORKSPACE: dict[type[Stored], str] = {
    BenchmarkResult: "benchmarks/*/result.json",
    Dataset: "imports/*/dataset-*.json",
    ImportResult: "imports/*/result.json",
    ModelCard: "models/*/*.card.json",
    ProfileResult: "profiles/*/result.json",
    SearchState: "searches/*/search.json",
    StoredIngredients: "models/*/recipe.json",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("stored") / "workspace"
    with zipfile.ZipFile(STORED / "workspace.zip") as archive:
        archive.extractall(root)
    return Workspace(root)


def test_projects_and_models(workspace: Workspace) -> None:
    parent, child = workspace.projects()[:2]
    assert [parent.state, child.state, child.parent_id] == ["ready", "ready", parent.id]
    stored, optimized = (load_stored(model_of(one)).card for one in (parent, child))
    assert (stored.name, stored.plan, stored.info.quantized) == ("ssd", None, False)
    assert optimized.plan is not None
    target = optimized.plan.target  # as the machine was that wrote it
    plan = QuantizationPlan(subset_size=4, target=target)
    assert (optimized.plan, optimized.info.quantized) == (plan, True)


def test_benchmark_and_profile(workspace: Workspace) -> None:
    child = workspace.projects()[1]
    (benchmark,) = workspace.artifacts(child.id, "benchmark")
    result = benchmark_result(benchmark)
    assert {run.model for run in result.runs} == {"parent", "optimized"}
    (profile,) = workspace.artifacts(child.id, "profile")
    assert all(one.layers for one in profile_result(profile).profiles)


@pytest.mark.parametrize("kind", [kind.id for kind in KINDS])
def test_each_kind_of_report(workspace: Workspace, kind: str) -> None:
    child = workspace.projects()[1]
    (report,) = reports_of(workspace, child.id, kind)
    assert head_of(report.folder).kind == kind
    assert kind_of(report.folder).read(report.folder).result.optimized == "ssd-int8"


def test_notes_names_and_the_trash(workspace: Workspace) -> None:
    child = workspace.projects()[1]
    assert child.notes == "for the gate"
    assert workspace.artifacts(child.id)[0].name == "newest"
    whole, result = workspace.trash.entries()
    assert (whole.project, whole.artifact) == ("ssd copy", None)
    assert result.artifact is not None
    assert result.artifact.kind == "benchmark"


def test_a_search(workspace: Workspace) -> None:
    parent = workspace.projects()[0]
    (search,) = workspace.artifacts(parent.id, "search")
    state = search_state(search.folder)
    assert state is not None
    assert state.candidates


def test_a_project_file(tmp_path: Path) -> None:
    file = Path(shutil.copy(STORED / "project.dwproject", tmp_path))
    other = Workspace(tmp_path / "other")
    done = run(other, plan_unpack(other, file))
    assert done.end.outcome.state == "succeeded", done.sentence
    parent, child = other.projects()
    assert child.parent_id == parent.id
    assert len(reports_of(other, child.id)) == len(KINDS)
    assert child.notes == "for the gate"
    assert other.artifacts(child.id)[0].name == "newest"


def test_a_plan() -> None:
    assert read_json(STORED / "plan.json", QuantizationPlan) == PLAN


def test_limits() -> None:
    assert read_limits(STORED / LIMITS_FILE) == LIMITS


def test_samples_of_a_benchmark(workspace: Workspace) -> None:
    (benchmark,) = workspace.artifacts(workspace.projects()[1].id, "benchmark")
    runs = len(benchmark_result(benchmark).runs)
    samples = load_samples(benchmark.folder / SAMPLES_FILE, runs)
    assert len(samples) == runs
    assert all(one.turns for one in samples)


def test_the_manifest_of_a_project_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(STORED / "project.dwproject") as packed:
        packed.extract(MANIFEST, tmp_path)
    assert len(read_json(tmp_path / MANIFEST, Bundle).projects) == 2


@pytest.mark.parametrize("name", ALONE)
def test_what_stands_alone(name: str) -> None:
    assert read_json(STORED / name, type(ALONE[name])) == ALONE[name]


@pytest.mark.parametrize("kind", IN_WORKSPACE, ids=lambda kind: kind.__name__)
def test_each_file_in_the_workspace(workspace: Workspace, kind: type[Stored]) -> None:
    files = list(workspace.root.glob(IN_WORKSPACE[kind]))
    assert files
    for file in files:
        assert isinstance(read_json(file, kind), kind)


def test_every_kind_of_stored_value_has_a_file_here() -> None:
    """Whoever adds a kind writes one of it, in `alone.py` or `write.py`, and reads it here."""
    for module in pkgutil.walk_packages(core.__path__, "core."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    read = {*IN_WORKSPACE, *map(type, ALONE.values()), type(LIMITS), Bundle, QuantizationPlan}
    read |= {kind.result for kind in KINDS}
    kinds = {one for one in _kinds_of(Stored) if one.__module__.startswith("core.")}
    assert kinds - {ReportResult} == read  # whose kinds are its subclasses


def _kinds_of(kind: type[Stored]) -> Iterator[type[Stored]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds_of(one)
