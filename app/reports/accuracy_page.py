"""The report on annotations: both models side by side; every number leads to images."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.kit.elided_label import ElidedLabel
from app.kit.figures import FigureGrid
from app.kit.segments import Segments
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, label
from app.reports.accuracy_presenter import ROLES, AccuracyPresenter, AccuracyView, Role
from app.reports.accuracy_rows import (
    CLASS_COLUMNS,
    ERROR_COLUMNS,
    STATISTIC_COLUMNS,
    class_rows,
    error_rows,
    figures,
    statistic_rows,
)
from app.reports.confusion import ConfusionMatrix
from app.reports.curves import PrecisionRecall
from app.reports.filter_panel import TRUTH_WORDS, FilterPanel
from app.reports.report_models import TruthRowsModel
from app.reports.report_view import ReportTableView
from app.reports.side_panel import side_panel
from app.reports.thresholds_panel import ANNOTATION_KNOBS, ThresholdsPanel
from core.metrics.accuracy.error_kinds import ErrorKind
from core.reports.filters import RowFilter, StatusName, in_words

_VIEWS = (
    ("Statistics", "COCO's twelve, and Pascal VOC's mAP"),
    ("Classes", "AP of each class"),
    ("Images", "One row for each image, worst first"),
    ("Curves", "Precision over recall"),
    ("Confusion", "Which class was taken for which"),
    ("Errors", "Kinds of errors after TIDE, and what each costs"),
)
_HINTS = (
    "Double-click a figure to see the images with errors.",
    "Double-click a class to see the images with errors about it.",
    "",
    "",
    "Rows: the truth. Columns: what was detected. Click a number to see its images.",
    "Double-click a kind to see its images.",
)
STATISTICS, CLASSES, IMAGES, CURVES, CONFUSION, ERRORS = range(6)
_PANEL_WIDTH = 282
_ERRORS: tuple[StatusName, ...] = ("missed", "extra", "class_changed")
_ALL = "Mean of the classes"
_MANY = 2_000  # images, from which on the table is put in order beside the window


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
        self.whose.chosen.connect(self._on_role_chosen)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        self.hint.set_text(_HINTS[0])
        self.unfilter = button("Show all", flat=True)
        self.unfilter.clicked.connect(self._on_unfilter)
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.views)
        bar.addStretch(1)
        bar.addWidget(label("Of the", wrap=False))
        bar.addWidget(self.whose)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._build_panel())
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self._build_views(), 1)
        foot = QHBoxLayout()
        foot.addWidget(self.hint, 1)
        foot.addWidget(self.unfilter)
        right.addLayout(foot)
        row.addLayout(right, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        box.setSpacing(GAP - 4)
        box.addWidget(self.sentence)
        box.addWidget(self.figures)
        box.addLayout(bar)
        box.addLayout(row, 1)
        presenter.filter_changed.connect(self._on_filter_changed)

    # Building

    def _build_panel(self) -> QWidget:
        self.thresholds = ThresholdsPanel(ANNOTATION_KNOBS, limits=False)
        self.thresholds.thresholds_changed.connect(self._presenter.set_thresholds)
        self.thresholds_note = label(
            "They count for errors, confusions and images. COCO and VOC look at every score.",
            quiet=True,
        )
        self.filter = FilterPanel(TRUTH_WORDS)
        self.filter.filter_changed.connect(self._on_filter_edited)
        return side_panel(self.thresholds, self.thresholds_note, self.filter)

    def _build_views(self) -> QStackedWidget:
        self.statistics, self._statistic_model = self._table(STATISTIC_COLUMNS)
        self.statistics.row_activated.connect(self._on_statistic_chosen)
        self.class_table, self._class_model = self._table(CLASS_COLUMNS)
        self.class_table.row_activated.connect(self._on_class_chosen)
        self.errors, self._error_model = self._table(ERROR_COLUMNS)
        self.errors.row_activated.connect(self._on_error_chosen)
        for table in (self.statistics, self.errors):
            table.horizontalHeader().setStretchLastSection(True)
            table.setColumnWidth(0, 180)
        self.heat_map = ConfusionMatrix()
        self.heat_map.classes_chosen.connect(self._on_cell_chosen)
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
        self._image_model = TruthRowsModel(self, self._presenter.computer)
        self._image_model.modelReset.connect(self._show_hint)
        self._image_model.layoutChanged.connect(self._show_hint)
        self.images = ReportTableView()
        self.images.setModel(self._image_model)
        self.images.row_activated.connect(self._on_image_chosen)
        self._stack = QStackedWidget()
        for view in (
            self.statistics,
            self.class_table,
            self.images,
            curves,
            self.heat_map,
            self.errors,
        ):
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
        self._show_of_role()
        if not opened:
            return
        names = view.by_truth[0].parent.class_names if view.by_truth else ()
        self.filter.show_classes([n for n in names if n in _known(view)])
        self.filter.show_filter(view.chosen)
        self.filter.setEnabled(view.by_truth is not None)
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
        self._show_hint()

    def _on_role_chosen(self) -> None:
        self._show_of_role()

    def _show_hint(self) -> None:
        place, view = self.views.current, self._view
        self.unfilter.hide()
        if place != IMAGES or view is None:
            self.hint.set_text(_HINTS[place])
            return
        words = in_words(view.chosen, TRUTH_WORDS.statuses, TRUTH_WORDS.columns)
        shown, whole = self._image_model.rowCount(), self._image_model.all_rows
        self.hint.set_text(
            f"{shown:,} of {whole:,} images: {words}"
            if words
            else f"{whole:,} images, worst first; double-click to see one"
        )
        self.unfilter.setVisible(bool(words))

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

    def _show_of_role(self) -> None:
        """Confusion and images of the model that is chosen."""
        if self._view is None:
            return
        figures = self._view.figures
        model = figures.parent if self._role == "parent" else figures.optimized
        counts = np.array(model.confusion.counts, np.int64)
        self.heat_map.show_matrix(model.confusion.class_names, counts, "Truth", "Detected")
        by_truth = self._view.by_truth
        comparison = by_truth[ROLES.index(self._role)] if by_truth else None
        small = comparison is None or len(comparison.parent) < _MANY
        self._image_model.set_rows(comparison, self._view.chosen, now=small)

    def _on_filter_edited(self, chosen: RowFilter) -> None:
        self._presenter.set_filter(chosen)
        self.views.choose(IMAGES)

    def _on_filter_changed(self, view: AccuracyView) -> None:
        self._view = view
        self.filter.show_filter(view.chosen)
        self._show_of_role()

    # From numbers to images

    @property
    def _role(self) -> Role:
        return ROLES[self.whose.current]

    def show_filtered(self, chosen: RowFilter) -> None:
        """Show the images that a number counts."""
        if self._view is not None and self._view.by_truth is not None:
            self._presenter.set_filter(chosen)
            self.views.choose(IMAGES)

    def _on_figure_clicked(self, key: str) -> None:
        self.whose.choose(ROLES.index("parent" if key == "parent" else "optimized"))
        self.show_filtered(RowFilter(statuses=_ERRORS))

    def _on_statistic_chosen(self, row: int) -> None:
        self.show_filtered(RowFilter(statuses=_ERRORS))

    def _on_class_chosen(self, name: str) -> None:
        self.show_filtered(RowFilter(classes=(name,), statuses=_ERRORS))

    def _on_cell_chosen(self, reference: str | None, given: str | None) -> None:
        self.show_filtered(RowFilter(cell=(reference, given)))

    def _on_error_chosen(self, kind: ErrorKind) -> None:
        self._presenter.show_errors(self._role, kind)

    def _on_image_chosen(self, image: int) -> None:
        self._presenter.show_images(image, self._image_model.shown_images())

    def _on_unfilter(self) -> None:
        self._presenter.set_filter(RowFilter())


def _known(view: AccuracyView) -> set[str]:
    """Classes with objects or detections."""
    confusions = (view.figures.parent.confusion, view.figures.optimized.confusion)
    return {one.class_name for one in view.figures.classes}.union(
        *(confusion.class_names for confusion in confusions)
    )
