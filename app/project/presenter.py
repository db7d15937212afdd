"""What is done with the selected project, and by itself with a new one."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.project.presenting import Presenter, Surroundings
from app.project_views import Action, ProjectView
from core.jobs.planned import JobEnd, PlannedJob
from core.models.plan import Target

BASELINE_SECONDS = 5.0
COMPARISON_SECONDS = 15.0


class ProjectPresenter(Presenter):
    """Does what the project tab offers as the next step; measures what is new."""

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.queue.job_ended.connect(self._on_job_ended)

    def do(self, action: Action, view: ProjectView) -> None:
        """Take a project's next step."""
        project_id = view.project.id
        if action == "optimize":
            self.go.show_tab.emit("optimize")
        elif action == "benchmark":
            self.run_benchmark(project_id)
        elif action == "compare":
            self.compare(project_id)
        elif action == "images":
            self.go.show_tab.emit("report")
        elif action == "child":
            self.go.show_project.emit(view.child_id)

    def set_target(self, project_id: int, target: Target) -> None:
        """Say where a project's model is to run; optimizing it starts from that."""
        with self._telling():
            self.workspace.set_target(project_id, target)
        self.go.show_project.emit(project_id)

    def set_notes(self, project_id: int, notes: str) -> None:
        """Store what the user wrote about a project."""
        with self._telling():
            self.workspace.set_notes(project_id, notes)

    def run_benchmark(self, project_id: int, seconds: float | None = None) -> bool:
        """Measure a project; an optimized one in turns with its parent."""
        from core.benchmark.service import plan_benchmark

        most = COMPARISON_SECONDS if seconds is None else seconds
        with self._telling():
            project = self.workspace.project(project_id)
            settings = self.preferred.now.benchmark_settings(project, most)
            return self.queue.start(plan_benchmark, self.workspace, project_id, settings)
        return False

    def compare(self, project_id: int) -> bool:
        """Compare an optimized project's predictions with its parent's."""
        from core.reports.service import plan_report

        with self._telling():
            settings = self.preferred.now.run_settings(self.workspace.project(project_id))
            options = self.preferred.now.report_options()
            return self.queue.start(
                plan_report, self.workspace, project_id, options=options, settings=settings
            )
        return False

    def show_imported(self, project_id: int) -> None:
        """Show a project that was just made or edited; a new one is measured at once."""
        self.go.show_project.emit(project_id)
        if not self.workspace.artifacts(project_id, "benchmark"):
            self.run_benchmark(project_id, BASELINE_SECONDS)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        """A new project is measured at once: the first thing that its owner wants to know."""
        if end.project_id is None:
            return
        if job.makes == "model":
            self.run_benchmark(end.project_id, BASELINE_SECONDS)
        elif job.makes == "optimized model":
            self.run_benchmark(end.project_id)
