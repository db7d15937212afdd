"""What the Optimize tab offers: plans to start from, and the operations of the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.optimize.dataset_check import DatasetCheckPresenter, DatasetNote
from app.project.presenter import how_compared
from app.project.presenting import Presenter, Surroundings
from app.workers.computer import Computer
from core.jobs.planned import JobEnd, PlannedJob
from core.models.plan import QuantizationPlan
from core.optimize.job import OperationsJob
from core.optimize.plans import KnownPlan, Plans, operations_of, plan_listing
from core.optimize.service import plan_optimize

if TYPE_CHECKING:
    from core.optimize.operations import OperationList


class OptimizePresenter(Presenter):
    """Plans and operations of the project that is to be optimized, and the start."""

    plans_changed = Sends[tuple[KnownPlan, ...]]()
    operations_listed = Sends["OperationList | None", bool]()  # whether it is being listed
    calibration_noted = Sends[DatasetNote]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._plans = Plans(self.workspace)
        self._project_id: int | None = None
        self._check = DatasetCheckPresenter(self.workspace, self)
        self._check.noted.connect(self.calibration_noted)
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self.notices.refuse)
        self.queue.job_added.connect(self._on_job_added)
        self.queue.job_ended.connect(self._on_job_ended)

    def show_project(self, project_id: int | None) -> None:
        """Tell what there is for this project, which is to be optimized."""
        changed = project_id != self._project_id
        self._project_id = project_id
        if project_id is not None:
            self._publish_plans(now=False)
            if changed:
                self._publish_operations()

    def list_operations(self) -> None:
        """Have the operations listed, unless they are known or a job is at it already."""
        project_id = self._project_id
        if project_id is None or self._listing:
            return
        with self._refusals_shown():
            if operations_of(self.workspace.project(project_id)) is None:
                self.queue.start(plan_listing, self.workspace, project_id)
                return
        self._publish_operations()  # another window may have had them listed

    def optimize(
        self,
        calibration: Path,
        plan: QuantizationPlan,
        evaluated_on: Path | None = None,
        machine: str | None = None,
    ) -> bool:
        """Make an optimized project of the shown one; it appears at once, in progress."""
        project_id = self._project_id
        return project_id is not None and self.queue.start(
            plan_optimize, self.workspace, project_id, calibration, plan, evaluated_on, machine
        )

    def optimize_and_compare(
        self,
        calibration: Path,
        plan: QuantizationPlan,
        evaluated_on: Path | None = None,
        machine: str | None = None,
    ) -> bool:
        """The same, then a benchmark and a report, up to the verdict."""
        from core.scorecard.optimize_and_compare import plan_optimize_and_compare

        with self._refusals_shown():
            if self._project_id is None:
                return False
            project = self.workspace.project(self._project_id)
            how = how_compared(self.preferred.now, project)
            return self.queue.start(
                plan_optimize_and_compare,
                self.workspace,
                project.id,
                calibration,
                plan,
                evaluated_on,
                machine,
                how=how,
            )
        return False

    def check_calibration(self, images: Path | None) -> None:
        """Look at images that would calibrate; `calibration_noted` follows."""
        if self._project_id is not None:
            with self._refusals_shown():
                project = self.workspace.project(self._project_id)
                self._check.check(images, "calibration", project.dataset)

    def close(self) -> None:
        """End what works in the background, and wait for it."""
        self._check.close()
        self._computer.close()

    def save_plan(self, plan: QuantizationPlan) -> None:
        """Save a plan under its name."""
        with self._refusals_shown():
            self._plans.save(plan)
        self._publish_plans()

    def delete_plan(self, name: str) -> None:
        """Forget a saved plan."""
        self._plans.delete(name)
        self._publish_plans()

    def _publish_plans(self, *, now: bool = True) -> None:
        """Those of hundreds of models are read in the thread."""
        number = self._project_id
        if number is not None:
            publish = self.plans_changed.emit
            self._computer.ask("plans", lambda: self._plans.known(number), publish, now=now)

    def _publish_operations(self) -> None:
        if self._project_id is not None:
            with self._refusals_shown():
                project = self.workspace.project(self._project_id)
                self.operations_listed.emit(operations_of(project), self._listing)

    @property
    def _listing(self) -> bool:
        return any(
            isinstance(job.job, OperationsJob) and job.project_id == self._project_id
            for job in self.queue.jobs
        )

    def _on_job_added(self, job: PlannedJob) -> None:
        if isinstance(job.job, OperationsJob) and job.project_id == self._project_id:
            self._publish_operations()

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if isinstance(job.job, OperationsJob) and job.project_id == self._project_id:
            self._publish_operations()
