"""New project: a model and images, what the program takes them for, and every setting."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.importing.examine_pages import ExaminingPage, RefusedPage
from app.importing.label_file import ask_for_labels
from app.importing.model_settings import ModelSettings
from app.importing.presenter import ExaminePresenter
from app.importing.preview_pane import PreviewPane
from app.importing.views import ExamineView
from app.kit.boxes import across, divided, down
from app.kit.fields import Form, combo, quietly
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import EmptyState, PathField, button, label, reserved
from app.project.own_datasets import DATASET_FILES
from core.datasets.source import dataset_problem
from core.jobs.events import Progress
from core.models.adjusting import Overrides
from core.remarks.sentences import sentences

MODEL_FILES = "Models (*.xml *.onnx *.tflite *.pb *.pdmodel *.json);;All files (*)"


class NewProjectDialog(QDialog):
    """Examines a model as soon as it is chosen, and imports it as it is shown.

    `imported` carries the id of the new project. With `project_id`, the dialog edits that
    project instead, and `imported` carries its id.
    """

    imported = Sends[int]()  # project id
    log_requested = Sends[Path]()

    def __init__(
        self,
        parent: QWidget,
        presenter: ExaminePresenter,
        model: Path | None = None,
        dataset: Path | None = None,
        project_id: int | None = None,
    ) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._editing = project_id is not None
        self.setWindowTitle("Edit model settings" if self._editing else "New project")
        self._make_fields()
        self._make_pages()
        self._lay_out()
        self._connect()
        room = self.screen().availableSize() if self.screen() else QSize(1366, 768)
        self.resize(min(1180, room.width() - 40), min(760, room.height() - 60))
        self._show_view(presenter.view)
        if project_id is not None:
            presenter.edit(project_id)
        else:
            self.model.set_path(model)
            self.dataset.set_path(dataset)
            self._on_chosen()

    def done(self, result: int) -> None:
        """Close, and end what works for the dialog."""
        self.presenter.retire()
        self.preview.close_workers()
        super().done(result)

    def reject(self) -> None:
        """Close without importing; not while the import is under way, which takes a moment."""
        if self.presenter.view.stage != "agreeing":
            super().reject()

    # Building

    def _make_fields(self) -> None:
        self.model = PathField(
            "Model",
            "OpenVINO IR, ONNX, TensorFlow, TFLite or Paddle; a file or a folder",
            files=MODEL_FILES,
        )
        self.dataset = PathField(
            "Images",
            "Folder or archive of images, annotated or not, or a data.yaml",
            files=DATASET_FILES,
            offers=self.presenter.own_datasets,
        )
        self.role = combo("Import as")
        self.role.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.role.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.role.currentIndexChanged.connect(self._on_role_chosen)
        self.problem = reserved(label(), lines=1)
        self.warnings = reserved(label(quiet=True), lines=2)
        self.cancel = button("Cancel")
        self.cancel.setAutoDefault(False)
        self.ok = button("Save" if self._editing else "Import", primary=True)

    def _make_pages(self) -> None:
        self.hint = EmptyState(
            "Choose a model and images",
            "The model is copied into the workspace. Images stay where they are; 20 to 200 typical "
            "ones are enough for a comparison.",
        )
        self.stopped = EmptyState("Stopped", "Nothing was imported.", "Examine again")
        self.refused = RefusedPage()
        self.examining = ExaminingPage()
        self.settings = ModelSettings()
        self.preview = PreviewPane()
        self.known = divided(self.settings, self.preview, (430, 700), (0, 1))
        self.known.setHandleWidth(GAP)
        self.pages = QStackedWidget()
        for page in (self.hint, self.stopped, self.refused, self.examining, self.known):
            self.pages.addWidget(page)

    def _lay_out(self) -> None:
        fields = Form()
        fields.add_field("Model", self.model)
        fields.add_field("Comparison images", self.dataset)
        messages = down(self.problem, self.warnings, spacing=2)
        bottom = across(
            (messages, 1),
            (self.role, 0, Qt.AlignmentFlag.AlignBottom),
            (self.cancel, 0, Qt.AlignmentFlag.AlignBottom),
            (self.ok, 0, Qt.AlignmentFlag.AlignBottom),
            spacing=GAP,
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(GAP)
        if not self._editing:
            box.addLayout(fields)
        box.addWidget(self.pages, 1)
        box.addLayout(bottom)

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.view_changed.connect(self._show_view)
        presenter.progressed.connect(self.examining.show_progress)
        presenter.images.changed.connect(self.preview.show_image)
        presenter.agreed.connect(self._on_agreed)
        for field in (self.model, self.dataset):
            field.changed.connect(self._on_chosen)
        self.stopped.action.clicked.connect(self._on_again)
        self.refused.again.clicked.connect(self._on_again)
        self.refused.names.clicked.connect(self._on_names_wanted)
        self.refused.log.clicked.connect(self._on_log_clicked)
        self.examining.stop.clicked.connect(presenter.stop)
        self.settings.override_requested.connect(self._on_override_requested)
        self.settings.option_requested.connect(presenter.set_option)
        self.settings.reset_requested.connect(presenter.reset)
        self.settings.labels_refused.connect(self.problem.setText)
        self.preview.image_requested.connect(presenter.images.show_image)
        self.preview.score_changed.connect(presenter.images.set_score)
        self.cancel.clicked.connect(self.reject)
        self.ok.clicked.connect(self._on_ok_clicked)

    # What the user does

    def _on_chosen(self) -> None:
        model, dataset = self.model.path, self.dataset.path
        if model is not None and not model.exists():
            self._refuse_paths(f"There is no file {model}.")
        elif dataset is not None and (problem := dataset_problem(dataset)):
            self._refuse_paths(problem)
        else:
            self.presenter.choose(model, dataset)

    def _refuse_paths(self, problem: str) -> None:
        self.presenter.choose(None, None)
        self.problem.setText(problem)

    def _on_again(self) -> None:
        self.presenter.examine_again()

    def _on_names_wanted(self) -> None:
        names = ask_for_labels(self, self.problem.setText)
        if names:
            self.presenter.examine_again(Overrides(class_names=names))

    def _on_log_clicked(self) -> None:
        self.log_requested.emit(self.presenter.log)

    def _on_override_requested(self, fields: dict[str, object]) -> None:
        self.presenter.change(**fields)

    def _on_role_chosen(self) -> None:
        self._show_readiness(self.presenter.view)

    def _on_ok_clicked(self) -> None:
        self.presenter.agree(self.role.currentData())

    def _on_agreed(self, project_id: int) -> None:
        self.imported.emit(project_id)
        self.accept()

    # What is shown

    def _show_view(self, view: ExamineView) -> None:
        pages: dict[str, QWidget] = {
            "nothing": self.hint,
            "examining": self.examining,
            "stopped": self.stopped,
            "refused": self.refused,
        }
        self.pages.setCurrentWidget(pages.get(view.stage, self.known))
        self.problem.setText(view.problem)
        self.warnings.setText("\n".join(f"• {one}" for one in _warnings(view)))
        self.warnings.setVisible(bool(self.warnings.text()))
        self._show_roles(view)
        self._show_readiness(view)
        self.known.setEnabled(view.stage != "agreeing")
        if view.stage == "examining":
            self.examining.show_progress(Progress(stage="Starting"))
        elif view.error is not None:
            self.refused.show_error(view)
        elif view.stage == "known":
            self.settings.show_view(view)

    def _show_roles(self, view: ExamineView) -> None:
        """Offer to make it an optimized version of a project whose model is alike."""
        wanted: list[tuple[str, int | None]] = [("A new project", None)]
        wanted += [(f"Optimized version of {one.name}", one.id) for one in view.parents]
        shown = [(self.role.itemText(n), self.role.itemData(n)) for n in range(self.role.count())]
        if wanted != shown:
            with quietly(self.role):
                self.role.clear()
                for title, project in wanted:
                    self.role.addItem(displayable(title), project)
        self.role.setVisible(bool(view.parents))

    def _show_readiness(self, view: ExamineView) -> None:
        has_images = view.examined is not None and view.examined.dataset is not None
        whole = has_images or self.role.currentData() is not None
        self.ok.setEnabled(view.stage == "known" and whole and view.valid)
        if view.stage == "known" and not view.problem:
            self.problem.setText(
                "" if whole else "Choose images, too: they show what the model detects."
            )


def _warnings(view: ExamineView) -> list[str]:
    if view.examined is None:
        return []
    quantization = view.examined.stored.card.info.quantization
    messages = [quantization] if quantization else []
    return messages + list(
        sentences(view.examined.dataset.warnings) if view.examined.dataset else ()
    )
