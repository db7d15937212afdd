"""Small images in a strip or a grid, with badges, decoded as they come into view.

A table rather than a list view: QListView lays out all of its items anew for every one that
changes, which takes 0.2 s with 100 000 of them; a table's costs do not depend on their number.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.viewer.strip.thumbnail_items import Badge, Thumbnails, columns_for
from app.viewer.strip.thumbnail_painting import (
    BADGES_ROLE,
    FAILED_ROLE,
    GRID_CELL,
    IMAGE_ROLE,
    STRIP_CELL,
    ThumbnailDelegate,
)
from app.workers.decoding import LoadedImage, load_thumbnail
from app.workers.image_loader import ImageLoader

_CACHE_BYTES = 64 * 1024 * 1024
_LONGEST = 160  # logical pixels: those of the grid, which the strip draws smaller
_MOST_PENDING = 400  # more than are ever in view
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_NO_PARENT = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


def thumbnail_loader(parent: QObject | None = None) -> ImageLoader:
    """A loader of small images for one view; memory is bounded."""
    screens = QGuiApplication.screens()
    longest = round(_LONGEST * max((s.devicePixelRatio() for s in screens), default=1.0))

    def decode(path: Path, stopping: Callable[[], bool]) -> LoadedImage:
        return load_thumbnail(path, longest)

    return ImageLoader(parent, _CACHE_BYTES, decode)


class ThumbnailModel(QAbstractTableModel):
    """The items, row by row; asks the loader for the images that are painted."""

    def __init__(self, loader: ImageLoader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._loader.loaded.connect(self._on_loaded)
        self._items = Thumbnails.none()
        self._columns = 1
        self._pending: dict[Path, int] = {}  # place by path, asked for last first
        self._failed: set[int] = set()  # places
        self._answers: dict[int, Callable[[int], Any]] = {
            Qt.ItemDataRole.DisplayRole: self._name,
            Qt.ItemDataRole.ToolTipRole: self._hint,
            Qt.ItemDataRole.AccessibleTextRole: self._said,
            IMAGE_ROLE: self._image,
            BADGES_ROLE: self._badges,
            FAILED_ROLE: self._has_failed,
        }
        self._asking = QTimer(self, singleShot=True, interval=0)
        self._asking.timeout.connect(self._ask)

    @property
    def items(self) -> Thumbnails:
        """What is shown."""
        return self._items

    def set_items(self, items: Thumbnails) -> None:
        """Show other images; where only badges changed, scrolling and selection stay."""
        if items.same_images(self._items):
            self._items = items
            self.dataChanged.emit(self.index(0, 0), self.index_of(len(items) - 1))
            return
        self.beginResetModel()
        self._items = items
        self._pending.clear()
        self._failed.clear()
        self.endResetModel()

    def set_columns(self, columns: int) -> None:
        """Show so many in a row."""
        if columns != self._columns:
            self.beginResetModel()
            self._columns = columns
            self.endResetModel()

    def place_of(self, index: Index) -> int:
        """Which item a cell shows, from 0; -1 where it shows none."""
        place = index.row() * self._columns + index.column()
        return place if index.isValid() and place < len(self._items) else -1

    def index_of(self, place: int) -> QModelIndex:
        """The cell of an item."""
        return self.index(place // self._columns, place % self._columns)

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else -(-len(self._items) // self._columns)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else self._columns

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) if self.place_of(index) >= 0 else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place, answer = self.place_of(index), self._answers.get(role)
        return answer(place) if answer is not None and place >= 0 else None

    def _name(self, place: int) -> str:
        return displayable(self._items.name(place))

    def _hint(self, place: int) -> str:
        return tooltip("\n".join((self._items.name(place), *self._items.counts(place))))

    def _said(self, place: int) -> str:
        return ", ".join((self._name(place), *self._items.counts(place)))

    def _badges(self, place: int) -> tuple[Badge, ...]:
        return self._items.badges(place)

    def _has_failed(self, place: int) -> bool:
        return place in self._failed

    def _image(self, place: int) -> LoadedImage | None:
        path = self._items.path(place)
        found = self._loader.get(path)
        if found is None and place not in self._failed and path not in self._pending:
            self._pending = {path: place, **self._pending}
            self._asking.start()
        return found

    def _ask(self) -> None:
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem()
        self._loader.prefetch(tuple(self._pending))

    def _on_loaded(self, image: LoadedImage) -> None:
        place = self._pending.pop(image.path, None)
        if place is None:
            return
        if image.error:
            self._failed.add(place)
        index = self.index_of(place)
        self.dataChanged.emit(index, index)


class ThumbnailView(QTableView):
    """Small images in one row, where a click chooses, or in a grid, where a double click does.

    `image_chosen` carries the image's number in `Thumbnails.names`. `close_workers` ends the
    thread that decodes, and so does deleting the view.
    """

    image_chosen = Sends[int]()

    def __init__(self, parent: QWidget | None = None, *, strip: bool = False) -> None:
        super().__init__(parent)
        self.loader = thumbnail_loader(self)
        self.close_workers = self.loader.close
        self.destroyed.connect(self.loader.close)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.loader.close)
        self._strip = strip
        self._cell = STRIP_CELL if strip else GRID_CELL
        self._model = ThumbnailModel(self.loader, self)
        self.setModel(self._model)
        self.setItemDelegate(ThumbnailDelegate(self))
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        for header, size in (
            (self.horizontalHeader(), self._cell.width()),
            (self.verticalHeader(), self._cell.height()),
        ):
            header.hide()
            header.setMinimumSectionSize(16)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultSectionSize(size)
        self.setAccessibleName("Images in a row" if strip else "All images")
        if strip:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            bar = self.horizontalScrollBar().sizeHint().height()
            self.setFixedHeight(self._cell.height() + bar + 2 * self.frameWidth())
            self.clicked.connect(self._on_chosen)
        else:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.activated.connect(self._on_chosen)

    @property
    def items(self) -> Thumbnails:
        """What is shown."""
        return self._model.items

    @property
    def current_image(self) -> int | None:
        """Number of the image that is marked."""
        place = self._model.place_of(self.currentIndex())
        return int(self.items.order[place]) if place >= 0 else None

    def show_items(self, items: Thumbnails) -> None:
        """Show these; the marked image stays marked if it is among them."""
        marked = self.current_image
        self._model.set_items(items)
        self._arrange()
        if marked is not None and self.current_image != marked:
            self.mark_image(marked)

    def mark_image(self, image: int | None) -> None:
        """Mark an image and bring it into view; `image_chosen` is not told."""
        place = -1 if image is None else self.items.place_of(image)
        if place < 0:
            self.clearSelection()
            self.selectionModel().clearCurrentIndex()
            return
        index = self._model.index_of(place)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.scrollTo(index, QTableView.ScrollHint.EnsureVisible)

    def sizeHint(self) -> QSize:
        return QSize(4 * self._cell.width(), self._cell.height())

    def _arrange(self) -> None:
        columns = max(1, len(self.items))
        if not self._strip:
            width = self.viewport().width()
            columns = columns_for(width, self._cell.width())
            self.horizontalHeader().setDefaultSectionSize(width // columns)
        marked = self.current_image
        self._model.set_columns(columns)
        if marked is not None:
            self.mark_image(marked)

    def _on_chosen(self, index: QModelIndex) -> None:
        place = self._model.place_of(index)
        if place >= 0:
            self.image_chosen.emit(int(self.items.order[place]))

    def event(self, event: QEvent) -> bool:
        """In the grid, arrows lead from image to image, whatever else they are shortcuts of."""
        arrow = isinstance(event, QKeyEvent) and event.key() in _ARROWS
        if arrow and not self._strip and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        if self._strip and event.angleDelta().y() and not event.angleDelta().x():
            bar.setValue(bar.value() - event.angleDelta().y())
            event.accept()
        else:
            super().wheelEvent(event)
