"""The report on annotations: both models side by side; every number leads to images."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QWidget,
)

from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.fields import Choice
from app.kit.figures import FigureGrid
from app.kit.segments import Segments
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import button, label, reserved
from app.reports.annotations_presenter import ROLES, AnnotationsPresenter, AnnotationsView, Role
from app.reports.confusion import ConfusionMatrix
from app.reports.curves import PrecisionRecall
from app.reports.filter_panel import FilterPanel
from app.reports.image_rows import ImageRowsView
from app.reports.kind_page import KindPage
from app.reports.page_layout import fill_page, side_panel
from app.reports.report_models import TruthRowsModel
from app.reports.thresholds_panel import ANNOTATION_KNOBS, ThresholdsPanel
from app.reports.typed_table import TypedTable, tiles
from core.metrics.accuracy.error_costs import KINDS, ErrorKind
from core.reports.annotations.tables import (
    CLASS_COLUMNS,
    ERROR_COLUMNS,
    STATISTIC_COLUMNS,
    class_table,
    error_table,
    figures,
    statistic_table,
)
from core.reports.filters import TRUTH_WORDS, RowFilter, StatusName, in_words
from core.reports.so_far import estimate_note, so_far
from core.reports.wording import accuracy_sentence
from core.text import counted

_VIEWS = (
    ("Statistics", "COCO's twelve, and Pascal VOC's mAP"),
    ("Classes", "AP of each class"),
    ("Images", "One row for each image, worst first"),
    ("Curves", "Precision and recall"),
    ("Confusion", "Which class was taken for which"),
    ("Errors", "Kinds of errors after TIDE, and their cost in AP50"),
)
_HINTS = (
    "Double-click a figure to see the images with errors.",
    "Double-click a class to see its images with errors.",
    "",
    "",
    "Rows: ground truth. Columns: detected. Click a number to see its images.",
    "Double-click a kind of error to see its images.",
)
STATISTICS, CLASSES, IMAGES, CURVES, CONFUSION, ERRORS = range(6)
_ERRORS: tuple[StatusName, ...] = ("missed", "extra", "class_changed")
_ALL = "Mean of the classes"
_LEADING = ("parent", "optimized", "difference")  # figures that lead to images
_MANY = 2_000  # images, from which on the table is put in order beside the window


class AnnotationsPage(KindPage):
    """Shows what its presenter computes."""

    def __init__(self, presenter: AnnotationsPresenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter
        self._view: AnnotationsView | None = None
        self.sentence = label(selectable=True)
        self.figures = FigureGrid(5)
        self.figures.figure_clicked.connect(self._on_figure_clicked)
        bar = self._build_bar()
        panel = self._build_panel()
        foot = across((self.hint, 1), self.unfilter)
        row = across(panel, (down((self._build_views(), 1), foot, spacing=4), 1), spacing=GAP)
        fill_page(
            self,
            self.sentence,
            self.figures,
            bar,
            (row, 1),
        )
        presenter.filter_changed.connect(self._on_filter_changed)

    # Building

    def _build_bar(self) -> QHBoxLayout:
        self.views = Segments(_VIEWS)
        self.views.chosen.connect(self._on_view_chosen)
        self.whose = Segments([("Parent", ""), ("Optimized", "")])
        self.whose.setToolTip("Whose images and confusion matrix are shown")
        self.whose.choose(1)
        self.whose.chosen.connect(self._show_of_role)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        self.hint.set_text(_HINTS[0])
        self.unfilter = reserved(button("Show all", flat=True))
        self.unfilter.clicked.connect(self._on_unfilter)
        return across(self.views, 1, label("Model", wrap=False), self.whose, spacing=GAP)

    def _build_panel(self) -> QWidget:
        self.thresholds = ThresholdsPanel(ANNOTATION_KNOBS, limits=False)
        self.thresholds.thresholds_changed.connect(self._presenter.set_thresholds)
        note = label(
            "For errors, confusions and images. COCO and VOC figures use every score.", quiet=True
        )
        self.filter = FilterPanel(TRUTH_WORDS)
        self.filter.filter_changed.connect(self._on_filter_edited)
        return side_panel(self.thresholds, note, self.filter)

    def _build_views(self) -> QStackedWidget:
        self.statistics = TypedTable("Accuracy", STATISTIC_COLUMNS)
        self.statistics.row_activated.connect(self._on_statistic_chosen)
        self.class_table = TypedTable("Classes", CLASS_COLUMNS)
        self.class_table.row_activated.connect(self._on_class_chosen)
        self.errors = TypedTable("Errors", ERROR_COLUMNS)
        self.errors.row_activated.connect(self._on_error_chosen)
        for table in (self.statistics, self.errors):
            table.horizontalHeader().setStretchLastSection(True)
            table.setColumnWidth(0, 180)
        self.heat_map = ConfusionMatrix()
        self.heat_map.classes_chosen.connect(self._on_cell_chosen)
        curves = self._build_curves()
        self._image_model = TruthRowsModel(self, self._presenter.computer)
        self._image_model.modelReset.connect(self._show_hint)
        self._image_model.layoutChanged.connect(self._show_hint)
        self.images = ImageRowsView()
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

    def _build_curves(self) -> QWidget:
        self.curve_class = Choice("Class of the curves")
        self.curve_class.currentIndexChanged.connect(self._show_curves)
        self.curves = PrecisionRecall()
        curves = QWidget()
        choice = across(self.curve_class, 1)
        down(choice, (self.curves, 1), margins=0, on=curves)
        return curves

    # What is shown

    def show_report(self, view: AnnotationsView | None) -> None:
        """Show a report at its thresholds, or none."""
        before, self._view = self._view, view
        self.images.show_root(view.report.result.dataset_root if view else None)
        if view is None:
            return
        opened = before is None or before.report.result is not view.report.result
        self.thresholds.show_thresholds(
            view.figures.thresholds, view.report.result.accuracy.thresholds
        )
        self.errors.show_table(error_table(view.figures), KINDS)
        self._show_of_role()
        self._show_hint()
        if not opened:
            return
        self.filter.show_classes(view.class_names)
        self.filter.show_filter(view.chosen)
        in_f32 = view.report.result.optimized_f32_ap
        self.sentence.setText(accuracy_sentence(view.figures, in_f32))
        self.figures.show_figures(tiles(figures(view.figures), _LEADING))
        self.statistics.show_table(statistic_table(view.figures))
        classes = class_table(view.figures)
        self.class_table.show_table(classes, classes.values[0])
        self._offer_classes(view)

    def _offer_classes(self, view: AnnotationsView) -> None:
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

    def _show_hint(self) -> None:
        place, view = self.views.current, self._view
        self.unfilter.hide()
        if view is None or place not in (IMAGES, CONFUSION):
            estimated = view is not None and place == ERRORS and view.counted is not None
            self.hint.set_text(self._estimate_note() if estimated else _HINTS[place])
            return
        compared = view.by_truth[ROLES.index(self._role)]

        def with_share(said: str) -> str:
            rows, images = len(compared.images.image), len(compared.parent)
            return so_far(said, rows, images) if view.partial else said

        if place == CONFUSION:  # at the report's own thresholds, the job has counted all
            hint = _HINTS[place]
            self.hint.set_text(hint if view.counted is None else with_share(hint))
            return
        words = in_words(view.chosen, TRUTH_WORDS)
        shown, whole = self._image_model.rowCount(), self._image_model.all_rows
        sorted_by = self._image_model.in_order
        if words:
            said = f"{shown:,} of {counted(whole, 'image')}: {words}"
        elif view.partial:
            said = f"{sorted_by[0].upper()}{sorted_by[1:]}; double-click to see one"
        else:
            said = f"{counted(whole, 'image')}, {sorted_by}; double-click to see one"
        self.hint.set_text(with_share(said))
        self.unfilter.setVisible(bool(words))

    def _estimate_note(self) -> str:
        view = self._view
        assert view is not None and view.counted is not None
        return estimate_note(view.counted, len(view.between.parent))

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
        self.heat_map.show_matrix(model.confusion.class_names, counts, "Ground truth", "Detected")
        comparison = self._view.by_truth[ROLES.index(self._role)]
        small = len(comparison.parent) < _MANY
        self._image_model.set_rows(comparison, self._view.chosen, now=small)

    def _on_filter_edited(self, chosen: RowFilter) -> None:
        self._presenter.set_filter(chosen)
        self.views.choose(IMAGES)

    def _on_filter_changed(self, view: AnnotationsView) -> None:
        self._view = view
        self.filter.show_filter(view.chosen)
        self._show_of_role()

    # From numbers to images

    @property
    def _role(self) -> Role:
        return ROLES[self.whose.current]

    def show_filtered(self, chosen: RowFilter) -> None:
        """Show the images that a number counts."""
        if self._view is not None:
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
