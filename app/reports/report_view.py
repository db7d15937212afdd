"""A table view set up for the tables of reports."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, Qt

from app.kit.tables.whole_rows import WholeRowsView

_NAME_WIDTH = 180
_NUMBER_WIDTHS = (64, 116)  # least and most: as wide as the longest word of the title


class ReportTableView(WholeRowsView):
    """Columns of numbers are as wide as their titles need; the names get the rest."""

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; its columns get widths."""
        super().setModel(model)
        if model is None:
            return
        least, most = _NUMBER_WIDTHS
        for column in range(1, model.columnCount()):
            title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
            self.setColumnWidth(column, max(least, min(most, self.header.width_for(title))))
        self.setColumnWidth(0, _NAME_WIDTH)
        self.widen_first(_NAME_WIDTH)
