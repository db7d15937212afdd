"""Optimize: what INT8 is, what it is calibrated on, and the start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
)

from app.presenters.views import ProjectView
from app.tabs.page import Page
from app.theme import FIELD_HEIGHT, GAP, MARGIN
from app.widgets import DATASET_FILES, Card, EmptyState, PathField, button, heading, label
from core.optimize.plan import DEFAULT_SUBSET, QuantizationPlan
from core.workbench import may_be_dataset

_PRESETS = (
    ("performance", "Performance", "Symmetric ranges everywhere: the fastest. Try this first."),
    (
        "mixed",
        "Mixed",
        "Asymmetric activation ranges: often closer to the parent, a little slower.",
    ),
)


class OptimizeTab(QStackedWidget):
    """The form of an INT8 quantization of the selected project, or of its parent."""

    optimize_requested = Signal(object, object, object)  # project id, Path, QuantizationPlan

    def __init__(self) -> None:
        super().__init__()
        self._project_id: int | None = None
        self._kept: tuple[str, ...] = ()
        self.unavailable = EmptyState("This model cannot be optimized", "")
        self.page = Page()
        self.addWidget(self.unavailable)
        self.addWidget(self.page)
        box = self.page.box
        self.title = heading(points_more=7)
        box.addWidget(self.title)
        box.addWidget(self._explanation())
        card = Card("INT8 plan")
        form = QFormLayout()
        form.setHorizontalSpacing(MARGIN)
        form.setVerticalSpacing(GAP)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.calibration = PathField(
            "Calibration images",
            "Folder of images, annotated or not, or an archive of one",
            files=DATASET_FILES,
            folders=True,
        )
        self.calibration.changed.connect(self._on_changed)
        self.calibration_note = label(quiet=True)
        images = QVBoxLayout()
        images.setSpacing(4)
        images.addWidget(self.calibration)
        images.addWidget(self.calibration_note)
        form.addRow("Calibration images", images)
        self.subset = QSpinBox()
        self.subset.setRange(1, 100_000)
        self.subset.setValue(DEFAULT_SUBSET)
        self.subset.setSuffix(" images at most")
        self.subset.setMaximumWidth(220)
        self.subset.setMinimumHeight(FIELD_HEIGHT)
        form.addRow("Subset", self.subset)
        form.addRow("Preset", self._preset_choice())
        self.kept_note = label("None besides those that NNCF leaves out itself", quiet=True)
        form.addRow("Kept in float", self.kept_note)
        card.box.addLayout(form)
        self.start = button("Optimize", primary=True)
        self.start.clicked.connect(self._on_start_clicked)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.start)
        card.box.addLayout(row)
        box.addWidget(card)
        box.addStretch(1)

    def show_project(self, view: ProjectView) -> None:
        """Offer to optimize this project; of an optimized one, its parent."""
        target = view.parent or view.project
        card = view.parent_card or view.card
        if card is None or card.info.quantized:
            self._project_id = None
            self.unavailable.text.setText(
                view.next_step.text
                if card is None
                else "It is quantized already, and quantizing it again would only add error. "
                "Import the model that it was made from."
            )
            self.setCurrentWidget(self.unavailable)
            return
        if target.id != self._project_id:
            self._project_id = target.id
            self._kept = ()
            self._tell_kept()
            self.title.setText(f"Optimize {target.name}")
            root = view.dataset.root
            beside = calibration_beside(root)
            self.calibration.set_path(beside or root)
            self.calibration_note.setText(
                "These are not the images that the models are compared on, as it should be."
                if beside
                else "These are the images of the project itself. Other images of the same kind "
                "make the comparison afterwards a fairer test."
            )
        self.setCurrentWidget(self.page)
        self._on_changed()

    def keep_in_float(self, operations: tuple[str, ...]) -> None:
        """Add operations of the shown model to what stays in float."""
        self._kept = tuple(dict.fromkeys((*self._kept, *operations)))
        self._tell_kept()

    def plan(self) -> QuantizationPlan:
        """The plan as it stands in the form."""
        chosen = _PRESETS[self.presets.checkedId()][0]
        return QuantizationPlan(
            preset="mixed" if chosen == "mixed" else "performance",
            subset_size=self.subset.value(),
            ignored_names=self._kept,
        )

    def _tell_kept(self) -> None:
        self.kept_note.setText(
            ", ".join(self._kept) or "None besides those that NNCF leaves out itself"
        )

    def _explanation(self) -> QLabel:
        return label(
            "INT8 stores weights and computes in 8-bit integers instead of floats: the model gets "
            "up to 4 times smaller and, where the processor has instructions for it, 2 to 4 times "
            "faster than in true 32-bit float. What it costs in accuracy depends on the model, so "
            "the optimized model is measured and compared with its parent afterwards."
        )

    def _preset_choice(self) -> QVBoxLayout:
        self.presets = QButtonGroup(self)
        column = QVBoxLayout()
        column.setSpacing(4)
        for number, (_, name, text) in enumerate(_PRESETS):
            radio = QRadioButton(name)
            self.presets.addButton(radio, number)
            column.addWidget(radio)
            note = label(text, quiet=True)
            note.setContentsMargins(24, 0, 0, 6)
            column.addWidget(note)
        self.presets.button(0).setChecked(True)
        return column

    def _on_changed(self) -> None:
        path = self.calibration.path
        self.start.setEnabled(path is not None and may_be_dataset(path))
        self.start.setToolTip("" if self.start.isEnabled() else "Choose a folder of images first.")

    def _on_start_clicked(self) -> None:
        if self._project_id is not None and self.calibration.path is not None:
            self.optimize_requested.emit(self._project_id, self.calibration.path, self.plan())


def calibration_beside(validation: Path) -> Path | None:
    """A folder of training images beside a folder of validation images, if there is one."""
    for name in ("train2017", "train", "calibration", "training"):
        for beside in (validation.parent / name, validation.parent.parent / name):
            if beside.is_dir() and beside != validation:
                return beside
    return None
