"""The catalogue as a table that can be searched and sorted."""

from __future__ import annotations

from functools import partial

from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from core.catalogue.entries import Accuracy, CatalogueEntry
from core.sizes import megabytes

_NAME_WIDTH = 210
_PADDING = 26  # of both sides, and the sort arrow

_ACCURACY_MEANING = (
    "The zoo's own measurement of each model, in a metric of its own: the details name it.\n"
    "Only figures of the same metric and dataset can be compared."
)


def _accuracy(entry: CatalogueEntry) -> str | None:
    best = _best(entry)
    return best.figure if best else None


def _share(entry: CatalogueEntry) -> float | None:
    best = _best(entry)
    return None if best is None else best.value if best.unit == "%" else best.value * 100


def _best(entry: CatalogueEntry) -> Accuracy | None:
    return entry.accuracy[0] if entry.accuracy else None


COLUMNS: tuple[Column[CatalogueEntry], ...] = (
    Column("Name", value=lambda e: e.name),
    Column("Finds", value=lambda e: e.task),
    Column("Classes", value=lambda e: len(e.class_names), right=True),
    Column(
        "Input",
        value=lambda e: f"{e.input.width} × {e.input.height}",
        key=lambda e: e.input.width * e.input.height,
        right=True,
    ),
    Column("Download", value=lambda e: e.size_bytes, text=partial(megabytes, digits=1), right=True),
    Column(
        "Accuracy\nas published",
        _ACCURACY_MEANING,
        _accuracy,
        key=_share,
        hint=lambda e: "\n".join(accuracy.text for accuracy in e.accuracy),
        right=True,
    ),
    Column("Licence", value=lambda e: e.license or "not known"),
)
_WIDEST = ("", "People, vehicles and bikes", "91", "1333 × 1333", "888.8 MB", "24.9452%",
           "Apache-2.0")  # fmt: skip


class CatalogueTable(RowsTable):
    """Whole rows; the names get the room that the other columns leave."""

    def __init__(self, entries: tuple[CatalogueEntry, ...]) -> None:
        super().__init__("Models", COLUMNS)
        self.header.setStretchLastSection(False)
        metrics = self.fontMetrics()
        for number, (column, sample) in enumerate(zip(COLUMNS, _WIDEST, strict=True)):
            title = max(column.title.split("\n"), key=len)
            cells = metrics.horizontalAdvance(sample) + _PADDING
            self.setColumnWidth(number, max(self.header.width_for(title, lines=1), cells))
        self.widen_first(_NAME_WIDTH)
        self.show_rows(entries)

    def search(self, text: str) -> None:
        """Show the rows that have every word of a text, anywhere."""
        words = text.lower().split()
        self.choose(lambda place, entry: all(word in _text_of(entry) for word in words))

    @property
    def selected(self) -> CatalogueEntry | None:
        """The entry of the selected row."""
        places = self.selected_places
        entry: CatalogueEntry | None = self.rows.all_rows[places[0]] if places else None
        return entry

    def select_first(self) -> None:
        """Select the first row, unless one is selected."""
        if self.selected is None and self.rows.rowCount():
            self.selectRow(0)


def _text_of(entry: CatalogueEntry) -> str:
    """Everything that a search may find, in small letters."""
    cells = (column.text_of(0, entry) for column in COLUMNS)
    return " ".join((*cells, *entry.class_names)).lower()
