"""The report on annotations: both models side by side; every number leads to images."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.elided_label import ElidedLabel
from app.presenters.accuracy import ROLES, AccuracyPresenter, AccuracyView, Role
from app.tables.plain_model import PlainColumn, PlainModel
from app.tables.report_view import ReportTableView
from app.tabs.report.accuracy_rows import (
    CLASS_COLUMNS,
    ERROR_COLUMNS,
    STATISTIC_COLUMNS,
    class_rows,
    error_rows,
    figures,
    statistic_rows,
)
from app.tabs.report.curves import PrecisionRecall
from app.tabs.report.figures import FigureGrid
from app.tabs.report.heat_map import HeatMap
from app.tabs.report.segments import Segments
from app.tabs.report.thresholds_panel import ANNOTATION_KNOBS, ThresholdsPanel
from app.text import displayable
from app.theme import GAP, MARGIN
from app.widgets import label
from core.accuracy.error_kinds import ErrorKind
from core.accuracy.filters import RowFilter, StatusName

_VIEWS = (
    ("Statistics", "COCO's twelve, and Pascal VOC's mAP"),
    ("Classes", "AP of each class"),
    ("Curves", "Precision over recall"),
    ("Confusion", "Which class was taken for which"),
    ("Errors", "Kinds of errors after TIDE, and what each costs"),
)
_HINTS = (
    "Double-click a figure to see the images with errors.",
    "Double-click a class to see the images with errors about it.",
    "",
    "Rows: the truth. Columns: what was detected. Click a number to see its images.",
    "Double-click a kind to see its images.",
)
_PANEL_WIDTH = 240
_ERRORS: tuple[StatusName, ...] = ("missed", "extra", "class_changed")
_ALL = "Mean of the classes"


class AccuracyPage(QWidget):
    """Shows what its presenter computes."""

    def __init__(self, presenter: AccuracyPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._view: AccuracyView | None = None
        self.sentence = label(selectable=True)
        self.figures = FigureGrid(5)
        self.figures.figure_clicked.connect(self._on_figure_clicked)
        self.views = Segments(_VIEWS)
        self.views.chosen.connect(self._on_view_chosen)
        self.whose = Segments([("Parent", ""), ("Optimized", "")])
        self.whose.setToolTip("Whose images and confusions are shown")
        self.whose.choose(1)
        self.whose.chosen.connect(self._show_confusion)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        self.hint.set_text(_HINTS[0])
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.views)
        bar.addStretch(1)
        bar.addWidget(QLabel("Images and confusions of the"))
        bar.addWidget(self.whose)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._build_panel())
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self._build_views(), 1)
        right.addWidget(self.hint)
        row.addLayout(right, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        box.setSpacing(GAP - 4)
        box.addWidget(self.sentence)
        box.addWidget(self.figures)
        box.addLayout(bar)
        box.addLayout(row, 1)

    # Building

    def _build_panel(self) -> QWidget:
        self.thresholds = ThresholdsPanel(ANNOTATION_KNOBS, limits=False)
        self.thresholds.thresholds_changed.connect(self._presenter.set_thresholds)
        self.thresholds_note = label(
            "They count for errors, confusions and images. COCO and VOC look at every score.",
            quiet=True,
        )
        panel = QWidget()
        panel.setFixedWidth(_PANEL_WIDTH)
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.thresholds)
        column.addWidget(self.thresholds_note)
        column.addStretch(1)
        return panel

    def _build_views(self) -> QStackedWidget:
        self.statistics, self._statistic_model = self._table(STATISTIC_COLUMNS)
        self.statistics.image_activated.connect(self._on_statistic_chosen)
        self.class_table, self._class_model = self._table(CLASS_COLUMNS)
        self.class_table.image_activated.connect(self._on_class_chosen)
        self.errors, self._error_model = self._table(ERROR_COLUMNS)
        self.errors.image_activated.connect(self._on_error_chosen)
        for table in (self.statistics, self.errors):
            table.horizontalHeader().setStretchLastSection(True)
            table.setColumnWidth(0, 180)
        self.heat_map = HeatMap()
        self.heat_map.cell_chosen.connect(self._on_cell_chosen)
        self.curve_class = QComboBox()
        self.curve_class.setAccessibleName("Class of the curves")
        self.curve_class.currentIndexChanged.connect(self._show_curves)
        self.curves = PrecisionRecall()
        curves = QWidget()
        column = QVBoxLayout(curves)
        column.setContentsMargins(0, 0, 0, 0)
        choice = QHBoxLayout()
        choice.addWidget(self.curve_class)
        choice.addStretch(1)
        column.addLayout(choice)
        column.addWidget(self.curves, 1)
        self._stack = QStackedWidget()
        for view in (self.statistics, self.class_table, curves, self.heat_map, self.errors):
            self._stack.addWidget(view)
        return self._stack

    def _table(self, columns: tuple[PlainColumn, ...]) -> tuple[ReportTableView, PlainModel]:
        table, model = ReportTableView(), PlainModel(columns, self)
        table.setModel(model)
        return table, model

    # What is shown

    def show_report(self, view: AccuracyView | None) -> None:
        """Show a report at its thresholds, or none."""
        opened = view is not None and (self._view is None or self._view.result is not view.result)
        self._view = view
        if view is None:
            return
        self.thresholds.show_thresholds(view.figures.thresholds, view.result.accuracy.thresholds)
        self._error_model.set_rows(*error_rows(view.figures))
        self._show_confusion()
        if not opened:
            return
        self.sentence.setText(view.figures.sentence)
        self.figures.show_figures(figures(view.figures))
        self._statistic_model.set_rows(statistic_rows(view.figures))
        self._class_model.set_rows(*class_rows(view.figures))
        self.thresholds.setEnabled(view.by_truth is not None)
        self.thresholds_note.setText(
            "They count for errors, confusions and images. COCO and VOC look at every score."
            if view.by_truth is not None
            else "This report was made by an older version, without its detections: make it again "
            "to move thresholds and see images."
        )
        self._offer_classes(view)

    def _offer_classes(self, view: AccuracyView) -> None:
        blocked = self.curve_class.blockSignals(True)
        self.curve_class.clear()
        self.curve_class.addItem(_ALL)
        for one in view.figures.classes:
            self.curve_class.addItem(displayable(one.class_name))
        self.curve_class.blockSignals(blocked)
        self._show_curves()

    def _on_view_chosen(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        self.hint.set_text(_HINTS[place])

    def _show_curves(self) -> None:
        if self._view is None:
            return
        figures, place = self._view.figures, self.curve_class.currentIndex() - 1
        if place < 0:
            both = (figures.parent.precision_at_recall, figures.optimized.precision_at_recall)
        else:
            one = figures.classes[place]
            both = (one.parent.precision_at_recall, one.optimized.precision_at_recall)
        self.curves.show_curves(*both)

    def _show_confusion(self) -> None:
        if self._view is None:
            return
        figures = self._view.figures
        model = figures.parent if self._role == "parent" else figures.optimized
        counts = np.array(model.confusion.counts, np.int64)
        self.heat_map.show_matrix(model.confusion.class_names, counts, "Truth", "Detected")

    # From numbers to images

    @property
    def _role(self) -> Role:
        return ROLES[self.whose.current]

    def _on_figure_clicked(self, key: str) -> None:
        role: Role = "parent" if key == "parent" else "optimized"
        self._presenter.show_worst(role, RowFilter(statuses=_ERRORS))

    def _on_statistic_chosen(self, row: int) -> None:
        self._presenter.show_worst(self._role, RowFilter(statuses=_ERRORS))

    def _on_class_chosen(self, name: str) -> None:
        self._presenter.show_worst(self._role, RowFilter(classes=(name,), statuses=_ERRORS))

    def _on_cell_chosen(self, reference: str | None, given: str | None) -> None:
        self._presenter.show_worst(self._role, RowFilter(cell=(reference, given)))

    def _on_error_chosen(self, kind: ErrorKind) -> None:
        self._presenter.show_errors(self._role, kind)
