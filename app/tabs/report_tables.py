"""The tables of a report with its verdict above, and the controls that they obey."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.presenters.report import ReportView
from app.tables.report_models import ClassRowsModel, ImageRowsModel
from app.tables.report_view import ReportTableView
from app.theme import FIELD_HEIGHT, GAP, MARGIN, verdict_colour
from app.widgets import button, heading, label
from core.accuracy.comparison import VERDICT_WORDS


class ReportTables(QWidget):
    """Verdict, figures, and one row an image (basic) or an image and class (advanced)."""

    image_requested = Signal(object, object)  # image index, list of the images shown, in order
    score_threshold_changed = Signal(object)  # float
    comparison_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._models = (ImageRowsModel(self), ClassRowsModel(self))
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(GAP)
        box.addLayout(self._build_head())
        self.figures = label(quiet=True, selectable=True)
        box.addWidget(self.figures)
        box.addLayout(self._build_bar())
        self.table = ReportTableView()
        self.table.image_activated.connect(self._on_open_clicked)
        box.addWidget(self.table, 1)
        self._on_mode_changed(0, True)

    def show_report(self, view: ReportView | None) -> None:
        """Show a report at its thresholds."""
        for model in self._models:
            model.set_rows(view.comparison if view else None)
        if view is None:
            return
        summary = view.comparison.summary
        self.verdict.setText(VERDICT_WORDS[summary.verdict])
        palette = self.verdict.palette()
        colour = verdict_colour(self.palette(), summary.verdict)
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        self.verdict.setPalette(palette)
        self.sentence.setText(summary.sentence)
        self.figures.setText(_figures(view))
        self._show_score(view.comparison.thresholds.score)

    def _build_head(self) -> QHBoxLayout:
        self.verdict = heading(points_more=7)
        self.verdict.setWordWrap(False)
        self.sentence = label(selectable=True)
        self.again = button("Compare again")
        self.again.clicked.connect(self.comparison_requested)
        head = QHBoxLayout()
        head.setSpacing(MARGIN)
        head.addWidget(self.verdict)
        head.addWidget(self.sentence, 1)
        head.addWidget(self.again)
        return head

    def _build_bar(self) -> QHBoxLayout:
        self.basic = QRadioButton("Basic")
        self.basic.setToolTip("One row for each image")
        self.basic.setChecked(True)
        self.advanced = QRadioButton("Advanced")
        self.advanced.setToolTip("One row for each image and class")
        self.modes = QButtonGroup(self)
        self.modes.addButton(self.basic, 0)
        self.modes.addButton(self.advanced, 1)
        self.modes.idToggled.connect(self._on_mode_changed)
        self.name_filter = QLineEdit()
        self.name_filter.setPlaceholderText("Filter by image name")
        self.name_filter.setClearButtonEnabled(True)
        self.name_filter.setFixedWidth(220)
        self.name_filter.textChanged.connect(self._on_filter_changed)
        self.score = QDoubleSpinBox()
        self.score.setRange(0.01, 1.0)
        self.score.setSingleStep(0.05)
        self.score.setMinimumHeight(FIELD_HEIGHT)
        self.score.setAccessibleName("Score threshold")
        self.score.valueChanged.connect(self._on_score_changed)
        self.score_slider = QSlider(Qt.Orientation.Horizontal)
        self.score_slider.setRange(1, 100)
        self.score_slider.setFixedWidth(160)
        self.score_slider.setAccessibleName("Score threshold")
        self.score_slider.valueChanged.connect(self._on_slider_moved)
        self.open_image = button("Show images", primary=True)
        self.open_image.setToolTip("Show the selected image with both models' boxes (Enter)")
        self.open_image.clicked.connect(self._on_open_clicked)
        score_label = label("Score from")
        score_label.setWordWrap(False)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        left = (self.basic, self.advanced, self.name_filter)
        right = (score_label, self.score_slider, self.score, self.open_image)
        for place, widget in enumerate((*left, *right)):
            if place == len(left):
                bar.addStretch(1)
            bar.addWidget(widget)
        return bar

    def _model(self) -> ImageRowsModel | ClassRowsModel:
        return self._models[self.modes.checkedId()]

    def _on_mode_changed(self, mode: int, checked: bool) -> None:
        if not checked:
            return
        self.table.setModel(self._models[mode])

    def _on_filter_changed(self, text: str) -> None:
        for model in self._models:
            model.set_name_filter(text)

    def _on_slider_moved(self, value: int) -> None:
        self.score.setValue(value / 100)

    def _on_score_changed(self, value: float) -> None:
        self.score_slider.blockSignals(True)
        self.score_slider.setValue(round(value * 100))
        self.score_slider.blockSignals(False)
        self.score_threshold_changed.emit(value)

    def _show_score(self, value: float) -> None:
        for widget in (self.score, self.score_slider):
            widget.blockSignals(True)
        self.score.setValue(value)
        self.score_slider.setValue(round(value * 100))
        for widget in (self.score, self.score_slider):
            widget.blockSignals(False)

    def _on_open_clicked(self) -> None:
        index = self.table.currentIndex()
        self._open(index.row() if index.isValid() else 0)

    def _open(self, row: int) -> None:
        model = self._model()
        if model.rowCount():
            self.image_requested.emit(model.image_at(row), model.shown_images().tolist())


def _figures(view: ReportView) -> str:
    summary, thresholds = view.comparison.summary, view.comparison.thresholds

    def share(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    figures = (
        f"Agreement {number(summary.agreement)} (AP .50:.95, the parent as reference)",
        f"at IoU .50 {number(summary.agreement_50)}",
        f"precision {share(summary.precision)}",
        f"recall {share(summary.recall)}",
        f"mean IoU {number(summary.mean_iou)}",
        f"score shift {number(summary.score_shift)}",
        f"matched from IoU {thresholds.iou:g}",
        "float layers run in true f32",
    )
    return "   ·   ".join(figures)
