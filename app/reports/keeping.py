"""Reports that exist are named, and deleted: they go to the trash. Class mappings are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kit.notice import Notice
from app.kit.text import shortened
from app.project.presenting import Presenter
from app.reports.report_library import KeptReport
from core.reports.service import class_mapping, keep_class_mapping

if TYPE_CHECKING:
    from core.datasets.class_mapping import ClassMapping


class ReportKeeping(Presenter):
    """Changes the workspace, and has it read anew."""

    def rename(self, report: KeptReport, name: str) -> None:
        """Give a report a name, or none."""
        with self._refusals_shown():
            self.workspace.rename_artifact(report.artifact.id, name)
        self.go.refresh.emit()

    def delete(self, reports: tuple[KeptReport, ...]) -> None:
        """Move reports to the trash."""
        with self._refusals_shown():
            for report in reports:
                number = self.workspace.trash.add_artifact(report.artifact)
                called = shortened(report.artifact.name or report.kind.title)
                self.notices.post(Notice(f"Deleted the report {called}.", undo=number))
        self.go.refresh.emit()

    def class_mapping(self, project_id: int) -> ClassMapping | None:
        """Which class of the model each class of a project's dataset is."""
        with self._refusals_shown():
            return class_mapping(self.workspace, project_id)
        return None

    def keep_class_mapping(self, mapping: ClassMapping) -> None:
        """Store what the user chose, for every accuracy report on these classes."""
        with self._refusals_shown():
            keep_class_mapping(self.workspace, mapping)
