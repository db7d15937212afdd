"""Two reports of one kind beside each other: figures, classes or layers, images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.kit.elided_label import ElidedLabel
from app.kit.segments import Segments
from app.kit.signals import Sends
from app.kit.tables.columns import counted, number, ratio, signed
from app.kit.tables.plain_model import Cell, PlainColumn, PlainModel
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import heading, label
from app.reports.report_library import VersusView
from app.reports.report_view import ReportTableView
from core.reports.versus import COUNTED, ImageChanges, Line

_DETAILS = {
    "predictions": "Agreement of each class",
    "annotations": "AP of each class",
    "tensor-distance": "Relative error of each layer",
}
_MOST_IMAGES = 5_000  # rows that are shown: nobody reads on, and they are made one by one
_IMAGE_COLUMNS = (
    PlainColumn("Image Name", "Double-click to see it, with the second report's boxes."),
    *(
        PlainColumn(f"{words}, {place}", "", counted)
        for words in ("Missed", "Extra", "Class changed", "Shifted", "Score drift")
        for place in ("first", "second")
    ),
    PlainColumn("Damage, first", "What orders the images of a report, worst first.", ratio),
    PlainColumn("Damage, second", "What orders the images of a report, worst first.", ratio),
    PlainColumn("Change", "Second less first: above zero the image got worse.", signed),
)


def _line_columns(name: str) -> tuple[PlainColumn, ...]:
    return (
        PlainColumn(name),
        PlainColumn("First", "", number),
        PlainColumn("Second", "", number),
        PlainColumn("Difference", "Second less first.", signed),
    )


class VersusPage(QWidget):
    """Figures of two reports and their differences."""

    image_requested = Sends[VersusView, int]()  # row of its images

    def __init__(self) -> None:
        super().__init__()
        self._view: VersusView | None = None
        self.title = heading("Two reports", 2)
        self.told = label(selectable=True)
        self.views = Segments(
            [("Figures", ""), ("Details", "Classes or layers, most changed first"), ("Images", "")]
        )
        self.views.chosen.connect(self._on_view_chosen)
        self.hint = ElidedLabel()
        self.hint.setObjectName("quiet")
        bar = QHBoxLayout()
        bar.setSpacing(GAP)
        bar.addWidget(self.views)
        bar.addWidget(self.hint, 1)
        self.figures, self._figure_model = self._table(_line_columns("Figure"))
        self.details, self._detail_model = self._table(_line_columns("Class"))
        self.images, self._image_model = self._table(_IMAGE_COLUMNS)
        self.images.row_activated.connect(self._on_row_activated)
        self._stack = QStackedWidget()
        for table in (self.figures, self.details, self.images):
            self._stack.addWidget(table)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, 0, MARGIN, MARGIN)
        box.setSpacing(GAP - 4)
        box.addWidget(self.title)
        box.addWidget(self.told)
        box.addLayout(bar)
        box.addWidget(self._stack, 1)

    def show_versus(self, view: VersusView) -> None:
        """Show two reports."""
        before = self._view.first if self._view else None
        self._view = view
        first, second = view.first.head, view.second.head
        self.told.setText(
            f"First:  {view.first.project or first.optimized}, {first.dataset}, "
            f"{_when(first.created)}. "
            f"{first.headline}.\n"
            f"Second: {view.second.project or second.optimized}, {second.dataset}, "
            f"{_when(second.created)}. "
            f"{second.headline}." + _warning(view)
        )
        self.views.rename(1, _DETAILS[first.kind])
        self.views.buttons[2].setVisible(view.images is not None)
        self._figure_model.set_rows([_cells(line) for line in view.versus.figures])
        self._detail_model.set_rows([_cells(line) for line in view.versus.details])
        self._image_model.set_rows(_image_rows(view.images) if view.images else [])
        if view.first is not before:
            self.views.choose(0)
        self._on_view_chosen(self.views.current)

    def _table(self, columns: tuple[PlainColumn, ...]) -> tuple[ReportTableView, PlainModel]:
        table, model = ReportTableView(), PlainModel(columns, self)
        table.setModel(model)
        return table, model

    def _on_view_chosen(self, place: int) -> None:
        self._stack.setCurrentIndex(place)
        images = self._view.images if self._view else None
        if place != 2 or images is None:
            self.hint.set_text("")
            return
        worse = int((images.change > 0).sum())
        self.hint.set_text(
            f"{worse:,} of {len(images.names):,} images got worse; double-click to see one."
        )

    def _on_row_activated(self, row: int) -> None:
        if self._view is not None:
            self.image_requested.emit(self._view, row)


def _warning(view: VersusView) -> str:
    """What the reader must know before the counts are compared."""
    told = ""
    if view.first.head.dataset != view.second.head.dataset:
        told = "\nThey are of two datasets: compare shares and agreement, not counts."
    if view.thresholds is not None:
        told += f"\nBoth at a score from {view.thresholds.score:g} and an IoU from "
        told += f"{view.thresholds.iou:g} on."
    return told


def _cells(line: Line) -> Sequence[Cell]:
    return line.name, line.first, line.second, line.difference


def _image_rows(images: ImageChanges) -> list[Sequence[Cell]]:
    columns: list[list[Any]] = [list(images.names[:_MOST_IMAGES])]
    for name in COUNTED:
        columns += [images.first[name][:_MOST_IMAGES].tolist()]
        columns += [images.second[name][:_MOST_IMAGES].tolist()]
    columns += [images.first_damage[:_MOST_IMAGES].tolist()]
    columns += [images.second_damage[:_MOST_IMAGES].tolist()]
    columns += [images.change[:_MOST_IMAGES].tolist()]
    return list(zip(*columns, strict=True))


def _when(created: str) -> str:
    return created[:16].replace("T", " ")
