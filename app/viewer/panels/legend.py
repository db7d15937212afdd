"""What the colours and lines mean, with counts; a click leaves a kind of boxes out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.kit.signals import Sends
from app.kit.text import tooltip
from app.viewer.scene.choices import Choices
from app.viewer.scene.colours import LINE_WIDTH, STYLES, Colouring, LineStyle
from app.viewer.scene.frame_lines import FrameLines
from app.viewer.scene.scene import MODEL_STATUSES, BoxStatus, Overlay

_WORDS = {
    BoxStatus.MATCHED: ("Matched", "Found by both models: same class, boxes overlap enough."),
    BoxStatus.MISSED: ("Missed", "Found by the parent only: the optimized model lost it."),
    BoxStatus.EXTRA: ("Extra", "Found by the optimized model only: the parent has none."),
    BoxStatus.CLASS_CHANGED: ("Class changed", "Found by both in one place, as different classes."),
    BoxStatus.SHIFTED: ("Shifted", "Matched, but the boxes overlap less than the threshold."),
    BoxStatus.DRIFTED: (
        "Score drift",
        "Matched, but the scores differ by more than the threshold.",
    ),
}
_SWATCH = 28
_GAP = 6
_BETWEEN = 8


class LegendItem(QAbstractButton):
    """A line as it is drawn around boxes, its meaning, and how many there are."""

    def __init__(self, status: BoxStatus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = status
        self._style = STYLES[status]
        self._name, explanation = _WORDS[status]
        self._count: int | None = None
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tooltip(f"{explanation} Click to leave these out."))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text_shown(self) -> str:
        """Meaning and count."""
        return self._name if self._count is None else f"{self._name} {self._count}"

    def set_name(self, name: str, explanation: str = "") -> None:
        """Call these boxes otherwise; with the usual explanation unless another one is given."""
        usual, usual_explanation = _WORDS[self.status]
        self._name = name
        shown = usual_explanation if name == usual else explanation
        self.setToolTip(tooltip(f"{shown} Click to leave these out."))

    def set_count(self, count: int | None) -> None:
        """Show a count, or none."""
        self._count = count
        self.setAccessibleName(self.text_shown)
        self.updateGeometry()
        self.update()

    def set_style(self, style: LineStyle) -> None:
        """Draw the line in another style."""
        self._style = style
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        width = _SWATCH + _GAP + metrics.horizontalAdvance(self.text_shown) + 6
        return QSize(width, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        if not self.isChecked():
            painter.setOpacity(0.45)
        # A frame of no height: the line as it is drawn around boxes.
        ratio = self.devicePixelRatioF()
        middle = round(self.height() / 2 * ratio)
        edge = np.array([[3, middle, round(_SWATCH * ratio) - 3, middle]], np.float64)
        size = (float(self.width()), float(self.height()))
        with FrameLines(painter, size, ratio, (3, middle)) as lines:
            lines.paint(edge, self._style, LINE_WIDTH)
        painter.setPen(palette.color(self.foregroundRole()))
        font = self.font()
        font.setStrikeOut(not self.isChecked())
        painter.setFont(font)
        text = self.rect().adjusted(_SWATCH + _GAP, 0, 0, 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(text, int(flags), self.text_shown)
        painter.setOpacity(1)
        if self.hasFocus() or self.underMouse():
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)


class Legend(QWidget):
    """One item for each status; `status_toggled` carries the one that was clicked."""

    status_toggled = Sends[BoxStatus]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items = {status: LegendItem(status, self) for status in MODEL_STATUSES}
        for item in self.items.values():
            item.clicked.connect(self._on_clicked)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_counts(self, parent: Overlay, optimized: Overlay) -> None:
        """Count the boxes of both panes; a pair of both models counts once."""
        for status, item in self.items.items():
            of_parent = status is not BoxStatus.EXTRA
            item.set_count((parent if of_parent else optimized).count(status))
        self.updateGeometry()
        self._arrange()

    def clear_counts(self) -> None:
        """No image, no counts."""
        for item in self.items.values():
            item.set_count(None)
        self.updateGeometry()
        self._arrange()

    def call(self, of_parent: str, of_optimized: str) -> None:
        """What boxes of one side alone are called."""
        for status, name in ((BoxStatus.MISSED, of_parent), (BoxStatus.EXTRA, of_optimized)):
            self.items[status].set_name(name, f"Boxes that are {name}, of no class on the other.")

    def show_choices(self, choices: Choices) -> None:
        """Which are left out; without colours of their own where colours tell the class."""
        plain = self.palette().color(QPalette.ColorRole.PlaceholderText)
        for status, item in self.items.items():
            style = STYLES[status]
            if choices.colouring is Colouring.CLASS:
                style = LineStyle(plain, style.dashes, style.tag, style.tag_text)
            item.set_style(style)
            item.setChecked(status not in choices.hidden_statuses)

    # In rows, as many as the width asks for

    def sizeHint(self) -> QSize:
        widths = [item.sizeHint().width() + _BETWEEN for item in self.items.values()]
        return QSize(sum(widths), self.heightForWidth(sum(widths)))

    def minimumSizeHint(self) -> QSize:
        widest = max(item.sizeHint().width() for item in self.items.values())
        return QSize(widest, self.heightForWidth(self.width()))

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[-1].bottom() + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        for item, place in zip(self.items.values(), self._places(self.width()), strict=True):
            item.setGeometry(place)

    def _places(self, width: int) -> list[QRect]:
        left, top, places = 0, 0, []
        for item in self.items.values():
            size = item.sizeHint()
            if left and left + size.width() > width:
                left, top = 0, top + size.height()
            places.append(QRect(QPoint(left, top), size))
            left += size.width() + _BETWEEN
        return places

    def _on_clicked(self) -> None:
        item = self.sender()
        assert isinstance(item, LegendItem)
        self.status_toggled.emit(item.status)
