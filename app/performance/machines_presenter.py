"""The state of the page that compares machines: what each measured of the selected project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.project.presenter import COMPARISON_SECONDS
from app.project.presenting import Presenter, Surroundings
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.values import to_json, write_bytes_whole

if TYPE_CHECKING:
    from core.inference.settings import InferenceSettings
    from core.jobs.planned import PlannedJob
    from core.machine_comparison.service import ProjectOnMachines
    from core.reports.kind import ReportOptions
    from core.workspace.store import Workspace


def _plan_report(
    workspace: Workspace,
    project_id: int,
    options: ReportOptions,
    settings: InferenceSettings | None,
    run_on: str | None,
) -> PlannedJob:
    """One that the table is waited for with, and that is not gone to."""
    from core.reports.service import plan_report

    planned = plan_report(workspace, project_id, options=options, settings=settings, run_on=run_on)
    return replace(planned, shown=False)


class MachinesComparedPresenter(Presenter):
    """Reads results when the page is looked at, and has machines measure."""

    compared = Sends["ProjectOnMachines | None"]()  # None where it cannot be read

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._project_id: int | None = None
        self._shown: ProjectOnMachines | None = None
        self._stale, self._seen = True, False
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self._on_failed)

    def show_project(self, project_id: int) -> None:
        """Another project is selected, or something of it is new."""
        self._project_id, self._stale = project_id, True
        self._read()

    def set_seen(self, seen: bool) -> None:
        """Whether the page can be seen: what nobody looks at is not read."""
        self._seen = seen
        self._read()

    def measure(self, machines: Sequence[str | None]) -> None:
        """Benchmark the project on each, and judge an optimized one there; None is this machine."""
        from core.benchmark.service import plan_benchmark

        number = self._project_id
        if number is None:
            return
        with self._refusals_shown():
            project = self.workspace.project(number)
            now = self.preferred.now
            settings = now.benchmark_settings(project, COMPARISON_SECONDS)
            for name in machines:
                self.queue.start(plan_benchmark, self.workspace, number, settings, run_on=name)
                if project.parent_id is not None:
                    self.queue.start(
                        _plan_report,
                        self.workspace,
                        number,
                        options=now.report_options(),
                        settings=now.run_settings(project),
                        run_on=name,
                    )

    def save(self, path: Path) -> None:
        """Write the table as what the file's ending says: .csv or .json."""
        if self._shown is not None:
            table = self._shown.table
            written = to_json(table.records()) if path.suffix == ".json" else table.csv()
            with self._writing(path):
                write_bytes_whole(path, written)
                self.notices.post(Notice(f"Saved to {path}", made=path))

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._computer.close()

    def _read(self) -> None:
        number = self._project_id
        if number is None or not (self._seen and self._stale):
            return
        from core.machine_comparison.service import project_on_machines

        self._stale = False
        self._computer.ask(
            "machines", lambda: project_on_machines(self.workspace, number), self._publish
        )

    def _on_failed(self, error: WorkbenchError) -> None:
        self._stale = True
        self.notices.refuse(error)
        self._publish(None)

    def _publish(self, found: ProjectOnMachines | None) -> None:
        self._shown = found
        self.compared.emit(found)
