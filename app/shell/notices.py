"""Where the user is told what happened: sentences at the top, until they are dismissed."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStyle

from app.kit.notice import Notice
from app.kit.theme import GAP
from app.kit.widgets import button, label

MOST = 3  # sentences shown at once; older ones make room


class NoticeBar(QFrame):
    """The newest notices, the log of the last failure, and a way to be rid of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._notices: deque[Notice] = deque(maxlen=MOST)
        self._log: Path | None = None
        self._made: Path | None = None
        self.icon = label()
        self.icon.setWordWrap(False)
        self.text = label(selectable=True)
        self.log = button("Open log")
        self.log.clicked.connect(self._on_log_clicked)
        self.made = button("Open")
        self.made.clicked.connect(self._on_made_clicked)
        self.dismiss = button("Dismiss")
        self.dismiss.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, 8, GAP, 8)
        row.setSpacing(GAP)
        row.addWidget(self.icon)
        row.addWidget(self.text, 1)
        row.addWidget(self.made)
        row.addWidget(self.log)
        row.addWidget(self.dismiss)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Tell the user."""
        if notice in self._notices:
            return
        self._notices.append(notice)
        self._log = notice.log or self._log
        self._made = notice.made or self._made
        failed = any(one.failed for one in self._notices)
        kind = (
            QStyle.StandardPixmap.SP_MessageBoxWarning
            if failed
            else QStyle.StandardPixmap.SP_MessageBoxInformation
        )
        size = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        self.icon.setPixmap(self.style().standardIcon(kind).pixmap(size, size))
        self.text.setText("\n".join(one.text for one in self._notices))
        self.text.setForegroundRole(QPalette.ColorRole.WindowText)
        self.log.setVisible(self._log is not None)
        self.made.setVisible(self._made is not None)
        self.show()

    def clear(self) -> None:
        """Forget all notices."""
        self._notices.clear()
        self._log = None
        self._made = None
        self.hide()

    def _on_made_clicked(self) -> None:
        if self._made is not None:
            open_path(self._made)

    def _on_log_clicked(self) -> None:
        if self._log is not None:
            open_path(self._log)


def open_path(path: Path) -> None:
    """Open a file or folder with whatever the system opens it with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
