"""What leaves the workspace for elsewhere, and comes in: packages and projects as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.project_views import ProjectView
from core.jobs.handover import PlannedHandover
from core.jobs.planned import JobEnd, PlannedJob

if TYPE_CHECKING:
    from app.transfer.package_dialog import PackageChoice
    from core.deployment.points import OfferedPoint


class TransferPresenter(Presenter):
    """Packages and exports the selected project, and imports projects."""

    name_changed = Sends[str]()  # of the selected project; empty where it has no model

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._project_id: int | None = None
        self.not_safe = False  # the selected project, by its report
        self.queue.job_ended.connect(self._on_job_ended)

    def show_project(self, view: ProjectView | None) -> None:
        """Only a project that is there can leave."""
        ready = view is not None and view.ready
        self._project_id = view.project.id if view is not None and ready else None
        self.not_safe = view is not None and view.not_safe
        self.name_changed.emit(view.title if view is not None and ready else "")

    def offered_points(self) -> tuple[OfferedPoint, ...]:
        """The operating points that a package of the selected project can be made for."""
        from core.deployment.points import offered_points

        if self._project_id is None:
            return ()
        return offered_points(self.workspace, self._project_id)

    def has_nms_outside(self) -> bool:
        """Whether the selected project's network could do its NMS itself."""
        from core.deployment.service import has_nms_outside

        return self._project_id is not None and has_nms_outside(self.workspace, self._project_id)

    def make_package(self, output: Path, choice: PackageChoice | None = None) -> None:
        """The selected project's model as a package that runs without this program.

        `choice` is what it is made with, None for what is usual.
        """
        from app.transfer.package_dialog import PackageChoice
        from core.deployment.service import plan_package

        if self._project_id is not None:
            number = self._project_id
            how = choice or PackageChoice()
            self.queue.start(
                plan_package,
                self.workspace,
                number,
                output,
                how.point,
                how.preprocessing,
                how.nms,
                how.goal,
            )

    def export_model(self, output: Path) -> None:
        """The selected project's ``.xml`` and ``.bin`` in a new folder."""
        from core.transfer.model_export import plan_export_model

        if self._project_id is not None:
            number = self._project_id
            self.queue.start(lambda: plan_export_model(self.workspace, number, output))

    def export_project(self, output: Path) -> None:
        """The selected project with its family as one file."""
        from core.transfer.service import plan_pack

        if self._project_id is not None:
            number = self._project_id
            self.queue.start(plan_pack, self.workspace, number, output)

    def import_project(self, file: Path) -> None:
        """The projects in a file that another machine exported."""
        from core.transfer.service import plan_unpack

        self.queue.start(plan_unpack, self.workspace, file)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if isinstance(job, PlannedHandover) and end.outcome.state == "succeeded":
            said = " ".join((f"{job.title}: saved to {job.output}.", *job.said))
            saved = Notice(said, made=job.output)
            self.notices.post(saved)
