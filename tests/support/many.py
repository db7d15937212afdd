"""A workspace as it is after years: many projects, each with files of its own, made in a moment."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_result
from core.jobs.job import RESULT_FILE
from core.models.stored import CARD_SUFFIX
from core.values import write_json
from core.workspace.store import Artifact, Project, Workspace
from tests.support.checkout import ROOT

STORED = ROOT / "tests/core/stored/0.2.0/workspace.zip"


def many_projects(root: Path, parents: int, family: int) -> Workspace:
    """A workspace of so many projects without a parent, of which the first has a family.

    Of that, `family` models with the parent, each optimized one has a benchmark in turns with the
    parent and a report. The first pair was made by real jobs; the others are copies of it.
    """
    with zipfile.ZipFile(STORED) as stored:
        stored.extractall(root)
    workspace = Workspace(root)
    workspace.trash.empty()
    parent, optimized = workspace.projects()
    (benchmark,) = workspace.artifacts(optimized.id, "benchmark")
    measured = benchmark_result(benchmark)
    (report,) = workspace.artifacts(optimized.id, "predictions")
    with workspace.together():
        for number in range(2, parents + 1):
            workspace.add_project(
                f"detector {number}", _copied(workspace, parent), parent.dataset, parent.device
            )
        for number in range(2, family):
            made = workspace.begin_optimized(parent, f"INT8 {number}")
            model = _copied(workspace, optimized)
            workspace.finish_optimized(made, model)
            _add_benchmark(workspace, made, model, measured)
            _add_report(workspace, made, report)
    return workspace


def _copied(workspace: Workspace, project: Project) -> Path:
    """The project's model with its card, in a folder of its own."""
    xml = project.model
    assert xml is not None
    folder = workspace.new_folder("model")
    folder.mkdir(parents=True)
    for suffix in (".xml", ".bin", CARD_SUFFIX):
        shutil.copyfile(xml.with_suffix(suffix), folder / f"{xml.stem}{suffix}")
    return folder / xml.name


def _add_benchmark(
    workspace: Workspace, project_id: int, model: Path, measured: BenchmarkResult
) -> None:
    folder = workspace.new_folder("benchmark")
    folder.mkdir(parents=True)
    parent, optimized = measured.models
    write_json(
        folder / RESULT_FILE, replace(measured, models=(parent, replace(optimized, xml=model)))
    )
    workspace.add_artifact(project_id, "benchmark", folder)


def _add_report(workspace: Workspace, project_id: int, report: Artifact) -> None:
    folder = workspace.new_folder("report")
    shutil.copytree(report.folder, folder)
    workspace.add_artifact(project_id, report.kind, folder)
