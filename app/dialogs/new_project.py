"""New project: a model, a folder of images, and the device."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from app.theme import GAP, MARGIN
from app.widgets import DATASET_FILES, PathField, label
from core.inference.compiling import DEFAULT_DEVICE
from core.workbench import may_be_dataset

MODEL_FILES = "Models (*.xml *.onnx *.tflite *.pb *.pdmodel *.json);;All files (*)"


class NewProjectDialog(QDialog):
    """Asks for what a project is made of; the import itself checks it."""

    def __init__(
        self, parent: QWidget, model: Path | None = None, dataset: Path | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.setMinimumWidth(620)
        self.model = PathField(
            "Model",
            "OpenVINO IR, ONNX, TensorFlow, TFLite or Paddle; a file or a folder",
            files=MODEL_FILES,
            folders=True,
        )
        self.dataset = PathField(
            "Images",
            "Folder of images, annotated or not, or a zip or tar archive of one",
            files=DATASET_FILES,
            folders=True,
        )
        form = QFormLayout()
        form.setVerticalSpacing(GAP)
        form.setHorizontalSpacing(MARGIN)
        form.addRow("Model", self.model)
        form.addRow("Images to compare on", self.dataset)
        form.addRow("Device", label(f"{DEFAULT_DEVICE} of this machine"))
        self.problem = label()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText("Import")
        ok.setObjectName("primary")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addWidget(
            label(
                "The model is copied into the workspace. Images stay where they are; 20 to 200 of "
                "the kind that the detector will see are enough to compare on."
            )
        )
        box.addLayout(form)
        box.addWidget(self.problem)
        box.addWidget(self.buttons)
        for field, path in ((self.model, model), (self.dataset, dataset)):
            field.set_path(path)
            field.changed.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        model, dataset = self.model.path, self.dataset.path
        problem = ""
        if model is not None and not model.exists():
            problem = f"There is no file {model}."
        elif dataset is not None and not may_be_dataset(dataset):
            problem = f"{dataset} is no folder, no archive and no COCO file."
        self.problem.setText(problem)
        complete = model is not None and dataset is not None and not problem
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(complete)
