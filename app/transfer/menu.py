"""The entries of the File menu for what leaves and comes in, and their dialogs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QWidget

from app.kit.memory import left_at, start_folder
from app.transfer.presenter import TransferPresenter
from core.transfer.bundle import SUFFIX

if TYPE_CHECKING:
    from app.transfer.package_dialog import PackageChoice
    from core.deployment.points import ChosenPoint
    from core.metrics.operating_point.basis import Basis

_PROJECTS = f"Projects (*{SUFFIX})"
_DELETED = Qt.WidgetAttribute.WA_DeleteOnClose


class TransferMenu(QObject):
    """Deployment package, export and import."""

    def __init__(
        self,
        window: QWidget,
        presenter: TransferPresenter,
        menu: QMenu,
        show: Callable[[QDialog], object],
    ) -> None:
        """`show` opens a dialog, and closes it with the window."""
        super().__init__(window)
        self._window = window
        self._presenter = presenter
        self._show = show
        self._choice: PackageChoice | None = None  # of the package that is asked for
        self.package = menu.addAction("Make a deployment &package…", self._on_package_requested)
        self.package.setToolTip("The model with all that it needs to run without this program")
        menu.addAction("&Test a deployment package…", self._on_test_requested)
        self.model = menu.addAction("Export &model…", self._on_model_requested)
        self.model.setToolTip("The .xml and .bin of OpenVINO, in a new folder")
        self.export = menu.addAction("&Export project…", self._on_export_requested)
        menu.addAction("&Import project…", self._on_import_requested)
        self._name = ""
        presenter.name_changed.connect(self._on_name_changed)
        self._on_name_changed("")

    def _on_name_changed(self, name: str) -> None:
        self._name = name.replace("/", "-")
        self.package.setEnabled(bool(name))
        self.model.setEnabled(bool(name))
        self.export.setEnabled(bool(name))

    def _on_package_requested(self) -> None:
        """Asks what it is made with first."""
        self._ask_how(None)

    def _on_test_requested(self) -> None:
        from app.transfer.self_test_dialog import SelfTestDialog
        from app.transfer.self_test_presenter import SelfTestPresenter

        presenter = SelfTestPresenter(self._presenter.workspace, self._window)
        self._show(SelfTestDialog(self._window, presenter))

    def _ask_how(self, point: ChosenPoint | None) -> None:
        from app.transfer.package_dialog import PackageDialog

        dialog = PackageDialog(
            self._window,
            self._presenter.offered_points(),
            point,
            has_nms=self._presenter.has_nms_outside(),
            not_safe=self._presenter.not_safe,
        )
        dialog.chosen.connect(self._ask_where)
        dialog.open()

    def ask_for_package(self, report: Path, basis: Basis) -> None:
        """Ask how a package is to be made that uses the operating point of this report."""
        from core.deployment.points import ChosenPoint

        self._ask_how(ChosenPoint(report, basis))

    def _ask_where(self, choice: PackageChoice) -> None:
        self._choice = choice
        dialog = self._saving("Make a deployment package", ["Folder (*)", "Zip archive (*.zip)"])
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder, or .zip file")
        dialog.selectFile(f"{self._name} package.zip")
        dialog.selectNameFilter("Zip archive (*.zip)")
        dialog.fileSelected.connect(self._on_package_chosen)
        dialog.open()

    def _on_model_requested(self) -> None:
        dialog = self._saving("Export model", ["Folder (*)"])
        dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder")
        dialog.selectFile(f"{self._name} model")
        dialog.fileSelected.connect(self._on_model_chosen)
        dialog.open()

    def _on_export_requested(self) -> None:
        dialog = self._saving("Export project", [_PROJECTS])
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(f"{self._name}{SUFFIX}")
        dialog.fileSelected.connect(self._on_export_chosen)
        dialog.open()

    def _on_import_requested(self) -> None:
        dialog = QFileDialog(
            self._window, "Import project", str(start_folder("import project")), _PROJECTS
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(_DELETED)
        dialog.fileSelected.connect(partial(left_at, "import project"))
        dialog.fileSelected.connect(self._on_import_chosen)
        dialog.open()

    def _saving(self, title: str, filters: list[str]) -> QFileDialog:
        kind = title.lower()
        dialog = QFileDialog(self._window, title, str(start_folder(kind)))
        dialog.fileSelected.connect(partial(left_at, kind))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # what is there is refused
        dialog.setNameFilters(filters)
        dialog.setAttribute(_DELETED)
        return dialog

    def _on_package_chosen(self, path: str) -> None:
        if self._choice is not None:
            self._presenter.make_package(Path(path), self._choice)

    def _on_model_chosen(self, path: str) -> None:
        self._presenter.export_model(Path(path))

    def _on_export_chosen(self, path: str) -> None:
        self._presenter.export_project(Path(path))

    def _on_import_chosen(self, path: str) -> None:
        self._presenter.import_project(Path(path))
