"""What the program is put together from, below the window."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtCore import QObject

from app.catalogue.presenter import CataloguePresenter
from app.dataset_making.maker import DatasetMaker
from app.kit.notice import Notices
from app.optimize.presenter import OptimizePresenter
from app.performance.compare_presenter import ComparePresenter
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_presenter import SpeedPresenter
from app.project.navigation import Navigation
from app.project.presenter import ProjectPresenter
from app.project.presenting import Surroundings
from app.reports.presenter import ReportsPresenter
from app.search.presenter import SearchPresenter
from app.shell.session import Session
from app.shell.settings import Settings
from app.transfer.presenter import TransferPresenter
from app.workers.job_queue import JobQueue
from core.workspace.store import Workspace


@dataclass(frozen=True)
class Parts:
    """One of each, on one workspace."""

    workspace: Workspace
    settings: Settings
    notices: Notices
    queue: JobQueue
    navigation: Navigation
    session: Session
    project: ProjectPresenter
    optimize: OptimizePresenter
    search: SearchPresenter
    speed: SpeedPresenter
    layers: LayersPresenter
    comparing: ComparePresenter
    reports: ReportsPresenter
    catalogue: CataloguePresenter
    datasets: DatasetMaker
    transfer: TransferPresenter

    def belong_to(self, owner: QObject) -> None:
        """Live as long as `owner`."""
        for one in fields(self):
            part = getattr(self, one.name)
            if isinstance(part, QObject):
                part.setParent(owner)


def make_parts(root: Path) -> Parts:
    """The parts on a workspace; raises WorkbenchError where that cannot be opened."""
    workspace = Workspace(root)
    notices, navigation = Notices(), Navigation()
    queue = JobQueue(workspace, notices)
    around = Surroundings(workspace, queue, navigation)
    return Parts(
        workspace=workspace,
        settings=Settings(root),
        notices=notices,
        queue=queue,
        navigation=navigation,
        session=Session(around),
        project=ProjectPresenter(around),
        optimize=OptimizePresenter(around),
        search=SearchPresenter(around),
        speed=SpeedPresenter(around),
        layers=LayersPresenter(around),
        comparing=ComparePresenter(around),
        reports=ReportsPresenter(around),
        catalogue=CataloguePresenter(around),
        datasets=DatasetMaker(around),
        transfer=TransferPresenter(around),
    )
