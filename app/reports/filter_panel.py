"""The filter of a report: image name, statuses, classes, ranges of numbers; all must hold."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.kit.fields import search_field
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.widgets import button, heading, label
from app.reports.range_rows import RangeRows
from core.reports.filters import PREDICTION_WORDS, FilterWords, RowFilter, StatusName


class FilterPanel(QWidget):
    """Edits a `RowFilter`; `filter_changed` follows every change."""

    filter_changed = Sends[RowFilter]()

    def __init__(self, words: FilterWords = PREDICTION_WORDS) -> None:
        super().__init__()
        self._words = words
        self._chosen = RowFilter()
        self._classes: tuple[str, ...] = ()
        self._quiet = False
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(heading("Filter", 1), 1)
        self.clear = button("Clear", flat=True)
        self.clear.clicked.connect(self._on_clear)
        head.addWidget(self.clear)
        box.addLayout(head)
        self.name = search_field("Image name contains", "Image name contains…")
        self.name.textChanged.connect(self._on_changed)
        box.addWidget(self.name)
        box.addWidget(label("Status of a box", quiet=True))
        box.addLayout(self._status_boxes())
        box.addWidget(label("Classes", quiet=True))
        self.search = search_field("Search classes", "Search classes…")
        self.search.textChanged.connect(self._on_search)
        box.addWidget(self.search)
        self.classes = QListWidget()
        self.classes.setAccessibleName("Classes")
        self.classes.setMinimumHeight(110)
        self.classes.setMaximumHeight(190)
        self.classes.itemChanged.connect(self._on_changed)
        box.addWidget(self.classes)
        box.addWidget(label("Ranges", quiet=True))
        self.ranges = RangeRows(words.columns)
        self.ranges.changed.connect(self._on_changed)
        box.addWidget(self.ranges)

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes."""
        if tuple(names) == self._classes:
            return
        self._classes = tuple(names)
        self._quiet = True
        self.classes.clear()
        for name in self._classes:
            item = QListWidgetItem(displayable(name))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.classes.addItem(item)
        self._quiet = False
        self.show_filter(self._chosen)

    def show_filter(self, chosen: RowFilter) -> None:
        """Put the fields there, without a signal."""
        self._chosen, self._quiet = chosen, True
        if self.name.text() != chosen.name:
            self.name.setText(chosen.name)
        for status, check in self.statuses.items():
            check.setChecked(status in chosen.statuses)
        wanted = set(chosen.classes)
        for row, name in enumerate(self._classes):
            state = Qt.CheckState.Checked if name in wanted else Qt.CheckState.Unchecked
            self.classes.item(row).setCheckState(state)
        self.ranges.show_ranges(chosen.ranges)
        self.clear.setEnabled(not chosen.empty)
        self._quiet = False

    def _status_boxes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        self.statuses: dict[StatusName, QCheckBox] = {}
        for place, (status, words) in enumerate(self._words.statuses.items()):
            check = QCheckBox(words.capitalize())
            check.toggled.connect(self._on_changed)
            self.statuses[status] = check
            grid.addWidget(check, place // 2, place % 2)
        return grid

    def _on_search(self, text: str) -> None:
        wanted = text.casefold()
        for row, name in enumerate(self._classes):
            self.classes.item(row).setHidden(wanted not in name.casefold())

    def _on_changed(self) -> None:
        if self._quiet:
            return
        checked = Qt.CheckState.Checked
        classes = tuple(
            name
            for row, name in enumerate(self._classes)
            if self.classes.item(row).checkState() == checked
        )
        chosen = replace(
            self._chosen,
            name=self.name.text(),
            classes=classes,
            statuses=tuple(s for s, check in self.statuses.items() if check.isChecked()),
            ranges=self.ranges.ranges(),
        )
        if chosen != self._chosen:
            self._chosen = chosen
            self.clear.setEnabled(not chosen.empty)
            self.filter_changed.emit(chosen)

    def _on_clear(self) -> None:
        self.show_filter(RowFilter())
        self.filter_changed.emit(self._chosen)
