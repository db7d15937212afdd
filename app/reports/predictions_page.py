"""The comparison of predictions: verdict, figures, tables, confusion, thresholds and filter."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
)

from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.figures import FigureGrid
from app.kit.page import Scrolled
from app.kit.segments import Segments
from app.kit.theme import GAP, MARGIN, verdict_colour
from app.kit.widgets import button, heading, label, reserved
from app.reports.confusion import ConfusionMatrix
from app.reports.filter_panel import FilterPanel
from app.reports.image_rows import VISUALIZE, ImageRowsView
from app.reports.kind_page import FoldingPage
from app.reports.page_layout import fill_page, side_panel
from app.reports.prediction_figures import FILTERS, figure_tiles
from app.reports.predictions_presenter import PredictionsPresenter
from app.reports.predictions_view import PredictionsView
from app.reports.report_models import ClassRowsModel, ImageRowsModel
from app.reports.thresholds_panel import ThresholdsPanel
from app.reports.typed_table import TypedTable
from core.metrics.comparison.large import DETAILED_IMAGES, LargeComparison
from core.reports.filters import RowFilter, in_words
from core.reports.lost_classes import lost_classes_words
from core.reports.predictions.tables import BAND_COLUMNS, CLASS_COLUMNS, band_table, class_table
from core.reports.so_far import estimate_note, so_far
from core.reports.wording import VERDICT_WORDS, verdict_sentence, verdict_text
from core.text import counted

BASIC, ADVANCED, CLASSES, SCORES, CONFUSION = range(5)
_VIEWS = (
    ("Basic", "One row for each image"),
    ("Advanced", "One row for each image and class"),
    ("Classes", "One row for each class"),
    ("Scores", "Which predictions changed, by score"),
    ("Confusion", "Which class became which"),
)

_FIGURES = 16
_EXPLAINED = {
    CLASSES: "Double-click a class to see its images.",
    SCORES: "Detections of both models, from the score threshold on.",
    CONFUSION: "Rows: the parent. Columns: the optimized model. Click a number to see images.",
}


def _so_far(said: str, view: PredictionsView) -> str:
    """With what of a large report is shown until the rest is computed."""
    if not view.partial:
        return said
    compared = view.comparison
    return so_far(said, len(compared.images.image), len(compared.parent))


class PredictionsPage(FoldingPage):
    """Shows what its presenter computes; numbers lead to the images that they count."""

    def __init__(self, presenter: PredictionsPresenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter
        self._view: PredictionsView | None = None
        computer = presenter.computer
        self._models = (ImageRowsModel(self, computer), ClassRowsModel(self, computer))
        self._fresh = [False] * len(_VIEWS)
        for model in self._models:
            model.modelReset.connect(self._show_counts)
            model.layoutChanged.connect(self._show_counts)
        head = self._build_head()
        self.figures = FigureGrid(8)
        self.figures.figure_clicked.connect(self._on_figure_clicked)
        bar = self._build_bar()
        panel = self._build_panel()
        foot = across((self.counts, 1), self.unfilter)
        row = across(panel, (down((self._build_views(), 1), foot, spacing=4), 1), spacing=GAP)
        fill_page(
            self,
            head,
            self.figures,
            bar,
            (row, 1),
        )
        presenter.filter_changed.connect(self._on_filter_changed)
        presenter.interval_changed.connect(self._on_interval_changed)
        self._on_view_chosen(BASIC)

    # Building

    def _build_head(self) -> QHBoxLayout:
        self.verdict = heading(points_more=7)
        self.verdict.setWordWrap(False)
        self.sentence = label(selectable=True)
        return across(self.verdict, (self.sentence, 1), spacing=MARGIN)

    def _build_bar(self) -> QHBoxLayout:
        self.views = Segments(_VIEWS)
        self.views.chosen.connect(self._on_view_chosen)
        self.basic, self.advanced, self.classes, self.scores, self.confusion = self.views.buttons
        self.counts = ElidedLabel()
        self.counts.setObjectName("quiet")
        self.unfilter = reserved(button("Show all", flat=True))
        self.unfilter.clicked.connect(self._on_unfilter)
        self.panel_toggle = button("Thresholds and filter")
        self.panel_toggle.setCheckable(True)
        self.panel_toggle.setChecked(True)
        self.open_image = button(VISUALIZE, primary=True)
        self.open_image.setToolTip("Show the selected image with both models' boxes (Enter)")
        self.open_image.clicked.connect(self._on_open_clicked)
        return across(self.panel_toggle, self.views, 1, self.open_image, spacing=GAP)

    def _build_panel(self) -> Scrolled:
        self.thresholds = ThresholdsPanel()
        self.thresholds.thresholds_changed.connect(self._presenter.set_thresholds)
        self.filter = FilterPanel()
        self.filter.filter_changed.connect(self._presenter.set_filter)
        self.panel = side_panel(self.thresholds, self.filter)
        self.panel_toggle.toggled.connect(self.panel.setVisible)
        self.panel_toggle.clicked.connect(self._on_panel_toggled)
        return self.panel

    def _build_views(self) -> QStackedWidget:
        self.table = ImageRowsView()
        self.table.row_activated.connect(self._on_open_clicked)
        self.class_table = TypedTable("Classes", CLASS_COLUMNS)
        self.class_table.row_activated.connect(self._on_class_chosen)
        self.band_table = TypedTable("Scores", BAND_COLUMNS)
        self.heat_map = ConfusionMatrix()
        self.heat_map.classes_chosen.connect(self._on_cell_chosen)
        self._stack = QStackedWidget()
        for view in (self.table, self.class_table, self.band_table, self.heat_map):
            self._stack.addWidget(view)
        return self._stack

    # What happened

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "verdict"):
            self._colour_verdict()

    def _colour_verdict(self) -> None:
        if self._view is not None:
            palette = QPalette(self.palette())
            colour = verdict_colour(palette, self._view.verdict.name)
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.verdict.setPalette(palette)

    def show_report(self, view: PredictionsView | None) -> None:
        """Show a report at its thresholds, or none."""
        opened = self._view is None or (view is not None and view.report is not self._view.report)
        self._view = view
        self._fresh = [False] * len(_VIEWS)
        if view is None:
            self.table.show_root(None)
            for model in self._models:
                model.set_rows(None)
            return
        self.table.show_root(view.report.result.dataset_root)
        summary = view.comparison.summary
        verdict, limits = view.verdict, view.comparison.thresholds.limits
        self.verdict.setText(VERDICT_WORDS[verdict.name])
        self._colour_verdict()
        moved = view.as_made
        sentence = verdict_sentence(verdict, view.grounds, summary, limits)
        estimate = view.estimate
        said = [] if estimate is None else [estimate_note(estimate.images, estimate.of)]
        said += [f"{verdict_text(verdict.name, moved)}."] if moved else []
        lost = () if view.partial else lost_classes_words(view.comparison.per_class)
        self.sentence.setText(" ".join((*said, sentence, *lost)))
        self.figures.show_figures(figure_tiles(view))
        self.thresholds.show_thresholds(view.comparison.thresholds, view.report.result.thresholds)
        for place, hidden in enumerate(self._models):
            if place != self.views.current:
                hidden.forget_rows()  # a large report is not to be held twice
        if opened:
            self.filter.show_classes(view.class_names)
            self.filter.show_filter(view.chosen)
        self._refresh()

    def make_ready(self) -> PredictionsPage:
        self.figures.make_ready(_FIGURES)
        return self

    def _on_filter_changed(self, view: PredictionsView) -> None:
        self._view = view
        self.filter.show_filter(view.chosen)
        self._fresh[BASIC] = self._fresh[ADVANCED] = False
        self._refresh()

    def _on_interval_changed(self, view: PredictionsView) -> None:
        self._view = view
        self.figures.show_figures(figure_tiles(view))

    # What is shown

    def _on_view_chosen(self, place: int) -> None:
        if place in (BASIC, ADVANCED):
            self.table.setModel(self._models[place])
        self._stack.setCurrentIndex(max(0, place - 1))
        self._refresh()
        self._show_counts()

    def _refresh(self) -> None:
        """Bring the view that is seen up to date; the others wait until they are."""
        view, place = self._view, self.views.current
        if view is None or self._fresh[place]:
            return
        self._fresh[place] = True
        if place in (BASIC, ADVANCED):
            self._models[place].set_rows(view.comparison, view.chosen, now=view.small)
        elif place == CLASSES:
            classes = class_table(view.comparison)
            self.class_table.show_table(classes, classes.values[0])
        elif place == SCORES:
            self.band_table.show_table(band_table(view.comparison))
        else:
            self.heat_map.show_matrix(
                view.confusion.class_names, view.confusion.counts, "Parent", "Optimized model"
            )

    def _show_counts(self) -> None:
        view, place = self._view, self.views.current
        if view is None or place not in (BASIC, ADVANCED):
            said = _EXPLAINED.get(place, "")
            self.counts.set_text(_so_far(said, view) if view else said)
            self.unfilter.hide()
            return
        model = self._models[place]
        shown, whole = model.rowCount(), model.all_rows
        rows = counted(whole, "image" if place == BASIC else "row")
        words = in_words(view.chosen)
        said = f"{shown:,} of {rows}: {words}" if words else f"{rows}, {model.in_order}"
        if place == ADVANCED and isinstance(view.comparison, LargeComparison):
            said += f"; of the worst {DETAILED_IMAGES:,} images"
        if place == BASIC and view.partial and not words:
            said = f"{model.in_order[0].upper()}{model.in_order[1:]}"
        self.counts.set_text(_so_far(said, view))
        self.unfilter.setVisible(bool(words))
        self.open_image.setEnabled(shown > 0)

    # What the user wants

    def fold_panel(self, folded: bool) -> None:
        """Fold thresholds and filter, or show them."""
        self.panel_toggle.setChecked(not folded)

    def select_image(self, image: int, class_id: int | None = None) -> None:
        """Select the row of an image that is looked at; of a class in it, where there are such."""
        place = self.views.current
        if place not in (BASIC, ADVANCED):
            return
        row = self._models[place].row_of_image(image, class_id)
        if row >= 0 and row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self._models[place].index(row, 0))

    def show_filtered(self, chosen: RowFilter) -> None:
        """Show the images that a number counts."""
        self._presenter.set_filter(chosen)
        self.views.choose(BASIC)

    def _on_figure_clicked(self, key: str) -> None:
        self.show_filtered(FILTERS[key])

    def _on_class_chosen(self, name: str) -> None:
        self.show_filtered(RowFilter(classes=(name,)))

    def _on_cell_chosen(self, reference: str | None, given: str | None) -> None:
        self.show_filtered(RowFilter(cell=(reference, given)))

    def _on_unfilter(self) -> None:
        self._presenter.set_filter(RowFilter())

    def _on_open_clicked(self) -> None:
        if self.views.current not in (BASIC, ADVANCED):
            self.views.choose(BASIC)
        model = self._models[self.views.current]
        index = self.table.currentIndex()
        row = index.row() if index.isValid() else 0
        if model.rowCount():
            self._presenter.walk.show_image(model.image_at(row), model.shown_images())
