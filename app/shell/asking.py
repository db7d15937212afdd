"""What the window asks in dialogs of its own, and who gets the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QInputDialog, QMessageBox, QWidget

from app.shell.notices import open_path
from app.shell.session import Session
from core import __version__
from core.catalogue.entries import CatalogueEntry, catalogue
from core.catalogue.service import downloaded_model

TITLE = "Detection Workbench"


class Asking(QObject):
    """Opens the dialogs over `window`; their answers go to the session."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def for_project(self, model: Path | None = None, dataset: Path | None = None) -> None:
        """What to make a project of."""
        self._open_import(model=model, dataset=dataset)

    def for_correction(self, project_id: int) -> None:
        """What is wrongly known of a project's model."""
        self._open_import(project_id=project_id)

    def _open_import(self, **about: Any) -> None:
        from app.importing.dialog import NewProjectDialog
        from app.importing.presenter import ExaminePresenter

        presenter = ExaminePresenter(self._session.workspace, self._window)
        dialog = NewProjectDialog(self._window, presenter, **about)
        dialog.dataset.set_offers(self._session.own_datasets())
        dialog.imported.connect(self._session.show_imported)
        dialog.log_requested.connect(open_path)
        _open(dialog)

    def for_dataset(self, images: Sequence[Path] = ()) -> None:
        """Which images to make a dataset of, and how."""
        from app.dataset_making.dialog import CreateDatasetDialog

        dialog = CreateDatasetDialog(self._window, images)
        dialog.create_requested.connect(self._session.create_dataset)
        _open(dialog)

    def for_class_mapping(self) -> None:
        """Which of the annotated classes is which of the model's."""
        from app.reports.class_mapping import ClassMappingDialog

        mapping = self._session.class_mapping()
        if mapping is not None:
            dialog = ClassMappingDialog(self._window, mapping)
            dialog.mapping_chosen.connect(self._session.keep_class_mapping)
            _open(dialog)

    def for_catalogue_model(self) -> None:
        """Which model to download, or to import if it is there."""
        from app.catalogue.dialog import CatalogueDialog

        workspace = self._session.workspace
        there = [one.name for one in catalogue() if downloaded_model(workspace, one)]
        dialog = CatalogueDialog(self._window, there)
        dialog.download_requested.connect(self._session.download)
        dialog.import_requested.connect(self._on_downloaded_chosen)
        _open(dialog)

    def _on_downloaded_chosen(self, entry: CatalogueEntry) -> None:
        self.for_project(model=downloaded_model(self._session.workspace, entry))

    def before_deleting(self, project_id: int) -> None:
        """Whether a project is really to be deleted."""
        answer = QMessageBox.question(
            self._window,
            "Delete project",
            "Delete this project, everything that was optimized from it, and its reports? "
            "Your own model file and images are not touched.",
        )
        if answer == QMessageBox.StandardButton.Yes:
            self._session.delete_project(project_id)

    def for_name(self, project_id: int) -> None:
        """Another name for a project."""
        old = self._session.workspace.project(project_id).name
        name, accepted = QInputDialog.getText(self._window, "Rename project", "Name", text=old)
        if accepted and name.strip():
            self._session.rename_project(project_id, name.strip())

    def tell_about(self) -> None:
        """What this program is."""
        QMessageBox.about(
            self._window,
            TITLE,
            f"{TITLE} {__version__}\n\nQuantizes object detectors with OpenVINO and NNCF, measures "
            "what that brings and shows what it costs. Nothing leaves this machine.",
        )


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
