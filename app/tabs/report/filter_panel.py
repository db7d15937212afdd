"""The filter of a report: image name, statuses, classes, ranges of numbers; all must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.text import displayable
from app.theme import FIELD_HEIGHT
from app.widgets import button, heading, label
from core.accuracy.filters import (
    COLUMN_NAMES,
    RATIOS,
    STATUS_NAMES,
    Range,
    RowFilter,
    StatusName,
)

_MOST = 100_000.0
_OPEN = -1.0  # the value of a field that leaves its end open


@dataclass(frozen=True)
class FilterWords:
    """What statuses and columns are called, of those that are offered."""

    statuses: Mapping[StatusName, str]
    columns: Mapping[str, str]


PREDICTION_WORDS = FilterWords(STATUS_NAMES, COLUMN_NAMES)
TRUTH_WORDS = FilterWords(
    {
        "missed": "missed",
        "extra": "wrong",
        "class_changed": "wrong class",
        "matches": "found",
        "unchanged": "all right",
    },
    {
        "optimized": "detections",
        "parent": "objects",
        "matches": "found",
        "missed": "missed",
        "extra": "wrong",
        "class_changed": "wrong class",
    },
)


class FilterPanel(QWidget):
    """Edits a `RowFilter`; `filter_changed` follows every change."""

    filter_changed = Signal(object)  # RowFilter

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
        self.name = QLineEdit()
        self.name.setPlaceholderText("Image name contains…")
        self.name.setAccessibleName("Image name contains")
        self.name.setClearButtonEnabled(True)
        self.name.textChanged.connect(self._on_changed)
        box.addWidget(self.name)
        box.addWidget(label("With a box that is", quiet=True))
        box.addLayout(self._status_boxes())
        box.addWidget(label("Of the classes", quiet=True))
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search a class…")
        self.search.setAccessibleName("Search a class")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_search)
        box.addWidget(self.search)
        self.classes = QListWidget()
        self.classes.setAccessibleName("Classes")
        self.classes.setMinimumHeight(110)
        self.classes.setMaximumHeight(190)
        self.classes.itemChanged.connect(self._on_changed)
        box.addWidget(self.classes)
        box.addWidget(label("With figures from – to", quiet=True))
        self.ranges = _RangeRows(words.columns)
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


class _RangeRows(QWidget):
    """A column, its lowest and its highest value a row, and always an empty row to add one."""

    changed = Signal()

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__()
        self._columns = columns
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self.rows: list[_RangeRow] = []
        self.show_ranges({})

    def ranges(self) -> dict[str, Range]:
        """Those that are set."""
        return {row.column: row.ends for row in self.rows if row.column}

    def show_ranges(self, ranges: dict[str, Range]) -> None:
        """Put the fields there."""
        if self.rows and self.ranges() == ranges:
            return
        wanted = [*ranges.items(), ("", (None, None))]
        while len(self.rows) > len(wanted):
            self._take(self.rows[-1])
        while len(self.rows) < len(wanted):
            self._add()
        for row, (column, ends) in zip(self.rows, wanted, strict=True):
            row.show_range(column, ends)

    def _add(self) -> None:
        row = _RangeRow(self._columns)
        row.changed.connect(self._on_changed)
        row.removed.connect(self._on_removed)
        self.rows.append(row)
        self._box.addWidget(row)

    def _take(self, row: _RangeRow) -> None:
        self.rows.remove(row)
        self._box.removeWidget(row)
        row.deleteLater()

    def _on_changed(self) -> None:
        if self.rows[-1].column and len(self.rows) < len(self._columns):
            self._add()
        self.changed.emit()

    def _on_removed(self) -> None:
        row = self.sender()
        if isinstance(row, _RangeRow) and len(self.rows) > 1:
            self._take(row)
            self.changed.emit()


class _RangeRow(QWidget):
    changed = Signal()
    removed = Signal()

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__()
        self._quiet = False
        self.choice = QComboBox()
        self.choice.setAccessibleName("Figure")
        self.choice.addItem("Choose a figure…", "")
        for column, words in columns.items():
            self.choice.addItem(words.capitalize(), column)
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.currentIndexChanged.connect(self._on_column)
        self.lowest, self.highest = _end("lowest"), _end("highest")
        self.remove = QToolButton()
        self.remove.setText("×")
        self.remove.setToolTip("Remove this range")
        self.remove.clicked.connect(self.removed)
        for spin in (self.lowest, self.highest):
            spin.valueChanged.connect(self._on_changed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.choice, 0, 0, 1, 2)
        grid.addWidget(self.remove, 0, 2)
        grid.addWidget(self.lowest, 1, 0)
        grid.addWidget(self.highest, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.show_range("", (None, None))

    @property
    def column(self) -> str:
        """The column's name; empty for none."""
        return str(self.choice.currentData())

    @property
    def ends(self) -> Range:
        """Lowest and highest value; None leaves an end open."""
        lowest, highest = (
            None if spin.value() == _OPEN else spin.value() for spin in (self.lowest, self.highest)
        )
        return lowest, highest

    def show_range(self, column: str, ends: Range) -> None:
        """Put the fields there, without a signal."""
        self._quiet = True
        self.choice.setCurrentIndex(max(0, self.choice.findData(column)))
        for spin, end in zip((self.lowest, self.highest), ends, strict=True):
            spin.setValue(_OPEN if end is None else end)
        self._fit()
        self._quiet = False

    def _fit(self) -> None:
        ratio = self.column in (*RATIOS, "damage")
        for part in (self.lowest, self.highest, self.remove):
            part.setVisible(bool(self.column))
        for spin in (self.lowest, self.highest):
            spin.setDecimals(2 if ratio else 0)
            spin.setSingleStep(0.05 if ratio else 1)

    def _on_column(self) -> None:
        self._fit()
        if not self._quiet:
            if self.ends == (None, None) and self.column not in RATIOS:
                self._quiet = True
                self.lowest.setValue(1)  # who chooses "missed" means: some
                self._quiet = False
            self.changed.emit()

    def _on_changed(self) -> None:
        if not self._quiet:
            self.changed.emit()


def _end(name: str) -> QDoubleSpinBox:
    spin = QDoubleSpinBox()
    spin.setRange(_OPEN, _MOST)
    spin.setSpecialValueText("any")
    spin.setValue(_OPEN)
    spin.setMinimumHeight(FIELD_HEIGHT)
    spin.setAccessibleName(f"The {name} value")
    return spin
