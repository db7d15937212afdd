"""What the window asks in dialogs of its own, and who gets the answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget

from app.kit.memory import left_at, start_folder
from app.kit.text import counted, displayable, shortened, tooltip
from app.shell.dropping import Drop, meaning
from app.shell.notices import open_path
from app.shell.parts import Parts

if TYPE_CHECKING:
    from app.importing.presenter import ExaminePresenter
    from app.preferences.dialog import Chosen
    from app.project.navigation import Tab
    from app.shell.menus import MenuEntry

TITLE = "Detection Workbench"


class Asking(QObject):
    """Opens the dialogs over `window`; their answers go to the presenters."""

    def __init__(self, window: QWidget, parts: Parts) -> None:
        super().__init__(window)
        self._window = window
        self._parts = parts
        self._open_dialogs: list[QDialog] = []
        self._examining: list[ExaminePresenter] = []
        self._models: deque[tuple[Path, Path | None]] = deque()  # and images; still to be imported
        parts.navigation.import_model.connect(self.for_project)
        parts.navigation.edit_model.connect(self.for_editing)
        parts.navigation.map_classes.connect(self.for_class_mapping)

    def for_project(self, model: Path | None = None, dataset: Path | None = None) -> None:
        """What to make a project of."""
        self._open_import(model=model, dataset=dataset)

    def for_editing(self, project_id: int) -> None:
        """What is wrongly known of a project's model."""
        self._open_import(project_id=project_id)

    def for_dropped(self, drop: Drop) -> None:
        """Do what a drop on the window means, but for images to calibrate on."""
        if drop.kind == "projects":
            for path in drop.paths:
                self._parts.transfer.import_project(path)
        elif drop.kind == "models":
            self._models.extend((path, drop.dataset) for path in drop.paths)
            self._ask_for_next_model()
        elif drop.kind == "images":
            self.for_dataset(drop.paths)
        elif drop.kind == "dataset":
            self.for_project(dataset=drop.paths[0])

    def _ask_for_next_model(self) -> None:
        """The models that were dropped together, one after the other."""
        if self._models:
            model, dataset = self._models.popleft()
            self._open_import(model=model, dataset=dataset)
            dialog = self._open_dialogs[-1]
            dialog.finished.connect(self._on_model_asked)
            if self._models:
                more = counted(len(self._models), "more model follows", "more models follow")
                dialog.setWindowTitle(f"{dialog.windowTitle()} ({more})")

    def _on_model_asked(self) -> None:
        QTimer.singleShot(0, self._ask_for_next_model)

    def for_given(self, path: Path) -> None:
        """What to make of the file that the program was started with."""
        from core.transfer.bundle import SUFFIX

        if path.suffix.lower() == SUFFIX:
            self._parts.transfer.import_project(path)
        else:
            self.for_project(model=path)

    def for_file(self) -> None:
        """Which model to make a project of, or which project to import."""
        from core.models.sources import FRAMEWORKS
        from core.transfer.bundle import SUFFIX

        patterns = " ".join(f"*{suffix}" for suffix in (*FRAMEWORKS, SUFFIX))
        dialog = QFileDialog(
            self._window,
            "Open a model or project file",
            str(start_folder("open")),
            f"Models and projects ({patterns});;All files (*)",
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(partial(left_at, "open"))
        dialog.fileSelected.connect(self._on_file_chosen)
        self.open(dialog)

    def for_command(self, entries: Sequence[MenuEntry]) -> None:
        """What to do, of all that the menus offer, and which project to show."""
        from app.shell.palette import Command, Palette

        session = self._parts.session
        native = QKeySequence.SequenceFormat.NativeText
        commands = [
            Command(
                entry.title,
                "   ".join((entry.menu, entry.action.shortcut().toString(native))).strip(),
                entry.action.trigger,
            )
            for entry in entries
            if entry.action.isEnabled()
        ]
        commands += [
            Command(row.title, row.detail, partial(session.select_project, row.id))
            for row in session.rows
        ]
        self.open(Palette(self._window, commands))

    def for_preferences(self, keep: Callable[[Chosen], object]) -> None:
        """What the user prefers."""
        from app.preferences.dialog import Chosen, PreferencesDialog
        from app.shell.proxy import is_proxy
        from app.shell.settings import preferred_workspace

        settings, machine = self._parts.settings, self._parts.machine
        now = Chosen(settings.preferences, settings.theme, preferred_workspace())
        dialog = PreferencesDialog(self._window, now, is_proxy)
        dialog.chosen.connect(keep)
        machine.devices_changed.connect(dialog.show_devices)
        machine.ask()
        self.open(dialog)

    def show_log(self, path: Path) -> None:
        """What a job wrote, or is writing; those of the other jobs beside it."""
        from app.logs.dialog import LogsDialog

        for dialog in self._open_dialogs:
            if isinstance(dialog, LogsDialog):
                dialog.show_log(path)
                dialog.raise_()
                dialog.activateWindow()
                return
        logs, running = self._parts.workspace.logs, self._parts.queue.current is not None
        over = QApplication.activeModalWidget()  # which would keep it from being used
        shown = LogsDialog(
            over or self._window, logs, path, running and path == self._parts.session.log
        )
        shown.open_requested.connect(open_path)
        self.open(shown, alone=over is not None)

    def show_shortcuts(self, entries: Sequence[MenuEntry]) -> None:
        """Which keys there are."""
        from app.shell.shortcuts import ShortcutsDialog

        self.open(ShortcutsDialog(self._window, entries))

    def for_dataset(self, images: Sequence[Path] = ()) -> None:
        """Which images to make a dataset of, and how."""
        from app.dataset_making.dialog import CreateDatasetDialog

        self.open(CreateDatasetDialog(self._window, self._parts.datasets, images))

    def for_class_mapping(self) -> None:
        """Which of the annotated classes is which of the model's."""
        from app.reports.class_mapping import ClassMappingDialog

        selected, keeping = self._parts.session.selected, self._parts.reports.keeping
        mapping = None if selected is None else keeping.class_mapping(selected)
        if mapping is not None:
            dialog = ClassMappingDialog(self._window, mapping)
            dialog.mapping_chosen.connect(keeping.keep_class_mapping)
            self.open(dialog)

    def for_catalogue_model(self) -> None:
        """Which model to download, or to import if it is there."""
        from app.catalogue.dialog import CatalogueDialog

        self.open(CatalogueDialog(self._window, self._parts.catalogue))

    def before_deleting(self, project_id: int) -> None:
        """Whether a project is really to be deleted, and what goes with it."""
        from core.wording.trash import with_contents

        contents = self._parts.keeping.contents(project_id)
        if contents is None:
            return
        name = self._parts.workspace.project(project_id).name
        box = QMessageBox(QMessageBox.Icon.Question, "Delete project", "", parent=self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(displayable(f"Delete {with_contents(shortened(name), contents)}?"))
        box.setToolTip(tooltip(name))
        box.setInformativeText(
            "It goes to the trash, from which it can be restored. Your own model file and images "
            "are not touched."
        )
        delete = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        delete.clicked.connect(partial(self._parts.keeping.delete, project_id))
        self.open(box)

    def show_trash(self) -> None:
        """What was deleted."""
        from app.shell.trash_dialog import TrashDialog

        self.open(TrashDialog(self._window, self._parts.keeping))

    def for_machines(self) -> None:
        """Which machines can be worked on besides this one."""
        from app.machines.dialog import MachinesDialog
        from app.machines.presenter import MachinesPresenter

        parts, window = self._parts, self._window
        dialog = MachinesDialog(window, MachinesPresenter(parts.workspace, window))
        self.open(dialog)
        dialog.finished.connect(parts.session.refresh)  # pages offer what there is by now

    def show_about(self) -> None:
        """What this program is, and what it is made of."""
        from app.help.about import AboutDialog

        self.open(AboutDialog(self._window, self._parts.machine))

    def show_help(self, page: str, actions: Mapping[str, Callable[[], object]]) -> None:
        """A page of help; `actions` are what its links do, besides showing tabs."""
        from app.help.dialog import HelpDialog

        for dialog in self._open_dialogs:
            if isinstance(dialog, HelpDialog):
                dialog.show_page(page)
                dialog.activateWindow()
                return
        shown = HelpDialog(self._window, page)
        shown.tab_requested.connect(self._on_tab_wanted)
        shown.action_requested.connect(lambda name: actions[name]())
        self.open(shown, alone=False)

    def _on_tab_wanted(self, name: str) -> None:
        parts = self._parts
        if parts.session.selected is None and parts.session.rows:
            parts.session.select_project(parts.session.rows[0].id)
        parts.navigation.show_tab.emit(cast("Tab", name))

    def for_diagnostics(self) -> None:
        """What to copy for whoever helps."""
        from app.help.diagnostics import DiagnosticsDialog
        from app.shell.crash import crashes

        parts = self._parts
        names = [row.name for row in parts.session.rows]
        logs = parts.workspace.logs
        dialog = DiagnosticsDialog(self._window, parts.machine, logs, names, crashes())
        self.open(dialog)

    def _on_file_chosen(self, path: str) -> None:
        self.for_dropped(meaning([Path(path)], calibrates=False))

    def close(self) -> None:
        """Close what is open, and wait for what works for it."""
        self._models.clear()
        for dialog in tuple(self._open_dialogs):
            dialog.done(0)
        for presenter in self._examining:
            presenter.close()

    def _open_import(self, **about: Any) -> None:
        from app.importing.dialog import NewProjectDialog
        from app.importing.presenter import ExaminePresenter

        presenter = ExaminePresenter(self._parts.workspace, self._window)
        self._examining.append(presenter)
        presenter.ended.connect(self._on_examining_ended)
        dialog = NewProjectDialog(self._window, presenter, **about)
        dialog.imported.connect(self._parts.project.show_imported)
        dialog.log_requested.connect(self.show_log)
        self.open(dialog)

    def open(self, dialog: QDialog, *, alone: bool = True) -> None:
        """Unless it stands `alone`, the window can be used beside it."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._on_finished)
        self._open_dialogs.append(dialog)
        (dialog.open if alone else dialog.show)()

    def _on_finished(self) -> None:
        dialog = self.sender()
        self._open_dialogs = [one for one in self._open_dialogs if one is not dialog]

    def _on_examining_ended(self) -> None:
        ended = self.sender()
        self._examining = [one for one in self._examining if one is not ended]
