"""The table of images of a report: each row with its image, and the way into the viewer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.kit.text import displayable
from app.reports.report_model import ReportModel
from app.reports.report_view import ReportTableView
from app.viewer.strip.small_images import SmallImages

VISUALIZE = "Visualize"
ROW_HEIGHT = 40
_THUMBNAIL = 46  # pixels wide
_NAME_WIDTH = 216  # of the column: image, name and link
_GAP = 6


class ImageRowsView(ReportTableView):
    """`row_activated` follows a click on *Visualize*, a double click, or Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Images")
        self.small = SmallImages(self)
        self.small.changed.connect(self.viewport().update)
        self.root: Path | None = None
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setItemDelegateForColumn(0, _ImageCell(self))
        self.setMouseTracking(True)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; the first column has room for all that stands in it."""
        super().setModel(model)
        if model is not None:
            self.setColumnWidth(0, _NAME_WIDTH)
            self.widen_first(_NAME_WIDTH)

    def show_root(self, root: Path | None) -> None:
        """The folder that the images lie in; None for no images."""
        self.root = root
        self.viewport().update()

    def path_of(self, index: QModelIndex | QPersistentModelIndex) -> Path | None:
        """The file of a row's image."""
        model = self.model()
        if self.root is None or not isinstance(model, ReportModel):
            return None
        return self.root / model.image_name_at(index.row())

    def link_of(self, index: QModelIndex) -> QRect:
        """Where *Visualize* stands in a row, in the viewport."""
        cell = self.visualRect(index.siblingAtColumn(0))
        width = _link_width(self)
        return QRect(cell.right() - width - _GAP, cell.top(), width, cell.height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        on_link = self._on_link(event)
        shape = Qt.CursorShape.PointingHandCursor if on_link else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._on_link(event):
            index = self.indexAt(event.position().toPoint())
            self.setCurrentIndex(index)
            self.row_activated.emit(index.data(Qt.ItemDataRole.UserRole))

    def _on_link(self, event: QMouseEvent) -> bool:
        place = event.position().toPoint()
        index = self.indexAt(place)
        return index.isValid() and index.column() == 0 and self.link_of(index).contains(place)


class _ImageCell(QStyledItemDelegate):
    """The image, its name, and the link."""

    def __init__(self, view: ImageRowsView) -> None:
        super().__init__(view)
        self._view = view

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text = ""
        style = self._view.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, self._view)
        painter.save()
        cell = option.rect
        picture = QRect(cell.left() + 4, cell.top() + 3, _THUMBNAIL, cell.height() - 6)
        self._paint_image(painter, picture, option, index)
        marked = option.state & QStyle.StateFlag.State_Selected
        role = QPalette.ColorRole.HighlightedText if marked else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        width = _link_width(self._view)
        left = picture.right() + _GAP
        name = QRect(left, cell.top(), cell.right() - width - 2 * _GAP - left, cell.height())
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        elide = Qt.TextElideMode.ElideMiddle
        text = displayable(str(index.data() or ""))
        painter.drawText(name, flags, option.fontMetrics.elidedText(text, elide, name.width()))
        if not marked:
            painter.setPen(option.palette.color(QPalette.ColorRole.Link))
        underlined = QFont(option.font)
        underlined.setUnderline(bool(option.state & QStyle.StateFlag.State_MouseOver))
        painter.setFont(underlined)
        link = QRect(cell.right() - width - _GAP, cell.top(), width, cell.height())
        painter.drawText(link, flags, VISUALIZE)
        painter.restore()

    def _paint_image(
        self,
        painter: QPainter,
        place: QRect,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        path = self._view.path_of(index)
        image = self._view.small.get(path) if path is not None else None
        if image is None or image.error:
            painter.fillRect(place, option.palette.color(QPalette.ColorRole.Midlight))
            return
        keep = Qt.AspectRatioMode.KeepAspectRatio
        target = QRect(place.topLeft(), image.levels[0].size().scaled(place.size(), keep))
        target.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image.levels[0])


def _link_width(view: ImageRowsView) -> int:
    return view.fontMetrics().horizontalAdvance(VISUALIZE) + 2
