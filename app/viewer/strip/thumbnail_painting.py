"""How one small image is drawn: the image, its name, its badges."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.viewer.scene.colours import CASING, STYLES
from app.viewer.strip.thumbnail_items import Badge
from app.workers.decoding import LoadedImage

IMAGE_ROLE = Qt.ItemDataRole.UserRole + 1  # LoadedImage | None
BADGES_ROLE = Qt.ItemDataRole.UserRole + 2  # tuple[Badge, ...]
FAILED_ROLE = Qt.ItemDataRole.UserRole + 3  # bool

STRIP_CELL = QSize(104, 74)
GRID_CELL = QSize(172, 150)
_EDGE = 5  # around the image
_NAMED_FROM = 100  # height of a cell from which on the name is written below the image


class ThumbnailDelegate(QStyledItemDelegate):
    """Paints an item of a `ThumbnailModel`."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        if not index.flags():
            return
        painter.save()
        area = option.rect.adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        if option.rect.height() >= _NAMED_FROM:
            area = _paint_name(painter, option, area, index.data(Qt.ItemDataRole.DisplayRole))
        _paint_image(painter, option, area, index)
        _paint_badges(painter, option.font, area, index.data(BADGES_ROLE))
        painter.restore()


def _paint_name(painter: QPainter, option: QStyleOptionViewItem, area: QRect, name: str) -> QRect:
    """Write the name at the bottom of the area; gives what is left of that."""
    line = option.fontMetrics.height()
    place = area.adjusted(0, area.height() - line, 0, 0)
    shown = option.fontMetrics.elidedText(
        name.rpartition("/")[2], Qt.TextElideMode.ElideMiddle, place.width()
    )
    marked = option.state & QStyle.StateFlag.State_Selected
    role = QPalette.ColorRole.HighlightedText if marked else QPalette.ColorRole.Text
    painter.setPen(option.palette.color(role))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
    return area.adjusted(0, 0, 0, -line - 4)


def _paint_image(
    painter: QPainter,
    option: QStyleOptionViewItem,
    area: QRect,
    index: QModelIndex | QPersistentModelIndex,
) -> None:
    painter.fillRect(area, option.palette.color(QPalette.ColorRole.Midlight))
    image: LoadedImage | None = index.data(IMAGE_ROLE)
    if image is not None:
        size = image.levels[0].size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(area.topLeft(), size)
        place.moveCenter(area.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image.levels[0])
    elif index.data(FAILED_ROLE):
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, int(flags), "Cannot be read")


def _paint_badges(painter: QPainter, font: QFont, area: QRect, badges: Sequence[Badge]) -> None:
    """Side by side at the top left."""
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    metrics = QFontMetrics(bold)
    left, height = area.left() + 3, metrics.height() + 1
    for badge in badges:
        style = STYLES[badge.status]
        pill = QRectF(left, area.top() + 3, metrics.horizontalAdvance(badge.text) + 10, height)
        painter.setPen(QPen(CASING, 1))
        painter.setBrush(style.tag)
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(style.tag_text)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, badge.text)
        left = int(pill.right()) + 4
