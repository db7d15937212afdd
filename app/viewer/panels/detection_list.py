"""The list of detections beside the image."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHeaderView

from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.viewer.panels.detection_rows import STATUS_WORDS, WORST_FIRST, DetectionRow
from app.viewer.scene.colours import STYLES
from app.viewer.scene.scene import BoxStatus, Side

_SWATCH = 10
_PADDING = 16
_SHORT = {"Optimized": "Optim."}
_NARROW_HEADER = "QHeaderView::section { padding: 4px 5px; font-weight: 400; }"


@cache
def _swatch(status: BoxStatus) -> QPixmap:
    made = QPixmap(_SWATCH, _SWATCH)
    made.fill(QColor(STYLES[status].colour))
    return made


def columns_for(names: tuple[str, str], only: tuple[str, str]) -> tuple[Column[DetectionRow], ...]:
    """The columns, where the sides and the boxes of one side alone are called so."""
    words = {**STATUS_WORDS, BoxStatus.MISSED: only[0], BoxStatus.EXTRA: only[1]}
    return (
        Column(
            "Status",
            "Status of the box, worst first",
            lambda row: words[row.status],
            key=lambda row: WORST_FIRST.index(row.status),
            roles={Qt.ItemDataRole.DecorationRole: lambda row: _swatch(row.status)},
        ),
        Column(
            "Class",
            f"The class; where the two differ, that of {names[0]} first",
            lambda row: row.class_name,
            hint=lambda row: row.class_name,
        ),
        Column(
            names[0], f"Score of {names[0]}", lambda row: row.parent, "{:.2f}".format, right=True
        ),
        Column(
            _SHORT.get(names[1], names[1]),
            f"Score of {names[1]}",
            lambda row: row.optimized,
            "{:.2f}".format,
            right=True,
        ),
        Column("IoU", "Overlap of the two boxes", lambda row: row.iou, "{:.2f}".format, right=True),
    )


class DetectionList(RowsTable):
    """Selecting a row emits `row_picked` with it; `row_activated` carries it as well."""

    row_picked = Sends[DetectionRow]()

    def __init__(self) -> None:
        super().__init__("Detections", columns_for(("Parent", "Optimized"), ("Missed", "Extra")))
        header = self.header
        header.setStyleSheet(_NARROW_HEADER)
        header.padding = _PADDING
        header.setMinimumSectionSize(30)
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        # Not by their contents: that would keep room for a sort indicator in every column.
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        metrics = self.fontMetrics()
        for column, widest in ((0, "On B only"), (2, "Parent"), (3, "Optim."), (4, "0.00")):
            room = _SWATCH + 28 if column == 0 else _PADDING
            header.resizeSection(column, metrics.horizontalAdvance(widest) + room)
        self.row_chosen.connect(self._on_row_chosen)

    def select_box(self, side: Side, index: int) -> None:
        """Select the row of a box and bring it into view, or none; nothing is emitted."""
        rows = self.rows.all_rows
        self.select(next((n for n, row in enumerate(rows) if (side, index) in row.places), None))

    def _on_row_chosen(self, place: int) -> None:
        self.row_picked.emit(self.rows.all_rows[place])
