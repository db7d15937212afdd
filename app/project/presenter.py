"""What is done with the selected project, and by itself with a new one."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.next_step import Action
from app.project.presenting import Presenter, Surroundings
from app.project_views import ProjectView
from core.jobs.planned import JobEnd, PlannedJob
from core.models.plan import QuantizationPlan, Target
from core.values import write_bytes_whole

if TYPE_CHECKING:
    from app.project.chains import Chains
    from app.project.preferred import Preferences
    from app.project.standing import StandingReader
    from core.scorecard.optimize_and_compare import HowCompared
    from core.scorecard.score import Score
    from core.wording.scorecard import Fill
    from core.workspace.records import Project

BASELINE_SECONDS = 5.0
COMPARISON_SECONDS = 15.0


def how_compared(preferred: Preferences, project: Project) -> HowCompared:
    """How an optimized model of this project is measured and compared, by preference."""
    from core.importing.job import dataset_facts
    from core.scorecard.optimize_and_compare import HowCompared

    return HowCompared(
        preferred.benchmark_settings(project, COMPARISON_SECONDS),
        preferred.report_options(),
        preferred.run_settings(project),
        dataset_facts(project.dataset).images,
    )


class ProjectPresenter(Presenter):
    """Does what the project tab offers as the next step; measures what is new."""

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._around = around
        self.queue.job_added.connect(self._on_job_added)
        self.queue.job_ended.connect(self._on_job_ended)

    @cached_property
    def chains(self) -> Chains:
        """Chains of jobs; made with the first of them, or when the project tab is seen."""
        from app.project.chains import Chains

        return Chains(self._around, self)

    @cached_property
    def standing(self) -> StandingReader:
        """Where all models stand; made when the window has been painted."""
        from app.project.standing import StandingReader

        return StandingReader(self._around, self)

    def do(self, action: Action, view: ProjectView) -> None:
        """Take a project's next step."""
        project_id = view.project.id
        if action == "optimize":
            self.go.show_tab.emit("optimize")
        elif action == "optimize_and_compare":
            self.optimize_and_compare(view)
        elif action == "search":
            self.go.show_search.emit()
        elif action == "rest":
            self.finish_comparison(project_id)
        elif action == "benchmark":
            self.run_benchmark(project_id)
        elif action == "compare":
            self.compare(project_id)
        elif action == "images":
            self.go.show_tab.emit("report")
        elif action == "child":
            self.go.show_project.emit(view.child_id)

    def fill(self, project_id: int, fill: Fill) -> None:
        """Make what a scorecard lacks of a project."""
        if fill == "benchmark":
            self.run_benchmark(project_id)
        elif fill == "report":
            self.compare(project_id)
        elif fill == "annotations":
            self.compare(project_id, "annotations")

    def set_target(self, project_id: int, target: Target) -> None:
        """Say where a project's model is to run; optimizing it starts from that."""
        with self._refusals_shown():
            self.workspace.set_target(project_id, target)
        self.go.show_project.emit(project_id)

    def set_notes(self, project_id: int, notes: str) -> None:
        """Store what the user wrote about a project."""
        with self._refusals_shown():
            self.workspace.set_notes(project_id, notes)

    def optimize_and_compare(self, view: ProjectView) -> bool:
        """Quantize by the default plan, benchmark, and compare: one after the other."""
        from core.scorecard.optimize_and_compare import plan_optimize_and_compare

        plan = QuantizationPlan(target=view.project.target)
        return self.queue.start(
            plan_optimize_and_compare,
            self.workspace,
            view.project.id,
            view.calibration,
            plan,
            how=how_compared(self.preferred.now, view.project),
        )

    def finish_comparison(self, project_id: int) -> None:
        """Benchmark and compare an optimized project, as far as that was not done yet."""
        from core.scorecard.optimize_and_compare import plan_rest

        with self._refusals_shown():
            how = how_compared(self.preferred.now, self.workspace.project(project_id))
            job = plan_rest(self.workspace, project_id, how)
            if job is not None:
                self.queue.submit(job)

    def run_benchmark(self, project_id: int, seconds: float | None = None) -> bool:
        """Measure a project; an optimized one in turns with its parent."""
        from core.benchmark.service import plan_benchmark

        most = COMPARISON_SECONDS if seconds is None else seconds
        with self._refusals_shown():
            project = self.workspace.project(project_id)
            settings = self.preferred.now.benchmark_settings(project, most)
            return self.queue.start(plan_benchmark, self.workspace, project_id, settings)
        return False

    def compare(self, project_id: int, kind: str = "predictions") -> bool:
        """Compare an optimized project with its parent: its predictions, or by annotations."""
        from core.reports.service import plan_report

        with self._refusals_shown():
            settings = self.preferred.now.run_settings(self.workspace.project(project_id))
            options = self.preferred.now.report_options()
            return self.queue.start(
                plan_report, self.workspace, project_id, kind, options=options, settings=settings
            )
        return False

    def show_imported(self, project_id: int) -> None:
        """Show a project that was just made or edited; a new one is measured at once."""
        self.go.show_project.emit(project_id)
        if not self.workspace.artifacts(project_id, "benchmark"):
            self.run_benchmark(project_id, BASELINE_SECONDS)

    def export_leaderboard(self, path: Path, rows: tuple[Score, ...]) -> None:
        """Write the models of a family as CSV."""
        from core.wording.leaderboard import leaderboard_csv

        with self._writing(path):
            write_bytes_whole(path, leaderboard_csv(rows))
            self.notices.post(Notice(f"Saved to {path}", made=path))

    def close(self) -> None:
        """End what works in the background, and wait for it."""
        if "standing" in vars(self):
            self.standing.close()

    def _on_job_added(self, job: PlannedJob) -> None:
        if job.part is not None or "chains" in vars(self):
            self.chains.note(job)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        """A new project is measured at once: the first thing that its owner wants to know."""
        if end.project_id is None or job.part is not None:
            return
        if job.makes == "model":
            self.run_benchmark(end.project_id, BASELINE_SECONDS)
        elif job.makes == "optimized model":
            self.run_benchmark(end.project_id)
