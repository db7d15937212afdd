"""``python -m tests.hostile.services WORKSPACE look|work``: what the window asks, without a window.

Sentences are printed; an error that is none ends with the exit status of a fault of the program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.benchmark.service import benchmark_result, latencies_ms, plan_resume, stored_runs
from core.cli.main import FAILED, UNEXPECTED
from core.dataset_making.service import own_datasets
from core.datasets.stored import load_dataset
from core.errors import UnexpectedError, WorkbenchError
from core.jobs.planned import run_planned
from core.optimize.limits import plan_problem
from core.optimize.plans import Plans, operations_of
from core.profiling.service import profile_result
from core.project_comparison.service import compare_runs, project_runs, usual_pair
from core.reports.kinds import head_of, load_state, result_of
from core.reports.service import class_mapping, plan_report, reports_of
from core.search.resuming import search_state
from core.search.service import plan_resumed_search
from core.text import visible_lines
from core.transfer.service import plan_pack
from core.wording.benchmark_runs import run_facts, run_summary
from core.wording.candidates import candidate_label
from core.wording.plans import differences
from core.wording.search import choice_sentence, failure_sentence
from core.wording.trash import trashed_text
from core.workspace.projects import card_of
from core.workspace.store import Project, Workspace

_MOST = 4  # projects that are looked at


def main() -> int:
    """Ask everything; gives the exit status."""
    root, what = Path(sys.argv[1]), sys.argv[2]
    status = 0
    try:
        workspace = Workspace(root)
        steps = list((_looks if what == "look" else _works)(workspace))
    except WorkbenchError as error:
        print(visible_lines(str(error)), file=sys.stderr)
        return FAILED
    for step in steps:
        try:
            step()
        except UnexpectedError as error:
            print(visible_lines(str(error)), file=sys.stderr)
            return UNEXPECTED
        except WorkbenchError as error:
            print(visible_lines(str(error)), file=sys.stderr)
            status = FAILED
    return status


Step = Callable[[], Any]


def _looks(workspace: Workspace) -> Iterator[Step]:
    yield partial(own_datasets, workspace)
    yield partial(_compare, workspace)
    yield partial(workspace.trash.entries)
    for project in workspace.projects()[:_MOST]:
        yield from _looks_at(workspace, project)


def _restore(workspace: Workspace) -> None:
    for entry in workspace.trash.entries()[:1]:
        workspace.trash.restore(entry.number)


def _empty_trash(workspace: Workspace) -> None:
    for entry in workspace.trash.entries():
        trashed_text(entry)
        workspace.trash.size_bytes(entry)
    workspace.trash.empty()


def _looks_at(workspace: Workspace, project: Project) -> Iterator[Step]:
    yield partial(card_of, project)
    yield partial(load_dataset, project.dataset)
    yield partial(class_mapping, workspace, project.id)
    yield partial(_plans, workspace, project.id)
    yield partial(operations_of, project)
    yield partial(_speed, workspace, project.id)
    for artifact in workspace.artifacts(project.id, "benchmark"):
        yield partial(benchmark_result, artifact)
        yield partial(plan_resume, workspace, artifact)
    for artifact in workspace.artifacts(project.id, "profile"):
        yield partial(profile_result, artifact)
    for artifact in reports_of(workspace, project.id):
        yield partial(_report_in, artifact.folder)
    for artifact in workspace.artifacts(project.id, "search"):
        yield partial(_search_in, artifact.folder)
        yield partial(plan_resumed_search, workspace, artifact, 0.01)


def _works(workspace: Workspace) -> Iterator[Step]:
    for project in workspace.projects()[:_MOST]:
        if project.parent_id is not None:
            yield partial(_make_report, workspace, project.id)
        yield partial(_pack, workspace, project.id)
    for project in workspace.projects()[:_MOST]:
        yield partial(workspace.trash.add_project, project.id)
    yield partial(_restore, workspace)
    yield partial(_empty_trash, workspace)
    for project in workspace.projects()[:_MOST]:
        yield partial(workspace.delete_project, project.id)


def _compare(workspace: Workspace) -> None:
    runs = project_runs(workspace)
    for project in workspace.projects()[:_MOST]:
        pair = usual_pair(runs, project.id)
        if len(pair) > 1:
            compare_runs(workspace, pair)


def _plans(workspace: Workspace, project_id: int) -> None:
    for known in Plans(workspace).known(project_id):
        plan_problem(known.plan)
        differences(known.plan, known.plan)


def _speed(workspace: Workspace, project_id: int) -> None:
    runs, problems = stored_runs(workspace, [project_id])
    for run in runs:
        run_summary(run)
        run_facts(run)
        latencies_ms(run)
    if problems:
        raise WorkbenchError("\n".join(problems))


def _report_in(folder: Path) -> None:
    head_of(folder)
    kind, _ = result_of(folder)
    report = kind.read(folder, load_state(folder))
    kind.summary(report)
    kind.plain(report)
    kind.page(report)


def _search_in(folder: Path) -> None:
    state = search_state(folder)
    if state is None:
        return
    choice_sentence(state)
    for candidate in state.candidates:
        candidate_label(candidate)
        failure_sentence(candidate)


def _make_report(workspace: Workspace, project_id: int) -> None:
    """It takes detections from the cache, where they are known."""
    run_planned(workspace, plan_report(workspace, project_id)).outcome.require()


def _pack(workspace: Workspace, project_id: int) -> None:
    target = workspace.root.parent / "out" / f"packed-{project_id}.dwproject"
    run_planned(workspace, plan_pack(workspace, project_id, target)).outcome.require()


if __name__ == "__main__":
    sys.exit(main())
