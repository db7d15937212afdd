"""What 0.2.0 stored is read by this version. `tests.core.stored.write` made the files."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from core.benchmark.service import benchmark_result
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.profiling.service import profile_result
from core.reports.kinds import KINDS, head_of, kind_of
from core.reports.service import reports_of
from core.search.resuming import search_state
from core.transfer.service import plan_unpack
from core.values import read_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.stored.write import PLAN
from tests.support.jobs import run

STORED = Path(__file__).parent / "0.2.0"


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
