"""What of the catalogue is there, and downloading the rest."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from core.catalogue.entries import CatalogueEntry, catalogue
from core.catalogue.service import PlannedDownload, downloaded_model, plan_download
from core.jobs.planned import JobEnd, PlannedJob


class CataloguePresenter(Presenter):
    """Downloads models of the catalogue; one that is there is asked to be imported."""

    import_wanted = Sends[Path]()  # its file

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.queue.job_ended.connect(self._on_job_ended)

    def entries(self) -> tuple[CatalogueEntry, ...]:
        """All of them."""
        return catalogue()

    def downloaded(self) -> frozenset[str]:
        """Names of those that need no download any more."""
        return frozenset(
            one.name for one in catalogue() if downloaded_model(self.workspace, one) is not None
        )

    def use(self, entry: CatalogueEntry) -> None:
        """Import it, after its download if it is not there."""
        model = downloaded_model(self.workspace, entry)
        if model is None:
            self.queue.start(plan_download, self.workspace, entry)
        else:
            self.import_wanted.emit(model)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if isinstance(job, PlannedDownload) and end.outcome.state == "succeeded":
            self.import_wanted.emit(job.model)
