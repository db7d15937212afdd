"""What leaves the workspace for elsewhere, and comes in: packages and projects as files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDir, QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.project_views import ProjectView
from app.shell.session import Session
from core.transfer.bundle import SUFFIX

_PROJECTS = f"Projects (*{SUFFIX})"
_DELETED = Qt.WidgetAttribute.WA_DeleteOnClose


class HandingOver(QObject):
    """The entries of the File menu for it, and their dialogs."""

    def __init__(self, window: QWidget, session: Session, menu: QMenu) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self.package = menu.addAction("Make a deployment &package…", self._on_package_requested)
        self.package.setToolTip("The model with all that it needs to run without this program")
        self.export = menu.addAction("&Export project…", self._on_export_requested)
        menu.addAction("&Import project…", self._on_import_requested)
        self._name = ""
        self.show_project(None)

    def show_project(self, view: ProjectView | None) -> None:
        """Only a project that is there can be handed over."""
        ready = view is not None and view.ready
        self._name = view.title.replace("/", "-") if view is not None else ""
        self.package.setEnabled(ready)
        self.export.setEnabled(ready)

    def _on_package_requested(self) -> None:
        dialog = self._saving("Make a deployment package", ["Folder (*)", "Zip archive (*.zip)"])
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder, or .zip file")
        dialog.selectFile(f"{self._name} package.zip")
        dialog.selectNameFilter("Zip archive (*.zip)")
        dialog.fileSelected.connect(self._on_package_chosen)
        dialog.open()

    def _on_export_requested(self) -> None:
        dialog = self._saving("Export project", [_PROJECTS])
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(f"{self._name}{SUFFIX}")
        dialog.fileSelected.connect(self._on_export_chosen)
        dialog.open()

    def _on_import_requested(self) -> None:
        dialog = QFileDialog(self._window, "Import project", QDir.homePath(), _PROJECTS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(_DELETED)
        dialog.fileSelected.connect(self._on_import_chosen)
        dialog.open()

    def _saving(self, title: str, filters: list[str]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, QDir.homePath())
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # what is there is refused
        dialog.setNameFilters(filters)
        dialog.setAttribute(_DELETED)
        return dialog

    def _on_package_chosen(self, path: str) -> None:
        self._session.make_package(Path(path))

    def _on_export_chosen(self, path: str) -> None:
        self._session.export_project(Path(path))

    def _on_import_chosen(self, path: str) -> None:
        self._session.import_file(Path(path))
