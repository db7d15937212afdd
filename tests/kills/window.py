"""``python -m tests.kills.window WHAT ROOM SHARED``: the real window, which does one thing.

Says ``begun`` when it was asked to and ``done`` when it is, and stays open.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from app.__main__ import main
from app.importing.dialog import NewProjectDialog
from app.project import presenter
from app.shell import composition
from app.shell.main_window import MainWindow
from core.dataset_making.service import plan_create_dataset
from core.images.augment import Augmentation
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.profiling.service import plan_profile
from core.reports.kind import ReportOptions
from core.reports.kinds import KINDS
from core.reports.service import plan_report
from core.search.settings import SearchSettings
from tests.kills.room import Room

Done = Callable[[], bool]
_LOOK_MS = 20
MOST_LOOKS = 100  # for a preview that may have been killed


class Doing:
    """What the window can be asked to do; each gives what tells whether it is done."""

    def __init__(self, window: MainWindow, room: Room) -> None:
        self.window, self.room, self.parts = window, room, window.parts
        self.workspace = window.parts.workspace
        self.parent, self.optimized = (project.id for project in self.workspace.projects()[:2])
        self.plan = QuantizationPlan(subset_size=4)

    def idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        return not self.parts.queue.jobs

    def select(self, project: int) -> None:
        self.parts.session.select_project(project)
        while not self.window.tabs.up_to_date:  # before a user can have come to what is next
            QCoreApplication.processEvents()

    def imports(self) -> Done:
        model, images = self.room.models[0], self.room.images
        self.parts.queue.start(lambda: plan_import(self.workspace, model, images))
        return self.idle

    def new_project(self) -> Done:
        """The dialog examines a model, shows what it finds, and is agreed to."""
        self.window.asking.for_project(self.room.models[0], self.room.images)
        dialog = self.window.findChild(NewProjectDialog)
        assert dialog is not None
        looks = 0

        def agreed() -> bool:
            nonlocal looks
            if dialog_gone(self.window):
                return self.idle()
            if dialog.pages.currentWidget() is dialog.refused:
                dialog.cancel.click()
            elif dialog.ok.isEnabled():
                looks += 1
                if len(dialog.preview.pane.overlay) or looks > MOST_LOOKS:
                    dialog.ok.click()
            return False

        return agreed

    def quantize(self) -> Done:
        self.select(self.parent)
        images, plan = self.room.calibration, self.plan
        self.parts.queue.start(lambda: plan_optimize(self.workspace, self.parent, images, plan))
        return self.idle

    def operations(self) -> Done:
        self.select(self.parent)
        self.parts.optimize.list_operations()
        return self.idle

    def search(self) -> Done:
        self.select(self.parent)
        self.parts.search.start(self.room.calibration, SearchSettings(minutes=0.1, loss=0.9))
        return self.idle

    def open_candidate(self) -> Done:
        self.select(self.parent)
        _, state = self.room.search
        candidate = next(one for one in state.candidates if one.model)
        self.parts.search.open_candidate(candidate.id)
        return self.idle

    def benchmark(self) -> Done:
        self.select(self.optimized)
        self.parts.machine.ask()
        self.parts.project.run_benchmark(self.optimized, 1.0)
        return self.idle

    def profile(self) -> Done:
        self.parts.queue.start(lambda: plan_profile(self.workspace, self.optimized, seconds=0.5))
        return self.idle

    def export_images(self) -> Done:
        return self._export("images", "images")

    def export_pdf(self) -> Done:
        return self._export("pdf", "report.pdf")

    def _export(self, wanted: str, name: str) -> Done:
        self.select(self.optimized)
        library = self.parts.reports.library
        assert library is not None
        report = next(one for one in library.reports if one.kind.id == "predictions")
        self.parts.reports.open(report)
        self.parts.reports.export(wanted, self.room.out / name)  # type: ignore[arg-type]
        return self.idle

    def package(self) -> Done:
        self.select(self.optimized)
        self.parts.transfer.make_package(self.room.out / "detector")
        return self.idle

    def pack(self) -> Done:
        self.select(self.parent)
        self.parts.transfer.export_project(self.room.out / "mine.dwproject")
        return self.idle

    def unpack(self) -> Done:
        self.parts.transfer.import_project(self.room.project_file)
        return self.idle

    def download(self) -> Done:
        self.parts.catalogue.use(self.room.entry)

        def declined() -> bool:
            """The window asks whether to import it as soon as it is there."""
            dialog = self.window.findChild(NewProjectDialog)
            if dialog is not None:
                dialog.cancel.click()
            return self.idle() and dialog_gone(self.window)

        return declined

    def export_model(self) -> Done:
        self.select(self.parent)
        self.parts.transfer.export_model(self.room.out / "ir")
        return self.idle

    def duplicate(self) -> Done:
        self.parts.keeping.duplicate(self.parent)
        return self.idle

    def create_dataset(self) -> Done:
        augmentation = Augmentation(horizontal_flip=True, noise=0.1, copies=8)
        images = (self.room.calibration,)
        self.parts.queue.start(
            lambda: plan_create_dataset(self.workspace, images, augmentation, "mine")
        )
        return self.idle

    def check_dataset(self) -> Done:
        self.select(self.parent)
        noted: list[str] = []
        self.parts.optimize.calibration_noted.connect(lambda note: noted.extend(note.sentences))
        self.parts.optimize.check_calibration(self.room.calibration)
        return lambda: any("Looking" not in one for one in noted)

    def report(self, kind: str) -> Done:
        options = ReportOptions(images=2)
        self.parts.queue.start(
            lambda: plan_report(self.workspace, self.optimized, kind, options=options)
        )
        return self.idle

    def named(self, what: str) -> Done:
        """Do what is called so."""
        for kind in KINDS:
            if what == f"report {kind.id}":
                return self.report(kind.id)
        done: Done = getattr(
            self, {"import": "imports", "optimize": "quantize"}.get(what, what.replace(" ", "_"))
        )()
        return done


def dialog_gone(window: MainWindow) -> bool:
    return window.findChild(NewProjectDialog) is None


def begin(window: MainWindow, what: str, room: Room) -> None:
    """In the event loop: do it, and say when it is done."""
    done = Doing(window, room).named(what)
    print("begun", flush=True)
    timer = QTimer(window, interval=_LOOK_MS)

    def look() -> None:
        if done():
            timer.stop()
            print("done", flush=True)

    timer.timeout.connect(look)
    timer.start()


def run(room: Room, when_shown: Callable[[MainWindow], None]) -> int:
    """The window as its script starts it, with short measurements; gives the exit status."""
    presenter.BASELINE_SECONDS = presenter.COMPARISON_SECONDS = 1.0
    compose = composition.compose

    def composed(root: Path) -> MainWindow:
        window = compose(root)
        tuple(window.tabs.make_all())  # as they are once the window has stood for a moment
        QTimer.singleShot(0, lambda: when_shown(window))
        return window

    composition.compose = composed
    return main(["--workspace", str(room.workspace)])


if __name__ == "__main__":
    place = Room(*map(Path, sys.argv[2:]))
    sys.exit(run(place, lambda window: begin(window, sys.argv[1], place)))
