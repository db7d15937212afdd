"""Two reports of one kind beside each other: figures, classes or layers, images."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.kit.boxes import across
from app.kit.elided_label import ElidedLabel
from app.kit.segments import Segments
from app.kit.signals import Sends
from app.kit.theme import GAP
from app.kit.widgets import heading, label
from app.reports.page_layout import fill_page
from app.reports.report_library import VersusView
from app.reports.typed_table import TypedTable
from core.reports.versus import image_columns, line_columns, line_table
from core.reports.wording import headline_text
from core.text import counted, when

_MOST_IMAGES = 5_000  # rows that are shown: nobody reads on, and they are made one by one


class VersusPage(QWidget):
    """Figures of two reports and their differences."""

    image_requested = Sends[VersusView, int]()  # row of its images

    def __init__(self) -> None:
        super().__init__()
        self._view: VersusView | None = None
        self.title = heading("Two reports", 2)
        self.note = label(selectable=True)
        self.views = Segments(
            [("Figures", ""), ("Details", "Classes or layers, most changed first"), ("Images", "")]
        )
        self.views.chosen.connect(self._on_view_chosen)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        bar = across(self.views, (self.hint, 1), spacing=GAP)
        self.figures = TypedTable("Figures of both", line_columns("Figure"))
        self.details = TypedTable("Details of both", line_columns("Name"))
        self.images = TypedTable("Images of both", image_columns())
        self.images.row_activated.connect(self._on_row_activated)
        self._stack = QStackedWidget()
        for table in (self.figures, self.details, self.images):
            self._stack.addWidget(table)
        fill_page(
            self,
            self.title,
            self.note,
            bar,
            (self._stack, 1),
        )

    def show_versus(self, view: VersusView) -> None:
        """Show two reports."""
        before = self._view.first if self._view else None
        self._view = view
        images = view.versus.images
        self.note.setText(f"First:  {_about(view, 0)}\nSecond: {_about(view, 1)}{_warning(view)}")
        self.views.rename(1, view.first.kind.details)
        self.views.buttons[2].setVisible(images is not None)
        self.figures.show_table(line_table("Figure", view.versus.figures))
        self.details.show_table(line_table("Name", view.versus.details))
        if images is not None:
            self.images.show_table(images.table(_MOST_IMAGES))
        if view.first is not before:
            self.views.choose(0)
        self._on_view_chosen(self.views.current)

    def _on_view_chosen(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        images = self._view.versus.images if self._view else None
        if place != 2 or images is None:
            self.hint.set_text("")
            return
        worse = int((images.change > 0).sum())
        found = f"{worse:,} of {counted(len(images.names), 'image')} {images.worse}"
        self.hint.set_text(f"{found}; double-click to see one.")

    def _on_row_activated(self, row: int) -> None:
        if self._view is not None:
            self.image_requested.emit(self._view, row)


def _about(view: VersusView, place: int) -> str:
    """The report, and its headline at the thresholds that the figures are of."""
    report = (view.first, view.second)[place]
    headlines = view.versus.headlines
    headline = headline_text(headlines[place]) if headlines else report.headline
    about = f"{report.project}, {report.dataset}, {when(report.created)}, {report.ran}"
    return f"{about}. {headline}."


def _warning(view: VersusView) -> str:
    """What the reader must know before the counts are compared."""
    note, thresholds = "", view.versus.thresholds
    if view.first.dataset != view.second.dataset:
        note = "\nThey are of two datasets: compare ratios and agreement, not counts."
    if thresholds is not None:
        note += f"\nBoth at score threshold {thresholds.score:g} and IoU {thresholds.iou:g}."
    return note
