"""The state of an import: what a model is taken for, the overrides, and what it then finds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.importing.image_presenter import ImagePresenter
from app.importing.views import ExamineView
from app.kit.signals import Sends
from app.project.own_datasets import offered_datasets
from app.workers.examining import ExamineWorker
from core.errors import InputError, WorkbenchError
from core.importing.editing import edit_project
from core.importing.examining import Examined, examine, examined_project, import_job
from core.importing.preview_job import Previewed
from core.importing.service import adopt, possible_parents
from core.jobs.events import Event, Progress
from core.models.adjusting import Overrides, adjusted, possibilities
from core.models.detector import Detector
from core.models.naming import label_sets
from core.workspace.store import Project, Workspace

_SETTLE_MS = 300  # after a path is typed


class ExaminePresenter(QObject):
    """Examines what the user chose, and follows overrides; `images` shows what is found."""

    view_changed = Sends[ExamineView]()
    progressed = Sends[Progress]()
    agreed = Sends[int]()  # project id
    ended = Signal()  # it was retired, and nothing works for it any more

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.images = ImagePresenter(self)
        self._view = ExamineView()
        self._worker: ExamineWorker | None = None
        self._leaving: list[ExamineWorker] = []
        self._chosen: tuple[Path, Path | None] | None = None
        self._parent_id: int | None = None
        self._retired = False
        self._parents: tuple[Project, ...] = ()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.examine_again)

    @property
    def view(self) -> ExamineView:
        """What is shown."""
        return self._view

    @property
    def log(self) -> Path:
        """What the processes write."""
        return self._workspace.logs / "examine.log"

    # What is examined

    def choose(self, model: Path | None, dataset: Path | None) -> None:
        """Examine this model, with images of this dataset if there is one, in a moment."""
        chosen = None if model is None else (model, dataset)
        if chosen != self._chosen:
            self._chosen = chosen
            self._leave()
            self._show(ExamineView())
            if chosen is not None:
                self._settle.start()

    def examine_again(self, overrides: Overrides | None = None) -> None:
        """Examine what was chosen, from the start; `overrides` are known already."""
        self._settle.stop()
        self._leave()
        if self._chosen is None:
            return
        model, dataset = self._chosen
        imports = self._imports()

        def prepare(on_event: Callable[[Event], None], cancel: threading.Event) -> Examined:
            job = import_job(model, dataset, overrides)
            return examine(job, imports, on_event=on_event, cancel=cancel, log=self.log)

        def agree(examined: Examined, overrides: Overrides) -> int:
            workspace = self._workspace
            return adopt(workspace, examined, overrides, parent_id=self._parent_id)

        self._start(ExamineWorker(prepare, agree, Examined.discard, imports, self.log, self))

    def edit(self, project_id: int) -> None:
        """Show what is known of a project's model, to be edited."""
        self._leave()
        self._chosen = None
        workspace = self._workspace

        def prepare(on_event: Callable[[Event], None], cancel: threading.Event) -> Examined:
            return examined_project(workspace.project(project_id))

        def agree(examined: Examined, overrides: Overrides) -> int:
            edit_project(workspace, project_id, overrides)
            return project_id

        def leave(examined: Examined) -> None:
            """It stays where it is."""

        self._start(ExamineWorker(prepare, agree, leave, self._imports(), self.log, self))

    def stop(self) -> None:
        """Stop examining; what was chosen can be examined again."""
        self._leave()
        self._show(ExamineView(stage="stopped"))

    def agree(self, parent_id: int | None = None) -> None:
        """Take the model as it is shown, as an optimized version of a project if one is named."""
        self._parent_id = parent_id
        if self._worker is not None and self._view.stage == "known" and self._view.valid:
            self._show(replace(self._view, stage="agreeing"))
            self._worker.agree(self._view.overrides)

    def retire(self) -> None:
        """Forget everything; processes end in the background, and then this presenter does."""
        self._settle.stop()
        self._chosen = None
        self._leave()
        self._retired = True
        if not self._leaving:
            self._end()

    def close(self) -> None:
        """Retire, and wait until every thread has ended."""
        self.retire()
        for worker in self._leaving:
            worker.wait()

    def own_datasets(self) -> tuple[tuple[str, Path], ...]:
        """Datasets that were made here: a title and a file each."""
        return offered_datasets(self._workspace)

    # ModelSettings

    def change(self, **fields: Any) -> None:
        """Override these fields of `Overrides`; another layout starts with its own options."""
        overrides = msgspec.structs.replace(self._view.overrides, **fields)
        if "layout" in fields:
            overrides = msgspec.structs.replace(overrides, options={})
        self._override(overrides)

    def set_option(self, key: str, value: float | int | str | bool) -> None:
        """Override an option of the layout."""
        options = {**self._view.overrides.options, key: value}
        self._override(msgspec.structs.replace(self._view.overrides, options=options))

    def reset(self) -> None:
        """Back to what was found."""
        self._override(Overrides())

    def _override(self, overrides: Overrides) -> None:
        examined = self._view.examined
        if examined is None or self._view.stage != "known" or overrides == self._view.overrides:
            return
        card = examined.stored.card
        try:
            detector = adjusted(card.detector, overrides, card.alternatives)
        except InputError as error:
            self._show(replace(self._view, overrides=overrides, problem=str(error), valid=False))
            return
        self._show(self._known(examined, detector, overrides))
        self.images.set_detector(detector)

    # What the worker tells

    def _on_progressed(self, progress: Progress) -> None:
        if self._is_stale():
            return
        if self._view.stage == "examining":
            self.progressed.emit(progress)
        else:
            self.images.show_waiting(progress.stage)

    def _on_examined(self, examined: Examined) -> None:
        worker = self._worker
        if self._is_stale() or worker is None:
            return
        workspace = self._workspace
        self._parents = () if self._chosen is None else possible_parents(workspace, examined.stored)
        detector = examined.stored.card.detector
        self._show(self._known(examined, detector, Overrides()))
        self.images.begin(worker, examined.images, detector)

    def _on_failed(self, error: WorkbenchError) -> None:
        if not self._is_stale():
            self._show(ExamineView(stage="refused", error=error))

    def _on_previewed(self, answer: Previewed) -> None:
        if not self._is_stale():
            self.images.show_answer(answer)

    def _on_preview_failed(self, error: WorkbenchError) -> None:
        if not self._is_stale():
            self.images.show_problem(str(error))

    def _on_agreed(self, project_id: int) -> None:
        if not self._is_stale():
            self.agreed.emit(project_id)

    def _on_not_agreed(self, error: WorkbenchError) -> None:
        if not self._is_stale():
            self._show(replace(self._view, stage="known", problem=str(error)))

    def _on_finished(self) -> None:
        worker = self.sender()
        assert isinstance(worker, ExamineWorker)
        if worker in self._leaving:
            self._leaving.remove(worker)
        if worker is self._worker:
            self._worker = None
        worker.deleteLater()
        if self._retired and not self._leaving:
            self._end()

    # Inside

    def _start(self, worker: ExamineWorker) -> None:
        worker.progressed.connect(self._on_progressed)
        worker.examined.connect(self._on_examined)
        worker.previewed.connect(self._on_previewed)
        worker.preview_failed.connect(self._on_preview_failed)
        worker.failed.connect(self._on_failed)
        worker.agreed.connect(self._on_agreed)
        worker.not_agreed.connect(self._on_not_agreed)
        worker.finished.connect(self._on_finished)
        self._worker = worker
        self._show(ExamineView(stage="examining"))
        worker.start()

    def _leave(self) -> None:
        self.images.end()
        if self._worker is not None:
            worker, self._worker = self._worker, None
            self._leaving.append(worker)
            worker.leave()

    def _end(self) -> None:
        self.ended.emit()
        self.deleteLater()

    def _is_stale(self) -> bool:
        """Whether the signal is of a worker that was left."""
        return self.sender() is not self._worker

    def _imports(self) -> Path:
        return self._workspace.new_folder("import").parent

    def _known(self, examined: Examined, detector: Detector, overrides: Overrides) -> ExamineView:
        classes = examined.dataset.class_names if examined.dataset else ()
        card = examined.stored.card
        found = adjusted(card.detector, Overrides(layout=overrides.layout), card.alternatives)
        return ExamineView(
            stage="known",
            examined=examined,
            detector=detector,
            offered=possibilities(card, detector),
            label_sets=label_sets(detector.class_count, classes),
            parents=self._parents,
            found_names=found.class_names,
            overrides=overrides,
        )

    def _show(self, view: ExamineView) -> None:
        self._view = view
        self.view_changed.emit(view)
