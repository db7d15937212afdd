"""What a user sees first: the sample, a place to drop a model, and the recent projects."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from app.kit.boxes import discard
from app.kit.page import Page
from app.kit.signals import Sends
from app.kit.text import on_a_button, shortened, tooltip
from app.kit.theme import MARGIN
from app.kit.widgets import Card, button, heading, label
from app.project_views import ProjectRow

RECENT = 5
_LONGEST = 60  # characters of a title


class DropZone(QFrame):
    """A dashed frame; the window itself takes the drop, wherever it lands."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(170)
        self.choose = button("Open a model…", primary=True)
        box = QVBoxLayout(self)
        box.addStretch(1)
        title = heading("Drop a model or a folder of images here", 2)
        note = label(
            "OpenVINO IR (.xml with its .bin), ONNX, TensorFlow, TFLite or Paddle. Nothing "
            "leaves this machine unless you ask for it.",
            quiet=True,
        )
        for widget in (title, note):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            box.addWidget(widget)
        box.addSpacing(6)
        box.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self.palette().color(QPalette.ColorRole.Dark))
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)


class StartPage(Page):
    """Three ways to begin."""

    sample_requested = Signal()
    open_requested = Signal()
    catalogue_requested = Signal()
    project_requested = Sends[int]()

    def __init__(self) -> None:
        super().__init__()
        self.drop_zone = DropZone()
        self.drop_zone.choose.clicked.connect(self.open_requested)
        self.sample = button("Open the sample project")
        self.sample.clicked.connect(self.sample_requested)
        sample_card = Card("No model at hand?")
        row = QHBoxLayout()
        row.setSpacing(MARGIN)
        row.addWidget(
            label(
                "The sample is a small detector of our own with 128 images. It takes a minute "
                "to quantize it, measure it and see what changed."
            ),
            1,
        )
        self.catalogue = button("Open Model Zoo…")
        self.catalogue.setToolTip("Published detectors; a download starts when you ask for it")
        self.catalogue.clicked.connect(self.catalogue_requested)
        row.addWidget(self.catalogue)
        row.addWidget(self.sample)
        sample_card.box.addLayout(row)
        self.recent_card = Card("Recent projects")
        self._listed: tuple[ProjectRow, ...] | None = None
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self.recent_card.box.addLayout(self._recent)
        self.box.addWidget(heading("Detection Workbench", 10))
        self.box.addWidget(
            label(
                "Quantize an object detector to INT8, see how much faster it became, and check on "
                "images what it lost.",
                quiet=True,
            )
        )
        self.box.addSpacing(6)
        self.box.addWidget(self.drop_zone)
        self.box.addWidget(sample_card)
        self.box.addWidget(self.recent_card)
        self.box.addStretch(1)

    def show_projects(self, rows: Sequence[ProjectRow]) -> None:
        """List the newest projects."""
        newest = tuple(reversed(rows[-RECENT:]))
        if newest == self._listed:
            return
        self._listed = newest
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                discard(widget)
        for row in newest:
            link = button(
                on_a_button(f"{shortened(row.title, _LONGEST)}   {row.detail}"), flat=True
            )
            link.setToolTip(tooltip(row.title))
            link.setProperty("project", row.id)
            link.clicked.connect(self._on_recent_clicked)
            self._recent.addWidget(link)
        self.recent_card.setVisible(bool(newest))

    def _on_recent_clicked(self) -> None:
        self.project_requested.emit(self.sender().property("project"))
