"""The layers of a profile as an item model that sorts and filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.text import displayable, tooltip
from core.benchmark.profile import Layer, Profile

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
_LONG = 20  # letters; longer texts may be cut, and have tooltips
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class LayerColumn:
    """A column: its title, its meaning, and a layer's value and text in it.

    `value` gets the place in execution order, the layer, and all layers' time in ms.
    """

    title: str
    meaning: str
    value: Callable[[int, Layer, float], Any]
    text: Callable[[Any], str] = str
    right: bool = False


LAYER_COLUMNS = (
    LayerColumn("No.", "Place in the order of execution.", lambda n, one, whole: n, right=True),
    LayerColumn(
        "Layer",
        "The convolution or last operation that it was fused from; its own name where it has none.",
        lambda n, one, whole: one.label,
        displayable,
    ),
    LayerColumn("Type", "What it computes.", lambda n, one, whole: one.what, displayable),
    LayerColumn(
        "Time, ms",
        "Median of the rounds, one inference at a time.",
        lambda n, one, whole: one.time_ms,
        lambda value: f"{value:.3f}" if value else "–",
        right=True,
    ),
    LayerColumn(
        "Share",
        "Of all layers' time.",
        lambda n, one, whole: one.time_ms / whole,
        lambda value: f"{value:.1%}" if value else "–",
        right=True,
    ),
    LayerColumn("Precision", "That it computes in.", lambda n, one, whole: one.precision),
    LayerColumn("Writes", "Precision of its output.", lambda n, one, whole: one.output_precision),
    LayerColumn(
        "Primitive", "The kernel that was chosen.", lambda n, one, whole: one.primitive, displayable
    ),
    LayerColumn(
        "Fused from",
        "Operations of the model's file.",
        lambda n, one, whole: ", ".join(one.originals),
        displayable,
    ),
)
SHORT_COLUMNS = (*LAYER_COLUMNS[:4], LAYER_COLUMNS[5])


class LayersModel(QAbstractTableModel):
    """One row a layer. Sorting and filtering make a new list of places; layers are not copied."""

    def __init__(self, columns: tuple[LayerColumn, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._layers: tuple[Layer, ...] = ()
        self._whole = 1.0
        self._chosen: list[int] = []  # what the filter leaves, in execution order
        self._shown: list[int] = []  # the same, in the order shown
        self._sorted_by = (0, Qt.SortOrder.AscendingOrder)

    def set_profile(self, profile: Profile | None) -> None:
        """Show another profile, or none, unfiltered."""
        self.beginResetModel()
        self._layers = profile.layers if profile else ()
        self._whole = (profile.layers_ms if profile else 0.0) or 1.0
        self._chosen = list(range(len(self._layers)))
        self._order()
        self.endResetModel()

    def choose(
        self,
        *,
        text: str = "",
        kind: str = "",
        precision: str = "",
        among: frozenset[int] | None = None,
    ) -> None:
        """Show the layers that contain `text`, are of that type and precision, and of `among`.

        Empty fits everything.
        """
        wanted = text.casefold()
        self.beginResetModel()
        self._chosen = [
            place
            for place, layer in enumerate(self._layers)
            if (among is None or place in among)
            and (not kind or layer.what == kind)
            and (not precision or layer.precision == precision)
            and (not wanted or _contains(layer, wanted))
        ]
        self._order()
        self.endResetModel()

    def places(self) -> list[int]:
        """The layers shown, in the order shown."""
        return list(self._shown)

    def row_of(self, place: int) -> int | None:
        """The row in which a layer is shown."""
        return self._shown.index(place) if place in self._shown else None

    def place(self, row: int) -> int:
        """The layer of a row."""
        return self._shown[row]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._order()
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column.right else _LEFT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        text = column.text(self._value(column, self._shown[index.row()]))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(text) if len(text) > _LONG else None
        return text

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section].meaning
        return None

    def _value(self, column: LayerColumn, place: int) -> Any:
        return column.value(place, self._layers[place], self._whole)

    def _order(self) -> None:
        number, order = self._sorted_by
        column = self._columns[max(number, 0)]
        self._shown = sorted(
            self._chosen,
            key=lambda place: _folded(self._value(column, place)),
            reverse=order == Qt.SortOrder.DescendingOrder,
        )


def _contains(layer: Layer, wanted: str) -> bool:
    told = (layer.name, layer.label, layer.what, layer.primitive, *layer.originals)
    return any(wanted in one.casefold() for one in told)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
