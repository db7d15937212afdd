"""The catalogue: detectors of the Open Model Zoo, what is known of them, and a button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QWidget,
)

from app.catalogue.presenter import CataloguePresenter
from app.catalogue.table import CatalogueTable
from app.kit.boxes import across, down
from app.kit.fields import search_field
from app.kit.page import Scrolled
from app.kit.text import tooltip
from app.kit.theme import GAP, MARGIN
from app.kit.widgets import button, heading, label
from core.catalogue.entries import CatalogueEntry
from core.sizes import megabytes

_FRAMEWORKS = {
    "openvino": "OpenVINO IR",
    "onnx": "ONNX",
    "tensorflow": "TensorFlow frozen graph",
}
_DETAILS_WIDTH = 340
_SHOWN_CLASSES = 12


class CatalogueDialog(QDialog):
    """Shows the catalogue. Nobody is contacted by it; it says who will be, and asks for it.

    For entries that need no download any more the button says so.
    """

    def __init__(self, parent: QWidget | None, presenter: CataloguePresenter) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setWindowTitle("Open Model Zoo")
        self._downloaded = presenter.downloaded()
        self.search = search_field("Search", "Search by name, class, size, licence…")
        self.search.installEventFilter(self)
        self.count = label(quiet=True)
        self.count.setWordWrap(False)
        self.table = CatalogueTable(presenter.entries())
        self.details = _Details()
        self.contact = label()
        self.close_button = button("Close")
        self.download = button("Download", primary=True)
        for one in (self.close_button, self.download):
            one.setAutoDefault(False)  # Enter in the search must not reach for the network
        self._lay_out()
        self._connect()
        self._on_search_changed("")
        self.search.setFocus()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search_changed)
        self.table.row_chosen.connect(self._show_selected)
        self.table.row_activated.connect(self._on_chosen)
        self.download.clicked.connect(self._on_chosen)
        self.close_button.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        top = across((self.search, 1), self.count, spacing=GAP)
        middle = across((self.table, 1), self.details, spacing=GAP)
        bottom = across((self.contact, 1), self.close_button, self.download, spacing=GAP)
        down(top, (middle, 1), bottom, spacing=GAP, margins=MARGIN, on=self)
        room = self.screen().availableSize() if self.screen() else self.sizeHint()
        self.setMinimumSize(min(820, room.width()), min(420, room.height()))
        self.resize(min(1300, room.width() - 40), min(680, room.height() - 60))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """From the search, the arrows and Enter lead into the table."""
        if watched is self.search and isinstance(event, QKeyEvent):
            down = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if down and event.type() == QEvent.Type.KeyPress:
                self.table.select_first()
                self.table.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _on_search_changed(self, text: str) -> None:
        self.table.search(text)
        self.table.select_first()
        shown, total = self.table.rows.rowCount(), len(self._presenter.entries())
        self.count.setText(f"{total} models" if shown == total else f"{shown} of {total} models")
        self._show_selected()

    def _show_selected(self) -> None:
        entry = self.table.selected
        self.details.show_entry(entry)
        self.download.setEnabled(entry is not None)
        there = entry is not None and entry.name in self._downloaded
        self.download.setText("Import" if there else "Download")
        self.contact.setText(_contact(entry, there))

    def _on_chosen(self) -> None:
        entry = self.table.selected
        if entry is None:
            return
        self.accept()
        self._presenter.use(entry)


class _Details(Scrolled):
    """What is known about one entry."""

    def __init__(self) -> None:
        card = QFrame()
        super().__init__(card)
        self.setFixedWidth(_DETAILS_WIDTH)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Details")
        card.setObjectName("card")
        self.title = heading("", 1.5)
        self.description = label(selectable=True)
        self.note = label(quiet=True, selectable=True)
        down(
            self.title,
            self.description,
            self._facts(),
            self.note,
            self._links(),
            1,
            spacing=GAP,
            margins=MARGIN - 4,
            on=card,
        )

    def _links(self) -> QHBoxLayout:
        self.source = button("Model page in the zoo", flat=True)
        self.licence = button("Licence text", flat=True)
        for one in (self.source, self.licence):
            one.setAutoDefault(False)
            one.setStyleSheet("padding: 4px 16px 4px 0;")  # in line with the text above
            one.clicked.connect(self._on_link_clicked)
        return across(self.source, self.licence, 1, spacing=0)

    def _facts(self) -> QWidget:
        self.facts = QWidget()
        self.values = {name: label(selectable=True) for name in _FACTS}
        grid = QGridLayout(self.facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self.values.items()):
            left = label(name, quiet=True)
            left.setWordWrap(False)
            value.setAccessibleName(name)
            grid.addWidget(left, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
        return self.facts

    def show_entry(self, entry: CatalogueEntry | None) -> None:
        """Show this entry; without one, that nothing was found."""
        self.title.setText(_breakable(entry.name) if entry else "No model")
        self.title.setAccessibleName(entry.name if entry else "No model")
        self.description.setText(entry.description if entry else "No model matches these words.")
        self.facts.setVisible(entry is not None)
        for name, text_of in _FACTS.items():
            self.values[name].setText(text_of(entry) if entry else "")
        self.note.setText((entry.note if entry else None) or "")
        self.note.setVisible(bool(self.note.text()))
        for one, url in (
            (self.source, entry.readme.url if entry else None),
            (self.licence, entry.license_url if entry else None),
        ):
            one.setVisible(url is not None)
            one.setToolTip(tooltip(f"Opens {url} in the browser" if url else ""))
            one.setProperty("url", url or "")
        self.verticalScrollBar().setValue(0)

    def _on_link_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl(self.sender().property("url")))


def _classes(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN_CLASSES])
    if len(names) == 1:
        return shown
    return f"{len(names)}: {shown}" + (", …" if len(names) > _SHOWN_CLASSES else "")


def _preprocessing(entry: CatalogueEntry) -> str:
    parts = []
    for name, values in (("mean", entry.input.mean), ("scale", entry.input.scale)):
        if values is not None:
            parts.append(f"{name} {', '.join(f'{value:g}' for value in dict.fromkeys(values))}")
    return "; ".join(parts) or "none stated by the zoo"


def _figure(value: float | None, unit: str = "") -> str:
    return "not published" if value is None else f"{value:g}{unit}"


def _algorithm(entry: CatalogueEntry) -> str:
    return entry.files[0].algorithm.upper().replace("SHA", "SHA-")


_FACTS: dict[str, Callable[[CatalogueEntry], str]] = {
    "Finds": lambda e: e.task,
    "Classes": lambda e: _classes(e.class_names),
    "Format": lambda e: _FRAMEWORKS[e.framework],
    "Input": lambda e: (
        f"{e.input.width} × {e.input.height}, {e.input.color_order}, {e.input.layout}"
    ),
    "Preprocessing": _preprocessing,
    "Accuracy": lambda e: "\n".join(one.text for one in e.accuracy) or "not published",
    "GFLOPs": lambda e: _figure(e.gflops),
    "Parameters": lambda e: _figure(e.mparams, " million"),
    "Download": lambda e: f"{megabytes(e.size_bytes, 1)} from {', '.join(e.hosts)}",
    "Checksum": lambda e: f"{_algorithm(e)} from the zoo, checked",
    "Licence": lambda e: e.license or "not known",
}


def _contact(entry: CatalogueEntry | None, there: bool) -> str:
    if entry is None:
        return ""
    if there:
        return f"{entry.name} was downloaded before; importing it needs no connection."
    return (
        f"Download contacts {' and '.join(entry.hosts)} and fetches "
        f"{megabytes(entry.size_bytes, 1)}. No connection is made before that."
    )


def _breakable(name: str) -> str:
    """Long names break after their dashes and underscores."""
    return name.replace("-", "-\u200b").replace("_", "_\u200b")
