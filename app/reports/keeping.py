"""Reports that exist are named, and deleted: they go to the trash."""

from __future__ import annotations

from app.kit.notice import Notice
from app.kit.text import shortened
from app.project.presenting import Presenter
from app.reports.report_library import KeptReport


class ReportKeeping(Presenter):
    """Changes the workspace, and has it read anew."""

    def rename(self, report: KeptReport, name: str) -> None:
        """Give a report a name, or none."""
        with self._telling():
            self.workspace.rename_artifact(report.artifact.id, name)
        self.go.refresh.emit()

    def delete(self, reports: tuple[KeptReport, ...]) -> None:
        """Move reports to the trash."""
        with self._telling():
            for report in reports:
                number = self.workspace.trash.add_artifact(report.artifact)
                called = shortened(report.artifact.name or report.kind.title)
                self.notices.post(Notice(f"Deleted the report {called}.", undo=number))
        self.go.refresh.emit()
