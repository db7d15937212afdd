"""One model run in two ways: what was found on A only and on B only, image by image."""

from __future__ import annotations

from app.kit.boxes import across
from app.kit.elided_label import ElidedLabel
from app.kit.figures import FigureGrid
from app.kit.segments import Segments
from app.kit.theme import GAP
from app.kit.widgets import button, heading
from app.reports.image_rows import VISUALIZE, ImageRowsView
from app.reports.kind_page import KindPage
from app.reports.page_layout import fill_page
from app.reports.report_models import ImageRowsModel
from app.reports.two_ways_presenter import TwoWaysPresenter, TwoWaysView
from app.reports.typed_table import TypedTable, tiles
from core.reports.two_ways.kind import TwoWays
from core.reports.two_ways.tables import CLASS_COLUMNS, IMAGE_COLUMNS, class_table, figures
from core.reports.wording import headline_text
from core.text import counted

_IMAGES, _CLASSES = range(2)


class TwoWaysPage(KindPage):
    """The figures, and a row for each image, the one that differs most first."""

    def __init__(self, presenter: TwoWaysPresenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter
        self._view: TwoWaysView | None = None
        self.headline = heading(points_more=3)
        self.figures = FigureGrid(9)
        self.views = Segments(
            [("Images", "One row for each image"), ("Classes", "One row for each class")]
        )
        self.views.chosen.connect(self._on_view_chosen)
        self.open_image = button(VISUALIZE, primary=True)
        self.open_image.setToolTip("Show the selected image with the boxes of A and B (Enter)")
        self.open_image.clicked.connect(self._on_open_clicked)
        self.rows = ImageRowsModel(self, presenter.computer, IMAGE_COLUMNS[:-1])
        self.rows.layoutChanged.connect(self._show_counts)
        self.table = ImageRowsView()
        self.table.setModel(self.rows)
        self.table.row_activated.connect(self._on_open_clicked)
        self.classes = TypedTable("Classes", CLASS_COLUMNS)
        self.classes.hide()
        self.counts = ElidedLabel()
        self.counts.setObjectName("quiet")
        fill_page(
            self,
            self.headline,
            self.figures,
            across(self.views, 1, self.open_image, spacing=GAP),
            (self.table, 1),
            (self.classes, 1),
            self.counts,
        )

    def show_report(self, view: TwoWaysView | None) -> None:
        """Show a report at its thresholds, or none."""
        self._view = view
        if view is None:
            self.rows.set_rows(None)
            return
        report = view.report
        kind = TwoWays()
        self.headline.setText(headline_text(kind.headline_at(report)))
        self.figures.show_figures(tiles(figures(report.summary, report.thresholds), ()))
        self.table.show_root(report.result.dataset_root)
        self.rows.set_rows(report.comparison, view.chosen)
        self.classes.show_table(class_table(report.comparison))
        self._show_counts()

    def _show_counts(self) -> None:
        if self._view is None:
            return
        report = self._view.report
        self.counts.set_text(
            f"{counted(report.summary.images, 'image')}, {self.rows.in_order}; from score "
            f"{report.thresholds.score:g} on, matches from IoU {report.thresholds.iou:g} on"
        )

    def select_image(self, image: int, class_id: int | None = None) -> None:
        """Select the row of an image that is looked at."""
        row = self.rows.row_of_image(image)
        if row >= 0 and row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.rows.index(row, 0))

    def _on_view_chosen(self, place: int) -> None:
        self.table.setVisible(place == _IMAGES)
        self.classes.setVisible(place == _CLASSES)

    def _on_open_clicked(self) -> None:
        index = self.table.currentIndex()
        row = index.row() if index.isValid() else 0
        if self.rows.rowCount():
            self._presenter.walk.show_image(self.rows.image_at(row), self.rows.shown_images())
