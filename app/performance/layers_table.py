"""The table of layers, with what chooses its rows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.kit.boxes import across, down
from app.kit.fields import combo, quietly, search_field
from app.kit.saving import ask_where_to_save
from app.kit.tables.rows_table import RowsTable
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import button, reserved
from app.performance.layers_model import LAYER_WIDTHS, layer_columns, layer_contains
from app.performance.layers_presenter import LayersPresenter, LayersView
from core.profiling.profile import Layer

ANY_TYPE, ANY_PRECISION = "Every type", "Every precision"
_TIME_COLUMN = 3


class LayersTable(QWidget):
    """Filters above, layers below."""

    layer_opened = Signal()

    def __init__(self, presenter: LayersPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._among: frozenset[int] | None = None
        self.filter = search_field("Filter by name, type or kernel", "Name, type or kernel")
        self.filter.textChanged.connect(self._on_filter_changed)
        self.type, self.precision = combo("Type"), combo("Precision")
        for choice in (self.type, self.precision):
            choice.currentIndexChanged.connect(self._on_filter_changed)
        self.everything = reserved(button("Show all", flat=True))
        self.everything.clicked.connect(self.show_all)
        self.everything.hide()
        self.graph = button("Show in graph")
        self.graph.setToolTip("Find the selected layer in the graph (Enter, or a double click)")
        self.graph.clicked.connect(self.layer_opened)
        self.graph.setEnabled(False)
        self.csv = button("Save CSV…")
        self.csv.clicked.connect(self._on_csv_clicked)
        bar = across(
            (self.filter, 2),
            (self.type, 1),
            (self.precision, 1),
            self.everything,
            spacing=GAP,
        )
        self.table = RowsTable("Layers", layer_columns(None), LAYER_WIDTHS)
        self.table.row_chosen.connect(presenter.select_layer)
        self.table.row_activated.connect(self.layer_opened)
        presenter.layer_selected.connect(self._on_layer_selected)
        foot = across(1, self.graph, self.csv, spacing=GAP)
        down(bar, (self.table, 1), foot, spacing=GAP, margins=0, on=self)

    def show_profile(self, view: LayersView) -> None:
        """Show all layers of this profile."""
        self.table.show_rows(view.profile.layers, layer_columns(view.profile))
        for choice, every, sums in (
            (self.type, ANY_TYPE, view.by_type),
            (self.precision, ANY_PRECISION, view.by_precision),
        ):
            with quietly(choice):
                choice.clear()
                choice.addItem(every, "")
                for one in sums:
                    choice.addItem(displayable(one.name), one.name)
        self.show_all()

    def show_layers(self, places: tuple[int, ...]) -> None:
        """Only these layers, the slowest first."""
        self._choose(among=frozenset(places))
        self.table.sortByColumn(_TIME_COLUMN, Qt.SortOrder.DescendingOrder)

    def show_layer(self, place: int | None) -> None:
        """This one, whatever was filtered."""
        if place is not None and self.table.rows.row_of(place) is None:
            self.show_all()
        self.table.select(place)
        self.table.setFocus()

    def show_all(self) -> None:
        """No filter."""
        self._choose()

    def show_type(self, name: str) -> None:
        """Only layers of this type, of those that the other filters let through."""
        self._among = None
        self.type.setCurrentIndex(self.type.findData(name))
        self._on_filter_changed()

    def show_precision(self, name: str) -> None:
        """The same of a precision."""
        self._among = None
        self.precision.setCurrentIndex(self.precision.findData(name))
        self._on_filter_changed()

    def save_csv(self, path: Path) -> None:
        """Write the layers shown, in the order shown."""
        self._presenter.save_csv(path, self.table.rows.places())

    def _choose(self, among: frozenset[int] | None = None) -> None:
        self._among = among
        with quietly(self.filter, self.type, self.precision):
            self.filter.clear()
            self.type.setCurrentIndex(0)
            self.precision.setCurrentIndex(0)
        self._on_filter_changed()

    def _on_filter_changed(self) -> None:
        text = self.filter.text().casefold()
        kind, precision = self.type.currentData(), self.precision.currentData()
        among = self._among

        def fits(place: int, layer: Layer) -> bool:
            return (
                (among is None or place in among)
                and (not kind or layer.what == kind)
                and (not precision or layer.precision == precision)
                and (not text or layer_contains(layer, text))
            )

        self.table.choose(fits)
        self.everything.setVisible(bool(text or kind or precision) or among is not None)

    def _on_layer_selected(self, place: int | None) -> None:
        self.table.select(place)
        self.graph.setEnabled(place is not None)

    def _on_csv_clicked(self) -> None:
        path = ask_where_to_save(self, "Save the layers", "layers", "layers.csv", "CSV (*.csv)")
        if path is not None:
            self.save_csv(path)
