"""What the program is put together from, below the window."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notices
from app.project.navigation import Navigation
from app.project.preferred import Preferred
from app.project.presenter import ProjectPresenter
from app.project.presenting import Surroundings
from app.shell.keeping import Keeping
from app.shell.session import Session
from app.shell.settings import Settings
from app.transfer.presenter import TransferPresenter
from app.workers.job_queue import JobQueue
from app.workers.machinery import MachineAsker
from core.sizes import prefer
from core.workspace.store import Workspace

if TYPE_CHECKING:
    from app.catalogue.presenter import CataloguePresenter
    from app.dataset_making.maker import DatasetMaker
    from app.jobs.presenter import JobsPresenter
    from app.optimize.presenter import OptimizePresenter
    from app.performance.compare_presenter import ComparePresenter
    from app.performance.layers_presenter import LayersPresenter
    from app.performance.machines_presenter import MachinesComparedPresenter
    from app.performance.speed_presenter import SpeedPresenter
    from app.reports.presenter import ReportsPresenter
    from app.search.presenter import SearchPresenter
    from app.shell.following import Following
    from app.workers.announcing import Announcer
    from app.workers.queued import QueuedJob


class Parts(QObject):
    """One of each, on one workspace.

    What a page or a dialog needs is imported and made when that is first opened; raises
    WorkbenchError where the workspace cannot be opened.
    """

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.workspace = Workspace(root)
        self.settings = Settings(root)
        self.notices = Notices(self)
        self.navigation = Navigation(self)
        self.queue = JobQueue(self.workspace, self.notices, self)
        self.queue.job_changed.connect(self._on_job_changed)
        self.machine = MachineAsker(self)
        self.preferred = Preferred(lambda: self.settings.preferences, self)
        prefer(self.preferred.now.units)
        self.around = Surroundings(
            self.workspace, self.queue, self.navigation, self.machine, self.preferred
        )
        self.session = Session(self.around, self)
        self.keeping = Keeping(self.around, self)
        self.keeping.changed.connect(self.session.show_changed)
        self.session.reading_wanted.connect(self._on_reading_wanted)
        self.project = ProjectPresenter(self.around, self)
        self.transfer = TransferPresenter(self.around, self)

    @cached_property
    def optimize(self) -> OptimizePresenter:
        """Plans, and quantization."""
        from app.optimize.presenter import OptimizePresenter

        return OptimizePresenter(self.around, self)

    @cached_property
    def announcer(self) -> Announcer:
        """Tells other processes of the jobs; made with the first one."""
        from app.workers.announcing import Announcer

        return Announcer(self.queue, self.workspace.root, self)

    def _on_reading_wanted(self) -> None:
        self.following.read()

    def _on_job_changed(self, job: QueuedJob) -> None:
        self.announcer.announce(job)

    @cached_property
    def jobs(self) -> JobsPresenter:
        """Running, waiting and finished, of all windows and the terminal."""
        from app.jobs.presenter import JobsPresenter

        return JobsPresenter(self.around, self)

    @cached_property
    def search(self) -> SearchPresenter:
        """Searches."""
        from app.search.presenter import SearchPresenter

        return SearchPresenter(self.around, self)

    @cached_property
    def speed(self) -> SpeedPresenter:
        """Benchmarks."""
        from app.performance.speed_presenter import SpeedPresenter

        return SpeedPresenter(self.around, self)

    @cached_property
    def layers(self) -> LayersPresenter:
        """Profiles."""
        from app.performance.layers_presenter import LayersPresenter

        return LayersPresenter(self.around, self)

    @cached_property
    def comparing(self) -> ComparePresenter:
        """Projects side by side."""
        from app.performance.compare_presenter import ComparePresenter

        return ComparePresenter(self.around, self)

    @cached_property
    def on_machines(self) -> MachinesComparedPresenter:
        """Machines side by side."""
        from app.performance.machines_presenter import MachinesComparedPresenter

        return MachinesComparedPresenter(self.around, self)

    @cached_property
    def reports(self) -> ReportsPresenter:
        """Accuracy reports."""
        from app.reports.presenter import ReportsPresenter

        return ReportsPresenter(self.around, self)

    @cached_property
    def catalogue(self) -> CataloguePresenter:
        """Open Model Zoo."""
        from app.catalogue.presenter import CataloguePresenter

        made = CataloguePresenter(self.around, self)
        made.import_wanted.connect(self.navigation.import_model.emit)
        return made

    @cached_property
    def datasets(self) -> DatasetMaker:
        """Datasets made of images."""
        from app.dataset_making.maker import DatasetMaker

        return DatasetMaker(self.around, self)

    @cached_property
    def following(self) -> Following:
        """What other processes change in the workspace."""
        from app.shell.following import Following

        return Following(self.workspace, self.session, self)

    def close(self) -> None:
        """End what works in the background, and wait for it."""
        if "optimize" in vars(self):
            self.optimize.close()
        if "following" in vars(self):
            self.following.close()
        if "comparing" in vars(self):
            self.comparing.close()
        if "on_machines" in vars(self):
            self.on_machines.close()
        if "jobs" in vars(self):
            self.jobs.close()
        self.keeping.close()
        self.session.close()
        self.settings.close()
        self.project.close()
        self.machine.close()
        self.queue.close()
        if "announcer" in vars(self):
            self.announcer.close()
